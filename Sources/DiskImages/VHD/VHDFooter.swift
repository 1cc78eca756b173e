internal import ByteReading

/// The footer of a VHD as it stands on disk, big-endian; Microsoft's "Virtual Hard Disk Image Format Specification" 1.0,
/// "Hard Disk Footer Format". A dynamic or differencing disk has a copy of it at the start of the file.
///
/// ```
///  0 cookie "conectix"   8 features   12 version   16 data offset (of the dynamic header; all ones: none)
/// 24 timestamp, seconds since 2000    28 creator application, version, host OS (4 bytes each)
/// 40 original size      48 current size      56 cylinders (2), heads (1), sectors (1)
/// 60 disk type          64 checksum          68 unique id (16)       84 saved state (1)
/// ```
struct VHDFooter: Sendable, Hashable {
    static let size = 512
    static let cookie = Array("conectix".utf8)
    static let specification = "Virtual Hard Disk Image Format Specification 1.0"

    var features: UInt32
    var version: UInt32
    var dataOffset: UInt64
    var timestamp: UInt32
    var creatorApplication: String
    var creatorVersion: UInt32
    var creatorHost: String
    var originalSize: UInt64
    var currentSize: UInt64
    var cylinders: UInt16
    var heads: UInt8
    var sectors: UInt8
    var type: UInt32
    var identity: [UInt8]
    var isSavedState: Bool
    /// Whether the checksum is that of the bytes.
    var isIntact: Bool

    /// Reads a footer; nil where there is none.
    init?(_ image: any BlockReader, at offset: UInt64) throws(FormatError) {
        guard image.size >= 512, offset <= image.size - 512 else { return nil }
        let fields = try FormatBytes(reading: image, at: offset, count: Self.size, of: "VHD")
        guard fields.has(Self.cookie, at: 0) else { return nil }
        features = try fields.big(UInt32.self, at: 8)
        version = try fields.big(UInt32.self, at: 12)
        dataOffset = try fields.big(UInt64.self, at: 16)
        timestamp = try fields.big(UInt32.self, at: 24)
        creatorApplication = try fields.text(at: 28, count: 4)
        creatorVersion = try fields.big(UInt32.self, at: 32)
        creatorHost = try fields.text(at: 36, count: 4)
        originalSize = try fields.big(UInt64.self, at: 40)
        currentSize = try fields.big(UInt64.self, at: 48)
        cylinders = try fields.big(UInt16.self, at: 56)
        heads = try fields.big(UInt8.self, at: 58)
        sectors = try fields.big(UInt8.self, at: 59)
        type = try fields.big(UInt32.self, at: 60)
        identity = Array(try fields.slice(at: 68, count: 16))
        isSavedState = try fields.big(UInt8.self, at: 84) != 0
        isIntact = try Self.checksum(fields, at: 64) == fields.big(UInt32.self, at: 64)
    }

    /// The one's complement of the sum of all bytes, without those of the checksum itself.
    static func checksum(_ fields: FormatBytes, at place: Int) -> UInt32 {
        var sum: UInt32 = 0
        for (index, byte) in fields.bytes.enumerated() where index < place || index >= place + 4 {
            sum &+= UInt32(byte)
        }
        return ~sum
    }

    /// Whether a footer's copy at the start says that the disk is dynamic (3) or differencing (4): a fixed disk has none,
    /// and starts with what the guest wrote.
    static func hasDynamicType(_ head: FormatBytes) -> Bool {
        let type = (try? head.big(UInt32.self, at: 60)) ?? 0
        return type == 3 || type == 4
    }

    static func invalid(_ message: String, _ field: String? = nil, at offset: UInt64) -> FormatError {
        FormatError(.invalid, "VHD", message, field: field, at: offset, specification: specification)
    }
}
