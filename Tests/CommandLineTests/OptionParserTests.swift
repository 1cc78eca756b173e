import Testing

@testable import kvmcheck

/// What calls the parser inside this process. getopt_long keeps its state in globals, so these run one after the other.
@Suite(.serialized)
enum InProcess {}

extension InProcess {
    /// The parser itself.
    struct OptionParserTests {
        private static let plain = Option("plain", short: "p", "x")
        private static let value = Option("value", short: "v", takes: .text("X"), "x")
        private static let list = Option("list", short: "l", takes: .text("X"), isRepeatable: true, "x")

        private func parse(_ words: String...) throws -> Arguments {
            let operand = Operand(placeholder: "X", kind: .rule, isRequired: false, help: "x")
            return try OptionParser(
                name: "x", options: [Self.plain, Self.value, Self.list], operands: [operand, operand]
            ).parse(words)
        }

        @Test func `all ways to write an option are one`() throws {
            for words in [["--value", "a"], ["--value=a"], ["-va"], ["-v", "a"], ["-pva"], ["--val", "a"]] {
                let arguments = try OptionParser(name: "x", options: [Self.plain, Self.value], operands: []).parse(
                    words)
                #expect(arguments.last(Self.value) == "a", "\(words)")
            }
        }

        @Test func `the last value counts, and all of a repeatable option`() throws {
            let arguments = try parse("-v", "a", "--list", "1", "--value=b", "-l2")
            #expect(arguments.all(Self.value) == ["b"])
            #expect(arguments.all(Self.list) == ["1", "2"])
            #expect(!arguments.has(Self.plain))
        }

        @Test func `operands keep their order, and two dashes end the options`() throws {
            #expect(try parse("a", "-p", "b").operands == ["a", "b"])
            #expect(try parse("--", "-p", "-").operands == ["-p", "-"])
            #expect(try parse("-").operands == ["-"])
        }

        @Test func `a second run starts afresh`() throws {
            #expect(throws: Failure.self) { try parse("-pz") }
            #expect(try parse("-p", "a").operands == ["a"])
        }

        @Test func `no command line brings it down`() {
            // The same ten thousand lines each time: a linear congruential generator (Knuth's MMIX constants).
            var state: UInt64 = 20_261_120
            func next(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            let words = [
                "-", "--", "---", "-p", "-pp", "-pv", "-v", "-vx", "--value", "--value=", "--value=x", "--v", "--p=",
                "--=", "--=x",
                "-=", "-?", "-:", "-+", "-W", "-Wp", "", " ", "x", "é", "-é", "-pé", "--é", "\u{1b}", "-\u{1b}",
                "--list", "-l", "-ll",
            ]
            for _ in 0..<10_000 {
                let line = (0..<next(6)).map { _ in words[next(words.count)] }
                let parser = OptionParser(
                    name: "x", options: [Self.plain, Self.value, Self.list],
                    operands: [Operand(placeholder: "X", kind: .rule, isRequired: false, help: "x")],
                    stopsAtOperand: next(2) == 0)
                do {
                    let arguments = try parser.parse(line)
                    #expect(arguments.values.count + arguments.operands.count <= line.count)
                } catch {
                    #expect(!error.message.isEmpty && !error.text.contains("\u{1b}"))
                }
            }
        }

        @Test func `values of any bytes come through`() throws {
            #expect(try parse("--value", "ü 你好 \u{1b}").last(Self.value) == "ü 你好 \u{1b}")
            #expect(try parse("--value", "--plain").last(Self.value) == "--plain")
        }
    }
}

struct NearestTests {
    @Test(arguments: [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("hsot", "host", 1)])
    func `the distance is the optimal string alignment`(left: String, right: String, distance: Int) {
        #expect(Nearest.distance(left, right) == distance)
        #expect(Nearest.distance(right, left) == distance)
    }

    @Test func `nothing is offered that is not near`() {
        #expect(Nearest.matches("zzzzzz", among: ["host", "rules"]) == [])
        #expect(Nearest.matches("KVH01", among: ["KVH001", "KVH010", "KVH999"]) == ["KVH010", "KVH001"])
    }
}

struct MomentTests {
    /// Against date(1): `date -u -d @N +%FT%TZ`.
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_795_191_255, "2026-11-20T16:14:15Z"),
    ])
    func `a moment is RFC 3339 in UTC`(seconds: Int, text: String) {
        #expect(Moment.text(seconds) == text)
    }
}
