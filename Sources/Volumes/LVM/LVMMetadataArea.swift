internal import ByteReading

/// A metadata area: a header, and a ring in which the text of a volume group stands.
///
/// ```
///  0  CRC of the rest of the 512 bytes   32 bits
///  4  " LVM2 x[5A%r0N*>"
/// 20  version                            32 bits
/// 24  own offset in the device           64 bits
/// 32  size of the area                   64 bits
/// 40  where the text is: offset in the area 64 bits, size 64 bits, CRC 32 bits, flags 32 bits
/// ```
///
/// The ring begins after the header, 512 bytes into the area; a text that reaches the area's end goes on there.
/// Source: lvm2, lib/format_text/layout.h.
enum LVMMetadataArea {
    /// The most text that is read. A group of a thousand volumes has some 600 KB; the default area holds 1 MiB.
    static let textLimit: UInt64 = 4 << 20

    private static let headerSize: UInt64 = 512
    private static let ignored: UInt32 = 1

    /// The text in an area; nil where there is none, or the area is marked as one not to be looked at.
    static func text(_ device: any BlockReader, _ area: LVMLabel.Area) throws(FormatError) -> FormatBytes? {
        let header = try FormatBytes(reading: device, at: area.offset, count: Int(headerSize), of: "LVM2")
        let stored = try header.u32(0)
        let found = CRC32.ieee.updated(LVMLabel.checksumStart, with: Array(header.bytes[4...]))
        guard stored == found else {
            throw header.error(
                .invalid, "the checksum of a metadata area's header does not fit",
                field: "checksum_xl = 0x\(String(hex: stored, digits: 8)) (is 0x\(String(hex: found, digits: 8)))")
        }
        guard header.has(" LVM2 x[5A%r0N*>", at: 4) else {
            throw header.error(.invalid, "a metadata area does not begin with its mark", at: 4)
        }
        let version = try header.u32(20)
        guard version == 1 else {
            throw header.error(
                .unsupported, "unknown version of a metadata area", field: "version = \(version)", at: 20)
        }
        let start = try header.u64(24)
        guard start == area.offset else {
            throw header.error(
                .invalid, "a metadata area says that it stands elsewhere",
                field: "start = \(start) (is \(area.offset))",
                at: 24)
        }
        let size = try header.u64(32)
        let offset = try header.u64(40)
        let length = try header.u64(48)
        guard offset != 0, try header.u32(60) & ignored == 0 else { return nil }
        guard size > headerSize, start <= device.size, size <= device.size - start, offset >= headerSize, offset < size,
            length > 0, length <= size - headerSize
        else {
            throw header.error(
                .invalid, "the metadata do not lie in their area",
                field: "offset = \(offset), size = \(length) (the area has \(size))", at: 40)
        }
        guard length <= textLimit else {
            throw header.error(.limit, "more metadata than are read", field: "size = \(length)", at: 48)
        }
        // All are below the limit of 4 MiB or lie in the device.
        let first = min(length, size - offset)
        var text = try device.bytes(at: start + offset, count: Int(first))
        if first < length { text += try device.bytes(at: start + headerSize, count: Int(length - first)) }
        let wanted = try header.u32(56)
        let sum = CRC32.ieee.updated(LVMLabel.checksumStart, with: text)
        guard sum == wanted else {
            throw FormatError(
                .invalid, "LVM2", "the checksum of the metadata does not fit",
                field: "checksum = 0x\(String(hex: wanted, digits: 8)) (is 0x\(String(hex: sum, digits: 8)))",
                at: start + offset)
        }
        return FormatBytes(text, of: "LVM2", at: start + offset)
    }
}
