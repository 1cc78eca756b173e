/// Bytes that can be read at any offset: a file, a block device, the disk inside an image, a partition of it, a volume.
///
/// Readers are stacked: the disk of a qcow2 image reads from a file, a logical volume from partitions, a file system from
/// a volume. None of them writes.
public protocol BlockReader: Sendable {
    /// How many bytes there are.
    var size: UInt64 { get }

    /// What is at an offset, and how far the answer goes: a hole of a sparse file, a cluster that is not allocated. A reader
    /// that does not know says `data` to its end.
    ///
    /// - Throws: ``FormatError`` where the maps that lead there cannot be read.
    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent

    /// Fills a buffer with the bytes from an offset on.
    ///
    /// - Throws: ``FormatError``: `truncated` where the range does not lie inside `0..<size`, or what lies below fails.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError)
}

/// A run of bytes of one kind.
public struct BlockExtent: Sendable, Hashable {
    /// What reading there gives.
    public enum Kind: Sendable, Hashable {
        /// Bytes that are stored.
        case data
        /// Zeros that are not stored.
        case zero
    }

    /// What reading there gives.
    public var kind: Kind
    /// How many bytes it goes on for, at least 1 inside the reader.
    public var length: UInt64

    /// Makes an extent.
    public init(_ kind: Kind, length: UInt64) {
        self.kind = kind
        self.length = length
    }
}

extension BlockReader {
    /// Data to the end.
    public func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        BlockExtent(.data, length: size > offset ? size - offset : 0)
    }

    /// The bytes of a range.
    ///
    /// - Parameter count: How many; a caller that takes it from the input bounds it first.
    /// - Throws: ``FormatError`` as ``read(at:into:)``.
    public func bytes(at offset: UInt64, count: Int) throws(FormatError) -> [UInt8] {
        try requireRange(at: offset, count: count, of: "read")
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        // SAFETY: `mutableBytes` is unsafe for elements with padding; a byte has none.
        var raw = unsafe span.mutableBytes
        try read(at: offset, into: &raw)
        return bytes
    }

    /// Fills a part of a buffer with the bytes from an offset on.
    ///
    /// - Parameter part: The part, inside `0..<buffer.byteCount`.
    /// - Throws: ``FormatError`` as ``read(at:into:)``.
    public func read(
        at offset: UInt64, into buffer: inout MutableRawSpan, part: Range<Int>
    ) throws(FormatError) {
        if part == 0..<buffer.byteCount { return try read(at: offset, into: &buffer) }
        var slice = buffer._mutatingExtracting(part)
        try read(at: offset, into: &slice)
    }

    /// Fills a part of a buffer with zeros, as the bytes of a hole; what lies outside of the buffer is left out.
    public func fillZero(_ buffer: inout MutableRawSpan, part: Range<Int>) {
        let part = part.clamped(to: 0..<buffer.byteCount)
        // SAFETY: the part lies inside the buffer, clamped above; a byte is stored as it is.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            let zeros = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[part])
            unsafe _ = zeros.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    /// Refuses a range that does not lie inside.
    ///
    /// - Throws: ``FormatError`` of the kind `truncated`.
    public func requireRange(at offset: UInt64, count: Int, of format: String) throws(FormatError) {
        guard count >= 0, offset <= size, UInt64(count) <= size - offset else {
            throw FormatError(
                .truncated, format, "\(count) bytes are wanted, and there are \(size > offset ? size - offset : 0)",
                at: offset)
        }
    }
}

/// A part of another reader: a partition, the data of a fixed VHD, a member of a tar file.
public struct BlockSlice: BlockReader {
    private let whole: any BlockReader
    /// Where it begins, in bytes of the whole.
    public let start: UInt64
    /// How many bytes there are.
    public let size: UInt64

    /// Makes a slice; what lies beyond the whole is not in it.
    public init(_ whole: any BlockReader, start: UInt64, size: UInt64) {
        self.whole = whole
        self.start = min(start, whole.size)
        self.size = min(size, whole.size - self.start)
    }

    /// The whole's extent, cut to the slice.
    public func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        var extent = try whole.extent(at: start + offset)
        extent.length = min(extent.length, size - offset)
        return extent
    }

    /// The whole's bytes.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "slice")
        try whole.read(at: start + offset, into: &buffer)
    }
}

/// Bytes in memory, for tests and for what was unpacked.
public struct MemoryBlocks: BlockReader {
    private let content: [UInt8]

    /// Makes a reader of bytes.
    public init(_ content: [UInt8]) { self.content = content }

    /// How many bytes there are.
    public var size: UInt64 { UInt64(content.count) }

    /// Copies bytes.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "memory")
        // Inside an array, so it fits an Int.
        let start = Int(offset)
        buffer.copy(content[start...])
    }
}
