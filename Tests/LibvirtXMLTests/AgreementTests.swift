import Foundation
import LibvirtXML
import Testing

/// Whatever is thrown at them, libxml2 and the index of positions read the same or both refuse.
struct AgreementTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let scraps = [
        "<", ">", "/", "/>", "</", "<a>", "</a>", "<a/>", "<!--", "-->", "--", "<![CDATA[", "]]>", "]]", "<?", "?>",
        "<?p d?>",
        "<!", "&", "&amp;", "&#10;", "&#x41;", "&#0000000065;", "&lt;", "&x;", "'", "\"", "=", " ", "\n", "\r", "\r\n",
        "\t", ":",
        "xmlns", "xmlns:", "xmlns:q='u'", " q:a='1'", " a='1'", " b = \"2\" ", "<q:a>", "é", "😀", "\u{feff}", "\u{85}",
        "\u{2028}",
        "<!DOCTYPE a>", "<?xml version='1.0'?>", "x", "0", "]", "-", "\u{0}", "\u{1}", "xml:space='preserve'",
        "xmlns=''",
    ]

    /// KVMCHECK_FUZZ_ROUNDS=… for more; the seed that failed is printed.
    @Test func `scraps of markup put anywhere are read alike by both`() throws {
        let rounds = ProcessInfo.processInfo.environment["KVMCHECK_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 20_000
        var seeds = [
            HostileTests.everything, "<a/>",
            "<a xmlns='u' xmlns:q='v'><q:b q:c='&#10;'>t&amp;u<![CDATA[v]]>w</q:b><!--x--></a>",
        ].map { Array($0.utf8) }
        if Corpus.isThere {
            seeds += try Corpus.entries().enumerated()
                .filter { $0.offset % 97 == 0 }.map { try Corpus.bytes($0.element.path) }
        }
        var (read, refused) = (0, 0)
        for round in 0..<rounds {
            var dice = Dice(state: UInt64(round))
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let place = Int.random(in: 0...bytes.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0 where place < bytes.count:
                    bytes[place] = UInt8.random(in: 0...255, using: &dice)
                case 1:
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...5, using: &dice)))
                default:
                    bytes.insert(contentsOf: Array(Self.scraps.randomElement(using: &dice)!.utf8), at: place)
                }
            }
            do {
                let document = try XMLDocument(parsing: bytes, name: "round \(round)")
                if !document.bytes.elementsEqual(bytes) {
                    #expect(String(decoding: bytes, as: UTF8.self).contains("encoding"))
                }
                read += 1
            } catch {
                refused += 1
                if error.kind == .internalFault {
                    Issue.record("round \(round): \(error)\n\(String(decoding: bytes, as: UTF8.self).prefix(600))")
                    return
                }
            }
        }
        #expect(read > rounds / 50 && refused > rounds / 10, "\(read) read, \(refused) refused")
    }
}
