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
        default: self.init(ImageFacts(format))
        }
    }
}
