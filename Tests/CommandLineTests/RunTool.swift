import Foundation
import Testing

/// Runs the built `kvmcheck` as a process, as a user's shell would.
enum Tool {
    /// What a run came to.
    struct Result {
        var code: Int32
        var output: String
        var error: String
        /// Whether the process ended by itself, and not by a signal.
        var exited: Bool
    }

    /// Where a run's standard output goes.
    enum Destination {
        case capture
        case file(String)
        /// A pipe that nobody reads.
        case closedPipe
    }

    /// The binary beside the test bundle: both stand in the same build folder.
    static var path: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
            // A helper of the toolchain may run the tests; then the build folder is that of the bundle it was given.
            for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
                folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
            }
            let tool = folder.appendingPathComponent("kvmcheck").path
            try #require(FileManager.default.isExecutableFile(atPath: tool), "\(tool) is not built")
            return tool
        }
    }

    /// Runs it, with an environment that holds only `PATH` and what is given.
    static func run(
        _ arguments: String..., environment: [String: String] = [:], to destination: Destination = .capture
    ) throws -> Result {
        try run(program: path, arguments, environment: environment, to: destination)
    }

    /// Runs a line of bash, in which `kvmcheck` is the built one.
    static func bash(_ script: String, environment: [String: String] = [:]) throws -> Result {
        let folder = URL(fileURLWithPath: try path).deletingLastPathComponent().path
        var environment = environment
        environment["PATH"] = folder + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return try run(program: "/bin/bash", ["-c", script], environment: environment, to: .capture)
    }

    static func run(
        program: String, _ arguments: [String], environment: [String: String], to destination: Destination
    ) throws -> Result {
        // Files, not pipes: whatever is printed, nothing can wait for a reader.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kvmcheck-run-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appendingPathComponent("output")
        let error = folder.appendingPathComponent("error")
        for file in [output, error] { try Data().write(to: file) }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: error)
        switch destination {
        case .capture: process.standardOutput = try FileHandle(forWritingTo: output)
        case .file(let path): process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        case .closedPipe:
            let pipe = Pipe()
            try pipe.fileHandleForReading.close()
            process.standardOutput = pipe.fileHandleForWriting
        }
        try process.run()
        process.waitUntilExit()
        return Result(
            code: process.terminationStatus, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            error: String(decoding: try Data(contentsOf: error), as: UTF8.self),
            exited: process.terminationReason == .exit)
    }

    /// Whether a program is installed; tests that need one that is not are not run.
    static func has(_ program: String) -> Bool {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + program)
        }
    }
}

/// A small captured tree, so that the verdict is the same on every machine that runs the tests.
final class CapturedTree {
    let path: String

    /// A host without `/dev/kvm`, and of whose kernel nothing else is known.
    init(named name: String = "") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kvmcheck-tree-\(UUID())\(name)")
        path = folder.path
        for name in ["dev/net", "sys/module", "proc/sys/kernel", "etc"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try Data("node9\n".utf8).write(to: folder.appendingPathComponent("proc/sys/kernel/hostname"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
