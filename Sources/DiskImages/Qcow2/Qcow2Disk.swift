internal import ByteReading
internal import LinuxIO

/// The disk inside a qcow2 image, with what lies below it.
struct Qcow2Disk: BlockReader {
    let size: UInt64
    let header: Qcow2Header
    let layout: Qcow2EntryLayout
    let tables: ImageTables
    let file: any BlockReader
    /// Where the clusters stand: in the image's own file, or in its data file.
    let data: any BlockReader
    private let below: (any BlockReader)?

    /// QEMU's `QCOW_MAX_L1_SIZE`, 32 MiB of entries.
    private static let l1Limit: UInt32 = 4 << 20

    /// - Throws: ``FormatError`` where the header says what this program, or nobody, can read.
    init(_ file: any BlockReader, _ surroundings: ImageSurroundings) throws(FormatError) {
        let header = try Qcow2Header(file)
        let extensions = try Qcow2Extensions(file, header)
        let facts = Qcow2Facts(header, extensions, backingFile: nil)
        try Self.refuseUnknown(header, facts)
        self.header = header
        self.file = file
        size = header.size
        if facts.hasDataFile {
            guard let dataFile = surroundings.parts.first else {
                throw FormatError(
                    .invalid, "qcow2", "it does not name its data file", specification: Qcow2Header.specification)
            }
            data = dataFile
        } else {
            data = file
        }
        below = surroundings.below
        layout = Qcow2EntryLayout(
            clusterBits: header.clusterBits, isExtended: facts.hasExtendedL2, hasDataFile: facts.hasDataFile,
            version: header.version)
        tables = ImageTables(
            file, number: surroundings.number, surroundings.caches, of: "qcow2", unit: header.clusterSize)
        try validateTables()
    }

    private static func refuseUnknown(_ header: Qcow2Header, _ facts: Qcow2Facts) throws(FormatError) {
        guard facts.unknownIncompatibleFeatures.isEmpty else {
            throw FormatError(
                .unsupported, "qcow2",
                "it needs features that are not known: \(facts.unknownIncompatibleFeatures.joined(separator: ", "))",
                field: "incompatible_features = 0x\(String(header.incompatibleFeatures, radix: 16))", at: 72)
        }
        if let encryption = facts.encryption {
            throw FormatError(
                .unsupported, "qcow2", "it is encrypted: \(encryption)", field: "crypt_method = \(header.cryptMethod)",
                at: 32)
        }
        guard header.compressionType <= 1 else {
            throw FormatError(
                .unsupported, "qcow2", "unknown compression",
                field: "compression_type = \(header.compressionType) (known 0 and 1)", at: 104)
        }
        guard (header.compressionType != 0) == (header.incompatibleFeatures & 8 != 0) else {
            throw Qcow2Header.invalid(
                "the compression type and its feature bit contradict each other",
                "compression_type = \(header.compressionType)", at: 104)
        }
        guard !facts.hasExtendedL2 || header.clusterBits >= 14 else {
            throw Qcow2Header.invalid(
                "extended L2 entries need clusters of 16 KiB or more", "cluster_bits = \(header.clusterBits)", at: 20)
        }
    }

    private func validateTables() throws(FormatError) {
        // At most 2^21 × 2^18.
        let span = layout.clusterSize * layout.entriesPerTable
        let needed = size / span + (size % span > 0 ? 1 : 0)
        guard header.l1Size <= Self.l1Limit, UInt64(header.l1Size) >= needed else {
            throw Qcow2Header.invalid(
                "the L1 table does not fit the disk",
                "l1_size = \(header.l1Size) (needed \(needed), allowed to \(Self.l1Limit))", at: 36)
        }
        let (_, overflow) = header.l1TableOffset.addingReportingOverflow(UInt64(header.l1Size) * 8)
        guard header.l1TableOffset % layout.clusterSize == 0, !overflow else {
            throw Qcow2Header.invalid(
                "the L1 table does not begin where a cluster can",
                "l1_table_offset = 0x\(String(header.l1TableOffset, radix: 16))", at: 40)
        }
    }

    // MARK: - Where things are

    private struct Run {
        var place: Qcow2Place
        /// How many bytes it goes on for, at least 1.
        var length: UInt64
    }

    /// Where the bytes from an offset on are kept, and for how many bytes that holds.
    ///
    /// - Parameter wanted: No more than this is looked for; an entry that was read is used whole.
    private func run(at offset: UInt64, wanted: UInt64) throws(FormatError) -> Run {
        let span = layout.clusterSize * layout.entriesPerTable
        let index = offset / span
        // Below the end of the L1 table, which fits the size: validated.
        let place = header.l1TableOffset + index * 8
        let page = try tables.page(at: place)
        let entry = try l1Entry(page, at: place)
        if entry == 0 {
            var length = span - offset % span
            var next = place + 8
            while length < wanted, next + 8 <= page.offset + UInt64(page.count), try l1Entry(page, at: next) == 0 {
                // The sum is below the size and one span.
                length += span
                next += 8
            }
            return Run(place: .below, length: length)
        }
        return try run(inTable: entry, from: offset % span, wanted: wanted)
    }

    func l1Entry(_ page: FormatBytes, at place: UInt64) throws(FormatError) -> UInt64 {
        let entry = try page.big(UInt64.self, at: Int(place - page.offset)) & Qcow2EntryLayout.offsetMask
        guard entry % layout.clusterSize == 0 else {
            throw Qcow2Header.invalid(
                "an L2 table does not begin where a cluster can", "offset 0x\(String(entry, radix: 16))", at: place)
        }
        return entry
    }

    private func run(inTable table: UInt64, from offset: UInt64, wanted: UInt64) throws(FormatError) -> Run {
        let size = UInt64(layout.entrySize)
        let tableEnd = table + layout.clusterSize
        var at = table + offset / layout.clusterSize * size
        let page = try tables.page(at: at)
        let end = min(tableEnd, page.offset + UInt64(page.count))
        let part = Int(offset % layout.clusterSize / layout.partSize)
        let (place, count) = try entry(page, at: at, part: part)
        var run = Run(
            place: place.advanced(by: offset % layout.partSize),
            length: UInt64(count) * layout.partSize - offset % layout.partSize)
        if case .compressed = place { return run }
        var isToEnd = part + count == layout.partsPerCluster
        at += size
        while isToEnd, run.length < wanted, at + size <= end {
            let (next, count) = try entry(page, at: at, part: 0)
            guard next == run.place.advanced(by: run.length) else { break }
            run.length += UInt64(count) * layout.partSize
            isToEnd = count == layout.partsPerCluster
            at += size
        }
        return run
    }

    private func entry(_ page: FormatBytes, at place: UInt64, part: Int) throws(FormatError) -> (Qcow2Place, Int) {
        let index = Int(place - page.offset)
        return try layout.place(
            try page.big(UInt64.self, at: index), layout.isExtended ? try page.big(UInt64.self, at: index + 8) : 0,
            part: part, at: place)
    }

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        let run = try run(at: offset, wanted: size - offset)
        let length = min(run.length, size - offset)
        switch run.place {
        case .zero: return BlockExtent(.zero, length: length)
        case .compressed: return BlockExtent(.data, length: length)
        case .data(let place): return try data.storedExtent(at: place, length: length)
        case .below: return try below.backingExtent(at: offset, length: length)
        }
    }

    // MARK: - What is there

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "qcow2")
        var done = 0
        while done < buffer.byteCount {
            let place = offset + UInt64(done)
            let left = buffer.byteCount - done
            let run = try run(at: place, wanted: UInt64(left))
            let count = Int(min(run.length, UInt64(left)))
            var part = buffer._mutatingExtracting(done..<done + count)
            switch run.place {
            case .zero: part.zero()
            case .data(let stored):
                try data.readStored(at: stored, into: &part, unit: layout.clusterSize, of: "qcow2")
            case .compressed(let packed):
                let cluster = try unpack(packed)
                let start = Int(place % layout.clusterSize)
                part.copy(cluster[start..<start + count])
            case .below: try below.readBacking(at: place, into: &part)
            }
            done += count
        }
    }

    /// The bytes of a compressed cluster, as many as a cluster has.
    private func unpack(_ packed: Qcow2Compressed) throws(FormatError) -> [UInt8] {
        let key = ImageCache.Key(file: tables.number, offset: packed.offset)
        return try tables.caches.clusters.piece(key) { () throws(FormatError) in
            guard packed.offset < file.size else {
                throw FormatError(
                    .truncated, "qcow2", "a compressed cluster lies beyond the end of the file", at: packed.offset)
            }
            let bytes = try file.bytes(at: packed.offset, count: Int(min(packed.count, file.size - packed.offset)))
            // At most 2 MiB: the header was validated.
            return try ImageUnpacking.unpack(
                bytes, header.compressionType == 1 ? .zstd : .deflate, count: Int(layout.clusterSize),
                atLeast: Int(layout.clusterSize), of: "qcow2", at: packed.offset)
        }
    }
}
