internal import ByteReading

/// The header of a sparse VMDK as it stands on disk, little-endian; VMware's "Virtual Disk Format 5.0", "Hosted Sparse
/// Extents". All places and lengths are in sectors of 512 bytes.
///
/// ```
///  0 "KDMV"   4 version   8 flags   12 capacity (8)   20 grain size (8)   28 descriptor offset (8)   36 its size (8)
/// 44 entries of a grain table   48 redundant grain directory (8)   56 grain directory (8)   64 overhead (8)
/// 72 unclean shutdown (1)   73 "\n \r\n", which a transfer as text would change   77 compression (2)
/// ```
struct VMDKHeader: Sendable, Hashable {
    static let specification = "VMware Virtual Disk Format 5.0"
    static let magic = Array("KDMV".utf8)
    /// The grain directory's place where the footer has the true one.
    private static let atEnd = UInt64.max

    var version: UInt32
    var flags: UInt32
    var capacity: UInt64
    var grainSize: UInt64
    var descriptorOffset: UInt64
    var descriptorSize: UInt64
    var entriesPerTable: UInt32
    var redundantDirectory: UInt64
    var directory: UInt64
    var overhead: UInt64
    var isUnclean: Bool
    var isLineEndIntact: Bool
    var compression: UInt16

    var hasRedundantDirectory: Bool { flags & 2 != 0 }
    var hasZeroGrains: Bool { flags & 4 != 0 }
    var isCompressed: Bool { compression == 1 }
    var hasMarkers: Bool { flags & 0x2_0000 != 0 }
    var isDirectoryAtEnd: Bool { directory == Self.atEnd }

    init(_ image: any BlockReader, at offset: UInt64) throws(FormatError) {
        let fields = try FormatBytes(reading: image, at: offset, count: 512, of: "VMDK")
        guard fields.has(Self.magic, at: 0) else {
            throw Self.invalid("it does not begin with the magic KDMV", at: offset)
        }
        version = try fields.little(UInt32.self, at: 4)
        flags = try fields.little(UInt32.self, at: 8)
        capacity = try fields.little(UInt64.self, at: 12)
        grainSize = try fields.little(UInt64.self, at: 20)
        descriptorOffset = try fields.little(UInt64.self, at: 28)
        descriptorSize = try fields.little(UInt64.self, at: 36)
        entriesPerTable = try fields.little(UInt32.self, at: 44)
        redundantDirectory = try fields.little(UInt64.self, at: 48)
        directory = try fields.little(UInt64.self, at: 56)
        overhead = try fields.little(UInt64.self, at: 64)
        isUnclean = try fields.little(UInt8.self, at: 72) != 0
        isLineEndIntact = fields.has([0x0a, 0x20, 0x0d, 0x0a], at: 73)
        compression = try fields.little(UInt16.self, at: 77)
        try validate(at: offset)
    }

    private func validate(at offset: UInt64) throws(FormatError) {
        guard (1...3).contains(version) else {
            throw FormatError(
                .unsupported, "VMDK", "unknown version", field: "version = \(version) (known 1 to 3)", at: offset + 4)
        }
        // 2^54 sectors are 2^63 bytes.
        guard capacity < 1 << 54 else {
            throw Self.invalid("the disk is too large", "capacity = \(capacity)", at: offset + 12)
        }
        guard (1...0x20_0000).contains(grainSize) else {
            throw Self.invalid("invalid grain size", "grainSize = \(grainSize) (allowed 1…2097152)", at: offset + 20)
        }
        guard (1...512).contains(entriesPerTable) else {
            throw Self.invalid(
                "invalid size of a grain table", "numGTEsPerGT = \(entriesPerTable) (allowed 1…512)", at: offset + 44)
        }
        guard compression <= 1 else {
            throw FormatError(
                .unsupported, "VMDK", "unknown compression",
                field: "compressAlgorithm = \(compression) (known 0 and 1)",
                at: offset + 77)
        }
        // Twice a grain is read to unpack one; QEMU and VMware write grains of 64 KiB.
        guard !isCompressed || grainSize <= 4096 else {
            throw FormatError(
                .limit, "VMDK", "compressed grains of more than 2 MiB", field: "grainSize = \(grainSize)",
                at: offset + 20)
        }
    }

    static func invalid(_ message: String, _ field: String? = nil, at offset: UInt64) -> FormatError {
        FormatError(.invalid, "VMDK", message, field: field, at: offset, specification: specification)
    }
}

/// The header that is to be believed: a stream has its true one in the footer, before the marker of its end.
struct VMDKSparseHeader: Sendable, Hashable {
    var header: VMDKHeader
    /// Whether the footer that the header promises is there and whole; nil where none is promised.
    var isFooterIntact: Bool?

    init(_ image: any BlockReader) throws(FormatError) {
        header = try VMDKHeader(image, at: 0)
        guard header.isDirectoryAtEnd else { return }
        // The footer's marker, the footer, the marker of the end: a sector each; a file may be padded to whole sectors.
        let end = image.size / 512 * 512
        guard end >= 1536 else { throw Self.noFooter(end) }
        let markers = try FormatBytes(reading: image, at: end - 1536, count: 1536, of: "VMDK")
        let footerMarker = try (markers.little(UInt32.self, at: 8), markers.little(UInt32.self, at: 12))
        let endMarker = try (
            markers.little(UInt64.self, at: 1024), markers.little(UInt32.self, at: 1032),
            markers.little(UInt32.self, at: 1036)
        )
        guard footerMarker == (0, 3), endMarker == (0, 0, 0), markers.has(VMDKHeader.magic, at: 512) else {
            throw Self.noFooter(end - 1536)
        }
        let footer = try VMDKHeader(image, at: end - 1024)
        isFooterIntact =
            footer.capacity == header.capacity && footer.grainSize == header.grainSize && !footer.isDirectoryAtEnd
        guard !footer.isDirectoryAtEnd else { throw Self.noFooter(end - 1024) }
        header = footer
    }

    private static func noFooter(_ offset: UInt64) -> FormatError {
        FormatError(
            .truncated, "VMDK", "the footer is not there, which says where the tables are",
            field: "gdOffset = all ones",
            at: offset, specification: VMDKHeader.specification)
    }
}
