extension Domain {
    /// `<hostdev>`: a device of the host.
    public struct HostDevice: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// By what it is named.
        public enum Mode: String, LibvirtEnumeration {
            case subsystem, capabilities
        }

        /// What kind of device.
        public enum Kind: String, LibvirtEnumeration {
            case pci, usb, scsi, mdev, storage, misc, net
            case scsiHost = "scsi_host"
        }

        /// The driver of the host.
        public enum Driver: String, LibvirtEnumeration {
            case vfio, kvm, xen
        }

        /// What a mediated device looks like.
        public enum MediatedModel: String, LibvirtEnumeration {
            case pci = "vfio-pci"
            case ccw = "vfio-ccw"
            case ap = "vfio-ap"
        }

        /// Which device, as one of libvirt's types.
        public enum Device: Sendable, Hashable {
            /// A PCI device.
            case pci(PCIAddress)
            /// A USB device, by vendor and product or by where it is plugged.
            case usb(vendor: Int?, product: Int?, bus: Int?, device: Int?)
            /// A SCSI device of an adapter of the host.
            case scsi(adapter: String, bus: Int?, target: Int?, unit: UInt64?)
            /// A SCSI device of an iSCSI server.
            case iscsi(name: String, hosts: [DiskSource.Host])
            /// A SCSI target of the host's kernel.
            case scsiHost(wwpn: String)
            /// A mediated device, such as a virtual graphics card.
            case mdev(UUIDValue)
            /// A device of a container: kind and what is named.
            case container(Kind, String)
            /// A type of which what it needs is absent or malformed.
            case incomplete(Kind)
            /// A type of tomorrow.
            case other(String)
        }

        /// By what it is named.
        public var mode: Field<Open<Mode>> { attribute("mode") }
        /// What kind of device.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// Whether the host's driver lets go of it by itself.
        public var isManaged: Field<Bool> { attribute("managed", .yesNo) }
        /// The driver of the host; vfio where absent.
        public var driver: Field<Open<Driver>> { attribute("name", of: "driver") }
        /// The variant of the vfio driver (libvirt 10.0).
        public var driverModel: Field<String> { attribute("model", of: "driver") }
        /// What a mediated device looks like.
        public var model: Field<Open<MediatedModel>> { attribute("model") }
        /// Whether a mediated device is shown as a display.
        public var isDisplay: Field<Bool> { attribute("display", .onOff) }
        /// Whether a mediated device is the display of the firmware too.
        public var hasRAMFramebuffer: Field<Bool> { attribute("ramfb", .onOff) }
        /// Whether a SCSI device needs raw commands.
        public var usesRawIO: Field<Bool> { attribute("rawio", .yesNo) }
        /// What is done with SCSI commands of the guest.
        public var sgio: Field<Open<Disk.SGIO>> { attribute("sgio") }
        /// The device.
        public var source: Source { view("source") }
        /// Whether the guest cannot write.
        public var isReadOnly: Field<Bool> { presence("readonly") }
        /// Whether several domains may have it.
        public var isShareable: Field<Bool> { presence("shareable") }
        /// Which device takes over while it is unplugged for migration.
        public var teaming: Interface.Teaming { view("teaming") }

        /// Which device.
        public var device: Device {
            guard let kind = type.value?.known else { return .other(type.value?.text ?? "") }
            switch kind {
            case .pci:
                if let address = try? source.address.pci() { return .pci(address) }
            case .usb:
                let address = source.address
                let ids = (source.vendorID.value, source.productID.value)
                let plug = (address.bus.value, address.device.value)
                if ids.0 != nil || plug.0 != nil {
                    return .usb(vendor: ids.0, product: ids.1, bus: plug.0, device: plug.1)
                }
            case .scsi:
                if source.networkProtocol == .iscsi, let name = source.name.value {
                    return .iscsi(name: name, hosts: source.hosts)
                }
                if let adapter = source.adapterName.value {
                    let address = source.address
                    return .scsi(
                        adapter: adapter, bus: address.bus.value, target: address.target.value, unit: address.unit.value
                    )
                }
            case .scsiHost:
                if let wwpn = source.wwpn.value { return .scsiHost(wwpn: wwpn) }
            case .mdev:
                if let uuid = source.address.uuid.value { return .mdev(uuid) }
            case .storage:
                if let block = source.block.value { return .container(kind, block) }
            case .misc:
                if let character = source.character.value { return .container(kind, character) }
            case .net:
                if let interface = source.interface.value { return .container(kind, interface) }
            }
            return .incomplete(kind)
        }
        /// The guest's addresses, of a container.
        public var ips: [Interface.IP] { views("ip") }
        /// The guest's routes, of a container.
        public var routes: [Route] { views("route") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                mode, type, isManaged, driver, driverModel, model, isDisplay, hasRAMFramebuffer, usesRawIO, sgio,
                source, isReadOnly, isShareable, teaming, ips, routes, to: visit)
            visitDeviceParts(visit)
        }

        /// `<source>`: the device.
        public struct Source: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Where it is plugged in the host.
            public var address: DeviceAddress { view("address") }
            /// The USB manufacturer.
            public var vendorID: Field<Int> { attribute("id", of: "vendor", .cInteger(0...0xffff, digits: 4)) }
            /// The USB product.
            public var productID: Field<Int> { attribute("id", of: "product", .cInteger(0...0xffff, digits: 4)) }
            /// What a domain does that starts without the device.
            public var startupPolicy: Field<Open<DiskSource.StartupPolicy>> { attribute("startupPolicy") }
            /// The SCSI adapter, such as `scsi_host0`.
            public var adapterName: Field<String> { attribute("name", of: "adapter") }
            /// The protocol: `iscsi`, and of a SCSI target `vhost`.
            public var networkProtocol: Field<Open<DiskSource.NetworkProtocol>> { attribute("protocol") }
            /// The name on the server.
            public var name: Field<String> { attribute("name") }
            /// The servers.
            public var hosts: [DiskSource.Host] { views("host") }
            /// The World Wide Port Name of a SCSI target.
            public var wwpn: Field<String> { attribute("wwpn") }
            /// The block device, of a container.
            public var block: Field<String> { child("block") }
            /// The character device, of a container.
            public var character: Field<String> { child("char") }
            /// The network device, of a container.
            public var interface: Field<String> { child("interface") }
            /// Whether SCSI writes of the filtered kind are allowed to be missing.
            public var isMissing: Field<Bool> { attribute("missing", .yesNo) }
            /// Whether the host filters what the guest writes to the configuration, of Xen.
            public var filtersWrites: Field<Bool> { attribute("writeFiltering", .yesNo) }
            /// What the guest's resets do, of USB: `off`, `uninitialized`, `on`.
            public var guestReset: Field<String> { attribute("guestReset") }
            /// The credentials, of iSCSI.
            public var authentication: Authentication { view("auth") }
            /// The iSCSI initiator's name.
            public var initiatorName: Field<String> {
                Field(place.child("initiator"), "iqn", .attribute("name"), .string)
            }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(
                    address, vendorID, productID, startupPolicy, adapterName, networkProtocol, name, hosts, wwpn, block,
                    character, interface, isMissing, filtersWrites, guestReset, authentication, initiatorName, to: visit
                )
            }
        }
    }
}
