import ByteReading
import Foundation
import Testing

@testable import DiskImages

struct VHDTests {
    private func details(_ workshop: Workshop, _ name: String) throws -> VHDFacts {
        guard case .vhd(let details)? = DiskImage.open(workshop.file(name)).facts?.details else {
            throw FormatError(.invalid, "VHD", "none")
        }
        return details
    }

    @Test(arguments: ["fixed", "dynamic", "fixed,force_size=on", "dynamic,force_size=on"])
    func `the disk is the one that qemu-img converts`(subformat: String) throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vpc -o subformat=\(subformat) a 11M
            qemu-io -f vpc -c 'write -P 1 0 300k' -c 'write -P 2 4095k 3k' -c 'write -P 3 9m 1m' -c 'write -z 100k 50k' a >/dev/null
            """)
        try workshop.shell("qemu-img convert -f vpc -O raw a a.converted")
        try workshop.compare("a", withRaw: "a.converted")
        let text = try workshop.run("qemu-img", "info", "-f", "vpc", "--output=json", "a")
        let info = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let facts = try #require(DiskImage.open(workshop.file("a")).facts)
        #expect(facts.virtualSize == info["virtual-size"] as? UInt64)
        #expect(facts.allocatedSize == info["actual-size"] as? UInt64)
        #expect(facts.clusterSize == info["cluster-size"] as? UInt64)
        #expect(facts.subformat == String(subformat.prefix { $0 != "," }))
        let details = try details(workshop, "a")
        #expect(details.footer == .intact)
        #expect(details.footerCopy == (subformat.hasPrefix("fixed") ? nil : .intact))
        #expect(details.isDynamicHeaderIntact == (subformat.hasPrefix("fixed") ? nil : true))
        #expect(details.creatorApplication == (subformat.contains("force_size") ? "qem2" : "qemu"))
        #expect(details.geometrySize == facts.virtualSize || subformat.contains("force_size"))
    }

    @Test func `of the footer and its copy the good one is used`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f vpc a 11M; qemu-io -f vpc -c 'write -P 1 0 1M' a >/dev/null; qemu-img convert -f vpc -O raw a raw"
        )
        let size = UInt64(try workshop.bytes("a").count)
        try workshop.patch("a", at: size - 500, [7])
        #expect(try details(workshop, "a").footer == .damaged)
        try workshop.compare("a", withRaw: "raw")
        try workshop.shell("truncate -s -512 a")
        #expect(try details(workshop, "a").footer == .missing)
        try workshop.compare("a", withRaw: "raw")
        try workshop.patch("a", at: 12, [7])
        guard case .malformed(let error)? = DiskImage.open(workshop.file("a")).chain.links.first?.state else {
            Issue.record("two bad footers were believed")
            return
        }
        #expect(error.kind == .invalid)
    }

    @Test func `a fixed disk that was cut off is not one`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vpc -o subformat=fixed a 11M; tail -c 512 a > footer
            head -c 1M a > b; cat footer >> b
            """)
        let image = DiskImage.open(workshop.file("b"))
        #expect(image.facts?.format == .vhd)
        #expect(#expect(throws: FormatError.self) { try image.disk() }?.kind == .truncated)
    }

    @Test func `blocks that were cut off are counted`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f vpc a 11M; qemu-io -f vpc -c 'write -P 1 0 8M' a >/dev/null; truncate -s 4M a")
        let allocation = try #require(try DiskImage.open(workshop.file("a")).allocation())
        #expect(allocation.stored == 4)
        // 2 MiB a block with a sector of bits before it, after 2 KiB of headers and table: two are whole or begin.
        #expect(allocation.lost == 2)
        #expect(allocation.firstLost == 4 << 20)
    }

    /// qemu-img makes no differencing disk, so that one is made of a dynamic one by the specification: its type, its
    /// parent's locator and the bits of its sectors are put in by hand.
    @Test func `a differencing disk holds the sectors whose bits are set`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vpc -o force_size=on base.vhd 8M
            qemu-io -f vpc -c 'write -P 1 0 8M' base.vhd >/dev/null
            qemu-img create -q -f vpc -o force_size=on child.vhd 8M
            qemu-io -f vpc -c 'write -P 2 2M 2M' child.vhd >/dev/null
            """)
        var bytes = try workshop.bytes("child.vhd")
        func seal(_ place: Int, _ count: Int, _ field: Int) {
            bytes.replaceSubrange(place + field..<place + field + 4, with: [0, 0, 0, 0])
            let sum = bytes[place..<place + count].reduce(UInt32(0)) { $0 &+ UInt32($1) }
            bytes.replaceSubrange(place + field..<place + field + 4, with: big(~sum))
        }
        let path = Array(".\\base.vhd".utf16).flatMap { little($0) }
        let locator = bytes.count - 512
        bytes.replaceSubrange(
            512 + 576..<512 + 600,
            with: Array("W2ru".utf8) + big(UInt32(512)) + big(UInt32(path.count)) + big(UInt32(0))
                + big(UInt64(locator)))
        seal(512, 1024, 36)
        for place in [0, locator] {
            bytes.replaceSubrange(place + 60..<place + 64, with: big(UInt32(4)))
            seal(place, 512, 64)
        }
        let footer = bytes[locator...]
        bytes.replaceSubrange(locator..., with: path + [UInt8](repeating: 0, count: 512 - path.count) + footer)
        // The second block's bits: of its first 24 sectors 0 to 3 and 8 to 20 are the child's.
        let table = bytes[512 + 16..<512 + 24].reduce(0) { $0 << 8 | Int($1) }
        let block = bytes[table + 4..<table + 8].reduce(0) { $0 << 8 | Int($1) } * 512
        bytes.replaceSubrange(block..<block + 512, with: [0xf0, 0xff, 0xf8] + [UInt8](repeating: 0, count: 509))
        try workshop.write(bytes, to: "child.vhd")
        var expected = [UInt8](repeating: 1, count: 8 << 20)
        for sector in Array(0..<4) + Array(8..<21) {
            let start = (2 << 20) + sector * 512
            expected.replaceSubrange(start..<start + 512, with: [UInt8](repeating: 2, count: 512))
        }
        try workshop.write(expected, to: "raw")
        let image = DiskImage.open(workshop.file("child.vhd"))
        #expect(image.chain.links.map(\.path) == [workshop.file("child.vhd"), workshop.file("base.vhd")])
        #expect(image.chain.links.last?.reference.written == ".\\base.vhd")
        #expect(image.facts?.subformat == "differencing")
        try workshop.compare("child.vhd", withRaw: "raw")
        try workshop.shell("rm base.vhd")
        #expect(DiskImage.open(workshop.file("child.vhd")).chain.links.last?.state == .missing)
    }
}
