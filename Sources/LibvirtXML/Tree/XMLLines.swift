/// From byte offsets to lines and columns.
enum XMLLines {
    static func position(
        of offset: Int, in bytes: Span<UInt8>, lines: [UInt32], firstLine: Int, firstOffset: Int
    ) -> XMLPosition {
        var low = 0
        var high = lines.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if Int(lines[middle]) <= offset { low = middle } else { high = middle }
        }
        let start = lines.isEmpty ? 0 : Int(lines[low])
        var column = 1
        var index = start
        while index < offset, index < bytes.count {
            if bytes[index] & 0xc0 != 0x80 { column += 1 }
            index += 1
        }
        return XMLPosition(line: firstLine + low, column: column, offset: firstOffset + offset)
    }

    /// The offset of each line's first byte. A byte order mark belongs to no line.
    static func starts(in bytes: Span<UInt8>) -> [UInt32] {
        var lines: [UInt32] = [XMLCharacters.hasMark(bytes) ? 3 : 0]
        lines.reserveCapacity(bytes.count / 32 + 1)
        for index in bytes.indices where bytes[index] == 0x0a { lines.append(UInt32(truncatingIfNeeded: index + 1)) }
        return lines
    }

    /// The text of a line (from 0), without its end, cut to what a terminal shows.
    static func excerpt(_ line: Int, of bytes: Span<UInt8>, lines: [UInt32]) -> String? {
        guard lines.indices.contains(line) else { return nil }
        let start = Int(lines[line])
        var end = start
        while end < bytes.count, bytes[end] != 0x0a, bytes[end] != 0x0d, end - start < 160 { end += 1 }
        var text: [UInt8] = []
        for index in start..<max(start, end) { text.append(bytes[index] < 0x20 ? 0x20 : bytes[index]) }
        return String(decoding: text, as: UTF8.self)
    }
}
