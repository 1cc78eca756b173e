internal import ByteReading

/// Builds the reader of a logical volume from those of the physical ones.
struct LogicalVolumeBuilder {
    /// Volumes stand on volumes: a mirror's legs can be RAID, and those can be moved by `pvmove`; six is the most.
    private static let depthLimit = 8

    private let group: VolumeGroup
    private let physical: [String: PhysicalVolume]
    private let logical: [String: LogicalVolume]
    /// Volumes that are done, so that one that many segments name is built once.
    private var built: [String: ConcatenatedBlocks] = [:]
    /// Volumes that are being built, so that one that stands on itself is found.
    private var open: Set<String> = []

    init(group: VolumeGroup) {
        self.group = group
        physical = Dictionary(group.physicalVolumes.map { ($0.name, $0) }) { first, _ in first }
        logical = Dictionary(group.logicalVolumes.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The bytes of a logical volume, found by its name.
    mutating func blocks(of name: String) throws(FormatError) -> ConcatenatedBlocks {
        if let done = built[name] { return done }
        guard let volume = logical[name] else { throw error(.invalid, "there is no logical volume \(name)") }
        guard open.count < Self.depthLimit else { throw error(.limit, "volumes stand too deep on each other") }
        guard open.insert(name).inserted else { throw error(.invalid, "\(name) stands on itself") }
        defer { open.remove(name) }

        try refuseSnapshot(volume)
        var parts: [ConcatenatedBlocks.Part] = []
        for segment in volume.segments {
            parts.append(
                ConcatenatedBlocks.Part(
                    start: segment.start, size: segment.size, blocks: try blocks(of: segment, in: name)))
        }
        let blocks = ConcatenatedBlocks(parts)
        built[name] = blocks
        return blocks
    }

    /// A snapshot holds only what changed, and an origin that a snapshot is being merged into is stale: both need the map of
    /// chunks. An origin with snapshots is a volume as any other.
    private func refuseSnapshot(_ volume: LogicalVolume) throws(FormatError) {
        guard volume.origin != nil || volume.isMerging else { return }
        let role = volume.isMerging ? "being merged with a snapshot" : "a snapshot"
        throw error(.unsupported, "\(volume.name) is \(role), which is not read")
    }

    private mutating func blocks(
        of segment: LogicalVolumeSegment, in name: String
    ) throws(FormatError) -> any BlockReader {
        switch segment.layout {
        case .striped(let areas, let stripeSize):
            let share = segment.size / UInt64(max(1, areas.count))
            var stripes: [any BlockReader] = []
            for area in areas { stripes.append(try blocks(of: area, size: share)) }
            guard stripes.count != 1 else { return stripes[0] }
            return StripedBlocks(stripes, stripeSize: stripeSize, size: segment.size)
        case .mirrored(let areas):
            return try first(of: areas.map { area in (nil, area) }, segment, in: name)
        case .raid1(let legs):
            return try first(
                of: legs.map { ($0.metadata, LogicalVolumeSegment.Area(volume: $0.image, extent: 0)) }, segment,
                in: name)
        case .zero: return ZeroBlocks(size: segment.size)
        case .error: throw error(.system, "\(name) is of the kind error: every read of it fails")
        case .other:
            throw error(.unsupported, "\(name) is of the kind \(segment.kind), which is not read", field: "type")
        }
    }

    /// The best copy: in step, newest, and with all of its physical volumes there.
    private mutating func first(
        of legs: [(metadata: String?, image: LogicalVolumeSegment.Area)], _ segment: LogicalVolumeSegment,
        in name: String
    ) throws(FormatError) -> any BlockReader {
        var usable: [(blocks: any BlockReader, state: RAIDLegState?, position: Int)] = []
        var obstacle: FormatError?
        for (position, leg) in legs.enumerated() {
            do throws(FormatError) {
                let blocks = try blocks(of: leg.image, size: segment.size)
                let state = try leg.metadata.flatMap { metadata throws(FormatError) in
                    try RAIDLegState.read(try self.blocks(of: metadata))
                }
                usable.append((blocks, state, position))
            } catch {
                obstacle = obstacle ?? error
            }
        }
        let newest = usable.compactMap(\.state).max { $0.events < $1.events }
        if let newest {
            usable.removeAll { leg in
                guard let state = leg.state else { return true }
                return state.events < newest.events || newest.hasFailed(leg.position) || !state.isInStep
            }
        }
        guard let best = usable.first else {
            throw obstacle ?? error(.invalid, "no copy of \(name) is in step", field: "raids")
        }
        return best.blocks
    }

    private mutating func blocks(
        of area: LogicalVolumeSegment.Area, size: UInt64
    ) throws(FormatError) -> any BlockReader {
        let (start, overflow) = area.extent.multipliedReportingOverflow(by: group.extentSize)
        if let volume = physical[area.volume] {
            guard !overflow, area.extent <= volume.extentCount,
                size
                    <= (volume.extentCount - area.extent).multipliedReportingOverflow(by: group.extentSize).partialValue
            else { throw beyond(area) }
            guard let device = volume.device else {
                throw FormatError(
                    .truncated, "LVM2", "physical volume \(volume.uuid) of \(group.name) is missing",
                    field: volume.hint.map { "device = \($0), when the metadata were written" })
            }
            let (place, beyondAll) = volume.extentStart.addingReportingOverflow(start)
            guard !beyondAll else { throw beyond(area) }
            return BlockSlice(group.devices[device], start: place, size: size)
        }
        let below = try blocks(of: area.volume)
        guard !overflow, start <= below.size, size <= below.size - start else { throw beyond(area) }
        return BlockSlice(below, start: start, size: size)
    }

    private func beyond(_ area: LogicalVolumeSegment.Area) -> FormatError {
        error(.invalid, "a segment lies beyond the end of \(area.volume)", field: "extent \(area.extent)")
    }

    private func error(_ kind: FormatError.Kind, _ message: String, field: String? = nil) -> FormatError {
        FormatError(kind, "LVM2", message, field: field)
    }
}

/// Zeros that are stored nowhere.
struct ZeroBlocks: BlockReader {
    let size: UInt64

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        BlockExtent(.zero, length: size > offset ? size - offset : 0)
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "zeros")
        fillZero(&buffer, part: 0..<buffer.byteCount)
    }
}
