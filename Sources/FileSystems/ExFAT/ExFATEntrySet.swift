internal import ByteReading

/// A file of exFAT: a set of entries of 32 bytes that follow each other.
///
/// ```
/// 0x85 file             1 further entries, 2 checksum, 4 attributes, 8 made, 12 written, 16 read (32 bits each),
///                       20 and 21 hundredths of seconds, 22…24 offsets from UTC in quarters of hours, bit 7: told
/// 0xc0 stream           1 flags: 2 no chain in the FAT; 3 length of the name, 4 hash of the name, 8 length that is written,
///                       20 first cluster, 24 length
/// 0xc1 name             2 fifteen UTF-16 units
/// ```
///
/// Source: exFAT specification, sections 7.4 to 7.7.
struct ExFATEntrySet {
    var name: [UInt16]
    var attributes: UInt16
    var isContiguous: Bool
    var cluster: UInt32
    var validSize: UInt64
    var size: UInt64
    var place: UInt64
    var created: FileTime?
    var modified: FileTime?
    var accessed: FileTime?

    var isDirectory: Bool { attributes & 0x10 != 0 }
    var nameBytes: [UInt8] { Array(String(decoding: name, as: UTF16.self).utf8) }

    /// Puts a set together from its records, of which the first is the one of 0x85.
    static func read(_ records: [Record]) throws(FormatError) -> ExFATEntrySet {
        guard let file = records.first, records.count >= 3 else {
            throw FormatError(.invalid, "exfat", "a file has too few entries", at: records.first?.place)
        }
        var sum: UInt16 = 0
        for (number, record) in records.enumerated() {
            for (index, byte) in record.array.enumerated() where number > 0 || (index != 2 && index != 3) {
                sum = (sum >> 1 | sum << 15) &+ UInt16(byte)
            }
        }
        let stored = try file.le16(2)
        guard sum == stored else {
            throw file.invalid(
                "the checksum of a file's entries does not fit",
                field: "SetChecksum = 0x\(String(stored, radix: 16)) (is 0x\(String(sum, radix: 16)))", at: 2)
        }
        let stream = records[1]
        guard try stream.u8(0) == 0xc0 else { throw stream.invalid("a file without the entry of its bytes") }
        let length = Int(try stream.u8(3))
        var name: [UInt16] = []
        for record in records[2...] where try record.u8(0) == 0xc1 {
            for index in 0..<15 where name.count < length { name.append(try record.le16(2 + 2 * index)) }
        }
        guard name.count == length, length > 0 else {
            throw stream.invalid("a name is shorter than it says", field: "NameLength = \(length)", at: 3)
        }
        return ExFATEntrySet(
            name: name, attributes: try file.le16(4), isContiguous: try stream.u8(1) & 2 != 0,
            cluster: try stream.le32(20), validSize: try stream.le64(8), size: try stream.le64(24), place: file.place,
            created: time(try file.le32(8), hundredths: try file.u8(20), zone: try file.u8(22)),
            modified: time(try file.le32(12), hundredths: try file.u8(21), zone: try file.u8(23)),
            accessed: time(try file.le32(16), hundredths: 0, zone: try file.u8(24)))
    }

    private static func time(_ stamp: UInt32, hundredths: UInt8, zone: UInt8) -> FileTime? {
        var time = FATTime.time(
            date: UInt16(truncatingIfNeeded: stamp >> 16), time: UInt16(truncatingIfNeeded: stamp), tenths: hundredths)
        if zone & 0x80 != 0 {
            // Seven bits with a sign.
            let quarters = Int64(Int8(bitPattern: zone << 1) >> 1)
            time?.seconds -= quarters * 900
        }
        return time
    }
}
