internal import ByteReading

/// From LVM2's text to a group.
///
/// Source: lvm2, lib/format_text/import_vsn1.c, and the `text_import` of each segment type in lib/.
enum VolumeGroupText {
    /// The sector that the text's sizes are counted in.
    private static let sector: UInt64 = 512

    /// Reads a group; its physical volumes are not yet on devices.
    static func group(
        _ source: FormatBytes, devices: [any BlockReader]
    ) throws(FormatError) -> VolumeGroup {
        let file = try LVMText.parse(source)
        guard let text = file.sections.first(where: { $0.value("extent_size") != nil }) else {
            throw source.error(.invalid, "the metadata describe no volume group")
        }
        guard file.number("version") ?? 1 == 1 else {
            throw source.error(.unsupported, "unknown version of the metadata")
        }
        let extentSize = try bytes(try number(text, "extent_size", source), times: sector, source)
        guard extentSize > 0 else { throw source.error(.invalid, "invalid extent size", field: "extent_size = 0") }
        var group = VolumeGroup(
            name: text.name, uuid: try string(text, "id", source), sequenceNumber: text.number("seqno") ?? 0,
            status: text.strings("status"), tags: text.strings("tags"), extentSize: extentSize, physicalVolumes: [],
            logicalVolumes: [], faults: [], devices: devices)
        for section in text.section("physical_volumes")?.sections ?? [] {
            group.physicalVolumes.append(try physicalVolume(section, source))
        }
        for section in text.section("logical_volumes")?.sections ?? [] {
            let volume = try logicalVolume(section, extentSize, source)
            if volume.kind != "snapshot" { group.logicalVolumes.append(volume) }
        }
        for section in text.section("logical_volumes")?.sections ?? [] { tie(section, in: &group) }
        return group
    }

    /// What ties a snapshot to its origin is written as a volume, that nobody sees; it is the one that is marked visible.
    private static func tie(_ text: LVMText.Section, in group: inout VolumeGroup) {
        guard let segment = text.sections.first(where: { $0.string("type") == "snapshot" }) else { return }
        let origin = segment.string("origin")
        let merging = segment.string("merging_store")
        for index in group.logicalVolumes.indices {
            switch group.logicalVolumes[index].name {
            case segment.string("cow_store"), merging:
                group.logicalVolumes[index].origin = origin
                if text.strings("status").contains("VISIBLE") { group.logicalVolumes[index].status.append("VISIBLE") }
            case origin: group.logicalVolumes[index].isMerging = merging != nil
            default: break
            }
        }
    }

    private static func physicalVolume(
        _ text: LVMText.Section, _ source: FormatBytes
    ) throws(FormatError) -> PhysicalVolume {
        PhysicalVolume(
            name: text.name, uuid: try string(text, "id", source), hint: text.string("device"), device: nil,
            extentStart: try bytes(try number(text, "pe_start", source), times: sector, source),
            extentCount: try number(text, "pe_count", source),
            deviceSize: try text.number("dev_size").map { sectors throws(FormatError) in
                try bytes(sectors, times: sector, source)
            }, status: text.strings("status"), tags: text.strings("tags"))
    }

    private static func logicalVolume(
        _ text: LVMText.Section, _ extentSize: UInt64, _ source: FormatBytes
    ) throws(FormatError) -> LogicalVolume {
        var segments: [LogicalVolumeSegment] = []
        var end: UInt64 = 0
        for section in text.sections where section.name.hasPrefix("segment") {
            let segment = try segment(section, extentSize, source)
            guard segment.start == end else {
                throw source.error(
                    .invalid, "the segments of \(text.name) do not follow each other",
                    field: "start_extent = \(segment.start / extentSize) (is \(end / extentSize))")
            }
            let (next, overflow) = end.addingReportingOverflow(segment.size)
            guard !overflow else { throw source.error(.invalid, "\(text.name) is larger than any disk") }
            end = next
            segments.append(segment)
        }
        return LogicalVolume(
            name: text.name, uuid: text.string("id") ?? "", status: text.strings("status"), tags: text.strings("tags"),
            size: end, created: text.number("creation_time"), isMerging: false, segments: segments)
    }

    private static func segment(
        _ text: LVMText.Section, _ extentSize: UInt64, _ source: FormatBytes
    ) throws(FormatError) -> LogicalVolumeSegment {
        let start = try bytes(try number(text, "start_extent", source), times: extentSize, source)
        let size = try bytes(try number(text, "extent_count", source), times: extentSize, source)
        // A type can carry flags, which a reader must know: `cache-pool+METADATA_FORMAT`.
        let type = try string(text, "type", source)
        let name = String(type.prefix { $0 != "+" })
        guard name == type else { return LogicalVolumeSegment(start: start, size: size, kind: name, layout: .other) }
        var kind = type
        let layout: LogicalVolumeSegment.Layout
        switch name {
        case "striped":
            let areas = try areas(text.list("stripes"), source)
            if areas.count == 1 { kind = "linear" }
            layout = .striped(areas, stripeSize: try stripeSize(text, areas.count, source))
        case "mirror": layout = .mirrored(try areas(text.list("mirrors"), source))
        case "raid0", "raid0_meta":
            // Each stripe is a volume of its own, from its beginning on; `raid0_meta` names its state before it.
            let names = text.strings(name == "raid0" ? "raid0_lvs" : "raids")
            let images = name == "raid0" ? names : names.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            let areas = images.map { LogicalVolumeSegment.Area(volume: $0, extent: 0) }
            layout = .striped(areas, stripeSize: try stripeSize(text, areas.count, source))
        case "raid1":
            let names = text.strings("raids")
            layout = .raid1(
                stride(from: 0, to: names.count - 1, by: 2).map {
                    LogicalVolumeSegment.Leg(metadata: names[$0], image: names[$0 + 1])
                })
        case "error": layout = .error
        case "zero": layout = .zero
        default: layout = .other
        }
        return LogicalVolumeSegment(start: start, size: size, kind: kind, layout: layout)
    }

    /// Pairs of a volume's name and its first extent.
    private static func areas(
        _ values: [LVMText.Value], _ source: FormatBytes
    ) throws(FormatError) -> [LogicalVolumeSegment.Area] {
        var areas: [LogicalVolumeSegment.Area] = []
        guard !values.isEmpty, values.count % 2 == 0 else {
            throw source.error(.invalid, "a segment does not name its areas in pairs")
        }
        for index in stride(from: 0, to: values.count, by: 2) {
            guard case .string(let name) = values[index], case .number(let number) = values[index + 1],
                let extent = UInt64(exactly: number)
            else { throw source.error(.invalid, "an area is not a name and an extent") }
            areas.append(LogicalVolumeSegment.Area(volume: name, extent: extent))
        }
        return areas
    }

    private static func stripeSize(
        _ text: LVMText.Section, _ count: Int, _ source: FormatBytes
    ) throws(FormatError) -> UInt64 {
        guard count > 1 else { return 0 }
        let size = try bytes(try number(text, "stripe_size", source), times: sector, source)
        guard size > 0 else { throw source.error(.invalid, "invalid stripe size", field: "stripe_size = 0") }
        return size
    }

    private static func number(
        _ text: LVMText.Section, _ key: String, _ source: FormatBytes
    ) throws(FormatError) -> UInt64 {
        guard let number = text.number(key) else {
            throw source.error(.invalid, "\(text.name) has no number \(key)")
        }
        return number
    }

    private static func string(
        _ text: LVMText.Section, _ key: String, _ source: FormatBytes
    ) throws(FormatError) -> String {
        guard let string = text.string(key) else { throw source.error(.invalid, "\(text.name) has no text \(key)") }
        return string
    }

    private static func bytes(
        _ count: UInt64, times size: UInt64, _ source: FormatBytes
    ) throws(FormatError) -> UInt64 {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes <= UInt64(Int64.max) else {
            throw source.error(.invalid, "a size is larger than any disk", field: "\(count) × \(size)")
        }
        return bytes
    }
}
