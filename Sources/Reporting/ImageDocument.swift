internal import Evidence
internal import Facts

/// What was seen of a disk image, in JSON. Sizes and offsets are in bytes; what could not be learnt is `null`.
///
/// - `allocatedSize`, `inUse`, `format` (`name`, `subformat`, `version`, `virtualSize`, `clusterSize`, `compression`, `dirty`,
///   `corrupt`, `encryption`, `snapshots[]`, `dataFile`);
/// - `chain[]`: `reference`, `path`, `claimedFormat`, `format`, `virtualSize`, `state` (`present`, `missing`, `refused`,
///   `unreadable`) and its `reason`;
/// - `disk`: `size`, `table` (`kind`, `sectorSize`, `identifier`, `partitions[]`: `number`, `start`, `size`, `type`, `name`,
///   `bootable`, `content`), `content` of a disk without a table, `volumeGroups[]` (`name`, `missing[]`, `volumes[]`: `name`,
///   `size`, `segmentTypes[]`, `content`), `roots[]` (`location`, `system`);
/// - `content`: `type`, `label`, `uuid`, `fault`, `fileSystem` (`size`, `free`, `inodes`, `freeInodes`, `blockSize`, `state`:
///   `clean`, `needsRecovery`, `hasErrors`, `features[]`, `lastMountPoint`, `lastUsed`: seconds since 1970).
struct ImageDocument: Encodable {
    let image: ImageFacts

    private enum Key: String, CodingKey {
        case allocatedSize
        case inUse
        case format
        case chain
        case disk
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(try? image.allocatedSize.get(), forKey: .allocatedSize)
        try container.encode(try? image.isInUse.get(), forKey: .inUse)
        try container.encode(
            (try? image.format.get()).map {
                FormatDocument(format: $0, snapshots: try? image.snapshots.get(whenAbsent: []))
            }, forKey: .format)
        try container.encode(((try? image.chain.get()) ?? []).map(LinkDocument.init), forKey: .chain)
        try container.encode((try? image.disk.get()).map(DiskDocument.init), forKey: .disk)
    }
}

private struct FormatDocument: Encodable {
    let format: ImageFormatFacts
    /// `null` where they cannot be listed, empty where the format has none.
    let snapshots: [String]?

    private enum Key: String, CodingKey {
        case name
        case subformat
        case version
        case virtualSize
        case clusterSize
        case compression
        case dirty
        case corrupt
        case encryption
        case snapshots
        case dataFile
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(format.name, forKey: .name)
        try container.encode(format.subformat, forKey: .subformat)
        try container.encode(format.version, forKey: .version)
        try container.encode(format.virtualSize, forKey: .virtualSize)
        try container.encode(format.clusterSize, forKey: .clusterSize)
        try container.encode(format.compression, forKey: .compression)
        try container.encode(format.isDirty, forKey: .dirty)
        try container.encode(format.isCorrupt, forKey: .corrupt)
        try container.encode(format.encryption, forKey: .encryption)
        try container.encode(snapshots, forKey: .snapshots)
        try container.encode(format.dataFile, forKey: .dataFile)
    }
}

private struct LinkDocument: Encodable {
    let link: ImageLinkFacts

    private enum Key: String, CodingKey {
        case reference
        case path
        case claimedFormat
        case format
        case virtualSize
        case state
        case reason
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(link.reference, forKey: .reference)
        try container.encode(link.path, forKey: .path)
        try container.encode(link.claimedFormat, forKey: .claimedFormat)
        try container.encode(link.format, forKey: .format)
        try container.encode(link.virtualSize, forKey: .virtualSize)
        let (state, reason): (String, String?) =
            switch link.state {
            case .present: ("present", nil)
            case .missing: ("missing", nil)
            case .refused(let reason): ("refused", reason)
            case .unreadable(let reason): ("unreadable", reason)
            }
        try container.encode(state, forKey: .state)
        try container.encode(reason, forKey: .reason)
    }
}

private struct DiskDocument: Encodable {
    let disk: DiskFacts

    private enum Key: String, CodingKey {
        case size
        case table
        case content
        case volumeGroups
        case roots
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(disk.size, forKey: .size)
        try container.encode((try? disk.table.get()).map(TableDocument.init), forKey: .table)
        try container.encode((try? disk.content.get()).map(ContentDocument.init), forKey: .content)
        try container.encode(disk.volumeGroups.map(VolumeGroupDocument.init), forKey: .volumeGroups)
        try container.encode(disk.roots.map(RootDocument.init), forKey: .roots)
    }
}

private struct TableDocument: Encodable {
    let table: PartitionTableFacts

    private enum Key: String, CodingKey {
        case kind
        case sectorSize
        case identifier
        case partitions
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let kind =
            switch table.kind {
            case .mbr: "mbr"
            case .gpt: "gpt"
            }
        try container.encode(kind, forKey: .kind)
        try container.encode(table.sectorSize, forKey: .sectorSize)
        try container.encode(table.identifier, forKey: .identifier)
        try container.encode(table.partitions.map(PartitionDocument.init), forKey: .partitions)
    }
}

private struct PartitionDocument: Encodable {
    let partition: PartitionFacts

    private enum Key: String, CodingKey {
        case number
        case start
        case size
        case type
        case name
        case bootable
        case content
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(partition.number, forKey: .number)
        try container.encode(partition.start, forKey: .start)
        try container.encode(partition.size, forKey: .size)
        try container.encode(partition.type, forKey: .type)
        try container.encode(partition.name, forKey: .name)
        try container.encode(partition.isBootable, forKey: .bootable)
        try container.encode(partition.content.map(ContentDocument.init), forKey: .content)
    }
}

private struct VolumeGroupDocument: Encodable {
    let group: VolumeGroupFacts

    private enum Key: String, CodingKey {
        case name
        case missing
        case volumes
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(group.name, forKey: .name)
        try container.encode(group.missingPhysicalVolumes, forKey: .missing)
        try container.encode(group.volumes.map(LogicalVolumeDocument.init), forKey: .volumes)
    }
}

private struct LogicalVolumeDocument: Encodable {
    let volume: LogicalVolumeFacts

    private enum Key: String, CodingKey {
        case name
        case size
        case segmentTypes
        case content
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(volume.name, forKey: .name)
        try container.encode(volume.size, forKey: .size)
        try container.encode(volume.segmentTypes, forKey: .segmentTypes)
        try container.encode(volume.content.map(ContentDocument.init), forKey: .content)
    }
}

private struct RootDocument: Encodable {
    let root: RootFacts

    private enum Key: String, CodingKey {
        case location
        case system
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(root.location, forKey: .location)
        try container.encode(root.system, forKey: .system)
    }
}

private struct ContentDocument: Encodable {
    let content: ContentFacts

    private enum Key: String, CodingKey {
        case type
        case label
        case uuid
        case fault
        case fileSystem
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(content.type, forKey: .type)
        try container.encode(content.label, forKey: .label)
        try container.encode(content.uuid, forKey: .uuid)
        try container.encode(content.fault, forKey: .fault)
        try container.encode(content.fileSystem.map(FileSystemDocument.init), forKey: .fileSystem)
    }
}

private struct FileSystemDocument: Encodable {
    let system: FileSystemFacts

    private enum Key: String, CodingKey {
        case size
        case free
        case inodes
        case freeInodes
        case blockSize
        case state
        case features
        case lastMountPoint
        case lastUsed
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(system.size, forKey: .size)
        try container.encode(system.free, forKey: .free)
        try container.encode(system.inodes, forKey: .inodes)
        try container.encode(system.freeInodes, forKey: .freeInodes)
        try container.encode(system.blockSize, forKey: .blockSize)
        let state =
            switch system.state {
            case .clean: "clean"
            case .needsRecovery: "needsRecovery"
            case .hasErrors: "hasErrors"
            }
        try container.encode(state, forKey: .state)
        try container.encode(system.features, forKey: .features)
        try container.encode(system.lastMountPoint, forKey: .lastMountPoint)
        try container.encode(system.lastUsed, forKey: .lastUsed)
    }
}
