internal import ByteReading

/// The first sector of the file systems that begin with one, which ends in the same two bytes as an MBR.
///
/// ```
///  0  jump          3 bytes      16  count of FATs        8 bits     38  FAT12/16: 0x28 or 0x29, serial, label, type
///  3  name          8 bytes      17  root's entries      16 bits     66  FAT32: the same
/// 11  sector size  16 bits       19  sectors             16 bits    510  0x55 0xaa
/// 13  cluster       8 bits       21  media                8 bits
/// 14  reserved     16 bits       22  sectors of a FAT    16 bits
/// ```
///
/// Source: Microsoft's FAT specification 1.03; the kernel's fs/fat/inode.c, `fat_read_bpb`.
enum BootSector {
    enum Kind {
        case fat
        case exFAT
        case ntfs
        case bitLocker
    }

    static func kind(_ probe: ContentProbe) throws(FormatError) -> Kind? {
        guard probe.size >= 512 else { return nil }
        return try kind(try probe.bytes(at: 0, count: 512))
    }

    static func kind(_ sector: FormatBytes) throws(FormatError) -> Kind? {
        if sector.has("-FVE-FS-", at: 3) { return .bitLocker }
        // BitLocker To Go looks like FAT32 to systems that do not know it. Source: libbde's format description.
        if sector.has("MSWIN4.1", at: 3),
            sector.has([0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a], at: 424)
        {
            return .bitLocker
        }
        if sector.has("NTFS    ", at: 3) { return .ntfs }
        if sector.has("EXFAT   ", at: 3) { return .exFAT }
        let jump = try sector.u8(0)
        let sectorSize = try sector.u16(11)
        let clusterSize = try sector.u8(13)
        let reserved = try sector.u16(14)
        let tables = try sector.u8(16)
        let media = try sector.u8(21)
        guard jump == 0xeb || jump == 0xe9, [512, 1024, 2048, 4096].contains(sectorSize),
            clusterSize.nonzeroBitCount == 1, reserved != 0, (1...2).contains(tables), media >= 0xf8 || media == 0xf0
        else { return nil }
        return .fat
    }
}
