/// The CRC-32C (Castagnoli) that ext4, XFS, Btrfs and VHDX keep of their metadata, eight bytes at a time.
///
/// Source: RFC 3720, appendix B.4 (polynomial 0x1EDC6F41, reflected: 0x82F63B78).
public struct CRC32C: Sendable {
    /// The register as it stands, without the final inversion: what the kernel's `crc32c(seed, …)` takes and gives.
    public private(set) var register: UInt32

    /// Starts a sum; all ones unless a seed continues another sum.
    public init(seed: UInt32 = .max) { register = seed }

    /// The sum with its final inversion, as RFC 3720 and XFS write it.
    public var inverted: UInt32 { ~register }

    /// Adds bytes.
    public mutating func add(_ bytes: [UInt8]) { add(bytes, 0..<bytes.count) }

    /// Adds a part of some bytes; what lies outside of them is left out.
    public mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe add(bytes.span.bytes, range)
    }

    /// Adds a part of some bytes; what lies outside of them is left out.
    public mutating func add(_ bytes: RawSpan, _ range: Range<Int>) {
        register = Self.tables.updated(register, with: bytes, range)
    }

    /// Adds an integer as its little-endian bytes.
    public mutating func add<Value: FixedWidthInteger & UnsignedInteger>(littleEndian value: Value) {
        var bytes: [UInt8] = []
        for index in 0..<(Value.bitWidth / 8) { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        add(bytes)
    }

    private static let tables = CRCTables(polynomial: 0x82f6_3b78)
}
