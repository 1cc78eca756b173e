import Foundation
import Testing

/// `kvmcheck host`: exit codes, formats, colours, and what becomes of its output.
struct HostTests {
    @Test func `exit codes follow verdict, threshold and policy`() throws {
        let tree = try CapturedTree()
        func code(_ words: String...) throws -> Int32 {
            try Tool.run(program: Tool.path, ["host", "--root", tree.path] + words, environment: [:], to: .capture).code
        }
        // /dev is in the tree and kvm is not in it: KVH001 (error) fails.
        #expect(try code("--select", "KVH001") == 1)
        // KVH014 (note) fails: /sys/module is in the tree and empty.
        #expect(try code("--select", "KVH015") == 0)
        // Only a running kernel could tell.
        #expect(try code("--select", "KVH020") == 3)
        #expect(try code("--select", "KVH020", "--unknown", "fail") == 1)
        #expect(try code("--select", "KVH020", "--unknown", "pass") == 0)
        #expect(try code("--select", "KVH001,KVH020", "--unknown", "pass") == 1)
        #expect(try code("--select", "KVH", "--ignore", "KVH") == 0)
    }

    @Test func `JSON is read by a reader that knows nothing of it, and names its source`() throws {
        let tree = try CapturedTree()
        let result = try Tool.run("host", "--root", tree.path, "--format", "json")
        let top = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(top["schemaVersion"] as? String == "1.0")
        let time = try #require(top["generatedAt"] as? String)
        let date = try #require(ISO8601DateFormatter().date(from: time))
        #expect(abs(date.timeIntervalSinceNow) < 600)
        let report = try #require((top["reports"] as? [[String: Any]])?.first)
        #expect(report["verdict"] as? String == "blocked")
        let subject = try #require(report["subject"] as? [String: Any])
        #expect(subject["kind"] as? String == "host")
        #expect(subject["source"] as? String == tree.path)
        #expect(subject["name"] as? String == "node9")
    }

    @Test func `a name with control characters is written out`() throws {
        let tree = try CapturedTree(named: "\u{1b}[31m\u{9b}1m")
        let result = try Tool.run("host", "--root", tree.path)
        #expect(result.output.hasPrefix("host node9 · from"))
        #expect(result.output.contains(#"\x1b[31m\x9b1m"#))
        #expect(!result.output.contains("\u{1b}"))
    }

    @Test func `colours are written only where they are asked for or seen`() throws {
        let tree = try CapturedTree()
        func output(_ choice: String?, _ environment: [String: String] = [:]) throws -> String {
            let words = ["host", "--root", tree.path] + (choice.map { ["--color", $0] } ?? [])
            return try Tool.run(program: Tool.path, words, environment: environment, to: .capture).output
        }
        #expect(try !output(nil).contains("\u{1b}["))
        #expect(try !output("auto").contains("\u{1b}["))
        #expect(try !output("never").contains("\u{1b}["))
        #expect(try output("always").contains("\u{1b}[31mFAIL\u{1b}[0m"))
        // What is asked for on the command line wins.
        #expect(try output("always", ["NO_COLOR": "1", "TERM": "dumb"]).contains("\u{1b}["))
    }

    @Test(.enabled(if: Tool.has("script")))
    func `a terminal gets colours, unless NO_COLOR is set or it is dumb`() throws {
        let tree = try CapturedTree()
        func output(_ environment: [String: String]) throws -> String {
            // script(1) gives the command a terminal.
            try Tool.bash(
                "script -qec 'kvmcheck host --root \(tree.path)' /dev/null </dev/null", environment: environment
            )
            .output
        }
        #expect(try output(["TERM": "xterm"]).contains("\u{1b}[31mFAIL"))
        #expect(try output(["TERM": "xterm", "NO_COLOR": ""]).contains("\u{1b}[31mFAIL"))
        #expect(try !output(["TERM": "xterm", "NO_COLOR": "1"]).contains("\u{1b}["))
        #expect(try !output(["TERM": "dumb"]).contains("\u{1b}["))
        #expect(try output(["TERM": "dumb", "NO_COLOR": "0"]).contains("FAIL"))
    }

    @Test(.enabled(if: Tool.has("script")))
    func `lines are as wide as the terminal`() throws {
        let tree = try CapturedTree()
        let result = try Tool.bash(
            "script -qec 'stty cols 64; kvmcheck host --verbose --root \(tree.path)' /dev/null </dev/null",
            environment: ["TERM": "dumb", "COLUMNS": "200"])
        let lines = result.output.split(whereSeparator: \.isNewline)
        #expect(lines.count > 10)
        // Beyond it go only commands, which stand in the column of fixes, and words without a space.
        for line in lines where line.count > 64 {
            let text = line.drop { $0 == " " }
            #expect(line.hasPrefix("                ") || text.hasPrefix("fix ") || !text.contains(" "), "\(line)")
        }
    }

    @Test func `a reader that goes away changes neither the code nor the peace`() throws {
        let tree = try CapturedTree()
        for words in [["host", "--root", tree.path], ["rules"], ["man"], ["host", "--help"]] {
            let whole = try Tool.run(program: Tool.path, words, environment: [:], to: .capture)
            let cut = try Tool.run(program: Tool.path, words, environment: [:], to: .closedPipe)
            #expect(cut.exited)
            #expect(cut.code == whole.code)
            #expect(cut.error.isEmpty)
        }
        let piped = try Tool.bash("kvmcheck man | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}")
        #expect(piped.output == "0\n")
        #expect(piped.error.isEmpty)
    }

    @Test(arguments: [["host", "--select", "KVH015", "--no-run"], ["rules"], ["--version"], ["man"]])
    func `a full disk is a fault, and is told`(words: [String]) throws {
        let result = try Tool.run(program: Tool.path, words, environment: [:], to: .file("/dev/full"))
        #expect(result.code == 2)
        #expect(result.error.contains("standard output cannot be written"))
        #expect(result.error.contains("ENOSPC"))
    }

    @Test func `a file that may not grow is a fault, and not a signal`() throws {
        // The limit holds for every file, so what is complained of goes through a pipe.
        let script = "file=$(mktemp); (ulimit -f 0; kvmcheck rules 2>&1 >$file; echo $?) | cat; rm $file"
        let result = try Tool.bash(script)
        #expect(result.output.hasSuffix("\n2\n"))
        #expect(result.output.contains("EFBIG"))
    }

    @Test func `a standard output that is closed is a fault, and nothing is written elsewhere`() throws {
        let result = try Tool.bash("kvmcheck host --no-run --select KVH015 >&-; echo $?")
        #expect(result.output == "2\n")
        #expect(result.error.contains("EBADF"))
        // Nor does a closed standard error, or all three, bring it down.
        #expect(try Tool.bash("kvmcheck --version 2>&- <&-; echo $?").output.hasSuffix("\n0\n"))
        #expect(try Tool.bash("(kvmcheck host --zzz >&- 2>&- <&-); echo $?").output == "2\n")
    }

    @Test func `the running machine is judged without a crash, whatever it is`() throws {
        let result = try Tool.run("host", "--format", "json")
        #expect(result.exited)
        #expect([0, 1, 3].contains(result.code))
        let quiet = try Tool.run("host", "--quiet", "--no-run")
        #expect(quiet.exited)
        #expect(!quiet.output.contains("PASS"))
    }
}
