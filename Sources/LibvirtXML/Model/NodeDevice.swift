/// `<device>`: a device of the host.
///
/// Source of names and values: libvirt's formatnode.rst and nodedev.rng (9.0).
public struct NodeDevice: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The device that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "device") }

    /// The name, such as `pci_0000_04_10_0`.
    public var name: Field<String> { child("name") }
    /// Its folder in sysfs.
    public var path: Field<String> { child("path") }
    /// The device that it hangs on.
    public var parent: Field<String> { child("parent") }
    /// The host's driver.
    public var driver: Field<String> { Field(place.child("driver"), "name", .text, .string) }
    /// Its files in /dev.
    public var nodes: [Node] { views("devnode") }
    /// What it is; the first is the kind, the others what it can do too.
    public var capabilities: [Capability] { views("capability") }

    /// What it is as a PCI device.
    public var pci: Capability? { capabilities.first { $0.type == .pci } }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(name, path, parent, driver, nodes, capabilities, to: visit)
    }

    /// `<devnode>`.
    public struct Node: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// `dev` or `link`.
        public var type: Field<String> { attribute("type") }
        /// The path.
        public var path: Field<String> { ownText }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, path, to: visit)
        }
    }

    /// `<capability>`: what a device is, or can do.
    public struct Capability: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The kinds.
        public enum Kind: String, LibvirtEnumeration {
            case system, pci, usb, net, scsi, storage, drm, mdev, ccw, css, vdpa, vpd
            case usbDevice = "usb_device"
            case scsiGeneric = "scsi_generic"
            case scsiHost = "scsi_host"
            case scsiTarget = "scsi_target"
            case fibreChannelHost = "fc_host"
            case virtualPorts = "vports"
            case virtualPortOperations = "vport_ops"
            case fibreChannelRemotePort = "fc_remote_port"
            case mdevTypes = "mdev_types"
            case physicalFunction = "phys_function"
            case virtualFunctions = "virt_functions"
            case pciBridge = "pci-bridge"
            case cardBusBridge = "cardbus-bridge"
            case apCard = "ap_card"
            case apQueue = "ap_queue"
            case apMatrix = "ap_matrix"
            case removable, hotpluggable
            case ethernet = "80203"
            case wireless = "80211"
            case ccwgroup = "ccwgroup_device"
        }

        /// The kind.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// The class of a PCI device, such as 0x020000.
        public var deviceClass: Field<Int> { child("class", .cInteger(0...0xffffff, digits: 6)) }
        /// The PCI domain. Decimal here, unlike in `<address>`.
        public var domain: Field<Int> { child("domain", .integer(0...0xffff)) }
        /// The bus, of PCI and USB. Decimal; of a disk a name.
        public var bus: Field<String> { child("bus") }
        /// The PCI slot. Decimal.
        public var slot: Field<Int> { child("slot", .integer(0...0xff)) }
        /// The PCI function. Decimal.
        public var function: Field<Int> { child("function", .integer(0...7)) }
        /// The number of the product, of PCI and USB.
        public var productID: Field<Int> { attribute("id", of: "product", .cInteger(0...0xffff, digits: 4)) }
        /// The product.
        public var product: Field<String> { child("product") }
        /// The number of the manufacturer, of PCI and USB.
        public var vendorID: Field<Int> { attribute("id", of: "vendor", .cInteger(0...0xffff, digits: 4)) }
        /// The manufacturer.
        public var vendor: Field<String> { child("vendor") }
        /// The group of devices that go to a guest together.
        public var iommuGroup: Field<Int> { attribute("number", of: "iommuGroup", .count) }
        /// The devices of the group.
        public var iommuGroupAddresses: [DeviceAddress] { views("iommuGroup", "address") }
        /// The node of the host.
        public var numaNode: Field<Int> { attribute("node", of: "numa", .signed) }
        /// The links of PCI Express: what it can, and how it is.
        public var links: [Link] { views("pci-express", "link") }
        /// How many virtual functions it can have, of kind `virt_functions`.
        public var maxCount: Field<Int> { attribute("maxCount", .count) }
        /// The devices that it names, of kinds `phys_function` and `virt_functions`.
        public var addresses: [DeviceAddress] { views("address") }
        /// The types of mediated devices, of kind `mdev_types`.
        public var mediatedTypes: [MediatedType] { views("type") }
        /// What it can do too.
        public var capabilities: [Capability] { views("capability") }
        /// The interface, of kind `net`.
        public var interface: Field<String> { child("interface") }
        /// The hardware address, of kind `net`.
        public var mac: Field<MACAddress> {
            // PCI capabilities have `<address>` elements too, without text.
            Field(place, "address", .text, .mac)
        }
        /// The speed, of kind `net`, in Mbit a second.
        public var linkSpeed: Field<Int> { attribute("speed", of: "link", .count) }
        /// Whether there is a carrier, of kind `net`.
        public var linkState: Field<String> { attribute("state", of: "link") }
        /// The device's file, of kind `storage`.
        public var block: Field<String> { child("block") }
        /// The size in bytes, of kind `storage`.
        public var size: Field<UInt64> { child("size", .large) }
        /// The model, of kind `storage`.
        public var model: Field<String> { child("model") }
        /// The serial number, of kind `storage`.
        public var serial: Field<String> { child("serial") }
        /// The type, of kind `mdev`.
        public var mediatedTypeID: Field<String> { attribute("id", of: "type") }
        /// The UUID, of kind `mdev`.
        public var uuid: Field<UUIDValue> { child("uuid", .uuid) }

        /// The PCI address, of kind `pci`.
        ///
        /// - Throws: ``Malformed`` where a number is not one or is out of its range.
        public func pci() throws(Malformed) -> PCIAddress? {
            guard type == .pci else { return nil }
            let bus = try Field(place, "bus", .text, .integer(0...0xff)).get() ?? 0
            return try PCIAddress(
                domain: domain.get() ?? 0, bus: bus, slot: slot.get() ?? 0, function: function.get() ?? 0)
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, bus, product, vendor, capabilities, maxCount, mediatedTypes, to: visit)
            // The same names are other things in other kinds; a number is looked for only where it is one.
            switch type.value?.known {
            case .pci:
                hand(
                    deviceClass, domain, slot, function, productID, vendorID, iommuGroup, iommuGroupAddresses, numaNode,
                    links, to: visit)
            case .net: hand(interface, mac, linkSpeed, linkState, to: visit)
            case .storage: hand(block, size, model, serial, to: visit)
            case .mdev: hand(mediatedTypeID, uuid, iommuGroup, to: visit)
            case .usbDevice: hand(productID, vendorID, to: visit)
            default: hand(addresses, to: visit)
            }
        }
    }

    /// `<link>` of PCI Express.
    public struct Link: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// `cap`: what it can; `sta`: how it is.
        public var validity: Field<String> { attribute("validity") }
        /// The port.
        public var port: Field<Int> { attribute("port", .count) }
        /// The speed in GT a second.
        public var speed: Field<Double> { attribute("speed", .decimal) }
        /// The lanes.
        public var width: Field<Int> { attribute("width", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(validity, port, speed, width, to: visit)
        }
    }

    /// `<type>` of mediated devices.
    public struct MediatedType: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The type's name in sysfs, such as `nvidia-11`.
        public var id: Field<String> { attribute("id") }
        /// A name for people.
        public var name: Field<String> { child("name") }
        /// What the guest sees, such as `vfio-pci`.
        public var deviceAPI: Field<String> { child("deviceAPI") }
        /// How many more can be made.
        public var availableInstances: Field<Int> { child("availableInstances", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, name, deviceAPI, availableInstances, to: visit)
        }
    }
}
