internal import ByteReading

/// The extent tree of an ext4 inode: where each run of blocks lies.
///
/// ```
/// header  0 magic 0xf30a, entries | 4 max, depth | 8 generation
/// index   0 block | 4 leaf_lo | 8 leaf_hi, unused                (depth > 0)
/// extent  0 block | 4 len, start_hi | 8 start_lo                 (depth 0; len above 32768 is never written: len - 32768)
/// ```
/// Source: Linux, Documentation/filesystems/ext4/ifork.rst, "Extent Tree".
struct ExtExtentMap: FileMap {
    let volume: ExtVolume
    let inode: ExtInode

    /// No tree of 2³² blocks needs more levels (`EXT4_MAX_EXTENT_DEPTH`).
    private static let maximumDepth = 5
    private static let magic: UInt16 = 0xf30a

    func run(at offset: UInt64) throws(FormatError) -> FileRun {
        let blockSize = UInt64(volume.superblock.blockSize)
        let block = offset / blockSize
        let inside = offset % blockSize
        var node = try inode.blockField()
        var end: UInt64 = 1 << 32
        guard block < end else { return FileRun(place: nil, length: .max - offset) }
        var depth = try header(of: node, expected: nil)
        while depth > 0 {
            let count = Int(try node.le16(2))
            let index = try last(in: node, count: count, notAfter: block)
            if index + 1 < count { end = min(end, UInt64(try node.le32(12 * (index + 2)))) }
            guard index >= 0 else { return hole(to: end, from: offset) }
            let at = 12 * (index + 1)
            let child = UInt64(try node.le32(at + 4)) | UInt64(try node.le16(at + 8)) << 32
            node = try volume.block(child)
            depth = try header(of: node, expected: depth - 1)
            try verify(node)
        }
        let count = Int(try node.le16(2))
        let index = try last(in: node, count: count, notAfter: block)
        if index + 1 < count { end = min(end, UInt64(try node.le32(12 * (index + 2)))) }
        guard index >= 0 else { return hole(to: end, from: offset) }
        let at = 12 * (index + 1)
        let first = UInt64(try node.le32(at))
        let stored = UInt64(try node.le16(at + 4))
        let length = stored > 32768 ? stored - 32768 : stored
        guard block - first < length else { return hole(to: end, from: offset) }
        let rest = (length - (block - first)) * blockSize - inside
        if stored > 32768 { return FileRun(place: nil, length: rest) }
        let start = UInt64(try node.le32(at + 8)) | UInt64(try node.le16(at + 6)) << 32
        let place = try volume.place(of: start, count: length)
        return FileRun(place: place + (block - first) * blockSize + inside, length: rest)
    }

    private func hole(to end: UInt64, from offset: UInt64) -> FileRun {
        let place = end * UInt64(volume.superblock.blockSize)
        return FileRun(place: nil, length: place > offset ? place - offset : 1)
    }

    /// The depth, after a look at the header.
    private func header(of node: Record, expected: Int?) throws(FormatError) -> Int {
        let depth = Int(try node.le16(6))
        let entries = Int(try node.le16(2))
        let maximum = Int(try node.le16(4))
        guard try node.le16(0) == Self.magic, depth <= Self.maximumDepth, depth == expected ?? depth,
            entries <= maximum, maximum <= (node.count - 12) / 12, entries > 0 || expected == nil
        else {
            throw node.invalid(
                "inode \(inode.number) has an invalid extent tree",
                field: "eh_entries = \(entries), eh_max = \(maximum), eh_depth = \(depth)")
        }
        return depth
    }

    /// The last entry that begins at a block or before it; -1 where there is none. Entries are sorted.
    private func last(in node: Record, count: Int, notAfter block: UInt64) throws(FormatError) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if UInt64(try node.le32(12 * (middle + 1))) <= block { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    private func verify(_ node: Record) throws(FormatError) {
        guard volume.superblock.hasChecksums else { return }
        let tail = 12 + 12 * Int(try node.le16(4))
        var sum = inode.seed
        sum.add(node.bytes, node.range.lowerBound..<(node.range.lowerBound + tail))
        guard try node.le32(tail) == sum.register else {
            throw node.invalid("the checksum of an extent block does not fit", field: "et_checksum", at: tail)
        }
    }
}
