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
        let range = range.clamped(to: 0..<bytes.byteCount)
        var sum = register
        var at = range.lowerBound
        // SAFETY: every table index is below 8 × 256, the table's size; every offset is below range.upperBound, which is
        // at most byteCount.
        unsafe Self.tables.span.withUnsafeBufferPointer { table in
            while range.upperBound - at >= 8 {
                let stored = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self)
                let word = UInt64(littleEndian: stored) ^ UInt64(sum)
                sum = unsafe table[7 << 8 | Int(word & 0xff)]
                sum ^= unsafe table[6 << 8 | Int(word >> 8 & 0xff)]
                sum ^= unsafe table[5 << 8 | Int(word >> 16 & 0xff)]
                sum ^= unsafe table[4 << 8 | Int(word >> 24 & 0xff)]
                sum ^= unsafe table[3 << 8 | Int(word >> 32 & 0xff)]
                sum ^= unsafe table[2 << 8 | Int(word >> 40 & 0xff)]
                sum ^= unsafe table[1 << 8 | Int(word >> 48 & 0xff)]
                sum ^= unsafe table[Int(word >> 56)]
                at += 8
            }
            while at < range.upperBound {
                let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
                sum = unsafe sum >> 8 ^ table[Int((UInt8(truncatingIfNeeded: sum) ^ byte))]
                at += 1
            }
        }
        register = sum
    }

    /// Adds an integer as its little-endian bytes.
    public mutating func add<Value: FixedWidthInteger & UnsignedInteger>(littleEndian value: Value) {
        var bytes: [UInt8] = []
        for index in 0..<(Value.bitWidth / 8) { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        add(bytes)
    }

    /// Table `n` at `n << 8`: what a byte does to the sum `n` bytes later.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 << 8)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
            tables[byte] = sum
        }
        for index in 256..<(8 << 8) {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return tables
    }()
}
