public import ByteReading

/// What LVM2 has on some devices: disks, partitions, arrays.
public struct LVMScan: Sendable {
    /// A device with a label of LVM2's.
    public struct Device: Sendable, Hashable {
        /// Which of the devices it is.
        public var index: Int
        /// The physical volume's UUID, as LVM2 shows it.
        public var uuid: String
        /// The size that the label says the device has, in bytes; LVM2 takes that of the metadata where there are any.
        public var size: UInt64
        /// How many metadata areas it has.
        public var metadataAreaCount: Int
        /// The group it belongs to; nil where it is in none, or in one whose metadata cannot be read here.
        public var group: String?
    }

    /// The devices with a whole label, in the order given.
    public var devices: [Device] = []
    /// Labels that are damaged, by their devices.
    public var damagedLabels: [Int: FormatError] = [:]
    /// The groups, in the order in which they were found.
    public var groups: [VolumeGroup] = []
    /// Metadata that cannot be read, where no other copy of them could be.
    public var damagedMetadata: [Int: FormatError] = [:]

    /// Looks for labels, reads each group's newest metadata, and finds its physical volumes.
    ///
    /// - Throws: ``FormatError`` of the kind `system` only: what is damaged is told in the result.
    public init(_ blocks: [any BlockReader]) throws(FormatError) {
        var labels: [(index: Int, label: LVMLabel)] = []
        for (index, device) in blocks.enumerated() {
            do throws(FormatError) {
                if let label = try LVMLabel.read(device) { labels.append((index, label)) }
            } catch  where error.kind != .system {
                damagedLabels[index] = error
            }
        }
        var copies: [Copy] = []
        var damage: [(index: Int, error: FormatError)] = []
        for (index, label) in labels {
            for area in label.metadataAreas {
                do throws(FormatError) {
                    guard let text = try LVMMetadataArea.text(blocks[index], area) else { continue }
                    // Most copies are the same, byte for byte.
                    if let same = copies.first(where: { $0.text.bytes == text.bytes }) {
                        copies.append(Copy(index: index, text: text, group: same.group))
                    } else {
                        let group = try VolumeGroupText.group(text, devices: blocks)
                        copies.append(Copy(index: index, text: text, group: group))
                    }
                } catch  where error.kind != .system {
                    damage.append((index, error))
                }
            }
        }
        for copy in copies where !groups.contains(where: { $0.uuid == copy.group.uuid }) {
            let same = copies.filter { $0.group.uuid == copy.group.uuid }
            guard let newest = same.max(by: { $0.group.sequenceNumber < $1.group.sequenceNumber }) else { continue }
            var group = newest.group
            for old in same where old.group.sequenceNumber < group.sequenceNumber {
                let number = old.group.sequenceNumber
                group.faults.append(.metadataStale(device: old.index, sequenceNumber: number))
            }
            Self.find(&group, among: labels)
            groups.append(group)
        }
        for (index, label) in labels {
            devices.append(
                Device(
                    index: index, uuid: label.uuid, size: label.deviceSize,
                    metadataAreaCount: label.metadataAreas.count,
                    group: groups.first { $0.physicalVolumes.contains { $0.uuid == label.uuid } }?.name))
        }
        for (index, error) in damage {
            let owner = groups.firstIndex { $0.physicalVolumes.contains { $0.device == index } }
            if let owner {
                groups[owner].faults.append(.metadataInvalid(device: index, error))
            } else {
                damagedMetadata[index] = error
            }
        }
    }

    private struct Copy {
        var index: Int
        var text: FormatBytes
        var group: VolumeGroup
    }

    /// Puts a group's physical volumes on the devices that say that they are them.
    private static func find(_ group: inout VolumeGroup, among labels: [(index: Int, label: LVMLabel)]) {
        var places: [String: [Int]] = [:]
        for (index, label) in labels { places[label.uuid, default: []].append(index) }
        for number in group.physicalVolumes.indices {
            let volume = group.physicalVolumes[number]
            let found = places[volume.uuid] ?? []
            group.physicalVolumes[number].device = found.first
            if found.isEmpty {
                group.faults.append(.missing(uuid: volume.uuid, hint: volume.hint))
            } else if found.count > 1 {
                group.faults.append(.duplicate(uuid: volume.uuid, devices: found))
            }
        }
    }
}
