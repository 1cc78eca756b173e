internal import ByteReading
internal import DiskImages
@_spi(Probing) internal import Evidence
public import Facts
public import FileSystems
internal import LinuxIO
internal import Volumes

/// A disk image and all that is in it, as far as this program reads it.
public struct InspectedImage: Sendable {
    /// What rules and reports know of it.
    public var facts: Facts.ImageFacts
    /// The file systems in it, in the order of the disk.
    public var fileSystems: [InspectedFileSystem] = []
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
    /// Looks at images, several at once; those of one VM together, so that a volume group that spans them is found.
    ///
    /// - Parameters:
    ///   - paths: Regular files or block devices.
    ///   - folders: Folders besides an image's own in which the files that it names may be opened.
    ///   - workers: How many are looked at at once.
    ///   - progress: Told how many are done.
    /// - Returns: What was seen of each, in the order given.
    public static func inspect(
        _ paths: [String], allowing folders: [String], workers: Int, progress: (Int) -> Void = { _ in }
    ) -> [InspectedImage] {
        let policy = ImagePolicy(allowing: folders)
        let opened = WorkQueue.map(paths.count, workers: workers, progress: progress) { OpenedImage(paths[$0], policy) }
        // Each disk could be read alone, so together they can.
        let disks = opened.enumerated().compactMap { index, image in image.disk.map { (index, $0) } }
        let layout = try? disks.count == 1 ? opened[disks[0].0].layout : StorageLayout(disks.map(\.1))
        guard let layout else { return opened.map { InspectedImage(facts: $0.facts) } }
        let contents = WorkQueue.map(layout.volumes.count, workers: workers) {
            InspectedVolume(layout.volumes[$0], isDamaged: layout.damagedVolumes[layout.volumes[$0].place] != nil)
        }
        var images = opened.map { InspectedImage(facts: $0.facts) }
        for (number, disk) in disks.enumerated() {
            images[disk.0].describe(LayoutOfDisk(layout, contents, disk: number))
        }
        return images
    }
}

/// An image whose files were opened, and what can be said of it alone.
private struct OpenedImage: Sendable {
    var facts: Facts.ImageFacts
    var disk: (any BlockReader)?
    var layout: StorageLayout?

    init(_ path: String, _ policy: ImagePolicy) {
        let image = DiskImage.open(path, policy: policy)
        facts = ImageDescription.facts(of: image, path: path)
        do throws(FormatError) {
            let disk = try image.disk()
            layout = try StorageLayout([disk])
            self.disk = disk
        } catch {
            facts.disk = .unknown(Obstacle(.malformed, path, "\(error.format): \(error.message)"))
        }
    }
}
