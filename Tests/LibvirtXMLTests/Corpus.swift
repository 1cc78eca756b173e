import Foundation

/// libvirt's own documents, where KVMCHECK_CORPUS names the folder that holds them.
enum Corpus {
    struct Entry: Sendable {
        var path: String
        var root: String
        var schema: String
        var verdict: String
        var kind: String
    }

    static var folder: URL? {
        ProcessInfo.processInfo.environment["KVMCHECK_CORPUS"].map { URL(filePath: $0).appending(path: "libvirt") }
    }

    static var isThere: Bool { folder != nil }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let folder else { return [] }
        return try [UInt8](Data(contentsOf: folder.appending(path: path)))
    }

    /// The rows of MANIFEST.csv.
    static func entries() throws -> [Entry] {
        guard let folder else { return [] }
        let text = try String(contentsOf: folder.appending(path: "MANIFEST.csv"), encoding: .utf8)
        return text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
            let fields = fields(of: line)
            guard fields.count >= 6 else { return nil }
            return Entry(path: fields[0], root: fields[1], schema: fields[3], verdict: fields[4], kind: fields[5])
        }
    }

    private static func fields(of line: Substring) -> [String] {
        var (fields, isQuoted) = ([""], false)
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}

/// Foreign programs that are asked the same.
enum Foreign {
    struct Output {
        var status: Int32
        var output: [UInt8]
        var error: String
    }

    static func run(_ program: String, _ arguments: [String], input: [UInt8]? = nil) throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = ["in", "out", "err"].map { folder.appending(path: $0) }
        for name in names { try Data(name.lastPathComponent == "in" ? input ?? [] : []).write(to: name) }
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try process.run()
        process.waitUntilExit()
        return try Output(
            status: process.terminationStatus, output: [UInt8](Data(contentsOf: names[1])),
            error: String(decoding: Data(contentsOf: names[2]), as: UTF8.self))
    }
}
