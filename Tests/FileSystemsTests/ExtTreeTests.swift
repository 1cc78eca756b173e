import FileSystems
import Foundation
import LinuxIO
import Testing

/// Whole trees that mkfs.ext4 and the kernel made, held against what the mount shows.
@Suite(.enabled(if: TestVolume.canMount, "loop mounts need root"))
struct ExtTreeTests {
    struct Variant: CustomTestStringConvertible, Sendable {
        var name: String
        var options: [String]
        var size = 64 << 20
        var without: [String] = []
        var testDescription: String { name }
    }

    static let variants: [Variant] = [
        Variant(
            name: "ext2, 1 KiB", options: ["-t", "ext2", "-b", "1024"], without: ["unwritten", "pieces", "large"]),
        Variant(
            name: "ext2, 4 KiB, the original format", options: ["-t", "ext2", "-b", "4096", "-r", "0"],
            without: ["unwritten", "pieces", "large", "attributes"]),
        Variant(name: "ext3, 2 KiB", options: ["-t", "ext3", "-b", "2048"], without: ["unwritten", "large"]),
        Variant(
            name: "ext3, 4 KiB, 128-byte inodes", options: ["-t", "ext3", "-b", "4096", "-I", "128"],
            without: ["unwritten"]),
        Variant(name: "ext4 as mkfs makes it", options: ["-t", "ext4"]),
        Variant(name: "ext4, 1 KiB", options: ["-t", "ext4", "-b", "1024"]),
        Variant(name: "ext4, 2 KiB, inline data", options: ["-t", "ext4", "-b", "2048", "-O", "inline_data"]),
        Variant(
            name: "ext4, inline data, 1 KiB inodes",
            options: ["-t", "ext4", "-b", "4096", "-I", "1024", "-O", "inline_data,metadata_csum_seed"]),
        Variant(name: "ext4, meta_bg", options: ["-t", "ext4", "-b", "1024", "-O", "meta_bg,^resize_inode"]),
        Variant(
            name: "ext4, 32 bits, uninit_bg", options: ["-t", "ext4", "-O", "^64bit,^metadata_csum,uninit_bg,^flex_bg"]),
        Variant(
            name: "ext4, no extents, no index, no file types",
            options: ["-t", "ext4", "-O", "^extent,^dir_index,^filetype,^64bit"], without: ["unwritten", "large"]),
        Variant(
            name: "ext4, values in inodes, large directories", options: ["-t", "ext4", "-O", "ea_inode,large_dir"]),
        Variant(name: "ext4, bigalloc", options: ["-t", "ext4", "-O", "bigalloc", "-C", "16384"]),
        Variant(
            name: "ext4, sparse_super2, no journal",
            options: ["-t", "ext4", "-O", "sparse_super2,^has_journal,^resize_inode"]),
    ]

    @Test(arguments: variants)
    func `every path of ext2, ext3 and ext4 is what the mount shows`(variant: Variant) throws {
        let volume = try TestVolume(size: variant.size)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-N", "8192"] + variant.options + [volume.image])
        try volume.populate(without: variant.without)
        let reader = try ExtFileSystem(try volume.blocks())
        #expect(reader.facts.problems == [])
        try volume.mount("ro")
        try MountedTree(root: volume.mountPoint).expectSame(as: reader)
    }
}
