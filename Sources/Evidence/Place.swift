/// Where something was seen: a path, and as far as it makes sense a line or a byte offset in it.
public struct Place: Sendable, Hashable, Codable {
    /// The path as the administrator knows it: absolute, under the root that was looked at.
    public var path: String
    /// The line, from 1, in a text file.
    public var line: Int?
    /// The offset in bytes, from 0, in a binary file.
    public var offset: UInt64?

    /// Makes a place from a path and, where known, the line or offset in it.
    public init(_ path: String, line: Int? = nil, offset: UInt64? = nil) {
        self.path = path
        self.line = line
        self.offset = offset
    }
}

extension Place: CustomStringConvertible {
    /// `path`, `path:line` or `path@0xoffset`.
    public var description: String {
        if let line { return "\(path):\(line)" }
        if let offset { return "\(path)@0x\(String(offset, radix: 16))" }
        return path
    }
}
