import ByteReading
import FileSystems
import Foundation
import Glibc
import LinuxIO
import Testing

/// Whether the log is dirty, held against what `xfs_logprint -t` says of it.
@Suite(.enabled(if: TestVolume.canMount, "loop mounts need root"))
struct XFSLogTests {
    /// State and head, as xfs_logprint prints them.
    private func logprint(_ image: String) throws -> (isClean: Bool, head: Int) {
        let printed = try TestVolume.run("xfs_logprint", ["-t", image])
        let line = try #require(printed.split(separator: "\n").first { $0.contains("state:") })
        let head = line.split(separator: " ").drop { $0 != "head:" }.dropFirst().first.flatMap { Int($0) }
        return (line.contains("<CLEAN>"), try #require(head))
    }

    @Test(arguments: [["-l", "size=1400b"], ["-l", "size=2000b,su=64k"], ["-l", "size=1400b", "-s", "size=4k"]])
    func `a log is dirty where xfs_logprint says so, around its end too`(options: [String]) throws {
        let volume = try TestVolume(size: 64 << 20)
        try TestVolume.run("mkfs.xfs", ["-q", "--unsupported"] + options + [volume.image])
        #expect(try XFSFileSystem(try volume.blocks()).facts.state == [])
        let copy = volume.folder.appending(path: "copy").path
        var heads: [Int] = []
        for round in 0..<8 {
            try volume.mount()
            // Each forced write of the log is a record of its own.
            let script = """
                import os, sys
                os.chdir('\(volume.mountPoint)')
                here = os.open('.', os.O_RDONLY)
                for index in range(600):
                    os.mkdir('d%d' % index)
                    if index % 4 == 0: os.fsync(here)
                for index in range(600): os.rmdir('d%d' % index)
                """
            try TestVolume.run("python3", ["-c", script])
            try Data(count: 5000 * round).write(to: URL(filePath: volume.mountPoint + "/file\(round)"))
            try TestVolume.run("sync", ["-f", volume.mountPoint])
            try TestVolume.run("cp", ["--sparse=always", volume.image, copy])
            try volume.unmount()
            for image in [copy, volume.image] {
                let expected = try logprint(image)
                let facts = try XFSFileSystem(try FileBlocks(image)).facts
                #expect(facts.problems == [])
                #expect(
                    facts.state == (expected.isClean ? [] : [.needsRecovery, .notCleanlyUnmounted]), "round \(round)")
                heads.append(expected.head)
            }
            #expect(try logprint(copy).isClean == false)
            // Counts of groups and of the superblock are the same when all is written.
            let clean = try XFSFileSystem(try volume.blocks()).facts
            #expect(clean.state == [])
        }
        // It was around its end at least once.
        #expect(zip(heads, heads.dropFirst()).contains { $0 > $1 })
    }

    @Test func `what ext4 says of its own state is said`() throws {
        let volume = try TestVolume(size: 8 << 20)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", volume.image])
        for (value, state, words) in [
            ("0", FileSystemState.notCleanlyUnmounted, "not clean"), ("3", .hasErrors, "clean with errors"),
            ("1", [], "clean"),
        ] {
            try TestVolume.run("debugfs", ["-w", "-R", "ssv state \(value)", volume.image])
            #expect(try ExtFileSystem(try volume.blocks()).facts.state == state)
            let printed = try volume.run("dumpe2fs", ["-h"])
            let line = printed.split(separator: "\n").first { $0.hasPrefix("Filesystem state:") }
            #expect(line?.hasSuffix(" \(words)") == true)
        }
    }

    @Test func `fast commits that are not read are said`() throws {
        let volume = try TestVolume(size: 16 << 20)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-O", "fast_commit", "-b", "1024", volume.image])
        try volume.mount("rw")
        try Data(count: 5000).write(to: URL(filePath: volume.mountPoint + "/file"))
        try TestVolume.run("sync", ["-f", volume.mountPoint])
        // What fsync(2) writes is a fast commit.
        try TestVolume.run(
            "python3",
            [
                "-c",
                "import os; f = os.open('\(volume.mountPoint)/fast', os.O_CREAT | os.O_WRONLY); os.write(f, b'x' * 9000); os.fsync(f)",
            ])
        let copy = volume.folder.appending(path: "copy").path
        try TestVolume.run("cp", ["--sparse=always", volume.image, copy])
        try volume.unmount()
        let reader = try ExtFileSystem(try FileBlocks(copy))
        #expect(reader.journal?.hasFastCommits == true)
        #expect(reader.facts.problems.map(\.kind) == [.unsupported])
    }
}
