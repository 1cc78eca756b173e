import ByteReading
import Evidence
import FileSystems
import Foundation
import LinuxIO
import Testing

/// Images that a tool of mkfs fills without a kernel: what this kernel does not mount, and what needs no root.
struct CopiedTreeTests {
    @Test(arguments: [
        ["-m", "crc=0"], ["-m", "crc=0", "-n", "ftype=1", "-b", "size=1k"], ["-m", "crc=0", "-b", "size=512"],
        ["-m", "crc=0", "-b", "size=1k", "-n", "size=8k", "-i", "size=512"],
        ["-m", "crc=0", "-b", "size=64k", "-i", "size=2048"],
        ["-m", "crc=0", "-b", "size=2k", "-i", "attr=1,projid32bit=0"],
        ["-b", "size=1k"],
    ])
    func `every path of XFS version 4 is what mkfs copied`(options: [String]) throws {
        let volume = try TestVolume(size: 400 << 20)
        let tree = try SmallTree.make(in: volume.folder, many: 3000)
        let prototype = volume.folder.appending(path: "prototype").path
        try Prototype.write(tree, to: prototype)
        try TestVolume.run("mkfs.xfs", ["-q"] + options + ["-p", prototype, volume.image])
        let reader = try XFSFileSystem(try volume.blocks())
        #expect(reader.facts.problems == [])
        #expect(reader.facts.variant == (options.contains("crc=0") ? "v4" : "v5"))
        try MountedTree(root: tree).expectSame(as: reader, isCopy: true)
    }

    @Test(arguments: [
        ["-b", "65536"], ["-b", "32768"], ["-b", "1024", "-O", "inline_data"],
        ["-b", "4096", "-O", "casefold,encrypt,verity"],
        ["-t", "ext2", "-O", "^filetype,^dir_index"],
    ])
    func `every path of ext4 is what mkfs copied, in blocks that this kernel does not mount too`(options: [String])
        throws
    {
        let volume = try TestVolume(size: 200 << 20)
        let tree = try SmallTree.make(in: volume.folder, many: 1000)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-d", tree] + options + [volume.image])
        let reader = try ExtFileSystem(try volume.blocks())
        #expect(reader.facts.problems == [])
        try MountedTree(root: tree).expectSame(as: reader, isCopy: true)
    }

    @Test func `what is encrypted is said to be, and nothing is made up`() throws {
        let volume = try TestVolume(size: 8 << 20)
        let tree = try SmallTree.make(in: volume.folder)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-O", "encrypt,casefold", "-d", tree, volume.image])
        for (path, flags) in [("/etc", "0x81800"), ("/links/long", "0x80800"), ("/deep/a/b/c/d/e/file", "0x80800")] {
            try TestVolume.run("debugfs", ["-w", "-R", "sif \(path) flags \(flags)", volume.image])
        }
        try TestVolume.run("debugfs", ["-w", "-R", "sif /many flags 0x40080000", volume.image])
        try TestVolume.run("debugfs", ["-w", "-R", "sif /deep flags 0x80010", volume.image])
        let reader = try ExtFileSystem(try volume.blocks())
        for path in ["/etc/fstab", "/deep/a/b/c/d/e/file"] {
            let undecided = #expect(throws: Undecided.self) { try reader.read(path, limit: 1 << 20).get() }
            #expect(undecided?.obstacle.kind == .unsupported)
        }
        #expect(throws: Undecided.self) { try reader.link("/links/long").get() }
        #expect(throws: Undecided.self) { try reader.entries("/etc").get() }
        let name = "a-name-of-some-length-7"
        #expect(try reader.read("/many/\(name)", limit: 1 << 20).get()?.count == 7)
        // It may be there under a name that is the same to the kernel.
        let undecided = #expect(throws: Undecided.self) { try reader.metadata("/many/\(name.uppercased())").get() }
        #expect(undecided?.obstacle.kind == .unsupported)
        guard case .found(let deep) = try reader.resolve(Array("/deep".utf8)) else { throw TestFailure() }
        #expect(deep.flags == [.immutable])
        guard case .found(let etc) = try reader.resolve(Array("/etc".utf8)) else { throw TestFailure() }
        #expect(etc.flags == [.encrypted])
    }
}

/// Something that a test needs is not there.
struct TestFailure: Error {}
