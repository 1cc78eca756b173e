import ByteReading
import Testing

@testable import DiskImages

struct FormatDetectionTests {
    @Test(arguments: [
        ("raw", "raw", ImageFormat.raw), ("qcow2", "qcow2", .qcow2), ("qcow", "qcow", .qcow), ("qed", "qed", .qed),
        ("vdi", "vdi", .vdi), ("vmdk", "vmdk", .vmdk), ("vpc -o subformat=fixed", "vhd", .vhd),
        ("vpc -o subformat=dynamic", "vhd", .vhd), ("vhdx", "vhdx", .vhdx),
        ("vmdk -o subformat=monolithicFlat", "vmdk", .vmdk), ("vmdk -o subformat=streamOptimized", "vmdk", .vmdk),
        ("vmdk -o subformat=twoGbMaxExtentSparse", "vmdk", .vmdk), ("parallels", "hdd", .parallels),
    ])
    func `what qemu-img writes is recognised by its content`(options: String, name: String, format: ImageFormat) throws
    {
        let workshop = try Workshop()
        try workshop.shell("qemu-img create -q -f \(options) disk.img 8M")
        let chain = BackingChain.read(workshop.file("disk.img"))
        #expect(chain.links.map(\.contentFormat) == [format])
        #expect(ImageFormat.claimed(byName: "a/b.\(name)").contains(format))
        // qemu-img sees a fixed VHD as raw.
        if options != "vpc -o subformat=fixed" {
            #expect(try workshop.shell("qemu-img info disk.img").contains("file format: \(format.qemuName ?? "")\n"))
        }
    }

    @Test(arguments: [
        ("gzip", ImageFormat.gzip), ("xz", .xz), ("zstd -q --rm", .zstd), ("bzip2", .bzip2),
    ])
    func `a compressed image is no raw disk`(tool: String, format: ImageFormat) throws {
        let workshop = try Workshop()
        try workshop.shell("truncate -s 1M disk.img; \(tool) disk.img; mv disk.img.* disk")
        #expect(BackingChain.read(workshop.file("disk")).links.first?.contentFormat == format)
    }

    @Test func `an OVA is a tar file that begins with its descriptor`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "echo '<Envelope/>' > vm.ovf; truncate -s 1M disk.raw; tar cf a.ova vm.ovf disk.raw; tar cf b.tar disk.raw")
        #expect(BackingChain.read(workshop.file("a.ova")).links.first?.contentFormat == .ova)
        #expect(BackingChain.read(workshop.file("b.tar")).links.first?.contentFormat == .tar)
    }

    @Test func `a LUKS container is known by the magic of its specification`() throws {
        var header = [UInt8](repeating: 0, count: 4096)
        header.replaceSubrange(0..<8, with: [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 2])
        #expect(try ImageFormat.detect(MemoryBlocks(header)) == .luks)
    }

    @Test func `an empty file and one of a byte are raw`() throws {
        #expect(try ImageFormat.detect(MemoryBlocks([])) == .raw)
        #expect(try ImageFormat.detect(MemoryBlocks([0x51])) == .raw)
    }

    @Test func `a name without an extension claims nothing`() {
        for name in ["disk", "a.d/disk", "disk.img", ".", "", "x."] {
            #expect(ImageFormat.claimed(byName: name).isEmpty)
        }
        #expect(ImageFormat.claimed(byName: "x.VHDX") == [.vhdx])
    }
}
