/// The CRC-32 of IEEE 802.3, as zlib's `crc32`: GPT, LVM2 and gzip keep it. ``CRC32C`` is the one of ext4 and XFS.
public struct CRC32: Sendable {
    /// The one polynomial, reflected: 0xEDB88320.
    public static let ieee = CRC32(polynomial: 0xedb8_8320)

    /// Eight tables of 256 entries each: what a byte does that stands 0 to 7 bytes before the end of a group of eight.
    private let tables: [UInt32]

    private init(polynomial: UInt32) {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var register = UInt32(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ polynomial : register >> 1 }
            tables[byte] = register
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        self.tables = tables
    }

    /// The checksum as it is usually written: the register begins as all ones, and is inverted at the end.
    public func checksum(_ bytes: RawSpan) -> UInt32 { ~updated(~0, with: bytes) }

    /// The checksum of an array; see ``checksum(_:)``.
    public func checksum(_ bytes: [UInt8]) -> UInt32 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe checksum(bytes.span.bytes)
    }

    /// The register after more bytes, inverted neither before nor after: for formats that begin or end otherwise, and for
    /// bytes that come in pieces.
    public func updated(_ register: UInt32, with bytes: RawSpan) -> UInt32 {
        var register = register
        let table = tables.span
        let count = bytes.byteCount
        var offset = 0
        while count - offset >= 8 {
            // SAFETY: offset + 8 <= count.
            let low = UInt32(
                littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
            // SAFETY: offset + 8 <= count.
            let high = UInt32(
                littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset + 4, as: UInt32.self))
            let first = register ^ low
            register =
                table[7 * 256 + Int(first & 0xff)] ^ table[6 * 256 + Int(first >> 8 & 0xff)]
                ^ table[5 * 256 + Int(first >> 16 & 0xff)] ^ table[4 * 256 + Int(first >> 24)]
            register ^=
                table[3 * 256 + Int(high & 0xff)] ^ table[2 * 256 + Int(high >> 8 & 0xff)]
                ^ table[256 + Int(high >> 16 & 0xff)] ^ table[Int(high >> 24)]
            offset += 8
        }
        while offset < count {
            // SAFETY: offset < count.
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            register = register >> 8 ^ table[Int((register ^ UInt32(byte)) & 0xff)]
            offset += 1
        }
        return register
    }

    /// The register after the bytes of an array; see ``updated(_:with:)``.
    public func updated(_ register: UInt32, with bytes: [UInt8]) -> UInt32 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe updated(register, with: bytes.span.bytes)
    }
}
