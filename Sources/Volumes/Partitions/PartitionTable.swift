public import ByteReading

/// What is wrong with a partition table that could be read all the same.
public enum PartitionTableFault: Sendable, Hashable {
    /// The first copy of a GPT is damaged; the second was read. A kernel reads it only with `gpt` on its command line.
    case primaryInvalid(FormatError)
    /// The second copy of a GPT is damaged or missing.
    case backupInvalid(FormatError)
    /// The second copy does not stand in the last sector: the disk was made larger. Both in sectors.
    case backupMisplaced(sector: UInt64, lastSector: UInt64)
    /// The first copy says that the second stands beyond the end: the disk was made smaller. Both in sectors.
    case backupBeyondEnd(sector: UInt64, lastSector: UInt64)
    /// The table of a GPT says that sectors beyond the end are usable: the kernel and sfdisk refuse it. Both in sectors.
    case usableBeyondEnd(sector: UInt64, lastSector: UInt64)
    /// Both copies are whole, and they describe different partitions.
    case copiesDiffer
    /// There is a GPT, and no protective entry in the MBR: the kernel and firmware do not look at it.
    case protectiveEntryMissing
    /// A partition reaches beyond the end of the disk.
    case beyondEnd(partition: Int)
    /// A partition of a GPT lies outside the sectors that the table says are usable.
    case outsideUsable(partition: Int)
    /// A logical partition lies outside the extended one.
    case outsideExtended(partition: Int)
    /// A partition of a GPT ends before it begins.
    case endsBeforeStart(partition: Int)
    /// Two partitions share sectors.
    case overlap(first: Int, second: Int)
    /// The chain of logical partitions cannot be followed to its end.
    case brokenChain(FormatError)
}

/// The partition table of a disk.
public struct PartitionTable: Sendable, Hashable {
    /// Which kind of table is in force, in sfdisk's words.
    public enum Scheme: String, Sendable, Hashable {
        /// A master boot record.
        case dos
        /// A GUID partition table.
        case gpt
    }

    /// Which kind of table is in force.
    public var scheme: Scheme
    /// The disk's identifier, as blkid's `PTUUID`: eight digits of an MBR, or a GUID, lower case.
    public var identifier: String
    /// The size of a sector in bytes; an MBR does not say it, and is read with 512.
    public var sectorSize: UInt64
    /// The sectors that a GPT gives to partitions, first and last; nil for an MBR.
    public var usable: ClosedRange<UInt64>?
    /// How many entries a GPT has room for; nil for an MBR.
    public var entryCount: Int?
    /// The partitions, in the order of their numbers.
    public var partitions: [Partition]
    /// The partitions that the MBR describes beside a GPT, in a hybrid; empty else.
    public var hybrid: [Partition]
    /// Whether the first 440 bytes hold anything: the code that a BIOS runs.
    public var hasBootCode: Bool
    /// What is wrong.
    public var faults: [PartitionTableFault]

    /// Reads the table of a disk.
    ///
    /// - Parameter sectorSize: The disk's sector size, where it is known: a power of two from 512 to 4096; else 512 and
    ///   4096 are tried.
    /// - Returns: nil where there is none.
    /// - Throws: ``FormatError``: where the disk cannot be read, or has a GPT of which neither copy is whole.
    public static func read(_ disk: any BlockReader, sectorSize: UInt64? = nil) throws(FormatError) -> PartitionTable? {
        guard disk.size >= 512 else { return nil }
        let sectorSize = sectorSize.flatMap { [512, 1024, 2048, 4096].contains($0) ? $0 : nil }
        let record = try BootRecord.read(disk, at: 0)
        let isProtected = record?.entries.contains(where: \.isProtective) ?? false
        let found = try GPTReading.read(disk, sectorSizes: sectorSize.map { [$0] } ?? [512, 4096], isProtected)

        if var table = found, isProtected || record.map({ !$0.entries.contains(where: \.isUsed) }) ?? true {
            if !isProtected { table.faults.append(.protectiveEntryMissing) }
            table.hasBootCode = record?.hasBootCode ?? false
            if let record { table.hybrid = MBRReading.hybrid(record, sectorSize: table.sectorSize) }
            return table
        }
        guard let record, record.isPlausible else { return nil }
        // The sector of a file system ends in the same two bytes.
        guard try BootSector.kind(ContentProbe(disk)) == nil else { return nil }
        var table = try MBRReading.read(disk, record, sectorSize: sectorSize ?? 512)
        if found != nil { table.faults.append(.protectiveEntryMissing) }
        return table
    }

    /// Adds what any table can have wrong: partitions beyond the end, and partitions that share sectors.
    mutating func findOverlaps(diskSize: UInt64) {
        for partition in partitions where partition.start > diskSize || partition.size > diskSize - partition.start {
            faults.append(.beyondEnd(partition: partition.number))
        }
        // An extended partition holds the logical ones; it can collide with other primary ones only.
        for role in [Partition.Role.extended, .logical] {
            let inOrder = partitions.filter { $0.role == .primary || $0.role == role }.sorted { $0.start < $1.start }
            var reach: (end: UInt64, number: Int)?
            for partition in inOrder where partition.size > 0 {
                if let before = reach, before.end > partition.start {
                    let numbers = [before.number, partition.number].sorted()
                    let fault = PartitionTableFault.overlap(first: numbers[0], second: numbers[1])
                    if !faults.contains(fault) { faults.append(fault) }
                }
                let end = partition.start.addingReportingOverflow(partition.size)
                let last = end.overflow ? UInt64.max : end.partialValue
                if last >= reach?.end ?? 0 { reach = (last, partition.number) }
            }
        }
    }
}
