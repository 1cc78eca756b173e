/// The bytes of one structure on disk with the place they stand at, so that an error about a field names its offset.
public struct FormatBytes: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// The format's name, for errors.
    public let format: String
    /// Where they stand in what was read, in bytes.
    public let offset: UInt64

    /// Bytes that are in memory already.
    public init(_ bytes: [UInt8], of format: String, at offset: UInt64) {
        self.bytes = bytes
        self.format = format
        self.offset = offset
    }

    /// Reads a structure.
    ///
    /// - Parameter count: How many bytes; a caller that takes it from the input bounds it first.
    /// - Throws: ``FormatError``: `truncated` where they are not all there.
    public init(
        reading blocks: any BlockReader, at offset: UInt64, count: Int, of format: String
    ) throws(FormatError) {
        try blocks.requireRange(at: offset, count: count, of: format)
        self.init(try blocks.bytes(at: offset, count: count), of: format, at: offset)
    }

    /// How many bytes there are.
    public var count: Int { bytes.count }

    /// A little-endian integer.
    ///
    /// - Throws: ``FormatError``: `truncated` where it does not lie inside.
    public func little<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, at position: Int
    ) throws(FormatError) -> Value {
        do throws(OutOfBounds) {
            // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
            return try unsafe ByteReader.littleEndian(type, bytes.span.bytes, at: position)
        } catch {
            throw beyond(position, Value.bitWidth / 8)
        }
    }

    /// A big-endian integer.
    ///
    /// - Throws: ``FormatError``: `truncated` where it does not lie inside.
    public func big<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, at position: Int
    ) throws(FormatError) -> Value {
        try little(type, at: position).byteSwapped
    }

    /// A byte.
    public func u8(_ position: Int) throws(FormatError) -> UInt8 { try little(UInt8.self, at: position) }
    /// A little-endian 16-bit integer.
    public func u16(_ position: Int) throws(FormatError) -> UInt16 { try little(UInt16.self, at: position) }
    /// A little-endian 32-bit integer.
    public func u32(_ position: Int) throws(FormatError) -> UInt32 { try little(UInt32.self, at: position) }
    /// A little-endian 64-bit integer.
    public func u64(_ position: Int) throws(FormatError) -> UInt64 { try little(UInt64.self, at: position) }

    /// A run of bytes.
    ///
    /// - Throws: ``FormatError``: `truncated` where it does not lie inside.
    public func slice(at position: Int, count: Int) throws(FormatError) -> ArraySlice<UInt8> {
        guard position >= 0, count >= 0, position <= bytes.count, count <= bytes.count - position else {
            throw beyond(position, count)
        }
        return bytes[position..<position + count]
    }

    /// Whether these bytes stand there; no where they would lie outside.
    public func has(_ magic: [UInt8], at position: Int) -> Bool {
        guard position >= 0, position <= bytes.count, magic.count <= bytes.count - position else { return false }
        return bytes[position..<position + magic.count].elementsEqual(magic)
    }

    /// Whether this text stands there, byte for byte; no where it would lie outside.
    public func has(_ magic: String, at position: Int) -> Bool { has(Array(magic.utf8), at: position) }

    /// The text of a field of fixed width: up to the first NUL, what is not UTF-8 replaced by U+FFFD.
    ///
    /// - Throws: ``FormatError``: `truncated` where the field does not lie inside.
    public func text(at position: Int, count: Int) throws(FormatError) -> String {
        String(decoding: try slice(at: position, count: count).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// An error about a field of this structure, at the field's place.
    public func error(
        _ kind: FormatError.Kind, _ message: String, field: String? = nil, at position: Int = 0,
        specification: String? = nil
    ) -> FormatError {
        FormatError(
            kind, format, message, field: field,
            at: offset.addingReportingOverflow(UInt64(clamping: position)).partialValue, specification: specification)
    }

    private func beyond(_ position: Int, _ count: Int) -> FormatError {
        error(.truncated, "\(count) bytes are wanted at \(position), and there are \(bytes.count) in all", at: position)
    }
}
