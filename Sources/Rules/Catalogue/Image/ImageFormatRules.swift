internal import Evidence
internal import Facts

/// The image file and what its header says. KVI001–KVI019.
enum ImageFormatRules {
    static let all: [Rule<ImageFacts>] = [
        missing, legacy, extensionDisagrees, truncated, corrupt, dirty, unknownFeature, encrypted, snapshots,
        oldVersion,
        dataFile, inUse, unaligned, halfDamaged, empty,
    ]

    private static let area = "Image"
    private static let qcow2 = "QEMU docs/interop/qcow2.txt"

    static let missing = Rule<ImageFacts>(
        RuleInfo(
            "KVI001", "image-not-a-disk", "the image is a file or a block device", area: area, severity: .error,
            rationale: "A disk is a regular file or a block device; anything else has no bytes to read at an offset.",
            sources: [Citation("QEMU docs/system/images.rst", "7.2")], remedy: Remedy("give the path of an image")),
        violates: { $0.file = .known(FileMetadata(kind: .directory)) },
        decide: { image throws(Undecided) in
            guard let file = try image.file.get() else {
                return .fail("there is no such file", at: [Place(image.path)])
            }
            switch file.kind {
            case .regular, .blockDevice: return .pass(nil, "\(image.path): \(file.kind.phrase)")
            default: return .fail("it is \(file.kind.phrase)", at: [Place(image.path)])
            }
        })

    static let legacy = Rule<ImageFacts>(
        RuleInfo(
            "KVI002", "image-format-legacy", "the format is one to keep images in", area: area, severity: .warning,
            rationale: """
                QEMU keeps the drivers of these formats to read old images, without caching or features, and Red Hat's and \
                Debian's builds leave some of them out.
                """,
            sources: [
                Citation("QEMU docs/system/qemu-block-drivers.rst.inc, read-only formats", "7.2"),
                Citation("Mastering KVM Virtualization, 2nd edition, ch. 5", "2020"),
            ],
            remedy: Remedy("convert it"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.name = "qcow" } },
        commands: { ["qemu-img convert -p -O qcow2 \($0.word) \(($0.path + ".qcow2").shellWord)"] },
        faults: { image throws(Undecided) in
            let name = try image.header().name
            let names: Set<String> = ["cow", "qcow", "qed", "bochs", "cloop", "dmg", "vdi", "parallels"]
            return names.contains(name) ? ["the format is \(name)"] : []
        })

    static let extensionDisagrees = Rule<ImageFacts>(
        RuleInfo(
            "KVI003", "image-extension-wrong", "the file's name does not claim another format", area: area,
            severity: .warning,
            rationale: """
                Whoever goes by the name gives the wrong format to QEMU or to a cloud: qcow2 read as raw is a disk without \
                partitions, and raw read as qcow2 is refused.
                """,
            sources: [Citation("qemu-img(1), -f and the security note on probing", "7.2")],
            remedy: Remedy("rename it, or convert it to what its name says"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.claimedByExtension = ["raw"] } },
        faults: { image throws(Undecided) in
            let header = try image.header()
            guard !header.claimedByExtension.isEmpty, !header.claimedByExtension.contains(header.name) else {
                return []
            }
            let claim = header.claimedByExtension.joined(separator: " or ")
            return ["the content is \(header.name), the name says \(claim)"]
        })

    static let truncated = Rule<ImageFacts>(
        RuleInfo(
            "KVI004", "image-truncated", "the file holds all that its tables name", area: area, severity: .error,
            rationale: """
                A copy or a download that ended early reads as zeros or as errors where the missing part was: a guest that boots \
                from it fails later, with files gone.
                """,
            sources: [Citation("\(qcow2), L2 tables", "7.2"), Citation("qemu-img(1), check", "7.2")],
            remedy: Remedy("copy or download it again, and compare its checksum"), parent: "KVI001"),
        violates: { $0.truncation = .known("1 GiB of its clusters lie beyond the end of the file") },
        commands: { ["qemu-img check \($0.word)"] },
        faults: { image throws(Undecided) in
            try image.truncation.get().map { [$0] } ?? []
        })

    static let corrupt = Rule<ImageFacts>(
        RuleInfo(
            "KVI005", "image-corrupt", "the image is not marked corrupt", area: area, severity: .error,
            rationale: "QEMU found damage in it, marked it, and opens it only to be read until it is repaired.",
            sources: [Citation("\(qcow2), incompatible_features bit 1", "7.2")],
            remedy: Remedy("repair a copy, then check the file systems in it"), parent: "KVI001",
            explains: ["qcow2: Image is corrupt; cannot be opened read/write"]),
        violates: { $0.changeFormat { $0.isCorrupt = true } },
        commands: { ["qemu-img check -r all \($0.word)"] },
        faults: { image throws(Undecided) in try image.header().isCorrupt ? ["the corrupt bit is set"] : [] })

    static let dirty = Rule<ImageFacts>(
        RuleInfo(
            "KVI006", "image-dirty", "the image was closed", area: area, severity: .warning,
            rationale: """
                Its writer has not finished: reference counts (qcow2) or a log (VHDX) are to be brought up to date by the next \
                program that writes, and a cloud's importer is none.
                """,
            sources: [
                Citation("\(qcow2), incompatible_features bit 0", "7.2"), Citation("[MS-VHDX] 2.3, log", "2021-06-25"),
            ],
            remedy: Remedy("shut the VM down, then let QEMU repair it"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.isDirty = true } },
        commands: { ["qemu-img check -r all \($0.word)"] },
        faults: { image throws(Undecided) in try image.header().isDirty ? ["the image was not closed"] : [] })

    static let unknownFeature = Rule<ImageFacts>(
        RuleInfo(
            "KVI007", "image-feature-unknown", "every feature of the image is known", area: area, severity: .error,
            rationale: "A feature that must be known to read the image is not: no part of the disk can be trusted.",
            sources: [Citation("\(qcow2), incompatible_features", "7.2")],
            remedy: Remedy("convert it with the program that wrote it"), parent: "KVI001",
            explains: ["Unsupported qcow2 feature(s)"]),
        violates: { $0.changeFormat { $0.unknownFeatures = ["incompatible bit 9"] } },
        faults: { image throws(Undecided) in try image.header().unknownFeatures })

    static let encrypted = Rule<ImageFacts>(
        RuleInfo(
            "KVI008", "image-encrypted", "the image is not encrypted", area: area, severity: .warning,
            rationale: """
                Without its secret neither this program nor a cloud's importer can read the disk; AWS and Azure refuse it, and \
                QEMU itself no longer runs guests on the old AES scheme.
                """,
            sources: [
                Citation("\(qcow2), crypt_method", "7.2"),
                Citation("AWS VM Import/Export, limitations-image-importing: encrypted volumes", "read 2026"),
            ],
            remedy: Remedy("decrypt it for the journey, and encrypt it again at its end"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.encryption = "LUKS" } },
        faults: { image throws(Undecided) in
            try image.header().encryption.map { ["the image is encrypted (\($0))"] } ?? []
        })

    static let snapshots = Rule<ImageFacts>(
        RuleInfo(
            "KVI009", "image-snapshots-inside", "no internal snapshots are left in the image", area: area,
            severity: .note,
            rationale: "They take room, and a conversion leaves them out: only the present state goes with it.",
            sources: [Citation("qemu-img(1), snapshot and convert", "7.2")],
            remedy: Remedy("look at them, and delete those that nobody needs"), parent: "KVI001"),
        violates: { $0.snapshots = .known(["before-upgrade"]) },
        commands: { image in ["qemu-img snapshot -l \(image.word)"] },
        faults: { image throws(Undecided) in
            let names = try image.snapshots.get(whenAbsent: [])
            guard !names.isEmpty else { return [] }
            let shown = names.prefix(3).joined(separator: ", ")
            return ["\(names.count == 1 ? "a snapshot" : "\(names.count) snapshots"): \(shown)"]
        })

    static let oldVersion = Rule<ImageFacts>(
        RuleInfo(
            "KVI010", "qcow2-version-2", "a qcow2 image is of version 3", area: area, severity: .note,
            rationale: """
                Version 2 (compat 0.10) has no zero clusters, so that discarded space comes back as data of the base, and no mark \
                for a dirty or corrupt image.
                """,
            sources: [Citation("\(qcow2), version", "7.2"), Citation("qemu-img(1), amend", "7.2")],
            remedy: Remedy("lift it while nothing has it open"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.version = "0.10" } },
        commands: { ["qemu-img amend -f qcow2 -o compat=1.1 \($0.word)"] },
        faults: { image throws(Undecided) in
            let header = try image.header()
            return header.name == "qcow2" && header.version == "0.10" ? ["compat is 0.10"] : []
        })

    static let dataFile = Rule<ImageFacts>(
        RuleInfo(
            "KVI011", "image-data-file", "the image holds its own data", area: area, severity: .warning,
            rationale: """
                The clusters are in a second file, and the image alone is no disk; OpenStack refuses such images since \
                CVE-2024-32498.
                """,
            sources: [
                Citation("\(qcow2), incompatible_features bit 2", "7.2"), Citation("OSSA-2024-001", "2024-07-02"),
            ],
            remedy: Remedy("make one file of it"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.dataFile = "web1.raw" } },
        commands: { ["qemu-img convert -p -O qcow2 \($0.word) \(($0.path + ".whole").shellWord)"] },
        faults: { image throws(Undecided) in
            try image.header().dataFile.map { ["its data is in \($0)"] } ?? []
        })

    static let inUse = Rule<ImageFacts>(
        RuleInfo(
            "KVI012", "image-in-use", "nothing writes to the image", area: area, severity: .warning,
            rationale: """
                A program has it open for writing: what is read now is a moment between two writes, and a copy of it is no \
                consistent disk.
                """,
            sources: [Citation("QEMU block/file-posix.c: raw_check_lock_bytes", "7.2")],
            remedy: Remedy("shut the VM down first"), parent: "KVI001"),
        violates: { $0.isInUse = .known(true) },
        faults: { image throws(Undecided) in
            try image.isInUse.get(whenAbsent: false) ? ["a program has it open for writing"] : []
        })

    static let unaligned = Rule<ImageFacts>(
        RuleInfo(
            "KVI013", "raw-size-odd", "the size of a raw image is a multiple of 512", area: area, severity: .warning,
            rationale: """
                Disks are made of sectors: QEMU rounds up and warns, KubeVirt refuses the image, and a fixed VHD that is read as \
                raw has its footer at the end.
                """,
            sources: [
                Citation("QEMU block.c: refresh_total_sectors", "7.2"),
                Citation("KubeVirt pkg/container-disk: image size check", "2026"),
            ],
            remedy: Remedy("lengthen it to whole sectors"), parent: "KVI001"),
        violates: {
            $0.changeFormat {
                $0.name = "raw"
                $0.claimedByExtension = []
            }
            $0.file = .known(FileMetadata(kind: .regular, size: 1_000_001))
        },
        commands: { ["truncate -s %512 \($0.word)"] },
        faults: { image throws(Undecided) in
            guard try image.header().name == "raw", let file = try image.file.get(), file.kind == .regular,
                file.size % 512 != 0
            else { return [] }
            return ["\(file.size) bytes are \(file.size / 512) sectors and \(file.size % 512) bytes"]
        })

    static let halfDamaged = Rule<ImageFacts>(
        RuleInfo(
            "KVI014", "image-copy-damaged", "both copies of the header are good", area: area, severity: .warning,
            rationale: """
                The format keeps a structure twice, and one of the two is damaged: the other was used here, and not every program \
                looks at it.
                """,
            sources: [
                Citation("[MS-VHDX] 2.2, header section", "2021-06-25"),
                Citation("Virtual Hard Disk Image Format Specification 1.0, hard disk footer", "2006-10-11"),
            ],
            remedy: Remedy("convert it: the copy has both"), parent: "KVI001"),
        violates: { $0.changeFormat { $0.repairedFaults = ["header 1: the checksum is wrong"] } },
        faults: { image throws(Undecided) in try image.header().repairedFaults })

    static let empty = Rule<ImageFacts>(
        RuleInfo(
            "KVI015", "image-empty", "the disk has a size", area: area, severity: .error,
            rationale: "A disk of no bytes is what a failed download or a full file system leaves behind.",
            sources: [Citation("qemu-img(1), info", "7.2")], remedy: Remedy("copy or download it again"),
            parent: "KVI001"),
        violates: { $0.changeFormat { $0.virtualSize = 0 } },
        faults: { image throws(Undecided) in try image.header().virtualSize == 0 ? ["the disk has no bytes"] : [] })
}
