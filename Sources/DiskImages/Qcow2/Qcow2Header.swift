internal import ByteReading

/// The header of a qcow2 image as it stands on disk, big-endian; QEMU's docs/interop/qcow2, "Header".
///
/// ```
///   0  magic "QFI\xfb"        4  version (2, 3)
///   8  backing_file_offset   16  backing_file_size    20  cluster_bits
///  24  size                  32  crypt_method         36  l1_size
///  40  l1_table_offset       48  refcount_table_offset
///  56  refcount_table_clusters                        60  nb_snapshots
///  64  snapshots_offset
///      version 3 and later:
///  72  incompatible_features 80  compatible_features  88  autoclear_features
///  96  refcount_order       100  header_length       104  compression_type (1 byte)
///      then the extensions, from header_length on: type, length, data, padded to 8 bytes
/// ```
struct Qcow2Header: Sendable, Hashable {
    var version: UInt32
    var backingFileOffset: UInt64
    var backingFileSize: UInt32
    var clusterBits: UInt32
    var size: UInt64
    var cryptMethod: UInt32
    var l1Size: UInt32
    var l1TableOffset: UInt64
    var refcountTableOffset: UInt64
    var refcountTableClusters: UInt32
    var snapshotCount: UInt32
    var snapshotsOffset: UInt64
    var incompatibleFeatures: UInt64 = 0
    var compatibleFeatures: UInt64 = 0
    var autoclearFeatures: UInt64 = 0
    var refcountOrder: UInt32 = 4
    var headerLength: UInt32 = 72
    var compressionType: UInt8 = 0

    /// How many bytes a cluster has; at most 2 MiB, for ``init(_:)`` refuses more.
    var clusterSize: UInt64 { 1 << UInt64(clusterBits) }

    static let specification = "QEMU docs/interop/qcow2"

    /// Reads the header; what QEMU refuses to open for a field of it is refused.
    init(_ image: any BlockReader) throws(FormatError) {
        let fields = try FormatBytes(reading: image, at: 0, count: Int(min(image.size, 112)), of: "qcow2")
        guard fields.has([0x51, 0x46, 0x49, 0xfb], at: 0) else {
            throw FormatError(.invalid, "qcow2", "it does not begin with the magic QFI\\xfb", at: 0)
        }
        version = try fields.big(UInt32.self, at: 4)
        guard version == 2 || version == 3 else {
            throw FormatError(
                .unsupported, "qcow2", "unknown version", field: "version = \(version) (known 2 and 3)", at: 4)
        }
        backingFileOffset = try fields.big(UInt64.self, at: 8)
        backingFileSize = try fields.big(UInt32.self, at: 16)
        clusterBits = try fields.big(UInt32.self, at: 20)
        size = try fields.big(UInt64.self, at: 24)
        cryptMethod = try fields.big(UInt32.self, at: 32)
        l1Size = try fields.big(UInt32.self, at: 36)
        l1TableOffset = try fields.big(UInt64.self, at: 40)
        refcountTableOffset = try fields.big(UInt64.self, at: 48)
        refcountTableClusters = try fields.big(UInt32.self, at: 56)
        snapshotCount = try fields.big(UInt32.self, at: 60)
        snapshotsOffset = try fields.big(UInt64.self, at: 64)
        if version == 3 {
            incompatibleFeatures = try fields.big(UInt64.self, at: 72)
            compatibleFeatures = try fields.big(UInt64.self, at: 80)
            autoclearFeatures = try fields.big(UInt64.self, at: 88)
            refcountOrder = try fields.big(UInt32.self, at: 96)
            headerLength = try fields.big(UInt32.self, at: 100)
            if headerLength > 104 { compressionType = try fields.big(UInt8.self, at: 104) }
        }
        try validate()
    }

    private func validate() throws(FormatError) {
        guard (9...21).contains(clusterBits) else {
            throw Self.invalid("invalid cluster size", "cluster_bits = \(clusterBits) (allowed 9…21)", at: 20)
        }
        guard headerLength >= (version == 2 ? 72 : 104), UInt64(headerLength) <= clusterSize else {
            throw Self.invalid(
                "the header's length is impossible",
                "header_length = \(headerLength) (allowed 104…\(clusterSize))", at: 100)
        }
        guard backingFileOffset <= clusterSize else {
            throw Self.invalid(
                "the name of the backing file does not lie in the first cluster",
                "backing_file_offset = \(backingFileOffset) (allowed 0…\(clusterSize))", at: 8)
        }
        guard backingFileOffset == 0 || UInt64(backingFileSize) <= min(1023, clusterSize - backingFileOffset) else {
            throw Self.invalid(
                "the name of the backing file is too long",
                "backing_file_size = \(backingFileSize) (allowed 0…\(min(1023, clusterSize - backingFileOffset)))",
                at: 16)
        }
        guard refcountOrder <= 6 else {
            throw Self.invalid(
                "invalid width of a reference count", "refcount_order = \(refcountOrder) (allowed 0…6)", at: 96)
        }
    }

    static func invalid(_ message: String, _ field: String, at offset: UInt64) -> FormatError {
        FormatError(.invalid, "qcow2", message, field: field, at: offset, specification: specification)
    }
}
