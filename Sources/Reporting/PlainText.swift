/// Text from a machine or a caller, made fit for a terminal.
public enum PlainText {
    /// The text with everything that a terminal would act on written out: controls as `\x1b`, and what reorders or
    /// breaks lines unseen as `\u{202e}`. A line break is such a control too.
    public static func escaped(_ text: String) -> String {
        // Most text is printable ASCII, and looking at bytes is cheaper than anything else.
        if isPrintableASCII(text) { return text }
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            guard isUnsafe(scalar) else {
                result.unicodeScalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            result += scalar.value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
        }
        return result
    }

    /// Whether a terminal would act on it.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e: false
        case 0...0x1f, 0x7f...0x9f: true
        // Line and paragraph separators, and the controls of bidirectional text (Unicode TR 36, 3.1.1).
        case 0x2028...0x202e, 0x2066...0x2069, 0x200e, 0x200f, 0x061c: true
        // Byte order mark and tag characters: invisible, and made to hide text.
        case 0xfeff, 0xe0000...0xe007f: true
        default: false
        }
    }

    private static func isPrintableASCII(_ text: String) -> Bool {
        let bytes = text.utf8.span
        var isPrintable = true
        // Without a way out before its end the loop can be made of vector instructions.
        for index in bytes.indices { isPrintable = isPrintable && bytes[index] &- 0x20 < 0x5f }
        return isPrintable
    }

    /// How many columns the text takes: two for each wide character, none for a combining mark.
    public static func columns(_ text: String) -> Int {
        if isPrintableASCII(text) { return text.utf8.count }
        var count = 0
        for character in text {
            let scalar = character.unicodeScalars.first?.value ?? 0
            count += isWide(scalar) ? 2 : 1
        }
        return count
    }

    /// The blocks that Unicode's EastAsianWidth.txt (15.1) calls W or F, rounded to blocks.
    private static func isWide(_ scalar: UInt32) -> Bool {
        switch scalar {
        case ..<0x1100: false
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff: true
        case 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff: true
        case 0x20000...0x3fffd: true
        default: false
        }
    }

    /// Breaks a text at spaces into lines of at most `columns`; a longer word stands alone, unbroken, so that commands
    /// and paths can be copied.
    public static func wrapped(_ text: String, columns: Int) -> [String] {
        if !text.isEmpty && self.columns(text) <= columns { return [text] }
        var lines: [String] = []
        var line = ""
        var used = 0
        // Cut at bytes: finding the boundaries of characters would cost more than all the rest.
        for part in text.utf8.split(separator: UInt8(ascii: " ")) {
            let word = String(Substring(part))
            let width = self.columns(word)
            if used > 0 && used + 1 + width > columns {
                lines.append(line)
                (line, used) = ("", 0)
            }
            line += used == 0 ? word : " " + word
            used += used == 0 ? width : width + 1
        }
        if used > 0 { lines.append(line) }
        return lines
    }
}
