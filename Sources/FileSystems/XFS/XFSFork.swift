internal import ByteReading

/// A fork of an inode: its bytes stand in it, or in extents that it lists, or in extents that a B+ tree lists.
///
/// ```
/// extent   bit 127 unwritten | 54 bits offset | 52 bits block | 21 bits count
/// root     0 level, numrecs | 4 keys (8 bytes each, as many as fit) … pointers (8 bytes each)
/// block    0 magic "BMAP" or "BMA3" | 4 level, numrecs | 8 leftsib | 16 rightsib | then, in version 5:
///          24 blkno | 32 lsn | 40 uuid | 56 owner | 64 crc | 72 keys and pointers, or extents
/// ```
/// Source: Linux, fs/xfs/libxfs/xfs_format.h, `xfs_bmbt_rec`, `xfs_bmdr_block`, `struct xfs_btree_block`.
struct XFSFork: FileMap {
    let volume: XFSVolume
    let inode: UInt64
    let format: XFSInode.Format
    let bytes: Record
    let extentsCount: UInt64

    private static let magics: (plain: UInt32, checked: UInt32) = (0x424d_4150, 0x424d_4133)
    /// No tree of 2⁴⁸ extents has more levels (`XFS_BM_MAXLEVELS`, at least two entries a block would be 48; real blocks
    /// have at least 30).
    private static let maximumLevel = 16

    private struct Extent {
        var offset: UInt64
        var block: UInt64
        var count: UInt64
        var isUnwritten: Bool
    }

    func run(at offset: UInt64) throws(FormatError) -> FileRun {
        let blockSize = UInt64(volume.superblock.blockSize)
        let block = offset / blockSize
        let inside = offset % blockSize
        // No offset has more than 54 bits.
        var end: UInt64 = 1 << 54
        let leaf: Record
        let count: Int
        switch format {
        case .extents:
            leaf = bytes
            guard extentsCount <= UInt64(bytes.count / 16) else {
                throw bytes.invalid(
                    "inode \(inode) has more extents than fit", field: "di_nextents = \(extentsCount)")
            }
            count = Int(extentsCount)
        case .tree: (leaf, count) = try treeLeaf(of: block, end: &end)
        case .local, .device: throw bytes.invalid("inode \(inode) has no extents", field: "di_format")
        }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if try extent(middle, in: leaf).offset <= block { low = middle + 1 } else { high = middle }
        }
        if low < count { end = min(end, try extent(low, in: leaf).offset) }
        let limit = end.multipliedReportingOverflow(by: blockSize)
        let hole = FileRun(
            place: nil, length: limit.overflow ? .max - offset : max(limit.partialValue, offset + 1) - offset)
        guard low > 0 else { return hole }
        let found = try extent(low - 1, in: leaf)
        guard block - found.offset < found.count else { return hole }
        let length = (found.count - (block - found.offset)) * blockSize - inside
        if found.isUnwritten { return FileRun(place: nil, length: length) }
        let place = try volume.place(of: found.block, count: found.count)
        return FileRun(place: place + (block - found.offset) * blockSize + inside, length: length)
    }

    private func extent(_ index: Int, in record: Record) throws(FormatError) -> Extent {
        // A leaf of the tree begins with its header, the inode's fork has none.
        let at = (format == .tree ? headerSize : 0) + 16 * index
        let high = try record.be64(at)
        let low = try record.be64(at + 8)
        return Extent(
            offset: high >> 9 & (1 << 54 - 1), block: (high & 0x1ff) << 43 | low >> 21, count: low & 0x1f_ffff,
            isUnwritten: high >> 63 == 1)
    }

    private var headerSize: Int { volume.superblock.hasChecksums ? 72 : 24 }

    /// The leaf that a block of the file would be listed in, and how many extents it lists.
    private func treeLeaf(of block: UInt64, end: inout UInt64) throws(FormatError) -> (Record, Int) {
        var level = Int(try bytes.be16(0))
        var count = Int(try bytes.be16(2))
        var node = bytes
        var keys = 4
        var pointers = 4 + (bytes.count - 4) / 16 * 8
        guard (1...Self.maximumLevel).contains(level), count > 0, count <= (bytes.count - 4) / 16 else {
            throw bytes.invalid(
                "inode \(inode) has an invalid tree of extents", field: "bb_level = \(level), bb_numrecs = \(count)")
        }
        while level > 0 {
            var low = 0
            var high = count
            while low < high {
                let middle = (low + high) / 2
                if try node.be64(keys + 8 * middle) <= block { low = middle + 1 } else { high = middle }
            }
            if low < count { end = min(end, try node.be64(keys + 8 * low)) }
            // What lies before the first key is a hole; the first leaf says so.
            let pointer = try node.be64(pointers + 8 * max(0, low - 1))
            level -= 1
            node = try volume.metadata(
                at: try volume.place(of: pointer, count: 1), count: volume.superblock.blockSize)
            let magic = try node.be32(0)
            count = Int(try node.be16(6))
            let most = (node.count - headerSize) / 16
            guard magic == (volume.superblock.hasChecksums ? Self.magics.checked : Self.magics.plain),
                Int(try node.be16(4)) == level, count > 0, count <= most
            else {
                throw node.invalid(
                    "inode \(inode) has an invalid tree of extents",
                    field: "bb_magic = 0x\(String(magic, radix: 16)), bb_numrecs = \(count)")
            }
            try volume.verify(node, checksum: 64, uuid: 40, owner: (56, inode))
            keys = headerSize
            pointers = headerSize + most * 8
        }
        return (node, count)
    }
}
