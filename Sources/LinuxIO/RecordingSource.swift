@_spi(Probing) public import Evidence
internal import Synchronization

/// A source that passes every question on and keeps the answers, so that a capture holds exactly what was asked.
public final class RecordingSource<Base: Source>: Source {
    private let base: Base
    private let recorded = Mutex(Capture())

    /// Makes a recorder in front of a source.
    public init(_ base: Base) {
        self.base = base
    }

    /// All that was asked so far, and what was answered.
    public var capture: Capture { recorded.withLock { $0 } }

    /// The content of a file; see ``Evidence/Source/read(_:limit:)``.
    public func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        let answer = base.read(path, limit: limit)
        recorded.withLock { capture in
            switch answer.state {
            case .known(let content): capture.files[path] = Redaction.redacted(content)
            case .absent: capture.records[path, default: .init()].content = .absent(from: answer.provenance)
            case .unknown(let obstacle):
                capture.records[path, default: .init()].content = .unknown(obstacle, from: answer.provenance)
            }
        }
        return answer
    }

    /// The names in a directory; see ``Evidence/Source/entries(_:)``.
    public func entries(_ path: String) -> Observation<[String]> {
        let answer = base.entries(path)
        recorded.withLock { $0.records[path, default: .init()].entries = answer }
        return answer
    }

    /// The target of a link; see ``Evidence/Source/link(_:)``.
    public func link(_ path: String) -> Observation<String> {
        let answer = base.link(path)
        recorded.withLock { $0.records[path, default: .init()].link = answer }
        return answer
    }

    /// What stands at a path; see ``Evidence/Source/metadata(_:)``.
    public func metadata(_ path: String) -> Observation<FileMetadata> {
        let answer = base.metadata(path)
        recorded.withLock { $0.records[path, default: .init()].metadata = answer }
        return answer
    }

    /// The text after a mark; see ``Evidence/Source/text(after:in:limit:)``.
    public func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        let answer = base.text(after: mark, in: path, limit: limit)
        recorded.withLock { $0.records[path, default: .init()].excerpts[mark] = answer }
        return answer
    }
}
