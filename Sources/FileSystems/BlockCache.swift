internal import ByteReading
internal import Synchronization

/// Blocks of metadata that were read lately, so that a tree's upper blocks are read once.
///
/// Two generations: when the young one is full it becomes the old one, and what was not asked for since is forgotten.
final class BlockCache: Sendable {
    private struct Generations {
        var young: [UInt64: [UInt8]] = [:]
        var old: [UInt64: [UInt8]] = [:]
        var youngSize = 0
    }

    /// The most that a generation holds: 4 MiB, a thousand blocks of a usual size.
    private static let generationLimit = 4 << 20
    private let generations = Mutex(Generations())

    /// The block at an offset; `read` is asked for it where it is not known.
    func block(
        at offset: UInt64, count: Int, _ read: () throws(FormatError) -> [UInt8]
    ) throws(FormatError) -> [UInt8] {
        let known = generations.withLock { generations -> [UInt8]? in
            if let block = generations.young[offset], block.count == count { return block }
            guard let block = generations.old[offset], block.count == count else { return nil }
            Self.insert(block, at: offset, in: &generations)
            return block
        }
        if let known { return known }
        let block = try read()
        generations.withLock { Self.insert(block, at: offset, in: &$0) }
        return block
    }

    private static func insert(_ block: [UInt8], at offset: UInt64, in generations: inout Generations) {
        if generations.youngSize > generationLimit {
            generations.old = generations.young
            generations.young = [:]
            generations.youngSize = 0
        }
        generations.young[offset] = block
        generations.youngSize += block.count
    }
}
