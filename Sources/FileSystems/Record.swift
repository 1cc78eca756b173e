internal import ByteReading

/// A structure on disk: bytes with their place, whose fields are read one by one. A field outside is an error with the
/// place of the structure, so that no reader has to count before it reads.
struct Record: Sendable {
    /// The bytes it lies in.
    let bytes: [UInt8]
    /// The part of the bytes that is the structure.
    let range: Range<Int>
    /// Where the structure begins in the volume.
    let place: UInt64
    /// The file system's name, for errors.
    let format: String

    init(_ bytes: [UInt8], at place: UInt64, of format: String) {
        self.init(bytes, 0..<bytes.count, at: place, of: format)
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>, at place: UInt64, of format: String) {
        self.bytes = bytes
        self.range = range
        self.place = place
        self.format = format
    }

    /// How long it is, in bytes.
    var count: Int { range.count }

    /// A part, as a structure of its own.
    func part(_ start: Int, _ count: Int) throws(FormatError) -> Record {
        guard start >= 0, count >= 0, start <= self.count, count <= self.count - start else {
            throw outside(start, count)
        }
        let lower = range.lowerBound + start
        return Record(bytes, lower..<(lower + count), at: place &+ UInt64(start), of: format)
    }

    /// A part's bytes.
    func array(_ start: Int, _ count: Int) throws(FormatError) -> [UInt8] {
        Array(bytes[try part(start, count).range])
    }

    /// All of its bytes.
    var array: [UInt8] { Array(bytes[range]) }

    /// The bytes of a text that ends at its first NUL or with its field.
    func text(_ start: Int, _ count: Int) throws(FormatError) -> [UInt8] {
        Array(try array(start, count).prefix { $0 != 0 })
    }

    func u8(_ at: Int) throws(FormatError) -> UInt8 {
        let offset = try offset(of: at, 1)
        // SAFETY: offset(of:_:) gives an offset of one byte inside the bytes.
        return unsafe bytes.span.bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    func le16(_ at: Int) throws(FormatError) -> UInt16 {
        let offset = try offset(of: at, 2)
        // SAFETY: offset(of:_:) gives an offset of two bytes inside the bytes.
        return UInt16(
            littleEndian: unsafe bytes.span.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
    }

    func le32(_ at: Int) throws(FormatError) -> UInt32 {
        let offset = try offset(of: at, 4)
        // SAFETY: offset(of:_:) gives an offset of four bytes inside the bytes.
        return UInt32(
            littleEndian: unsafe bytes.span.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    func le64(_ at: Int) throws(FormatError) -> UInt64 {
        let offset = try offset(of: at, 8)
        // SAFETY: offset(of:_:) gives an offset of eight bytes inside the bytes.
        return UInt64(
            littleEndian: unsafe bytes.span.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    func be16(_ at: Int) throws(FormatError) -> UInt16 { try le16(at).byteSwapped }
    func be32(_ at: Int) throws(FormatError) -> UInt32 { try le32(at).byteSwapped }
    func be64(_ at: Int) throws(FormatError) -> UInt64 { try le64(at).byteSwapped }

    /// Whether the bytes are those of a name that a file can have: not empty, without `/` and NUL.
    var isName: Bool {
        for index in range where bytes[index] == 0 || bytes[index] == UInt8(ascii: "/") { return false }
        return count > 0
    }

    /// Whether the bytes are `.` or `..`.
    var isDot: Bool {
        guard count == 1 || count == 2 else { return false }
        for index in range where bytes[index] != UInt8(ascii: ".") { return false }
        return true
    }

    /// Where in the bytes a field stands that lies inside the structure, and so inside the bytes: loads of several bytes go
    /// without a generic reader, because directories have hundreds of thousands of fields.
    private func offset(of at: Int, _ width: Int) throws(FormatError) -> Int {
        guard at >= 0, at <= count - width else { throw outside(at, width) }
        return range.lowerBound + at
    }

    private func outside(_ start: Int, _ count: Int) -> FormatError {
        FormatError(
            .truncated, format, "\(count) bytes at \(start) are wanted of a structure of \(self.count)", at: place)
    }

    /// An error that names a field of this structure.
    func invalid(
        _ message: String, field: String? = nil, at: Int = 0, specification: String? = nil
    ) -> FormatError {
        FormatError(
            .invalid, format, message, field: field, at: place &+ UInt64(max(0, at)), specification: specification)
    }
}
