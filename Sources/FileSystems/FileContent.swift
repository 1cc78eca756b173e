public import ByteReading

/// A run of a file's bytes that lie together.
public struct FileRun: Sendable, Hashable {
    /// Where it begins in the volume, in bytes; nil for a hole and for blocks that were never written: zeros.
    public var place: UInt64?
    /// How many bytes it goes on for, at least 1.
    public var length: UInt64

    /// Makes a run.
    public init(place: UInt64?, length: UInt64) {
        self.place = place
        self.length = length
    }
}

/// Knows where the bytes of a file lie: an extent tree, indirect blocks, a chain of clusters.
public protocol FileMap: Sendable {
    /// The run that an offset of the file is in, from that offset on; it may go on beyond the file's end.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the map cannot be read.
    func run(at offset: UInt64) throws(FormatError) -> FileRun
}

/// Runs that are all known, in the file's order: what a chain of clusters or a contiguous file comes to.
public struct RunList: FileMap {
    private let runs: [FileRun]
    private let starts: [UInt64]

    /// Makes a map of runs; beyond the last one there are zeros.
    public init(_ runs: [FileRun]) {
        self.runs = runs
        var starts: [UInt64] = []
        var start: UInt64 = 0
        for run in runs {
            starts.append(start)
            start = start.addingReportingOverflow(run.length).partialValue
        }
        self.starts = starts
    }

    /// Finds the run by halving.
    public func run(at offset: UInt64) throws(FormatError) -> FileRun {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return FileRun(place: nil, length: .max - offset) }
        let run = runs[low - 1]
        let inside = offset - starts[low - 1]
        guard inside < run.length else { return FileRun(place: nil, length: .max - offset) }
        return FileRun(place: run.place.map { $0 &+ inside }, length: run.length - inside)
    }
}

/// The bytes of a file, read from the volume where its map says they lie.
public struct MappedFile<Map: FileMap>: BlockReader {
    private let volume: any BlockReader
    private let map: Map
    /// How many bytes there are.
    public let size: UInt64

    /// Makes the content of a file.
    public init(_ volume: any BlockReader, map: Map, size: UInt64) {
        self.volume = volume
        self.map = map
        self.size = size
    }

    private func run(at offset: UInt64) throws(FormatError) -> FileRun {
        var run = try map.run(at: offset)
        run.length = min(max(run.length, 1), size - offset)
        return run
    }

    /// A hole or what is stored; where the volume has a hole itself, that too.
    public func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        let run = try run(at: offset)
        guard let place = run.place else { return BlockExtent(.zero, length: run.length) }
        let below = try volume.extent(at: place)
        return BlockExtent(below.kind, length: min(max(below.length, 1), run.length))
    }

    /// Reads run after run.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "file")
        var done = 0
        while done < buffer.byteCount {
            let at = offset + UInt64(done)
            let run = try run(at: at)
            // At most what is left of a buffer, so it fits an Int.
            let count = Int(min(run.length, UInt64(buffer.byteCount - done)))
            if let place = run.place {
                try volume.read(at: place, into: &buffer, part: done..<(done + count))
            } else {
                fillZero(&buffer, part: done..<(done + count))
            }
            done += count
        }
    }
}
