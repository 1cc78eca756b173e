internal import ByteReading

/// A record of a directory.
///
/// ```
///  0  its length          8 bits        25  flags            8 bits: 2 directory, 4 associated, 128 goes on
///  1  attributes' blocks  8 bits        26  interleaving     2 × 8 bits
///  2  first block        32 bits, twice 32  name's length    8 bits
/// 10  length in bytes    32 bits, twice 33  name, a byte to make it even, then the system's use
/// 18  date                7 bytes
/// ```
///
/// Source: ECMA-119, section 9.1.
struct ISORecord {
    /// Where it stands; it is the number of the node.
    var place: UInt64
    var length: Int
    var start: UInt64
    var size: UInt64
    var date: FileTime?
    var flags: UInt8
    var name: [UInt8]
    /// What Rock Ridge stands in.
    var systemUse: Record

    var isDirectory: Bool { flags & 2 != 0 }
    var goesOn: Bool { flags & 0x80 != 0 }
    /// `.` is the byte 0, `..` the byte 1.
    var isDots: Bool { name == [0] || name == [1] }

    /// Reads the record at the beginning of some bytes; nil where its length is 0: no more in this sector.
    static func read(_ bytes: Record, blockSize: UInt64) throws(FormatError) -> ISORecord? {
        let length = Int(try bytes.u8(0))
        if length == 0 { return nil }
        guard length >= 34 else { throw bytes.invalid("a record is too short", field: "Length = \(length)") }
        let record = try bytes.part(0, length)
        let nameLength = Int(try record.u8(32))
        let used = 33 + nameLength + (nameLength & 1 == 0 ? 1 : 0)
        guard try record.u8(26) == 0, try record.u8(27) == 0 else {
            throw FormatError(.unsupported, "iso9660", "an interleaved file", at: record.place + 26)
        }
        // The name may end with the record; then there is no byte to make it even.
        let name = try record.array(33, nameLength)
        let use = min(used, length)
        return ISORecord(
            place: record.place, length: length,
            start: (UInt64(try record.le32(2)) + UInt64(try record.u8(1))) * blockSize,
            size: UInt64(try record.le32(10)), date: try ISOTime.short(record, 18), flags: try record.u8(25),
            name: name,
            systemUse: try record.part(use, length - use))
    }
}

/// The two forms of a time.
enum ISOTime {
    /// Seven bytes: years since 1900, month, day, hour, minute, second, quarters of hours from UTC.
    static func short(_ record: Record, _ at: Int) throws(FormatError) -> FileTime? {
        let fields = try record.array(at, 7).map { Int64($0) }
        guard (1...12).contains(fields[1]), (1...31).contains(fields[2]) else { return nil }
        let days = FATTime.days(year: 1900 + fields[0], month: fields[1], day: fields[2])
        let zone = Int64(Int8(truncatingIfNeeded: fields[6])) * 900
        return FileTime(seconds: days * 86400 + fields[3] * 3600 + fields[4] * 60 + fields[5] - zone)
    }

    /// Seventeen bytes: digits `YYYYMMDDhhmmsscc`, quarters of hours from UTC.
    static func long(_ record: Record, _ at: Int) throws(FormatError) -> FileTime? {
        let digits = try record.array(at, 16)
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: digits[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8), let hour = number(8..<10),
            let minute = number(10..<12), let second = number(12..<14), let hundredths = number(14..<16),
            year > 0, (1...12).contains(month), (1...31).contains(day), (0..<100).contains(hundredths)
        else { return nil }
        let zone = Int64(Int8(bitPattern: try record.u8(at + 16))) * 900
        let seconds =
            FATTime.days(year: year, month: month, day: day) * 86400 + hour * 3600 + minute * 60 + second - zone
        return FileTime(seconds: seconds, nanoseconds: UInt32(hundredths) * 10_000_000)
    }
}
