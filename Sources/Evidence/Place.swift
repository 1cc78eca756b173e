/// Where something was seen: a path, and as far as it makes sense a line and column, a byte offset, or a path in XML.
public struct Place: Sendable, Hashable, Codable {
    /// The path as the administrator knows it: absolute, under the root that was looked at. Of a document that libvirt told,
    /// and that is in no file, the name of its object.
    public var path: String
    /// The line, from 1, in a text file.
    public var line: Int?
    /// The column, from 1, in characters, in that line.
    public var column: Int?
    /// The offset in bytes, from 0, in a binary file.
    public var offset: UInt64?
    /// The path of an element or attribute in an XML document: `/domain/devices/disk[2]/driver/@cache`.
    public var xpath: String?

    /// Makes a place from a path and, where known, what leads to the place in it.
    public init(
        _ path: String, line: Int? = nil, column: Int? = nil, offset: UInt64? = nil, xpath: String? = nil
    ) {
        self.path = path
        self.line = line
        self.column = column
        self.offset = offset
        self.xpath = xpath
    }
}

extension Place: CustomStringConvertible {
    /// `path`, `path:line`, `path:line:column`, `path@0xoffset`, or for a document that is in no file `name: xpath`.
    public var description: String {
        if let line { return "\(path):\(line)" + (column.map { ":\($0)" } ?? "") }
        if let offset { return "\(path)@0x\(String(offset, radix: 16))" }
        if let xpath { return "\(path): \(xpath)" }
        return path
    }
}
