import ByteReading
import Foundation
import Testing

@testable import Volumes

/// Tables written by sfdisk and sgdisk, held against what `sfdisk --json`, `sgdisk` and `blkid` say of them.
struct PartitionTableTests {
    /// The part of `sfdisk --json` that is compared.
    private struct Told: Decodable {
        struct Table: Decodable {
            var label: String
            var id: String
            var firstlba: UInt64?
            var lastlba: UInt64?
            var sectorsize: UInt64
            var partitions: [Entry]?
        }
        struct Entry: Decodable, Equatable {
            var node: String
            var start: UInt64
            var size: UInt64
            var type: String
            var uuid: String?
            var name: String?
            var attrs: String?
            var bootable: Bool?
        }
        var partitiontable: Table
    }

    private func told(_ json: String) throws -> Told.Table {
        try JSONDecoder().decode(Told.self, from: Data(json.utf8)).partitiontable
    }

    private func expect(_ table: PartitionTable, is told: Told.Table, node: String) {
        #expect(table.scheme.rawValue == told.label)
        #expect(table.sectorSize == told.sectorsize)
        #expect(table.identifier == told.id.lowercased().replacing("0x", with: ""))
        if table.scheme == .gpt {
            #expect(table.usable?.lowerBound == told.firstlba)
            #expect(table.usable?.upperBound == told.lastlba)
        }
        let entries = table.partitions.map { partition in
            Told.Entry(
                node: "\(node)\(partition.number)", start: partition.start / table.sectorSize,
                size: partition.size / table.sectorSize,
                type: table.scheme == .gpt ? partition.kindText.uppercased() : partition.kindText,
                uuid: table.scheme == .gpt ? partition.uuid.uppercased() : nil,
                name: partition.name?.isEmpty ?? true ? nil : partition.name,
                attrs: partition.attributes.isEmpty
                    ? nil
                    : partition.attributes.joined(separator: " ")
                        .replacing(/(\d) GUID:/) { "\($0.output.1)," },
                bootable: partition.isActive ? true : nil)
        }
        #expect(entries == told.partitions ?? [])
    }

    @Test(arguments: [
        "label: gpt",
        "label: gpt\nsize=1M, type=uefi, name=\"EFI System\"\nsize=1M, type=21686148-6449-6E6F-744E-656564454649\nsize=20M, name=\"root ü 日本 🐧\"",
        "label: gpt\nsize=1M, attrs=\"RequiredPartition LegacyBIOSBootable GUID:60,63\"\nsize=1M, attrs=\"NoBlockIOProtocol GUID:48\"",
        "label: gpt\ntable-length: 4\nfirst-lba: 34\n1: start=34, size=7\n4: start=100, size=1",
        "label: gpt\ntable-length: 512\nfirst-lba: 4096\n512: size=3M",
        "label: gpt\n7: start=4096, size=100\n3: start=40000, size=200\n5: start=9000, size=100",
        "label: dos",
        "label: dos\nlabel-id: 0x00000001\nsize=10M, type=83, bootable\nsize=10M, type=82\nsize=10M, type=ef\ntype=8e",
        "label: dos\n1: size=8M\n2: size=48M, type=5\n5: size=4M, type=83\n6: size=4M, type=82\n7: size=5M, type=8e, bootable",
        "label: dos\n4: start=4096, size=100000, type=f\n5: start=6144, size=2048\n6: start=30720, size=10\n7: start=12000, size=100\n1: start=63, size=100",
        "label: dos\nsize=40M, type=85\nsize=1M\n5: size=1M\n6: size=1M\n7: size=1M\n8: size=1M\n9: size=1M\n10: size=1M\n11: size=1M",
        "label: dos\nsize=40M, type=5",
    ])
    func `a table of sfdisk's is what sfdisk says it is`(script: String) throws {
        let scratch = try Scratch()
        try Data(script.utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/script"))
        try scratch.bash("truncate -s 64M disk; sfdisk --quiet disk < script")
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        expect(table, is: try told(try scratch.bash("sfdisk --json disk")), node: "disk")
        #expect(table.faults == [])
        let blkid = try scratch.blkid("disk")
        #expect(blkid["PTTYPE"] == table.scheme.rawValue)
        #expect(blkid["PTUUID"] == table.identifier)
    }

    @Test(.enabled(if: hasLoopDevices), arguments: ["gpt", "dos"])
    func `a disk with sectors of 4096 bytes is read with them`(label: String) throws {
        let scratch = try Scratch()
        let json = try scratch.bash(
            """
            truncate -s 64M disk
            loop=$(losetup --show -f -b 4096 disk)
            trap 'losetup -d $loop' EXIT
            printf 'label: \(label)\\nsize=4M\\nsize=16M, type=5\\nsize=8M\\n' \
            | sed '\(label == "gpt" ? "s/, type=5//" : "")' | sfdisk --quiet $loop
            sfdisk --json $loop | sed "s,$loop,disk,"
            """)
        let disk = try scratch.blocks("disk")
        // A GPT tells its sector size by its place; an MBR does not.
        let table = try #require(try PartitionTable.read(disk, sectorSize: label == "gpt" ? nil : 4096))
        expect(table, is: try told(json), node: "disk" + (json.contains("diskp1") ? "p" : ""))
        #expect(table.faults == [])
        #expect(table.sectorSize == 4096)
    }

    @Test func `the names of types are sfdisk's`() throws {
        let scratch = try Scratch()
        for (label, names) in [
            ("gpt", PartitionTypeNames.byGUID),
            ("dos", Dictionary(uniqueKeysWithValues: PartitionTypeNames.byByte.map { (String($0, radix: 16), $1) })),
        ] {
            var theirs: [String: String] = [:]
            for line in try scratch.bash("sfdisk -T --label \(label)").split(separator: "\n").dropFirst() {
                let words = line.drop { $0 == " " }.split(separator: " ", maxSplits: 1)
                guard words.count == 2 else { continue }
                theirs[words[0].lowercased()] = words[1].trimmingCharacters(in: .whitespaces)
            }
            for (type, name) in names { #expect(theirs[type] == name, "\(type)") }
            #expect(names.count > 50)
        }
    }

    // MARK: what can be wrong

    private let gpt = "truncate -s 64M disk; printf 'label: gpt\nsize=4M\nsize=8M\n' | sfdisk --quiet disk; "

    @Test(arguments: [
        ("truncate -s 96M disk", [PartitionTableFault.backupMisplaced(sector: 131071, lastSector: 196607)]),
        ("truncate -s $((64*1048576-512*32)) disk", [.backupBeyondEnd(sector: 131071, lastSector: 131039)]),
        ("sgdisk -d 1 disk >/dev/null", []),
    ])
    func `a disk that was made larger or smaller has its backup elsewhere`(
        change: String, faults: [PartitionTableFault]
    ) throws {
        let scratch = try Scratch()
        try scratch.bash(gpt + change)
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(table.faults == faults)
        expect(table, is: try told(try scratch.bash("sfdisk --json disk 2>/dev/null")), node: "disk")
    }

    @Test func `a disk that ends before the last usable sector is read, though the kernel and sfdisk refuse it`() throws
    {
        let scratch = try Scratch()
        try scratch.bash(gpt + "truncate -s 32M disk")
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(
            table.faults == [
                .usableBeyondEnd(sector: 131038, lastSector: 65535),
                .backupBeyondEnd(sector: 131071, lastSector: 65535),
            ])
        #expect(table.partitions.map(\.size) == [4 << 20, 8 << 20])
        let told = try told(try scratch.bash("sfdisk --json disk 2>/dev/null"))
        #expect(told.label == "dos" && told.partitions?.map(\.type) == ["ee"])
    }

    @Test func `a damaged first copy is replaced by the second, and named`() throws {
        let scratch = try Scratch()
        try scratch.bash(gpt + "printf X | dd of=disk bs=1 seek=1100 conv=notrunc status=none")
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        guard case .primaryInvalid(let error) = try #require(table.faults.first) else {
            Issue.record("\(table.faults)")
            return
        }
        #expect(error.message == "the checksum of the entries does not fit")
        #expect(table.faults.count == 1)
        expect(table, is: try told(try scratch.bash("sfdisk --json disk 2>/dev/null")), node: "disk")
        #expect(
            try scratch.bash("sgdisk -v disk", codes: [0, 2]).contains(
                "The CRC for the main partition table is invalid"))
    }

    @Test func `a damaged second copy is named`() throws {
        let scratch = try Scratch()
        try scratch.bash(gpt + "printf X | dd of=disk bs=1 seek=$((64*1048576-512+60)) conv=notrunc status=none")
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        guard case .backupInvalid(let error) = try #require(table.faults.first) else {
            Issue.record("\(table.faults)")
            return
        }
        #expect(error.message == "the header's checksum does not fit")
        #expect(error.offset == 64 << 20 - 512 + 16)
        #expect(table.partitions.count == 2)
    }

    @Test func `a protective entry and no whole copy is an error`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            gpt
                + "for at in 512 $((64*1048576-512)); do printf X | dd of=disk bs=1 seek=$((at+60)) conv=notrunc status=none; done"
        )
        let error = #expect(throws: FormatError.self) { try PartitionTable.read(try scratch.blocks("disk")) }
        #expect(error?.message == "the header's checksum does not fit")
    }

    @Test func `a table that another tool left beside a GPT is in force`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            gpt + "dd if=disk of=kept bs=512 skip=1 count=33 status=none"
                + "; printf 'label: dos\nsize=5M\n' | sfdisk --quiet --wipe never disk"
                + "; dd if=kept of=disk bs=512 seek=1 conv=notrunc status=none")
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(table.scheme == .dos)
        #expect(table.faults == [.protectiveEntryMissing])
        #expect(table.partitions.map(\.size) == [5 << 20])
        #expect(try scratch.blkid("disk")["PTTYPE"] == "dos")
    }

    @Test func `a hybrid has both`() throws {
        let scratch = try Scratch()
        try scratch.bash(gpt + "sgdisk -h 1:2 disk >/dev/null")
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(table.scheme == .gpt)
        #expect(table.partitions.count == 2)
        #expect(Set(table.hybrid.map(\.kindText)) == ["83", "ee"])
        #expect(table.hybrid.filter { $0.kindText == "83" }.map(\.start) == table.partitions.map(\.start))
        #expect(table.faults == [])
    }

    @Test func `partitions that collide or reach beyond the end are named`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            """
            truncate -s 64M disk
            printf 'label: dos\n1: start=2048, size=4096\n2: start=10000, size=1000\n3: start=60000, size=70000, type=5\n5: start=62048, size=1000\n' \
            | sfdisk --quiet disk
            # The second begins inside the first; the logical one is longer than the extended.
            printf '\\x00\\x0c' | dd of=disk bs=1 seek=$((446+16+8)) conv=notrunc status=none
            printf '\\x00\\x00\\x02' | dd of=disk bs=1 seek=$((60000*512+446+12)) conv=notrunc status=none
            """)
        let table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(
            table.faults == [
                .outsideExtended(partition: 5), .beyondEnd(partition: 5), .overlap(first: 1, second: 2),
            ])
    }

    @Test(arguments: [
        "mkfs.fat -C fs 1440", "mkfs.fat -C -F 32 fs 66000", "truncate -s 64M fs; mkfs.exfat fs",
        "truncate -s 16M fs; mkfs.ntfs -F -Q fs", "truncate -s 1M fs", "truncate -s 100 fs",
        "truncate -s 16M fs; mkfs.ext4 -q fs",
    ])
    func `a file system on the whole disk is no table`(make: String) throws {
        let scratch = try Scratch()
        try scratch.bash("(\(make)) >/dev/null 2>&1")
        #expect(try PartitionTable.read(try scratch.blocks("fs")) == nil)
    }

    @Test func `alignment and boot code are told`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            "truncate -s 64M disk; printf 'label: dos\nstart=63, size=100\nstart=2048, size=64\n' | sfdisk --quiet disk"
        )
        var table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(table.partitions.map(\.alignment) == [512, 1 << 20])
        #expect(!table.hasBootCode)
        try scratch.bash("printf '\\xeb\\x63' | dd of=disk bs=1 conv=notrunc status=none")
        table = try #require(try PartitionTable.read(try scratch.blocks("disk")))
        #expect(table.hasBootCode)
    }
}
