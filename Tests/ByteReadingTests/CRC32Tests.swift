import ByteReading
import Testing

/// The check value of the catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC).
struct CRC32Tests {
    private let digits = Array("123456789".utf8)

    @Test func `the check value of the catalogue comes out`() {
        #expect(CRC32.ieee.checksum(digits) == 0xcbf4_3926)
    }

    @Test func `pieces give what the whole gives`() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
            let first = CRC32.ieee.updated(~0, with: Array(bytes[..<cut]))
            #expect(~CRC32.ieee.updated(first, with: Array(bytes[cut...])) == CRC32.ieee.checksum(bytes))
        }
    }
}
