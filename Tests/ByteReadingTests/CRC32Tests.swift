import ByteReading
import Testing

/// Check values of the catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC, CRC-32/ISCSI) and of RFC 3720, B.4.
struct CRC32Tests {
    private let digits = Array("123456789".utf8)

    @Test func `the check values of the catalogue come out`() {
        #expect(CRC32.ieee.checksum(digits) == 0xcbf4_3926)
        #expect(CRC32.castagnoli.checksum(digits) == 0xe306_9283)
    }

    @Test func `the examples of RFC 3720 come out`() {
        #expect(CRC32.castagnoli.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32.castagnoli.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32.castagnoli.checksum(Array(0..<32)) == 0x46dd_794e)
        #expect(CRC32.castagnoli.checksum(Array((0..<32).reversed())) == 0x113f_db5c)
    }

    @Test func `pieces give what the whole gives`() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
            let first = CRC32.ieee.updated(~0, with: Array(bytes[..<cut]))
            #expect(~CRC32.ieee.updated(first, with: Array(bytes[cut...])) == CRC32.ieee.checksum(bytes))
        }
    }
}
