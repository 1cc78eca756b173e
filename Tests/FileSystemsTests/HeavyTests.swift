import ByteReading
import Evidence
import FileSystems
import Foundation
import LinuxIO
import Testing

/// What takes minutes, or a hypervisor: with `KVMCHECK_HEAVY=1`, and for the times `swift test -c release`.
@Suite(
    .enabled(if: TestVolume.canMount, "loop mounts need root"),
    .enabled(if: ProcessInfo.processInfo.environment["KVMCHECK_HEAVY"] != nil, "KVMCHECK_HEAVY is not set"))
struct HeavyTests {
    static let makers: [(name: String, tool: String, options: [String])] = [
        ("ext4", "mkfs.ext4", ["-q", "-F", "-N", "200000"]),
        ("ext4, 1 KiB", "mkfs.ext4", ["-q", "-F", "-b", "1024", "-N", "200000"]),
        ("XFS", "mkfs.xfs", ["-q"]), ("XFS, 1 KiB", "mkfs.xfs", ["-q", "-b", "size=1k"]),
    ]

    private func open(_ name: String, _ blocks: any BlockReader) throws -> any FileSystemReader {
        name.hasPrefix("ext") ? try ExtFileSystem(blocks) : try XFSFileSystem(blocks)
    }

    @Test(arguments: makers)
    func `a directory of 100,000 names`(maker: (name: String, tool: String, options: [String])) throws {
        let volume = try TestVolume(size: 2 << 30)
        try TestVolume.run(maker.tool, maker.options + [volume.image])
        try volume.populate(many: 100_000)
        let recording = RecordingBlocks(try volume.blocks())
        let clock = ContinuousClock()
        let start = clock.now
        let reader = try open(maker.name, recording)
        let count = try reader.entries("/many").get()?.count
        let listed = clock.now
        _ = reader.read("/many/file-with-a-name-099990", limit: 100)
        let found = clock.now
        for index in 0..<1000 { _ = reader.metadata("/names/\(index)") }
        print(
            "\(maker.name): listed in \(listed - start), one name found in \(found - listed), a thousand that are not in a",
            "small directory in \(clock.now - found), \(recording.total) bytes read")
        #expect(count == 100_000)
        try volume.mount("ro")
        try MountedTree(root: volume.mountPoint).expectSame(as: reader)
    }

    @Test(arguments: makers)
    func `a file of 500 MB streams at speed`(maker: (name: String, tool: String, options: [String])) throws {
        let volume = try TestVolume(size: 2 << 30)
        try TestVolume.run(maker.tool, maker.options + [volume.image])
        try volume.mount()
        try TestVolume.run("dd", ["if=/dev/urandom", "of=\(volume.mountPoint)/large", "bs=1M", "count=500"])
        let sum = try TestVolume.run("sha256sum", ["\(volume.mountPoint)/large"]).prefix(64)
        try volume.unmount()
        let blocks = try volume.blocks()
        let clock = ContinuousClock()
        var best = Duration.seconds(1000)
        let out = volume.folder.appending(path: "out").path
        for round in 0..<3 {
            let start = clock.now
            let reader = try open(maker.name, blocks)
            guard case .found(let node) = try reader.resolve(Array("/large".utf8)) else { throw TestFailure() }
            let content = try reader.content(of: node)
            if round == 0 { #expect(FileManager.default.createFile(atPath: out, contents: nil)) }
            let handle = try FileHandle(forWritingTo: URL(filePath: out))
            var offset: UInt64 = 0
            while offset < content.size {
                let bytes = try content.bytes(at: offset, count: Int(min(content.size - offset, 1 << 20)))
                if round == 0 { try handle.write(contentsOf: bytes) }
                offset += UInt64(bytes.count)
            }
            best = min(best, clock.now - start)
        }
        print("\(maker.name): 500 MiB in \(best)")
        #expect(try TestVolume.run("sha256sum", [out]).prefix(64) == sum)
    }

    /// This kernel has no version 4; libguestfs brings one that has.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/guestfish"), "guestfish is not installed"),
        arguments: [["-m", "crc=0"], ["-m", "crc=0", "-b", "size=1k", "-n", "ftype=1", "-i", "size=512"]])
    func `XFS version 4 that a kernel filled is what was copied into it`(options: [String]) throws {
        let original = try TestVolume(size: 600 << 20)
        try TestVolume.run("mkfs.xfs", ["-q", original.image])
        try original.mount()
        try original.fill(without: ["large"], many: 3000)
        try FileManager.default.removeItem(atPath: original.mountPoint + "/nodes/socket")
        let archive = original.folder.appending(path: "tree.tar").path
        try TestVolume.run(
            "tar", ["-C", original.mountPoint, "--xattrs", "--xattrs-include=*", "-S", "-cf", archive, "."])
        let volume = try TestVolume(size: 600 << 20)
        try TestVolume.run("mkfs.xfs", ["-q"] + options + [volume.image])
        try TestVolume.run(
            "guestfish",
            ["-a", volume.image, "run", ":", "mount", "/dev/sda", "/", ":", "tar-in", archive, "/", "xattrs:true"],
            environment: ["LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"])
        let reader = try XFSFileSystem(try volume.blocks())
        #expect(reader.facts.problems == [])
        #expect(reader.facts.state == [])
        try MountedTree(root: original.mountPoint).expectSame(as: reader, isCopy: true, attributes: true)
    }
}
