public import Evidence

/// What is on a disk: a partition table, or one thing over all of it.
public struct DiskFacts: Sendable {
    /// How large it is in bytes.
    public var size: UInt64
    /// The partition table; absent where there is none.
    public var table: Observation<PartitionTableFacts> = .notProbed
    /// What is on the whole of a disk that has no partition table; absent where nothing is recognised.
    public var content: Observation<ContentFacts> = .notProbed
    /// The volume groups of LVM that have a physical volume on it.
    public var volumeGroups: [VolumeGroupFacts] = []
    /// The file systems that look like the root of a system.
    public var roots: [RootFacts] = []

    /// Of which only the size is known.
    public init(size: UInt64) {
        self.size = size
    }
}

/// A partition table.
public struct PartitionTableFacts: Sendable, Hashable {
    /// The kinds of table.
    public enum Kind: String, Sendable, Hashable {
        case mbr
        case gpt
    }

    /// A kind.
    public var kind: Kind
    /// The size in bytes of the sectors that its numbers count.
    public var sectorSize: UInt64
    /// The disk's GUID, or its MBR signature, as sfdisk writes them; nil where there is none.
    public var identifier: String?
    /// What is wrong with one of the two copies of a GPT, a line each.
    public var faults: [String] = []
    /// What is wrong with how the partitions lie, a line each: overlaps, a broken chain of logical ones.
    public var layoutFaults: [String] = []
    /// Whether there is no protective entry in the MBR before a GPT.
    public var isUnprotected = false
    /// Where the backup of a GPT should be and is not: the image was made larger or smaller; nil where it is in its place.
    public var misplacedBackup: MisplacedBackup?
    /// Whether an MBR beside a GPT names partitions of its own.
    public var isHybrid = false
    /// The partitions, by number.
    public var partitions: [PartitionFacts] = []

    /// Both places in sectors.
    public struct MisplacedBackup: Sendable, Hashable {
        /// Where the primary header says it is.
        public var sector: UInt64
        /// The disk's last sector, where it belongs.
        public var lastSector: UInt64

        /// Makes the pair.
        public init(sector: UInt64, lastSector: UInt64) {
            self.sector = sector
            self.lastSector = lastSector
        }
    }

    /// An empty table.
    public init(_ kind: Kind, sectorSize: UInt64) {
        self.kind = kind
        self.sectorSize = sectorSize
    }
}

/// A partition.
public struct PartitionFacts: Sendable, Hashable {
    /// Its number, as Linux counts.
    public var number: Int
    /// Where it begins, in bytes.
    public var start: UInt64
    /// How long it is, in bytes.
    public var size: UInt64
    /// What its table says it is for: `EFI System`, `Linux`.
    public var type: String
    /// Its name in a GPT; empty where it has none.
    public var name = ""
    /// Whether the MBR marks it active, or the GPT has it legacy-BIOS-bootable.
    public var isBootable = false
    /// Whether it only holds logical partitions.
    public var isExtended = false
    /// Whether it holds the core of GRUB and nothing else.
    public var isBIOSBoot = false
    /// Whether it ends beyond the disk.
    public var isBeyondEnd = false
    /// What is in it; nil where nothing is recognised.
    public var content: ContentFacts?

    /// Makes a partition; see the properties.
    public init(number: Int, start: UInt64, size: UInt64, type: String) {
        self.number = number
        self.start = start
        self.size = size
        self.type = type
    }
}

/// What a range of a disk holds.
public struct ContentFacts: Sendable, Hashable {
    /// blkid's word: `ext4`, `xfs`, `LVM2_member`, `crypto_LUKS`, `swap`.
    public var type: String
    /// Its label; nil where it has none.
    public var label: String?
    /// Its UUID as blkid writes it; nil where it has none.
    public var uuid: String?
    /// Its file system, where this program reads it.
    public var fileSystem: FileSystemFacts?
    /// Why it could not be read, a line; nil where it was.
    public var fault: String?
    /// Whether it holds more than could be looked at: a file system that is not read, something encrypted, a member of an
    /// array.
    public var isUnread = false

    /// Of which only the type is known.
    public init(type: String) {
        self.type = type
    }
}

/// A file system, as its superblock tells.
public struct FileSystemFacts: Sendable, Hashable {
    /// What it says of itself.
    public enum State: Sendable, Hashable {
        /// It was unmounted.
        case clean
        /// Its journal or log holds changes that are not in place.
        case needsRecovery
        /// The kernel has found errors in it.
        case hasErrors
    }

    /// The size of what it manages, in bytes.
    public var size: UInt64
    /// What is free, in bytes; nil where it does not tell.
    public var free: UInt64?
    /// How many inodes it has; nil where it makes them as it needs them.
    public var inodes: UInt64?
    /// How many of them are free.
    public var freeInodes: UInt64?
    /// The unit of allocation in bytes.
    public var blockSize: UInt64
    /// What it says of itself.
    public var state: State
    /// The names of its features, as its own tools write them.
    public var features: [String] = []
    /// Where it was last mounted; nil where it does not tell.
    public var lastMountPoint: String?
    /// When it was last mounted or written, in seconds since 1970; nil where it does not tell.
    public var lastUsed: Int64?
    /// What was found wrong and passed over, a line each: a bad checksum with a good copy beside it.
    public var faults: [String] = []

    /// Makes a file system; see the properties.
    public init(size: UInt64, blockSize: UInt64, state: State) {
        self.size = size
        self.blockSize = blockSize
        self.state = state
    }
}

/// A volume group of LVM's.
public struct VolumeGroupFacts: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The UUIDs of physical volumes that are on no disk given.
    public var missingPhysicalVolumes: [String] = []
    /// Its logical volumes.
    public var volumes: [LogicalVolumeFacts] = []

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }
}

/// A logical volume.
public struct LogicalVolumeFacts: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// How long it is, in bytes.
    public var size: UInt64
    /// The kinds of its segments: `linear`, `striped`, `raid1`, `thin`.
    public var segmentTypes: [String]
    /// What is in it; nil where nothing is recognised or it cannot be read.
    public var content: ContentFacts?
    /// Why it could not be read: a part of it is missing, or of a kind that is not read; nil where it was.
    public var fault: String?

    /// Makes a logical volume; see the properties.
    public init(name: String, size: UInt64, segmentTypes: [String]) {
        self.name = name
        self.size = size
        self.segmentTypes = segmentTypes
    }
}

/// A file system that looks like the root of a system.
public struct RootFacts: Sendable, Hashable {
    /// Where it is: `partition 1`, `volume debian-vg/root`, `whole disk`.
    public var location: String
    /// What is in it: os-release's `PRETTY_NAME`; nil where there is none.
    public var system: String?

    /// Makes a root from where it is and what is in it.
    public init(location: String, system: String?) {
        self.location = location
        self.system = system
    }
}
