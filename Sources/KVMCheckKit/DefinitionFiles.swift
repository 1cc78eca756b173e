@_spi(Probing) internal import Evidence
internal import LibvirtXML
internal import LinuxIO

/// Documents of libvirt's from files, directories and standard input.
enum DefinitionFiles {
    /// The most that one file may hold: libvirt's own limit on a document is smaller (`VIR_DOMAIN_XML_MAX`, 10 MiB).
    private static let limit = 64 << 20

    /// Whether a word on the command line means a file rather than a name that libvirt knows.
    static func isFile(_ word: String) -> Bool {
        word == "-" || word.utf8.contains(UInt8(ascii: "/")) || word.hasSuffix(".xml")
    }

    /// All documents that a word stands for, in order; what cannot be read is a fault of its own.
    static func documents(_ word: String) -> [Result<XMLDocument, CheckError>] {
        if word == "-" { return parsed(standardInput(), name: "standard input") }
        let source = TreeSource.live
        let metadata = source.metadata(word)
        if metadata.known?.kind == .directory {
            guard let names = source.entries(word).known else {
                return [.failure(fault(word, source.entries(word).obstacle))]
            }
            let files = names.filter { $0.hasSuffix(".xml") }.map { "\(word)/\($0)" }
            return WorkQueue.map(files.count) { file(files[$0]) }.flatMap { $0 }
        }
        return file(word)
    }

    private static func file(_ path: String) -> [Result<XMLDocument, CheckError>] {
        let content = TreeSource.live.read(path, limit: limit)
        return parsed(content, name: path)
    }

    private static func parsed(_ content: Observation<[UInt8]>, name: String) -> [Result<XMLDocument, CheckError>] {
        guard let bytes = content.known else { return [.failure(fault(name, content.obstacle))] }
        return XMLDocument.documents(in: bytes, name: name).map { result in
            result.mapError { error in
                let place = error.line.map { ":\($0)" + (error.column.map { ":\($0)" } ?? "") } ?? ""
                return CheckError(
                    error.message, context: ["\(name)\(place)"] + (error.libraryMessage.map { [$0] } ?? []))
            }
        }
    }

    private static func fault(_ name: String, _ obstacle: Obstacle?) -> CheckError {
        CheckError("cannot read \(name)", context: [obstacle?.description ?? "no such file or directory"])
    }

    private static func standardInput() -> Observation<[UInt8]> {
        do {
            guard let bytes = try FileDescriptor.standardInput().readAll(limit: limit) else {
                return .unknown(Obstacle(.tooLarge, "standard input", "more than \(limit) bytes"))
            }
            return .known(bytes)
        } catch {
            return .unknown(error.obstacle)
        }
    }
}
