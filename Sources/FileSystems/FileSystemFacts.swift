public import ByteReading

/// What a file system says of itself, in the words of its own tools.
public struct FileSystemFacts: Sendable, Hashable {
    /// Its name as `blkid` and `mount -t` have it: `ext4`, `xfs`, `vfat`, `exfat`, `iso9660`.
    public var kind: String
    /// Its version or variant, where there are several: `v5`, `FAT32`, `Rock Ridge`.
    public var variant: String?
    /// The label; nil where there is none. Bytes that are not UTF-8 are escaped as ``FileName`` does.
    public var label: String?
    /// The UUID as `blkid` writes it.
    public var uuid: String?
    /// The features by the names that its own tool prints, in that order.
    public var features: [String]
    /// The size of a block, in bytes.
    public var blockSize: UInt64
    /// The size that it claims, in bytes.
    public var size: UInt64
    /// Free space, in bytes, as far as it is told.
    public var freeSize: UInt64?
    /// How many inodes there are, where there are any.
    public var inodes: UInt64?
    /// How many of them are free.
    public var freeInodes: UInt64?
    /// How it was left.
    public var state: FileSystemState
    /// Where it was mounted last, where that is stored.
    public var lastMountPoint: String?
    /// When it was mounted last.
    public var lastMounted: FileTime?
    /// When its superblock was written last.
    public var lastWritten: FileTime?
    /// When it was made.
    public var created: FileTime?
    /// What is wrong with one of two redundant structures, the other being used; what was repaired while reading.
    public var problems: [FormatError]

    /// Makes facts; see the properties.
    public init(
        kind: String, variant: String? = nil, label: String? = nil, uuid: String? = nil, features: [String] = [],
        blockSize: UInt64, size: UInt64, freeSize: UInt64? = nil, inodes: UInt64? = nil, freeInodes: UInt64? = nil,
        state: FileSystemState = [], lastMountPoint: String? = nil, lastMounted: FileTime? = nil,
        lastWritten: FileTime? = nil, created: FileTime? = nil, problems: [FormatError] = []
    ) {
        self.kind = kind
        self.variant = variant
        self.label = label
        self.uuid = uuid
        self.features = features
        self.blockSize = blockSize
        self.size = size
        self.freeSize = freeSize
        self.inodes = inodes
        self.freeInodes = freeInodes
        self.state = state
        self.lastMountPoint = lastMountPoint
        self.lastMounted = lastMounted
        self.lastWritten = lastWritten
        self.created = created
        self.problems = problems
    }
}

/// How a file system was left; empty is clean.
public struct FileSystemState: OptionSet, Sendable, Hashable {
    /// One bit for each; the values are this program's own.
    public let rawValue: UInt8
    /// Makes a state.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It was not unmounted: it is in use, or the machine stopped.
    public static let notCleanlyUnmounted = FileSystemState(rawValue: 1)
    /// Its journal holds what the next mount must write first.
    public static let needsRecovery = FileSystemState(rawValue: 2)
    /// It has recorded errors; a check is due.
    public static let hasErrors = FileSystemState(rawValue: 4)
}
