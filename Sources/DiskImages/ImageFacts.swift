/// What is known of an image file from its header and the system.
public struct ImageFacts: Sendable, Hashable {
    /// What it is by its content.
    public var format: ImageFormat
    /// The size of the disk inside in bytes; nil where this program does not read the format.
    public var virtualSize: UInt64?
    /// The size of the file in bytes.
    public var fileSize: UInt64 = 0
    /// What it takes on its file system in bytes: `qemu-img info`'s `actual-size`.
    public var allocatedSize: UInt64 = 0
    /// The unit in which the disk is kept, in bytes: a cluster, a grain, a block; nil where there is none.
    public var clusterSize: UInt64?
    /// The kind within the format, in its own words: `dynamic`, `streamOptimized`.
    public var subformat: String?
    /// What only this format says.
    public var details: Details = .none

    /// What only one format says.
    public enum Details: Sendable, Hashable {
        /// Nothing more is known, or the format says no more.
        case none
        /// A qcow2 image.
        case qcow2(Qcow2Facts)
        /// A VHD.
        case vhd(VHDFacts)
        /// A VHDX.
        case vhdx(VHDXFacts)
        /// A VMDK.
        case vmdk(VMDKFacts)
        /// An OVA or another tar file.
        case archive(ArchiveFacts)
        /// A compressed file.
        case compressed(CompressedFacts)
    }

    init(_ format: ImageFormat, virtualSize: UInt64? = nil) {
        self.format = format
        self.virtualSize = virtualSize
    }
}
