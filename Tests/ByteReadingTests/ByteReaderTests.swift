import Testing

@testable import ByteReading

struct ByteReaderTests {
    private let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88]

    @Test func `integers are read in the order that is named`() throws {
        #expect(try ByteReader.u8(bytes, at: 7) == 0x88)
        #expect(try ByteReader.u16(bytes, at: 0) == 0x0201)
        #expect(try ByteReader.u32(bytes, at: 4) == 0x8807_0605)
        #expect(try ByteReader.u64(bytes, at: 0) == 0x8807_0605_0403_0201)
        #expect(try ByteReader.bigEndian(UInt32.self, bytes.span.bytes, at: 0) == 0x0102_0304)
    }

    @Test func `no read goes past either end`() {
        for offset in [-1, Int.min, 5, 8, 9, Int.max] {
            #expect(throws: OutOfBounds.self) { try ByteReader.u32(bytes, at: offset) }
        }
        #expect(throws: OutOfBounds.self) { try ByteReader.u8([], at: 0) }
    }

    @Test func `what is stored is what is read`() throws {
        var buffer = [UInt8](repeating: 0, count: 12)
        try buffer.store(UInt64(0x1122_3344_5566_7788), at: 4)
        #expect(try ByteReader.u64(buffer, at: 4) == 0x1122_3344_5566_7788)
        #expect(buffer[4] == 0x88)
        #expect(throws: OutOfBounds.self) { try buffer.store(UInt64(1), at: 5) }
        #expect(throws: OutOfBounds.self) { try buffer.store(UInt64(1), at: -1) }
    }
}
