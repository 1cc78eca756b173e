/// `<domainsnapshot>`: a state of a domain that is kept.
///
/// Source of names and values: libvirt's formatsnapshot.rst and domainsnapshot.rng (9.0).
public struct DomainSnapshot: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The snapshot that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "domainsnapshot") }

    /// What the domain did.
    public enum State: String, LibvirtEnumeration {
        case running, blocked, paused, shutdown, shutoff, crashed, pmsuspended, nostate
        case diskSnapshot = "disk-snapshot"
    }

    /// The name, unique for its domain.
    public var name: Field<String> { child("name") }
    /// A description.
    public var summary: Field<String> { child("description") }
    /// What the domain did.
    public var state: Field<Open<State>> { child("state") }
    /// When it was made, in seconds since 1970.
    public var creationTime: Field<UInt64> { child("creationTime", .large) }
    /// The snapshot that it comes after.
    public var parentName: Field<String> {
        Field(place.child("parent"), "name", .text, .string)
    }
    /// Where memory is kept.
    public var memory: Field<Open<Domain.Disk.Snapshot>> { attribute("snapshot", of: "memory") }
    /// The file that memory is kept in.
    public var memoryFile: Field<String> { attribute("file", of: "memory") }
    /// What is done with each disk.
    public var disks: [Disk] { views("disks", "disk") }
    /// Whether the domain is at it; written by libvirt in its own files.
    public var isActive: Field<String> { child("active") }
    /// The domain as it was; only its UUID in some documents.
    public var domain: Domain { view("domain") }
    /// The domain's persistent definition as it was.
    public var inactiveDomain: Domain { view("inactiveDomain") }

    /// Whether any part is kept outside the disks' images, in overlays.
    public var isExternal: Bool { memory == .external || disks.contains { $0.snapshot == .external } }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            name, summary, state, creationTime, parentName, memory, memoryFile, disks, isActive, domain, inactiveDomain,
            to: visit)
    }

    /// `<disk>`: what is done with a disk.
    public struct Disk: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The disk, by its target or its source.
        public var name: Field<String> { attribute("name") }
        /// Where its state is kept.
        public var snapshot: Field<Open<Domain.Disk.Snapshot>> { attribute("snapshot") }
        /// Where the overlay is kept.
        public var type: Field<Open<StorageType>> { attribute("type") }
        /// The overlay's format.
        public var driverType: Field<Open<DiskFormat>> { attribute("type", of: "driver") }
        /// The overlay.
        public var source: DiskSource { view("source") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, snapshot, type, driverType, source, to: visit)
        }
    }
}

/// `<domaincheckpoint>`: a time from which changes of disks are known.
///
/// Source of names and values: libvirt's formatcheckpoint.rst and domaincheckpoint.rng (9.0).
public struct DomainCheckpoint: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The checkpoint that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "domaincheckpoint") }

    /// The name, unique for its domain.
    public var name: Field<String> { child("name") }
    /// A description.
    public var summary: Field<String> { child("description") }
    /// When it was made, in seconds since 1970.
    public var creationTime: Field<UInt64> { child("creationTime", .large) }
    /// The checkpoint that it comes after.
    public var parentName: Field<String> {
        Field(place.child("parent"), "name", .text, .string)
    }
    /// What is done with each disk.
    public var disks: [Disk] { views("disks", "disk") }
    /// The domain as it was.
    public var domain: Domain { view("domain") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(name, summary, creationTime, parentName, disks, domain, to: visit)
    }

    /// `<disk>`: how a disk's changes are known.
    public struct Disk: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The disk, by its target.
        public var name: Field<String> { attribute("name") }
        /// How: `no`, `bitmap`.
        public var checkpoint: Field<String> { attribute("checkpoint") }
        /// The bitmap's name.
        public var bitmap: Field<String> { attribute("bitmap") }
        /// How much changed, in bytes.
        public var size: Field<UInt64> { attribute("size", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, checkpoint, bitmap, size, to: visit)
        }
    }
}
