import ByteReading
import Foundation
import LinuxIO
import Testing

@testable import Volumes

/// Whole disks from top to bottom.
struct StorageLayoutTests {
    @Test func `groups over several disks are found, each volume with its content or its obstacle`() throws {
        let disks = try Disks("lvm")
        let layout = try StorageLayout(try ["a", "b", "c", "d", "e", "f"].map { try disks.blocks($0) })
        #expect(layout.groups.map(\.name).sorted() == ["many", "wrapped"])
        #expect(layout.disks.map { $0.table?.scheme } == [nil, nil, nil, nil, nil, .gpt])
        let places = layout.volumes.map(\.place)
        #expect(places.contains(.partition(disk: 5, number: 1)))
        #expect(places.contains(.logicalVolume(group: "wrapped", name: "root")))
        #expect(!places.contains(.logicalVolume(group: "many", name: "raid1_rimage_0")))
        let thin = layout.volumes.first { $0.place == .logicalVolume(group: "many", name: "thin") }
        #expect(thin?.obstacle?.kind == .unsupported)
        let linear = layout.volumes.first { $0.place == .logicalVolume(group: "many", name: "linear") }
        #expect(try linear?.blocks?.firstSectorThatIsNot("linear") == nil)
        #expect(linear?.obstacle == nil)
    }

    @Test func `mirrors are read once, and other arrays are only told`() throws {
        let disks = try Disks("md")
        let layout = try StorageLayout(
            try ["v090-1", "v090-2", "v12-1", "v12-2", "stripes-1", "parity-1"].map { try disks.blocks($0) })
        let arrays = layout.volumes.filter { if case .array = $0.place { true } else { false } }
        #expect(arrays.count == 2)
        #expect(try arrays[0].blocks?.firstSectorThatIsNot("v090", count: 8192) == nil)
        #expect(try arrays[1].blocks?.firstSectorThatIsNot("v12", count: 8192) == nil)
        #expect(layout.volumes.count { $0.content.first?.kind == "linux_raid_member" } == 6)
    }

    @Test func `a cloud image's disk is told`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            """
            truncate -s 80M disk
            printf 'label: gpt\\n14: size=3M, type=21686148-6449-6E6F-744E-656564454649\\n15: size=40M, type=uefi\\n1: type=linux\\n' \
            | sfdisk --quiet disk
            start() { sfdisk --json disk | tr -d '\\n ' | sed "s/.*disk$1\\",\\"start\\":\\([0-9]*\\).*/\\1/"; }
            mkfs.fat -C -F 32 -n UEFI esp 40960 >/dev/null
            mkfs.ext4 -q -L cloudimg-rootfs root 16M
            dd if=esp of=disk bs=512 seek=$(start 15) conv=notrunc,sparse status=none
            dd if=root of=disk bs=512 seek=$(start 1) conv=notrunc,sparse status=none
            """)
        let layout = try StorageLayout([try scratch.blocks("disk")])
        #expect(layout.volumes.map(\.place) == [1, 14, 15].map { .partition(disk: 0, number: $0) })
        #expect(layout.volumes.map { $0.content.first?.kind } == ["ext4", nil, "vfat"])
        #expect(layout.volumes.map { $0.content.first?.label } == ["cloudimg-rootfs", nil, "UEFI"])
        let table = try #require(layout.disks[0].table)
        #expect(table.partitions.map(\.isBIOSBoot) == [false, true, false])
        #expect(table.partitions.map(\.isEFISystem) == [false, false, true])
    }
}
