internal import ByteReading

/// From boot records to the meaning of an MBR.
enum MBRReading {
    /// The most logical partitions that are followed: the kernel gives a disk 256 minor numbers (`DISK_MAX_PARTS`).
    static let logicalLimit = 256

    /// The partitions of an MBR that stands beside a GPT.
    static func hybrid(_ record: BootRecord, sectorSize: UInt64) -> [Partition] {
        let used = record.entries.enumerated().filter { $0.element.isUsed }
        guard used.contains(where: { !$0.element.isProtective }) else { return [] }
        return used.map { index, entry in
            partition(entry, number: index + 1, base: 0, record.signature, sectorSize, .primary)
        }
    }

    /// Reads an MBR and the chain of its logical partitions.
    static func read(
        _ disk: any BlockReader, _ record: BootRecord, sectorSize: UInt64
    ) throws(FormatError) -> PartitionTable {
        var table = PartitionTable(
            scheme: .dos, identifier: String(hex: record.signature, digits: 8), sectorSize: sectorSize,
            partitions: [], hybrid: [], hasBootCode: record.hasBootCode, faults: [])
        for (index, entry) in record.entries.enumerated() where entry.isUsed {
            table.partitions.append(
                partition(
                    entry, number: index + 1, base: 0, record.signature, sectorSize,
                    entry.isExtended ? .extended : .primary))
        }
        for extended in table.partitions where extended.role == .extended {
            do throws(FormatError) {
                try follow(disk, extended, record.signature, &table)
            } catch  where error.kind != .system {
                table.faults.append(.brokenChain(error))
            }
        }
        table.findOverlaps(diskSize: disk.size)
        return table
    }

    /// Follows the chain: each extended boot record holds a logical partition, counted from the record itself, and the
    /// next record, counted from the extended partition. Source: the kernel's block/partitions/msdos.c, `parse_extended`.
    private static func follow(
        _ disk: any BlockReader, _ extended: Partition, _ signature: UInt32, _ table: inout PartitionTable
    ) throws(FormatError) {
        var place = extended.start
        var seen: Set<UInt64> = []
        while true {
            guard seen.insert(place).inserted else {
                throw FormatError(.invalid, "MBR", "the chain of logical partitions comes back to itself", at: place)
            }
            guard seen.count <= logicalLimit else {
                throw FormatError(.limit, "MBR", "more than \(logicalLimit) logical partitions", at: place)
            }
            guard let record = try BootRecord.read(disk, at: place) else {
                throw FormatError(
                    .invalid, "MBR", "an extended boot record does not end in 0x55 0xaa",
                    at: place.addingReportingOverflow(510).partialValue)
            }
            for entry in record.entries where entry.isUsed && !entry.isExtended {
                let number = 5 + table.partitions.count { $0.role == .logical }
                let logical = partition(entry, number: number, base: place, signature, table.sectorSize, .logical)
                table.partitions.append(logical)
                if logical.start < extended.start || logical.start - extended.start > extended.size
                    || logical.size > extended.size - (logical.start - extended.start)
                {
                    table.faults.append(.outsideExtended(partition: number))
                }
            }
            guard let next = record.entries.first(where: \.isExtended) else { return }
            // 32 bits times a sector size of at most 16 bits, twice.
            place = extended.start + UInt64(next.start) * table.sectorSize
        }
    }

    private static func partition(
        _ entry: BootRecord.Entry, number: Int, base: UInt64, _ signature: UInt32, _ sectorSize: UInt64,
        _ role: Partition.Role
    ) -> Partition {
        Partition(
            number: number, start: base + UInt64(entry.start) * sectorSize, size: UInt64(entry.count) * sectorSize,
            kind: .byte(entry.type), role: role,
            uuid: "\(String(hex: signature, digits: 8))-\(String(hex: number, digits: 2))", name: nil, attributes: [],
            isActive: entry.status == 0x80)
    }
}
