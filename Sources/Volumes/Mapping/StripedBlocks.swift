public import ByteReading

/// Readers between which the bytes go round: `dm-stripe`, and RAID 0 of LVM2.
public struct StripedBlocks: BlockReader {
    private let stripes: [any BlockReader]
    private let stripeSize: UInt64
    /// How many bytes there are.
    public let size: UInt64

    /// Takes stripes, of which each must hold its share.
    ///
    /// - Parameters:
    ///   - stripeSize: How many bytes come from one before the next has its turn; at least 1.
    ///   - size: How many bytes there are in all.
    init(_ stripes: [any BlockReader], stripeSize: UInt64, size: UInt64) {
        self.stripes = stripes
        self.stripeSize = max(1, stripeSize)
        self.size = stripes.isEmpty ? 0 : size
    }

    /// The extent of the stripe that has its turn, to the end of the turn.
    public func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        let place = place(of: offset)
        let rest = min(stripeSize - offset % stripeSize, size - offset)
        guard place.offset < stripes[place.stripe].size else { return BlockExtent(.data, length: rest) }
        var extent = try stripes[place.stripe].extent(at: place.offset)
        extent.length = min(extent.length, rest)
        return extent
    }

    /// The stripes' bytes.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "striped volume")
        var done = 0
        while done < buffer.byteCount {
            let place = place(of: offset + UInt64(done))
            let count = Int(min(UInt64(buffer.byteCount - done), stripeSize - place.offset % stripeSize))
            try stripes[place.stripe].read(at: place.offset, into: &buffer, part: done..<done + count)
            done += count
        }
    }

    private func place(of offset: UInt64) -> (stripe: Int, offset: UInt64) {
        let turn = offset / stripeSize
        let count = UInt64(stripes.count)
        // Less than the count of stripes, and less than the offset.
        return (Int(turn % count), turn / count * stripeSize + offset % stripeSize)
    }
}
