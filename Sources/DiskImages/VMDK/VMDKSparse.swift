internal import ByteReading
internal import LinuxIO

/// A sparse extent of a VMDK: a directory of tables of grains.
struct VMDKSparse: Sendable {
    let size: UInt64
    private let header: VMDKHeader
    private let file: any BlockReader
    private let tables: ImageTables
    /// Where the directory begins that is used, in bytes.
    private let directory: UInt64
    let grainSize: UInt64
    /// How many bytes of the disk a grain table tells about.
    private let span: UInt64

    enum Place: Hashable {
        case below
        case zero
        case data(UInt64)
        case compressed(UInt64)

        /// The place of what follows directly.
        func advanced(by count: UInt64) -> Place {
            if case .data(let offset) = self { .data(offset &+ count) } else { self }
        }
    }

    init(_ file: any BlockReader, number: Int, _ caches: ImageCaches) throws(FormatError) {
        let sparse = try VMDKSparseHeader(file)
        header = sparse.header
        self.file = file
        // Below 2^54 sectors, 2^21 sectors, 2^9 entries: validated.
        size = header.capacity * 512
        grainSize = header.grainSize * 512
        span = grainSize * UInt64(header.entriesPerTable)
        tables = ImageTables(file, number: number, caches, of: "VMDK", unit: 16384)
        let length = (size / span + 1) * 4
        func lies(_ sector: UInt64) -> Bool {
            sector > 0 && sector < 1 << 54 && sector * 512 < file.size && length <= file.size
        }
        // Of two directories the good one.
        if !lies(header.directory), header.hasRedundantDirectory, lies(header.redundantDirectory) {
            directory = header.redundantDirectory * 512
        } else if lies(header.directory) {
            directory = header.directory * 512
        } else {
            throw FormatError(
                .truncated, "VMDK", "the grain directory lies beyond the end of the file",
                field: "gdOffset = \(header.directory)",
                at: 56, specification: VMDKHeader.specification)
        }
    }

    private func entry(at place: UInt64) throws(FormatError) -> UInt32 {
        let page = try tables.page(at: place)
        return try page.little(UInt32.self, at: Int(place - page.offset))
    }

    private func place(_ entry: UInt32) -> Place {
        if entry == 0 { return .below }
        if entry == 1 && header.hasZeroGrains { return .zero }
        return header.isCompressed ? .compressed(UInt64(entry) * 512) : .data(UInt64(entry) * 512)
    }

    /// Where the bytes from an offset on are kept, and for how many bytes that holds.
    func run(at offset: UInt64, wanted: UInt64) throws(FormatError) -> (Place, UInt64) {
        let table = try entry(at: directory + offset / span * 4)
        if table == 0 { return (.below, span - offset % span) }
        let start = UInt64(table) * 512
        let index = offset % span / grainSize
        var place = start + index * 4
        var page = try tables.page(at: place)
        let inGrain = offset % grainSize
        let first = self.place(try page.little(UInt32.self, at: Int(place - page.offset)))
        if case .compressed = first { return (first, grainSize - inGrain) }
        let begin = first.advanced(by: inGrain)
        var length = grainSize - inGrain
        let end = start + UInt64(header.entriesPerTable) * 4
        while length < wanted, place + 4 < end {
            place += 4
            if place >= page.offset + UInt64(page.count) { page = try tables.page(at: place) }
            let next = self.place(try page.little(UInt32.self, at: Int(place - page.offset)))
            guard next == begin.advanced(by: length) else { break }
            length += grainSize
        }
        return (begin, length)
    }

    func extent(at offset: UInt64, below: (any BlockReader)?, guest: UInt64) throws(FormatError) -> BlockExtent {
        let (place, count) = try run(at: offset, wanted: size - offset)
        let length = min(count, size - offset)
        switch place {
        case .zero: return BlockExtent(.zero, length: length)
        case .compressed: return BlockExtent(.data, length: length)
        case .data(let stored): return try file.storedExtent(at: stored, length: length)
        case .below: return try below.backingExtent(at: guest, length: length)
        }
    }

    /// - Parameters:
    ///   - below: The disk below the whole one.
    ///   - guest: Where in the whole disk the offset is.
    func read(
        at offset: UInt64, into buffer: inout MutableRawSpan, below: (any BlockReader)?, guest: UInt64
    ) throws(FormatError) {
        var done = 0
        while done < buffer.byteCount {
            let place = offset + UInt64(done)
            let left = UInt64(buffer.byteCount - done)
            let (stored, length) = try run(at: place, wanted: left)
            let count = Int(min(length, left))
            var part = buffer._mutatingExtracting(done..<done + count)
            switch stored {
            case .zero: part.zero()
            case .below: try below.readBacking(at: guest + UInt64(done), into: &part)
            case .data(let stored): try file.readStored(at: stored, into: &part, unit: grainSize, of: "VMDK")
            case .compressed(let stored):
                let grain = try unpack(stored, grain: place / grainSize)
                let start = Int(place % grainSize)
                guard start + count <= grain.count else {
                    throw FormatError(
                        .invalid, "VMDK", "a compressed grain unpacks to \(grain.count) bytes only", at: stored)
                }
                part.copy(grain[start..<start + count])
            }
            done += count
        }
    }

    /// A compressed grain; with a marker its length stands before it.
    private func unpack(_ place: UInt64, grain: UInt64) throws(FormatError) -> [UInt8] {
        let key = ImageCache.Key(file: tables.number, offset: place)
        return try tables.caches.clusters.piece(key) { () throws(FormatError) in
            var start = place
            var count = grainSize * 2
            if header.hasMarkers {
                let marker = try FormatBytes(reading: file, at: place, count: 12, of: "VMDK")
                count = UInt64(try marker.little(UInt32.self, at: 8))
                start += 12
                guard count > 0, count <= grainSize * 2 else {
                    throw VMDKHeader.invalid(
                        "a compressed grain has an impossible length", "size = \(count) (allowed 1…\(grainSize * 2))",
                        at: place + 8)
                }
            }
            guard start < file.size else {
                throw FormatError(.truncated, "VMDK", "a grain lies beyond the end of the file", at: place)
            }
            let bytes = try file.bytes(at: start, count: Int(min(count, file.size - start)))
            // At most 2 MiB: the header was validated. The last grain may end where the disk ends.
            let least = min(grainSize, size - min(size, grain * grainSize))
            return try ImageUnpacking.unpack(
                bytes, .zlib, count: Int(grainSize), atLeast: Int(least), of: "VMDK", at: place)
        }
    }

    /// Adds the extent's grains to a count.
    ///
    /// - Parameter guest: Where in the whole disk the extent begins.
    func add(to count: inout AllocationCount, guest: UInt64) throws(FormatError) {
        var read: UInt64 = 0
        var offset: UInt64 = 0
        while offset < size {
            let table = UInt64(try entry(at: directory + offset / span * 4)) * 512
            if table == 0 {
                offset += span
                continue
            }
            read += UInt64(header.entriesPerTable) * 4
            guard read <= AllocationCount.tableLimit else {
                count.allocation.isComplete = false
                return
            }
            for index in 0..<UInt64(header.entriesPerTable) where offset + index * grainSize < size {
                switch place(try entry(at: table + index * 4)) {
                case .below: break
                case .zero: count.allocation.zero += 1
                case .data(let stored):
                    try count.store(at: stored, count: grainSize, guest: guest + offset + index * grainSize)
                case .compressed(let stored):
                    count.allocation.compressed += 1
                    try count.store(at: stored, count: 512, guest: guest + offset + index * grainSize)
                }
            }
            offset += span
        }
        try count.finish()
    }
}
