internal import ByteReading

/// The block numbers of an ext2 or ext3 inode: twelve direct ones, then blocks of numbers in one, two and three levels.
///
/// Source: Linux, Documentation/filesystems/ext4/ifork.rst, "Direct/Indirect Block Addressing".
struct ExtIndirectMap: FileMap {
    let volume: ExtVolume
    let inode: ExtInode

    private static let direct: UInt64 = 12

    func run(at offset: UInt64) throws(FormatError) -> FileRun {
        let blockSize = UInt64(volume.superblock.blockSize)
        let inside = offset % blockSize
        var index = offset / blockSize
        var node = try inode.blockField()
        var slots = Self.direct
        if index >= Self.direct {
            // Which level it is in, and how many blocks each of its slots stands for.
            let perBlock = blockSize / 4
            index -= Self.direct
            var level = 0
            var span = perBlock
            while index >= span {
                guard level < 2 else { return FileRun(place: nil, length: .max - offset) }
                index -= span
                level += 1
                span *= perBlock
            }
            var pointer = UInt64(try node.le32(4 * (12 + level)))
            for _ in 0...level {
                guard pointer != 0 else { return FileRun(place: nil, length: (span - index) * blockSize - inside) }
                node = try volume.block(pointer)
                span /= perBlock
                // Below the numbers of a block, so it fits an Int. The last level's slots stand for one block each.
                if span > 1 {
                    pointer = UInt64(try node.le32(4 * Int(index / span)))
                    index %= span
                }
            }
            slots = perBlock
        }
        let first = UInt64(try node.le32(4 * Int(index)))
        var length: UInt64 = 1
        while index + length < slots {
            let next = UInt64(try node.le32(4 * Int(index + length)))
            guard next == (first == 0 ? 0 : first + length) else { break }
            length += 1
        }
        guard first != 0 else { return FileRun(place: nil, length: length * blockSize - inside) }
        let place = try volume.place(of: first, count: length)
        return FileRun(place: place + inside, length: length * blockSize - inside)
    }
}
