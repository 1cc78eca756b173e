internal import ByteReading

/// What of a VMDK says how the disk is made: a sparse header with a descriptor inside, or a descriptor alone.
struct VMDKStructures: Sendable {
    var sparse: VMDKSparseHeader?
    var descriptor: VMDKDescriptor?
    /// The disk's size in bytes.
    var size: UInt64
    /// The size of a grain in bytes; nil where the file itself has none.
    var grainSize: UInt64?

    init(_ image: any BlockReader) throws(FormatError) {
        guard
            try FormatBytes(reading: image, at: 0, count: Int(min(image.size, 4)), of: "VMDK").has(
                VMDKHeader.magic, at: 0)
        else {
            let descriptor = try VMDKDescriptor(image, at: 0, size: image.size)
            self.descriptor = descriptor
            size = try Self.size(of: descriptor)
            return
        }
        let sparse = try VMDKSparseHeader(image)
        let header = sparse.header
        if header.descriptorOffset > 0, header.descriptorOffset < 1 << 54 {
            let size = min(header.descriptorSize, VMDKDescriptor.sizeLimit / 512) * 512
            descriptor = try VMDKDescriptor(image, at: header.descriptorOffset * 512, size: size)
        }
        // VMware ESX puts a descriptor alone into a header without a disk.
        if header.capacity == 0, let descriptor, !descriptor.extents.isEmpty {
            size = try Self.size(of: descriptor)
            return
        }
        self.sparse = sparse
        size = header.capacity * 512
        grainSize = header.grainSize * 512
    }

    private static func size(of descriptor: VMDKDescriptor) throws(FormatError) -> UInt64 {
        guard !descriptor.extents.isEmpty else { throw VMDKHeader.invalid("the descriptor names no extents", at: 0) }
        var sectors: UInt64 = 0
        for extent in descriptor.extents {
            // 1024 × 2^54 at most; the disk itself has to stay below 2^63 bytes.
            sectors += extent.sectors
        }
        guard sectors < 1 << 54 else { throw VMDKHeader.invalid("the disk is too large", "\(sectors) sectors", at: 0) }
        return sectors * 512
    }
}

extension ImageHead {
    /// Reads the header and the descriptor of a VMDK.
    init(vmdk image: any BlockReader) throws(FormatError) {
        let structures = try VMDKStructures(image)
        let details = VMDKFacts(structures.descriptor, structures.sparse)
        var facts = ImageFacts(.vmdk, virtualSize: structures.size)
        facts.clusterSize = structures.grainSize
        facts.subformat = details.createType
        facts.details = .vmdk(details)
        self.init(facts)
        if structures.sparse == nil {
            parts = (structures.descriptor?.extents ?? []).compactMap { extent in
                extent.name.map { ImageReference(.extent, $0, claimedFormat: extent.isFlat ? "raw" : "vmdk") }
            }
        }
        if structures.descriptor?.parentIdentity != nil, let parent = structures.descriptor?.parent {
            backing = ImageReference(.backingFile, parent, path: WindowsPath.posix(parent), claimedFormat: "vmdk")
        }
    }
}
