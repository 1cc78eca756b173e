internal import ByteReading

/// A group's descriptor, of which a reader needs the table of inodes and the counts.
///
/// ```
/// 0x00 block_bitmap_lo  0x04 inode_bitmap_lo  0x08 inode_table_lo  0x0c free_blocks_lo, free_inodes_lo (16 bits each)
/// 0x10 used_dirs, flags 0x14 …                0x1c itable_unused   0x1e checksum
/// 0x28 inode_table_hi   0x2c free_blocks_hi   0x2e free_inodes_hi  (only where descriptors have 64 bytes)
/// ```
/// Source: Linux, Documentation/filesystems/ext4/group_descr.rst.
struct ExtGroup: Sendable {
    var inodeTable: UInt64
    var freeBlocks: UInt64
    var freeInodes: UInt64
    /// The table of inodes was never written: it has none (`INODE_UNINIT`).
    var hasNoInodes: Bool
}

extension ExtVolume {
    /// A group's descriptor; where it is damaged, the copy in another group.
    func group(_ group: UInt64) throws(FormatError) -> ExtGroup {
        do throws(FormatError) {
            return try descriptor(of: group, in: descriptorBlock(of: group))
        } catch {
            for block in backupDescriptorBlocks(of: group) {
                if let copy = try? descriptor(of: group, in: block) { return copy }
            }
            throw error
        }
    }

    private var descriptorsPerBlock: UInt64 { UInt64(superblock.blockSize / superblock.descriptorSize) }

    private func firstBlock(of group: UInt64) -> UInt64 {
        UInt64(superblock.firstDataBlock) &+ group &* UInt64(superblock.blocksPerGroup)
    }

    /// Whether a group begins with a copy of the superblock (fs/ext4/balloc.c, `ext4_bg_has_super`).
    private func hasSuperblock(_ group: UInt64) -> Bool {
        if group == 0 { return true }
        if superblock.compatible & ExtFeature.sparseSuper2 != 0 { return false }
        if group <= 1 || superblock.readOnlyCompatible & ExtFeature.sparseSuper == 0 { return true }
        for base: UInt64 in [3, 5, 7] {
            var power = base
            while power < group { power *= base }
            if power == group { return true }
        }
        return false
    }

    private func isMeta(_ table: UInt64) -> Bool {
        superblock.incompatible & ExtFeature.metaGroups != 0 && table >= UInt64(superblock.firstMetaGroup)
    }

    /// The block in which a group's descriptor stands (fs/ext4/super.c, `descriptor_loc`).
    private func descriptorBlock(of group: UInt64) -> UInt64 {
        let table = group / descriptorsPerBlock
        guard isMeta(table) else {
            let superblockAt: UInt64 = superblock.blockSize == 1024 ? 1 : 0
            return superblockAt + 1 + table
        }
        let first = table * descriptorsPerBlock
        let begin = firstBlock(of: first) + (hasSuperblock(first) ? 1 : 0)
        return superblock.blockSize == 1024 && table == 0 && superblock.firstDataBlock == 0 ? begin + 1 : begin
    }

    private func backupDescriptorBlocks(of group: UInt64) -> [UInt64] {
        let table = group / descriptorsPerBlock
        guard isMeta(table) else { return [3, 1, 5].map { firstBlock(of: $0) + 1 + table } }
        let first = table * descriptorsPerBlock
        return [first + 1, first + descriptorsPerBlock - 1].map { firstBlock(of: $0) + (hasSuperblock($0) ? 1 : 0) }
    }

    private func descriptor(of group: UInt64, in block: UInt64) throws(FormatError) -> ExtGroup {
        guard group < superblock.groupCount else {
            throw FormatError(.invalid, kind, "group \(group) of \(superblock.groupCount)")
        }
        let size = superblock.descriptorSize
        let record = try self.block(block).part(Int(group % descriptorsPerBlock) * size, size)
        try verify(record, group: UInt32(truncatingIfNeeded: group))
        let isWide = size >= 64
        func wide(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(low) | UInt64(high) << 32 }
        let table = wide(try record.le32(8), isWide ? try record.le32(0x28) : 0)
        let tableBlocks =
            (UInt64(superblock.inodesPerGroup) * UInt64(superblock.inodeSize) + UInt64(superblock.blockSize) - 1)
            / UInt64(superblock.blockSize)
        guard table > UInt64(superblock.firstDataBlock), table < superblock.blocksCount,
            tableBlocks <= superblock.blocksCount - table
        else {
            throw record.invalid(
                "a group's table of inodes does not lie in the file system", field: "bg_inode_table = \(table)", at: 8)
        }
        let freeBlocks = UInt64(try record.le16(0xc)) | (isWide ? UInt64(try record.le16(0x2c)) << 16 : 0)
        let freeInodes = UInt64(try record.le16(0xe)) | (isWide ? UInt64(try record.le16(0x2e)) << 16 : 0)
        let hasFlags = superblock.readOnlyCompatible & (ExtFeature.groupChecksums | ExtFeature.metadataChecksums) != 0
        return ExtGroup(
            inodeTable: table, freeBlocks: freeBlocks, freeInodes: freeInodes,
            hasNoInodes: hasFlags ? try record.le16(0x12) & 1 != 0 : false)
    }

    private func verify(_ record: Record, group: UInt32) throws(FormatError) {
        let sum: UInt16
        if superblock.hasChecksums {
            var crc = checksum()
            crc.add(littleEndian: group)
            var bytes = record.array
            for at in 0x1e..<min(0x20, bytes.count) { bytes[at] = 0 }
            crc.add(bytes)
            sum = UInt16(truncatingIfNeeded: crc.register)
        } else if superblock.readOnlyCompatible & ExtFeature.groupChecksums != 0 {
            var crc = CRC16()
            crc.add(superblock.uuid[...])
            crc.add((0..<4).map { UInt8(truncatingIfNeeded: group >> (8 * $0)) }[...])
            let bytes = record.array
            crc.add(bytes.prefix(0x1e))
            if bytes.count > 32 { crc.add(bytes.dropFirst(0x20)) }
            sum = crc.register
        } else {
            return
        }
        let stored = try record.le16(0x1e)
        guard stored == sum else {
            throw record.invalid("a group descriptor's checksum does not fit", field: "bg_checksum", at: 0x1e)
        }
    }
}

/// The CRC-16 of `uninit_bg` (Linux, lib/crc16.c: polynomial 0x8005, reflected).
private struct CRC16 {
    var register: UInt16 = .max

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            register ^= UInt16(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0xa001 : register >> 1 }
        }
    }
}
