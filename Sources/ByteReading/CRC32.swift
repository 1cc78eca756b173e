/// The CRC-32 of IEEE 802.3, as zlib's `crc32`: GPT, LVM2 and gzip keep it. ``CRC32C`` is the one of ext4 and XFS.
public struct CRC32: Sendable {
    /// The one polynomial, reflected: 0xEDB88320.
    public static let ieee = CRC32(tables: CRCTables(polynomial: 0xedb8_8320))

    private let tables: CRCTables

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
        tables.updated(register, with: bytes, 0..<bytes.byteCount)
    }

    /// The register after the bytes of an array; see ``updated(_:with:)``.
    public func updated(_ register: UInt32, with bytes: [UInt8]) -> UInt32 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe updated(register, with: bytes.span.bytes)
    }
}
