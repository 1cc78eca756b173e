internal import ByteReading
internal import Evidence
internal import Facts
internal import FileSystems
internal import Volumes

/// What a volume holds, looked at once: named, and where this program reads it opened.
struct InspectedVolume: Sendable {
    /// Nil where nothing is recognised.
    var facts: ContentFacts?
    /// The file system, where this program reads it.
    var fileSystem: (any FileSystemReader)?
    /// What looks like the root of a system.
    var root: RootFacts?

    /// Looks at a volume.
    ///
    /// - Parameter isDamaged: Whether what it says of its volume group cannot be read.
    init(_ volume: StorageLayout.Volume, isDamaged: Bool) {
        if let likeliest = volume.content.first {
            var facts = ContentFacts(type: likeliest.kind)
            facts.label = likeliest.label
            facts.uuid = likeliest.uuid
            self.facts = facts
        }
        if let obstacle = volume.obstacle {
            facts = facts ?? ContentFacts(type: "?")
            facts?.fault = obstacle.message
        }
        // Members of volume groups are looked at through the groups.
        switch volume.content.first?.usage {
        case .fileSystem, .crypto: facts?.isUnread = true
        case .raid: facts?.isUnread = isDamaged || volume.content.first?.kind != "LVM2_member"
        case .other: break
        case nil: facts?.isUnread = volume.obstacle != nil
        }
        // What stands below others is opened where it is put together.
        guard let blocks = volume.blocks, let likeliest = volume.content.first, likeliest.usage == .fileSystem else {
            return
        }
        do throws(FormatError) {
            fileSystem = try Self.open(blocks, as: likeliest.kind)
        } catch {
            facts?.fault = error.message
        }
        guard let fileSystem else { return }
        facts?.isUnread = false
        facts?.fileSystem = Self.description(of: fileSystem.facts)
        root = SystemRoot.facts(of: fileSystem, at: "")
    }

    /// Opens a file system by blkid's word for it; nil where it is none that this program reads.
    private static func open(_ blocks: any BlockReader, as kind: String) throws(FormatError) -> (any FileSystemReader)?
    {
        switch kind {
        case "ext2", "ext3", "ext4", "ext4dev": try ExtFileSystem(blocks)
        case "xfs": try XFSFileSystem(blocks)
        case "vfat": try FATReader(blocks)
        case "exfat": try ExFATReader(blocks)
        case "iso9660": try ISO9660Reader(blocks)
        default: nil
        }
    }

    private static func description(of told: FileSystems.FileSystemFacts) -> Facts.FileSystemFacts {
        let state: Facts.FileSystemFacts.State =
            told.state.contains(.hasErrors)
            ? .hasErrors : told.state.contains(.needsRecovery) ? .needsRecovery : .clean
        var facts = Facts.FileSystemFacts(size: told.size, blockSize: told.blockSize, state: state)
        facts.free = told.freeSize
        facts.inodes = told.inodes
        facts.freeInodes = told.freeInodes
        facts.features = told.features
        facts.lastMountPoint = told.lastMountPoint
        facts.lastUsed = (told.lastMounted ?? told.lastWritten)?.seconds
        facts.faults = told.problems.map(\.message)
        return facts
    }
}
