internal import ByteReading

/// The footer and the header that are to be believed, of two copies.
struct VHDStructures: Sendable {
    var footer: VHDFooter
    var header: VHDDynamicHeader?
    var facts: VHDFacts

    init(_ image: any BlockReader) throws(FormatError) {
        let atEnd = image.size >= 512 ? try VHDFooter(image, at: image.size - 512) : nil
        // What stands at the start of a fixed disk is the guest's, whatever it looks like.
        let isFixed = atEnd.map { $0.isIntact && $0.type == 2 } ?? false
        let atStart = isFixed ? nil : try VHDFooter(image, at: 0)
        guard let footer = [atEnd, atStart].compactMap(\.self).first(where: { $0.isIntact }) else {
            throw VHDFooter.invalid(
                "the checksum of the footer does not fit", at: atEnd == nil ? 64 : image.size - 512 + 64)
        }
        guard (2...4).contains(footer.type) else {
            throw VHDFooter.invalid(
                "unknown disk type", "type = \(footer.type) (known 2, 3 and 4)", at: image.size - 452)
        }
        self.footer = footer
        header = footer.type == 2 ? nil : try VHDDynamicHeader(image, at: footer.dataOffset)
        func copy(_ footer: VHDFooter?) -> VHDFacts.Copy { footer.map { $0.isIntact ? .intact : .damaged } ?? .missing }
        facts = VHDFacts(footer, copies: (copy(atEnd), footer.type == 2 ? nil : copy(atStart)), header)
    }
}

extension ImageHead {
    /// Reads the footer of a VHD.
    init(vhd image: any BlockReader) throws(FormatError) {
        let structures = try VHDStructures(image)
        var facts = ImageFacts(.vhd, virtualSize: structures.footer.currentSize)
        facts.clusterSize = structures.header.map { UInt64($0.blockSize) }
        facts.subformat = structures.facts.subformat
        facts.details = .vhd(structures.facts)
        self.init(facts)
        if structures.footer.type == 4, let header = structures.header {
            // The absolute path is one of the machine that it was made on; the parent's name is looked for beside the child.
            let written = header.relativePath ?? header.absolutePath ?? header.parentName
            let path = header.relativePath.map(WindowsPath.posix) ?? WindowsPath.name(written)
            backing = ImageReference(.backingFile, written, path: path, claimedFormat: "vpc")
        }
    }
}
