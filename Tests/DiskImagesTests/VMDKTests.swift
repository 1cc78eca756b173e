import ByteReading
import Evidence
import Foundation
import Testing

@testable import DiskImages

struct VMDKTests {
    private func details(_ workshop: Workshop, _ name: String = "a.vmdk") throws -> VMDKFacts {
        guard case .vmdk(let details)? = DiskImage.open(workshop.file(name)).facts?.details else {
            throw FormatError(.invalid, "VMDK", "none")
        }
        return details
    }

    @Test(arguments: [
        "monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "streamOptimized",
        "monolithicSparse,zeroed_grain=on", "monolithicSparse,compat6", "monolithicSparse,adapter_type=lsilogic",
    ])
    func `the disk is the one that qemu-img converts`(options: String) throws {
        let workshop = try Workshop()
        let subformat = String(options.prefix { $0 != "," })
        // A stream is written once, front to back.
        let writes =
            subformat == "streamOptimized"
            ? "{ seq 1 200000; head -c 3M /dev/zero; head -c 700000 /dev/urandom; } > raw; truncate -s 7168k raw; qemu-img convert -O vmdk -o subformat=\(options) raw a.vmdk"
            : "qemu-img create -q -f vmdk -o subformat=\(options) a.vmdk 7168k; qemu-io -f vmdk -c 'write -P 1 0 300k' -c 'write -P 2 1000k 3k' -c 'write -P 3 6m 1m' \(options.contains("zeroed") ? "-c 'write -z 128k 64k'" : "") a.vmdk >/dev/null"
        try workshop.shell(writes)
        try workshop.compareWithQEMU("a.vmdk")
        let text = try workshop.run("qemu-img", "info", "--output=json", "a.vmdk")
        let info = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let specific = try #require(info["format-specific"] as? [String: Any])
        let data = try #require(specific["data"] as? [String: Any])
        let facts = try #require(DiskImage.open(workshop.file("a.vmdk")).facts)
        #expect(facts.virtualSize == info["virtual-size"] as? UInt64)
        #expect(facts.subformat == data["create-type"] as? String)
        // What has its extents in other files has no clusters itself.
        if ["monolithicSparse", "streamOptimized"].contains(subformat) {
            #expect(facts.clusterSize == info["cluster-size"] as? UInt64)
            #expect(facts.allocatedSize == info["actual-size"] as? UInt64)
        }
        let details = try details(workshop)
        #expect(details.contentIdentity.flatMap { UInt32($0, radix: 16) } == data["cid"] as? UInt32)
        #expect(details.parentIdentity == nil)
        #expect(data["parent-cid"] as? UInt32 == .max)
        let extents = try #require(data["extents"] as? [[String: Any]])
        #expect(details.extents.map(\.size) == extents.map { $0["virtual-size"] as? UInt64 })
        #expect(details.adapterType == (options.contains("lsilogic") ? "lsilogic" : "ide"))
        #expect(details.hardwareVersion == (options.contains("compat6") ? "6" : "4"))
        #expect(details.isCompressed == (subformat == "streamOptimized"))
        #expect(details.isLineEndIntact)
    }

    @Test(arguments: ["Sparse", "Flat"])
    func `a disk in parts of two gigabytes is one disk`(kind: String) throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vmdk -o subformat=twoGbMaxExtent\(kind) a.vmdk 4100M
            qemu-io -f vmdk -c 'write -P 1 0 64k' -c 'write -P 2 2047M 2M' -c 'write -P 3 4098M 2M' a.vmdk >/dev/null
            """)
        let image = DiskImage.open(workshop.file("a.vmdk"))
        let letter = kind == "Sparse" ? "s" : "f"
        #expect(image.chain.links.first?.parts.map(\.path) == (1...3).map { workshop.file("a-\(letter)00\($0).vmdk") })
        let disk = try image.disk()
        #expect(disk.size == 4100 << 20)
        for (place, fill) in [
            (0, 1), (65536, 0), (2047 << 20, 2), ((2049 << 20) - 1, 2), (2049 << 20, 0), (4098 << 20, 3),
        ] {
            #expect(try disk.bytes(at: UInt64(place), count: 1) == [UInt8(fill)], "\(place)")
        }
        // Over the end of an extent, as one read.
        let middle = try disk.bytes(at: 2047 << 20, count: 2 << 20)
        #expect(Data(middle).same(as: [UInt8](repeating: 2, count: 2 << 20), at: 0))
        try workshop.shell("rm a-\(letter)002.vmdk")
        #expect(
            #expect(throws: FormatError.self) { try DiskImage.open(workshop.file("a.vmdk")).disk() }?.kind == .system)
    }

    @Test func `an extent outside the folder is refused`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "mkdir in; qemu-img create -q -f vmdk -o subformat=monolithicFlat in/a.vmdk 1M; mv in/a-flat.vmdk .")
        let text = String(decoding: try workshop.bytes("in/a.vmdk"), as: UTF8.self)
        for (name, state) in [
            ("../a-flat.vmdk", ImageState.refused(.outsideAllowedFolders(workshop.file("a-flat.vmdk")))),
            ("/etc/shadow", .refused(.outsideAllowedFolders("/etc/shadow"))),
            ("/dev/zero", .refused(.notRegularFile(.characterDevice))),
            ("nbd://x/y", .refused(.networkOrProtocol("nbd"))), ("gone", .missing), ("a.vmdk", .loop),
        ] {
            try workshop.write(Array(text.replacing("a-flat.vmdk", with: name).utf8), to: "in/a.vmdk")
            let image = DiskImage.open(workshop.file("in/a.vmdk"))
            #expect(image.chain.links.first?.parts.map(\.state) == [state])
            #expect(throws: FormatError.self) { try image.disk() }
        }
    }

    @Test func `a chain of VMDKs is one disk, and each child knows its parent`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vmdk 0.vmdk 5M; qemu-io -f vmdk -c 'write -P 9 0 3M' 0.vmdk >/dev/null
            for i in 1 2; do
              qemu-img create -q -f vmdk -b $((i-1)).vmdk -F vmdk $i.vmdk
              qemu-io -f vmdk -c "write -P $i $((i*200))k $((i*77))k" $i.vmdk >/dev/null
            done
            """)
        try workshop.compareWithQEMU("2.vmdk")
        #expect(try details(workshop, "2.vmdk").parentIdentity == details(workshop, "1.vmdk").contentIdentity)
        #expect(BackingChain.read(workshop.file("2.vmdk")).links.count == 3)
        #expect(BackingChain.read(workshop.file("2.vmdk")).isParentChanged(below: 0) == false)
        // A write gives the content a new id.
        try workshop.shell("qemu-io -f vmdk -c 'write -P 7 0 4k' 1.vmdk >/dev/null")
        #expect(BackingChain.read(workshop.file("2.vmdk")).isParentChanged(below: 0) == true)
        #expect(BackingChain.read(workshop.file("2.vmdk")).isParentChanged(below: 1) == false)
        #expect(BackingChain.read(workshop.file("2.vmdk")).isParentChanged(below: 2) == nil)
    }

    @Test func `a stream without its end is not read`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "seq 1 300000 > raw; truncate -s 2M raw; qemu-img convert -O vmdk -o subformat=streamOptimized raw a.vmdk")
        // VMware's streams have the directory at the end, in the footer; qemu-img's header says it too.
        var bytes = try workshop.bytes("a.vmdk")
        let header = Array(bytes[0..<512])
        bytes.replaceSubrange(56..<64, with: [UInt8](repeating: 0xff, count: 8))
        let footer =
            [UInt8](repeating: 0, count: 8) + little(UInt32(0)) + little(UInt32(3)) + [UInt8](repeating: 0, count: 496)
        let whole = bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
        try workshop.write(whole + footer + header + [UInt8](repeating: 0, count: 512), to: "b.vmdk")
        #expect(try details(workshop, "b.vmdk").isFooterIntact == true)
        try workshop.compareWithQEMU("b.vmdk")
        try workshop.shell("truncate -s -512 b.vmdk")
        guard case .malformed(let error)? = DiskImage.open(workshop.file("b.vmdk")).chain.links.first?.state else {
            Issue.record("a stream without its end was read")
            return
        }
        #expect(error.kind == .truncated)
    }

    @Test func `grains that were cut off are counted`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f vmdk a.vmdk 4M; qemu-io -f vmdk -c 'write -P 1 0 4M' a.vmdk >/dev/null; truncate -s -1M a.vmdk"
        )
        let allocation = try #require(try DiskImage.open(workshop.file("a.vmdk")).allocation())
        #expect(allocation.clusterSize == 65536)
        #expect(allocation.stored == 64)
        #expect(allocation.lost == 16)
        #expect(allocation.firstLost == 3 << 20)
    }
}
