import ByteReading
import Foundation
import Testing

@testable import DiskImages

/// The bytes of a VHDX, for what no tool here makes.
private struct Bytes {
    var bytes: [UInt8]

    func number(_ place: Int, _ count: Int) -> Int {
        bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func put(_ new: [UInt8], at place: Int) { bytes.replaceSubrange(place..<place + new.count, with: new) }

    /// The checksum of a header, a table or a log entry.
    mutating func seal(_ place: Int, _ count: Int) {
        put([0, 0, 0, 0], at: place + 4)
        var sum = CRC32C()
        sum.add(bytes, place..<place + count)
        put(little(sum.inverted), at: place + 4)
    }

    /// Where a region begins; the block table is the first that qemu-img writes, the metadata the second.
    func region(_ index: Int) -> Int { number(196_608 + 16 + index * 32 + 16, 8) }
}

struct VHDXTests {
    private func details(_ workshop: Workshop, _ name: String = "a") throws -> VHDXFacts {
        guard case .vhdx(let details)? = DiskImage.open(workshop.file(name)).facts?.details else {
            throw FormatError(.invalid, "VHDX", "none")
        }
        return details
    }

    @Test(arguments: [
        "dynamic", "fixed", "dynamic,block_size=1M", "dynamic,block_size=64M", "dynamic,block_state_zero=off",
    ])
    func `the disk is the one that qemu-img converts`(options: String) throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vhdx -o subformat=\(options) a 40M
            qemu-io -f vhdx -c 'write -P 1 0 300k' -c 'write -P 2 8191k 3k' -c 'write -P 3 39m 1m' a >/dev/null
            """)
        try workshop.compareWithQEMU("a")
        let text = try workshop.run("qemu-img", "info", "--output=json", "a")
        let info = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let facts = try #require(DiskImage.open(workshop.file("a")).facts)
        #expect(facts.virtualSize == info["virtual-size"] as? UInt64)
        #expect(facts.allocatedSize == info["actual-size"] as? UInt64)
        #expect(facts.clusterSize == info["cluster-size"] as? UInt64)
        #expect(facts.subformat == String(options.prefix { $0 != "," }))
        let details = try details(workshop)
        #expect(details.headersAreIntact == [true, true])
        #expect(details.regionTablesAreIntact == [true, true])
        #expect(details.replayedLogEntries == 0)
        #expect(details.creator.hasPrefix("QEMU v"))
        #expect(details.logicalSectorSize == 512)
    }

    @Test func `of two headers and two region tables the good one is used`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f vhdx a 8M; qemu-io -f vhdx -c 'write -P 1 1M 1M' a >/dev/null; qemu-img convert -O raw a raw"
        )
        try workshop.patch("a", at: 65536 + 8, [0xff])
        try workshop.patch("a", at: 196_608 + 100, [1])
        #expect(try details(workshop).headersAreIntact == [false, true])
        #expect(try details(workshop).regionTablesAreIntact == [false, true])
        try workshop.compare("a", withRaw: "raw")
        try workshop.patch("a", at: 131_072 + 8, [0xff])
        guard case .malformed? = DiskImage.open(workshop.file("a")).chain.links.first?.state else {
            Issue.record("two bad headers were believed")
            return
        }
    }

    @Test func `blocks that were cut off are counted`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f vhdx -o block_size=1M a 8M; qemu-io -f vhdx -c 'write -P 1 0 8M' a >/dev/null; truncate -s -3M a"
        )
        let image = DiskImage.open(workshop.file("a"))
        let allocation = try #require(try image.allocation())
        #expect(allocation.stored == 8)
        #expect(allocation.lost == 3)
        #expect(allocation.firstLost == 5 << 20)
        let disk = try image.disk()
        #expect(#expect(throws: FormatError.self) { try disk.bytes(at: 5 << 20, count: 1) }?.kind == .truncated)
    }

    /// Two entries in the log, one of data over its ring's end, one of zeros; qemu-img replays them when it repairs.
    @Test(arguments: [0, (1 << 20) - 8192])
    func `a log is replayed in memory as qemu-img replays it in the file`(place: Int) throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f vhdx -o block_size=1M a 4M; qemu-io -f vhdx -c 'write -P 1 0 4M' a >/dev/null")
        var file = Bytes(bytes: try workshop.bytes("a"))
        let log = file.number(65536 + 72, 8)
        let size = file.number(65536 + 68, 4)
        let identity = [UInt8](1...16)
        let block = file.number(file.region(0), 8) / (1 << 20) * (1 << 20)
        var entries = Bytes(bytes: [])
        func entry(_ number: UInt64, _ descriptors: [[UInt8]], _ data: [[UInt8]]) {
            let start = entries.bytes.count
            let length = 4096 * (1 + data.count)
            let head =
                [
                    Array("loge".utf8), [0, 0, 0, 0], little(UInt32(length)), little(UInt32(place)), little(number),
                    little(UInt32(descriptors.count)), [0, 0, 0, 0], identity, little(UInt64(file.bytes.count)),
                    little(UInt64(file.bytes.count)),
                ].flatMap(\.self) + descriptors.flatMap(\.self)
            entries.bytes += head + [UInt8](repeating: 0, count: 4096 - head.count) + data.flatMap(\.self)
            entries.seal(start, length)
        }
        func data(_ number: UInt64, _ fill: UInt8) -> [UInt8] {
            Array("data".utf8) + little(UInt32(number >> 32)) + [UInt8](repeating: fill, count: 4084)
                + little(UInt32(truncatingIfNeeded: number))
        }
        let first: UInt64 = 1 << 32 + 7
        entry(
            first,
            [8192, 12288].map {
                Array("desc".utf8) + [9, 8, 7, 6] + [1, 2, 3, 4, 5, 6, 7, 8] + little(UInt64(block + $0))
                    + little(first)
            },
            [data(first, 0xaa), data(first, 0xbb)])
        entry(
            first + 1,
            [
                Array("zero".utf8) + [0, 0, 0, 0] + little(UInt64(8192)) + little(UInt64(block + 12288))
                    + little(first + 1)
            ], [])
        for (index, byte) in entries.bytes.enumerated() { file.bytes[log + (place + index) % size] = byte }
        for header in [65536, 131_072] {
            file.put(identity, at: header + 48)
            file.seal(header, 4096)
        }
        try workshop.write(file.bytes, to: "a")
        var expected = [UInt8](repeating: 1, count: 4 << 20)
        let sector: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 0xaa, count: 4084) + [9, 8, 7, 6]
        expected.replaceSubrange(8192..<20480, with: sector + [UInt8](repeating: 0, count: 8192))
        try workshop.write(expected, to: "raw")
        // Where the run goes over the ring's end, QEMU 7.2 finds its second half first and forgets the entry that the tail
        // points to; the specification counts from there.
        if place == 0 {
            try workshop.shell("cp a b; qemu-img check -q -r all b; qemu-img convert -O raw b c; cmp c raw")
        }
        let details = try details(workshop)
        #expect(details.replayedLogEntries == 2)
        try workshop.compare("a", withRaw: "raw")
        // An entry whose checksum does not fit ends the run.
        file.bytes[log + (place + 12288 + 70) % size] ^= 1
        try workshop.write(file.bytes, to: "a")
        #expect(try self.details(workshop).replayedLogEntries == 1)
    }

    /// qemu-img makes no differencing disk: by the specification, out of two that it makes.
    @Test func `a differencing disk holds the sectors whose bits are set`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f vhdx -o block_size=1M base.vhdx 4M; qemu-io -f vhdx -c 'write -P 1 0 4M' base.vhdx >/dev/null
            qemu-img create -q -f vhdx -o block_size=1M,block_state_zero=off child.vhdx 4M
            qemu-io -f vhdx -c 'write -P 2 1M 2M' child.vhdx >/dev/null
            """)
        var file = Bytes(bytes: try workshop.bytes("child.vhdx"))
        let (table, metadata) = (file.region(0), file.region(1))
        // The table of blocks gets long enough to hold the entry of the first block of sector bits: 4096 blocks a chunk.
        for place in [196_608, 262_144] {
            file.put(little(UInt32(1 << 20)), at: place + 16 + 24)
            file.seal(place, 65536)
        }
        let count = file.number(metadata + 10, 2)
        for index in 0..<count where file.bytes[metadata + 32 + index * 32] == 0x37 {
            // The file's parameters: it has a parent.
            let item = metadata + file.number(metadata + 32 + index * 32 + 16, 4)
            file.put(little(UInt32(2)), at: item + 4)
        }
        let key = Array("relative_path".utf16).flatMap { little($0) }
        let value = Array(".\\base.vhdx".utf16).flatMap { little($0) }
        let locator =
            [UInt8](repeating: 0, count: 18) + little(UInt16(1)) + little(UInt32(32)) + little(UInt32(32 + key.count))
            + little(UInt16(key.count)) + little(UInt16(value.count)) + key + value
        let name: [UInt8] = [
            0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c,
        ]
        file.put(
            name + little(UInt32(0x20000)) + little(UInt32(locator.count)) + little(UInt32(4)) + little(UInt32(0)),
            at: metadata + 32 + count * 32)
        file.put(little(UInt16(count + 1)), at: metadata + 10)
        file.put(locator, at: metadata + 0x20000)
        // The second block is held in part, the third whole; the bits of the chunk stand in a block at the end.
        file.put([UInt8(file.bytes[table + 8] & 0xf8 | 7)], at: table + 8)
        let bits = (file.bytes.count + (1 << 20) - 1) / (1 << 20) * (1 << 20)
        file.bytes += [UInt8](repeating: 0, count: bits + (1 << 20) - file.bytes.count)
        file.put([0x0f, 0xff, 0x1f], at: bits + 256)
        file.put(little(UInt64(bits | 6)), at: table + 4096 * 8)
        try workshop.write(file.bytes, to: "child.vhdx")
        var expected = [UInt8](repeating: 1, count: 4 << 20)
        for sector in (0..<4).map({ 2048 + $0 }) + (8..<21).map({ 2048 + $0 }) + Array(4096..<6144) {
            expected.replaceSubrange(sector * 512..<sector * 512 + 512, with: [UInt8](repeating: 2, count: 512))
        }
        try workshop.write(expected, to: "raw")
        let image = DiskImage.open(workshop.file("child.vhdx"))
        #expect(image.chain.links.map(\.path) == [workshop.file("child.vhdx"), workshop.file("base.vhdx")])
        #expect(image.facts?.subformat == "differencing")
        try workshop.compare("child.vhdx", withRaw: "raw")
    }
}
