internal import Evidence
internal import Facts
internal import LibvirtXML

/// Where disks are kept. KVD013–KVD021.
enum DomainDiskSourceRules {
    static let all: [Rule<DomainFacts>] = [
        fileTwice, deviceTwice, sourceMissing, pathRelative, nameUnstable, protocolGone, mediumLeft, seedLeft,
    ]

    private static let area = DomainDiskRules.area
    private static let manual = Citation("libvirt docs/formatdomain.rst, hard drives: source", "9.0")

    /// The start of an example's second disk; it goes behind the first.
    private static let second = "</disk><disk type='file' device='disk'><driver name='qemu' type='raw'/>"

    static let fileTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD013", "disk-file-twice", "no image file is given to the guest twice", area: area, severity: .error,
            rationale: """
                QEMU locks an image file that it writes: the same file a second time keeps the domain from starting, and \
                where locks do not work two writers destroy it.
                """,
            sources: [Citation("QEMU docs/system/images.rst, disk image file locking", "7.2")],
            remedy: Remedy("give each disk an image of its own, or mark both <readonly/>"),
            explains: [#"Failed to get "write" lock"#, #"Failed to get shared "write" lock"#]),
        example: (
            "</disk>", "\(second)<source file='/var/lib/libvirt/images/web1.qcow2'/><target dev='vdb'/></disk>"
        ),
        faults: { domain in
            twice(domain.definition.qemuDisks.filter { ($0.type.value ?? .known(.file)) == .file })
        })

    static let deviceTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD020", "disk-device-twice", "no device, volume or image on the network is given to the guest twice",
            area: area, severity: .warning,
            rationale: """
                A guest that mounts the same storage twice destroys what is on it. libvirt lets it pass, since a guest may \
                want several paths to one disk.
                """,
            sources: [manual], remedy: Remedy("take one away, or mark both <shareable/> if the guest uses multipath")),
        example: (
            "</disk>",
            ["sdb", "sdc"].map {
                "\(second.replacing("type='file'", with: "type='block'"))<source dev='/dev/vg/a'/><target dev='\($0)'/>"
            }.joined() + "</disk>"
        ),
        faults: { domain in
            twice(domain.definition.qemuDisks.filter { ($0.type.value ?? .known(.file)) != .file })
        })

    /// Pairs of disks with the same image, but for those that nobody writes and those that are meant to be shared.
    private static func twice(_ disks: [Domain.Disk]) -> [Fault] {
        disks.repeated(by: \.sourceKey).filter { first, again in
            !(first.isEffectivelyReadOnly && again.isEffectivelyReadOnly)
                && !(first.isShareable.value == true && again.isShareable.value == true)
        }.map { first, again in
            Fault(
                "\(first.label) and \(again.label) are the same image, \(again.sourceKey ?? "")",
                at: again.source.position)
        }
    }

    static let sourceMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD014", "disk-source-missing", "every disk has an image", area: area, severity: .error,
            rationale:
                "Only drives with media that can be changed may be empty; libvirt refuses a disk without a source.",
            sources: [manual], remedy: Remedy("name the image in <source>, or take the disk away"),
            explains: ["missing source information for device vda"]),
        example: ("<source file='/var/lib/libvirt/images/web1.qcow2'/>", ""),
        faults: { domain in
            domain.definition.qemuDisks.filter { $0.isHardDisk && !$0.source.isPresent }.map {
                Fault("\($0.label) has no <source>", at: $0.position)
            }
        })

    static let pathRelative = Rule<DomainFacts>(
        RuleInfo(
            "KVD015", "disk-path-relative", "images are named by absolute paths", area: area, severity: .warning,
            rationale: """
                A relative path is looked up below the daemon's working directory, not yours, and libvirt's schema refuses \
                it.
                """,
            sources: [Citation("libvirt docs/schemas/domaincommon.rng: absFilePath", "9.0")],
            remedy: Remedy("write the path from / on")),
        example: ("file='/var/lib/libvirt/images/web1.qcow2'", "file='web1.qcow2'"),
        faults: { domain in
            domain.definition.qemuDisks.filter { $0.hostPath.map { !$0.hasPrefix("/") } ?? false }.map {
                Fault("\($0.label) is \($0.hostPath ?? "")", at: $0.source.position)
            }
        })

    static let nameUnstable = Rule<DomainFacts>(
        RuleInfo(
            "KVD016", "disk-device-name-unstable", "devices are named by names that last", area: area,
            severity: .warning,
            rationale: """
                The kernel gives out names such as /dev/sdb in the order in which it finds disks: after a boot the guest can \
                get another disk.
                """,
            sources: [
                Citation("libvirt docs/storage.rst, SCSI and iSCSI pools: target path; systemd udev by-id", "9.0")
            ],
            remedy: Remedy("use a name below /dev/disk/by-id", commands: ["ls -l /dev/disk/by-id"])),
        example: (
            "</disk>", "\(second.replacing("type='file'", with: "type='block'"))<source dev='/dev/sdb'/></disk>"
        ),
        faults: { domain in
            domain.definition.qemuDisks.filter { disk in
                guard case .block(let path) = disk.source.location else { return false }
                guard path.hasPrefix("/dev/"), disk.isHardDisk else { return false }
                let name = path.dropFirst(5)
                return ["sd", "nvme", "dm-"].contains { name.hasPrefix($0) } && !name.utf8.contains(UInt8(ascii: "/"))
            }.map { Fault("\($0.label) is \($0.hostPath ?? "")", at: $0.source.device.position) }
        })

    static let protocolGone = Rule<DomainFacts>(
        RuleInfo(
            "KVD017", "disk-protocol-gone", "no disk is kept by a protocol that is gone", area: area, severity: .error,
            rationale: "QEMU 6.1 dropped Sheepdog; libvirt refuses it since.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/disk-network-sheepdog.err; NEWS.rst 8.8.0", "11")],
            remedy: Remedy("move the image to other storage"),
            explains: ["'sheepdog' protocol is no longer supported by any hypervisor driver"]),
        example: (
            "</disk>",
            "\(second.replacing("type='file'", with: "type='network'"))<source protocol='sheepdog' name='a'/></disk>"
        ),
        faults: { domain in
            domain.definition.qemuDisks.filter { $0.source.networkProtocol == .sheepdog }.map {
                Fault("\($0.label) is kept by Sheepdog", at: $0.source.networkProtocol.position)
            }
        })

    static let mediumLeft = Rule<DomainFacts>(
        RuleInfo(
            "KVD018", "disk-medium-left", "no installation medium is left in a drive", area: area, severity: .note,
            rationale: """
                The file must be there at every start, and on the host that the guest migrates to; nothing else needs it \
                once the guest is installed.
                """,
            sources: [Citation("Mastering KVM Virtualization, 2nd ed., chapter 5, ISO library", "2020"), manual],
            remedy: Remedy("eject the medium")),
        example: (
            "</disk>",
            "</disk><disk type='file' device='cdrom'><source file='/iso/debian.iso'/><target dev='sda' bus='sata'/></disk>"
        ),
        faults: { domain in
            domain.definition.qemuDisks.filter {
                ($0.effectiveDevice == .cdrom || $0.effectiveDevice == .floppy) && !isSeed($0)
                    && $0.source.location != .empty
            }.map { Fault("\($0.label) holds \($0.sourceKey ?? "a medium")", at: $0.source.position) }
        })

    static let seedLeft = Rule<DomainFacts>(
        RuleInfo(
            "KVD019", "disk-seed-left", "no seed of cloud-init is left attached", area: area, severity: .note,
            rationale: """
                cloud-init's seed holds user data, often with passwords and keys, that every program in the guest can read; \
                it is needed at the first boot only.
                """,
            sources: [Citation("cloud-init documentation, datasource NoCloud", "23.4")],
            remedy: Remedy("detach the seed once the guest has booted")),
        example: (
            "</disk>",
            "</disk><disk type='file' device='cdrom'><source file='/iso/web1-seed.iso'/><target dev='sda' bus='sata'/></disk>"
        ),
        faults: { domain in
            domain.definition.qemuDisks.filter(isSeed).map {
                Fault("\($0.label) is \($0.hostPath ?? "a seed")", at: $0.source.position)
            }
        })

    /// Whether it looks like a seed of cloud-init by its name; what is in it is not looked at.
    @Sendable static func isSeed(_ disk: Domain.Disk) -> Bool {
        guard let path = disk.hostPath, [".iso", ".img", ".raw"].contains(where: { path.hasSuffix($0) }),
            let name = path.split(separator: "/").last?.lowercased()
        else { return false }
        return ["cidata", "cloud-init", "cloudinit", "seed.iso", "seed.img", "configdrive", "config-drive", "config-2"]
            .contains { name.contains($0) }
    }
}
