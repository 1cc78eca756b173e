internal import ByteReading

/// The text of LVM2: sections in braces, and assignments of numbers, strings and lists of them.
///
/// Source: lvm.conf(5), "SYNTAX"; lvm2, libdm/libdm-config.c.
struct LVMText {
    /// What can stand on the right of `=`.
    enum Value: Hashable {
        case number(Int64)
        case string(String)
        case list([Value])
    }

    /// A section, and the whole file.
    struct Section {
        var name: String
        var values: [(key: String, value: Value)] = []
        var sections: [Section] = []

        func section(_ name: String) -> Section? { sections.first { $0.name == name } }
        func value(_ key: String) -> Value? { values.first { $0.key == key }?.value }

        func string(_ key: String) -> String? {
            guard case .string(let text) = value(key) else { return nil }
            return text
        }

        /// A number that is not negative.
        func number(_ key: String) -> UInt64? {
            guard case .number(let number) = value(key) else { return nil }
            return UInt64(exactly: number)
        }

        func list(_ key: String) -> [Value] {
            switch value(key) {
            case .list(let values): values
            case .some(let single): [single]
            case nil: []
            }
        }

        func strings(_ key: String) -> [String] {
            list(key).compactMap { if case .string(let text) = $0 { text } else { nil } }
        }
    }

    /// Sections may hold sections: a group's volumes' segments are the fourth level.
    private static let depthLimit = 8
    /// Sections and values together; a group of a thousand volumes has some 40,000.
    private static let nodeLimit = 500_000

    private let source: FormatBytes
    private var position = 0
    private var nodes = 0

    /// Parses a text; it ends at its first NUL.
    static func parse(_ source: FormatBytes) throws(FormatError) -> Section {
        var parser = LVMText(source: source)
        return try parser.section("", depth: 0)
    }

    private init(source: FormatBytes) { self.source = source }

    private mutating func section(_ name: String, depth: Int) throws(FormatError) -> Section {
        guard depth <= Self.depthLimit else { throw error("sections stand too deep in each other", .limit) }
        var section = Section(name: name)
        while true {
            guard let byte = skipSpace() else {
                guard depth == 0 else { throw error("the text ends inside a section", .truncated) }
                return section
            }
            if byte == UInt8(ascii: "}") {
                guard depth > 0 else { throw error("a brace closes what was not opened") }
                position += 1
                return section
            }
            try count()
            let key = try identifier()
            switch skipSpace() {
            case UInt8(ascii: "{"):
                position += 1
                section.sections.append(try self.section(key, depth: depth + 1))
            case UInt8(ascii: "="):
                position += 1
                section.values.append((key, try value(isElement: false)))
            default:
                throw error("neither = nor { after “\(key)”")
            }
        }
    }

    private mutating func value(isElement: Bool) throws(FormatError) -> Value {
        try count()
        switch skipSpace() {
        case UInt8(ascii: "\"")?: return .string(try string())
        case UInt8(ascii: "[")? where !isElement:
            position += 1
            return .list(try elements())
        default: return .number(try number())
        }
    }

    private mutating func elements() throws(FormatError) -> [Value] {
        var values: [Value] = []
        while true {
            if skipSpace() == UInt8(ascii: "]") {
                position += 1
                return values
            }
            values.append(try value(isElement: true))
            switch skipSpace() {
            case UInt8(ascii: ",")?: position += 1
            case UInt8(ascii: "]")?: break
            default: throw error("neither , nor ] in a list")
            }
        }
    }

    private mutating func string() throws(FormatError) -> String {
        var content: [UInt8] = []
        position += 1
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = current else { break }
                content.append(escaped)
                position += 1
            default: content.append(byte)
            }
        }
        throw error("the text ends inside a string", .truncated)
    }

    private mutating func number() throws(FormatError) -> Int64 {
        let start = position
        while let byte = current, isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
            position += 1
        }
        let digits = String(decoding: source.bytes[start..<position], as: UTF8.self)
        guard let number = Int64(digits) else { throw error("no value where one must stand") }
        return number
    }

    /// Letters, digits and what LVM2 allows in names: `.`, `_`, `-`, `+`.
    private mutating func identifier() throws(FormatError) -> String {
        let start = position
        while let byte = current,
            isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(byte)
        { position += 1 }
        guard position > start else { throw error("no name where one must stand") }
        return String(decoding: source.bytes[start..<position], as: UTF8.self)
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private var current: UInt8? {
        guard position < source.count, source.bytes[position] != 0 else { return nil }
        return source.bytes[position]
    }

    /// Goes over white space and comments to the byte that is returned; nil at the end.
    private mutating func skipSpace() -> UInt8? {
        while let byte = current {
            if byte == UInt8(ascii: "#") {
                while let byte = current, byte != 0x0a { position += 1 }
            } else if byte == 0x20 || (0x09...0x0d).contains(byte) {
                position += 1
            } else {
                return byte
            }
        }
        return nil
    }

    private mutating func count() throws(FormatError) {
        nodes += 1
        guard nodes <= Self.nodeLimit else { throw error("more sections and values than are read", .limit) }
    }

    private func error(_ message: String, _ kind: FormatError.Kind = .invalid) -> FormatError {
        source.error(kind, message, at: position)
    }
}
