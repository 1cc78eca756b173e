internal import ByteReading

/// What of a VHDX's structures is to be believed, of two copies.
struct VHDXStructures: Sendable {
    /// The file after its log was replayed.
    var file: any BlockReader
    var regions: VHDXRegions
    var metadata: VHDXMetadata
    var facts: VHDXFacts

    init(_ image: any BlockReader) throws(FormatError) {
        var headers: [VHDXHeader?] = []
        for offset in VHDXHeader.offsets { headers.append(try VHDXHeader(image, at: offset)) }
        guard let header = headers.compactMap(\.self).max(by: { $0.sequenceNumber < $1.sequenceNumber }) else {
            throw VHDXHeader.invalid("neither of its headers is whole", at: VHDXHeader.offsets[0])
        }
        let log = try VHDXLog(image, header)
        let file: any BlockReader = log.entryCount > 0 ? VHDXReplayed(image, log) : image
        self.file = file
        var tables: [VHDXRegions?] = []
        for offset in VHDXRegions.offsets { tables.append(try VHDXRegions(file, at: offset)) }
        guard let regions = tables.compactMap(\.self).first else {
            throw VHDXHeader.invalid("neither of its region tables is whole", at: VHDXRegions.offsets[0])
        }
        self.regions = regions
        metadata = try VHDXMetadata(file, regions.metadata)
        facts = VHDXFacts(
            subformat: metadata.hasParent ? "differencing" : metadata.leavesBlocksAllocated ? "fixed" : "dynamic",
            creator: try FormatBytes(reading: image, at: 8, count: 512, of: "VHDX").utf16(
                at: 0, count: 512, isBig: false),
            headersAreIntact: headers.map { $0 != nil }, regionTablesAreIntact: tables.map { $0 != nil },
            replayedLogEntries: log.entryCount, logicalSectorSize: Int(metadata.logicalSectorSize),
            physicalSectorSize: Int(metadata.physicalSectorSize), identity: UUIDText.microsoft(metadata.identity),
            dataWriteIdentity: UUIDText.microsoft(header.dataWriteIdentity),
            parentLinkage: metadata.parent["parent_linkage"])
    }
}

extension ImageHead {
    /// Reads the headers of a VHDX.
    init(vhdx image: any BlockReader) throws(FormatError) {
        let structures = try VHDXStructures(image)
        var facts = ImageFacts(.vhdx, virtualSize: structures.metadata.diskSize)
        facts.clusterSize = UInt64(structures.metadata.blockSize)
        facts.subformat = structures.facts.subformat
        facts.details = .vhdx(structures.facts)
        self.init(facts)
        if structures.metadata.hasParent {
            let parent = structures.metadata.parent
            let relative = parent["relative_path"]
            let written = relative ?? parent["absolute_win32_path"] ?? parent["volume_path"] ?? ""
            // The absolute path is one of the machine that it was made on; the parent's name is looked for beside the child.
            backing = ImageReference(
                .backingFile, written, path: relative.map(WindowsPath.posix) ?? WindowsPath.name(written),
                claimedFormat: "vhdx")
        }
    }
}

/// The disk inside a VHDX.
struct VHDXDisk: CountedDisk {
    let size: UInt64
    private let metadata: VHDXMetadata
    private let table: VHDXRegions.Region
    private let file: any BlockReader
    private let tables: ImageTables
    private let below: (any BlockReader)?
    private var blockSize: UInt64 { UInt64(metadata.blockSize) }

    init(_ image: any BlockReader, _ surroundings: ImageSurroundings) throws(FormatError) {
        let structures = try VHDXStructures(image)
        metadata = structures.metadata
        file = structures.file
        size = metadata.diskSize
        table = structures.regions.blockTable
        below = surroundings.below
        tables = ImageTables(file, number: surroundings.number, surroundings.caches, of: "VHDX", unit: 16384)
        // At most 2^26 blocks.
        let blocks = (size + blockSize - 1) / blockSize
        let entries = blocks == 0 ? 0 : index(ofBlock: blocks - 1) + 1
        guard entries * 8 <= UInt64(table.length), table.offset < UInt64(Int64.max) else {
            throw VHDXHeader.invalid(
                "the block table is too short for the disk", "Length = \(table.length) (needed \(entries * 8))",
                at: VHDXRegions.offsets[0])
        }
    }

    /// After each chunk of blocks stands the entry of its block of sector bits.
    private func index(ofBlock block: UInt64) -> UInt64 { block + block / metadata.chunkRatio }

    private func entry(_ index: UInt64) throws(FormatError) -> UInt64 {
        let place = table.offset + index * 8
        let page = try tables.page(at: place)
        return try page.big(UInt64.self, at: Int(place - page.offset)).byteSwapped
    }

    private enum Place {
        case below
        case zero
        case data(UInt64)
    }

    private static let offsetMask: UInt64 = ~0xf_ffff

    private func place(ofBlock block: UInt64) throws(FormatError) -> (Place, isPartial: Bool) {
        let index = index(ofBlock: block)
        let entry = try entry(index)
        switch entry & 7 {
        // Not present; undefined, zero and unmapped; 5 is unmapped in the format's version 0.95.
        case 0: return (metadata.hasParent ? .below : .zero, false)
        case 1, 2, 3, 5: return (.zero, false)
        case 6: return (.data(entry & Self.offsetMask), false)
        case 7 where metadata.hasParent: return (.data(entry & Self.offsetMask), true)
        default:
            throw VHDXHeader.invalid(
                "a block has a state that none can have", "state = \(entry & 7)", at: table.offset + index * 8)
        }
    }

    /// Where the bytes from an offset on are kept, and for how many bytes that holds: at most a block.
    private func run(at offset: UInt64, wanted: UInt64) throws(FormatError) -> (Place, UInt64) {
        let block = offset / blockSize
        let inBlock = offset % blockSize
        let (place, isPartial) = try place(ofBlock: block)
        guard case .data(let start) = place else { return (place, blockSize - inBlock) }
        guard isPartial else { return (.data(start + inBlock), blockSize - inBlock) }
        let (isHeld, length) = try sectors(at: offset, wanted: min(wanted, blockSize - inBlock))
        return (isHeld ? .data(start + inBlock) : .below, length)
    }

    /// In a differencing disk each sector of a chunk has a bit: 1 where this file holds it, the lowest bit first.
    private func sectors(at offset: UInt64, wanted: UInt64) throws(FormatError) -> (isHeld: Bool, length: UInt64) {
        let ratio = metadata.chunkRatio
        let chunk = offset / blockSize / ratio
        let place = (chunk + 1) * ratio + chunk
        let bitmap = try entry(place)
        guard bitmap & 7 == 6 else {
            throw VHDXHeader.invalid(
                "a block that is held in part has no sector bits", "state = \(bitmap & 7)", at: table.offset + place * 8
            )
        }
        let sectorSize = UInt64(metadata.logicalSectorSize)
        let first = offset % (blockSize * ratio) / sectorSize
        let start = bitmap & Self.offsetMask
        var page = try tables.page(at: start &+ first / 8)
        var sector = first
        var held: Bool?
        while (sector - first) * sectorSize < wanted + offset % sectorSize {
            // A block of bits is 1 MiB, and the sector lies in its chunk.
            let byte = start &+ sector / 8
            if byte >= page.offset + UInt64(page.count) { page = try tables.page(at: byte) }
            let bits = try page.little(UInt8.self, at: Int(byte - page.offset))
            let isHeld = bits >> UInt8(sector % 8) & 1 != 0
            if let held, held != isHeld { break }
            held = isHeld
            sector += sector % 8 == 0 && (bits == 0 || bits == 0xff) ? 8 : 1
        }
        return (held == true, min((sector - first) * sectorSize - offset % sectorSize, wanted))
    }

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        let (place, count) = try run(at: offset, wanted: size - offset)
        let length = min(count, size - offset)
        switch place {
        case .zero: return BlockExtent(.zero, length: length)
        case .data(let stored): return try file.storedExtent(at: stored, length: length)
        case .below: return try below.backingExtent(at: offset, length: length)
        }
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "VHDX")
        var done = 0
        while done < buffer.byteCount {
            let left = UInt64(buffer.byteCount - done)
            let (place, length) = try run(at: offset + UInt64(done), wanted: left)
            let count = Int(min(length, left))
            var part = buffer._mutatingExtracting(done..<done + count)
            switch place {
            case .zero: part.zero()
            case .below: try below.readBacking(at: offset + UInt64(done), into: &part)
            case .data(let stored):
                guard stored < file.size, UInt64(count) <= file.size - stored else {
                    throw FormatError(.truncated, "VHDX", "a block lies beyond the end of the file", at: stored)
                }
                try file.read(at: stored, into: &part)
            }
            done += count
        }
    }

    func allocation() throws(FormatError) -> ImageAllocation {
        var count = AllocationCount(file, clusterSize: blockSize)
        var guest: UInt64 = 0
        // A table has at most 2^26 entries of 8 bytes.
        while guest < size {
            guard guest / blockSize * 8 < AllocationCount.tableLimit else {
                count.allocation.isComplete = false
                break
            }
            switch try place(ofBlock: guest / blockSize).0 {
            case .data(let stored):
                try count.store(at: stored, count: min(blockSize, size - guest), guest: guest)
            case .zero: count.allocation.zero += 1
            case .below: break
            }
            guest += blockSize
        }
        try count.finish()
        return count.allocation
    }
}
