import ByteReading
import Evidence
import FileSystems
import Foundation
import Synchronization
import Testing

/// Blocks that remember what was read of them.
final class RecordingBlocks: BlockReader {
    private let blocks: any BlockReader
    private let reads = Mutex<[Range<UInt64>]>([])

    init(_ blocks: any BlockReader) { self.blocks = blocks }

    var size: UInt64 { blocks.size }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        let end = offset + UInt64(buffer.byteCount)
        reads.withLock { $0.append(offset..<end) }
        try blocks.read(at: offset, into: &buffer)
    }

    /// What was read, in order and without overlaps.
    var ranges: [Range<UInt64>] {
        var merged: [Range<UInt64>] = []
        for range in reads.withLock({ $0 }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, last.upperBound >= range.lowerBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// How many bytes were read, those read twice counted twice.
    var total: Int { reads.withLock { $0.reduce(0) { $0 + $1.count } } }
}

/// Blocks of which some bytes are others.
struct PatchedBlocks: BlockReader {
    let blocks: any BlockReader
    let patches: [UInt64: UInt8]

    var size: UInt64 { blocks.size }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try blocks.read(at: offset, into: &buffer)
        for (place, byte) in patches where place >= offset && place < offset + UInt64(buffer.byteCount) {
            buffer.storeBytes(of: byte, toByteOffset: Int(place - offset), as: UInt8.self)
        }
    }
}

/// A generator whose seed can be printed and used again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// Reads all that a file system has, whatever it is: every answer and every error is right, but a trap or a hang is not.
func exercise(limit: Int = 2000, _ open: () throws(FormatError) -> any FileSystemReader) {
    do throws(FormatError) {
        let reader = try open()
        try exerciseTree(reader, limit)
    } catch {
        // An error is an answer.
    }
}

private func exerciseTree(_ reader: some FileSystemReader, _ limit: Int) throws(FormatError) {
    try reader.walk(try reader.node(reader.rootNumber), limit: limit) { item throws(FormatError) in
        guard case .success(let node) = item.node, item.listingError == nil else { return false }
        _ = try? reader.extendedAttributes(of: node)
        if node.metadata.kind == .symbolicLink { _ = try? reader.linkTarget(of: node) }
        if node.metadata.kind == .regular, let content = try? reader.content(of: node) {
            var offset: UInt64 = 0
            for _ in 0..<8 where offset < content.size {
                _ = try? content.bytes(at: offset, count: Int(min(content.size - offset, 5000)))
                guard let extent = try? content.extent(at: offset) else { break }
                offset += max(extent.length, 1)
            }
        }
        return true
    }
    _ = reader.read("/links/chain", limit: 1 << 20)
}
