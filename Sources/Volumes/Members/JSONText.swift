internal import ByteReading

/// JSON as the header of LUKS2 holds it: no more of it than is needed there, and bounded.
///
/// Source: RFC 8259. A `\u` escape of a surrogate pair becomes U+FFFD twice: no name in the header has one.
enum JSONText {
    case object([Member])
    case array([JSONText])
    case text(String)
    case other(String)

    /// LUKS2's own header nests seven deep.
    private static let depthLimit = 16

    struct Member {
        let key: String
        let value: JSONText
    }

    var members: [Member] { if case .object(let members) = self { members } else { [] } }
    var elements: [JSONText] { if case .array(let elements) = self { elements } else { [] } }
    var string: String? { if case .text(let text) = self { text } else { nil } }
    /// A number; 64-bit ones are written as text in LUKS2.
    var number: UInt64? {
        switch self {
        case .text(let text), .other(let text): UInt64(text)
        default: nil
        }
    }

    subscript(key: String) -> JSONText? { members.first { $0.key == key }?.value }

    /// Parses the text, which ends at its first NUL.
    static func parse(_ source: FormatBytes) throws(FormatError) -> JSONText {
        var parser = Parser(source: source)
        return try parser.value(depth: 0)
    }

    private struct Parser {
        let source: FormatBytes
        var position = 0

        var current: UInt8? { position < source.count && source.bytes[position] != 0 ? source.bytes[position] : nil }

        mutating func value(depth: Int) throws(FormatError) -> JSONText {
            guard depth < JSONText.depthLimit else { throw error("values stand too deep in each other") }
            skipSpace()
            switch current {
            case UInt8(ascii: "{")?:
                var members: [Member] = []
                try list(until: UInt8(ascii: "}")) { parser throws(FormatError) in
                    let key = try parser.string()
                    parser.skipSpace()
                    try parser.require(UInt8(ascii: ":"))
                    members.append(Member(key: key, value: try parser.value(depth: depth + 1)))
                }
                return .object(members)
            case UInt8(ascii: "[")?:
                var elements: [JSONText] = []
                try list(until: UInt8(ascii: "]")) { parser throws(FormatError) in
                    elements.append(try parser.value(depth: depth + 1))
                }
                return .array(elements)
            case UInt8(ascii: "\"")?: return .text(try string())
            default:
                let start = position
                while let byte = current, byte == 0x2b || byte == 0x2d || byte == 0x2e || isWord(byte) { position += 1 }
                guard position > start else { throw error("no value where one must stand") }
                return .other(String(decoding: source.bytes[start..<position], as: UTF8.self))
            }
        }

        private func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        }

        private mutating func list(
            until end: UInt8, _ element: (inout Parser) throws(FormatError) -> Void
        ) throws(FormatError) {
            position += 1
            skipSpace()
            if current == end {
                position += 1
                return
            }
            while true {
                skipSpace()
                try element(&self)
                skipSpace()
                if current == end {
                    position += 1
                    return
                }
                try require(UInt8(ascii: ","))
            }
        }

        private mutating func string() throws(FormatError) -> String {
            try require(UInt8(ascii: "\""))
            var content: [UInt8] = []
            while let byte = current {
                position += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    content.append(byte)
                    continue
                }
                guard let escaped = current else { break }
                position += 1
                switch escaped {
                case UInt8(ascii: "n"): content.append(0x0a)
                case UInt8(ascii: "t"): content.append(0x09)
                case UInt8(ascii: "r"): content.append(0x0d)
                case UInt8(ascii: "b"): content.append(0x08)
                case UInt8(ascii: "f"): content.append(0x0c)
                case UInt8(ascii: "u"):
                    let digits = source.bytes[min(position, source.count)..<min(position + 4, source.count)]
                    guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
                    else {
                        throw error("an escape without four digits")
                    }
                    position += 4
                    content += Array(String(Character(Unicode.Scalar(code) ?? "\u{fffd}")).utf8)
                default: content.append(escaped)
                }
            }
            throw error("the text ends inside a string")
        }

        private mutating func require(_ byte: UInt8) throws(FormatError) {
            guard current == byte else { throw error("no \(Character(Unicode.Scalar(byte))) where one must stand") }
            position += 1
        }

        mutating func skipSpace() {
            while let byte = current, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
        }

        private func error(_ message: String) -> FormatError { source.error(.invalid, message, at: position) }
    }
}
