internal import ByteReading

/// The header extensions of a qcow2 image; QEMU's docs/interop/qcow2, "Header extensions".
struct Qcow2Extensions: Sendable, Hashable {
    /// The backing file's format, by QEMU's name.
    var backingFormat: String?
    /// The external data file's name.
    var dataFile: String?
    /// What the image itself calls feature bits.
    var featureNames: [Qcow2Feature: String] = [:]
    /// How many bitmaps the image says that it has.
    var bitmapCount: UInt32?
    /// Where the LUKS header stands in the image.
    var encryptionHeader: Range<UInt64>?
    /// The types of extensions that this program does not know; QEMU keeps them and goes on.
    var unknown: [UInt32] = []

    /// No image has more than the six known ones and a few private ones.
    private static let limit = 256
    /// Bits 0…63 of three kinds.
    private static let featureLimit = 192

    /// Reads the extensions: from the header's end to the backing file's name, or to the end of the first cluster.
    init(_ image: any BlockReader, _ header: Qcow2Header) throws(FormatError) {
        let end = header.backingFileOffset > 0 ? header.backingFileOffset : header.clusterSize
        var place = UInt64(header.headerLength)
        for _ in 0..<Self.limit {
            guard place < end else { return }
            let head = try FormatBytes(reading: image, at: place, count: 8, of: "qcow2")
            let type = try head.big(UInt32.self, at: 0)
            let length = UInt64(try head.big(UInt32.self, at: 4))
            if type == 0 { return }
            guard place + 8 <= end, length <= end - place - 8 else {
                throw Qcow2Header.invalid(
                    "a header extension does not fit",
                    "extension 0x\(String(type, radix: 16)), length \(length) (\(end - min(end, place + 8)) are left)",
                    at: place + 4)
            }
            try read(type, Data(image: image, place: place + 8, length: length))
            // Below 2 MiB each, so nothing overflows.
            place += 8 + (length + 7) / 8 * 8
        }
        throw FormatError(.limit, "qcow2", "there are more than \(Self.limit) header extensions", at: place)
    }

    private struct Data {
        var image: any BlockReader
        var place: UInt64
        var length: UInt64

        func text(_ what: String, limit: UInt64) throws(FormatError) -> String {
            guard length <= limit else {
                throw Qcow2Header.invalid("\(what) is too long", "length \(length) (allowed 0…\(limit))", at: place)
            }
            return try FormatBytes(reading: image, at: place, count: Int(length), of: "qcow2").text(
                at: 0, count: Int(length))
        }

        func fields(exactly count: Int, _ what: String) throws(FormatError) -> FormatBytes {
            guard length == UInt64(count) else {
                throw Qcow2Header.invalid(
                    "\(what) has an impossible length", "length \(length) (allowed \(count))", at: place)
            }
            return try FormatBytes(reading: image, at: place, count: count, of: "qcow2")
        }
    }

    private mutating func read(_ type: UInt32, _ data: Data) throws(FormatError) {
        switch type {
        case 0xe279_2aca: backingFormat = try data.text("the backing format's name", limit: 15)
        // PATH_MAX; QEMU itself takes what fits the cluster.
        case 0x4441_5441: dataFile = try data.text("the data file's name", limit: 4096)
        case 0x6803_f857: try readFeatureNames(data)
        case 0x2385_2875:
            bitmapCount = try data.fields(exactly: 24, "the bitmaps extension").big(UInt32.self, at: 0)
        case 0x0537_be77:
            let fields = try data.fields(exactly: 16, "the encryption header pointer")
            let start = try fields.big(UInt64.self, at: 0)
            let (end, overflow) = start.addingReportingOverflow(try fields.big(UInt64.self, at: 8))
            guard !overflow else {
                throw Qcow2Header.invalid(
                    "the encryption header does not lie in the image", "offset \(start)", at: data.place)
            }
            encryptionHeader = start..<end
        default: unknown.append(type)
        }
    }

    private mutating func readFeatureNames(_ data: Data) throws(FormatError) {
        let entries = min(Int(data.length / 48), Self.featureLimit)
        let fields = try FormatBytes(reading: data.image, at: data.place, count: entries * 48, of: "qcow2")
        for entry in 0..<entries {
            let feature = Qcow2Feature(
                kind: try fields.big(UInt8.self, at: entry * 48), bit: try fields.big(UInt8.self, at: entry * 48 + 1))
            featureNames[feature] = try fields.text(at: entry * 48 + 2, count: 46)
        }
    }
}

/// A feature bit: its kind (0 incompatible, 1 compatible, 2 autoclear) and its number.
struct Qcow2Feature: Sendable, Hashable {
    var kind: UInt8
    var bit: UInt8
}
