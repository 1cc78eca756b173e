import ByteReading
import Evidence
import FileSystems
import Foundation
import LinuxIO
import Testing

/// Volumes of mkfs.fat that mtools filled, and of mkfs.exfat that exfat-fuse filled: what is read is what was copied.
struct FATTests {
    private func bash(_ script: String, in volume: TestVolume) throws -> String {
        try TestVolume.run(
            "bash", ["-c", "set -e; cd '\(volume.folder.path)'; \(script)"],
            environment: ["MTOOLS_SKIP_CHECK": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"])
    }

    @Test(arguments: [
        (3 << 20, "-F 12 -s 4", "FAT12"), (3 << 20, "", "FAT12"), (8 << 20, "-F 16 -s 1", "FAT16"),
        (40 << 20, "-F 16 -s 16 -r 112", "FAT16"), (64 << 20, "-F 32 -s 1 -n 'EFI sys'", "FAT32"),
        (64 << 20, "-F 32 -s 1 -f 1", "FAT32"), (400 << 20, "-F 32 -S 4096 -s 1", "FAT32"),
        (64 << 20, "-F 32 -a -R 64", "FAT32"), (300 << 20, "-F 16 -s 64 -S 512", "FAT16"),
    ])
    func `every file of a FAT is what mcopy wrote`(size: Int, options: String, variant: String) throws {
        let volume = try TestVolume(size: size)
        let folder = try CopiedFolder.make(in: volume.folder)
        // mtools knows only the characters of 16 bits.
        _ = try bash(
            "rm tree/names/emoji*; mkfs.fat \(options) -i 12ab34cd image >/dev/null; mcopy -s -m -Q -i image tree/* ::; fsck.fat -n image >/dev/null",
            in: volume)
        let reader = try FATReader(try volume.blocks())
        #expect(reader.facts.variant == variant)
        #expect(reader.facts.uuid == "12AB-34CD")
        #expect(reader.facts.label == (options.contains("-n") ? "EFI sys" : nil))
        #expect(reader.facts.state == [])
        #expect(reader.facts.problems == [])
        try folder.expectSame(as: reader, times: true)
        // mdir's last line: “… bytes free”, which it counts in the table itself.
        let free = try bash("mdir -i image :: | tail -2 | tr -cd 0-9", in: volume)
        if variant != "FAT32" { #expect(reader.facts.freeSize == UInt64(free)) }
        #expect(try reader.read("/efi/boot/bootx64.efi", limit: 10000).get()?.count == 5000)
        #expect(try reader.exists("/NAMES/LONGLO~1").get() == true)
    }

    @Test func `short names have the case of their flags and the characters of code page 437`() throws {
        let volume = try TestVolume(size: 3 << 20)
        _ = try bash(
            "mkfs.fat image >/dev/null; echo a > A; mcopy -i image A ::ABC.TXT; mcopy -i image A ::DEF.TXT", in: volume)
        let blocks = try volume.blocks()
        let root = try blocks.bytes(at: 0, count: 1 << 20)
        let first = try #require(root.firstRange(of: Array("ABC     TXT".utf8))).lowerBound
        let second = try #require(root.firstRange(of: Array("DEF     TXT".utf8))).lowerBound
        let patched = PatchedBlocks(
            blocks: blocks,
            patches: [
                UInt64(first + 12): 0x08, UInt64(second): 0x9a, UInt64(second + 1): 0x05, UInt64(second + 12): 0x10,
            ])
        let reader = try FATReader(patched)
        let names = try reader.entries(in: try reader.node(reader.rootNumber)).map {
            String(decoding: $0.name, as: UTF8.self)
        }
        #expect(names == ["abc.TXT", "Ü\u{5}F.txt"])
    }

    @Test func `a volume that was not unmounted is told`() throws {
        let volume = try TestVolume(size: 64 << 20)
        _ = try bash(
            "mkfs.fat -F 32 image >/dev/null; printf '\\x01' | dd of=image bs=1 seek=65 conv=notrunc status=none",
            in: volume)
        #expect(try FATReader(try volume.blocks()).facts.state == .notCleanlyUnmounted)
    }

    @Test func `a damaged first sector or table is replaced by its copy, and named`() throws {
        let volume = try TestVolume(size: 64 << 20)
        let folder = try CopiedFolder.make(in: volume.folder, many: 10)
        _ = try bash(
            "rm tree/names/emoji*; mkfs.fat -F 32 image >/dev/null; mcopy -s -m -Q -i image tree/* ::; dd if=/dev/zero of=image bs=512 count=1 conv=notrunc status=none; dd if=/dev/zero of=image bs=512 seek=32 count=8 conv=notrunc status=none",
            in: volume)
        let reader = try FATReader(try volume.blocks())
        #expect(reader.facts.problems.count == 2)
        try folder.expectSame(as: reader)
    }

    @Test(
        .enabled(if: TestVolume.canMount && FileManager.default.fileExists(atPath: "/dev/fuse")),
        arguments: [
            (16 << 20, "-c 512 -L 'lab ü'"), (16 << 20, ""), (300 << 20, "-c 128K"),
        ])
    func `every file of an exFAT is what exfat-fuse wrote`(size: Int, options: String) throws {
        let volume = try TestVolume(size: size)
        let folder = try CopiedFolder.make(in: volume.folder)
        _ = try bash(
            """
            mkfs.exfat \(options) image >/dev/null
            loop=$(losetup -f --show image)
            trap 'umount mount 2>/dev/null || true; losetup -d $loop' EXIT
            mount.exfat-fuse $loop mount >/dev/null
            cp -r --preserve=timestamps tree/. mount
            rm mount/many/*1
            cp tree/sizes/f300000 mount/fragmented
            umount mount
            fsck.exfat -n image
            rm tree/many/*1
            cp tree/sizes/f300000 tree/fragmented
            """, in: volume)
        let reader = try ExFATReader(try volume.blocks())
        #expect(reader.facts.label == (options.contains("-L") ? "lab ü" : nil))
        #expect(reader.facts.problems == [])
        #expect(reader.facts.state == [])
        try folder.expectSame(as: reader, times: false)
        #expect(try reader.read("/efi/boot/bootx64.efi", limit: 10000).get()?.count == 5000)
        let blkid = try bash("blkid -p -o value -s UUID image", in: volume).trimmingCharacters(
            in: .whitespacesAndNewlines)
        #expect(reader.facts.uuid == blkid)
    }
}
