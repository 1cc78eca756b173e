import ByteReading
import Foundation
import LinuxIO
import Testing

@testable import Volumes

/// Whatever the bytes are: an error or an answer, in bounded time.
struct HostileTests {
    /// Bytes over other bytes, so that a disk of many megabytes is changed without a copy.
    private struct Patched: BlockReader {
        let below: any BlockReader
        var size: UInt64
        var patches: [(at: UInt64, bytes: [UInt8])]

        init(_ below: any BlockReader, size: UInt64? = nil, _ patches: (at: UInt64, bytes: [UInt8])...) {
            self.below = below
            self.size = size ?? below.size
            self.patches = patches
        }

        func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
            try requireRange(at: offset, count: buffer.byteCount, of: "patched")
            try below.read(at: offset, into: &buffer)
            for patch in patches {
                for (index, byte) in patch.bytes.enumerated() {
                    let place = patch.at + UInt64(index)
                    guard place >= offset, place - offset < UInt64(buffer.byteCount) else { continue }
                    buffer.storeBytes(of: byte, toByteOffset: Int(place - offset), as: UInt8.self)
                }
            }
        }
    }

    /// Reads all there is to read: every volume's beginning and end.
    private func readAll(_ disks: [any BlockReader]) {
        guard let layout = try? StorageLayout(disks) else { return }
        for volume in layout.volumes {
            guard let blocks = volume.blocks else { continue }
            _ = try? blocks.bytes(at: 0, count: 4096)
            if blocks.size > 4096 { _ = try? blocks.bytes(at: blocks.size - 4096, count: 4096) }
            _ = try? blocks.extent(at: blocks.size / 2)
        }
    }

    private static let values: [[UInt8]] = [
        [0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255],
        [255, 255, 255, 255, 255, 255, 255, 127], [0, 0, 0, 128], [0xff, 0xff, 0xff, 0xff], [0xff], [0x80],
    ]

    /// Each place in some structures with each value, the checksums made to fit afterwards.
    private func patchEach(
        _ disk: any BlockReader, in ranges: [Range<UInt64>], step: Int,
        fit: (Patched) throws -> Patched = { $0 }
    ) throws {
        for range in ranges {
            for place in stride(from: range.lowerBound, to: range.upperBound, by: step) {
                for value in Self.values { readAll([try fit(Patched(disk, (at: place, bytes: value)))]) }
            }
        }
    }

    @Test func `an MBR of any numbers`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            "truncate -s 64M f; printf 'label: dos\\n1: start=2048, size=4096\\n2: start=10000, size=90000, type=5\\n5: start=12048, size=1000\\n6: start=20000, size=1000\\n' | sfdisk --quiet f"
        )
        let disk = try scratch.blocks("f")
        try patchEach(disk, in: [440..<512, 10000 * 512 + 446..<10000 * 512 + 512], step: 1)
    }

    @Test func `a chain of logical partitions that comes back to itself ends`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            "truncate -s 64M f; printf 'label: dos\\n2: start=10000, size=90000, type=5\\n5: start=12048, size=1000\\n6: start=20000, size=1000\\n' | sfdisk --quiet f"
        )
        // The second record's next is the first.
        let disk = try scratch.blocks("f")
        let table = try #require(try PartitionTable.read(disk))
        let second = try #require(table.partitions.last).start
        let record = try #require(
            stride(from: second, to: 10000 * 512, by: -512).first {
                (try? disk.bytes(at: $0 + 510, count: 2)) == [0x55, 0xaa]
            })
        let entry: [UInt8] = [0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        let looped = try #require(try PartitionTable.read(Patched(disk, (at: record + 446 + 16, bytes: entry))))
        #expect(looped.partitions.count == 3)
        guard case .brokenChain(let error) = try #require(looped.faults.first) else {
            Issue.record("\(looped.faults)")
            return
        }
        #expect(error.message == "the chain of logical partitions comes back to itself")
    }

    @Test func `a GPT of any numbers, with checksums that fit`() throws {
        let scratch = try Scratch()
        try scratch.bash("truncate -s 8M f; printf 'label: gpt\\nsize=1M\\nsize=2M\\n' | sfdisk --quiet f")
        let disk = try MemoryBlocks(scratch.blocks("f").bytes(at: 0, count: 8 << 20))
        try patchEach(disk, in: [512..<604, 1024..<1024 + 256], step: 4) { patched in
            var patched = patched
            let entries = try patched.bytes(at: 1024, count: 128 * 128)
            var sum = [UInt8](repeating: 0, count: 4)
            // Only where the patch did not mean the checksum itself.
            if patched.patches[0].at < 600 - 8 || patched.patches[0].at >= 1024 {
                try sum.store(CRC32.ieee.checksum(entries), at: 0)
                patched.patches.append((at: 512 + 88, bytes: sum))
            }
            var header = try patched.bytes(at: 512, count: 92)
            header.replaceSubrange(16..<20, with: [0, 0, 0, 0])
            try sum.store(CRC32.ieee.checksum(header), at: 0)
            patched.patches.append((at: 512 + 16, bytes: sum))
            return patched
        }
    }

    @Test func `a label and metadata of LVM2 of any numbers, with checksums that fit`() throws {
        let disks = try Disks("lvm")
        let disk = try MemoryBlocks(disks.blocks("e").bytes(at: 0, count: 24 << 20))
        func fit(_ patched: Patched, _ range: Range<UInt64>, at place: UInt64) throws -> Patched {
            var patched = patched
            let bytes = try patched.bytes(at: range.lowerBound, count: Int(range.upperBound - range.lowerBound))
            var sum = [UInt8](repeating: 0, count: 4)
            try sum.store(CRC32.ieee.updated(LVMLabel.checksumStart, with: bytes), at: 0)
            patched.patches.append((at: place, bytes: sum))
            return patched
        }
        try patchEach(disk, in: [512 + 8..<512 + 160], step: 4) { try fit($0, 512 + 20..<1024, at: 512 + 16) }
        try patchEach(disk, in: [4096 + 20..<4096 + 88], step: 4) { try fit($0, 4096 + 4..<4096 + 512, at: 4096) }
    }

    @Test func `metadata text of any numbers`() throws {
        let disks = try Disks("lvm")
        let disk = try disks.blocks("d")
        let label = try #require(try LVMLabel.read(disk))
        let text = try #require(try LVMMetadataArea.text(disk, label.metadataAreas[0]))
        let words = String(decoding: text.bytes, as: UTF8.self)
        var seen = 0
        for number in words.matches(of: /= (\d+)/) {
            for value in ["0", "1", "-1", "4294967295", "9223372036854775807"] {
                var changed = words
                changed.replaceSubrange(number.output.1.startIndex..<number.output.1.endIndex, with: value)
                let source = FormatBytes(Array(changed.utf8), of: "LVM2", at: 0)
                guard var group = try? VolumeGroupText.group(source, devices: [disk]) else { continue }
                for index in group.physicalVolumes.indices { group.physicalVolumes[index].device = 0 }
                for volume in group.logicalVolumes {
                    guard let blocks = try? group.blocks(of: volume) else { continue }
                    _ = try? blocks.bytes(at: blocks.size - min(blocks.size, 512), count: Int(min(blocks.size, 512)))
                    _ = try? blocks.extent(at: 0)
                    seen += 1
                }
            }
        }
        #expect(seen > 1000)
    }

    @Test(arguments: [
        ("md", "v12-1", 4096), ("md", "v090-1", 12 * 1_048_576 - 65536), ("md", "v10-1", 12 * 1_048_576 - 8192),
    ])
    func `a superblock of MD of any numbers`(archive: String, name: String, place: Int) throws {
        let disks = try Disks(archive)
        let disk = try disks.blocks(name)
        try patchEach(disk, in: [UInt64(place)..<UInt64(place) + 260], step: 4)
    }

    @Test func `a header of LUKS of any numbers and text`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            "truncate -s 20M f; echo x | cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 f"
        )
        let disk = try scratch.blocks("f")
        for place in stride(from: UInt64(6), to: 300, by: 2) {
            for value in Self.values { _ = try? LUKSHeader.read(Patched(disk, (at: place, bytes: value))) }
        }
        for place in 4096..<UInt64(4096 + 900) {
            for byte in [
                UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "\""), 0, UInt8(ascii: "9"), UInt8(ascii: "\\"),
            ] {
                _ = try? LUKSHeader.read(Patched(disk, (at: place, bytes: [byte])))
            }
        }
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 12288)
        let error = #expect(throws: FormatError.self) {
            try LUKSHeader.read(Patched(disk, (at: 4096, bytes: deep), (at: 16384 + 4096, bytes: deep)))
        }
        #expect(error?.message == "values stand too deep in each other")
    }

    @Test func `a disk that is cut off anywhere`() throws {
        for (archive, names) in [("lvm", ["a", "e", "f"]), ("md", ["v12-1", "v090-1", "v10-1"])] {
            let disks = try Disks(archive)
            for name in names {
                let disk = try disks.blocks(name)
                var sizes = Array(stride(from: UInt64(0), to: 8192, by: 97))
                sizes += Array(stride(from: UInt64(8192), to: disk.size, by: 3_000_017))
                for size in sizes { readAll([BlockSlice(disk, start: 0, size: size)]) }
            }
        }
    }

    @Test func `random bytes in every structure`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        let lvm = try Disks("lvm")
        let md = try Disks("md")
        var disks: [any BlockReader] = []
        for name in ["a", "d", "e", "f"] { disks.append(try lvm.blocks(name)) }
        for name in ["v12-1", "v11-1", "v090-1"] { disks.append(try md.blocks(name)) }
        for round in 0..<400 {
            let disk = disks[round % disks.count]
            var patched = Patched(disk)
            for _ in 0..<4 {
                let near: [UInt64] = [0, 512, 4096, 8192, disk.size - 65536, disk.size - 8192]
                let place = near[Int(random.next() % 6)] + random.next() % 512
                patched.patches.append((at: place, bytes: [UInt8(truncatingIfNeeded: random.next())]))
            }
            readAll([patched])
        }
        print("seed of the random bytes: \(seed)")
    }

    private struct SplitMix {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
            return value ^ value >> 31
        }
    }
}
