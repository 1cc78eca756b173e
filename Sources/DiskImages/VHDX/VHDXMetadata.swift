internal import ByteReading

/// The metadata of a VHDX: what the disk is; [MS-VHDX] 2.6.
///
/// ```
/// 0 "metadata"   10 entry count (2)   32 entries: id (16), offset in the region (4), length (4), flags (4), reserved (4)
/// ```
struct VHDXMetadata: Sendable, Hashable {
    var blockSize: UInt32
    var leavesBlocksAllocated: Bool
    var hasParent: Bool
    var diskSize: UInt64
    var identity: [UInt8] = []
    var logicalSectorSize: UInt32
    var physicalSectorSize: UInt32
    /// The parent's locator: its keys and values.
    var parent: [String: String] = [:]

    /// How many blocks share one block of sector bits; a power of 2.
    var chunkRatio: UInt64 { (UInt64(logicalSectorSize) << 23) / UInt64(blockSize) }

    private enum Item {
        static let parameters = "caa16737-fa36-4d43-b3b6-33f0aa44e76b"
        static let diskSize = "2fa54224-cd1b-4876-b211-5dbed83bf4b8"
        static let identity = "beca12ab-b2e6-4523-93ef-c309e000c746"
        static let logicalSectorSize = "8141bf1d-a96f-4709-ba47-f233a8faab5f"
        static let physicalSectorSize = "cda348c7-445d-4471-9cc9-e9885251c556"
        static let parentLocator = "a8d35f2d-b30b-454d-abf7-d3d84834ab0c"
        static let known = [parameters, diskSize, identity, logicalSectorSize, physicalSectorSize, parentLocator]
    }

    init(_ image: any BlockReader, _ region: VHDXRegions.Region) throws(FormatError) {
        let table = try FormatBytes(reading: image, at: region.offset, count: 65536, of: "VHDX")
        guard table.has(Array("metadata".utf8), at: 0) else {
            throw VHDXHeader.invalid("the metadata table does not begin with its mark", at: region.offset)
        }
        let count = try table.little(UInt16.self, at: 10)
        guard count <= 2047 else {
            throw VHDXHeader.invalid(
                "there are more metadata than can be", "entry_count = \(count) (allowed 0…2047)", at: region.offset + 10
            )
        }
        var items: [String: FormatBytes] = [:]
        for index in 0..<Int(count) {
            let place = 32 + index * 32
            let name = UUIDText.microsoft(try table.slice(at: place, count: 16))
            guard Item.known.contains(name) else {
                if try table.little(UInt32.self, at: place + 24) & 4 == 0 { continue }
                throw FormatError(
                    .unsupported, "VHDX", "it needs metadata that are not known: \(name)", at: region.offset)
            }
            let length = try table.little(UInt32.self, at: place + 20)
            guard length <= 1 << 20, items[name] == nil else {
                throw VHDXHeader.invalid(
                    "metadata are too long or stand twice", "length = \(length)", at: region.offset + UInt64(place))
            }
            // The table was read from there, so the sum does not overflow.
            let start = region.offset + UInt64(try table.little(UInt32.self, at: place + 16))
            items[name] = try FormatBytes(reading: image, at: start, count: Int(length), of: "VHDX")
        }
        func item(_ name: String) throws(FormatError) -> FormatBytes {
            guard let item = items[name] else {
                throw VHDXHeader.invalid("metadata are missing: \(name)", at: region.offset)
            }
            return item
        }
        let parameters = try item(Item.parameters)
        blockSize = try parameters.little(UInt32.self, at: 0)
        let flags = try parameters.little(UInt32.self, at: 4)
        leavesBlocksAllocated = flags & 1 != 0
        hasParent = flags & 2 != 0
        diskSize = try item(Item.diskSize).little(UInt64.self, at: 0)
        logicalSectorSize = try item(Item.logicalSectorSize).little(UInt32.self, at: 0)
        physicalSectorSize = try item(Item.physicalSectorSize).little(UInt32.self, at: 0)
        identity = Array((try? items[Item.identity]?.slice(at: 0, count: 16)) ?? [])
        if hasParent { parent = try Self.locator(try item(Item.parentLocator)) }
        try validate(at: region.offset)
    }

    private func validate(at offset: UInt64) throws(FormatError) {
        guard (1 << 20...256 << 20).contains(blockSize), blockSize & (blockSize - 1) == 0 else {
            throw VHDXHeader.invalid(
                "invalid block size", "BlockSize = \(blockSize) (allowed powers of 2 from 1 MiB to 256 MiB)", at: offset
            )
        }
        guard logicalSectorSize == 512 || logicalSectorSize == 4096 else {
            throw VHDXHeader.invalid(
                "invalid sector size", "LogicalSectorSize = \(logicalSectorSize) (allowed 512 and 4096)", at: offset)
        }
        guard diskSize <= 64 << 40, diskSize % UInt64(logicalSectorSize) == 0 else {
            throw VHDXHeader.invalid(
                "invalid disk size", "VirtualDiskSize = \(diskSize) (allowed whole sectors up to 64 TiB)", at: offset)
        }
    }

    /// The locator: 16 bytes of type, 2 reserved, 2 of count; entries: key offset (4), value offset (4), key length (2),
    /// value length (2); UTF-16.
    private static func locator(_ fields: FormatBytes) throws(FormatError) -> [String: String] {
        var locator: [String: String] = [:]
        // Five keys are defined.
        for index in 0..<min(Int(try fields.little(UInt16.self, at: 18)), 64) {
            let place = 20 + index * 12
            func text(_ offset: Int, _ length: Int) throws(FormatError) -> String {
                try fields.utf16(
                    at: Int(try fields.little(UInt32.self, at: place + offset)),
                    count: Int(try fields.little(UInt16.self, at: place + length)), isBig: false)
            }
            locator[try text(0, 8)] = try text(4, 10)
        }
        return locator
    }
}
