import ByteReading
import FileSystems
import Foundation
import LinuxIO
import Testing

/// What the superblocks say, held against dumpe2fs, xfs_db and blkid.
@Suite(.enabled(if: TestVolume.canMount, "loop mounts need root"))
struct FactsTests {
    /// What `blkid -p -o export` says of an image.
    private func blkid(_ volume: TestVolume) throws -> [String: String] {
        var facts: [String: String] = [:]
        for line in try volume.run("blkid", ["-p", "-o", "export"]).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { facts[String(parts[0])] = String(parts[1]) }
        }
        return facts
    }

    /// `Name:   value` lines.
    private func dumpe2fs(_ volume: TestVolume) throws -> [String: String] {
        var facts: [String: String] = [:]
        for line in try volume.run("dumpe2fs", ["-h"]).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { facts[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return facts
    }

    private func date(_ time: FileTime?) throws -> String {
        guard let time else { return "n/a" }
        return try TestVolume.run("date", ["-u", "-d", "@\(time.seconds)", "+%a %b %e %H:%M:%S %Y"])
            .trimmingCharacters(in: .newlines)
    }

    @Test(arguments: [
        ["-t", "ext2", "-L", "old"], ["-t", "ext3", "-b", "1024"], ["-t", "ext4", "-L", "sixteen-bytes-xx"],
        ["-t", "ext4", "-O", "meta_bg,^resize_inode,casefold,encrypt,verity,mmp,quota,project"],
        ["-t", "ext4", "-O", "fast_commit,orphan_file,stable_inodes,metadata_csum_seed", "-b", "2048"],
        ["-t", "ext4", "-O", "bigalloc,ea_inode,large_dir,inline_data", "-C", "65536"],
        ["-t", "ext2", "-r", "0"], ["-t", "ext2", "-O", "extents"], ["-t", "ext4", "-O", "^has_journal,sparse_super2"],
    ])
    func `the facts of ext2, ext3 and ext4 are those of dumpe2fs and blkid`(options: [String]) throws {
        let volume = try TestVolume(size: 64 << 20)
        try TestVolume.run("mkfs.ext4", ["-q", "-F"] + options + [volume.image])
        if volume.mountIfPossible() {
            _ = FileManager.default.createFile(atPath: volume.mountPoint + "/file", contents: Data(count: 300_000))
            try volume.unmount()
        }
        let reader = try ExtFileSystem(try volume.blocks())
        let facts = reader.facts
        let expected = try dumpe2fs(volume)
        let probed = try blkid(volume)
        #expect(facts.kind == probed["TYPE"])
        #expect(facts.label == probed["LABEL"])
        #expect(facts.uuid == probed["UUID"])
        #expect(facts.features.joined(separator: " ") == expected["Filesystem features"]?.replacing("(none)", with: ""))
        #expect("\(facts.blockSize)" == expected["Block size"])
        #expect("\(facts.size / facts.blockSize)" == expected["Block count"])
        #expect("\((facts.freeSize ?? 0) / facts.blockSize)" == expected["Free blocks"])
        #expect(facts.inodes.map { "\($0)" } == expected["Inode count"])
        #expect(facts.freeInodes.map { "\($0)" } == expected["Free inodes"])
        #expect(facts.lastMountPoint ?? "<not available>" == expected["Last mounted on"])
        #expect(facts.state == [] && expected["Filesystem state"] == "clean")
        #expect(facts.problems == [])
        #expect("\(reader.superblock.reservedBlocksCount)" == expected["Reserved block count"])
        #expect("\(reader.superblock.mountCount)" == expected["Mount count"])
        let zone = ProcessInfo.processInfo.environment["TZ"] ?? "UTC"
        if zone == "UTC" {
            #expect(try date(facts.lastMounted) == expected["Last mount time"])
            #expect(try date(facts.lastWritten) == expected["Last write time"])
            #expect(try date(facts.created) == expected["Filesystem created"])
        }
    }

    @Test(arguments: [
        ["-L", "twelve-bytes"], ["-m", "crc=0"],
        ["-m", "crc=0", "-n", "ftype=1", "-i", "attr=1", "-l", "version=1,lazy-count=0"],
        ["-m", "crc=0", "-b", "size=512", "-n", "version=ci"], ["-b", "size=64k"], ["-b", "size=1k", "-n", "size=16k"],
        ["-m", "rmapbt=1,inobtcount=0,bigtime=0"], ["-i", "nrext64=1,size=1024", "-s", "size=4k"],
        ["-m", "finobt=0,reflink=0", "-i", "sparse=0"], ["-d", "sunit=64,swidth=256"],
    ])
    func `the facts of XFS are those of xfs_db and blkid`(options: [String]) throws {
        let volume = try TestVolume(size: 1 << 30)
        try TestVolume.run("mkfs.xfs", ["-q"] + options + [volume.image])
        if volume.mountIfPossible() {
            _ = FileManager.default.createFile(atPath: volume.mountPoint + "/file", contents: Data(count: 300_000))
            try volume.unmount()
        }
        let reader = try XFSFileSystem(try volume.blocks())
        let facts = reader.facts
        var expected: [String: String] = [:]
        for line in try volume.run("xfs_db", ["-r", "-c", "sb 0", "-c", "print"]).split(separator: "\n") {
            let parts = line.split(separator: " = ", maxSplits: 1)
            if parts.count == 2 { expected[String(parts[0])] = String(parts[1]) }
        }
        let probed = try blkid(volume)
        #expect(probed["TYPE"] == "xfs")
        #expect(facts.label == probed["LABEL"])
        #expect(facts.uuid == probed["UUID"])
        #expect("\(facts.blockSize)" == expected["blocksize"])
        #expect("\(facts.size / facts.blockSize)" == expected["dblocks"])
        #expect("\((facts.freeSize ?? 0) / facts.blockSize)" == expected["fdblocks"])
        #expect(facts.inodes.map { "\($0)" } == expected["icount"])
        #expect(facts.freeInodes.map { "\($0)" } == expected["ifree"])
        #expect("\(reader.rootNumber)" == expected["rootino"])
        #expect(facts.state == [])
        #expect(facts.problems == [])
        let version = try volume.run("xfs_db", ["-r", "-c", "version"])
        let names = version.split(separator: " = ").last?.split(whereSeparator: { ",\n".contains($0) }).map(String.init)
        #expect(facts.features.sorted() == names?.sorted())
        #expect(facts.features == names)
    }

    @Test func `a damaged superblock of ext4 is replaced by the copy of a group, and said`() throws {
        for (blockSize, size) in [(1024, 64 << 20), (2048, 64 << 20), (4096, 200 << 20)] {
            let volume = try TestVolume(size: size)
            try TestVolume.run("mkfs.ext4", ["-q", "-F", "-b", "\(blockSize)", "-L", "copy", volume.image])
            var patches: [UInt64: UInt8] = [:]
            for offset in 0..<UInt64(1024) { patches[1024 + offset] = 0 }
            let damaged = PatchedBlocks(blocks: try volume.blocks(), patches: patches)
            let reader = try ExtFileSystem(damaged)
            #expect(reader.facts.label == "copy")
            #expect(reader.facts.problems.map(\.kind) == [.invalid])
            #expect(try reader.entries(in: reader.node(2)).map(\.name) == [Array("lost+found".utf8)])
            // And the descriptors behind it.
            for offset in 0..<UInt64(blockSize) { patches[UInt64(max(blockSize, 2048)) + offset] = 0x55 }
            let worse = try ExtFileSystem(PatchedBlocks(blocks: try volume.blocks(), patches: patches))
            #expect(try worse.entries(in: worse.node(2)).count == 1)
        }
    }

    @Test func `a damaged superblock of XFS is replaced by the copy of the second group, and said`() throws {
        let volume = try TestVolume(size: 300 << 20)
        try TestVolume.run("mkfs.xfs", ["-q", "-L", "copy", volume.image])
        let damaged = PatchedBlocks(blocks: try volume.blocks(), patches: [110: 0x55, 64: 0x55])
        let reader = try XFSFileSystem(damaged)
        #expect(reader.facts.label == "copy")
        #expect(reader.facts.problems.map(\.kind) == [.invalid])
        #expect(try reader.entries(in: reader.node(reader.rootNumber)).isEmpty)
    }

    @Test func `a feature that is not known is named and not guessed`() throws {
        let volume = try TestVolume(size: 8 << 20)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-O", "^metadata_csum", volume.image])
        // Bit 20 of s_feature_incompat.
        let incompat = try volume.blocks().bytes(at: 1024 + 0x62, count: 1)[0]
        let strange = PatchedBlocks(blocks: try volume.blocks(), patches: [1024 + 0x62: incompat | 0x10])
        let error = #expect(throws: FormatError.self) { try ExtFileSystem(strange) }
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("FEATURE_I20") == true)
    }
}
