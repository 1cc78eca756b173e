internal import ByteReading
public import DiskImages
@_spi(Probing) internal import Evidence
public import Facts
public import FileSystems
internal import LinuxIO
internal import Synchronization
internal import Volumes

/// A disk image and all that is in it, as far as this program reads it.
public struct InspectedImage: Sendable {
    /// What rules and reports know of it.
    public var facts: Facts.ImageFacts
    /// The file systems in it, in the order of the disk.
    public var fileSystems: [InspectedFileSystem]
    /// What in it belongs to volume groups.
    var physicalVolumes: [any BlockReader] = []

    init(facts: Facts.ImageFacts) {
        self.facts = facts
        fileSystems = []
    }
}

/// A file system in an image.
public struct InspectedFileSystem: Sendable {
    /// Where it is: `partition 1`, `volume vg/root`, `whole disk`.
    public var location: String
    /// It itself; it is a ``Evidence/Source`` too.
    public var reader: any FileSystemReader
    /// Whether it looks like the root of a system.
    public var isRoot: Bool
}

/// Looks into disk images. Nothing is mounted, executed or written.
public enum ImageInspection {
    /// Looks at images, several at once.
    ///
    /// - Parameters:
    ///   - paths: Regular files or block devices.
    ///   - allowing: Folders besides an image's own in which the files that it names may be opened.
    ///   - workers: How many are looked at at once.
    ///   - progress: Told how many are done, after each; called from several threads, one at a time.
    /// - Returns: What was seen of each, in the order given.
    public static func inspect(
        _ paths: [String], allowing folders: [String], workers: Int, progress: @escaping @Sendable (Int) -> Void
    ) -> [InspectedImage] {
        let queue = Mutex(Queue(count: paths.count))
        let work: @Sendable () -> Void = {
            while let index = queue.withLock({ $0.take() }) {
                let image = inspect(paths[index], policy: ImagePolicy(allowing: folders))
                queue.withLock { queue in
                    queue.done[index] = image
                    progress(queue.done.count)
                }
            }
        }
        let jobs = (1..<max(1, min(workers, paths.count))).map { _ in BackgroundJob(work) }
        work()
        for job in jobs { job.wait() }
        let done = queue.withLock { $0.done }
        var images = paths.indices.compactMap { done[$0] }
        VolumeGroups.assemble(in: &images)
        return images
    }

    /// What is left to do, and what is done.
    private struct Queue {
        let count: Int
        var next = 0
        var done: [Int: InspectedImage] = [:]

        mutating func take() -> Int? {
            guard next < count else { return nil }
            next += 1
            return next - 1
        }
    }

    /// Looks at one image; what of a volume group is in it alone.
    private static func inspect(_ path: String, policy: ImagePolicy) -> InspectedImage {
        let image = DiskImage.open(path, policy: policy)
        var inspected = InspectedImage(facts: ImageDescription.facts(of: image.chain, path: path))
        inspected.facts.file = TreeSource.live.metadata(path)
        do throws(FormatError) {
            inspected.inspect(disk: try image.disk())
        } catch {
            inspected.facts.disk = .unknown(Obstacle(.malformed, path, "\(error.format): \(error.message)"))
        }
        return inspected
    }
}

extension InspectedImage {
    fileprivate mutating func inspect(disk: any BlockReader) {
        var found = DiskFacts(size: disk.size)
        do throws(FormatError) {
            if let table = try PartitionTable.read(disk) {
                var facts = PartitionDescription.facts(of: table)
                for (index, partition) in table.partitions.enumerated() where partition.role != .extended {
                    facts.partitions[index].content = look(
                        at: partition.blocks(of: disk), location: "partition \(partition.number)", into: &found)
                }
                found.table = .known(facts, from: .file(self.facts.path))
                found.content = .absent()
            } else {
                found.table = .absent(from: .file(self.facts.path))
                let content = look(at: disk, location: "whole disk", into: &found)
                found.content = content.map { .known($0) } ?? .absent(from: .file(self.facts.path))
            }
        } catch {
            found.table = .unknown(Obstacle(.malformed, self.facts.path, "\(error.format): \(error.message)"))
        }
        facts.disk = .known(found, from: .file(facts.path))
    }

    /// Looks at what a range holds, and keeps its file system.
    private mutating func look(
        at blocks: any BlockReader, location: String, into disk: inout DiskFacts
    ) -> ContentFacts? {
        guard let content = InspectedContent(blocks) else { return nil }
        if content.facts.type == "LVM2_member" { physicalVolumes.append(blocks) }
        if let reader = content.fileSystem {
            let root = SystemRoot.facts(of: reader, at: location)
            if let root { disk.roots.append(root) }
            fileSystems.append(InspectedFileSystem(location: location, reader: reader, isRoot: root != nil))
        }
        return content.facts
    }

    /// Looks into a volume group that has a physical volume in this image.
    fileprivate mutating func add(_ group: VolumeGroup) {
        facts.changeDisk { disk in
            var facts = VolumeGroupFacts(name: group.name)
            facts.missingPhysicalVolumes = group.physicalVolumes.filter { $0.device == nil }.map(\.uuid)
            for volume in group.logicalVolumes where volume.isVisible {
                let kinds = volume.segments.map(\.kind)
                var known = LogicalVolumeFacts(
                    name: volume.name, size: volume.size,
                    segmentTypes: kinds.enumerated().filter { kinds.firstIndex(of: $1) == $0 }.map(\.element))
                do throws(FormatError) {
                    let blocks = try group.blocks(of: volume)
                    known.content = look(at: blocks, location: "volume \(group.name)/\(volume.name)", into: &disk)
                } catch {
                    known.fault = error.message
                }
                facts.volumes.append(known)
            }
            disk.volumeGroups.append(facts)
        }
    }
}

/// Volume groups, which may span the images of one VM.
enum VolumeGroups {
    /// Puts the groups together and looks into them, each in the first image that has a part of it.
    static func assemble(in images: inout [InspectedImage]) {
        let members = images.enumerated().flatMap { index, image in image.physicalVolumes.map { (index, $0) } }
        guard !members.isEmpty, let scan = try? LVMScan(members.map(\.1)) else { return }
        for group in scan.groups {
            guard let device = group.physicalVolumes.compactMap(\.device).min() else { continue }
            images[members[device].0].add(group)
        }
    }
}
