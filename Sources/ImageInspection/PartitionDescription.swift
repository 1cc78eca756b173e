internal import ByteReading
internal import Facts
internal import Volumes

/// From what the reader of partition tables says to the facts that rules and reports know.
enum PartitionDescription {
    static func facts(of table: PartitionTable) -> PartitionTableFacts {
        var facts = PartitionTableFacts(table.scheme == .gpt ? .gpt : .mbr, sectorSize: table.sectorSize)
        facts.identifier = table.identifier
        facts.isHybrid = !table.hybrid.isEmpty
        facts.partitions = table.partitions.map(partition)
        for fault in table.faults { add(fault, to: &facts) }
        return facts
    }

    private static func partition(_ partition: Partition) -> PartitionFacts {
        var facts = PartitionFacts(
            number: partition.number, start: partition.start, size: partition.size,
            type: partition.kindName ?? "type \(partition.kindText)")
        facts.name = partition.name ?? ""
        facts.isBootable = partition.isActive || partition.attributes.contains("LegacyBIOSBootable")
        facts.isExtended = partition.role == .extended
        facts.isBIOSBoot = partition.isBIOSBoot
        return facts
    }

    private static func add(_ fault: PartitionTableFault, to facts: inout PartitionTableFacts) {
        switch fault {
        case .primaryInvalid(let error): facts.faults.append("primary: \(error.message)")
        case .backupInvalid(let error): facts.faults.append("backup: \(error.message)")
        case .copiesDiffer: facts.faults.append("the copies describe different partitions")
        case .backupMisplaced(let sector, let lastSector), .backupBeyondEnd(let sector, let lastSector):
            facts.misplacedBackup = .init(sector: sector, lastSector: lastSector)
        case .usableBeyondEnd(let sector, let lastSector):
            facts.layoutFaults.append("sectors up to \(sector) are said to be usable, the disk ends at \(lastSector)")
        case .protectiveEntryMissing: facts.isUnprotected = true
        case .beyondEnd(let number):
            for index in facts.partitions.indices where facts.partitions[index].number == number {
                facts.partitions[index].isBeyondEnd = true
            }
        case .outsideUsable(let number):
            facts.layoutFaults.append("partition \(number) lies outside what the table says is usable")
        case .outsideExtended(let number):
            facts.layoutFaults.append("partition \(number) lies outside the extended partition")
        case .endsBeforeStart(let number): facts.layoutFaults.append("partition \(number) ends before it begins")
        case .overlap(let first, let second): facts.layoutFaults.append("partitions \(first) and \(second) overlap")
        case .brokenChain(let error): facts.layoutFaults.append("logical partitions: \(error.message)")
        }
    }
}
