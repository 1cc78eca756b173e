import Facts
import LinuxIO
import Rules
import Testing

@_spi(Probing) @testable import Evidence
@testable import HostProbes
@testable import KVMCheckKit

/// A source in which one file holds something else than it should.
private struct Corrupted<Base: Source>: Source {
    enum Kind: CaseIterable {
        case empty
        case binary
        case unreadable
        case nonsense
        case endless
        case numbers
    }

    let base: Base
    let path: String
    let kind: Kind

    func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        guard path == self.path else { return base.read(path, limit: limit) }
        switch kind {
        case .empty: return .known([], from: .file(path))
        case .binary: return .known([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xff, 0x0a, 0x00, 0x80], from: .file(path))
        case .unreadable: return .unknown(Obstacle(.notRegularFile, path, "a FIFO"), from: .file(path))
        case .nonsense:
            return .known(
                Array(": = x\n::::\n=\n-1 -2\n\t\n[a]\n,,-,\n99999999999999999999\n\"\n'\n{".utf8), from: .file(path))
        case .endless: return .known(Array(repeating: 0x61, count: 65536), from: .file(path))
        case .numbers:
            return .known(
                Array("18446744073709551615 -9223372036854775808 9223372036854775807\n".utf8), from: .file(path))
        }
    }

    func entries(_ path: String) -> Observation<[String]> { base.entries(path) }
    func link(_ path: String) -> Observation<String> { base.link(path) }
    func metadata(_ path: String) -> Observation<FileMetadata> { base.metadata(path) }
    func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        base.text(after: mark, in: path, limit: limit)
    }
}

/// Whatever stands in a file that a probe reads, the rules say so, or nothing: never `pass` or `fail` by garbage.
struct GarbageTests {
    @Test(.timeLimit(.minutes(5)))
    func `garbage in any file read turns verdicts into unknown and into nothing else`() {
        let recorder = RecordingSource(TreeSource.live)
        let answers = HostProbes.liveAnswers()
        let before = verdicts(HostProbes.facts(from: recorder, answers: answers))
        let paths = recorder.capture.files.keys.sorted()
        #expect(paths.count > 10)
        for path in paths {
            for kind in Corrupted<TreeSource>.Kind.allCases {
                let source = Corrupted(base: TreeSource.live, path: path, kind: kind)
                // That this returns at all is the first half of the test: no parser may trap.
                let after = verdicts(HostProbes.facts(from: source, answers: answers))
                guard [.binary, .unreadable].contains(kind) else { continue }
                for (id, verdict) in after where verdict != before[id] && verdict != .unknown {
                    // A rule whose parent is now undecided may itself come to the fore.
                    if before[id] == .notApplicable { continue }
                    Issue.record("\(kind) in \(path): \(id) says \(verdict), before \(before[id] ?? .unknown)")
                }
            }
        }
    }

    private func verdicts(_ facts: HostFacts) -> [String: Verdict] {
        Dictionary(
            uniqueKeysWithValues: Engine.evaluate(HostCatalogue.all, on: facts).map { ($0.rule.id, $0.verdict) })
    }
}
