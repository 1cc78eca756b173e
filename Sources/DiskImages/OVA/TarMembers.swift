internal import ByteReading
internal import Evidence

/// The members of a tar file that is not compressed, by their places: a disk in it is read where it lies.
///
/// ```
/// 0 name (100)   124 size (12, octal; or binary after a byte 0x80)   148 checksum (8)   156 type   257 "ustar"   345 prefix
/// ```
/// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; tar(5) for GNU's long names.
struct TarMembers: Sendable {
    struct Member: Sendable, Hashable {
        var name: String
        var offset: UInt64
        var size: UInt64
    }

    var members: [Member] = []

    /// An OVA has a dozen members.
    private static let limit = 4096
    /// A name, and the records that go before a member.
    private static let recordLimit: UInt64 = 1 << 16

    init(_ image: any BlockReader) throws(FormatError) {
        var place: UInt64 = 0
        var longName: String?
        var longSize: UInt64?
        for _ in 0..<Self.limit {
            guard place < image.size else { return }
            let header = try FormatBytes(reading: image, at: place, count: 512, of: "tar")
            // Two blocks of zeros are the end; one is enough to know.
            guard header.bytes.contains(where: { $0 != 0 }) else { return }
            try Self.requireChecksum(header)
            let size = if let longSize { longSize } else { try Self.number(header, at: 124) }
            let data = place + 512
            guard size <= image.size - min(image.size, data) else {
                throw FormatError(
                    .truncated, "tar", "a member ends beyond the end of the file", field: "size = \(size)",
                    at: place + 124)
            }
            switch try header.little(UInt8.self, at: 156) {
            case UInt8(ascii: "L"):
                longName = try Self.record(image, data, size).text(at: 0, count: Int(min(size, Self.recordLimit)))
            case UInt8(ascii: "x"):
                (longName, longSize) = try Self.extended(try Self.record(image, data, size))
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
                let name = if let longName { longName } else { try Self.name(header) }
                members.append(Member(name: name, offset: data, size: size))
                (longName, longSize) = (nil, nil)
            default: (longName, longSize) = (nil, nil)
            }
            // The member lies in the file, so the sum does not overflow by more than a block.
            place = data + (size + 511) / 512 * 512
        }
        throw FormatError(.limit, "tar", "there are more than \(Self.limit) members", at: place)
    }

    private static func requireChecksum(_ header: FormatBytes) throws(FormatError) {
        var sum: UInt64 = 0
        for (index, byte) in header.bytes.enumerated() { sum += UInt64((148..<156).contains(index) ? 0x20 : byte) }
        guard try number(header, at: 148, count: 8) == sum else {
            throw FormatError(
                .invalid, "tar", "the checksum of a member's header does not fit", at: header.offset + 148)
        }
    }

    private static func number(_ header: FormatBytes, at place: Int, count: Int = 12) throws(FormatError) -> UInt64 {
        let bytes = try header.slice(at: place, count: count)
        if bytes.first == 0x80 {
            return try header.big(UInt64.self, at: place + count - 8)
        }
        var value: UInt64 = 0
        // At most 12 digits of 3 bits.
        for byte in bytes where (0x30...0x37).contains(byte) { value = value << 3 | UInt64(byte - 0x30) }
        return value
    }

    private static func name(_ header: FormatBytes) throws(FormatError) -> String {
        let prefix = header.has(Array("ustar\0".utf8), at: 257) ? try header.text(at: 345, count: 155) : ""
        return (prefix.isEmpty ? "" : prefix + "/") + (try header.text(at: 0, count: 100))
    }

    private static func record(_ image: any BlockReader, _ place: UInt64, _ size: UInt64) throws(FormatError)
        -> FormatBytes
    {
        guard size <= recordLimit else {
            throw FormatError(.limit, "tar", "a name of more than \(recordLimit) bytes", at: place)
        }
        return try FormatBytes(reading: image, at: place, count: Int(size), of: "tar")
    }

    /// Records of the form `LENGTH KEY=VALUE\n`.
    private static func extended(_ fields: FormatBytes) throws(FormatError) -> (name: String?, size: UInt64?) {
        var found: (name: String?, size: UInt64?)
        for line in String(decoding: fields.bytes, as: UTF8.self).lines {
            guard let (name, value) = line.cut(at: " ")?.after.cut(at: "=") else { continue }
            if name == "path" { found.name = String(value) }
            if name == "size" { found.size = UInt64(value) }
        }
        return found
    }
}
