internal import ByteReading

/// What the header of an image says, before the disk inside is read.
struct ImageHead: Sendable {
    var facts: ImageFacts
    /// What the image does not hold stands there.
    var backing: ImageReference?
    /// Other files that belong to the image itself.
    var parts: [ImageReference] = []

    init(_ facts: ImageFacts) { self.facts = facts }

    /// Reads the header of an image of some format.
    init(_ format: ImageFormat, _ image: any BlockReader) throws(FormatError) {
        switch format {
        case .raw, .iso9660: self.init(ImageFacts(format, virtualSize: image.size))
        case .qcow2: try self.init(qcow2: image)
        case .vhd: try self.init(vhd: image)
        case .vhdx: try self.init(vhdx: image)
        case .vmdk: try self.init(vmdk: image)
        case .ova, .tar: try self.init(archive: image, format)
        case .gzip, .bzip2, .xz, .zstd: try self.init(compressed: image, format)
        default: self.init(ImageFacts(format))
        }
    }

    /// The disk inside an image of the head's format.
    ///
    /// - Throws: ``ByteReading/FormatError`` where this program does not read it.
    func disk(_ image: any BlockReader, _ surroundings: ImageSurroundings) throws(FormatError) -> any BlockReader {
        switch facts.format {
        case .raw, .iso9660: image
        case .qcow2: try Qcow2Disk(image, surroundings)
        case .vhd: try VHDDisk.open(image, surroundings)
        case .vhdx: try VHDXDisk(image, surroundings)
        case .vmdk: try VMDKDisk(image, surroundings)
        case .ova, .tar:
            if case .archive(let members) = facts.details {
                try ArchiveDisk.open(image, members, surroundings)
            } else {
                throw FormatError(.invalid, facts.format.name, "its members were not read")
            }
        case .gzip, .bzip2, .xz, .zstd:
            throw FormatError(
                .unsupported, facts.format.name,
                "the disk in a compressed file cannot be read at any place; unpack it first")
        default:
            throw FormatError(
                .unsupported, facts.format.name, "the disk inside an image of this format is not read by this program")
        }
    }
}
