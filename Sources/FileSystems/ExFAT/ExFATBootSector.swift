internal import ByteReading

/// The first sector of exFAT, of a region of twelve; the second region is its copy.
///
/// ```
///   3  "EXFAT   "                      96  root's cluster         32 bits
///  64  where the partition is 64 bits  100  serial                32 bits
///  72  sectors             64 bits     104  revision              16 bits
///  80  FAT's sector        32 bits     106  flags                 16 bits: 1 second FAT, 2 dirty, 4 failure
///  84  sectors of a FAT    32 bits     108  sector's shift         8 bits, 9…12
///  88  first cluster's sector 32 bits  109  cluster's shift        8 bits
///  92  count of clusters   32 bits     110  count of FATs          8 bits
/// ```
///
/// Source: Microsoft's exFAT specification, section 3.
struct ExFATBootSector {
    var size: UInt64
    var sectorSize: UInt64
    var clusterSize: UInt64
    var tableStart: UInt64
    var tableSize: UInt64
    var dataStart: UInt64
    var clusterCount: UInt32
    var rootCluster: UInt32
    var serial: UInt32
    var revision: UInt16
    var flags: UInt16

    func place(ofCluster cluster: UInt32) -> UInt64 { dataStart + UInt64(cluster - 2) * clusterSize }
    func isCluster(_ number: UInt32) -> Bool { number >= 2 && number - 2 < clusterCount }

    /// Reads the region at a sector, of which the eleven first have their checksum in the twelfth.
    static func read(_ volume: any BlockReader, copy: Bool, sectorSize known: UInt64?) throws(FormatError)
        -> ExFATBootSector
    {
        let place = copy ? 12 * (known ?? 512) : 0
        guard place <= volume.size, volume.size - place >= 512 else {
            throw FormatError(.truncated, "exfat", "there is no boot sector", at: place)
        }
        let sector = Record(try volume.bytes(at: place, count: 512), at: place, of: "exfat")
        guard try sector.array(3, 8) == Array("EXFAT   ".utf8) else {
            throw sector.invalid("the boot sector has not its name", field: "FileSystemName", at: 3)
        }
        let shift = UInt64(try sector.u8(108))
        let clusterShift = UInt64(try sector.u8(109))
        guard (9...12).contains(shift), clusterShift <= 25 - shift else {
            throw sector.invalid(
                "invalid sizes", field: "BytesPerSectorShift = \(shift), SectorsPerClusterShift = \(clusterShift)",
                at: 108)
        }
        let size: UInt64 = 1 << shift
        try verify(volume, at: place, sectorSize: size)
        let revision = try sector.le16(104)
        guard revision >> 8 == 1 else {
            throw FormatError(
                .unsupported, "exfat", "unknown revision",
                field: "FileSystemRevision = \(revision >> 8).\(revision & 0xff)",
                at: place + 104)
        }
        let sectors = try sector.le64(72)
        guard sectors <= UInt64(Int64.max) >> shift else {
            throw sector.invalid("larger than any disk", field: "VolumeLength = \(sectors)", at: 72)
        }
        let flags = try sector.le16(106)
        let tableSize = UInt64(try sector.le32(84)) << shift
        var tableStart = UInt64(try sector.le32(80)) << shift
        // TexFAT has two tables, and says which is in use.
        if flags & 1 != 0, try sector.u8(110) == 2 { tableStart += tableSize }
        let clusters = try sector.le32(92)
        guard clusters > 0, UInt64(clusters) + 2 <= tableSize / 4, clusters <= 0xffff_fff5 else {
            throw sector.invalid(
                "more clusters than the table has room for", field: "ClusterCount = \(clusters)", at: 92)
        }
        return ExFATBootSector(
            size: sectors << shift, sectorSize: size, clusterSize: 1 << (shift + clusterShift), tableStart: tableStart,
            tableSize: tableSize, dataStart: UInt64(try sector.le32(88)) << shift, clusterCount: clusters,
            rootCluster: try sector.le32(96), serial: try sector.le32(100), revision: revision, flags: flags)
    }

    /// Source: exFAT specification, section 3.4: a sum that turns; flags and the share in use are not part of it.
    private static func verify(_ volume: any BlockReader, at place: UInt64, sectorSize: UInt64) throws(FormatError) {
        let count = Int(sectorSize) * 12
        guard volume.size - place >= UInt64(count) else {
            throw FormatError(.truncated, "exfat", "the boot region is cut off", at: place)
        }
        let region = Record(try volume.bytes(at: place, count: count), at: place, of: "exfat")
        var sum: UInt32 = 0
        for index in 0..<Int(sectorSize) * 11 where index != 106 && index != 107 && index != 112 {
            sum = (sum >> 1 | sum << 31) &+ UInt32(try region.u8(index))
        }
        let stored = try region.le32(Int(sectorSize) * 11)
        guard stored == sum else {
            throw region.invalid(
                "the checksum of the boot region does not fit",
                field: "0x\(String(stored, radix: 16)) (is 0x\(String(sum, radix: 16)))", at: Int(sectorSize) * 11)
        }
    }
}
