internal import ByteReading

/// A master boot record, and an extended boot record, which has the same form.
///
/// ```
///   0  boot code                      440 bytes
/// 440  disk signature                 32 bits
/// 446  four entries                   16 bytes each
/// 510  0x55 0xaa
/// ```
///
/// Source: UEFI 2.10, section 5.2.1, table 5.1.
struct BootRecord {
    /// One of the four entries.
    ///
    /// ```
    ///  0  status: 0x80 active, 0 not   8 bits
    ///  1  first sector as C/H/S       24 bits
    ///  4  type                         8 bits
    ///  5  last sector as C/H/S        24 bits
    ///  8  first sector                32 bits
    /// 12  count of sectors            32 bits
    /// ```
    struct Entry {
        var status: UInt8
        var type: UInt8
        /// The first sector, counted from where the record's kind says.
        var start: UInt32
        /// How many sectors; none where the entry is not used.
        var count: UInt32

        var isUsed: Bool { count != 0 }
        /// CHS, LBA and Linux's own type of extended partition.
        var isExtended: Bool { isUsed && [0x05, 0x0f, 0x85].contains(type) }
        /// The entry that keeps programs that do not know GPT off the disk.
        var isProtective: Bool { type == 0xee }
    }

    var hasBootCode: Bool
    var signature: UInt32
    var entries: [Entry]

    /// Reads the record at an offset; nil where no sector ends in 0x55 0xaa there.
    static func read(_ disk: any BlockReader, at offset: UInt64) throws(FormatError) -> BootRecord? {
        let sector = try FormatBytes(reading: disk, at: offset, count: 512, of: "MBR")
        guard sector.has([0x55, 0xaa], at: 510) else { return nil }
        var entries: [Entry] = []
        for index in 0..<4 {
            let place = 446 + 16 * index
            entries.append(
                Entry(
                    status: try sector.u8(place), type: try sector.u8(place + 4), start: try sector.u32(place + 8),
                    count: try sector.u32(place + 12)))
        }
        return BootRecord(
            hasBootCode: try sector.slice(at: 0, count: 440).contains { $0 != 0 }, signature: try sector.u32(440),
            entries: entries)
    }

    /// Whether the entries can be a partition table: the sector of a FAT or NTFS file system ends in the same two bytes.
    /// Source: the kernel's block/partitions/msdos.c, `msdos_partition`.
    var isPlausible: Bool { entries.allSatisfy { $0.status & 0x7f == 0 } }
}
