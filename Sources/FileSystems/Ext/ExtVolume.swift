internal import ByteReading

/// What all parts of the ext reader share: the superblock, the bytes, and the two ways to read a block.
struct ExtVolume: Sendable {
    let superblock: ExtSuperblock
    /// The bytes, with what the journal holds in their place.
    let blocks: any BlockReader
    private let cache = BlockCache()

    init(_ superblock: ExtSuperblock, _ blocks: any BlockReader) {
        self.superblock = superblock
        self.blocks = blocks
    }

    var kind: String { superblock.kind }

    /// A block of metadata, which is kept for the next time.
    func block(_ number: UInt64) throws(FormatError) -> Record {
        let place = try self.place(of: number, count: 1)
        let size = superblock.blockSize
        let bytes = try cache.block(at: place, count: size) { () throws(FormatError) in
            try self.blocks.bytes(at: place, count: size)
        }
        return Record(bytes, at: place, of: kind)
    }

    /// The offset of a run of blocks that must lie in the file system.
    func place(of number: UInt64, count: UInt64) throws(FormatError) -> UInt64 {
        // blocksCount is at most 2⁴⁷ and a block 2¹⁶ bytes: the product fits.
        guard number < superblock.blocksCount, count <= superblock.blocksCount - number else {
            throw FormatError(
                .invalid, kind, "a block beyond the file system's end",
                field: "block \(number) (allowed below \(superblock.blocksCount))")
        }
        return number * UInt64(superblock.blockSize)
    }

    /// A checksum that begins with the file system's seed.
    func checksum() -> CRC32C { CRC32C(seed: superblock.checksumSeed) }
}
