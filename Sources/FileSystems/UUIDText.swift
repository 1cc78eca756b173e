/// A UUID as `blkid` writes it: lower case, in groups of 4, 2, 2, 2 and 6 bytes.
enum UUIDText {
    /// The text; nil where all bytes are zero, which no file system has for a UUID.
    static func text(of bytes: [UInt8]) -> String? {
        guard bytes.count == 16, bytes.contains(where: { $0 != 0 }) else { return nil }
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }
}
