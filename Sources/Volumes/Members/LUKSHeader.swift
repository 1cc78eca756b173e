public import ByteReading

/// The header of a LUKS volume: what it hides, and what opens it.
///
/// Version 1, big-endian:
///
/// ```
///   0  "LUKS" 0xba 0xbe                    104  payload offset     32 bits, sectors of 512
///   6  version           16 bits           108  key size           32 bits, bytes
///   8  cipher            32 characters     168  UUID               40 characters
///  40  mode              32 characters     208  eight key slots    48 bytes each; the first word 0x00ac71f3 is in use
///  72  hash              32 characters
/// ```
///
/// Version 2, big-endian, twice; the second begins with "SKUL" and stands behind the first's JSON:
///
/// ```
///   8  size with the JSON   64 bits        168  UUID               40 characters
///  16  sequence number      64 bits        208  subsystem          48 characters
///  24  label                48 characters  256  own offset         64 bits
/// 4096 JSON: segments, keyslots, tokens
/// ```
///
/// Sources: LUKS1 On-Disk Format Specification 1.2.3; LUKS2 On-Disk Format Specification 1.1.3.
public struct LUKSHeader: Sendable, Hashable {
    /// 1 or 2.
    public var version: Int
    /// The volume's UUID.
    public var uuid: String
    /// The label; version 2 only.
    public var label: String?
    /// The cipher, as `cryptsetup luksDump` writes it: `aes-xts-plain64`.
    public var cipher: String
    /// Where the encrypted bytes begin, in bytes.
    public var payloadStart: UInt64
    /// How many there are, in bytes; nil where they go on to the end.
    public var payloadSize: UInt64?
    /// The sector size of the encryption, in bytes.
    public var sectorSize: UInt64
    /// How many key slots hold a key.
    public var keySlotCount: Int
    /// What else can open it, by the tokens' types: `clevis`, `systemd-tpm2`; version 2 only.
    public var tokens: [String]
    /// Features that a reader must know: `online-reencrypt`; version 2 only.
    public var requirements: [String]
    /// What is wrong with the header that was not used.
    public var faults: [FormatError]

    /// Reads the header.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: ``FormatError`` where neither copy can be read.
    public static func read(_ blocks: any BlockReader) throws(FormatError) -> LUKSHeader? {
        guard blocks.size >= 4096 else { return nil }
        let start = try FormatBytes(reading: blocks, at: 0, count: 4096, of: "LUKS")
        if start.has(firstMagic, at: 0) {
            let version = try start.big(UInt16.self, at: 6)
            switch version {
            case 1: return try version1(start)
            case 2: break
            default: throw start.error(.unsupported, "unknown version", field: "version = \(version)", at: 6)
            }
            do throws(FormatError) {
                return try version2(blocks, start)
            } catch  where error.kind != .system {
                guard var second = try second(blocks) else { throw error }
                second.faults.append(error)
                return second
            }
        }
        return try second(blocks)
    }

    private static let firstMagic: [UInt8] = Array("LUKS".utf8) + [0xba, 0xbe]
    private static let secondMagic: [UInt8] = Array("SKUL".utf8) + [0xba, 0xbe]

    private static func version1(_ start: FormatBytes) throws(FormatError) -> LUKSHeader {
        var used = 0
        for slot in 0..<8 where try start.big(UInt32.self, at: 208 + 48 * slot) == 0x00ac_71f3 { used += 1 }
        let cipher = try start.text(at: 8, count: 32) + "-" + start.text(at: 40, count: 32)
        return LUKSHeader(
            version: 1, uuid: try start.text(at: 168, count: 40), cipher: cipher,
            payloadStart: UInt64(try start.big(UInt32.self, at: 104)) * 512, sectorSize: 512, keySlotCount: used,
            tokens: [], requirements: [], faults: [])
    }

    /// The second copy, at one of the places where it can stand. Source: LUKS2 specification, section 2.2.
    private static func second(_ blocks: any BlockReader) throws(FormatError) -> LUKSHeader? {
        for power in 14...22 {
            let place: UInt64 = 1 << UInt64(power)
            guard blocks.size >= place + 4096 else { return nil }
            let bytes = try FormatBytes(reading: blocks, at: place, count: 4096, of: "LUKS")
            if bytes.has(secondMagic, at: 0), try bytes.big(UInt16.self, at: 6) == 2 {
                return try version2(blocks, bytes)
            }
        }
        return nil
    }

    private static func version2(_ blocks: any BlockReader, _ start: FormatBytes) throws(FormatError) -> LUKSHeader {
        let size = try start.big(UInt64.self, at: 8)
        let specification = "LUKS2 On-Disk Format Specification, section 2.1"
        guard size.nonzeroBitCount == 1, size >= 16384, size <= 4 << 20 else {
            throw start.error(
                .invalid, "invalid size of the header", field: "hdr_size = \(size) (allowed 16 KiB … 4 MiB)", at: 8,
                specification: specification)
        }
        let own = try start.big(UInt64.self, at: 256)
        guard own == start.offset else {
            throw start.error(
                .invalid, "the header says that it stands elsewhere", field: "hdr_offset = \(own)", at: 256,
                specification: specification)
        }
        let area = try FormatBytes(reading: blocks, at: start.offset + 4096, count: Int(size) - 4096, of: "LUKS")
        let json = try JSONText.parse(area)
        // The segment with the lowest number is the first.
        let segments = (json["segments"]?.members ?? []).compactMap { member in
            Int(member.key).map { ($0, member.value) }
        }
        guard let segment = segments.min(by: { $0.0 < $1.0 })?.1, let offset = segment["offset"]?.number else {
            throw area.error(.invalid, "the header names no segment", specification: specification)
        }
        let label = try start.text(at: 24, count: 48)
        return LUKSHeader(
            version: 2, uuid: try start.text(at: 168, count: 40), label: label.isEmpty ? nil : label,
            cipher: segment["encryption"]?.string ?? "unknown", payloadStart: offset,
            payloadSize: segment["size"]?.number, sectorSize: segment["sector_size"]?.number ?? 512,
            keySlotCount: json["keyslots"]?.members.count ?? 0,
            tokens: (json["tokens"]?.members ?? []).compactMap { $0.value["type"]?.string },
            requirements: (json["config"]?["requirements"]?["mandatory"]?.elements ?? []).compactMap(\.string),
            faults: [])
    }
}
