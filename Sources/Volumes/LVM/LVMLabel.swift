internal import ByteReading

/// What stands at the beginning of a physical volume of LVM2, in one of its first four sectors.
///
/// ```
///  0  "LABELONE"                       32  UUID of the volume       32 characters
///  8  own sector          64 bits      64  size of the device       64 bits
/// 16  CRC from 20 on      32 bits      72  data areas               offset and size, 64 bits each; ends with offset 0
/// 20  offset of the rest  32 bits       …  metadata areas           likewise
/// 24  "LVM2 001"                        …  extension: version, flags, boot loader areas
/// ```
///
/// Source: lvm2, lib/label/label.h and lib/format_text/layout.h.
struct LVMLabel {
    /// Offset and size in bytes.
    struct Area: Hashable {
        var offset: UInt64
        var size: UInt64
    }

    /// The register that LVM2's checksums begin with; they are not inverted at the end (lib/misc/crc.h).
    static let checksumStart: UInt32 = 0xf597_a6cf

    var uuid: String
    var deviceSize: UInt64
    var dataAreas: [Area] = []
    var metadataAreas: [Area] = []
    var bootLoaderAreas: [Area] = []

    /// Whether there is a label of LVM2's, whole or not.
    static func isPresent(_ device: any BlockReader) throws(FormatError) -> Bool {
        guard device.size >= 2048 else { return false }
        let start = try FormatBytes(reading: device, at: 0, count: 2048, of: "LVM2")
        return (0..<4).contains { start.has("LABELONE", at: $0 * 512) && start.has("LVM2 001", at: $0 * 512 + 24) }
    }

    /// Reads the label; nil where there is none.
    static func read(_ device: any BlockReader) throws(FormatError) -> LVMLabel? {
        guard device.size >= 2048 else { return nil }
        for index in 0..<UInt64(4) {
            let sector = try FormatBytes(reading: device, at: index * 512, count: 512, of: "LVM2")
            guard sector.has("LABELONE", at: 0), sector.has("LVM2 001", at: 24) else { continue }
            let stored = try sector.u32(16)
            let found = CRC32.ieee.updated(checksumStart, with: Array(sector.bytes[20...]))
            guard stored == found else {
                throw sector.error(
                    .invalid, "the label's checksum does not fit",
                    field: "crc_xl = 0x\(String(hex: stored, digits: 8)) (is 0x\(String(hex: found, digits: 8)))",
                    at: 16)
            }
            let own = try sector.u64(8)
            guard own == index else {
                throw sector.error(
                    .invalid, "the label says that it stands elsewhere", field: "sector_xl = \(own) (is \(index))",
                    at: 8)
            }
            return try body(of: sector)
        }
        return nil
    }

    private static func body(of sector: FormatBytes) throws(FormatError) -> LVMLabel {
        // Whatever the offset is, a field beyond the sector is an error.
        var place = Int(try sector.u32(20))
        var label = LVMLabel(
            uuid: dashed(try sector.text(at: place, count: 32)), deviceSize: try sector.u64(place + 32))
        place += 40
        label.dataAreas = try areas(sector, &place)
        label.metadataAreas = try areas(sector, &place)
        // What a version 0.90 of LVM2 wrote ends here.
        guard place + 8 <= sector.count, try sector.u32(place) > 0 else { return label }
        place += 8
        label.bootLoaderAreas = try areas(sector, &place)
        return label
    }

    private static func areas(_ sector: FormatBytes, _ place: inout Int) throws(FormatError) -> [Area] {
        var areas: [Area] = []
        while true {
            let area = Area(offset: try sector.u64(place), size: try sector.u64(place + 8))
            place += 16
            if area.offset == 0 { return areas }
            areas.append(area)
        }
    }

    /// A UUID as LVM2 shows it: 6-4-4-4-4-4-6.
    private static func dashed(_ uuid: String) -> String {
        let characters = Array(uuid)
        guard characters.count == 32 else { return uuid }
        var text = ""
        for (index, character) in characters.enumerated() {
            if [6, 10, 14, 18, 22, 26].contains(index) { text.append("-") }
            text.append(character)
        }
        return text
    }
}
