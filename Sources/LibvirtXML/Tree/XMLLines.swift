/// From byte offsets to lines and columns.
struct XMLLines: Sendable {
    /// The offset of each line's first byte. A byte order mark belongs to no line.
    let starts: [UInt32]
    /// How many characters there are before each block of the text; only kept where a line is longer than a block, so that a
    /// column in a document that is one line of megabytes is found as fast as any.
    private let blocks: [UInt32]

    private static let blockSize = 4096

    init(_ bytes: Span<UInt8>) {
        var starts: [UInt32] = [XMLCharacters.hasMark(bytes) ? 3 : 0]
        starts.reserveCapacity(bytes.count / 32 + 1)
        var last = 0
        var longest = 0
        for index in bytes.indices where bytes[index] == 0x0a {
            starts.append(UInt32(truncatingIfNeeded: index + 1))
            longest = max(longest, index - last)
            last = index
        }
        self.starts = starts
        blocks = max(longest, bytes.count - last) > Self.blockSize ? Self.blocks(bytes) : []
    }

    private static func blocks(_ bytes: Span<UInt8>) -> [UInt32] {
        var blocks: [UInt32] = []
        var count: UInt32 = 0
        for index in bytes.indices {
            if index % blockSize == 0 { blocks.append(count) }
            if bytes[index] & 0xc0 != 0x80 { count &+= 1 }
        }
        return blocks
    }

    /// The index in `starts` of the line that an offset is on.
    func line(of offset: Int) -> Int {
        var low = 0
        var high = starts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if Int(starts[middle]) <= offset { low = middle } else { high = middle }
        }
        return low
    }

    func position(of offset: Int, in bytes: Span<UInt8>, origin: XMLOrigin = XMLOrigin(name: "")) -> XMLPosition {
        let line = line(of: offset)
        // A document cut from a stream need not start where a line starts.
        let first = line == 0 ? origin.firstColumn : 1
        let start = Int(starts[line])
        let characters =
            blocks.isEmpty || offset - start < 2 * Self.blockSize
            ? Self.characters(start..<max(start, offset), bytes)
            : charactersBefore(offset, bytes) - charactersBefore(start, bytes)
        return XMLPosition(
            line: origin.firstLine + line, column: first + characters, offset: origin.firstOffset + offset)
    }

    private func charactersBefore(_ offset: Int, _ bytes: Span<UInt8>) -> Int {
        guard !blocks.isEmpty else { return 0 }
        let block = min(offset / Self.blockSize, blocks.count - 1)
        return Int(blocks[block]) + Self.characters(block * Self.blockSize..<offset, bytes)
    }

    private static func characters(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int {
        var count = 0
        for index in range.clamped(to: 0..<bytes.count) where bytes[index] & 0xc0 != 0x80 { count += 1 }
        return count
    }

    /// The text of a line (from 0), without its end, cut to what a terminal shows.
    func excerpt(_ line: Int, of bytes: Span<UInt8>) -> String? {
        guard starts.indices.contains(line) else { return nil }
        var text: [UInt8] = []
        var index = Int(starts[line])
        while index < bytes.count, bytes[index] != 0x0a, bytes[index] != 0x0d, text.count < 160 {
            text.append(bytes[index] < 0x20 || bytes[index] == 0x7f ? 0x20 : bytes[index])
            index += 1
        }
        return String(decoding: text, as: UTF8.self)
    }
}
