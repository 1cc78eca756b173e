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

    func u8(_ at: Int) throws(FormatError) -> UInt8 { try little(UInt8.self, at) }
    func le16(_ at: Int) throws(FormatError) -> UInt16 { try little(UInt16.self, at) }
    func le32(_ at: Int) throws(FormatError) -> UInt32 { try little(UInt32.self, at) }
    func le64(_ at: Int) throws(FormatError) -> UInt64 { try little(UInt64.self, at) }
    func be16(_ at: Int) throws(FormatError) -> UInt16 { try little(UInt16.self, at).byteSwapped }
    func be32(_ at: Int) throws(FormatError) -> UInt32 { try little(UInt32.self, at).byteSwapped }
    func be64(_ at: Int) throws(FormatError) -> UInt64 { try little(UInt64.self, at).byteSwapped }

    private func little<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, _ at: Int
    ) throws(FormatError) -> Value {
        let width = Value.bitWidth / 8
        guard at >= 0, at <= count - width else { throw outside(at, width) }
        do throws(OutOfBounds) {
            // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
            return unsafe try ByteReader.littleEndian(type, bytes.span.bytes, at: range.lowerBound + at)
        } catch {
            throw outside(at, width)
        }
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
