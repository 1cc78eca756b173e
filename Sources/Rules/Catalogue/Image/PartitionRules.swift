internal import Evidence
internal import Facts

/// How the disk is divided. KVI030–KVI039.
enum PartitionRules {
    static let all: [Rule<ImageFacts>] = [
        empty, tableMissing, backupMisplaced, copyDamaged, misaligned, beyondEnd, largeSectors, hybrid,
        unprotected, layout,
    ]

    private static let area = "Partitions"
    private static let uefi = Citation("UEFI Specification 2.10, section 5, GUID Partition Table", "2022-08")

    static let empty = Rule<ImageFacts>(
        RuleInfo(
            "KVI030", "disk-empty", "something is on the disk", area: area, severity: .warning,
            rationale:
                "No partition table and nothing else was recognised: a disk that was never written, or that is encrypted whole.",
            sources: [Citation("libblkid, superblocks and partitions", "2.38")],
            remedy: Remedy("see whether this is the image you meant"), parent: "KVI001"),
        violates: {
            $0.changeDisk {
                $0.table = .absent()
                $0.content = .absent()
            }
        },
        faults: { image throws(Undecided) in
            let disk = try image.content()
            guard try !disk.table.isPresent(), try !disk.content.isPresent() else { return [] }
            return ["neither a partition table nor a file system is on it"]
        })

    static let tableMissing = Rule<ImageFacts>(
        RuleInfo(
            "KVI031", "partition-table-missing", "the disk has a partition table", area: area, severity: .note,
            rationale: """
                A file system over the whole disk is fine for data; firmware does not boot from it, and importers of clouds say \
                that there are no valid partitions.
                """,
            sources: [Citation("AWS VM Import/Export, troubleshooting: No valid partitions", "read 2026")],
            remedy: Remedy("for a disk to boot from, install the system on a partitioned one"), parent: "KVI030",
            explains: ["No valid partitions. Not a valid volume."]),
        violates: {
            $0.changeDisk {
                $0.table = .absent()
                $0.content = .known(ContentFacts(type: "ext4"))
            }
        },
        faults: { image throws(Undecided) in
            let disk = try image.content()
            guard try !disk.table.isPresent(), let content = try disk.content.get() else { return [] }
            return ["\(content.type) is on the whole disk"]
        })

    static let backupMisplaced = Rule<ImageFacts>(
        RuleInfo(
            "KVI032", "gpt-backup-misplaced", "the backup of the GPT is at the end of the disk", area: area,
            severity: .warning,
            rationale: """
                The disk has been made larger or smaller. Linux uses the primary copy and says so; what is behind the old end cannot \
                be partitioned, and strict importers refuse the table.
                """,
            sources: [uefi], remedy: Remedy("move it to the end of a copy; growpart does the same in the guest"),
            parent: "KVI001"),
        violates: { $0.changeTable { $0.misplacedBackup = .init(sector: 4_194_303, lastSector: 16_777_215) } },
        commands: { ["qemu-nbd --connect=/dev/nbd0 \($0.word)", "sgdisk --move-second-header /dev/nbd0"] },
        faults: { image throws(Undecided) in
            guard let backup = try image.content().table.get()?.misplacedBackup else { return [] }
            return ["the GPT's backup is at sector \(backup.sector), the disk ends at \(backup.lastSector)"]
        })

    static let copyDamaged = Rule<ImageFacts>(
        RuleInfo(
            "KVI033", "gpt-copy-damaged", "both copies of the GPT are good", area: area, severity: .warning,
            rationale: "One copy is damaged, and the other was used here: the next fault loses all partitions.",
            sources: [uefi], remedy: Remedy("write the good copy over the bad one"), parent: "KVI001"),
        violates: { $0.changeTable { $0.faults = ["backup: the header's CRC is wrong"] } },
        commands: { ["qemu-nbd --connect=/dev/nbd0 \($0.word)", "sgdisk --verify /dev/nbd0"] },
        faults: { image throws(Undecided) in try image.content().table.get()?.faults ?? [] })

    static let misaligned = Rule<ImageFacts>(
        RuleInfo(
            "KVI034", "partition-misaligned", "every partition begins at a multiple of 4 KiB", area: area,
            severity: .warning,
            rationale: """
                Each write of the guest's that straddles two physical sectors or two clusters is read, changed and written again: \
                disks of clouds have 4 KiB sectors below.
                """,
            sources: [Citation("virt-alignment-scan(1)", "1.48")],
            remedy: Remedy("make partitions with a tool of this century and copy the files"), parent: "KVI001"),
        violates: { $0.changeTable { $0.partitions[0].start = 63 * 512 } },
        faults: { image throws(Undecided) in
            guard let table = try image.content().table.get() else { return [] }
            // What is read once at boot may begin anywhere.
            return table.partitions.filter { $0.start % 4096 != 0 && !$0.isBIOSBoot && !$0.isExtended }
                .map { "partition \($0.number) begins at byte \($0.start)" }
        })

    static let beyondEnd = Rule<ImageFacts>(
        RuleInfo(
            "KVI035", "partition-beyond-end", "every partition ends on the disk", area: area, severity: .error,
            rationale:
                "The image was cut, or made smaller: the kernel refuses the partition or shortens it, and its file system does not mount.",
            sources: [Citation("Linux block/partitions/core.c: \"extends beyond EOD\"", "6.1")],
            remedy: Remedy("bring the image back to its size"), parent: "KVI001",
            explains: ["extends beyond EOD, truncated", "beyond EOD"]),
        violates: { $0.changeTable { $0.partitions[0].isBeyondEnd = true } },
        faults: { image throws(Undecided) in
            guard let table = try image.content().table.get() else { return [] }
            return table.partitions.filter(\.isBeyondEnd).map { "partition \($0.number) ends beyond the disk" }
        })

    static let largeSectors = Rule<ImageFacts>(
        RuleInfo(
            "KVI036", "sectors-4kn", "the partition table counts sectors of 512 bytes", area: area, severity: .warning,
            rationale: """
                The table was written on a disk with 4 KiB logical sectors. On a disk with 512-byte sectors, which every cloud \
                offers, it is not found: neither firmware nor kernel sees a partition.
                """,
            sources: [uefi, Citation("libvirt docs/formatdomain.rst, blockio logical_block_size", "9.0")],
            remedy: Remedy("install on a disk with 512-byte sectors, or copy the file systems to one"), parent: "KVI001"
        ),
        violates: { $0.changeTable { $0.sectorSize = 4096 } },
        faults: { image throws(Undecided) in
            guard let table = try image.content().table.get(), table.sectorSize != 512 else { return [] }
            return ["the table counts sectors of \(table.sectorSize) bytes"]
        })

    static let hybrid = Rule<ImageFacts>(
        RuleInfo(
            "KVI037", "mbr-hybrid", "the MBR beside the GPT only protects it", area: area, severity: .note,
            rationale: """
                Two tables that may disagree: which one counts depends on who reads. OpenStack's image inspector refuses such a disk.
                """,
            sources: [uefi, Citation("oslo.utils imageutils/format_inspector.py: GPTInspector", "2026")],
            remedy: Remedy("write a protective MBR"), parent: "KVI001"),
        violates: { $0.changeTable { $0.isHybrid = true } },
        commands: { ["qemu-nbd --connect=/dev/nbd0 \($0.word)", "sgdisk --zap /dev/nbd0   # read sgdisk(8) first"] },
        faults: { image throws(Undecided) in
            try image.content().table.get()?.isHybrid == true ? ["the MBR names partitions beside the GPT"] : []
        })

    static let unprotected = Rule<ImageFacts>(
        RuleInfo(
            "KVI038", "gpt-unprotected", "the MBR says that there is a GPT", area: area, severity: .error,
            rationale: """
                Without the protective entry neither Linux nor firmware looks for the GPT: the disk has no partitions for them.
                """,
            sources: [uefi, Citation("Linux block/partitions/efi.c: is_pmbr_valid", "6.1")],
            remedy: Remedy("write a protective MBR"), parent: "KVI001"),
        violates: { $0.changeTable { $0.isUnprotected = true } },
        commands: {
            ["qemu-nbd --connect=/dev/nbd0 \($0.word)", "sgdisk --verify /dev/nbd0   # then w in gdisk(8) writes it"]
        },
        faults: { image throws(Undecided) in
            try image.content().table.get()?.isUnprotected == true ? ["the MBR has no protective entry"] : []
        })

    static let layout = Rule<ImageFacts>(
        RuleInfo(
            "KVI039", "partitions-clash", "the partitions fit together", area: area, severity: .error,
            rationale: """
                Two partitions on the same sectors overwrite each other, and what the table places outside itself the kernel leaves \
                out.
                """,
            sources: [uefi, Citation("sfdisk(8), --verify", "2.38")],
            remedy: Remedy("look at the table before anything writes to the disk"), parent: "KVI001"),
        violates: { $0.changeTable { $0.layoutFaults = ["partitions 1 and 2 overlap"] } },
        commands: { ["qemu-nbd --read-only --connect=/dev/nbd0 \($0.word)", "sfdisk --verify /dev/nbd0"] },
        faults: { image throws(Undecided) in try image.content().table.get()?.layoutFaults ?? [] })
}
