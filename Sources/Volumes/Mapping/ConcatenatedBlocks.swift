public import ByteReading

/// Readers one after the other, as the segments of a logical volume stand.
public struct ConcatenatedBlocks: BlockReader {
    /// A part, where it begins and how long it is said to be; the reader may hold less, where a disk was cut off.
    struct Part: Sendable {
        var start: UInt64
        var size: UInt64
        var blocks: any BlockReader
    }

    /// In the order of their starts, without gaps.
    let parts: [Part]
    /// How many bytes there are.
    public let size: UInt64

    /// Takes parts that follow each other from 0 on.
    init(_ parts: [Part]) {
        self.parts = parts
        size = parts.last.map { $0.start + $0.size } ?? 0
    }

    /// The part's extent.
    public func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size, let part = part(at: offset) else { return BlockExtent(.data, length: 0) }
        let inside = offset - part.start
        guard inside < part.blocks.size else { return BlockExtent(.data, length: part.size - inside) }
        var extent = try part.blocks.extent(at: inside)
        extent.length = min(extent.length, part.size - inside)
        return extent
    }

    /// The parts' bytes.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "logical volume")
        var done = 0
        while done < buffer.byteCount {
            // Inside the volume: the range was checked.
            let place = offset + UInt64(done)
            guard let part = part(at: place) else { return }
            let count = Int(min(UInt64(buffer.byteCount - done), part.size - (place - part.start)))
            try part.blocks.read(at: place - part.start, into: &buffer, part: done..<done + count)
            done += count
        }
    }

    /// The part in which an offset lies: the last that begins at or before it.
    private func part(at offset: UInt64) -> Part? {
        var low = 0
        var high = parts.count
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].start <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? parts[low - 1] : nil
    }
}
