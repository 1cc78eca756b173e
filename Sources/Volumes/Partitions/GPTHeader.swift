internal import ByteReading

/// The header of a GUID partition table.
///
/// ```
///  0  "EFI PART"                   40  first usable sector    64 bits
///  8  revision        32 bits      48  last usable sector     64 bits
/// 12  header size     32 bits      56  disk GUID            16 bytes
/// 16  CRC-32 of it    32 bits      72  entries' first sector  64 bits
/// 24  own sector      64 bits      80  count of entries       32 bits
/// 32  other copy      64 bits      84  size of an entry       32 bits
///                                  88  CRC-32 of the entries  32 bits
/// ```
///
/// Source: UEFI 2.10, section 5.3.2, table 5.5.
struct GPTHeader {
    /// The most bytes of entries that are read: 32768 entries of 128 bytes, 256 times what the specification asks for.
    static let entriesLimit: UInt64 = 4 << 20

    var ownSector: UInt64
    var otherSector: UInt64
    var firstUsable: UInt64
    var lastUsable: UInt64
    var disk: GUID
    var entriesSector: UInt64
    var entryCount: UInt32
    var entrySize: UInt32
    var entriesChecksum: UInt32

    /// Reads the header in a sector, and holds it against its checksum.
    ///
    /// - Returns: nil where there is no signature.
    static func read(_ disk: any BlockReader, sector: UInt64, sectorSize: UInt64) throws(FormatError) -> GPTHeader? {
        let (offset, overflow) = sector.multipliedReportingOverflow(by: sectorSize)
        guard !overflow, let sectorCount = Int(exactly: sectorSize), offset < disk.size,
            disk.size - offset >= sectorSize
        else { throw beyondEnd(sector, disk, sectorSize) }
        let bytes = try FormatBytes(reading: disk, at: offset, count: sectorCount, of: "GPT")
        guard bytes.has("EFI PART", at: 0) else { return nil }

        let revision = try bytes.u32(8)
        guard revision >> 16 == 1 else {
            throw bytes.error(
                .unsupported, "unknown revision", field: "Revision = 0x\(String(revision, radix: 16))", at: 8)
        }
        let size = try bytes.u32(12)
        guard size >= 92, UInt64(size) <= sectorSize else {
            throw bytes.error(
                .invalid, "invalid header size", field: "HeaderSize = \(size) (allowed 92…\(sectorSize))", at: 12,
                specification: specification)
        }
        var checked = Array(try bytes.slice(at: 0, count: Int(size)))
        checked.replaceSubrange(16..<20, with: [0, 0, 0, 0])
        try require(bytes, 16, "HeaderCRC32", CRC32.ieee.checksum(checked), "the header's checksum does not fit")

        let own = try bytes.u64(24)
        guard own == sector else {
            throw bytes.error(
                .invalid, "the header says that it stands elsewhere", field: "MyLBA = \(own) (is \(sector))", at: 24,
                specification: specification)
        }
        let entrySize = try bytes.u32(84)
        guard entrySize >= 128, entrySize <= 4096, entrySize.nonzeroBitCount == 1 else {
            throw bytes.error(
                .invalid, "invalid size of an entry",
                field: "SizeOfPartitionEntry = \(entrySize) (allowed 128, 256 … 4096)", at: 84,
                specification: specification)
        }
        guard let disk = GUID(try bytes.slice(at: 56, count: 16)) else { return nil }
        return GPTHeader(
            ownSector: own, otherSector: try bytes.u64(32), firstUsable: try bytes.u64(40),
            lastUsable: try bytes.u64(48), disk: disk, entriesSector: try bytes.u64(72),
            entryCount: try bytes.u32(80), entrySize: entrySize, entriesChecksum: try bytes.u32(88))
    }

    /// Reads the array of entries, and holds it against its checksum.
    func entries(_ disk: any BlockReader, sectorSize: UInt64) throws(FormatError) -> [GPTEntry] {
        // Two numbers of 32 bits: the product fits 64.
        let length = UInt64(entryCount) * UInt64(entrySize)
        guard length <= Self.entriesLimit, let count = Int(exactly: length) else {
            throw FormatError(
                .limit, "GPT", "more entries than are read", field: "NumberOfPartitionEntries = \(entryCount)",
                specification: Self.specification)
        }
        let (offset, overflow) = entriesSector.multipliedReportingOverflow(by: sectorSize)
        guard !overflow, offset <= disk.size, length <= disk.size - offset else {
            throw Self.beyondEnd(entriesSector, disk, sectorSize)
        }
        let bytes = try FormatBytes(reading: disk, at: offset, count: count, of: "GPT")
        let found = CRC32.ieee.checksum(bytes.bytes)
        guard found == entriesChecksum else {
            throw bytes.error(
                .invalid, "the checksum of the entries does not fit",
                field:
                    "PartitionEntryArrayCRC32 = 0x\(String(hex: entriesChecksum, digits: 8)) (is 0x\(String(hex: found, digits: 8)))",
                specification: Self.specification)
        }
        var entries: [GPTEntry] = []
        for index in 0..<Int(entryCount) {
            guard let entry = try GPTEntry.read(bytes, at: index * Int(entrySize), number: index + 1) else { continue }
            entries.append(entry)
        }
        return entries
    }

    private static let specification = "UEFI 2.10, section 5.3.2"

    private static func require(
        _ bytes: FormatBytes, _ position: Int, _ name: String, _ found: UInt32, _ message: String
    ) throws(FormatError) {
        let stored = try bytes.u32(position)
        guard stored == found else {
            throw bytes.error(
                .invalid, message,
                field: "\(name) = 0x\(String(hex: stored, digits: 8)) (is 0x\(String(hex: found, digits: 8)))",
                at: position, specification: specification)
        }
    }

    private static func beyondEnd(_ sector: UInt64, _ disk: any BlockReader, _ sectorSize: UInt64) -> FormatError {
        FormatError(
            .truncated, "GPT", "sector \(sector) lies beyond the end: there are \(disk.size / sectorSize)",
            specification: specification)
    }
}

/// One entry of the array.
///
/// ```
///  0  type GUID      16 bytes      40  last sector    64 bits, inclusive
/// 16  own GUID       16 bytes      48  attributes     64 bits
/// 32  first sector   64 bits       56  name           36 × UTF-16LE
/// ```
///
/// Source: UEFI 2.10, section 5.3.3, table 5.6.
struct GPTEntry: Equatable {
    var number: Int
    var type: GUID
    var identifier: GUID
    var first: UInt64
    var last: UInt64
    var attributes: UInt64
    var name: String

    /// Reads an entry; nil where it is not used.
    static func read(_ bytes: FormatBytes, at place: Int, number: Int) throws(FormatError) -> GPTEntry? {
        guard let type = GUID(try bytes.slice(at: place, count: 16)), !type.isZero,
            let identifier = GUID(try bytes.slice(at: place + 16, count: 16))
        else { return nil }
        var units: [UInt16] = []
        for index in 0..<36 {
            let unit = try bytes.u16(place + 56 + 2 * index)
            if unit == 0 { break }
            units.append(unit)
        }
        return GPTEntry(
            number: number, type: type, identifier: identifier, first: try bytes.u64(place + 32),
            last: try bytes.u64(place + 40), attributes: try bytes.u64(place + 48),
            name: String(decoding: units, as: UTF16.self))
    }
}
