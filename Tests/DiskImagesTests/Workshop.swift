import Foundation
import Testing

/// A temporary folder with the foreign tools at hand; it goes with its owner.
final class Workshop {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-images-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file of the folder.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Runs a tool in the folder; what it prints.
    @discardableResult
    func run(_ tool: String, _ arguments: String...) throws -> String { try run(tool, arguments) }

    /// Runs a tool in the folder; what it prints.
    @discardableResult
    func run(_ tool: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.currentDirectoryURL = URL(filePath: path)
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(tool) \(arguments.joined(separator: " ")): \(complaint)")
        return text
    }

    /// Runs shell commands in the folder.
    @discardableResult
    func shell(_ script: String) throws -> String { try run("bash", ["-euc", script]) }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: file(name))))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    /// Puts bytes into a file, in place.
    func patch(_ name: String, at offset: UInt64, _ bytes: [UInt8]) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: file(name)))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}

/// An integer's bytes, the highest first.
func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { [UInt8]($0) }
}

/// An integer's bytes, the lowest first.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { big(value).reversed() }
