public import ByteReading

/// The superblock of XFS as it is stored: the first sector of each allocation group, big-endian but for the checksum.
///
/// ```
///   0 magicnum "XFSB"  4 blocksize     8 dblocks      32 uuid (16)    48 logstart     56 rootino
///  80 rextsize        84 agblocks     88 agcount      96 logblocks   100 versionnum  102 sectsize
/// 104 inodesize      106 inopblock   108 fname (12)  120 blocklog    121 sectlog     122 inodelog
/// 123 inopblog       124 agblklog    126 inprogress  128 icount      136 ifree       144 fdblocks
/// 192 dirblklog      200 features2   208 compat      212 ro_compat   216 incompat    220 log_incompat
/// 224 crc            248 meta_uuid (16)
/// ```
/// Source: Linux, fs/xfs/libxfs/xfs_format.h, `struct xfs_dsb`.
public struct XFSSuperblock: Sendable, Hashable {
    /// The size of a block in bytes, 512…65536 (`sb_blocksize`).
    public var blockSize: Int
    /// How many blocks there are (`sb_dblocks`).
    public var blocksCount: UInt64
    /// The UUID that a person sees (`sb_uuid`).
    public var uuid: [UInt8]
    /// The UUID that metadata carries: the first one, where the other was changed (`sb_meta_uuid`).
    public var metadataUUID: [UInt8]
    /// The block that the log begins with, 0 where it is on another device (`sb_logstart`).
    public var logStart: UInt64
    /// How many blocks the log has (`sb_logblocks`).
    public var logBlocks: UInt32
    /// The root directory's inode (`sb_rootino`).
    public var rootInode: UInt64
    /// Blocks in an allocation group (`sb_agblocks`); the last one may be shorter.
    public var groupBlocks: UInt32
    /// How many allocation groups there are (`sb_agcount`).
    public var groupCount: UInt32
    /// The version in the low four bits, features of version 4 in the others (`sb_versionnum`).
    public var versionNumber: UInt16
    /// More features of version 4 (`sb_features2`).
    public var features2: UInt32
    /// The size of a sector in bytes (`sb_sectsize`).
    public var sectorSize: Int
    /// The size of an inode in bytes (`sb_inodesize`).
    public var inodeSize: Int
    /// The label's bytes (`sb_fname`).
    public var label: [UInt8]
    /// Bits of a block number inside of its group (`sb_agblklog`).
    public var groupBlockBits: Int
    /// Bits of an inode number inside of its block (`sb_inopblog`).
    public var inodeBits: Int
    /// How many inodes are allocated (`sb_icount`).
    public var inodesCount: UInt64
    /// How many of them are free (`sb_ifree`).
    public var freeInodesCount: UInt64
    /// How many blocks are free (`sb_fdblocks`).
    public var freeBlocksCount: UInt64
    /// The size of a directory's block in bytes (`sb_blocksize << sb_dirblklog`).
    public var directoryBlockSize: Int
    /// Features that a writer must know (`sb_features_ro_compat`).
    public var readOnlyCompatible: UInt32
    /// Features that a reader must know (`sb_features_incompat`).
    public var incompatible: UInt32
    /// Features that who recovers the log must know (`sb_features_log_incompat`).
    public var logIncompatible: UInt32

    static let magic: UInt32 = 0x5846_5342
    /// As much as the fields take; a sector has at least 512 bytes.
    static let size = 512
    private static let specification = "Linux, fs/xfs/libxfs/xfs_format.h, struct xfs_dsb"

    /// Reads a superblock.
    ///
    /// - Parameters:
    ///   - bytes: The sector, or at least its first 512 bytes; the checksum needs all of it.
    ///   - place: Where they were read, for errors.
    /// - Throws: ``ByteReading/FormatError``: `invalid` where a field or the checksum is not allowed, `unsupported` for a
    ///   feature that a reader must know and this one does not.
    public init(_ bytes: [UInt8], at place: UInt64) throws(FormatError) {
        let record = Record(bytes, at: place, of: "xfs")
        func bad(_ field: String, _ value: some BinaryInteger, _ allowed: String, _ at: Int) -> FormatError {
            record.invalid(
                "invalid superblock", field: "\(field) = \(value) (allowed \(allowed))", at: at,
                specification: Self.specification)
        }
        let magic = try record.be32(0)
        guard magic == Self.magic else { throw bad("sb_magicnum", magic, "0x58465342", 0) }
        versionNumber = try record.be16(100)
        let version = versionNumber & 0xf
        guard version == 4 || version == 5 else {
            throw FormatError(
                .unsupported, "xfs", "a version that is not read", field: "sb_versionnum = \(version) (allowed 4, 5)",
                at: place &+ 100)
        }
        sectorSize = Int(try record.be16(102))
        let sectorBits = Int(try record.u8(121))
        guard (9...15).contains(sectorBits), sectorSize == 1 << sectorBits else {
            throw bad("sb_sectsize", sectorSize, "512…32768", 102)
        }
        let isFifth = version == 5
        if isFifth {
            var sum = CRC32C()
            sum.add(bytes, 0..<224)
            sum.add([0, 0, 0, 0])
            sum.add(bytes, 228..<sectorSize)
            guard bytes.count >= sectorSize, try record.le32(224) == sum.inverted else {
                throw record.invalid("the superblock's checksum does not fit", field: "sb_crc", at: 224)
            }
        }
        readOnlyCompatible = isFifth ? try record.be32(212) : 0
        incompatible = isFifth ? try record.be32(216) : 0
        logIncompatible = isFifth ? try record.be32(220) : 0
        // Some kernels wrote the field one place too late (`sb_bad_features2`).
        let features = try record.be32(200)
        features2 = isFifth ? features : features | (try record.be32(204))
        if let unknown = XFSFeature.unreadable(incompatible).first {
            throw FormatError(
                .unsupported, "xfs", "a feature that is not read: \(unknown)",
                field: "sb_features_incompat = 0x\(String(incompatible, radix: 16))", at: place &+ 216)
        }
        // mkfs.xfs leaves the mark in the copies.
        let isUnfinished = try record.u8(126) != 0
        guard place != 0 || !isUnfinished else {
            throw record.invalid("mkfs.xfs was not finished", field: "sb_inprogress = 1", at: 126)
        }
        guard isFifth || versionNumber & XFSFeature.directoriesV2 != 0 else {
            throw FormatError(.unsupported, "xfs", "directories of version 1", field: "sb_versionnum", at: place &+ 100)
        }

        let blockBits = Int(try record.u8(120))
        blockSize = Int(try record.be32(4))
        guard (9...16).contains(blockBits), blockSize == 1 << blockBits else {
            throw bad("sb_blocksize", blockSize, "512…65536", 4)
        }
        let inodeSizeBits = Int(try record.u8(122))
        inodeSize = Int(try record.be16(104))
        guard (8...11).contains(inodeSizeBits), inodeSize == 1 << inodeSizeBits, inodeSizeBits <= blockBits else {
            throw bad("sb_inodesize", inodeSize, "256…2048", 104)
        }
        inodeBits = Int(try record.u8(123))
        guard inodeBits == blockBits - inodeSizeBits else {
            throw bad("sb_inopblog", inodeBits, "\(blockBits - inodeSizeBits)", 123)
        }
        let directoryBits = Int(try record.u8(192))
        guard directoryBits + blockBits <= 16 else {
            throw bad("sb_dirblklog", directoryBits, "0…\(16 - blockBits)", 192)
        }
        directoryBlockSize = blockSize << directoryBits
        groupBlocks = try record.be32(84)
        groupBlockBits = Int(try record.u8(124))
        groupCount = try record.be32(88)
        blocksCount = try record.be64(8)
        guard groupBlocks >= 64, groupBlockBits <= 31, UInt64(groupBlocks) <= 1 << UInt64(groupBlockBits) else {
            throw bad("sb_agblocks", groupBlocks, "64…2^sb_agblklog", 84)
        }
        let (most, least) = (UInt64(groupCount) * UInt64(groupBlocks), UInt64(groupBlocks))
        guard groupCount > 0, blocksCount <= most, blocksCount > most - least, blocksCount <= 1 << 47 else {
            throw bad("sb_dblocks", blocksCount, "as many as sb_agcount = \(groupCount) groups have", 8)
        }
        uuid = try record.array(32, 16)
        metadataUUID = incompatible & XFSFeature.metadataUUID != 0 ? try record.array(248, 16) : uuid
        logStart = try record.be64(48)
        logBlocks = try record.be32(96)
        rootInode = try record.be64(56)
        label = try record.text(108, 12)
        inodesCount = try record.be64(128)
        freeInodesCount = try record.be64(136)
        freeBlocksCount = try record.be64(144)
    }

    /// Whether metadata carries checksums: version 5.
    public var hasChecksums: Bool { versionNumber & 0xf == 5 }
    /// Whether directories say the kinds of files.
    var hasFileTypes: Bool {
        hasChecksums ? incompatible & XFSFeature.fileType != 0 : features2 & XFSFeature.fileTypeV4 != 0
    }

    /// The features by the names that the command `version` of xfs_db prints, in its order.
    public var features: [String] { XFSFeature.names(self) }
}
