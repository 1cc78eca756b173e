@_spi(Probing) public import Evidence

/// What a recorder saw of a host's files: contents, and everything else that was asked of paths.
public struct Capture: Sendable {
    /// The contents of the files that were read, secrets taken out, by path.
    public var files: [String: [UInt8]] = [:]
    /// The other answers, by path.
    public var records: [String: Record] = [:]

    /// What was answered about one path, apart from its content.
    public struct Record: Sendable, Codable {
        /// Why there is no content: proven absence, or an obstacle.
        public var content: Observation<String>?
        /// The names in the directory.
        public var entries: Observation<[String]>?
        /// The target of the link.
        public var link: Observation<String>?
        /// What stands there.
        public var metadata: Observation<FileMetadata>?
        /// Texts found after marks, by mark.
        public var excerpts: [String: Observation<String>] = [:]

        /// About which nothing was asked.
        public init() {}
    }

    /// An empty capture.
    public init() {}
}

/// Answers from a capture that kvmcheck made: exactly what was answered on the machine, and `notCaptured` to anything
/// that was not asked there.
public struct CaptureSource<Files: Source>: Source {
    private let files: Files
    private let records: [String: Capture.Record]

    /// Makes a source from the captured files and the records that go with them.
    ///
    /// - Parameter files: Holds the captured contents; a path that it lacks must not count as absent.
    public init(files: Files, records: [String: Capture.Record]) {
        self.files = files
        self.records = records
    }

    /// The content of a file; see ``Evidence/Source/read(_:limit:)``.
    public func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        records[path]?.content.map { $0.map { Array($0.utf8) } } ?? files.read(path, limit: limit)
    }

    /// The names in a directory; see ``Evidence/Source/entries(_:)``.
    public func entries(_ path: String) -> Observation<[String]> {
        records[path]?.entries ?? notAsked(path)
    }

    /// The target of a link; see ``Evidence/Source/link(_:)``.
    public func link(_ path: String) -> Observation<String> {
        records[path]?.link ?? notAsked(path)
    }

    /// What stands at a path; see ``Evidence/Source/metadata(_:)``.
    public func metadata(_ path: String) -> Observation<FileMetadata> {
        records[path]?.metadata ?? notAsked(path)
    }

    /// The text after a mark; see ``Evidence/Source/text(after:in:limit:)``.
    public func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        records[path]?.excerpts[mark] ?? notAsked(path)
    }

    private func notAsked<Value>(_ path: String) -> Observation<Value> {
        .unknown(Obstacle(.notCaptured, path), from: .file(path))
    }
}
