internal import ByteReading
internal import Evidence

/// An inode as it is stored, 128 bytes or more, little-endian.
///
/// ```
/// 0x00 mode, uid_lo    0x04 size_lo       0x08 atime         0x0c ctime          0x10 mtime        0x14 dtime
/// 0x18 gid_lo, links   0x1c blocks_lo     0x20 flags         0x28 block (60)     0x64 generation   0x68 file_acl_lo
/// 0x6c size_high       0x74 blocks_high, file_acl_high, uid_high, gid_high       0x7c checksum_lo
/// 0x80 extra_isize, checksum_hi           0x84 ctime_extra   0x88 mtime_extra    0x8c atime_extra  0x90 crtime, extra
/// ```
/// Source: Linux, Documentation/filesystems/ext4/inodes.rst; fs/ext4/ext4.h, `struct ext4_inode`.
struct ExtInode: Sendable {
    let number: UInt32
    let record: Record
    let mode: UInt16
    let size: UInt64
    let flags: UInt32
    let generation: UInt32
    let attributeBlock: UInt64
    /// In units of 512 bytes.
    let sectors: UInt64
    /// How far the fields beyond the first 128 bytes reach.
    let extraSize: Int
    /// What the checksums of this inode's blocks begin with.
    let seed: CRC32C

    enum Flag {
        static let immutable: UInt32 = 0x10
        static let appendOnly: UInt32 = 0x20
        static let encrypted: UInt32 = 0x800
        static let indexed: UInt32 = 0x1000
        static let hugeFile: UInt32 = 0x40000
        static let extents: UInt32 = 0x80000
        static let verity: UInt32 = 0x100000
        static let attributeValue: UInt32 = 0x200000
        static let inlineData: UInt32 = 0x1000_0000
        static let caseInsensitive: UInt32 = 0x4000_0000
    }

    init(_ number: UInt32, _ record: Record, in volume: ExtVolume) throws(FormatError) {
        let superblock = volume.superblock
        self.number = number
        self.record = record
        generation = try record.le32(0x64)
        var seed = volume.checksum()
        seed.add(littleEndian: number)
        seed.add(littleEndian: generation)
        self.seed = seed
        if superblock.inodeSize > 128 {
            extraSize = Int(try record.le16(0x80))
            guard extraSize <= superblock.inodeSize - 128, extraSize & 3 == 0 else {
                throw record.invalid(
                    "invalid inode \(number)",
                    field: "i_extra_isize = \(extraSize) (allowed a multiple of 4, 0…\(superblock.inodeSize - 128))",
                    at: 0x80)
            }
        } else {
            extraSize = 0
        }
        let hasHighSum = extraSize >= 4
        if superblock.hasChecksums {
            var bytes = record.array
            for at in [0x7c, 0x7d] + (hasHighSum ? [0x82, 0x83] : []) where at < bytes.count { bytes[at] = 0 }
            var sum = seed
            sum.add(bytes)
            let stored =
                UInt32(try record.le16(0x7c)) | (hasHighSum ? UInt32(try record.le16(0x82)) << 16 : 0)
            guard stored == (hasHighSum ? sum.register : sum.register & 0xffff) else {
                throw record.invalid("the checksum of inode \(number) does not fit", field: "i_checksum", at: 0x7c)
            }
        }
        mode = try record.le16(0)
        flags = try record.le32(0x20)
        let isRegular = mode & 0xf000 == 0x8000
        let hasWideSize = isRegular || superblock.incompatible & ExtFeature.largeDirectories != 0
        size = UInt64(try record.le32(4)) | (hasWideSize ? UInt64(try record.le32(0x6c)) << 32 : 0)
        guard size <= UInt64(Int64.max) else {
            throw record.invalid("invalid inode \(number)", field: "i_size = \(size)", at: 0x6c)
        }
        let hasWideBlocks = superblock.readOnlyCompatible & ExtFeature.hugeFiles != 0
        let blocks = UInt64(try record.le32(0x1c)) | (hasWideBlocks ? UInt64(try record.le16(0x74)) << 32 : 0)
        // 48 bits of blocks of at most 128 sectors: the product fits.
        sectors = flags & Flag.hugeFile != 0 && hasWideBlocks ? blocks * UInt64(superblock.blockSize / 512) : blocks
        let is64Bit = superblock.incompatible & ExtFeature.sixtyFourBit != 0
        attributeBlock = UInt64(try record.le32(0x68)) | (is64Bit ? UInt64(try record.le16(0x76)) << 32 : 0)
    }

    /// The 60 bytes of block numbers, of an extent tree's root, of a short link or of a small file.
    func blockField() throws(FormatError) -> Record { try record.part(0x28, 60) }

    /// What `stat(2)` tells of it.
    func node() throws(FormatError) -> FileNode {
        let kind: FileMetadata.Kind =
            switch mode >> 12 {
            case 1: .fifo
            case 2: .characterDevice
            case 4: .directory
            case 6: .blockDevice
            case 8: .regular
            case 10: .symbolicLink
            case 12: .socket
            default:
                throw record.invalid(
                    "inode \(number) is of no kind of file", field: "i_mode = 0o\(String(mode, radix: 8))")
            }
        let links = UInt32(try record.le16(0x1a))
        guard links > 0 else {
            throw record.invalid("inode \(number) is deleted", field: "i_links_count = 0", at: 0x1a)
        }
        var device: (UInt32, UInt32) = (0, 0)
        if kind == .characterDevice || kind == .blockDevice {
            // include/linux/kdev_t.h: the old encoding where it fits, else the new one.
            let old = try record.le32(0x28)
            let new = try record.le32(0x2c)
            device =
                old != 0
                ? (old >> 8 & 0xff, old & 0xff) : (new >> 8 & 0xfff, new & 0xff | new >> 12 & 0xfff00)
        }
        var special: FileFlags = []
        for (flag, name) in [
            (Flag.immutable, FileFlags.immutable), (Flag.appendOnly, .appendOnly), (Flag.encrypted, .encrypted),
            (Flag.verity, .verity), (Flag.caseInsensitive, .caseInsensitive),
        ] where flags & flag != 0 {
            special.insert(name)
        }
        return FileNode(
            number: UInt64(number),
            metadata: FileMetadata(
                kind: kind, mode: mode & 0o7777,
                owner: UInt32(try record.le16(2)) | UInt32(try record.le16(0x78)) << 16,
                group: UInt32(try record.le16(0x18)) | UInt32(try record.le16(0x7a)) << 16,
                size: size, deviceMajor: device.0, deviceMinor: device.1),
            links: links, allocatedSize: sectors.multipliedReportingOverflow(by: 512).partialValue,
            accessed: try time(8, 0x8c), modified: try time(0x10, 0x88), changed: try time(0xc, 0x84),
            created: extraSize >= 0x14 ? try time(0x90, 0x94) : nil, flags: special)
    }

    /// Two bits of the extra field are seconds beyond 2038, thirty are nanoseconds.
    private func time(_ seconds: Int, _ extra: Int) throws(FormatError) -> FileTime {
        let low = Int64(Int32(bitPattern: try record.le32(seconds)))
        guard 128 + extraSize >= extra + 4 else { return FileTime(seconds: low) }
        let more = try record.le32(extra)
        return FileTime(seconds: low + Int64(more & 3) << 32, nanoseconds: min(more >> 2, 999_999_999))
    }
}

extension ExtVolume {
    /// The inode of a number.
    func inode(_ number: UInt64) throws(FormatError) -> ExtInode {
        guard number > 0, number <= UInt64(superblock.inodesCount) else {
            throw FormatError(
                .invalid, kind, "there is no inode \(number)", field: "inode (allowed 1…\(superblock.inodesCount))")
        }
        let group = try self.group((number - 1) / UInt64(superblock.inodesPerGroup))
        let index = (number - 1) % UInt64(superblock.inodesPerGroup)
        guard !group.hasNoInodes else {
            throw FormatError(.invalid, kind, "inode \(number) lies in a group without inodes")
        }
        let perBlock = UInt64(superblock.blockSize / superblock.inodeSize)
        let block = try self.block(group.inodeTable + index / perBlock)
        let record = try block.part(Int(index % perBlock) * superblock.inodeSize, superblock.inodeSize)
        return try ExtInode(UInt32(truncatingIfNeeded: number), record, in: self)
    }
}
