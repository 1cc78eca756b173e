import ByteReading
import FileSystems
import Foundation
import Glibc
import LinuxIO
import Testing

/// A volume in a temporary folder that a foreign tool makes and the kernel fills; the folder goes with it.
final class TestVolume {
    let folder: URL
    let image: String
    let mountPoint: String

    init(size: Int) throws {
        // In memory where that is possible: mkfs and the kernel wait for what they write.
        let memory = access("/dev/shm", W_OK) == 0
        let parent = memory ? URL(filePath: "/dev/shm") : FileManager.default.temporaryDirectory
        folder = parent.appending(path: "kvmcheck-fs-\(UUID().uuidString)")
        mountPoint = folder.appending(path: "mount").path
        image = folder.appending(path: "image").path
        try FileManager.default.createDirectory(atPath: mountPoint, withIntermediateDirectories: true)
        try #require(FileManager.default.createFile(atPath: image, contents: nil))
        try #require(truncate(image, size) == 0)
    }

    deinit {
        umount2(mountPoint, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs a tool and gives what it printed.
    @discardableResult
    static func run(_ tool: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
            + environment.map { "\($0)=\($1)" } + [tool] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let printed = String(decoding: text, as: UTF8.self)
        try #require(process.terminationStatus == 0, "\(tool) \(arguments): \(printed)")
        return printed
    }

    @discardableResult
    func run(_ tool: String, _ arguments: [String]) throws -> String { try Self.run(tool, arguments + [image]) }

    func mount(_ options: String = "rw", image other: String? = nil) throws {
        try Self.run("mount", ["-o", "loop,\(options)", other ?? image, mountPoint])
    }

    /// Mounts where this kernel knows all that the image has.
    func mountIfPossible() -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/mount")
        process.arguments = ["-o", "loop", image, mountPoint]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Unmounts; again where another test's child still holds what it inherited.
    func unmount() throws {
        for _ in 0..<100 {
            if umount2(mountPoint, 0) == 0 { return }
            usleep(20_000)
        }
        Issue.record("\(mountPoint) is still mounted")
    }

    /// Mounts, fills with `fill-file-system.py`, and unmounts.
    func populate(without: [String] = [], many: Int = 2500) throws {
        try mount()
        try fill(without: without, many: many)
        try unmount()
    }

    /// Fills what is mounted.
    func fill(without: [String] = [], many: Int = 2500) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/fill-file-system.py").path
        try Self.run("python3", [script, mountPoint] + without, environment: ["MANY": "\(many)"])
    }

    /// The image as it is now.
    func blocks() throws -> FileBlocks { try FileBlocks(image) }

    /// Whether loop mounts are possible here.
    static var canMount: Bool { getuid() == 0 && access("/dev/loop-control", R_OK) == 0 }
}
