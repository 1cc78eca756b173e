/// Names of files are bytes; paths of ``Evidence/Source`` are Unicode. This is the one, reversible way between them.
///
/// A name that is UTF-8 stands as it is. Every byte that is not part of UTF-8 becomes the private-use character
/// U+EF00 + byte (U+EF80 … U+EFFF); so do the three bytes of such a character where a name really holds one. What comes
/// back from ``bytes(of:)`` is therefore always the name that went into ``text(of:)``. No character that occurs in names
/// of real systems is touched, a backslash (`dev-disk-by\x2dlabel.swap`) included.
public enum FileName {
    /// The name as text.
    public static func text(of bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains(where: isEscape) {
            return text
        }
        var text = String.UnicodeScalarView()
        var iterator = bytes.makeIterator()
        var pending: [UInt8] = []
        // Takes one byte at a time and gives a character out as soon as the bytes at the front are one.
        func escapeFirst() {
            guard let byte = pending.first else { return }
            pending.removeFirst()
            if byte < 0x80 {
                text.append(Unicode.Scalar(byte))
            } else if let escaped = Unicode.Scalar(0xef00 + UInt32(byte)) {
                text.append(escaped)
            }
        }
        func take(_ wanted: Int) -> Bool {
            while pending.count < wanted, let byte = iterator.next() { pending.append(byte) }
            return pending.count >= wanted
        }
        while take(1) {
            let length =
                switch pending[0] {
                case 0xc2...0xdf: 2
                case 0xe0...0xef: 3
                case 0xf0...0xf4: 4
                default: 1
                }
            if length > 1, take(length),
                let scalars = String(validating: pending.prefix(length), as: UTF8.self)?.unicodeScalars,
                let scalar = scalars.first, scalars.count == 1, !isEscape(scalar)
            {
                text.append(scalar)
                pending.removeFirst(length)
            } else {
                escapeFirst()
            }
        }
        return String(text)
    }

    /// The bytes of a name or path that came from ``text(of:)``, or that a person wrote.
    public static func bytes(of text: some StringProtocol) -> [UInt8] {
        guard text.unicodeScalars.contains(where: isEscape) else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if isEscape(scalar) {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return bytes
    }

    private static func isEscape(_ scalar: Unicode.Scalar) -> Bool { (0xef80...0xefff).contains(scalar.value) }
}
