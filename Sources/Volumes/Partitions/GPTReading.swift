internal import ByteReading

/// From the two copies of a GUID partition table to its meaning.
enum GPTReading {
    /// A copy that is whole.
    private struct Copy {
        var header: GPTHeader
        var entries: [GPTEntry]
    }

    /// Reads the table, from the second copy where the first is damaged.
    ///
    /// - Parameters:
    ///   - sectorSizes: The sector sizes to try.
    ///   - isProtected: Whether the MBR says that there is a GPT: then one without a whole copy is an error.
    static func read(
        _ disk: any BlockReader, sectorSizes: [UInt64], _ isProtected: Bool
    ) throws(FormatError) -> PartitionTable? {
        var damage: FormatError?
        for sectorSize in sectorSizes where sectorSize >= 512 && disk.size / sectorSize >= 3 {
            var primaryError: FormatError?
            do throws(FormatError) {
                if let primary = try copy(disk, at: 1, sectorSize) {
                    return table(disk, primary, sectorSize: sectorSize)
                }
            } catch  where error.kind != .system {
                primaryError = error
            }
            let missing = FormatError(.invalid, "GPT", "there is no header", at: sectorSize)
            do throws(FormatError) {
                if let backup = try copy(disk, at: disk.size / sectorSize - 1, sectorSize) {
                    var table = meaning(backup.header, backup.entries, sectorSize: sectorSize)
                    table.faults.append(.primaryInvalid(primaryError ?? missing))
                    table.findOverlaps(diskSize: disk.size)
                    return table
                }
            } catch  where error.kind != .system {
                primaryError = primaryError ?? error
            }
            damage = damage ?? primaryError
        }
        if isProtected, let damage { throw damage }
        return nil
    }

    private static func copy(
        _ disk: any BlockReader, at sector: UInt64, _ sectorSize: UInt64
    ) throws(FormatError) -> Copy? {
        guard let header = try GPTHeader.read(disk, sector: sector, sectorSize: sectorSize) else { return nil }
        return Copy(header: header, entries: try header.entries(disk, sectorSize: sectorSize))
    }

    private static func table(_ disk: any BlockReader, _ primary: Copy, sectorSize: UInt64) -> PartitionTable {
        var table = meaning(primary.header, primary.entries, sectorSize: sectorSize)
        let lastSector = disk.size / sectorSize - 1
        let sector = primary.header.otherSector
        // Source: the kernel's block/partitions/efi.c, `is_gpt_valid`.
        if primary.header.lastUsable > lastSector {
            table.faults.append(.usableBeyondEnd(sector: primary.header.lastUsable, lastSector: lastSector))
        }
        if sector > lastSector {
            table.faults.append(.backupBeyondEnd(sector: sector, lastSector: lastSector))
        } else {
            do throws(FormatError) {
                if let backup = try copy(disk, at: sector, sectorSize) {
                    if backup.entries != primary.entries || backup.header.disk != primary.header.disk {
                        table.faults.append(.copiesDiffer)
                    }
                } else {
                    let place = sector.multipliedReportingOverflow(by: sectorSize).partialValue
                    table.faults.append(.backupInvalid(FormatError(.invalid, "GPT", "there is no header", at: place)))
                }
            } catch {
                table.faults.append(.backupInvalid(error))
            }
            if sector != lastSector {
                table.faults.append(.backupMisplaced(sector: sector, lastSector: lastSector))
            }
        }
        table.findOverlaps(diskSize: disk.size)
        return table
    }

    private static func meaning(_ header: GPTHeader, _ entries: [GPTEntry], sectorSize: UInt64) -> PartitionTable {
        var table = PartitionTable(
            scheme: .gpt, identifier: header.disk.description, sectorSize: sectorSize,
            usable: header.firstUsable <= header.lastUsable ? header.firstUsable...header.lastUsable : nil,
            entryCount: Int(header.entryCount), partitions: [], hybrid: [], hasBootCode: false, faults: [])
        for entry in entries {
            if entry.first > entry.last {
                table.faults.append(.endsBeforeStart(partition: entry.number))
            } else if entry.first < header.firstUsable || entry.last > header.lastUsable {
                table.faults.append(.outsideUsable(partition: entry.number))
            }
            let sectors = entry.last >= entry.first ? (entry.last - entry.first).addingReportingOverflow(1) : (0, false)
            table.partitions.append(
                Partition(
                    number: entry.number, start: bytes(entry.first, sectorSize),
                    size: sectors.1 ? .max : bytes(sectors.0, sectorSize), kind: .guid(entry.type), role: .primary,
                    uuid: entry.identifier.description, name: entry.name, attributes: attributes(entry.attributes),
                    isActive: false))
        }
        return table
    }

    /// Sectors as bytes; what no disk can hold is the largest number, and found to lie beyond the end.
    private static func bytes(_ sectors: UInt64, _ sectorSize: UInt64) -> UInt64 {
        let (bytes, overflow) = sectors.multipliedReportingOverflow(by: sectorSize)
        return overflow ? .max : bytes
    }

    /// Source: UEFI 2.10, table 5.8; the words are sfdisk's.
    private static func attributes(_ bits: UInt64) -> [String] {
        (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map { bit in
            switch bit {
            case 0: "RequiredPartition"
            case 1: "NoBlockIOProtocol"
            case 2: "LegacyBIOSBootable"
            case 48...63: "GUID:\(bit)"
            default: "\(bit)"
            }
        }
    }
}
