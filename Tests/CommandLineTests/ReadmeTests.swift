import Foundation
import Testing

/// README is run: every console block gives what stands below its command, and what is generated is up to date.
///
/// `KVMCHECK_RECORD=1` writes the outputs into README anew, and fails.
@Suite(.serialized)
struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let file = root.appending(path: "README.md")
    private static let isRecording = ProcessInfo.processInfo.environment["KVMCHECK_RECORD"] == "1"

    /// A command of a console block, and the lines that README prints below it.
    private struct Example {
        var command: String
        var range: Range<Int>
        var expected: [String]
    }

    private func lines() throws -> [String] {
        try String(contentsOf: Self.file, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The commands of all console blocks, with the line numbers of what they print.
    private func examples(_ lines: [String]) -> [Example] {
        var examples: [Example] = []
        var isInside = false
        for (number, line) in lines.enumerated() {
            if line == "```console" {
                isInside = true
            } else if line == "```" {
                isInside = false
            } else if isInside && line.hasPrefix("$ ") {
                let end = lines[(number + 1)...].firstIndex { $0 == "```" || $0.hasPrefix("$ ") } ?? lines.count
                examples.append(
                    Example(
                        command: String(line.dropFirst(2)), range: number + 1..<end,
                        expected: Array(lines[(number + 1)..<end])))
            }
        }
        return examples
    }

    private func output(of command: String) throws -> [String] {
        let result = try Tool.bash("cd '\(Self.root.path)' && \(command)", environment: ["COLUMNS": "100"])
        #expect(result.error.isEmpty, "\(command): \(result.error)")
        var lines = result.output.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    @Test func `every console block prints what README says`() throws {
        var lines = try lines()
        let examples = examples(lines)
        #expect(examples.count >= 4)
        for example in examples.reversed() {
            let actual = try output(of: example.command)
            if Self.isRecording {
                lines.replaceSubrange(example.range, with: actual)
            } else {
                #expect(actual == example.expected, "\(example.command)")
            }
        }
        try record(lines)
    }

    @Test(arguments: [
        ("rules", "kvmcheck rules --format markdown"),
        ("differences", "cat Tests/KVMCheckKitTests/Parity/Recorded/differences.md"),
    ])
    func `what is generated is up to date`(section: String, command: String) throws {
        var lines = try lines()
        let start = try #require(lines.firstIndex(of: "<!-- \(section) -->"))
        let end = try #require(lines.firstIndex(of: "<!-- /\(section) -->"))
        let actual = try output(of: command)
        if Self.isRecording {
            lines.replaceSubrange(start + 1..<end, with: actual)
        } else {
            let isSame = actual == Array(lines[start + 1..<end])
            #expect(isSame, "record README anew")
        }
        try record(lines)
    }

    @Test func `there are two set-up commands, and CI runs the second`() throws {
        let lines = try lines()
        let shells = lines.indices.filter { lines[$0] == "```sh" }.map { lines[$0 + 1] }
        #expect(shells.count == 2)
        #expect(shells.first?.hasSuffix(".build/release/kvmcheck host") == true)
        let script = try String(contentsOf: Self.root.appending(path: ".ci/run"), encoding: .utf8)
        #expect(script.components(separatedBy: "\n").contains(try #require(shells.last)))
    }

    private func record(_ lines: [String]) throws {
        guard Self.isRecording else { return }
        try Data(lines.joined(separator: "\n").utf8).write(to: Self.file)
        Issue.record("README was recorded; look at the difference and run again without KVMCHECK_RECORD")
    }
}
