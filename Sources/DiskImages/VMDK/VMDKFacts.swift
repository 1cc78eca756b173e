/// What the header and the descriptor of a VMDK say.
public struct VMDKFacts: Sendable, Hashable {
    /// `monolithicSparse`, `streamOptimized`, `monolithicFlat` …, as it is written; nil where nothing is written.
    public var createType: String?
    /// The version of the sparse header; nil for a descriptor in a file of its own.
    public var version: Int?
    /// Whether the header says that grains are compressed.
    public var isCompressed: Bool
    /// Whether the header says that grains have markers, as a stream's have.
    public var hasMarkers: Bool
    /// Whether the footer of a stream is there and says what the header says; nil where none is promised.
    public var isFooterIntact: Bool?
    /// Whether the virtual machine that used it was not shut down.
    public var isUnclean: Bool
    /// Whether the header's line ends are whole: a transfer as text changes them, and all else.
    public var isLineEndIntact: Bool
    /// The content's id, in hexadecimal; a child names its parent's.
    public var contentIdentity: String?
    /// The id that the parent's content has to have; nil where there is no parent.
    public var parentIdentity: String?
    /// The controller that the disk is for: `ide`, `buslogic`, `lsilogic`.
    public var adapterType: String?
    /// The version of the virtual hardware.
    public var hardwareVersion: String?
    /// The version of VMware's tools in the guest.
    public var toolsVersion: String?
    /// The disk's unique id, as VMware writes it.
    public var identity: String?
    /// The parts that the disk is made of, in their order.
    public var extents: [Extent]

    /// A part of the disk.
    public struct Extent: Sendable, Hashable {
        /// `FLAT`, `SPARSE`, `ZERO` …
        public var kind: String
        /// Its size in bytes.
        public var size: UInt64
        /// The file's name as it is written; nil for zeros.
        public var name: String?
    }

    init(_ descriptor: VMDKDescriptor?, _ sparse: VMDKSparseHeader?) {
        createType = descriptor?.createType
        version = sparse.map { Int($0.header.version) }
        isCompressed = sparse?.header.isCompressed ?? false
        hasMarkers = sparse?.header.hasMarkers ?? false
        isFooterIntact = sparse?.isFooterIntact
        isUnclean = sparse?.header.isUnclean ?? false
        isLineEndIntact = sparse?.header.isLineEndIntact ?? true
        contentIdentity = descriptor?.contentIdentity
        parentIdentity = descriptor?.parentIdentity
        adapterType = descriptor?.database["ddb.adapterType"]
        hardwareVersion = descriptor?.database["ddb.virtualHWVersion"]
        toolsVersion = descriptor?.database["ddb.toolsVersion"]
        identity = descriptor?.database["ddb.uuid"]
        // Fewer than 2^54 sectors.
        extents = (descriptor?.extents ?? []).map { Extent(kind: $0.kind, size: $0.sectors * 512, name: $0.name) }
    }
}
