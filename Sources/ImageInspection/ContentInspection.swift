internal import ByteReading
internal import Evidence
internal import Facts
internal import FileSystems
internal import Volumes

/// What a range of a disk holds, looked at once: named, and where this program reads it opened.
struct InspectedContent {
    var facts: ContentFacts
    /// The file system, where this program reads it.
    var fileSystem: (any FileSystemReader)?

    /// Looks at a range; nil where nothing is recognised.
    init?(_ blocks: any BlockReader) {
        do throws(FormatError) {
            guard let likeliest = try Content.identify(blocks).first else { return nil }
            facts = ContentFacts(type: likeliest.kind)
            facts.label = likeliest.label
            facts.uuid = likeliest.uuid
        } catch {
            facts = ContentFacts(type: "?")
            facts.fault = error.message
            return
        }
        do throws(FormatError) {
            fileSystem = try FileSystemOpening.open(blocks)
        } catch {
            facts.fault = error.message
        }
        guard let fileSystem else { return }
        facts.fileSystem = Self.description(of: fileSystem.facts)
        facts.label = fileSystem.facts.label ?? facts.label
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
