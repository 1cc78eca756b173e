public import Evidence
internal import Synchronization

/// A source that asks each question once: probes of several areas read the same files, and must not see two states of
/// one of them in the same report.
public final class CachingSource<Base: Source>: Source {
    private let base: Base
    private let answers = Mutex(Answers())

    private struct Answers {
        var contents: [String: (limit: Int, answer: Observation<[UInt8]>)] = [:]
        var entries: [String: Observation<[String]>] = [:]
        var metadata: [String: Observation<FileMetadata>] = [:]
    }

    /// Makes a cache in front of a source.
    public init(_ base: Base) {
        self.base = base
    }

    /// The content of a file; see ``Evidence/Source/read(_:limit:)``.
    public func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        if let known = answers.withLock({ $0.contents[path] }), known.limit == limit { return known.answer }
        let answer = base.read(path, limit: limit)
        answers.withLock { $0.contents[path] = (limit, answer) }
        return answer
    }

    /// The names in a directory; see ``Evidence/Source/entries(_:)``.
    public func entries(_ path: String) -> Observation<[String]> {
        if let known = answers.withLock({ $0.entries[path] }) { return known }
        let answer = base.entries(path)
        answers.withLock { $0.entries[path] = answer }
        return answer
    }

    /// What stands at a path; see ``Evidence/Source/metadata(_:)``.
    public func metadata(_ path: String) -> Observation<FileMetadata> {
        if let known = answers.withLock({ $0.metadata[path] }) { return known }
        let answer = base.metadata(path)
        answers.withLock { $0.metadata[path] = answer }
        return answer
    }

    /// The target of a link; see ``Evidence/Source/link(_:)``.
    public func link(_ path: String) -> Observation<String> { base.link(path) }

    /// The text after a mark; see ``Evidence/Source/text(after:in:limit:)``.
    public func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        base.text(after: mark, in: path, limit: limit)
    }
}
