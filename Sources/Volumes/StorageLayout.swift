public import ByteReading

/// Everything on some disks that were looked at together: partition tables, partitions, mirrors, volume groups, and at the
/// end what can hold a file system.
public struct StorageLayout: Sendable {
    /// A disk and its table.
    public struct Disk: Sendable {
        /// The partition table; nil where there is none.
        public var table: PartitionTable?
        /// Why the table cannot be read, where there is one.
        public var tableError: FormatError?
        /// How many bytes it has.
        public var size: UInt64
    }

    /// Where a volume is.
    public enum Place: Sendable, Hashable {
        /// A whole disk, without a table or with something beside it.
        case disk(Int)
        /// A partition of a disk, by the kernel's number.
        case partition(disk: Int, number: Int)
        /// An array of MD of which one member holds all, by its UUID.
        case array(uuid: String)
        /// A partition of such an array.
        case arrayPartition(uuid: String, number: Int)
        /// A logical volume of LVM2.
        case logicalVolume(group: String, name: String)
    }

    /// Bytes with a meaning of their own.
    public struct Volume: Sendable {
        /// Where it is.
        public var place: Place
        /// How many bytes it has.
        public var size: UInt64
        /// What its bytes are; empty where no mark is known.
        public var content: [Content]
        /// Its bytes; nil where ``obstacle`` says why they cannot be read.
        public var blocks: (any BlockReader)?
        /// Why it cannot be read: a missing physical volume, a kind of mapping that is not read.
        public var obstacle: FormatError?
    }

    /// The disks, in the order given.
    public private(set) var disks: [Disk] = []
    /// The volumes: those of each disk in the order of its table, then the arrays', then the groups'.
    public private(set) var volumes: [Volume] = []
    /// LVM2's part.
    public private(set) var groups: [VolumeGroup] = []
    /// Labels and metadata of LVM2 that are damaged, by the volume that they are on.
    public private(set) var damagedVolumes: [Place: FormatError] = [:]

    /// Looks at disks.
    ///
    /// - Throws: ``FormatError`` of the kind `system`, where reading fails; what is damaged is told in the result.
    public init(_ disks: [any BlockReader]) throws(FormatError) {
        for (index, disk) in disks.enumerated() { try addDisk(disk, index) }
        try addArrays()
        try addGroups()
    }

    private mutating func addDisk(_ blocks: any BlockReader, _ index: Int) throws(FormatError) {
        let content = try Content.identify(blocks)
        var disk = Disk(size: blocks.size)
        // A member of a mirror shows the table of what is in it; that belongs to the array.
        if !content.contains(where: { $0.usage == .raid || $0.usage == .crypto }) {
            do throws(FormatError) {
                disk.table = try PartitionTable.read(blocks)
            } catch  where error.kind != .system {
                disk.tableError = error
            }
        }
        disks.append(disk)
        if disk.table == nil && disk.tableError == nil || !content.isEmpty {
            volumes.append(Volume(place: .disk(index), size: blocks.size, content: content, blocks: blocks))
        }
        for partition in disk.table?.partitions ?? [] where partition.role != .extended {
            try add(partition.blocks(of: blocks), .partition(disk: index, number: partition.number))
        }
    }

    private mutating func add(_ blocks: any BlockReader, _ place: Place) throws(FormatError) {
        volumes.append(
            Volume(place: place, size: blocks.size, content: try Content.identify(blocks), blocks: blocks))
    }

    /// Of each mirror the newest member that holds all of it.
    private mutating func addArrays() throws(FormatError) {
        var best: [(member: MDMember, blocks: any BlockReader)] = []
        for volume in volumes where volume.content.contains(where: { $0.kind == "linux_raid_member" }) {
            guard let blocks = volume.blocks, let member = try Self.member(blocks), member.isCopy else { continue }
            if let known = best.firstIndex(where: { $0.member.uuid == member.uuid }) {
                if best[known].member.events < member.events { best[known] = (member, blocks) }
            } else {
                best.append((member, blocks))
            }
        }
        for (member, blocks) in best {
            let array = try member.blocks(of: blocks)
            try add(array, .array(uuid: member.uuid))
            // A table in an array that cannot be read leaves the array as it is: it is no disk that firmware starts from.
            guard let table = try? PartitionTable.read(array) else { continue }
            for partition in table.partitions where partition.role != .extended {
                try add(partition.blocks(of: array), .arrayPartition(uuid: member.uuid, number: partition.number))
            }
        }
    }

    private static func member(_ blocks: any BlockReader) throws(FormatError) -> MDMember? {
        do throws(FormatError) { return try MDMember.read(blocks) } catch  where error.kind != .system { return nil }
    }

    private mutating func addGroups() throws(FormatError) {
        let candidates = volumes.compactMap { volume in volume.blocks.map { (place: volume.place, blocks: $0) } }
        let scan = try LVMScan(candidates.map(\.blocks))
        groups = scan.groups
        for (index, error) in scan.damagedLabels { damagedVolumes[candidates[index].place] = error }
        for (index, error) in scan.damagedMetadata { damagedVolumes[candidates[index].place] = error }
        for group in groups {
            for volume in group.logicalVolumes where volume.isVisible {
                let place = Place.logicalVolume(group: group.name, name: volume.name)
                do throws(FormatError) {
                    try add(try group.blocks(of: volume), place)
                } catch {
                    volumes.append(Volume(place: place, size: volume.size, content: [], blocks: nil, obstacle: error))
                }
            }
        }
    }
}
