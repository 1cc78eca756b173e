/// What a reflected CRC of 32 bits is computed with, eight bytes at a time.
struct CRCTables: Sendable {
    /// Table `n` at `n << 8`: what a byte does to the sum `n` bytes later.
    private let tables: [UInt32]

    /// Makes the tables of a polynomial, its bits reflected.
    init(polynomial: UInt32) {
        var tables = [UInt32](repeating: 0, count: 8 << 8)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1 }
            tables[byte] = sum
        }
        for index in 256..<(8 << 8) {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        self.tables = tables
    }

    /// The sum after a part of some bytes; what lies outside of them is left out. Nothing is inverted.
    func updated(_ sum: UInt32, with bytes: RawSpan, _ range: Range<Int>) -> UInt32 {
        let range = range.clamped(to: 0..<bytes.byteCount)
        var sum = sum
        var at = range.lowerBound
        // SAFETY: every table index is below 8 × 256, the table's size; every offset is below range.upperBound, which is
        // at most byteCount.
        unsafe tables.span.withUnsafeBufferPointer { table in
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
        return sum
    }
}
