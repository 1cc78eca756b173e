internal import ByteReading
internal import LinuxIO

extension ImageHead {
    /// Looks into a file compressed as a whole: there is no way to a place in its middle but through all that stands before.
    init(compressed image: any BlockReader, _ format: ImageFormat) throws(FormatError) {
        let packed = try image.bytes(at: 0, count: Int(min(image.size, CompressedContent.packedLimit)))
        var details = CompressedFacts()
        if let beginning = CompressedBeginning.unpack(packed, limit: CompressedContent.unpackedLimit),
            !beginning.isEmpty
        {
            let content = MemoryBlocks(beginning)
            let found = try ImageFormat.detect(content)
            details.content = found
            // The sizes of these stand in their first 64 KiB.
            if [.qcow2, .vmdk].contains(found) {
                details.virtualSize = (try? ImageHead(found, content))?.facts.virtualSize
            }
        }
        details.unpackedSize =
            switch format {
            case .xz: try CompressedContent.xzSize(image)
            case .zstd: try CompressedContent.zstdSize(image)
            default: nil
            }
        var facts = ImageFacts(format)
        if details.content == .raw || details.content == .iso9660 { details.virtualSize = details.unpackedSize }
        facts.details = .compressed(details)
        self.init(facts)
    }
}

/// What compressed files say of themselves.
enum CompressedContent {
    /// The beginning of a file that is read to see what is in it.
    static let packedLimit: UInt64 = 1 << 20
    /// As far as the marks of all formats lie.
    static let unpackedLimit = 1 << 16
    /// An index of one record for each block; xz makes one block of a file, pixz one of every 16 MiB.
    private static let indexLimit: UInt64 = 1 << 20

    /// The size that the index at the end of an xz file adds up to; The .xz File Format 1.1.0, 2.1.2 and 4.
    static func xzSize(_ image: any BlockReader) throws(FormatError) -> UInt64? {
        // Padding of four zeros may follow a stream; a file of several streams has several indexes, and this is the last's.
        guard image.size >= 32, image.size % 4 == 0 else { return nil }
        let footer = try FormatBytes(reading: image, at: image.size - 12, count: 12, of: "xz")
        guard footer.has(Array("YZ".utf8), at: 10) else { return nil }
        let size = (UInt64(try footer.little(UInt32.self, at: 4)) + 1) * 4
        guard size <= indexLimit, size + 12 <= image.size else { return nil }
        let index = try FormatBytes(reading: image, at: image.size - 12 - size, count: Int(size), of: "xz")
        var place = 1
        guard index.bytes.first == 0, let count = number(index, &place) else { return nil }
        var sum: UInt64 = 0
        var packed: UInt64 = 24 + size
        for _ in 0..<min(count, indexLimit) {
            guard let stored = number(index, &place), let unpacked = number(index, &place) else { return nil }
            let (total, overflow) = sum.addingReportingOverflow(unpacked)
            guard !overflow, stored <= image.size else { return nil }
            sum = total
            packed += (stored + 3) / 4 * 4
        }
        // One stream that fills the file.
        return packed == image.size ? sum : nil
    }

    /// A number of one to nine bytes, seven bits in each, the lowest first.
    private static func number(_ fields: FormatBytes, _ place: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in 0..<9 {
            guard let byte = try? fields.little(UInt8.self, at: place) else { return nil }
            place += 1
            value |= UInt64(byte & 0x7f) << UInt64(7 * shift)
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    /// The content size that the first frame of a Zstandard file has in its header; RFC 8878, 3.1.1.1.
    static func zstdSize(_ image: any BlockReader) throws(FormatError) -> UInt64? {
        let header = try FormatBytes(reading: image, at: 0, count: Int(min(image.size, 18)), of: "zstd")
        let descriptor = try header.little(UInt8.self, at: 4)
        let isSingle = descriptor & 0x20 != 0
        let place = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][Int(descriptor & 3)]
        return switch descriptor >> 6 {
        case 0: isSingle ? UInt64(try header.little(UInt8.self, at: place)) : nil
        case 1: UInt64(try header.little(UInt16.self, at: place)) + 256
        case 2: UInt64(try header.little(UInt32.self, at: place))
        default: try header.little(UInt64.self, at: place)
        }
    }
}
