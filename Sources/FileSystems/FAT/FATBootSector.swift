internal import ByteReading

/// The first sector of FAT12, FAT16 and FAT32.
///
/// ```
/// 11  bytes of a sector      16 bits    32  sectors, if 19 is 0    32 bits
/// 13  sectors of a cluster    8 bits    36  FAT32: sectors of a FAT  32 bits
/// 14  reserved sectors       16 bits    40  FAT32: flags             16 bits; bit 7: only the FAT of bits 0–3 is in use
/// 16  count of FATs           8 bits    42  FAT32: version           16 bits
/// 17  root entries           16 bits    44  FAT32: root's cluster    32 bits
/// 19  sectors                16 bits    48  FAT32: sector of FSInfo  16 bits
/// 21  media                   8 bits    50  FAT32: sector of the copy 16 bits
/// 22  sectors of a FAT       16 bits    36 (64)  drive, state, signature 0x29, serial 32 bits, label 11 bytes
/// ```
///
/// Source: Microsoft's FAT specification 1.03, section 3.
struct FATBootSector: Equatable {
    /// Which of the three it is: the count of clusters decides, and nothing else.
    enum Width: String {
        case fat12 = "FAT12"
        case fat16 = "FAT16"
        case fat32 = "FAT32"

        /// The bits of an entry.
        var bits: Int {
            switch self {
            case .fat12: 12
            case .fat16: 16
            case .fat32: 32
            }
        }
    }

    var width: Width
    var sectorSize: UInt64
    var clusterSize: UInt64
    var reservedSize: UInt64
    var tableCount: Int
    var tableSize: UInt64
    var rootEntryCount: Int
    var size: UInt64
    var clusterCount: UInt32
    /// FAT32: the first cluster of the root directory.
    var rootCluster: UInt32
    /// FAT32: the sector with what is free.
    var infoSector: UInt64?
    /// FAT32: which FAT is in use, where not all are.
    var activeTable: Int?
    var serial: UInt32?
    var label: [UInt8]
    /// Bits 0 and 1 of the state byte: not unmounted, surface errors. Source: the kernel's fs/fat/fat.h, `FAT_STATE_DIRTY`.
    var state: UInt8

    var rootStart: UInt64 { reservedSize + UInt64(tableCount) * tableSize }
    var rootSize: UInt64 { UInt64(rootEntryCount) * 32 }
    /// Where cluster 2 begins.
    var dataStart: UInt64 { rootStart + (rootSize + sectorSize - 1) / sectorSize * sectorSize }

    /// Where a cluster begins, in bytes; the number is in range.
    func place(ofCluster cluster: UInt32) -> UInt64 { dataStart + UInt64(cluster - 2) * clusterSize }

    /// Whether a number is that of a cluster.
    func isCluster(_ number: UInt32) -> Bool { number >= 2 && number - 2 < clusterCount }

    /// Reads the sector at a place: the first, or FAT32's copy.
    static func read(_ volume: any BlockReader, at place: UInt64 = 0) throws(FormatError) -> FATBootSector {
        guard place <= volume.size, volume.size - place >= 512 else {
            throw FormatError(.truncated, "vfat", "there is no boot sector", at: place)
        }
        let sector = Record(try volume.bytes(at: place, count: 512), at: place, of: "vfat")
        let sectorSize = UInt64(try sector.le16(11))
        guard [512, 1024, 2048, 4096].contains(sectorSize) else {
            throw sector.invalid("invalid sector size", field: "BPB_BytsPerSec = \(sectorSize)", at: 11)
        }
        let clusterSectors = UInt64(try sector.u8(13))
        guard clusterSectors.nonzeroBitCount == 1 else {
            throw sector.invalid("invalid cluster size", field: "BPB_SecPerClus = \(clusterSectors)", at: 13)
        }
        let reserved = UInt64(try sector.le16(14))
        guard reserved > 0 else {
            throw sector.invalid("no reserved sectors", field: "BPB_RsvdSecCnt = 0", at: 14)
        }
        let tableCount = Int(try sector.u8(16))
        guard tableCount > 0 else { throw sector.invalid("no file allocation table", field: "BPB_NumFATs = 0", at: 16) }
        let media = try sector.u8(21)
        guard media >= 0xf8 || media == 0xf0 else {
            throw sector.invalid("invalid media byte", field: "BPB_Media = \(media)", at: 21)
        }
        let shortCount = UInt64(try sector.le16(19))
        let sectors = shortCount == 0 ? UInt64(try sector.le32(32)) : shortCount
        let shortTable = UInt64(try sector.le16(22))
        let isFAT32 = shortTable == 0
        let tableSectors = isFAT32 ? UInt64(try sector.le32(36)) : shortTable
        guard tableSectors > 0 else {
            throw sector.invalid("empty file allocation tables", field: "BPB_FATSz32 = 0", at: 36)
        }
        if isFAT32, try sector.le16(42) != 0 {
            throw FormatError(
                .unsupported, "vfat", "unknown version of FAT32", field: "BPB_FSVer = \(try sector.le16(42))", at: 42)
        }
        let extended = isFAT32 ? 64 : 36
        let signature = try sector.u8(extended + 2)
        let flags = isFAT32 ? try sector.le16(40) : 0
        let info = isFAT32 ? UInt64(try sector.le16(48)) : 0
        var boot = FATBootSector(
            width: .fat32, sectorSize: sectorSize, clusterSize: clusterSectors * sectorSize,
            reservedSize: reserved * sectorSize, tableCount: tableCount, tableSize: tableSectors * sectorSize,
            rootEntryCount: Int(try sector.le16(17)), size: sectors * sectorSize, clusterCount: 0,
            rootCluster: isFAT32 ? try sector.le32(44) : 0,
            infoSector: info == 0 || info == 0xffff ? nil : info * sectorSize,
            activeTable: flags & 0x80 != 0 ? Int(flags & 0xf) : nil,
            serial: signature == 0x29 || signature == 0x28 ? try sector.le32(extended + 3) : nil,
            label: signature == 0x29 ? try sector.array(extended + 7, 11) : [], state: try sector.u8(extended + 1))
        guard boot.size > boot.dataStart else {
            throw sector.invalid("no room for clusters", field: "sectors = \(sectors)", at: 32)
        }
        // Sizes of 32 bits times 4096: no more clusters than fit 32 bits are left after the check below.
        let clusters = (boot.size - boot.dataStart) / boot.clusterSize
        // The table has two entries that are no clusters.
        let bits: UInt64 = isFAT32 ? 32 : clusters < 4085 ? 12 : 16
        boot.width = isFAT32 ? .fat32 : clusters < 4085 ? .fat12 : .fat16
        let room = boot.tableSize * 8 / bits
        guard room > 2, clusters > 0 else { throw sector.invalid("no room for clusters", at: 22) }
        boot.clusterCount = UInt32(clamping: min(clusters, room - 2, 0x0fff_fff5))
        return boot
    }
}
