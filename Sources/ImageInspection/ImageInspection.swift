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
        return paths.indices.compactMap { done[$0] }
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

    /// Looks at an image.
    ///
    /// - Parameters:
    ///   - path: A regular file or a block device.
    ///   - policy: Which other files it may lead to.
    public static func inspect(_ path: String, policy: ImagePolicy = ImagePolicy()) -> InspectedImage {
        let image = DiskImage.open(path, policy: policy)
        var inspected = InspectedImage(facts: ImageDescription.facts(of: image.chain, path: path), fileSystems: [])
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
        if let reader = content.fileSystem {
            let root = SystemRoot.facts(of: reader, at: location)
            if let root { disk.roots.append(root) }
            fileSystems.append(InspectedFileSystem(location: location, reader: reader, isRoot: root != nil))
        }
        return content.facts
    }
}
