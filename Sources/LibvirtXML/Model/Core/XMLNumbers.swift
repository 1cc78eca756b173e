/// Numbers as libvirt reads them (`virStrToLong_ull`), without a way to overflow.
enum XMLNumbers {
    /// Digits only, white space around them allowed.
    static func decimal(_ text: String) -> UInt64? { digits(trimmed(text.utf8), radix: 10) }

    /// Digits with a sign.
    static func signed(_ text: String) -> Int? {
        var utf8 = trimmed(text.utf8)
        guard utf8.first == UInt8(ascii: "-") else { return digits(utf8, radix: 10).flatMap { Int(exactly: $0) } }
        utf8 = utf8.dropFirst()
        // A second sign is none.
        guard utf8.first != UInt8(ascii: "+"), let size = digits(utf8, radix: 10) else { return nil }
        if size == UInt64(Int.max) &+ 1 { return Int.min }
        return Int(exactly: size).map { -$0 }
    }

    /// As C writes numbers: `16`, `0x10`, `020`.
    static func c(_ text: String) -> UInt64? {
        let utf8 = trimmed(text.utf8)
        guard utf8.first == UInt8(ascii: "0"), utf8.count > 1 else { return digits(utf8, radix: 10) }
        let rest = utf8.dropFirst()
        if let mark = rest.first, mark == UInt8(ascii: "x") || mark == UInt8(ascii: "X") {
            let digits = rest.dropFirst()
            return digits.first == UInt8(ascii: "+") ? nil : Self.digits(digits, radix: 16)
        }
        return rest.first == UInt8(ascii: "+") ? nil : digits(rest, radix: 8)
    }

    static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    static func trimmed(_ text: String.UTF8View) -> Substring.UTF8View {
        var text = text[...]
        while let first = text.first, XMLCharacters.isSpace(first) { text = text.dropFirst() }
        while let last = text.last, XMLCharacters.isSpace(last) { text = text.dropLast() }
        return text
    }

    static func digits(_ text: Substring.UTF8View, radix: UInt64) -> UInt64? {
        let text = text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        guard !text.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in text {
            guard let digit = digit(byte), digit < radix else { return nil }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: radix)
            let (sum, stillTooLarge) = product.addingReportingOverflow(digit)
            guard !tooLarge, !stillTooLarge else { return nil }
            value = sum
        }
        return value
    }

    static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte) - 0x30
        case 0x41...0x46: UInt64(byte) - 0x41 + 10
        case 0x61...0x66: UInt64(byte) - 0x61 + 10
        default: nil
        }
    }
}
