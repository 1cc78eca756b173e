public import ByteReading

/// What the header of a qcow2 image says; the names are those of `qemu-img info`'s `format-specific` where it has one.
public struct Qcow2Facts: Sendable, Hashable {
    /// 2 or 3; QEMU writes it as `compat`.
    public var version: Int
    /// `0.10` for version 2, `1.1` for version 3.
    public var compatibility: String { version == 2 ? "0.10" : "1.1" }
    /// How wide a reference count is, in bits.
    public var refcountBits: Int
    /// Whether the reference counts were not written when the image was last used: it was not closed.
    public var isDirty: Bool
    /// Whether QEMU has found the image's structures damaged.
    public var isCorrupt: Bool
    /// Whether reference counts are written lazily.
    public var hasLazyRefcounts: Bool
    /// Whether an L2 entry tells about 32 parts of its cluster.
    public var hasExtendedL2: Bool
    /// `zlib` or `zstd`.
    public var compressionType: String
    /// The name of the external data file, as it is written.
    public var dataFile: String?
    /// Whether the image says that its data stands in another file.
    public var hasDataFile: Bool
    /// Whether the data file alone is the disk.
    public var isDataFileRaw: Bool
    /// The name of the backing file, as it is written.
    public var backingFile: String?
    /// The format that the backing file is said to have, by QEMU's name.
    public var backingFormat: String?
    /// `AES` (QEMU's broken one) or `LUKS`; nil where the image is not encrypted.
    public var encryption: String?
    /// How many internal snapshots the header counts.
    public var snapshotCount: Int
    /// The first 256 of them.
    public var snapshots: [Qcow2Snapshot] = []
    /// Why the internal snapshots cannot be listed; nil where they can.
    public var snapshotFault: FormatError?
    /// How many persistent dirty bitmaps there are.
    public var bitmapCount: Int
    /// Feature bits that must be understood to read the image, and are not, by the image's own names for them.
    public var unknownIncompatibleFeatures: [String]
    /// The types of the header extensions that are not known.
    public var unknownExtensions: [UInt32]

    init(_ header: Qcow2Header, _ extensions: Qcow2Extensions, backingFile: String?) {
        version = Int(header.version)
        refcountBits = 1 << Int(header.refcountOrder)
        let incompatible = header.incompatibleFeatures
        isDirty = incompatible & 1 != 0
        isCorrupt = incompatible & 2 != 0
        hasDataFile = incompatible & 4 != 0
        hasExtendedL2 = incompatible & 16 != 0
        hasLazyRefcounts = header.compatibleFeatures & 1 != 0
        compressionType =
            switch header.compressionType {
            case 0: "zlib"
            case 1: "zstd"
            default: "type \(header.compressionType)"
            }
        dataFile = extensions.dataFile
        isDataFileRaw = header.autoclearFeatures & 2 != 0
        self.backingFile = backingFile
        backingFormat = extensions.backingFormat
        encryption =
            switch header.cryptMethod {
            case 0: nil
            case 1: "AES"
            case 2: "LUKS"
            default: "method \(header.cryptMethod)"
            }
        snapshotCount = Int(header.snapshotCount)
        bitmapCount = Int(extensions.bitmapCount ?? 0)
        // Bits 0…4 are the ones of QEMU 9: dirty, corrupt, external data file, compression type, extended L2.
        unknownIncompatibleFeatures = (5..<64).filter { incompatible >> UInt64($0) & 1 != 0 }.map { bit in
            extensions.featureNames[Qcow2Feature(kind: 0, bit: UInt8(bit))] ?? "bit \(bit)"
        }
        unknownExtensions = extensions.unknown
    }
}
