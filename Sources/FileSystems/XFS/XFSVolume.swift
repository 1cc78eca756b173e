internal import ByteReading

/// What all parts of the XFS reader share: the superblock, the bytes, and the ways to find a block.
struct XFSVolume: Sendable {
    let superblock: XFSSuperblock
    let blocks: any BlockReader
    private let cache = BlockCache()

    init(_ superblock: XFSSuperblock, _ blocks: any BlockReader) {
        self.superblock = superblock
        self.blocks = blocks
    }

    private static let format = "xfs"

    /// The offset of a run of blocks; a block's number is its group's number and its number in the group.
    func place(of block: UInt64, count: UInt64) throws(FormatError) -> UInt64 {
        let group = block >> UInt64(superblock.groupBlockBits)
        let inside = block & (1 << UInt64(superblock.groupBlockBits) - 1)
        // Both factors have 32 bits, checked by the first condition.
        guard group < UInt64(superblock.groupCount), inside < UInt64(superblock.groupBlocks),
            count <= UInt64(superblock.groupBlocks) - inside,
            group * UInt64(superblock.groupBlocks) + inside + count <= superblock.blocksCount
        else {
            throw FormatError(
                .invalid, Self.format, "blocks that are not in the file system",
                field: "\(count) from block 0x\(String(block, radix: 16)) on")
        }
        return (group * UInt64(superblock.groupBlocks) + inside) * UInt64(superblock.blockSize)
    }

    /// Bytes of metadata, which are kept for the next time.
    ///
    /// - Parameter count: At most a directory's block: 64 KiB.
    func metadata(at place: UInt64, count: Int) throws(FormatError) -> Record {
        Record(
            try cache.block(at: place, count: count) { () throws(FormatError) in
                try self.blocks.bytes(at: place, count: count)
            }, at: place, of: Self.format)
    }

    /// A block of a directory or of attributes, which may lie in pieces.
    func metadata(at offset: UInt64, count: Int, in fork: XFSFork) throws(FormatError) -> Record? {
        guard let place = try fork.run(at: offset).place else { return nil }
        return Record(
            try cache.block(at: place, count: count) { () throws(FormatError) in
                let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
                guard !overflow else { throw FormatError(.invalid, Self.format, "an offset beyond any file") }
                return try MappedFile(self.blocks, map: fork, size: end).bytes(at: offset, count: count)
            }, at: place, of: Self.format)
    }

    /// Holds what metadata of version 5 carries of itself against what it should be: checksum, UUID, owner.
    ///
    /// - Parameters:
    ///   - checksum: Where the checksum is; all of the record is summed, itself as zeros.
    ///   - owner: Where the owner is, and which inode it must be.
    func verify(
        _ record: Record, checksum: Int, uuid: Int, owner: (at: Int, inode: UInt64)? = nil
    ) throws(FormatError) {
        guard superblock.hasChecksums else { return }
        var sum = CRC32C()
        let begin = record.range.lowerBound
        sum.add(record.bytes, begin..<(begin + checksum))
        sum.add([0, 0, 0, 0])
        sum.add(record.bytes, (begin + checksum + 4)..<record.range.upperBound)
        guard try record.le32(checksum) == sum.inverted else {
            throw record.invalid("a checksum does not fit", field: "crc", at: checksum)
        }
        guard try record.array(uuid, 16) == superblock.metadataUUID else {
            throw record.invalid("it belongs to another file system", field: "uuid", at: uuid)
        }
        if let owner {
            let stored = try record.be64(owner.at)
            guard stored == owner.inode else {
                throw record.invalid("it belongs to another file", field: "owner = \(stored)", at: owner.at)
            }
        }
    }
}
