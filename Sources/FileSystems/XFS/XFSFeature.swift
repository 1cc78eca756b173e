/// The features of XFS: their bits, and their names as xfs_db prints them.
///
/// Source: Linux, fs/xfs/libxfs/xfs_format.h and xfs_sb.c; xfsprogs, db/sb.c.
enum XFSFeature {
    static let directoriesV2: UInt16 = 0x2000
    static let asciiCaseInsensitive: UInt16 = 0x4000
    static let fileTypeV4: UInt32 = 0x200

    static let fileType: UInt32 = 0x1
    static let metadataUUID: UInt32 = 0x4
    static let needsRepair: UInt32 = 0x10
    /// FTYPE, SPINODES, META_UUID, BIGTIME, NEEDSREPAIR, NREXT64, EXCHRANGE and PARENT: none of the others was ever held
    /// against the kernel's reading.
    private static let readable: UInt32 = 0xff

    private static let incompatibleNames: [Int: String] = [
        0: "FTYPE", 1: "SPARSE_INODES", 2: "META_UUID", 3: "BIGTIME", 4: "NEEDSREPAIR", 5: "NREXT64", 6: "EXCHANGE",
        7: "PARENT", 8: "METADIR", 9: "ZONED", 10: "ZONE_GAPS",
    ]

    /// Names of the features among these that a reader must know and this one does not.
    static func unreadable(_ bits: UInt32) -> [String] {
        (0..<32).filter { bits & ~readable & 1 << UInt32($0) != 0 }.map {
            incompatibleNames[$0] ?? "incompat bit \($0)"
        }
    }

    static func names(_ superblock: XFSSuperblock) -> [String] {
        let isFifth = superblock.hasChecksums
        let more = superblock.features2
        func number(_ bit: UInt16) -> Bool { superblock.versionNumber & bit != 0 }
        func readOnly(_ bit: UInt32) -> Bool { superblock.readOnlyCompatible & bit != 0 }
        func incompatible(_ bit: UInt32) -> Bool { superblock.incompatible & bit != 0 }
        // Version 5 takes what version 4 grew into for granted (`xfs_sb_version_to_features`).
        let features: [(String, Bool)] = [
            (isFifth ? "V5" : "V4", true), ("NLINK", number(0x20)), ("DIRV2", number(0x2000)), ("ATTR", number(0x10)),
            ("QUOTA", number(0x40)),
            ("ALIGN", isFifth || number(0x80)), ("DALIGN", number(0x100)), ("LOGV2", isFifth || number(0x400)),
            ("EXTFLG", isFifth || number(0x1000)), ("SECTOR", number(0x800)), ("ASCII_CI", number(0x4000)),
            ("MOREBITS", isFifth || number(0x8000)), ("ATTR2", isFifth || more & 8 != 0),
            ("LAZYSBCOUNT", isFifth || more & 2 != 0), ("PROJID32BIT", isFifth || more & 0x80 != 0),
            ("CRC", isFifth || more & 0x100 != 0), ("FTYPE", superblock.hasFileTypes), ("FINOBT", readOnly(1)),
            ("SPARSE_INODES", incompatible(2)), ("META_UUID", incompatible(4)), ("RMAPBT", readOnly(2)),
            ("REFLINK", readOnly(4)), ("INOBTCNT", readOnly(8)), ("BIGTIME", incompatible(8)),
            ("NEEDSREPAIR", incompatible(0x10)), ("NREXT64", incompatible(0x20)), ("EXCHANGE", incompatible(0x40)),
            ("PARENT", incompatible(0x80)),
        ]
        return features.filter(\.1).map(\.0)
    }
}
