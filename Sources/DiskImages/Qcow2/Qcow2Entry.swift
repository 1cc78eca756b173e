internal import ByteReading

/// Where a stretch of a qcow2 disk is kept.
enum Qcow2Place: Hashable {
    /// Not in this image: in the backing file, or nowhere.
    case below
    /// Zeros.
    case zero
    /// In the file, or in the data file, from this offset on.
    case data(UInt64)
    /// In the file, packed together with the rest of its cluster.
    case compressed(Qcow2Compressed)

    /// The place of what follows directly.
    func advanced(by count: UInt64) -> Qcow2Place {
        if case .data(let offset) = self { .data(offset &+ count) } else { self }
    }
}

/// Where a compressed cluster is kept; QEMU's docs/interop/qcow2, "Compressed Clusters Descriptor".
struct Qcow2Compressed: Hashable {
    /// The offset in the file, at any byte.
    var offset: UInt64
    /// How many bytes there are to the end of the last 512-byte sector that it touches.
    var count: UInt64

    init(_ entry: UInt64, clusterBits: UInt32) {
        let shift = UInt64(62 - (clusterBits - 8))
        offset = entry & (1 << shift - 1)
        let sectors = entry >> shift & (1 << UInt64(clusterBits - 8) - 1)
        // At most 2^13 sectors.
        count = (sectors + 1) * 512 - offset % 512
    }
}

/// How the entries of the L2 tables are read; QEMU's docs/interop/qcow2, "Cluster mapping".
///
/// ```
/// 63 copied   62 compressed   61…56 reserved   55…9 offset of the cluster   8…1 reserved   0 zeros
/// extended:  bits 0…31 part is stored, bits 32…63 part is zeros, in the 8 bytes that follow
/// ```
struct Qcow2EntryLayout: Sendable {
    let clusterBits: UInt32
    /// Whether an entry tells about the 32 parts of its cluster.
    let isExtended: Bool
    /// Whether the clusters stand in a data file, where offset 0 is one as any other.
    let hasDataFile: Bool
    let version: UInt32

    var clusterSize: UInt64 { 1 << UInt64(clusterBits) }
    var entrySize: Int { isExtended ? 16 : 8 }
    var partsPerCluster: Int { isExtended ? 32 : 1 }
    var partSize: UInt64 { clusterSize / UInt64(partsPerCluster) }
    var entriesPerTable: UInt64 { clusterSize / UInt64(entrySize) }

    static let offsetMask: UInt64 = 0x00ff_ffff_ffff_fe00
    private static let copied: UInt64 = 1 << 63
    private static let compressed: UInt64 = 1 << 62

    /// Where a part of a cluster is kept, and for how many parts of the cluster that goes on.
    ///
    /// - Parameter place: Where the entry stands, for the error.
    func place(_ entry: UInt64, _ bitmap: UInt64, part: Int, at place: UInt64) throws(FormatError) -> (Qcow2Place, Int)
    {
        if entry & Self.compressed != 0 {
            return (.compressed(Qcow2Compressed(entry, clusterBits: clusterBits)), partsPerCluster - part)
        }
        let offset = entry & Self.offsetMask
        guard offset % clusterSize == 0 else {
            throw Qcow2Header.invalid(
                "a cluster does not begin where one can", "offset 0x\(String(offset, radix: 16))", at: place)
        }
        return isExtended
            ? try part32(cluster(entry), bitmap, part, at: place) : (try whole(entry, cluster(entry), at: place), 1)
    }

    /// The cluster that an entry which is not compressed keeps, whether it is to be read or not.
    func cluster(_ entry: UInt64) -> UInt64? {
        let offset = entry & Self.offsetMask
        return offset != 0 || hasDataFile && entry & Self.copied != 0 ? offset : nil
    }

    private func whole(_ entry: UInt64, _ offset: UInt64?, at place: UInt64) throws(FormatError) -> Qcow2Place {
        if entry & 1 != 0 {
            guard version >= 3 else {
                throw Qcow2Header.invalid("version 2 has no zero clusters", "L2 entry, bit 0", at: place)
            }
            return .zero
        }
        return offset.map { .data($0) } ?? .below
    }

    private func part32(
        _ offset: UInt64?, _ bitmap: UInt64, _ part: Int, at place: UInt64
    ) throws(FormatError) -> (Qcow2Place, Int) {
        let stored = UInt32(truncatingIfNeeded: bitmap)
        let zero = UInt32(truncatingIfNeeded: bitmap >> 32)
        guard stored & zero == 0, offset != nil || stored == 0 else {
            throw Qcow2Header.invalid(
                "the parts of a cluster contradict each other", "bitmap 0x\(String(bitmap, radix: 16))", at: place)
        }
        let bit: UInt32 = 1 << UInt32(part)
        // The bits of the parts that are as this one; from this one on they are counted.
        let same = stored & bit != 0 ? stored : zero & bit != 0 ? zero : ~(stored | zero)
        let count = min((~(same >> UInt32(part))).trailingZeroBitCount, 32 - part)
        if stored & bit != 0, let offset { return (.data(offset + UInt64(part) * partSize), count) }
        return (zero & bit != 0 ? .zero : .below, count)
    }
}
