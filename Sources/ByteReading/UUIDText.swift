/// UUIDs as text: 16 bytes, lower case, in groups of 4, 2, 2, 2 and 6.
public enum UUIDText {
    /// The bytes in the order in which they stand.
    public static func text(of bytes: some Collection<UInt8>) -> String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }

    /// The same; nil where all bytes are zero, which nothing has for a UUID, or where they are not 16.
    public static func nonZero(_ bytes: some Collection<UInt8>) -> String? {
        bytes.count == 16 && bytes.contains { $0 != 0 } ? text(of: bytes) : nil
    }

    /// Microsoft's and EFI's order: the first three groups are little-endian. Bytes that are not 16 stay as they stand.
    public static func microsoft(_ bytes: some Collection<UInt8>) -> String {
        let bytes = Array(bytes)
        guard bytes.count == 16 else { return text(of: bytes) }
        return text(of: bytes[0..<4].reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8...])
    }
}
