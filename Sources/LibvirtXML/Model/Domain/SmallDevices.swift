extension Domain {
    /// `<redirfilter>`: which USB devices may be redirected.
    public struct RedirectionFilter: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What is allowed and what is not; the first that matches counts.
        public var devices: [RedirectionRule] { views("usbdev") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(devices, to: visit)

        }
    }

    /// `<usbdev>` of `<redirfilter>`; absent and `-1` are any.
    public struct RedirectionRule: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The class of the device.
        public var deviceClass: Field<String> { attribute("class") }
        /// The manufacturer.
        public var vendor: Field<String> { attribute("vendor") }
        /// The product.
        public var product: Field<String> { attribute("product") }
        /// The version, in decimal digits: `1.10`.
        public var version: Field<String> { attribute("version") }
        /// Whether it may be redirected.
        public var isAllowed: Field<Bool> { attribute("allow", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(deviceClass, vendor, product, version, isAllowed, to: visit)

        }
    }

    /// `<codec>` of `<sound>`.
    public struct SoundCodec: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What it is: `duplex`, `micro`, `output`.
        public var type: Field<String> { attribute("type") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, to: visit)

        }
    }

    /// `<crypto>`: a device that encrypts (libvirt 9.0).
    public struct Crypto: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// Who encrypts.
        public enum Backend: String, LibvirtEnumeration {
            case builtin, lkcf
        }

        /// What the guest sees: `virtio`.
        public var model: Field<String> { attribute("model") }
        /// Who emulates it: `qemu`.
        public var type: Field<String> { attribute("type") }
        /// Who encrypts.
        public var backend: Field<Open<Backend>> { attribute("model", of: "backend") }
        /// The number of queues.
        public var queues: Field<Int> { attribute("queues", of: "backend", .count) }
        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, type, backend, queues, virtioDriver, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<pstore>`: memory that a crash leaves its traces in (libvirt 10.5).
    public struct PersistentStore: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest sees: `acpi-erst`.
        public var backend: Field<String> { attribute("backend") }
        /// The file of the host.
        public var path: Field<String> { child("path") }
        /// The size, in bytes.
        public var size: Field<UInt64> { bytes("size", .kibibyte) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(backend, path, size, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<nvram>` among the devices: POWER's variables of the firmware.
    public struct NVRAMDevice: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        func visitParts(_ visit: (XMLField) -> Void) {
            visitDeviceParts(visit)
        }
    }

    /// `<uid>` or `<gid>` of `<idmap>`: users or groups of a container as the host has them.
    public struct IDMapping: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The first in the container.
        public var start: Field<Int> { attribute("start", .count) }
        /// The first on the host.
        public var target: Field<Int> { attribute("target", .count) }
        /// How many.
        public var count: Field<Int> { attribute("count", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(start, target, count, to: visit)

        }
    }

    /// `<cipher>` of `<keywrap>`: a mainframe's keys that only the guest can use.
    public struct KeyWrapCipher: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which: `aes`, `dea`.
        public var name: Field<String> { attribute("name") }
        /// Whether the guest may use it.
        public var isEnabled: Field<Bool> { attribute("state", .onOff) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, isEnabled, to: visit)

        }
    }
}
