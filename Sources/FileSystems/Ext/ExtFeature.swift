/// The features of ext2, ext3 and ext4: their bits, and their names as e2fsprogs prints them.
///
/// Source: e2fsprogs, lib/e2p/feature.c; Linux, fs/ext4/ext4.h (`EXT4_FEATURE_…`).
enum ExtFeature {
    static let journal: UInt32 = 0x4
    static let indexedDirectories: UInt32 = 0x20
    static let sparseSuper2: UInt32 = 0x200

    static let fileType: UInt32 = 0x2
    static let recover: UInt32 = 0x4
    static let journalDevice: UInt32 = 0x8
    static let metaGroups: UInt32 = 0x10
    static let sixtyFourBit: UInt32 = 0x80
    static let checksumSeed: UInt32 = 0x2000
    static let largeDirectories: UInt32 = 0x4000
    /// What a reader must know and this one does; `compression`, `journal_dev` and `dirdata` are not among them.
    static let readable: UInt32 =
        0x2 | 0x4 | 0x10 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000
        | 0x10000 | 0x20000
    /// `filetype`, `needs_recovery` and `meta_bg`: all that ext3 knows.
    static let ext3Incompatible: UInt32 = 0x2 | 0x4 | 0x10

    static let sparseSuper: UInt32 = 0x1
    static let hugeFiles: UInt32 = 0x8
    static let groupChecksums: UInt32 = 0x10
    static let bigClusters: UInt32 = 0x200
    static let metadataChecksums: UInt32 = 0x400
    /// `sparse_super`, `large_file` and the never used `btree_dir`: all that ext3 knows.
    static let ext3ReadOnlyCompatible: UInt32 = 0x1 | 0x2 | 0x4

    private static let compatibleNames: [Int: String] = [
        0: "dir_prealloc", 1: "imagic_inodes", 2: "has_journal", 3: "ext_attr", 4: "resize_inode", 5: "dir_index",
        6: "lazy_bg", 8: "snapshot_bitmap", 9: "sparse_super2", 10: "fast_commit", 11: "stable_inodes",
        12: "orphan_file",
    ]
    private static let incompatibleNames: [Int: String] = [
        0: "compression", 1: "filetype", 2: "needs_recovery", 3: "journal_dev", 4: "meta_bg", 6: "extent", 7: "64bit",
        8: "mmp", 9: "flex_bg", 10: "ea_inode", 12: "dirdata", 13: "metadata_csum_seed", 14: "large_dir",
        15: "inline_data", 16: "encrypt", 17: "casefold",
    ]
    private static let readOnlyCompatibleNames: [Int: String] = [
        0: "sparse_super", 1: "large_file", 3: "huge_file", 4: "uninit_bg", 5: "dir_nlink", 6: "extra_isize",
        7: "snapshot", 8: "quota", 9: "bigalloc", 10: "metadata_csum", 11: "replica", 12: "read-only", 13: "project",
        14: "shared_blocks", 15: "verity", 16: "orphan_present",
    ]

    static func names(compatible bits: UInt32) -> [String] { names(bits, compatibleNames, "C") }
    static func names(incompatible bits: UInt32) -> [String] { names(bits, incompatibleNames, "I") }
    static func names(readOnlyCompatible bits: UInt32) -> [String] { names(bits, readOnlyCompatibleNames, "R") }

    /// A bit without a name is `FEATURE_I18`, as e2fsprogs writes it.
    private static func names(_ bits: UInt32, _ known: [Int: String], _ letter: String) -> [String] {
        (0..<32).filter { bits >> $0 & 1 == 1 }.map { known[$0] ?? "FEATURE_\(letter)\($0)" }
    }
}
