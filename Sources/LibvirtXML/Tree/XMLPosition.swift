/// Where something starts in a document's text.
public struct XMLPosition: Sendable, Hashable {
    /// The line, from 1; lines end at line feeds.
    public var line: Int
    /// The column, from 1, in characters (Unicode scalars), so that a tab and an umlaut are one each.
    public var column: Int
    /// The offset in bytes, from 0, in the document as UTF-8. For a document that was UTF-8, that is the offset in the file.
    public var offset: Int

    /// Makes a position.
    public init(line: Int, column: Int, offset: Int) {
        self.line = line
        self.column = column
        self.offset = offset
    }
}

extension XMLPosition: CustomStringConvertible {
    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}

extension XMLPosition: Comparable {
    /// Whether one stands before the other.
    public static func < (first: Self, second: Self) -> Bool { first.offset < second.offset }
}
