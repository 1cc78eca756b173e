internal import Evidence
internal import Facts
internal import LibvirtXML

/// What the guest sees its disks on. KVD022–KVD029.
enum DomainDiskBusRules {
    static let all: [Rule<DomainFacts>] = [
        targetTwice, targetPartition, targetMissing, busEmulated, ideTooMany, ideUnsupported,
    ]

    private static let area = DomainDiskRules.area
    private static let manual = Citation("libvirt docs/formatdomain.rst, hard drives: target", "9.0")

    static let targetTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD022", "disk-target-twice", "every disk has a target of its own", area: area, severity: .error,
            rationale: "libvirt tells disks apart by their targets and refuses the same one twice.",
            sources: [
                Citation("libvirt tests/qemuxmlconfdata/disk-same-targets.err", "11"), manual,
            ],
            remedy: Remedy("give the disk the next free target"),
            explains: ["target 'sda' duplicated for disk sources '/tmp/idedisk.img' and '/tmp/usbdisk.img'"]),
        example: (
            "</disk>",
            "</disk><disk><driver type='raw'/><source file='/b'/><target dev='vda' bus='virtio'/></disk>"
        ),
        faults: { domain in
            domain.definition.qemuDisks.repeated(by: \.target.device.value).map { _, again in
                Fault("\(again.label) is the target of two disks", at: again.target.device.position)
            }
        })

    static let targetPartition = Rule<DomainFacts>(
        RuleInfo(
            "KVD023", "disk-target-partition", "targets are disks, not partitions", area: area, severity: .error,
            rationale: "A target such as vdb1 names a partition, which no guest can be given; libvirt refuses it.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/disk-attaching-partition-nosupport.err", "11")],
            remedy: Remedy("take the number away"),
            explains: ["invalid disk target 'vdb1', partitions can't appear in disk targets"]),
        example: ("dev='vda'", "dev='vda1'"),
        faults: { domain in
            domain.definition.qemuDisks.filter { disk in
                guard let name = disk.target.device.value else { return false }
                return ["vd", "sd", "hd"].contains { name.hasPrefix($0) } && name.utf8.count > 3
                    && name.utf8.last.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
            }.map { Fault("\($0.label) names a partition", at: $0.target.device.position) }
        })

    static let targetMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD024", "disk-target-missing", "every disk has a target", area: area, severity: .error,
            rationale: "libvirt refuses a disk without <target dev=…>.",
            sources: [Citation("libvirt src/conf/domain_validate.c: virDomainDiskDefValidate; virsh define", "9.0")],
            remedy: Remedy("add <target dev='vdb' bus='virtio'/>"),
            explains: ["missing target information for device"]),
        example: ("<target dev='vda' bus='virtio'/>", ""),
        faults: { domain in
            domain.definition.qemuDisks.filter { !$0.target.device.isPresent }.map {
                Fault("a disk has no target", at: $0.position)
            }
        })

    static let busEmulated = Rule<DomainFacts>(
        RuleInfo(
            "KVD025", "disk-bus-emulated", "disks are virtio or virtio-scsi", area: area, severity: .note,
            rationale: """
                Every request to an IDE, SATA or LSI disk is emulated register by register, one queue for all CPUs; virtio \
                takes a fraction of that time.
                """,
            sources: [Citation("Mastering KVM Virtualization, 2nd ed., chapter 15, block I/O tuning", "2020")],
            remedy: Remedy("use bus='virtio' once the guest has the driver (Windows: install virtio-win first)")),
        example: (
            "</disk>", "</disk><disk><driver type='raw'/><source file='/b'/><target dev='hda' bus='ide'/></disk>"
        ),
        faults: { domain in
            let definition = domain.definition
            let slow = definition.devices.controllers.filter { controller in
                controller.type == .scsi
                    && controller.model.value.map { ["lsilogic", "lsisas1068", "lsisas1078", "buslogic"].contains($0) }
                        ?? false
            }
            return definition.qemuDisks.filter { disk in
                guard disk.isHardDisk, let bus = disk.effectiveBus?.known else { return false }
                return [.ide, .sata].contains(bus) || bus == .scsi && !slow.isEmpty
            }.map { disk in
                let bus = disk.effectiveBus?.text ?? ""
                return Fault(
                    "\(disk.label) is on bus \(bus)" + (bus == "scsi" ? " of \(slow.first?.model.value ?? "")" : ""),
                    at: disk.target.position)
            }
        })

    static let ideTooMany = Rule<DomainFacts>(
        RuleInfo(
            "KVD026", "disk-ide-too-many", "there are at most four IDE drives", area: area, severity: .error,
            rationale:
                "A PC has one IDE controller with two channels of two drives; libvirt refuses a second controller.",
            sources: [Citation("libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefControllerIDE", "8.0")],
            remedy: Remedy("move disks to bus='virtio' and drives to bus='sata'"),
            explains: ["Only a single IDE controller is supported for this machine type"]),
        example: (
            "</disk>",
            "</disk>"
                + ["hda", "hdb", "hdc", "hdd", "hde"].map {
                    "<disk type='file' device='cdrom'><target dev='\($0)' bus='ide'/></disk>"
                }.joined()
        ),
        faults: { domain in
            let drives = domain.definition.qemuDisks.filter { $0.effectiveBus == .known(.ide) }
            guard drives.count > 4, let fifth = drives.dropFirst(4).first else { return [] }
            return [Fault("there are \(drives.count) IDE drives", at: fifth.target.position)]
        })

    static let ideUnsupported = Rule<DomainFacts>(
        RuleInfo(
            "KVD027", "disk-ide-on-q35", "there are no IDE drives where the machine has no IDE", area: area,
            severity: .error,
            rationale:
                "Q35 machines have a SATA controller in the place of IDE; libvirt refuses to start with IDE drives.",
            sources: [Citation("libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefControllerIDE", "8.0")],
            remedy: Remedy("use bus='virtio' for disks and bus='sata' for drives"),
            explains: ["IDE controllers are unsupported for this QEMU binary or machine type"]),
        example: (
            "</disk>", "</disk><disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>"
        ),
        faults: { domain in
            guard domain.definition.isQ35 else { return [] }
            return domain.definition.qemuDisks.filter { $0.effectiveBus == .known(.ide) }.map {
                Fault("\($0.label) is an IDE drive of a Q35 machine", at: $0.target.position)
            }
        })
}
