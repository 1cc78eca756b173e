import ByteReading
import Testing

/// The examples of RFC 3720, appendix B.4, and the check value that every catalogue of CRCs has.
struct CRC32CTests {
    private static let examples: [(bytes: [UInt8], sum: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        ([UInt8](0...31), 0x46dd_794e),
        ([UInt8]((0...31).reversed()), 0x113f_db5c),
        ([UInt8]("123456789".utf8), 0xe306_9283),
        ([], 0),
    ]

    @Test(arguments: examples)
    func `the sum is the one of the RFC`(bytes: [UInt8], expected: UInt32) {
        var sum = CRC32C()
        sum.add(bytes)
        #expect(sum.inverted == expected)
    }

    @Test func `a sum in pieces is the sum of the whole, wherever it is cut`() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
        var whole = CRC32C()
        whole.add(bytes)
        for cut in 0...200 {
            var sum = CRC32C()
            sum.add(bytes, 0..<cut)
            var rest = CRC32C(seed: sum.register)
            rest.add(bytes, cut..<1000)
            #expect(rest.register == whole.register)
        }
    }

    @Test func `an integer adds its little-endian bytes`() {
        var one = CRC32C()
        one.add(littleEndian: UInt32(0x0403_0201))
        var other = CRC32C()
        other.add([1, 2, 3, 4])
        #expect(one.register == other.register)
    }
}
