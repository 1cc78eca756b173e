/// A piece of an image with its offset there: a header, an entry of a table. Its fields are read by their places, and one
/// that does not lie inside is a ``FormatError``.
public struct Fields: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// What they are said to be in errors: `qcow2`.
    public let format: String
    /// Where the first of them stands in the image.
    public let offset: UInt64

    /// Makes fields of bytes that were read.
    public init(_ bytes: [UInt8], of format: String, at offset: UInt64) {
        self.bytes = bytes
        self.format = format
        self.offset = offset
    }

    /// Reads a piece of an image.
    ///
    /// - Parameter count: How many bytes; a caller that takes it from the input bounds it first.
    /// - Throws: ``FormatError`` where it does not lie inside the image.
    public init(
        _ reader: any BlockReader, of format: String, at offset: UInt64, count: Int
    ) throws(FormatError) {
        try reader.requireRange(at: offset, count: count, of: format)
        self.init(try reader.bytes(at: offset, count: count), of: format, at: offset)
    }

    /// How many bytes there are.
    public var count: Int { bytes.count }

    /// A little-endian integer.
    ///
    /// - Throws: ``FormatError`` of the kind `truncated`.
    public func little<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, at place: Int
    ) throws(FormatError) -> Value {
        do throws(OutOfBounds) {
            // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
            return unsafe try ByteReader.littleEndian(type, bytes.span.bytes, at: place)
        } catch {
            throw truncated(at: place, wanted: error.wanted)
        }
    }

    /// A big-endian integer.
    ///
    /// - Throws: ``FormatError`` of the kind `truncated`.
    public func big<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, at place: Int
    ) throws(FormatError) -> Value {
        try little(type, at: place).byteSwapped
    }

    /// Bytes.
    ///
    /// - Throws: ``FormatError`` of the kind `truncated`.
    public func bytes(at place: Int, count wanted: Int) throws(FormatError) -> ArraySlice<UInt8> {
        guard place >= 0, wanted >= 0, place <= count, wanted <= count - place else {
            throw truncated(at: place, wanted: wanted)
        }
        return bytes[place..<place + wanted]
    }

    /// The text of a field: up to its first NUL, and what is not UTF-8 in it replaced.
    ///
    /// - Throws: ``FormatError`` of the kind `truncated`.
    public func text(at place: Int, count wanted: Int) throws(FormatError) -> String {
        String(decoding: try bytes(at: place, count: wanted).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Whether some bytes stand at a place; false where they would not lie inside.
    public func has(_ wanted: [UInt8], at place: Int) -> Bool {
        guard place >= 0, place <= count, wanted.count <= count - place else { return false }
        return bytes[place..<place + wanted.count].elementsEqual(wanted)
    }

    private func truncated(at place: Int, wanted: Int) -> FormatError {
        FormatError(
            .truncated, format,
            "it ends inside a field: \(wanted) bytes are wanted, and there are \(max(0, count - place))",
            at: offset &+ UInt64(clamping: place))
    }
}
