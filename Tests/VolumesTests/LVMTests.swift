import ByteReading
import Foundation
import LinuxIO
import Testing

@testable import Volumes

/// Disks that lvm2 wrote in a virtual machine, held against what `lvs`, `vgs` and `pvs` said there, and against the bytes
/// that were written through the device mapper; see Fixtures/make-lvm.
struct LVMTests {
    private let disks: Disks
    private let report: [[[String]]]

    init() throws {
        disks = try Disks("lvm")
        report = try disks.report("lvm")
    }

    private func scan(_ names: [String] = ["a", "b", "c", "d", "e", "f"]) throws -> LVMScan {
        try LVMScan(
            try names.map { name -> any BlockReader in
                let disk = try disks.blocks(name)
                guard let partition = try PartitionTable.read(disk)?.partitions.first else { return disk }
                return partition.blocks(of: disk)
            })
    }

    private func group(_ name: String = "many", in scan: LVMScan) throws -> VolumeGroup {
        try #require(scan.groups.first { $0.name == name })
    }

    private func isRight(_ volume: String, _ group: VolumeGroup, content: String? = nil) throws -> Bool {
        let blocks = try group.blocks(of: try #require(group.logicalVolume(volume)))
        return try blocks.firstSectorThatIsNot(content ?? volume) == nil
    }

    @Test func `logical volumes are what lvs says they are`() throws {
        let scan = try scan()
        var told: [String: [String]] = [:]
        for row in report[0] where row.count == 7 { told["\(row[0])/\(row[1])"] = row }
        #expect(told.count == 52)
        var seen = 0
        for group in scan.groups {
            for volume in group.logicalVolumes {
                let shown = volume.isVisible ? volume.name : "[\(volume.name)]"
                let row = try #require(told["\(group.name)/\(shown)"], "\(shown)")
                #expect(volume.uuid == row[2])
                #expect(volume.size == UInt64(row[3]))
                #expect(volume.kind == row[4], "\(shown)")
                #expect(volume.tags.sorted() == row[5].split(separator: ",").map(String.init))
                seen += 1
            }
        }
        #expect(seen == told.count)
    }

    @Test func `volume groups are what vgs says they are`() throws {
        let scan = try scan()
        #expect(scan.groups.count == report[1].count)
        for row in report[1] {
            let group = try group(row[0], in: scan)
            #expect(group.uuid == row[1])
            #expect(group.size == UInt64(row[2]))
            #expect(group.extentSize == UInt64(row[4]))
            #expect(group.sequenceNumber == UInt64(row[5]))
            #expect(group.physicalVolumes.count == Int(row[6]))
            #expect(group.logicalVolumes.count(where: \.isVisible) == Int(row[7]))
            #expect(group.tags == (row[8].isEmpty ? [] : [row[8]]))
            #expect(group.faults == [])
        }
        #expect(scan.damagedLabels.isEmpty && scan.damagedMetadata.isEmpty)
    }

    @Test func `physical volumes are what pvs says they are`() throws {
        let scan = try scan()
        #expect(scan.devices.count == report[2].count)
        for (device, row) in zip(scan.devices, report[2]) {
            #expect(device.uuid == row[1])
            #expect(device.group == (row[2].isEmpty ? nil : row[2]))
            #expect(device.metadataAreaCount == Int(row[7]))
            #expect(device.size == UInt64(row[3]))
            guard let name = device.group else { continue }
            let group = try group(name, in: scan)
            let volume = try #require(group.physicalVolumes.first { $0.device == device.index })
            #expect(volume.extentStart == UInt64(row[4]))
            #expect(volume.extentCount * group.extentSize == UInt64(row[5]))
            #expect(volume.deviceSize == UInt64(row[3]))
            #expect(volume.hint == row[0])
        }
    }

    @Test(arguments: [
        "linear", "pieces", "striped2", "striped3", "raid1", "mirror", "raid0", "origin",
    ])
    func `the bytes of a volume are those that the device mapper wrote`(volume: String) throws {
        let group = try group(in: try scan())
        #expect(try isRight(volume, group))
    }

    @Test func `a text that goes round the ring of its area is read`() throws {
        let group = try group("wrapped", in: try scan())
        #expect(try isRight("root", group))
        #expect(group.logicalVolume("root")?.tags.count == Int(group.sequenceNumber) - 2)
    }

    @Test func `of a mirror the leg that is in step is read`() throws {
        // The fixture's kernel dropped the first leg (the D of “DA”) before the later bytes were written.
        let status = try #require(report[3].first?.first)
        #expect(status.contains("raid1 2 DA"))
        let group = try group(in: try scan())
        #expect(try isRight("behind", group, content: "behind-later"))
        // The first leg by itself still holds what was there before.
        #expect(try isRight("behind_rimage_0", group, content: "behind"))
    }

    @Test(arguments: [
        ("raid5", "raid5"), ("raid10", "raid10"), ("thin", "thin"), ("pool", "thin-pool"), ("cached", "cache"),
    ])
    func `a kind that is not read is named`(volume: String, kind: String) throws {
        let group = try group(in: try scan())
        let error = #expect(throws: FormatError.self) {
            try group.blocks(of: try #require(group.logicalVolume(volume)))
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "\(volume) is of the kind \(kind), which is not read")
    }

    @Test func `a snapshot is not taken for a volume`() throws {
        let group = try group(in: try scan())
        let error = #expect(throws: FormatError.self) {
            try group.blocks(of: try #require(group.logicalVolume("snap")))
        }
        #expect(error?.message == "snap is a snapshot, which is not read")
    }

    @Test func `a missing physical volume is named, and what does without it is read`() throws {
        let group = try group(in: try scan(["a", "c", "d"]))
        let missing = try #require(report[2].first { $0[0] == "/dev/sdb" })
        #expect(group.faults == [.missing(uuid: missing[1], hint: "/dev/sdb")])
        for volume in ["linear", "pieces", "raid1", "origin"] { #expect(try isRight(volume, group), "\(volume)") }
        for volume in ["striped2", "striped3", "raid0"] {
            let error = #expect(throws: FormatError.self) {
                try group.blocks(of: try #require(group.logicalVolume(volume)))
            }
            #expect(error?.message == "physical volume \(missing[1]) of many is missing")
        }
    }

    @Test func `a leg that is alone is believed, as the kernel believes it`() throws {
        let group = try group(in: try scan(["a", "b", "d"]))
        #expect(try isRight("behind", group, content: "behind"))
    }

    @Test func `two copies of a disk are named`() throws {
        let group = try group(in: try scan(["a", "b", "c", "d", "a"]))
        let uuid = try #require(report[2].first?[1])
        #expect(group.faults == [.duplicate(uuid: uuid, devices: [0, 4])])
        #expect(try isRight("linear", group))
    }

    @Test func `a damaged copy of the metadata is named, and another is read`() throws {
        // The first metadata area of a: its header stands at 4096.
        try disks.bash("printf X | dd of=a bs=1 seek=4100 conv=notrunc status=none")
        let group = try group(in: try scan())
        #expect(group.faults.count == 1)
        guard case .metadataInvalid(let device, let error) = try #require(group.faults.first) else {
            Issue.record("\(group.faults)")
            return
        }
        #expect(device == 0)
        #expect(error.message == "the checksum of a metadata area's header does not fit")
        #expect(error.offset == 4096)
        #expect(try isRight("linear", group))
    }

    @Test func `a stale copy of the metadata is named, and the newest is read`() throws {
        // The text before the last one still stands in the ring: the header is made to point to it, with its checksum.
        let disk = try disks.blocks("e")
        let group = try group("wrapped", in: try scan())
        let area = try disk.bytes(at: 4096, count: 128 << 10 - 4096)
        let mark = Array("wrapped {\n".utf8)
        let start = try #require(
            area.indices.first { start in
                area[start...].starts(with: mark)
                    && String(decoding: area[start..<start + 120], as: UTF8.self)
                        .contains("seqno = \(group.sequenceNumber - 1)\n")
            })
        let end = try #require(area[start...].firstIndex(of: 0))
        var header = Array(area[0..<512])
        try header.store(UInt64(start), at: 40)
        try header.store(UInt64(end + 1 - start), at: 48)
        try header.store(CRC32.ieee.updated(LVMLabel.checksumStart, with: Array(area[start...end])), at: 56)
        try header.store(CRC32.ieee.updated(LVMLabel.checksumStart, with: Array(header[4...])), at: 0)
        var old = try disk.bytes(at: 0, count: Int(disk.size))
        old.replaceSubrange(4096..<4096 + 512, with: header)
        let scan = try LVMScan([MemoryBlocks(old), disk])
        let found = try self.group("wrapped", in: scan)
        #expect(found.sequenceNumber == group.sequenceNumber)
        #expect(found.faults.contains(.metadataStale(device: 0, sequenceNumber: group.sequenceNumber - 1)))
    }

    @Test func `a damaged label is named`() throws {
        try disks.bash("printf X | dd of=d bs=1 seek=600 conv=notrunc status=none")
        let scan = try scan()
        #expect(scan.damagedLabels[3]?.message == "the label's checksum does not fit")
        #expect(scan.damagedLabels[3]?.offset == 512 + 16)
        #expect(try group(in: scan).faults.count == 1)
    }

    @Test func `text that is not LVM2's form is refused with its place`() throws {
        for (text, message) in [
            ("a {", "the text ends inside a section"), ("}", "a brace closes what was not opened"),
            ("a = [1, 2", "neither , nor ] in a list"), ("a = \"x", "the text ends inside a string"),
            ("a 1", "neither = nor { after “a”"), ("a = [1 2]", "neither , nor ] in a list"),
            ("a = [[1]]", "no value where one must stand"), ("= 1", "no name where one must stand"),
            ("a = 99999999999999999999", "no value where one must stand"),
            (String(repeating: "a{", count: 100), "sections stand too deep in each other"),
            ("a = [" + String(repeating: "1,", count: 600_000) + "1]", "more sections and values than are read"),
        ] {
            let error = #expect(throws: FormatError.self) {
                try LVMText.parse(FormatBytes(Array(text.utf8), of: "LVM2", at: 0))
            }
            #expect(error?.message == message, "\(text.prefix(20))")
        }
        let good = try LVMText.parse(
            FormatBytes(Array("# c\na = \"q\\\"\\\\\" # d\nb { c = [1, -2, \"x\"] d = [] }\0}".utf8), of: "LVM2", at: 0)
        )
        #expect(good.string("a") == "q\"\\")
        #expect(good.section("b")?.value("c") == .list([.number(1), .number(-2), .string("x")]))
        #expect(good.section("b")?.value("d") == .list([]))
    }

    @Test func `volumes that stand on themselves are refused`() throws {
        func group(_ volumes: String) throws -> VolumeGroup {
            let text = """
                g { id = "x" extent_size = 8 physical_volumes { pv0 { id = "p" pe_start = 8 pe_count = 4 } }
                logical_volumes { \(volumes) } }
                """
            var group = try VolumeGroupText.group(
                FormatBytes(Array(text.utf8), of: "LVM2", at: 0),
                devices: [MemoryBlocks([UInt8](repeating: 1, count: 65536))])
            group.physicalVolumes[0].device = 0
            return group
        }
        func volume(_ name: String, _ below: String, extent: Int = 0, count: Int = 1) -> String {
            """
            \(name) { segment1 { start_extent = 0 extent_count = \(count) type = "striped" stripes = ["\(below)", \(extent)] } }
            """ + " "
        }
        for (volumes, message) in [
            (volume("a", "a"), "a stands on itself"),
            (volume("a", "b") + volume("b", "a"), "a stands on itself"),
            (volume("a", "b"), "there is no logical volume b"),
            (volume("a", "pv0", extent: 4), "a segment lies beyond the end of pv0"),
            (volume("a", "pv0", extent: 3, count: 2), "a segment lies beyond the end of pv0"),
            (volume("a", "pv0", extent: .max), "a segment lies beyond the end of pv0"),
            (volume("a", "b", count: 2) + volume("b", "pv0"), "a segment lies beyond the end of b"),
            (
                volume("a", "v0") + (0..<10).map { volume("v\($0)", "v\($0 + 1)") }.joined() + volume("v10", "pv0"),
                "volumes stand too deep on each other"
            ),
        ] {
            let group = try group(volumes)
            let error = #expect(throws: FormatError.self) {
                try group.blocks(of: try #require(group.logicalVolume("a")))
            }
            #expect(error?.message == message)
        }
        #expect(throws: FormatError.self) {
            try group(
                "a { segment1 { start_extent = 0 extent_count = \(Int64.max) type = \"striped\" stripes = [\"pv0\", 0] } }"
            )
        }
    }
}
