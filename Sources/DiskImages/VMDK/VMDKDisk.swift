internal import ByteReading

/// The disk of a VMDK: its extents one after the other.
struct VMDKDisk: CountedDisk {
    let size: UInt64
    private let extents: [Extent]
    private let below: (any BlockReader)?

    private enum Content: Sendable {
        case flat(BlockSlice)
        case sparse(VMDKSparse, any BlockReader)
        case zero
    }

    private struct Extent: Sendable {
        var start: UInt64
        var size: UInt64
        var content: Content
    }

    init(_ file: any BlockReader, _ surroundings: ImageSurroundings) throws(FormatError) {
        let structures = try VMDKStructures(file)
        size = structures.size
        below = surroundings.below
        if structures.sparse != nil {
            let sparse = try VMDKSparse(file, number: surroundings.number, surroundings.caches)
            extents = [Extent(start: 0, size: size, content: .sparse(sparse, file))]
            return
        }
        var extents: [Extent] = []
        var start: UInt64 = 0
        var parts = surroundings.parts[...]
        for line in structures.descriptor?.extents ?? [] {
            // The sum of all is below 2^63: validated.
            let size = line.sectors * 512
            var content = Content.zero
            if line.name != nil {
                guard let part = parts.popFirst() else {
                    throw VMDKHeader.invalid("an extent is not there", line.name, at: 0)
                }
                // Files of the chain are numbered from 0; extents get numbers that no file of the chain has.
                let number = surroundings.number &* VMDKDescriptor.extentLimit &+ extents.count &+ 1 << 20
                content = try Self.content(line, part, size, number: number, surroundings.caches)
            }
            extents.append(Extent(start: start, size: size, content: content))
            start += size
        }
        self.extents = extents
    }

    private static func content(
        _ line: VMDKExtentLine, _ file: any BlockReader, _ size: UInt64, number: Int, _ caches: ImageCaches
    ) throws(FormatError) -> Content {
        switch line.kind {
        case "FLAT", "VMFS":
            let start = line.offset * 512
            guard start <= file.size, size <= file.size - start else {
                throw FormatError(
                    .truncated, "VMDK",
                    "the extent \(line.name ?? "") has \(file.size) bytes, and the disk needs \(start + size)",
                    specification: VMDKHeader.specification)
            }
            return .flat(BlockSlice(file, start: start, size: size))
        case "SPARSE":
            let sparse = try VMDKSparse(file, number: number, caches)
            guard sparse.size >= size else {
                throw VMDKHeader.invalid("the extent \(line.name ?? "") is shorter than the descriptor says", at: 12)
            }
            return .sparse(sparse, file)
        default:
            throw FormatError(
                .unsupported, "VMDK", "extents of the type \(line.kind) are not read by this program", field: line.name)
        }
    }

    /// The extent in which an offset of the disk lies; there is one for each.
    private func extent(with offset: UInt64) -> Extent? {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = (low + high) / 2
            if extents[middle].start + extents[middle].size <= offset { low = middle + 1 } else { high = middle }
        }
        return low < extents.count ? extents[low] : nil
    }

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size, let extent = extent(with: offset) else { return BlockExtent(.data, length: 0) }
        let place = offset - extent.start
        let left = extent.size - place
        var found: BlockExtent
        switch extent.content {
        case .zero: found = BlockExtent(.zero, length: left)
        case .flat(let slice): found = try slice.extent(at: place)
        case .sparse(let sparse, _): found = try sparse.extent(at: place, below: below, guest: offset)
        }
        found.length = min(found.length, left)
        return found
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "VMDK")
        var done = 0
        while done < buffer.byteCount {
            let guest = offset + UInt64(done)
            guard let extent = extent(with: guest) else {
                throw FormatError(.truncated, "VMDK", "the extents end before the disk", at: guest)
            }
            let place = guest - extent.start
            let count = Int(min(extent.size - place, UInt64(buffer.byteCount - done)))
            var part = buffer._mutatingExtracting(done..<done + count)
            switch extent.content {
            case .zero: part.zero()
            case .flat(let slice): try slice.read(at: place, into: &part)
            case .sparse(let sparse, _): try sparse.read(at: place, into: &part, below: below, guest: guest)
            }
            done += count
        }
    }

    func allocation() throws(FormatError) -> ImageAllocation {
        var total: ImageAllocation?
        for extent in extents {
            guard case .sparse(let sparse, let file) = extent.content else { continue }
            var count = AllocationCount(file, clusterSize: sparse.grainSize)
            try sparse.add(to: &count, guest: extent.start)
            total = total.map { $0.adding(count.allocation) } ?? count.allocation
        }
        return total ?? ImageAllocation(clusterSize: 512)
    }
}
