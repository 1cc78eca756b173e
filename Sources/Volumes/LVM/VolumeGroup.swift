public import ByteReading

/// A volume group of LVM2: what its metadata say, and the devices that hold it.
public struct VolumeGroup: Sendable {
    /// The group's name.
    public var name: String
    /// Its UUID, as LVM2 shows it.
    public var uuid: String
    /// How often the metadata were written.
    public var sequenceNumber: UInt64
    /// `RESIZEABLE`, `READ`, `WRITE`, `EXPORTED`, `CLUSTERED` …
    public var status: [String]
    /// Tags that a person gave it.
    public var tags: [String]
    /// The size of an extent, in bytes.
    public var extentSize: UInt64
    /// The physical volumes, in the metadata's order.
    public var physicalVolumes: [PhysicalVolume]
    /// The logical volumes, in the metadata's order, the hidden ones too.
    public var logicalVolumes: [LogicalVolume]
    /// What is wrong.
    public var faults: [VolumeGroupFault]
    /// The devices that the physical volumes' ``PhysicalVolume/device`` counts.
    let devices: [any BlockReader]

    /// The size of all extents, in bytes.
    public var size: UInt64 { physicalVolumes.reduce(0) { $0 &+ $1.extentCount &* extentSize } }

    /// A logical volume by its name.
    public func logicalVolume(_ name: String) -> LogicalVolume? { logicalVolumes.first { $0.name == name } }

    /// The bytes of a logical volume.
    ///
    /// - Throws: ``FormatError``: `unsupported` for a kind of segment that is not read (thin, cache, snapshot, RAID 4 to 10),
    ///   by its name; `truncated` where a physical volume that it needs is missing; `invalid` where it maps to nothing.
    public func blocks(of volume: LogicalVolume) throws(FormatError) -> any BlockReader {
        var builder = LogicalVolumeBuilder(group: self)
        return try builder.blocks(of: volume.name)
    }
}

/// What is wrong with a volume group that could be read all the same.
public enum VolumeGroupFault: Sendable, Hashable {
    /// A physical volume is on none of the devices; `hint` is the name it had when the metadata were written.
    case missing(uuid: String, hint: String?)
    /// Two devices say that they are the same physical volume: copies of each other, or two legs of a mirror below.
    case duplicate(uuid: String, devices: [Int])
    /// A copy of the metadata cannot be read; another one was.
    case metadataInvalid(device: Int, FormatError)
    /// A copy of the metadata is older than the one that was read: its device was away while the group was changed.
    case metadataStale(device: Int, sequenceNumber: UInt64)
}

/// A physical volume, as the metadata of its group describe it.
public struct PhysicalVolume: Sendable, Hashable {
    /// The name inside the metadata: `pv0`.
    public var name: String
    /// Its UUID, as LVM2 shows it.
    public var uuid: String
    /// The device name it had when the metadata were written; another may be right now.
    public var hint: String?
    /// Which of the devices it is on; nil where it is missing.
    public var device: Int?
    /// Where its first extent begins, in bytes.
    public var extentStart: UInt64
    /// How many extents it has.
    public var extentCount: UInt64
    /// The size of its device when the metadata were written, in bytes; nil in old metadata.
    public var deviceSize: UInt64?
    /// `ALLOCATABLE`, `EXPORTED`, `MISSING` …
    public var status: [String]
    /// Tags that a person gave it.
    public var tags: [String]
}

/// A logical volume.
public struct LogicalVolume: Sendable, Hashable {
    /// Its name in the group.
    public var name: String
    /// Its UUID, as LVM2 shows it.
    public var uuid: String
    /// `READ`, `WRITE`, `VISIBLE` …
    public var status: [String]
    /// Tags that a person gave it.
    public var tags: [String]
    /// Its size in bytes.
    public var size: UInt64
    /// When it was made, in seconds since 1970; nil in old metadata.
    public var created: UInt64?
    /// The volume that it is a snapshot of; then its own bytes are only what has changed since.
    public var origin: String?
    /// Whether a snapshot is being merged into it: then its own bytes are not yet what a guest sees.
    public var isMerging: Bool
    /// Its segments, in the order of their starts.
    public var segments: [LogicalVolumeSegment]

    /// Whether it is one that a person made, and not a part of another.
    public var isVisible: Bool { status.contains("VISIBLE") }

    /// The kind of its first segment, as `lvs -o segtype` names it.
    public var kind: String { segments.first?.kind ?? "none" }
}

/// A segment of a logical volume.
public struct LogicalVolumeSegment: Sendable, Hashable {
    /// What lies behind a segment.
    public enum Layout: Sendable, Hashable {
        /// Bytes that go round between areas; one area is what `lvs` calls linear. The stripe's size is in bytes.
        case striped([Area], stripeSize: UInt64)
        /// Copies of the same bytes: the old mirror.
        case mirrored([Area])
        /// Copies of the same bytes, each with a small volume that says how far it is in step: RAID 1.
        case raid1([Leg])
        /// Errors, wherever it is read.
        case error
        /// Zeros.
        case zero
        /// A kind that is not read.
        case other
    }

    /// A part of a physical or of another logical volume, by its name, and the extent it begins at.
    public struct Area: Sendable, Hashable {
        /// `pv0`, or the name of a logical volume.
        public var volume: String
        /// The first extent.
        public var extent: UInt64
    }

    /// A copy in a RAID 1.
    public struct Leg: Sendable, Hashable {
        /// The logical volume with the state of the copy.
        public var metadata: String?
        /// The logical volume with the bytes.
        public var image: String
    }

    /// Where it begins in its volume, in bytes.
    public var start: UInt64
    /// How long it is, in bytes.
    public var size: UInt64
    /// The kind, as `lvs -o segtype` names it: `linear`, `striped`, `raid1`, `thin` …
    public var kind: String
    /// What lies behind it.
    public var layout: Layout
}
