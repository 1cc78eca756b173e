/// `<volume>`: an image, device or partition in a pool.
///
/// Source of names and values: libvirt's formatstorage.rst and storagevol.rng (9.0).
public struct StorageVolume: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The volume that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "volume") }

    /// The volume that an element holds; nil where it is something else.
    public init?(_ element: XMLElement) { self.init(element, named: "volume") }

    /// What it is; written by libvirt.
    public enum Kind: String, LibvirtEnumeration {
        case file, block, dir, network, netdir, ploop
    }

    /// What it is; written by libvirt.
    public var type: Field<Open<Kind>> { attribute("type") }
    /// The name, unique in its pool.
    public var name: Field<String> { child("name") }
    /// What names it for good; written by libvirt.
    public var key: Field<String> { child("key") }
    /// The size that a guest sees, in bytes.
    public var capacity: Field<UInt64> { bytes("capacity", .byte) }
    /// How much it takes of the pool, in bytes.
    public var allocation: Field<UInt64> { bytes("allocation", .byte) }
    /// The size on the host, in bytes; written by libvirt.
    public var physical: Field<UInt64> { bytes("physical", .byte) }
    /// What it lies on; written by libvirt.
    public var sourceDevices: [SourceDevice] { views("source", "device") }
    /// The image.
    public var target: Target { view("target") }
    /// What it is a difference to.
    public var backingStore: BackingStore { view("backingStore") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(type, name, key, capacity, allocation, physical, sourceDevices, target, backingStore, to: visit)
    }

    /// `<source><device>`.
    public struct SourceDevice: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its path.
        public var path: Field<String> { attribute("path") }
        /// Which parts.
        public var extents: [StoragePool.Extent] { views("extent") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(path, extents, to: visit)
        }
    }

    /// `<target>`: the image.
    public struct Target: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where it is on the host; written by libvirt.
        public var path: Field<String> { child("path") }
        /// The image's format, or a partition's type.
        public var format: Field<Open<DiskFormat>> { attribute("type", of: "format") }
        /// Who may do what.
        public var permissions: Permissions { view("permissions") }
        /// Its encryption.
        public var encryption: Encryption { view("encryption") }
        /// The version of qcow2: `0.10`, `1.1`.
        public var compatibility: Field<String> { child("compat") }
        /// Whether Btrfs does not copy it on write.
        public var forbidsCopyOnWrite: Field<Bool> { presence("nocow") }
        /// The size of a cluster, in bytes.
        public var clusterSize: Field<UInt64> { bytes("clusterSize", .byte) }
        /// Whether reference counts are written late.
        public var hasLazyRefcounts: Field<Bool> {
            Field(place.child("features"), "lazy_refcounts", .presence, .presence)
        }
        /// Whether clusters have parts (libvirt 8.0).
        public var hasExtendedL2: Field<Bool> {
            Field(place.child("features"), "extended_l2", .presence, .presence)
        }
        /// When it was read, changed and made.
        public var timestamps: Timestamps { view("timestamps") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                path, format, permissions, encryption, compatibility, forbidsCopyOnWrite, clusterSize, hasLazyRefcounts,
                hasExtendedL2, timestamps, to: visit)
        }
    }

    /// `<backingStore>`.
    public struct BackingStore: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where it is on the host.
        public var path: Field<String> { child("path") }
        /// Its format.
        public var format: Field<Open<DiskFormat>> { attribute("type", of: "format") }
        /// Who may do what.
        public var permissions: Permissions { view("permissions") }
        /// When it was read, changed and made.
        public var timestamps: Timestamps { view("timestamps") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(path, format, permissions, timestamps, to: visit)
        }
    }

    /// `<timestamps>`: seconds since 1970, with a fraction.
    public struct Timestamps: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// When it was read.
        public var accessed: Field<Double> { child("atime", .decimal) }
        /// When it was made.
        public var born: Field<Double> { child("btime", .decimal) }
        /// When it or its permissions were changed.
        public var changed: Field<Double> { child("ctime", .decimal) }
        /// When it was written.
        public var modified: Field<Double> { child("mtime", .decimal) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(accessed, born, changed, modified, to: visit)
        }
    }
}
