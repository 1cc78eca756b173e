internal import ByteReading

/// The disk inside a dynamic or differencing VHD. A fixed one is a slice of its file.
struct VHDDisk: CountedDisk {
    let size: UInt64
    private let header: VHDDynamicHeader
    private let isDifferencing: Bool
    private let file: any BlockReader
    private let tables: ImageTables
    private let below: (any BlockReader)?
    private var blockSize: UInt64 { UInt64(header.blockSize) }
    private static let unused: UInt32 = 0xffff_ffff

    /// The disk of an image of any type.
    static func open(_ file: any BlockReader, _ surroundings: ImageSurroundings) throws(FormatError) -> any BlockReader
    {
        let structures = try VHDStructures(file)
        guard let header = structures.header else {
            let size = structures.footer.currentSize
            guard file.size >= 512, size <= file.size - 512 else {
                throw FormatError(
                    .truncated, "VHD", "the file has \(file.size) bytes, and the disk \(size)",
                    field: "current_size = \(size)", at: file.size - min(file.size, 464))
            }
            return BlockSlice(file, start: 0, size: size)
        }
        return try VHDDisk(file, structures.footer, header, surroundings)
    }

    private init(
        _ file: any BlockReader, _ footer: VHDFooter, _ header: VHDDynamicHeader, _ surroundings: ImageSurroundings
    ) throws(FormatError) {
        guard header.blockSize >= 512, header.blockSize & (header.blockSize - 1) == 0 else {
            throw VHDFooter.invalid(
                "invalid block size", "block_size = \(header.blockSize) (allowed powers of 2 from 512 on)",
                at: footer.dataOffset &+ 32)
        }
        // 32 bits by 32 bits.
        guard UInt64(header.tableEntries) * UInt64(header.blockSize) >= footer.currentSize else {
            throw VHDFooter.invalid(
                "the block table is too short for the disk", "max_table_entries = \(header.tableEntries)",
                at: footer.dataOffset &+ 28)
        }
        guard header.tableOffset < UInt64(Int64.max) else {
            throw VHDFooter.invalid(
                "the block table does not lie in the file", "table_offset = \(header.tableOffset)",
                at: footer.dataOffset &+ 16)
        }
        self.file = file
        self.header = header
        size = footer.currentSize
        isDifferencing = footer.type == 4
        below = surroundings.below
        tables = ImageTables(file, number: surroundings.number, surroundings.caches, of: "VHD", unit: 4096)
    }

    private enum Place: Hashable {
        case below
        case data(UInt64)
    }

    /// Where the bytes from an offset on are kept, and for how many bytes that holds.
    private func run(at offset: UInt64, wanted: UInt64) throws(FormatError) -> (Place, UInt64) {
        var place = header.tableOffset + offset / blockSize * 4
        var page = try tables.page(at: place)
        let entry = try page.big(UInt32.self, at: Int(place - page.offset))
        let inBlock = offset % blockSize
        guard entry == Self.unused else {
            let start = UInt64(entry) * 512
            if isDifferencing { return try sectors(ofBlockAt: start, from: inBlock, wanted: wanted) }
            return (.data(start + header.bitmapSize + inBlock), blockSize - inBlock)
        }
        var length = blockSize - inBlock
        while length < wanted {
            place += 4
            if place >= page.offset + UInt64(page.count) { page = try tables.page(at: place) }
            guard try page.big(UInt32.self, at: Int(place - page.offset)) == Self.unused else { break }
            length += blockSize
        }
        return (.below, length)
    }

    /// In a differencing disk each sector has a bit: 1 where the block holds it, the highest bit first.
    private func sectors(
        ofBlockAt start: UInt64, from offset: UInt64, wanted: UInt64
    ) throws(FormatError) -> (Place, UInt64) {
        let count = blockSize / 512
        var sector = offset / 512
        var page = try tables.page(at: start + sector / 8)
        var held: Bool?
        while sector < count {
            let place = start + sector / 8
            if place >= page.offset + UInt64(page.count) { page = try tables.page(at: place) }
            let bits = try page.big(UInt8.self, at: Int(place - page.offset))
            let isHeld = bits >> (7 - UInt8(sector % 8)) & 1 != 0
            if let held, held != isHeld { break }
            held = isHeld
            // A byte in which all are alike is eight sectors at once.
            sector += sector % 8 == 0 && (bits == 0 || bits == 0xff) ? 8 : 1
            if sector * 512 >= offset + wanted { break }
        }
        let length = min(sector, count) * 512 - offset
        return (held == true ? .data(start + header.bitmapSize + offset) : .below, length)
    }

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        let (place, count) = try run(at: offset, wanted: size - offset)
        let length = min(count, size - offset)
        switch place {
        case .data(let stored): return try file.storedExtent(at: stored, length: length)
        case .below: return try below.backingExtent(at: offset, length: length)
        }
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "VHD")
        var done = 0
        while done < buffer.byteCount {
            let left = UInt64(buffer.byteCount - done)
            let (place, length) = try run(at: offset + UInt64(done), wanted: left)
            let count = Int(min(length, left))
            var part = buffer._mutatingExtracting(done..<done + count)
            switch place {
            case .below: try below.readBacking(at: offset + UInt64(done), into: &part)
            case .data(let stored):
                guard stored < file.size, UInt64(count) <= file.size - stored else {
                    throw FormatError(.truncated, "VHD", "a block lies beyond the end of the file", at: stored)
                }
                try file.read(at: stored, into: &part)
            }
            done += count
        }
    }

    func allocation() throws(FormatError) -> ImageAllocation {
        var count = AllocationCount(file, clusterSize: blockSize)
        var place = header.tableOffset
        var guest: UInt64 = 0
        while guest < size {
            guard place - header.tableOffset < AllocationCount.tableLimit else {
                count.allocation.isComplete = false
                break
            }
            let page = try tables.page(at: place)
            let entry = try page.big(UInt32.self, at: Int(place - page.offset))
            if entry != Self.unused {
                try count.store(
                    at: UInt64(entry) * 512 + header.bitmapSize, count: min(blockSize, size - guest), guest: guest)
            }
            place += 4
            guest += blockSize
        }
        try count.finish()
        return count.allocation
    }
}
