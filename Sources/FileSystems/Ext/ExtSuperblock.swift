public import ByteReading

/// The superblock of ext2, ext3 and ext4 as it is stored: 1024 bytes at offset 1024, little-endian.
///
/// ```
/// 0x000 inodes_count      0x004 blocks_count_lo   0x008 r_blocks_count_lo 0x00c free_blocks_count_lo
/// 0x010 free_inodes_count 0x014 first_data_block  0x018 log_block_size    0x01c log_cluster_size
/// 0x020 blocks_per_group  0x024 clusters_per_grp  0x028 inodes_per_group  0x02c mtime
/// 0x030 wtime             0x034 mnt_count, max    0x038 magic, state      0x03c errors, minor_rev
/// 0x048 creator_os        0x04c rev_level         0x054 first_ino         0x058 inode_size, block_group_nr
/// 0x05c feature_compat    0x060 feature_incompat  0x064 feature_ro_compat 0x068 uuid (16)
/// 0x078 volume_name (16)  0x088 last_mounted (64) 0x0ce reserved_gdt      0x0d0 journal_uuid (16)
/// 0x0e0 journal_inum      0x0e4 journal_dev       0x0fe desc_size         0x104 first_meta_bg
/// 0x108 mkfs_time         0x150 blocks_count_hi   0x158 free_blocks_hi    0x194 error_count
/// 0x270 checksum_seed     0x274 wtime_hi, mtime_hi, mkfs_time_hi          0x3fc checksum
/// ```
/// Source: Linux, Documentation/filesystems/ext4/super.rst; fs/ext4/ext4.h, `struct ext4_super_block`.
public struct ExtSuperblock: Sendable, Hashable {
    /// How many inodes there are (`s_inodes_count`).
    public var inodesCount: UInt32
    /// How many blocks there are (`s_blocks_count`).
    public var blocksCount: UInt64
    /// How many blocks are kept for root (`s_r_blocks_count`).
    public var reservedBlocksCount: UInt64
    /// How many blocks are free, when it was written (`s_free_blocks_count`).
    public var freeBlocksCount: UInt64
    /// How many inodes are free, when it was written (`s_free_inodes_count`).
    public var freeInodesCount: UInt32
    /// The block that the first group begins with: 1 where blocks are of 1 KiB (`s_first_data_block`).
    public var firstDataBlock: UInt32
    /// The size of a block in bytes.
    public var blockSize: Int
    /// Blocks in a group (`s_blocks_per_group`).
    public var blocksPerGroup: UInt32
    /// Blocks in a cluster: 1 without `bigalloc`.
    public var clusterBlocks: UInt64
    /// Inodes in a group (`s_inodes_per_group`).
    public var inodesPerGroup: UInt32
    /// When it was mounted last.
    public var lastMounted: FileTime?
    /// When it was written last.
    public var lastWritten: FileTime?
    /// When it was made.
    public var created: FileTime?
    /// How often it was mounted since the last check (`s_mnt_count`).
    public var mountCount: UInt16
    /// 1 cleanly unmounted, 2 errors found, 4 orphans being recovered (`s_state`).
    public var state: UInt16
    /// 0 the original format, 1 with features and inodes of any size (`s_rev_level`).
    public var revision: UInt32
    /// The size of an inode in bytes (`s_inode_size`).
    public var inodeSize: Int
    /// Features that may be ignored.
    public var compatible: UInt32
    /// Features that a reader must know.
    public var incompatible: UInt32
    /// Features that a writer must know.
    public var readOnlyCompatible: UInt32
    /// The UUID.
    public var uuid: [UInt8]
    /// The label's bytes.
    public var label: [UInt8]
    /// Where it was mounted last, as bytes.
    public var lastMountPoint: [UInt8]
    /// The journal's inode, 0 where there is none or where it is on another device.
    public var journalInode: UInt32
    /// The UUID of the journal's device, where it is on another one.
    public var journalUUID: [UInt8]
    /// The size of a group descriptor in bytes.
    public var descriptorSize: Int
    /// The first group of groups that keeps its descriptors itself (`s_first_meta_bg`).
    public var firstMetaGroup: UInt32
    /// How many errors the kernel has recorded (`s_error_count`).
    public var errorCount: UInt32
    /// What the checksums of metadata begin with.
    public var checksumSeed: UInt32
    /// Which group's copy it is (`s_block_group_nr`).
    public var group: UInt16

    /// Where the primary superblock is.
    public static let offset: UInt64 = 1024
    static let size = 1024
    static let magic: UInt16 = 0xef53
    private static let specification = "Linux, Documentation/filesystems/ext4/super.rst"

    /// Reads a superblock.
    ///
    /// - Parameters:
    ///   - bytes: Its 1024 bytes.
    ///   - place: Where they were read, for errors.
    /// - Throws: ``ByteReading/FormatError``: `invalid` where a field or the checksum is not allowed, `unsupported` for a
    ///   feature that a reader must know and this one does not.
    public init(_ bytes: [UInt8], at place: UInt64) throws(FormatError) {
        let record = Record(bytes, at: place, of: "ext4")
        func bad(_ field: String, _ value: some BinaryInteger, _ allowed: String, _ at: Int) -> FormatError {
            record.invalid(
                "invalid superblock", field: "\(field) = \(value) (allowed \(allowed))", at: at,
                specification: Self.specification)
        }
        let magic = try record.le16(0x38)
        guard magic == Self.magic else { throw bad("s_magic", magic, "0xef53", 0x38) }
        revision = try record.le32(0x4c)
        compatible = try record.le32(0x5c)
        incompatible = try record.le32(0x60)
        readOnlyCompatible = try record.le32(0x64)
        uuid = try record.array(0x68, 16)
        let hasChecksums = readOnlyCompatible & ExtFeature.metadataChecksums != 0
        if hasChecksums {
            var sum = CRC32C()
            sum.add(bytes, 0..<0x3fc)
            guard try record.le32(0x3fc) == sum.register else {
                throw record.invalid("the superblock's checksum does not fit", field: "s_checksum", at: 0x3fc)
            }
        }
        if let unknown = ExtFeature.names(incompatible: incompatible & ~ExtFeature.readable).first {
            throw FormatError(
                .unsupported, "ext4", "a feature that is not read: \(unknown)",
                field: "s_feature_incompat = 0x\(String(incompatible, radix: 16))", at: place &+ 0x60)
        }
        let is64Bit = incompatible & ExtFeature.sixtyFourBit != 0
        func wide(_ low: Int, _ high: Int) throws(FormatError) -> UInt64 {
            UInt64(try record.le32(low)) | (is64Bit ? UInt64(try record.le32(high)) << 32 : 0)
        }
        inodesCount = try record.le32(0)
        blocksCount = try wide(4, 0x150)
        reservedBlocksCount = try wide(8, 0x154)
        freeBlocksCount = try wide(0xc, 0x158)
        freeInodesCount = try record.le32(0x10)
        firstDataBlock = try record.le32(0x14)
        let blockShift = try record.le32(0x18)
        guard blockShift <= 6 else { throw bad("s_log_block_size", blockShift, "0…6", 0x18) }
        blockSize = 1024 << Int(blockShift)
        blocksPerGroup = try record.le32(0x20)
        inodesPerGroup = try record.le32(0x28)
        let clusterShift = try record.le32(0x1c)
        let bigClusters = readOnlyCompatible & ExtFeature.bigClusters != 0
        guard !bigClusters || clusterShift >= blockShift && clusterShift <= 20 else {
            throw bad("s_log_cluster_size", clusterShift, "\(blockShift)…20", 0x1c)
        }
        clusterBlocks = bigClusters ? 1 << UInt64(clusterShift - blockShift) : 1
        func time(_ low: Int, _ high: Int) throws(FormatError) -> FileTime? {
            let seconds = Int64(try record.le32(low)) | Int64(try record.u8(high)) << 32
            return seconds == 0 ? nil : FileTime(seconds: seconds)
        }
        lastMounted = try time(0x2c, 0x275)
        lastWritten = try time(0x30, 0x274)
        created = try time(0x108, 0x276)
        mountCount = try record.le16(0x34)
        state = try record.le16(0x3a)
        inodeSize = revision == 0 ? 128 : Int(try record.le16(0x58))
        group = try record.le16(0x5a)
        label = try record.text(0x78, 16)
        lastMountPoint = try record.text(0x88, 64)
        journalUUID = try record.array(0xd0, 16)
        journalInode = try record.le32(0xe0)
        descriptorSize = is64Bit ? Int(try record.le16(0xfe)) : 32
        firstMetaGroup = try record.le32(0x104)
        errorCount = try record.le32(0x194)
        if incompatible & ExtFeature.checksumSeed != 0 {
            checksumSeed = try record.le32(0x270)
        } else {
            var sum = CRC32C()
            sum.add(uuid)
            checksumSeed = sum.register
        }

        guard inodeSize >= 128, inodeSize <= blockSize, inodeSize & (inodeSize - 1) == 0 else {
            throw bad("s_inode_size", inodeSize, "a power of two, 128…\(blockSize)", 0x58)
        }
        guard descriptorSize >= (is64Bit ? 64 : 32), descriptorSize <= min(1024, blockSize),
            descriptorSize & (descriptorSize - 1) == 0
        else { throw bad("s_desc_size", descriptorSize, "a power of two, 64…1024", 0xfe) }
        // Any group has one bitmap block of blocks (of clusters, with bigalloc) and one of inodes.
        guard inodesPerGroup > 0, inodesPerGroup <= UInt32(8 * blockSize) else {
            throw bad("s_inodes_per_group", inodesPerGroup, "1…\(8 * blockSize)", 0x28)
        }
        guard blocksPerGroup > 0, UInt64(blocksPerGroup) <= UInt64(8 * blockSize) * clusterBlocks else {
            throw bad("s_blocks_per_group", blocksPerGroup, "1…\(UInt64(8 * blockSize) * clusterBlocks)", 0x20)
        }
        guard firstDataBlock <= 1, blocksCount > UInt64(firstDataBlock), blocksCount <= 1 << 47 else {
            throw bad("s_blocks_count", blocksCount, "\(UInt64(firstDataBlock) + 1)…2⁴⁷", 4)
        }
        guard groupCount <= UInt64(UInt32.max), UInt64(inodesCount) == groupCount * UInt64(inodesPerGroup) else {
            throw bad("s_inodes_count", inodesCount, "groups × s_inodes_per_group", 0)
        }
    }

    /// How many groups there are.
    public var groupCount: UInt64 {
        (blocksCount - UInt64(firstDataBlock) + UInt64(blocksPerGroup) - 1) / UInt64(blocksPerGroup)
    }

    /// Whether metadata carries checksums.
    var hasChecksums: Bool { readOnlyCompatible & ExtFeature.metadataChecksums != 0 }

    /// `ext2`, `ext3` or `ext4`, decided by the features as `blkid` does.
    public var kind: String {
        if readOnlyCompatible & ~ExtFeature.ext3ReadOnlyCompatible != 0
            || incompatible & ~ExtFeature.ext3Incompatible != 0
        {
            return "ext4"
        }
        return compatible & ExtFeature.journal != 0 ? "ext3" : "ext2"
    }

    /// The features by the names that `dumpe2fs` prints, in its order.
    public var features: [String] {
        ExtFeature.names(compatible: compatible) + ExtFeature.names(incompatible: incompatible)
            + ExtFeature.names(readOnlyCompatible: readOnlyCompatible)
    }
}
