internal import ByteReading
internal import Evidence

/// The descriptor of a VMDK: text, in a file of its own or inside a sparse one; "Virtual Disk Format 5.0", "The
/// Descriptor".
struct VMDKDescriptor: Sendable, Hashable {
    /// `monolithicSparse`, `streamOptimized` …
    var createType: String?
    /// The content's id; a child names its parent's.
    var contentIdentity: String?
    /// The parent's id; nil where there is no parent.
    var parentIdentity: String?
    /// The parent's name.
    var parent: String?
    /// The extents, in the order in which they make the disk.
    var extents: [VMDKExtentLine] = []
    /// The entries of the disk database: `ddb.adapterType`, `ddb.virtualHWVersion`.
    var database: [String: String] = [:]

    /// QEMU reads no more of one.
    static let sizeLimit: UInt64 = 1 << 20
    /// 2 TiB in parts of 2 GiB.
    static let extentLimit = 1024
    /// VMware writes a dozen.
    private static let databaseLimit = 256

    init(_ image: any BlockReader, at offset: UInt64, size: UInt64) throws(FormatError) {
        let count = min(size, Self.sizeLimit, image.size > offset ? image.size - offset : 0)
        let bytes = try image.bytes(at: offset, count: Int(count))
        try self.init(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self), at: offset)
    }

    private init(_ text: String, at offset: UInt64) throws(FormatError) {
        for line in text.lines {
            let line = Self.withoutReturn(line)
            if line.isEmpty || line.utf8.first == UInt8(ascii: "#") { continue }
            if let extent = try VMDKExtentLine(line, at: offset) {
                guard extents.count < Self.extentLimit else {
                    throw FormatError(.limit, "VMDK", "there are more than \(Self.extentLimit) extents", at: offset)
                }
                extents.append(extent)
            } else if let (name, value) = line.cut(at: "=") {
                set(String(name.trimmed), Self.unquoted(value.trimmed))
            }
        }
    }

    private mutating func set(_ name: String, _ value: String) {
        switch name {
        case "createType": createType = value
        case "CID": contentIdentity = value.lowercased()
        case "parentCID": parentIdentity = value.lowercased() == "ffffffff" ? nil : value.lowercased()
        case "parentFileNameHint": parent = value
        default: if name.hasPrefix("ddb."), database.count < Self.databaseLimit { database[name] = value }
        }
    }

    private static func withoutReturn(_ line: Substring) -> Substring {
        Substring(line.utf8.last == 0x0d ? line.utf8.dropLast() : line.utf8[...]).trimmed
    }

    private static func unquoted(_ value: Substring) -> String {
        let quote = UInt8(ascii: "\"")
        guard value.utf8.count >= 2, value.utf8.first == quote, value.utf8.last == quote else { return String(value) }
        return String(Substring(value.utf8.dropFirst().dropLast()))
    }

    /// Whether a file is a descriptor: comments and empty lines, then the version. So `vmdk_probe` in QEMU's block/vmdk.c.
    static func isDescriptor(_ head: [UInt8]) -> Bool {
        guard head.first == UInt8(ascii: "#") else { return false }
        let text = String(decoding: head.prefix { $0 != 0 }, as: UTF8.self)
        for line in text.lines {
            let line = withoutReturn(line)
            if line.isEmpty || line.utf8.first == UInt8(ascii: "#") { continue }
            return line == "version=1" || line == "version=2" || line == "version=3"
        }
        return false
    }
}

/// A line of a descriptor about a part of the disk: `RW 4192256 SPARSE "disk-s001.vmdk"`, `RW 2048 FLAT "disk-f001.vmdk" 0`.
struct VMDKExtentLine: Sendable, Hashable {
    /// `FLAT`, `SPARSE`, `ZERO`, `VMFS`, `VMFSSPARSE`, `SESPARSE`, `VMFSRDM` …
    var kind: String
    /// How many sectors of 512 bytes.
    var sectors: UInt64
    /// The file; nil for zeros.
    var name: String?
    /// Where in the file a flat one begins, in sectors.
    var offset: UInt64

    private static let accesses = ["RW", "RDONLY", "NOACCESS"]

    init?(_ line: Substring, at place: UInt64) throws(FormatError) {
        let quoted = line.parts(at: "\"", keepingEmpty: true)
        guard let front = quoted.first?.words, front.count >= 3, Self.accesses.contains(String(front[0])) else {
            return nil
        }
        kind = String(front[2])
        // 2^54 sectors are 2^63 bytes.
        guard front[0] != "NOACCESS", let sectors = UInt64(front[1]), sectors < 1 << 54,
            quoted.count == 1 && kind == "ZERO" || quoted.count == 3
        else { throw VMDKHeader.invalid("an extent is not understood", String(line), at: place) }
        self.sectors = sectors
        name = quoted.count == 3 ? String(quoted[1]) : nil
        let rest = quoted.count == 3 ? quoted[2].words : []
        guard let offset = rest.isEmpty ? 0 : UInt64(rest[0]), offset < 1 << 54 else {
            throw VMDKHeader.invalid("an extent is not understood", String(line), at: place)
        }
        self.offset = offset
    }

    /// Whether the file holds the bytes as they are.
    var isFlat: Bool { kind == "FLAT" || kind == "VMFS" }
}
