internal import ByteReading

/// One of the two headers of a VHDX as it stands on disk, little-endian; [MS-VHDX] 2.2.2.
///
/// ```
///  0 "head"   4 checksum (CRC-32C of 4 KiB)   8 sequence number   16 file write id   32 data write id   48 log id
/// 64 log version (2)   66 version (2)   68 log length   72 log offset
/// ```
struct VHDXHeader: Sendable, Hashable {
    static let offsets: [UInt64] = [65536, 131072]
    static let specification = "[MS-VHDX]"

    var sequenceNumber: UInt64
    var dataWriteIdentity: [UInt8]
    var logIdentity: [UInt8]
    var logVersion: UInt16
    var logLength: UInt32
    var logOffset: UInt64

    /// Reads a header; nil where it is none, or its checksum does not fit.
    init?(_ image: any BlockReader, at offset: UInt64) throws(FormatError) {
        guard image.size >= offset + 4096 else { return nil }
        let fields = try FormatBytes(reading: image, at: offset, count: 4096, of: "VHDX")
        guard fields.has(Array("head".utf8), at: 0), try fields.hasVHDXChecksum(),
            try fields.little(UInt16.self, at: 66) == 1
        else { return nil }
        sequenceNumber = try fields.little(UInt64.self, at: 8)
        dataWriteIdentity = Array(try fields.slice(at: 32, count: 16))
        logIdentity = Array(try fields.slice(at: 48, count: 16))
        logVersion = try fields.little(UInt16.self, at: 64)
        logLength = try fields.little(UInt32.self, at: 68)
        logOffset = try fields.little(UInt64.self, at: 72)
    }

    /// Whether there may be something in the log.
    var hasLog: Bool { logLength > 0 && logIdentity.contains { $0 != 0 } }

    static func invalid(_ message: String, _ field: String? = nil, at offset: UInt64) -> FormatError {
        FormatError(.invalid, "VHDX", message, field: field, at: offset, specification: specification)
    }
}

extension FormatBytes {
    /// Whether the CRC-32C at offset 4 is that of all the bytes, its own taken as zeros.
    func hasVHDXChecksum() throws(FormatError) -> Bool {
        let stored = try little(UInt32.self, at: 4)
        var sum = CRC32C()
        sum.add(bytes, 0..<4)
        sum.add([0, 0, 0, 0])
        sum.add(bytes, 8..<bytes.count)
        return sum.inverted == stored
    }
}

/// A region table of a VHDX, of which there are two copies; [MS-VHDX] 2.2.3.
///
/// ```
/// 0 "regi"   4 checksum (CRC-32C of 64 KiB)   8 entry count   16 entries: id (16), offset (8), length (4), required (4)
/// ```
struct VHDXRegions: Sendable, Hashable {
    static let offsets: [UInt64] = [196_608, 262_144]

    struct Region: Sendable, Hashable {
        var offset: UInt64
        var length: UInt32
    }

    var blockTable: Region
    var metadata: Region

    /// Reads a table; nil where it is none, or its checksum does not fit.
    init?(_ image: any BlockReader, at offset: UInt64) throws(FormatError) {
        guard image.size >= offset + 65536 else { return nil }
        let fields = try FormatBytes(reading: image, at: offset, count: 65536, of: "VHDX")
        guard fields.has(Array("regi".utf8), at: 0), try fields.hasVHDXChecksum() else { return nil }
        let count = try fields.little(UInt32.self, at: 8)
        guard count <= 2047 else {
            throw VHDXHeader.invalid(
                "there are more regions than can be", "entry_count = \(count) (allowed 0…2047)", at: offset + 8)
        }
        var found: [String: Region] = [:]
        for index in 0..<Int(count) {
            let place = 16 + index * 32
            let name = UUIDText.microsoft(try fields.slice(at: place, count: 16))
            found[name] = Region(
                offset: try fields.little(UInt64.self, at: place + 16),
                length: try fields.little(UInt32.self, at: place + 24))
            let isRequired = try fields.little(UInt32.self, at: place + 28) & 1 != 0
            guard Self.known.contains(name) || !isRequired else {
                throw FormatError(.unsupported, "VHDX", "it needs a region that is not known: \(name)", at: offset)
            }
        }
        guard let blockTable = found[Self.known[0]], let metadata = found[Self.known[1]] else {
            throw VHDXHeader.invalid("it has no block table or no metadata", at: offset)
        }
        self.blockTable = blockTable
        self.metadata = metadata
    }

    private static let known = ["2dc27766-f623-4200-9d64-115e9bfd4a08", "8b7ca206-4790-4b9a-b8fe-575f050f886e"]
}
