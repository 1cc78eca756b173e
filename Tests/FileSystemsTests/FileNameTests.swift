import FileSystems
import Testing

/// Names as bytes and as text: the way back always ends where it began.
struct FileNameTests {
    @Test(arguments: ["fstab", "dev-disk-by\\x2dlabel.swap", "Grüße", "e\u{301}", "日本語", "🐧", "a b\n", ""])
    func `a name in UTF-8 stands as it is`(name: String) {
        #expect(Array(FileName.text(of: Array(name.utf8)).utf8) == Array(name.utf8))
        #expect(FileName.bytes(of: name) == Array(name.utf8))
    }

    @Test func `bytes that are not UTF-8 become private-use characters and come back`() {
        #expect(FileName.text(of: [0x63, 0xe9, 0x2e]) == "c\u{efe9}.")
        let names: [[UInt8]] = [
            [0xff], [0xc3], [0xc3, 0xc3, 0xa9], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80],
            [0xe2, 0x82],
            [0x80, 0x41, 0xe2, 0x82, 0xac, 0xfe], Array("\u{ef80}\u{efff}x".utf8), Array("\u{ee80}\u{f000}".utf8),
            [0xf0, 0x9f, 0x90, 0x41],
        ]
        for name in names { #expect(FileName.bytes(of: FileName.text(of: name)) == name) }
    }

    @Test func `any bytes come back, and no two names have the same text`() {
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        var state = seed
        var texts: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var bytes: [UInt8] = []
            for index in 0..<Int(state >> 60) {
                let part = state >> (8 * UInt64(index % 7))
                // Mostly bytes that begin, continue or break a sequence; three of them make an escape's own bytes.
                bytes.append(
                    [0xee, 0xbe, 0xbf, 0x80, 0xc3, 0xff, 0x41, UInt8(truncatingIfNeeded: part >> 3)][Int(part & 7)])
            }
            let text = FileName.text(of: bytes)
            #expect(FileName.bytes(of: text) == bytes, "seed \(seed)")
            #expect(texts.updateValue(bytes, forKey: Array(text.utf8)) ?? bytes == bytes, "seed \(seed)")
        }
    }
}
