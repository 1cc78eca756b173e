internal import ByteReading

/// What the footer and the header of a VHD say.
public struct VHDFacts: Sendable, Hashable {
    /// Whether one of two copies is as it should be.
    public enum Copy: Sendable, Hashable {
        /// It is there and its checksum fits.
        case intact
        /// It is there and its checksum does not fit.
        case damaged
        /// It is not there.
        case missing
    }

    /// `fixed`, `dynamic` or `differencing`.
    public var subformat: String
    /// The footer, which stands at the end of the file.
    public var footer: Copy
    /// The footer's copy at the start; nil for a fixed disk, which has none.
    public var footerCopy: Copy?
    /// Whether the dynamic header's checksum fits; nil for a fixed disk, which has none.
    public var isDynamicHeaderIntact: Bool?
    /// Who made it, in four letters: `win ` Hyper-V, `qemu` and `qem2` qemu-img, `vpc ` Virtual PC, `vbox`, `tap`.
    public var creatorApplication: String
    /// The operating system of the maker: `Wi2k`, `Mac `.
    public var creatorHost: String
    /// The disk's size in bytes when it was made.
    public var originalSize: UInt64
    /// The disk's size in bytes now.
    public var currentSize: UInt64
    /// The geometry: cylinders, heads, sectors on a track.
    public var cylinders: Int
    /// See ``cylinders``.
    public var heads: Int
    /// See ``cylinders``.
    public var sectorsPerTrack: Int
    /// The size in bytes that the geometry makes; Virtual PC and QEMU take it for the disk's, Hyper-V and Azure do not.
    public var geometrySize: UInt64 { UInt64(cylinders) * UInt64(heads) * UInt64(sectorsPerTrack) * 512 }
    /// The disk's unique id.
    public var identity: String
    /// Whether a virtual machine was suspended on it.
    public var isSavedState: Bool
    /// The unique id that the parent has to have; nil where there is no parent.
    public var parentIdentity: String?

    init(_ footer: VHDFooter, copies: (end: Copy, start: Copy?), _ header: VHDDynamicHeader?) {
        subformat = footer.type == 4 ? "differencing" : footer.type == 3 ? "dynamic" : "fixed"
        self.footer = copies.end
        footerCopy = copies.start
        isDynamicHeaderIntact = header?.isIntact
        creatorApplication = footer.creatorApplication
        creatorHost = footer.creatorHost
        originalSize = footer.originalSize
        currentSize = footer.currentSize
        cylinders = Int(footer.cylinders)
        heads = Int(footer.heads)
        sectorsPerTrack = Int(footer.sectors)
        identity = UUIDText.text(of: footer.identity)
        isSavedState = footer.isSavedState
        parentIdentity = footer.type == 4 ? header.map { UUIDText.text(of: $0.parentIdentity) } : nil
    }
}
