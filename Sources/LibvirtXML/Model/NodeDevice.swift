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
        /// What its hardware takes from the kernel, as `tso`, of a network device.
        public var features: [Field<String>] {
            place.children("feature").map { Field(XMLPlace($0), .attribute("name"), .string) }
        }

        /// The number of the adapter, of SCSI and Fibre Channel.
        public var host: Field<Int> { child("host", .count) }

        /// The number of a SCSI device.
        public var scsiAddress: SCSIAddress { SCSIAddress(place: place) }

        /// What names the adapter for good.
        public var uniqueID: Field<Int> { child("unique_id", .signed) }

        /// The World Wide Node Name, of Fibre Channel.
        public var wwnn: Field<String> { child("wwnn") }

        /// The World Wide Port Name, of Fibre Channel.
        public var wwpn: Field<String> { child("wwpn") }

        /// The World Wide Name of the fabric.
        public var fabricWWN: Field<String> { child("fabric_wwn") }

        /// The remote port, as `rport-0:0-0`.
        public var remotePort: Field<String> { child("rport") }

        /// The most virtual adapters.
        public var maximumVirtualPorts: Field<Int> { child("max_vports", .count) }

        /// The number of virtual adapters.
        public var virtualPorts: Field<Int> { child("vports", .count) }

        /// The channel subsystem, of a mainframe's devices.
        public var channelSubsystem: Field<Int> { child("cssid", .cInteger(0...0xff, digits: 1)) }

        /// The set of subchannels.
        public var subchannelSet: Field<Int> { child("ssid", .cInteger(0...3, digits: 1)) }

        /// The number of the device.
        public var deviceNumber: Field<Int> { child("devno", .cInteger(0...0xffff, digits: 4)) }

        /// Where the channel leads.
        public var channelDeviceAddress: ChannelAddress { view("channel_dev_addr") }

        /// Settings of a mediated device, by name.
        public var attributes: [Attribute] { views("attr") }

        /// The type, of a DRM node and of a SCSI device.
        public var kindOfDevice: Field<String> { child("type") }

        /// The target, as `target0:0:0`.
        public var targetName: Field<String> { child("target") }

        /// What is in the drive: `disk`, `cdrom`.
        public var driveType: Field<String> { child("drive_type") }

        /// Whether a medium is in the drive.
        public var hasMedium: Field<Int> { child("media_available", .count) }

        /// The size of the medium, in bytes.
        public var mediumSize: Field<UInt64> { child("media_size", .large) }

        /// The name of the product, of vital product data (libvirt 7.9).
        public var productName: Field<String> { child("name") }
        /// What the manufacturer wrote, of vital product data.
        public var readOnlyFields: ProductFields { productFields("readonly") }
        /// What the owner may write, of vital product data.
        public var readWriteFields: ProductFields { productFields("readwrite") }

        private func productFields(_ access: String) -> ProductFields {
            let fields = place.children("fields").first { $0["access"] == access }
            return ProductFields(place: fields.map { XMLPlace($0) } ?? place.child("fields"))
        }

        /// The device of the group, of a mainframe.
        public var groupDevice: Field<String> { child("group_device") }

        /// The device of USB.
        public var deviceNumberOnBus: Field<Int> { child("device", .count) }

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
            case .net: hand(interface, mac, linkSpeed, linkState, features, to: visit)
            case .storage: hand(block, size, model, serial, driveType, to: visit)
            case .removable: hand(hasMedium, mediumSize, to: visit)
            case .mdev: hand(mediatedTypeID, uuid, iommuGroup, attributes, to: visit)
            case .scsiHost: hand(host, uniqueID, to: visit)
            case .scsiTarget: hand(targetName, to: visit)
            case .fibreChannelHost: hand(wwnn, wwpn, fabricWWN, to: visit)
            case .fibreChannelRemotePort: hand(remotePort, wwpn, to: visit)
            case .virtualPortOperations: hand(maximumVirtualPorts, virtualPorts, to: visit)
            case .scsi: hand(host, scsiAddress, kindOfDevice, to: visit)
            case .drm: hand(kindOfDevice, to: visit)
            case .virtualFunctions, .physicalFunction: hand(addresses, to: visit)
            case .ccwgroup: hand(groupDevice, to: visit)
            case .vpd: hand(productName, readOnlyFields, readWriteFields, to: visit)
            case .ccw, .css: hand(channelSubsystem, subchannelSet, deviceNumber, channelDeviceAddress, to: visit)
            case .usbDevice: hand(productID, vendorID, deviceNumberOnBus, to: visit)
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

    /// The number of a SCSI device.
    public struct SCSIAddress: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The bus.
        public var bus: Field<Int> { child("bus", .count) }
        /// The target.
        public var target: Field<Int> { child("target", .count) }
        /// The unit.
        public var lun: Field<UInt64> { child("lun", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(bus, target, lun, to: visit)

        }
    }

    /// `<channel_dev_addr>`: where a channel leads.
    public struct ChannelAddress: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The channel subsystem.
        public var channelSubsystem: Field<Int> { child("cssid", .cInteger(0...0xff, digits: 1)) }
        /// The set of subchannels.
        public var subchannelSet: Field<Int> { child("ssid", .cInteger(0...3, digits: 1)) }
        /// The number of the device.
        public var deviceNumber: Field<Int> { child("devno", .cInteger(0...0xffff, digits: 4)) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(channelSubsystem, subchannelSet, deviceNumber, to: visit)

        }
    }

    /// `<attr>`: a setting of a mediated device.
    public struct Attribute: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The name.
        public var name: Field<String> { attribute("name") }
        /// The value.
        public var value: Field<String> { attribute("value") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, value, to: visit)

        }
    }

    /// `<fields>` of vital product data.
    public struct ProductFields: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Who may write: `readonly`, `readwrite`.
        public var access: Field<String> { attribute("access") }
        /// The level of changes.
        public var changeLevel: Field<String> { child("change_level") }
        /// The part of the manufacturer.
        public var partNumber: Field<String> { child("part_number") }
        /// The serial number.
        public var serialNumber: Field<String> { child("serial_number") }
        /// The number of the manufacturer.
        public var manufactureID: Field<String> { child("manufacture_id") }
        /// The owner's name of it.
        public var assetTag: Field<String> { child("asset_tag") }
        /// Fields of the manufacturer's own.
        public var vendorFields: [ProductField] { views("vendor_field") }
        /// Fields of the owner's own.
        public var systemFields: [ProductField] { views("system_field") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                access, changeLevel, partNumber, serialNumber, manufactureID, assetTag, vendorFields, systemFields,
                to: visit)

        }
    }

    /// `<vendor_field>` or `<system_field>` of vital product data.
    public struct ProductField: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its letter or digit.
        public var index: Field<String> { attribute("index") }
        /// Its value.
        public var value: Field<String> { ownText }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(index, value, to: visit)

        }
    }
}
