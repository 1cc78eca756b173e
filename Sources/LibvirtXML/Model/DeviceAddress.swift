/// `<address>` of a device: where it is plugged, in the guest or in the host.
public struct DeviceAddress: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// What it is plugged into.
    public enum Kind: String, LibvirtEnumeration {
        case pci, drive, ccid, usb, ccw, isa, dimm, unassigned
        case virtioSerial = "virtio-serial"
        case spaprVIO = "spapr-vio"
        case virtioS390 = "virtio-s390"
        case virtioMMIO = "virtio-mmio"
        case mdev
    }

    /// What it is plugged into.
    public var type: Field<Open<Kind>> { attribute("type") }
    /// The PCI domain.
    public var domain: Field<Int> { attribute("domain", .cInteger(0...0xffff, digits: 4)) }
    /// The bus, of PCI, of a drive, of USB and of a serial port.
    public var bus: Field<Int> { attribute("bus", .cInteger(0...0xffff, digits: 2)) }
    /// The slot, of PCI and of a card.
    public var slot: Field<Int> { attribute("slot", .cInteger(0...0xffff, digits: 2)) }
    /// The function, of PCI.
    public var function: Field<Int> { attribute("function", .cInteger(0...7, digits: 1)) }
    /// Whether other functions are in the slot.
    public var isMultifunction: Field<Bool> { attribute("multifunction", .onOff) }
    /// The controller, of a drive, a card or a serial port.
    public var controller: Field<Int> { attribute("controller", .count) }
    /// The target, of a drive.
    public var target: Field<Int> { attribute("target", .count) }
    /// The unit, of a drive.
    public var unit: Field<UInt64> { attribute("unit", .large) }
    /// The port, of USB (`1.2`) and of a serial port.
    public var port: Field<String> { attribute("port") }
    /// The device, of USB of the host.
    public var device: Field<Int> { attribute("device", .cInteger(0...0xffff, digits: 1)) }
    /// The base, of memory.
    public var base: Field<UInt64> { attribute("base", .cLarge) }
    /// The UUID, of a mediated device.
    public var uuid: Field<UUIDValue> { attribute("uuid", .uuid) }

    /// The channel subsystem, of CCW.
    public var channelSubsystem: Field<Int> { attribute("cssid", .cInteger(0...0xff, digits: 1)) }
    /// The set of subchannels, of CCW.
    public var subchannelSet: Field<Int> { attribute("ssid", .cInteger(0...3, digits: 1)) }
    /// The device, of CCW.
    public var deviceNumber: Field<Int> { attribute("devno", .cInteger(0...0xffff, digits: 4)) }
    /// The register, of POWER.
    public var register: Field<UInt64> { attribute("reg", .cLarge) }
    /// The I/O port, of ISA.
    public var ioBase: Field<UInt64> { attribute("iobase", .cLarge) }
    /// The interrupt, of ISA.
    public var irq: Field<UInt64> { attribute("irq", .cLarge) }
    /// The unique identifier, of PCI on mainframes.
    public var zPCIUniqueID: Field<UInt64> { attribute("uid", of: "zpci", .cLarge) }
    /// The function identifier, of PCI on mainframes.
    public var zPCIFunctionID: Field<UInt64> { attribute("fid", of: "zpci", .cLarge) }

    /// The PCI address; nil where the element is absent or of another type. Numbers that are left out are 0, as to libvirt.
    ///
    /// - Throws: ``Malformed`` where a number is not one or is out of its range.
    public func pci() throws(Malformed) -> PCIAddress? {
        guard isPresent, (type.value ?? .known(.pci)) == .pci else { return nil }
        let domain = try domain.get() ?? 0
        let bus = try Field(place, .attribute("bus"), .cInteger(0...0xff, digits: 2)).get() ?? 0
        let slot = try Field(place, .attribute("slot"), .cInteger(0...0x1f, digits: 2)).get() ?? 0
        let function = try function.get() ?? 0
        return PCIAddress(domain: domain, bus: bus, slot: slot, function: function)
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            type, domain, bus, slot, function, isMultifunction, controller, target, unit, port, device, base, uuid,
            channelSubsystem, subchannelSet, deviceNumber, register, ioBase, irq, zPCIUniqueID, zPCIFunctionID,
            to: visit)
    }
}

/// What devices of a domain have in common.
public protocol DomainDevice: XMLView {}

extension DomainDevice {
    /// The name by which QEMU and libvirt's events call it.
    public var alias: Field<String> { Field(place, "alias", .attribute("name"), .string) }
    /// Where it is plugged in the guest.
    public var address: DeviceAddress { DeviceAddress(place: place.child("address")) }
    /// Its place in the order of booting, from 1.
    public var bootOrder: Field<Int> { Field(place, "boot", .attribute("order"), .count) }
    /// What a mainframe's firmware is told to boot.
    public var loadParameter: Field<String> {
        Field(place, "boot", .attribute("loadparm"), .string)
    }
    /// The ROM that the guest sees, or whether it sees one.
    public var rom: DeviceROM { DeviceROM(place: place.child("rom")) }
    /// The number that names a network device in the guest.
    public var acpiIndex: Field<Int> { Field(place, "acpi", .attribute("index"), .count) }

    func visitDeviceParts(_ visit: (XMLField) -> Void) {
        hand(alias, address, bootOrder, loadParameter, rom, acpiIndex, to: visit)
    }
}

/// `<rom>`.
public struct DeviceROM: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// Whether the guest sees the device's ROM.
    public var isShown: Field<Bool> { attribute("bar", .onOff) }
    /// Whether there is a ROM at all.
    public var isEnabled: Field<Bool> { attribute("enabled", .yesNo) }
    /// The file that is shown in its place.
    public var file: Field<String> { attribute("file") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(isShown, isEnabled, file, to: visit)
    }
}

/// `<driver>` of a virtio device that has no other settings there.
public struct PlainVirtioDriver: PlacedView, VirtioDriver {
    /// Where it stands.
    public let place: XMLPlace

    func visitParts(_ visit: (XMLField) -> Void) { visitVirtioParts(visit) }
}

/// What `<driver>` elements of virtio devices have in common.
public protocol VirtioDriver: XMLView {}

extension VirtioDriver {
    /// Whether it goes through an IOMMU of the guest.
    public var usesIOMMU: Field<Bool> { Field(place, .attribute("iommu"), .onOff) }
    /// Whether it caches the IOMMU's translations.
    public var usesATS: Field<Bool> { Field(place, .attribute("ats"), .onOff) }
    /// Whether its queues are of the packed form.
    public var usesPackedQueues: Field<Bool> { Field(place, .attribute("packed"), .onOff) }
    /// Whether each queue has a page of its own.
    public var hasPagePerQueue: Field<Bool> {
        Field(place, .attribute("page_per_vq"), .onOff)
    }

    func visitVirtioParts(_ visit: (XMLField) -> Void) {
        hand(usesIOMMU, usesATS, usesPackedQueues, hasPagePerQueue, to: visit)
    }
}

extension Domain.Devices {
    /// Where the guest sees its devices, in the order of the document, with the elements of the devices.
    public func addresses() -> [(device: XMLElement, address: DeviceAddress)] {
        element?.elements.compactMap { device in
            device.first("address").map { (device, DeviceAddress(place: XMLPlace($0))) }
        } ?? []
    }
}
