import Foundation
import LinuxIO
import Testing

/// A temporary folder in which a test lets foreign tools make images; it goes with the test.
final class Scratch {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kvmcheck-volumes-\(UUID())")
        path = folder.path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Runs a line of bash in the folder; any other code than 0 fails the test.
    @discardableResult
    func bash(_ script: String, codes: Set<Int32> = [0]) throws -> String {
        let output = URL(fileURLWithPath: "\(path)/.output")
        let error = URL(fileURLWithPath: "\(path)/.error")
        for file in [output, error] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "set -e; " + script]
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        process.environment = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: error)
        try process.run()
        process.waitUntilExit()
        let said = String(decoding: try Data(contentsOf: error), as: UTF8.self)
        try #require(codes.contains(process.terminationStatus), "\(script): \(process.terminationStatus) \(said)")
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }

    func blocks(_ name: String) throws -> FileBlocks { try FileBlocks("\(path)/\(name)") }

    /// What `blkid -p` finds, by its keys; empty where it finds nothing.
    func blkid(_ name: String) throws -> [String: String] {
        let names = [
            "ID_FS_TYPE": "TYPE", "ID_FS_USAGE": "USAGE", "ID_FS_UUID": "UUID", "ID_FS_LABEL_ENC": "LABEL",
            "ID_FS_VERSION": "VERSION", "ID_PART_TABLE_TYPE": "PTTYPE", "ID_PART_TABLE_UUID": "PTUUID",
        ]
        var values: [String: String] = [:]
        for line in try bash("blkid -p -o udev \(name)", codes: [0, 2]).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let key = names[String(parts[0])] else { continue }
            // Udev's escape of what is no letter: \x20.
            values[key] = String(parts[1]).replacing(/\\x([0-9a-f]{2})/) { match in
                UInt8(match.output.1, radix: 16).map { String(Character(Unicode.Scalar($0))) } ?? ""
            }
        }
        return values
    }
}

/// Root has loop devices; a test that needs one is skipped where there are none.
let hasLoopDevices = getuid() == 0 && FileManager.default.fileExists(atPath: "/dev/loop-control")
