internal import ByteReading
internal import Evidence

/// An entry of a FAT directory, with the long name before it.
///
/// ```
///  0  name          11 bytes, 8.3; 0xe5 deleted, 0 the end, 0x05 stands for 0xe5
/// 11  attributes     8 bits: 1 read-only, 2 hidden, 4 system, 8 label, 16 directory, 32 archive
/// 12  case           8 bits: 8 the name, 16 the extension is lower case
/// 13  made          tenths of seconds 0…199, time 16 bits, date 16 bits
/// 18  read          date 16 bits
/// 20  cluster       high 16 bits (FAT32)
/// 22  written       time 16 bits, date 16 bits
/// 26  cluster       low 16 bits
/// 28  size          32 bits
/// ```
///
/// A long name stands in entries before it, the last part first: number (0x40 the last), 5 + 6 + 2 UTF-16 units at 1, 14
/// and 28, attributes 0x0f, and at 13 a checksum of the short name. Source: FAT specification 1.03, sections 6 and 7.
struct FATEntry {
    var shortName: [UInt8]
    var longName: [UInt16]?
    var attributes: UInt8
    var caseFlags: UInt8
    var cluster: UInt32
    var size: UInt32
    /// Where it stands in the volume; it is the number of the node.
    var place: UInt64
    var created: FileTime?
    var modified: FileTime?
    var accessed: FileTime?

    var isDirectory: Bool { attributes & 0x10 != 0 }
    var isLabel: Bool { attributes & 0x08 != 0 }
    /// `.` and `..`.
    var isDots: Bool { shortName == Array(".          ".utf8) || shortName == Array("..         ".utf8) }

    /// The name as Linux shows it with `utf8` and the default `shortname=mixed`: the long one, or the short one with the case
    /// of its flags. Source: the kernel's fs/fat/dir.c, `fat_parse_short`.
    var name: [UInt8] {
        if let longName { return Array(String(decoding: longName, as: UTF16.self).utf8) }
        var base = Array(shortName[..<8].trimmingSpaces)
        var suffix = Array(shortName[8..<11].trimmingSpaces)
        if base.first == 0x05 { base[0] = 0xe5 }
        if caseFlags & 0x08 != 0 { base = base.map(Self.lower) }
        if caseFlags & 0x10 != 0 { suffix = suffix.map(Self.lower) }
        return CodePage437.utf8(suffix.isEmpty ? base : base + [UInt8(ascii: ".")] + suffix)
    }

    /// The short name with its dot, as it is stored: a file can be asked for by either of its names.
    var plainShortName: [UInt8] {
        let base = shortName[..<8].trimmingSpaces
        let suffix = shortName[8..<11].trimmingSpaces
        return CodePage437.utf8(suffix.isEmpty ? Array(base) : base + [UInt8(ascii: ".")] + suffix)
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte + 0x20 : byte }
}

/// Puts together the entries of a directory: long names, and what ends it.
struct FATEntryParser {
    private var units: [UInt16] = []
    private var expected: UInt8 = 0
    private var checksum: UInt8 = 0

    /// What a record of 32 bytes comes to.
    enum Outcome {
        case end
        case nothing
        case entry(FATEntry)
    }

    mutating func next(_ record: Record, isFAT32: Bool) throws(FormatError) -> Outcome {
        let first = try record.u8(0)
        let attributes = try record.u8(11)
        if first == 0 { return .end }
        if first == 0xe5 {
            expected = 0
            return .nothing
        }
        if attributes & 0x3f == 0x0f {
            try addPart(record, number: first)
            return .nothing
        }
        let short = try record.array(0, 11)
        let sum = short.reduce(UInt8(0)) { ($0 >> 1 | $0 << 7) &+ $1 }
        // The parts are whole when the first of them, number 1, came last.
        let isLong = expected == 1 && sum == checksum && !units.isEmpty
        expected = 0
        let high = isFAT32 ? UInt32(try record.le16(20)) : 0
        return .entry(
            FATEntry(
                shortName: short, longName: isLong ? units : nil, attributes: attributes,
                caseFlags: try record.u8(12), cluster: high << 16 | UInt32(try record.le16(26)),
                size: try record.le32(28), place: record.place,
                created: FATTime.time(date: try record.le16(16), time: try record.le16(14), tenths: try record.u8(13)),
                modified: FATTime.time(date: try record.le16(24), time: try record.le16(22), tenths: 0),
                accessed: FATTime.time(date: try record.le16(18), time: 0, tenths: 0)))
    }

    private mutating func addPart(_ record: Record, number: UInt8) throws(FormatError) {
        let part = number & 0x3f
        let sum = try record.u8(13)
        if number & 0x40 != 0 {
            // 20 parts of 13 units: 255 units are the longest name.
            guard (1...20).contains(part) else {
                expected = 0
                return
            }
            units = []
            checksum = sum
        } else if expected != part + 1 || sum != checksum {
            expected = 0
            return
        }
        var piece: [UInt16] = []
        for place in [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] {
            let unit = try record.le16(place)
            if unit == 0 { break }
            piece.append(unit)
        }
        units = piece + units
        expected = part
    }
}

/// Dates and times of FAT, which are local; they are taken for UTC, as with the kernel's option `tz=UTC`.
enum FATTime {
    /// - Parameters:
    ///   - date: Day in bits 0–4, month in 5–8, years since 1980 in 9–15.
    ///   - time: Two seconds in bits 0–4, minute in 5–10, hour in 11–15.
    ///   - tenths: Hundredths of a second, 0…199.
    static func time(date: UInt16, time: UInt16, tenths: UInt8) -> FileTime? {
        let day = Int64(date & 0x1f)
        let month = Int64(date >> 5 & 0xf)
        guard day >= 1, (1...12).contains(month) else { return nil }
        let days = Self.days(year: 1980 + Int64(date >> 9), month: month, day: day)
        let clock = Int64(time >> 11) * 3600 + Int64(time >> 5 & 0x3f) * 60 + Int64(time & 0x1f) * 2
        return FileTime(
            seconds: days * 86400 + clock + Int64(tenths) / 100, nanoseconds: UInt32(tenths % 100) * 10_000_000)
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        // March is the first month of the counted year, so that the leap day is its last.
        let counted = month > 2 ? year : year - 1
        let era = (counted >= 0 ? counted : counted - 399) / 400
        let ofEra = counted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}

extension RandomAccessCollection where Element == UInt8 {
    /// Without the spaces that a field of fixed width is filled with.
    var trimmingSpaces: SubSequence {
        var rest = self[...]
        while rest.last == 0x20 { rest.removeLast() }
        return rest
    }
}

/// The character set that short names are read in: Linux's default (`CONFIG_FAT_DEFAULT_CODEPAGE`).
enum CodePage437 {
    /// The characters of 0x80 to 0xff. Source: unicode.org, MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT.
    private static let upper = Array(
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
            .unicodeScalars)

    static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            let index = Int(byte) - 0x80
            if index < 0 { text.append(byte) } else { text += Array(String(Character(upper[index])).utf8) }
        }
        return text
    }
}
