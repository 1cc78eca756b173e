import FileSystems
import Foundation
import LinuxIO
import Testing

/// Whole trees that mkfs.xfs and the kernel made, held against what the mount shows.
@Suite(.enabled(if: TestVolume.canMount, "loop mounts need root"))
struct XFSTreeTests {
    struct Variant: CustomTestStringConvertible, Sendable {
        var name: String
        var options: [String]
        var size = 400 << 20
        var many = 2500
        var testDescription: String { name }
    }

    static let variants: [Variant] = [
        Variant(name: "as mkfs makes it", options: []),
        Variant(
            name: "1 KiB blocks, 64-bit counters of extents", options: ["-b", "size=1k", "-i", "nrext64=1"], many: 6000),
        Variant(
            name: "2 KiB blocks, 8 KiB directory blocks, inodes of 1 KiB",
            options: ["-b", "size=2k", "-n", "size=8k", "-i", "size=1024"]),
        Variant(name: "inodes of 2 KiB", options: ["-i", "size=2048"]),
        Variant(name: "1 KiB blocks, 64 KiB directory blocks", options: ["-b", "size=1k", "-n", "size=64k"]),
        Variant(
            name: "no bigtime, no reflink, no finobt, no sparse inodes",
            options: ["-m", "bigtime=0,reflink=0,finobt=0", "-i", "sparse=0"]),
        Variant(
            name: "rmapbt, sectors of 4 KiB, many groups",
            options: ["-m", "rmapbt=1", "-s", "size=4k", "-d", "agcount=13"], size: 2 << 30),
        Variant(name: "64 KiB blocks", options: ["-b", "size=64k"]),
    ]

    @Test(arguments: variants)
    func `every path of XFS is what the mount shows`(variant: Variant) throws {
        let volume = try TestVolume(size: variant.size)
        try TestVolume.run("mkfs.xfs", ["-q"] + variant.options + [volume.image])
        try volume.populate(many: variant.many)
        let reader = try XFSFileSystem(try volume.blocks())
        #expect(reader.facts.problems == [])
        #expect(reader.facts.state == [])
        try volume.mount("ro")
        try MountedTree(root: volume.mountPoint).expectSame(as: reader)
    }
}
