internal import Evidence
internal import Facts

/// What is in partitions and volumes. KVI040–KVI059.
enum ContentRules {
    static let all: [Rule<ImageFacts>] = [
        needsRecovery, hasErrors, nearlyFull, unreadable, encrypted, volumeMissing, notRead, duplicate, repaired,
    ]

    private static let area = "File systems"

    /// Each file system that was read, with where it is.
    private static func systems(
        _ image: ImageFacts
    ) throws(Undecided) -> [(location: String, type: String, system: FileSystemFacts)] {
        try image.contents().compactMap { location, content in
            content.fileSystem.map { (location, content.type, $0) }
        }
    }

    /// The faults of file systems that were read; where there are none, those that were not read leave the question open.
    private static func faults(
        _ image: ImageFacts, _ fault: (String, String, FileSystemFacts) -> [String]
    ) throws(Undecided) -> [String] {
        let found = try systems(image).flatMap { fault($0.location, $0.type, $0.system) }
        if found.isEmpty { try requireRead(image) }
        return found
    }

    /// Throws where something on the disk could not be looked at.
    private static func requireRead(_ image: ImageFacts) throws(Undecided) {
        if let unread = try image.contents().first(where: \.content.isUnread) {
            throw Undecided(Obstacle(.unsupported, unread.location, "\(unread.content.type) is not read"))
        }
    }

    /// Changes the file system of each partition, for examples.
    private static func change(_ image: inout ImageFacts, _ change: (inout FileSystemFacts) -> Void) {
        image.changeContents { content in
            guard var system = content.fileSystem else { return }
            change(&system)
            content.fileSystem = system
        }
    }

    static let needsRecovery = Rule<ImageFacts>(
        RuleInfo(
            "KVI040", "filesystem-needs-recovery", "every file system was unmounted", area: area, severity: .warning,
            rationale: """
                The journal holds changes that are not in place: the VM runs, or was stopped hard. The guest repairs it at its next \
                boot; an importer that mounts without recovery sees older files.
                """,
            sources: [
                Citation("Linux Documentation/filesystems/ext4/journal.rst, needs_recovery", "6.1"),
                Citation("XFS Algorithms & Data Structures, the log", "3rd edition"),
            ],
            remedy: Remedy("shut the guest down from inside, and look again"), parent: "KVI001"),
        violates: { change(&$0) { $0.state = .needsRecovery } },
        faults: { image throws(Undecided) in
            try faults(image) { location, type, system in
                system.state == .needsRecovery ? ["\(type) in \(location) has a journal to replay"] : []
            }
        })

    static let hasErrors = Rule<ImageFacts>(
        RuleInfo(
            "KVI041", "filesystem-has-errors", "no file system is marked as damaged", area: area, severity: .warning,
            rationale:
                "The guest's kernel has found errors in it; depending on its mount options it goes on, mounts read-only or panics.",
            sources: [Citation("Linux Documentation/filesystems/ext4/super.rst, s_state", "6.1")],
            remedy: Remedy("check it, on a copy", commands: ["e2fsck -f DEVICE"]), parent: "KVI001"),
        violates: { change(&$0) { $0.state = .hasErrors } },
        faults: { image throws(Undecided) in
            try faults(image) { location, type, system in
                system.state == .hasErrors ? ["\(type) in \(location) has errors"] : []
            }
        })

    static let nearlyFull = Rule<ImageFacts>(
        RuleInfo(
            "KVI042", "filesystem-nearly-full", "every file system has room", area: area, severity: .warning,
            rationale: "Below 5 % or without inodes a guest fails to write logs, keys and state at its next boot.",
            sources: [Citation("Linux Documentation/filesystems/ext4: reserved blocks", "6.1")],
            remedy: Remedy("free space in the guest, or make the disk and the file system larger"), parent: "KVI001"),
        violates: { change(&$0) { $0.free = 0 } },
        faults: { image throws(Undecided) in
            try faults(image) { location, _, system in
                // What cannot be written to is full by nature.
                guard let free = system.free, system.size > 0 else { return [] }
                if free < system.size / 20 && free < 1 << 30 {
                    return ["\(location) has \(ByteCount.text(free)) free of \(ByteCount.text(system.size))"]
                }
                if let inodes = system.inodes, let left = system.freeInodes, inodes > 0, left < inodes / 50 {
                    return ["\(location) has \(left) inodes free of \(inodes)"]
                }
                return []
            }
        })

    static let unreadable = Rule<ImageFacts>(
        RuleInfo(
            "KVI043", "filesystem-unreadable", "every file system that is recognised can be read", area: area,
            severity: .warning,
            rationale:
                "Its first block says what it is, and the rest does not fit: it is damaged, or of a kind that is new.",
            sources: [Citation("fsck(8)", "2.38")], remedy: Remedy("check it in the guest, or on a copy"),
            parent: "KVI001"),
        violates: { $0.changeContents { $0.fault = "the root directory is damaged" } },
        faults: { image throws(Undecided) in
            try image.contents().compactMap { location, content in
                content.fault.map { "\(content.type) in \(location): \($0)" }
            }
        })

    static let encrypted = Rule<ImageFacts>(
        RuleInfo(
            "KVI044", "content-encrypted", "nothing on the disk is encrypted", area: area, severity: .warning,
            rationale: "What is in it cannot be looked at here, and importers that look into guests refuse it.",
            sources: [Citation("AWS VM Import/Export, limitations-image-importing: encrypted volumes", "read 2026")],
            remedy: Remedy("judge the guest from inside, or use a route that does not look into it"), parent: "KVI001"),
        violates: { $0.changeContents { $0.type = "crypto_LUKS" } },
        faults: { image throws(Undecided) in
            try image.contents().filter { ["crypto_LUKS", "BitLocker"].contains($0.content.type) }
                .map { "\($0.location) is \($0.content.type)" }
        })

    static let volumeMissing = Rule<ImageFacts>(
        RuleInfo(
            "KVI045", "physical-volume-missing", "every volume group has all its physical volumes", area: area,
            severity: .warning,
            rationale: "A volume group that spans disks is activated only with all of them: give every disk of the VM.",
            sources: [Citation("lvm(8), vgchange --activationmode", "2.03")],
            remedy: Remedy("give all disks of the VM in one command"), parent: "KVI001"),
        violates: {
            $0.changeDisk {
                var group = VolumeGroupFacts(name: "debian-vg")
                group.missingPhysicalVolumes = ["IhZr0i-Vn2Z-0ccb-rnXu-hTiB-Ssxe-LsB6Qi"]
                $0.volumeGroups = [group]
            }
        },
        faults: { image throws(Undecided) in
            let missing = try image.content().volumeGroups.filter { !$0.missingPhysicalVolumes.isEmpty }
            // A member whose metadata cannot be read may belong to any group.
            let unread = try image.contents().first { $0.content.type == "LVM2_member" && $0.content.isUnread }
            if missing.isEmpty, let unread {
                throw Undecided(Obstacle(.malformed, unread.location, "its metadata cannot be read"))
            }
            return missing.map { "\($0.name) lacks \($0.missingPhysicalVolumes.joined(separator: ", "))" }
        })

    static let notRead = Rule<ImageFacts>(
        RuleInfo(
            "KVI046", "filesystem-not-supported", "every file system is one that kvmcheck reads", area: area,
            severity: .note,
            rationale: "It is named by its first block and no more: what is in it counts as unknown.",
            sources: [Citation("kvmcheck's README", "2026-11")],
            remedy: Remedy("judge the guest from inside, or with libguestfs' tools"), parent: "KVI001"),
        violates: {
            $0.changeContents {
                $0.type = "btrfs"
                $0.fileSystem = nil
            }
        },
        faults: { image throws(Undecided) in
            let systems: Set<String> = [
                "btrfs", "ntfs", "jfs", "reiserfs", "f2fs", "zfs_member", "squashfs", "erofs", "ufs", "hfsplus", "apfs",
                "ReFS",
                "bcachefs", "ocfs2", "gfs2", "nilfs2", "udf",
            ]
            return try image.contents().filter { systems.contains($0.content.type) && $0.content.fileSystem == nil }
                .map { "\($0.location) is \($0.content.type)" }
        })

    static let duplicate = Rule<ImageFacts>(
        RuleInfo(
            "KVI047", "filesystem-uuid-twice", "no two file systems have the same UUID", area: area, severity: .warning,
            rationale:
                "fstab and the boot loader name them by it: which of the two is mounted is left to chance, and XFS refuses the second.",
            sources: [Citation("fstab(5); xfs(5), nouuid", "2.38")],
            remedy: Remedy("give one of them another", commands: ["tune2fs -U random DEVICE"]), parent: "KVI001"),
        violates: { $0.changeContents { $0.uuid = "0c6c3b3c-9d29-4a5e-8f5a-5a0c1fb6a2b7" } },
        faults: { image throws(Undecided) in
            try image.contents()
                // The members of one array or group share what they have in common.
                .filter { !$0.content.type.hasSuffix("_member") }
                .repeated { $0.content.uuid }
                .map { "\($0.first.location) and \($0.again.location) have \($0.again.content.uuid ?? "")" }
        })

    static let repaired = Rule<ImageFacts>(
        RuleInfo(
            "KVI048", "filesystem-copy-damaged", "no structure of a file system is damaged", area: area,
            severity: .warning,
            rationale: "Something was found wrong and passed over, because a good copy or another way was there.",
            sources: [Citation("e2fsck(8), -b", "1.47")], remedy: Remedy("check it in the guest, or on a copy"),
            parent: "KVI001"),
        violates: {
            change(&$0) { $0.faults = ["superblock: the checksum is wrong; the backup in block 32768 is good"] }
        },
        faults: { image throws(Undecided) in
            try faults(image) { location, type, system in
                system.faults.map { "\(type) in \(location): \($0)" }
            }
        })
}
