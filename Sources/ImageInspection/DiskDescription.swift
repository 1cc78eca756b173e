internal import ByteReading
@_spi(Probing) internal import Evidence
internal import Facts
internal import Volumes

/// One disk of a layout, with what its volumes hold.
struct LayoutOfDisk {
    let layout: StorageLayout
    let contents: [InspectedVolume]
    let disk: Int

    init(_ layout: StorageLayout, _ contents: [InspectedVolume], disk: Int) {
        self.layout = layout
        self.contents = contents
        self.disk = disk
    }

    /// What a volume holds.
    func content(at place: StorageLayout.Place) -> InspectedVolume? {
        layout.volumes.firstIndex { $0.place == place }.map { contents[$0] }
    }

    /// The volume groups whose first part that is there is on this disk.
    var groups: [VolumeGroup] {
        layout.groups.filter { group in
            // Devices are counted as the layout's volumes are: those of disks come first, and can all be read.
            guard let first = group.physicalVolumes.compactMap(\.device).min(), first < layout.volumes.count else {
                return false
            }
            switch layout.volumes[first].place {
            case .disk(let index), .partition(let index, _): return index == disk
            case .array, .arrayPartition, .logicalVolume: return disk == 0
            }
        }
    }
}

extension InspectedImage {
    /// Puts down what a disk holds.
    mutating func describe(_ found: LayoutOfDisk) {
        let told = found.layout.disks[found.disk]
        let path = facts.path
        var disk = DiskFacts(size: told.size)
        if let table = told.table {
            var facts = PartitionDescription.facts(of: table)
            for index in facts.partitions.indices {
                let number = facts.partitions[index].number
                facts.partitions[index].content = keep(
                    found.content(at: .partition(disk: found.disk, number: number)), "partition \(number)", in: &disk)
            }
            disk.table = .known(facts, from: .file(path))
        } else if let error = told.tableError {
            disk.table = .unknown(Obstacle(.malformed, path, "\(error.format): \(error.message)"), from: .file(path))
        } else {
            disk.table = .absent(from: .file(path))
        }
        let whole = keep(found.content(at: .disk(found.disk)), "whole disk", in: &disk)
        disk.content = whole.map { .known($0, from: .file(path)) } ?? .absent(from: .file(path))
        for group in found.groups { disk.volumeGroups.append(describe(group, found, in: &disk)) }
        for (index, volume) in found.layout.volumes.enumerated() where found.disk == 0 {
            // Arrays are put together from what is on all disks; they stand with the first.
            switch volume.place {
            case .array(let uuid): _ = keep(found.contents[index], "array \(uuid)", in: &disk)
            case .arrayPartition(let uuid, let number):
                _ = keep(found.contents[index], "partition \(number) of array \(uuid)", in: &disk)
            default: break
            }
        }
        facts.disk = .known(disk, from: .file(path))
    }

    private mutating func describe(
        _ group: VolumeGroup, _ found: LayoutOfDisk, in disk: inout DiskFacts
    ) -> VolumeGroupFacts {
        var facts = VolumeGroupFacts(name: group.name)
        facts.missingPhysicalVolumes = group.physicalVolumes.filter { $0.device == nil }.map(\.uuid)
        for volume in group.logicalVolumes where volume.isVisible {
            let kinds = volume.segments.map(\.kind)
            var known = LogicalVolumeFacts(
                name: volume.name, size: volume.size,
                segmentTypes: kinds.enumerated().filter { kinds.firstIndex(of: $1) == $0 }.map(\.element))
            known.content = keep(
                found.content(at: .logicalVolume(group: group.name, name: volume.name)),
                "volume \(group.name)/\(volume.name)", in: &disk)
            facts.volumes.append(known)
        }
        return facts
    }

    /// Keeps the file system of a volume, and gives what is to be told of it.
    private mutating func keep(
        _ content: InspectedVolume?, _ location: String, in disk: inout DiskFacts
    ) -> ContentFacts? {
        guard let content else { return nil }
        if let root = content.root { disk.roots.append(RootFacts(location: location, system: root.system)) }
        if let reader = content.fileSystem {
            fileSystems.append(
                InspectedFileSystem(location: location, reader: reader, isRoot: content.root != nil))
        }
        return content.facts
    }
}
