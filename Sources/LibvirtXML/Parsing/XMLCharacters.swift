/// What characters mean in XML: white space, references and line ends.
enum XMLCharacters {
    /// How a piece of text is to be read.
    enum Context {
        /// Between tags: references are resolved, line ends are line feeds.
        case text
        /// In quotes: as text, and white space becomes spaces.
        case attribute
        /// CDATA, comments and instructions: only line ends.
        case literal
    }

    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x09 || byte == 0x0d
    }

    static func hasMark(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>, _ context: Context) -> String {
        String(decoding: decoded(bytes, range, context), as: UTF8.self)
    }

    /// The bytes that a range of a well-formed document means. What is not a reference after all is kept as it stands.
    static func decoded(_ bytes: Span<UInt8>, _ range: Range<Int>, _ context: Context) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        let end = range.upperBound
        while index < end {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x0d:
                if index < end, bytes[index] == 0x0a { index += 1 }
                result.append(context == .attribute ? 0x20 : 0x0a)
            case 0x09 where context == .attribute, 0x0a where context == .attribute:
                result.append(0x20)
            case UInt8(ascii: "&") where context != .literal:
                if let (scalar, next) = reference(bytes, index..<end) {
                    if scalar.value < 0x80 {
                        result.append(UInt8(truncatingIfNeeded: scalar.value))
                    } else {
                        result.append(contentsOf: Array(String(Character(scalar)).utf8))
                    }
                    index = next
                } else {
                    result.append(byte)
                }
            default:
                result.append(byte)
            }
        }
        return result
    }

    /// The character that a reference stands for and the offset behind it; the range starts behind `&`.
    private static func reference(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (Unicode.Scalar, Int)? {
        var end = range.lowerBound
        // Leading zeros may make a reference as long as anybody likes; only the end of the text bounds it.
        while end < range.upperBound, bytes[end] != UInt8(ascii: ";") { end += 1 }
        guard end < range.upperBound, end > range.lowerBound else { return nil }
        var index = range.lowerBound
        if bytes[index] == UInt8(ascii: "#") {
            index += 1
            var radix: UInt32 = 10
            if index < end, bytes[index] == UInt8(ascii: "x") {
                radix = 16
                index += 1
            }
            guard index < end else { return nil }
            var value: UInt32 = 0
            while index < end {
                guard let digit = digit(bytes[index]), digit < radix else { return nil }
                value = value * radix + digit
                if value > 0x10ffff { return nil }
                index += 1
            }
            guard let scalar = Unicode.Scalar(value) else { return nil }
            return (scalar, end + 1)
        }
        guard end - index <= 4 else { return nil }
        var name: UInt32 = 0
        while index < end {
            name = name << 8 | UInt32(bytes[index])
            index += 1
        }
        switch name {
        case 0x6c74: return ("<", end + 1)
        case 0x6774: return (">", end + 1)
        case 0x61_6d70: return ("&", end + 1)
        case 0x6170_6f73: return ("'", end + 1)
        case 0x7175_6f74: return ("\"", end + 1)
        default: return nil
        }
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
