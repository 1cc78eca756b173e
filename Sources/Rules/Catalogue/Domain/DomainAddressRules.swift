internal import Evidence
internal import Facts
internal import LibvirtXML

/// Where the guest sees its devices: addresses that clash, and buses that do not take them. KVD200–KVD209.
enum DomainAddressRules {
    static let all: [Rule<DomainFacts>] = [
        taken, zPCIRefused, busOfDisk, memoryOverlaps, expanderMisplaced, rootPortsTooMany,
    ]

    private static let area = DomainDeviceRules.area

    private static func refusals(_ names: String) -> Citation {
        Citation("libvirt tests/qemuxmlconfdata/\(names).err", "11.3")
    }

    // MARK: - Clashes

    static let taken = Rule<DomainFacts>(
        RuleInfo(
            "KVD200", "device-address-twice", "every device has an address of its own", area: area, severity: .error,
            rationale: "libvirt refuses two devices at one address of a bus, whatever the bus.",
            sources: [
                Citation("libvirt 9.0, virsh define, for each kind of address", "2026"),
                refusals("hostdevs-drive-address-conflict"),
                refusals("hostdev-subsys-mdev-vfio-ccw-duplicate-address"),
            ],
            remedy: Remedy("take one <address> away: libvirt finds a free one"),
            explains: [
                "Attempted double use of PCI Address 0000:00:05.0", "in use by another SCSI host device",
                "Found duplicate drive address for disk with target name 'sda' controller='0' bus='0' target='0' unit='0'",
                "Duplicate USB address bus 0 port 1", "The CCW devno 'fe.0.0001' is in use already",
            ]),
        example: (
            "<emulator>",
            ["vdx", "vdy"].map {
                """
                <disk type='file' device='disk'><driver type='raw'/><source file='/\($0)'/><target dev='\($0)' bus='virtio'/>
                <address type='pci' bus='0' slot='5'/></disk>
                """
            }.joined() + "<emulator>"
        ),
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU else { return [] }
            var faults: [Fault] = []
            var holders: [String: String] = [:]
            func take(_ place: String?, for name: String, at position: XMLPosition) {
                guard let place else { return }
                if let other = holders.updateValue(name, forKey: place) {
                    faults.add("\(other) and \(name) are both at \(place)", at: position)
                }
            }
            for disk in definition.devices.disks {
                guard let bus = disk.effectiveBus?.text else { continue }
                take(drive(disk.address).map { "\(bus) \($0)" }, for: disk.label, at: disk.address.position)
            }
            for device in definition.devices.hostDevices where device.type == .scsi {
                take(drive(device.address).map { "scsi \($0)" }, for: "a host device", at: device.address.position)
            }
            // The first console is the first serial port once more, with its address.
            let console = definition.devices.consoles.first?.element
            for (device, address) in definition.devices.addresses() where device != console {
                take(place(address), for: "a \(device.name) device", at: address.position)
            }
            return faults
        })

    private static func drive(_ address: DeviceAddress) -> String? {
        guard address.type == .drive else { return nil }
        let numbers = [address.controller.value, address.bus.value, address.target.value].map { "\($0 ?? 0)" }
        return "drive address \(numbers.joined(separator: ":")):\(address.unit.value ?? 0)"
    }

    /// An address of a bus that all kinds of devices share; nil where it is of another kind, or not whole.
    private static func place(_ address: DeviceAddress) -> String? {
        switch address.type.value?.known {
        case .pci:
            guard let pci = (try? address.pci()) ?? nil else { return nil }
            // libvirt takes 0000:00:00 for an address that is yet to be found (virPCIDeviceAddressIsEmpty).
            return pci.domain == 0 && pci.bus == 0 && pci.slot == 0 ? nil : "PCI address \(pci)"
        case .usb: return address.port.value.map { "USB port \(address.bus.value ?? 0):\($0)" }
        case .ccw:
            guard let subsystem = address.channelSubsystem.value, let set = address.subchannelSet.value,
                let number = address.deviceNumber.value
            else { return nil }
            return "CCW devno \(hexadecimal(subsystem, 2)).\(set).\(hexadecimal(number, 4))"
        case .virtioSerial:
            return address.port.value.map { "virtio-serial port \(address.controller.value ?? 0):\($0)" }
        case .spaprVIO: return address.register.value.map { "spapr-vio address \($0)" }
        case .dimm: return address.slot.value.map { "memory slot \($0)" }
        default: return nil
        }
    }

    private static func hexadecimal(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    static let zPCIRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD201", "zpci-identity-refused", "PCI devices of s390 have a uid and a fid of their own", area: area,
            severity: .error,
            rationale: "A uid is from 1 to 65535, and no two devices share a uid or a fid: libvirt refuses the rest.",
            sources: [refusals("hostdev-vfio-zpci-duplicate"), refusals("hostdev-vfio-zpci-uid-set-zero")],
            remedy: Remedy("take <zpci> away: libvirt finds free numbers"),
            explains: ["zPCI uid 11064 is already reserved", "Invalid PCI address uid='0x0000'"]),
        example: (
            "<emulator>",
            """
            <hostdev mode='subsystem' type='pci'><source><address domain='0' bus='4' slot='0' function='0'/></source>
            <address type='pci'><zpci uid='0x0'/></address></hostdev><emulator>
            """
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            var (uids, fids): (Set<UInt64>, Set<UInt64>) = ([], [])
            for (_, address) in domain.definition.devices.addresses() {
                if let uid = address.zPCIUniqueID.value {
                    faults.add(
                        "zPCI uid \(uid), outside 1…65535", at: address.zPCIUniqueID.position,
                        if: !(1...0xffff).contains(uid))
                    faults.add(
                        "zPCI uid \(uid) a second time", at: address.zPCIUniqueID.position,
                        if: !uids.insert(uid).inserted)
                }
                if let fid = address.zPCIFunctionID.value {
                    faults.add(
                        "zPCI fid \(fid) a second time", at: address.zPCIFunctionID.position,
                        if: !fids.insert(fid).inserted)
                }
            }
            return faults
        })

    static let memoryOverlaps = Rule<DomainFacts>(
        RuleInfo(
            "KVD203", "memory-devices-overlap", "memory devices are apart in the guest's memory", area: area,
            severity: .error, rationale: "libvirt refuses virtio memory devices whose addresses overlap.",
            sources: [Citation("libvirt src/conf/domain_validate.c: virDomainMemoryDefCheckConflict", "11.3")],
            remedy: Remedy("take <address base=…> away from <target>"),
            explains: ["memory device address [0x140000000:0x180000000] overlaps with other memory device"]),
        example: (
            "<emulator>",
            ["0x140000000", "0x170000000"].map {
                """
                <memory model='virtio-mem'><target><size unit='GiB'>1</size><node>0</node><block unit='MiB'>2</block>
                <requested unit='MiB'>512</requested><address base='\($0)'/></target></memory>
                """
            }.joined() + "<emulator>"
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var before: [(first: UInt64, last: UInt64)] = []
            var faults: [Fault] = []
            for memory in domain.definition.devices.memories {
                guard let base = memory.targetAddress.value, base > 0, let size = memory.size.value, size > 0 else {
                    continue
                }
                let (end, overflow) = base.addingReportingOverflow(size - 1)
                let range = (first: base, last: overflow ? .max : end)
                faults.add(
                    "memory at 0x\(String(base, radix: 16)) overlaps other memory", at: memory.targetAddress.position,
                    if: before.contains { $0.first <= range.last && range.first <= $0.last })
                before.append(range)
            }
            return faults
        })

    // MARK: - Buses

    static let busOfDisk = Rule<DomainFacts>(
        RuleInfo(
            "KVD202", "disk-address-of-another-bus", "disks have addresses of their bus", area: area,
            severity: .error,
            rationale: """
                IDE, SATA, SCSI and floppy drives hang on their controller, and no PCI slot is theirs; floppy drives are \
                on the floppy bus and nothing else is: libvirt refuses the rest, and floppies on POWER altogether.
                """,
            sources: [
                Citation(
                    "libvirt src/conf/domain_validate.c: virDomainDiskAddressDiskBusCompatibility, virDomainDiskDefValidate",
                    "9.0"),
                refusals("disk-fdc-incompatible-address"), refusals("disk-floppy-pseries"),
            ],
            remedy: Remedy("take <address> away: libvirt finds one that fits"),
            explains: [
                "Invalid address type 'pci' for the disk 'fda' with the bus type 'fdc'",
                "Invalid bus type 'sata' for floppy disk", "Invalid bus type 'fdc' for disk",
                "PowerPC pseries machines do not support floppy device",
            ]),
        example: (
            "</disk>",
            """
            </disk><disk type='file' device='cdrom'><target dev='sda' bus='sata'/>
            <address type='pci' domain='0' bus='0' slot='5' function='0'/></disk>
            """
        ),
        faults: { domain in
            var faults: [Fault] = []
            let machine = domain.definition.os.machine.value ?? ""
            for disk in domain.definition.qemuDisks {
                guard let bus = disk.effectiveBus?.known else { continue }
                faults.add(
                    "\(disk.label) on bus \(bus.rawValue) has an address of type \(disk.address.type.text ?? "")",
                    at: disk.address.position,
                    if: [.ide, .fdc, .scsi, .sata].contains(bus) && disk.address.type.isPresent
                        && disk.address.type != .drive)
                let isFloppy = disk.effectiveDevice == .floppy
                faults.add(
                    "\(disk.label) is a \(disk.effectiveDevice.text) on bus \(bus.rawValue)", at: disk.target.position,
                    if: isFloppy != (bus == .fdc))
                faults.add(
                    "\(disk.label) is a floppy drive of machine '\(machine)'", at: disk.position,
                    if: isFloppy && machine.hasPrefix("pseries"))
            }
            return faults
        })

    static let expanderMisplaced = Rule<DomainFacts>(
        RuleInfo(
            "KVD204", "pci-expander-misplaced", "PCI expander buses hang on the root", area: area, severity: .error,
            rationale: "An expander bus is a root of its own beside the first: libvirt takes it on bus 0 only.",
            sources: [refusals("pci-expander-bus-bad-bus"), refusals("pcie-expander-bus-bad-bus")],
            remedy: Remedy("take its <address> away: libvirt puts it on bus 0"),
            explains: ["It requires a controller that accepts a pcie-expander-bus."]),
        example: (
            "<emulator>",
            """
            <controller type='pci' index='1' model='pcie-root-port'/>
            <controller type='pci' index='2' model='pcie-expander-bus'><address type='pci' bus='1'/></controller><emulator>
            """
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            return domain.definition.devices.controllers.filter { controller in
                ["pci-expander-bus", "pcie-expander-bus"].contains(controller.model.value ?? "")
                    && (controller.address.bus.value ?? 0) > 0
            }.map {
                Fault("\($0.model.value ?? "") on bus \($0.address.bus.value ?? 0)", at: $0.address.position)
            }
        })

    static let rootPortsTooMany = Rule<DomainFacts>(
        RuleInfo(
            "KVD205", "pcie-root-ports-too-many", "the PCI Express root has room for its ports", area: area,
            severity: .error,
            rationale: """
                A q35 machine has 30 free slots of 8 functions on its root: with more than 240 root ports, and no bus \
                beside it to take them, libvirt finds no place.
                """,
            sources: [
                Citation("libvirt 9.0, virsh define: 240 root ports are taken, 241 are refused", "2026"),
                refusals("pcie-root-port-too-many"),
            ],
            remedy: Remedy("give it fewer, or add a pcie-expander-bus"),
            explains: ["a PCI slot is needed to connect a PCI controller model='pcie-root-port', but none is available"]
        ),
        example: (
            "<emulator>",
            String(repeating: "<controller type='pci' model='pcie-root-port'/>", count: 241) + "<emulator>"
        ),
        faults: { domain in
            guard domain.definition.isQEMU, domain.definition.isQ35 else { return [] }
            let controllers = domain.definition.devices.controllers
            guard !controllers.contains(where: { $0.model.value == "pcie-expander-bus" }) else { return [] }
            let ports = controllers.filter { $0.model.value == "pcie-root-port" }
            guard ports.count > 240, let last = ports.dropFirst(240).first else { return [] }
            return [Fault("\(ports.count) PCI Express root ports, of at most 240", at: last.position)]
        })
}
