import ByteReading
import FileSystems
import Foundation
import LinuxIO
import Testing

/// Images whose bytes are not what they should be: an error or an answer, never a trap, in bounded time.
struct HostileTests {
    struct Maker: CustomTestStringConvertible, Sendable {
        var name: String
        var size: Int
        var make: @Sendable (TestVolume, String) throws -> Void
        var open: @Sendable (any BlockReader) throws(FormatError) -> any FileSystemReader
        var testDescription: String { name }
    }

    /// Without checksums, so that what is wrong is found by its meaning.
    static let makers: [Maker] = [
        Maker(name: "ext2", size: 2 << 20) { volume, tree in
            try TestVolume.run("mkfs.ext4", ["-q", "-F", "-t", "ext2", "-b", "1024", "-d", tree, volume.image])
        } open: { (blocks) throws(FormatError) in
            try ExtFileSystem(blocks)
        },
        Maker(name: "ext4", size: 4 << 20) { volume, tree in
            try TestVolume.run(
                "mkfs.ext4",
                ["-q", "-F", "-b", "1024", "-O", "^metadata_csum,inline_data", "-d", tree, volume.image])
        } open: { (blocks) throws(FormatError) in
            try ExtFileSystem(blocks)
        },
        Maker(name: "XFS version 4", size: 300 << 20) { volume, tree in
            let prototype = volume.folder.appending(path: "prototype").path
            try Prototype.write(tree, to: prototype)
            try TestVolume.run("mkfs.xfs", ["-q", "-b", "size=1k", "-m", "crc=0", "-p", prototype, volume.image])
        } open: { (blocks) throws(FormatError) in
            try XFSFileSystem(blocks)
        },
        Maker(name: "XFS version 5", size: 300 << 20) { volume, tree in
            let prototype = volume.folder.appending(path: "prototype").path
            try Prototype.write(tree, to: prototype)
            try TestVolume.run("mkfs.xfs", ["-q", "-p", prototype, volume.image])
        } open: { (blocks) throws(FormatError) in
            try XFSFileSystem(blocks)
        },
        Maker(name: "FAT12", size: 2 << 20) { volume, tree in
            try TestVolume.run("mkfs.fat", [volume.image])
            try TestVolume.run("bash", ["-c", "mcopy -Q -s -i '\(volume.image)' '\(tree)'/* :: || true"])
        } open: { (blocks) throws(FormatError) in
            try FATReader(blocks)
        },
        Maker(name: "FAT32", size: 36 << 20) { volume, tree in
            try TestVolume.run("mkfs.fat", ["-F", "32", "-s", "1", volume.image])
            try TestVolume.run("bash", ["-c", "mcopy -Q -s -i '\(volume.image)' '\(tree)'/* :: || true"])
        } open: { (blocks) throws(FormatError) in
            try FATReader(blocks)
        },
        Maker(name: "ISO 9660 with Rock Ridge", size: 0) { volume, tree in
            try TestVolume.run("genisoimage", ["-quiet", "-R", "-o", volume.image, tree])
        } open: { (blocks) throws(FormatError) in
            try ISO9660Reader(blocks)
        },
        Maker(name: "ISO 9660 with Joliet", size: 0) { volume, tree in
            try TestVolume.run("genisoimage", ["-quiet", "-J", "-joliet-long", "-o", volume.image, tree])
        } open: { (blocks) throws(FormatError) in
            try ISO9660Reader(blocks)
        },
        // Filled by a driver in user space, which wants a block device.
        Maker(name: "exFAT", size: 4 << 20) { volume, tree in
            try TestVolume.run("mkfs.exfat", ["-c", "512", volume.image])
            guard TestVolume.canMount else { return }
            try TestVolume.run(
                "bash",
                [
                    "-c",
                    """
                    loop=$(losetup -f --show '\(volume.image)')
                    mount.exfat-fuse $loop '\(volume.mountPoint)' && cp -rL '\(tree)'/. '\(volume.mountPoint)' 2>/dev/null
                    umount '\(volume.mountPoint)'; losetup -d $loop
                    """,
                ])
        } open: { (blocks) throws(FormatError) in
            try ExFATReader(blocks)
        },
    ]

    /// Makes the image; gives its blocks and what a reader of the whole tree reads of them.
    private func made(_ maker: Maker) throws -> (TestVolume, FileBlocks, [Range<UInt64>]) {
        let volume = try TestVolume(size: maker.size)
        let tree = try SmallTree.make(in: volume.folder)
        try maker.make(volume, tree)
        let blocks = try FileBlocks(volume.image)
        let recording = RecordingBlocks(blocks)
        exercise { () throws(FormatError) in try maker.open(recording) }
        #expect(recording.ranges.count > 5)
        return (volume, blocks, recording.ranges)
    }

    @Test(arguments: makers)
    func `an image that ends anywhere is an answer or an error`(maker: Maker) throws {
        let (volume, blocks, ranges) = try made(maker)
        var ends: Set<UInt64> = [0, 1, 1023, 1024, 1025, 2047, 2048]
        for range in ranges { ends.formUnion([range.lowerBound, range.lowerBound + 1, range.upperBound - 1]) }
        for end in ends.sorted().prefix(150) {
            exercise { () throws(FormatError) in try maker.open(BlockSlice(blocks, start: 0, size: end)) }
        }
        withExtendedLifetime(volume) {}
    }

    @Test(arguments: makers)
    func `a superblock with any field at an extreme is an answer or an error`(maker: Maker) throws {
        let (volume, blocks, _) = try made(maker)
        let start: UInt64 = maker.name.hasPrefix("ext") ? 1024 : maker.name.hasPrefix("ISO") ? 32768 : 0
        let isLittle = !maker.name.hasPrefix("XFS")
        for width: UInt64 in [1, 2, 4] {
            for field in stride(from: start, to: start + 304, by: Int(width)) {
                for byte: UInt8 in [0, 1, 0xff] {
                    var patches: [UInt64: UInt8] = [:]
                    let lowest = isLittle ? 0 : width - 1
                    for index in 0..<width { patches[field + index] = byte == 1 && index != lowest ? 0 : byte }
                    exercise(limit: 20) { () throws(FormatError) in
                        try maker.open(PatchedBlocks(blocks: blocks, patches: patches))
                    }
                }
            }
        }
        withExtendedLifetime(volume) {}
    }

    @Test(arguments: makers)
    func `an image with flipped bytes where it is read is an answer or an error`(maker: Maker) throws {
        let (volume, blocks, ranges) = try made(maker)
        var system = SystemRandomNumberGenerator()
        let seed = ProcessInfo.processInfo.environment["KVMCHECK_SEED"].flatMap(UInt64.init) ?? system.next()
        print("\(maker.name): KVMCHECK_SEED=\(seed)")
        var generator = SeededGenerator(seed: seed)
        let rounds = ProcessInfo.processInfo.environment["KVMCHECK_ROUNDS"].flatMap(Int.init) ?? 100
        for _ in 0..<rounds {
            var patches: [UInt64: UInt8] = [:]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                guard let range = ranges.randomElement(using: &generator) else { continue }
                // Metadata has its meaning where a structure begins, more than where it ends.
                let place = UInt64.random(in: range, using: &generator)
                let begin = place & ~UInt64([15, 63, 255, 1023].randomElement(using: &generator) ?? 0)
                let at = max(range.lowerBound, Bool.random(using: &generator) ? place : begin)
                let byte: UInt8 =
                    [0, 1, 0xff, 0x7f, 0x80, UInt8(truncatingIfNeeded: generator.next())]
                    .randomElement(using: &generator) ?? 0
                for index in 0..<UInt64.random(in: 1...4, using: &generator) { patches[at + index] = byte }
            }
            exercise { () throws(FormatError) in try maker.open(PatchedBlocks(blocks: blocks, patches: patches)) }
        }
        withExtendedLifetime(volume) {}
    }
}
