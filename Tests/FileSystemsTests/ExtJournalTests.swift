import ByteReading
import Evidence
import FileSystems
import Foundation
import LinuxIO
import Testing

/// Images of file systems that are in use: what the journal holds is read in its place, as the kernel would write it.
@Suite(.enabled(if: TestVolume.canMount, "loop mounts need root"))
struct ExtJournalTests {
    struct Variant: CustomTestStringConvertible, Sendable {
        var name: String
        var options: [String]
        var mount = "rw"
        var testDescription: String { name }
    }

    static let variants: [Variant] = [
        Variant(name: "ext3, 1 KiB", options: ["-t", "ext3", "-b", "1024"]),
        Variant(name: "ext4 as mkfs makes it: checksums v3", options: ["-t", "ext4"]),
        Variant(name: "ext4 without checksums", options: ["-t", "ext4", "-O", "^metadata_csum"]),
        Variant(name: "ext4, 32 bits", options: ["-t", "ext4", "-O", "^metadata_csum,^64bit", "-b", "1024"]),
        Variant(name: "ext4, data in the journal", options: ["-t", "ext4", "-b", "2048"], mount: "rw,data=journal"),
        Variant(
            name: "ext4, checksums of the journal v1", options: ["-t", "ext4", "-O", "^metadata_csum"],
            mount: "rw,journal_checksum"),
    ]

    @Test(arguments: variants)
    func `a file system in use reads as after its recovery`(variant: Variant) throws {
        let volume = try TestVolume(size: 96 << 20)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-J", "size=16", "-N", "8192"] + variant.options + [volume.image])
        try volume.mount(variant.mount)
        try volume.fill(without: ["unwritten", "pieces", "large"], many: 300)
        try TestVolume.run("sync", ["-f", volume.mountPoint])
        // Directories that go make revocations, and their blocks become those of files; files begin with the journal's
        // own magic number.
        let script = """
            import os, shutil
            os.chdir('\(volume.mountPoint)')
            for round in range(3):
                for name in ('many', 'shrunk', 'names'):
                    if os.path.exists(name): shutil.rmtree(name)
                os.sync()
                for index in range(200):
                    os.makedirs('new%d/d%d' % (round, index))
                    with open('new%d/d%d/f' % (round, index), 'wb') as file:
                        file.write((b'\\xc0\\x3b\\x39\\x98' + bytes([index]) * 1020) * 3)
                os.sync()
                if round < 2: shutil.rmtree('new%d' % round)
            os.sync()
            """
        try TestVolume.run("python3", ["-c", script])
        let copy = volume.folder.appending(path: "copy").path
        try TestVolume.run("cp", ["--sparse=always", volume.image, copy])
        try volume.unmount()

        let reader = try ExtFileSystem(try FileBlocks(copy))
        #expect(reader.facts.problems == [])
        #expect(reader.facts.state == [.needsRecovery, .notCleanlyUnmounted])
        let journal = try #require(reader.journal)
        #expect(journal.transactions > 0 && journal.blocks > 10)
        // The kernel recovers a second copy.
        let second = volume.folder.appending(path: "second").path
        try TestVolume.run("cp", ["--sparse=always", copy, second])
        try volume.mount("rw,noatime", image: second)
        try MountedTree(root: volume.mountPoint).expectSame(as: reader)
    }

    /// debugfs writes journals of the second kind of checksums, which no kernel of today writes.
    @Test(arguments: [["-c", "-v", "2"], ["-c", "-v", "3"], []])
    func `a journal that debugfs wrote reads as e2fsck replays it`(options: [String]) throws {
        let volume = try TestVolume(size: 32 << 20)
        // Without metadata_csum debugfs writes the first kind, and that wrongly for a transaction of revocations only.
        let features = options.isEmpty ? "^metadata_csum" : "metadata_csum"
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-b", "1024", "-O", features, "-J", "size=4", volume.image])
        try volume.mount()
        for index in 0..<20 {
            let content = Data(repeating: UInt8(0x40 + index), count: 20 * 1024)
            #expect(FileManager.default.createFile(atPath: volume.mountPoint + "/file\(index)", contents: content))
        }
        try volume.unmount()
        // Blocks of files are what the journal is made to change; one is written twice, one revoked, one escaped.
        func block(_ file: Int) throws -> String {
            try TestVolume.run("debugfs", ["-R", "bmap /file\(file) 0", volume.image])
                .split(separator: "\n").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        }
        func content(_ name: String, _ bytes: [UInt8], _ blocks: Int) throws -> String {
            let path = volume.folder.appending(path: name).path
            let block = bytes + [UInt8](repeating: UInt8(name.utf8.count), count: 1024 - bytes.count)
            try Data((0..<blocks).flatMap { _ in block }).write(to: URL(filePath: path))
            return path
        }
        let commands = """
            jo \(options.joined(separator: " "))
            jw -b \(try block(1)),\(try block(2)),\(try block(3)) \(try content("a", [1, 2, 3], 3))
            jw -b \(try block(2)),\(try block(4)) \(try content("bb", [0xc0, 0x3b, 0x39, 0x98], 2))
            jw -r \(try block(3))
            jw -b \(try block(5)) \(try content("ccc", [9], 1))
            jc

            """
        let script = volume.folder.appending(path: "commands").path
        try commands.write(toFile: script, atomically: true, encoding: .utf8)
        let printed = try TestVolume.run("debugfs", ["-w", "-f", script, volume.image])
        let copy = volume.folder.appending(path: "copy").path
        try TestVolume.run("cp", [volume.image, copy])

        if let version = options.last {
            let log = try TestVolume.run("dumpe2fs", ["-h", volume.image])
            #expect(log.contains("journal_checksum_v\(version)"))
        }
        let reader = try ExtFileSystem(try volume.blocks())
        #expect(reader.facts.problems == [], "\(printed)")
        #expect(reader.journal?.transactions == 4)
        #expect(reader.journal?.blocks == 4)
        #expect(reader.journal?.revoked == 1)
        // e2fsck says by its status that it changed something.
        try TestVolume.run("sh", ["-c", "e2fsck -fy \(copy); test $? -le 1"])
        let after = try ExtFileSystem(try FileBlocks(copy))
        #expect(after.journal == nil)
        for index in 0..<20 {
            let expected = after.read("/file\(index)", limit: 1 << 20)
            #expect(try reader.read("/file\(index)", limit: 1 << 20).get() == expected.get())
        }
        #expect(try reader.read("/file2", limit: 1 << 20).get()?.prefix(5) == [0xc0, 0x3b, 0x39, 0x98, 2])
        #expect(try reader.read("/file3", limit: 1 << 20).get()?.first == 0x43)
    }
}
