// Cutting up the text files of `/proc`, `/sys` and `/etc`: by bytes, not by characters. All their separators are ASCII, and
// finding the boundaries of characters costs more than everything else a probe does with a file.

extension Substring {
    /// The lines that are not empty, without their newlines.
    public var lines: [Substring] { utf8.split { $0 == 0x0a }.map(Substring.init) }

    /// The words between spaces and tabs.
    public var words: [Substring] { utf8.split { $0 == 0x20 || $0 == 0x09 }.map(Substring.init) }

    /// The parts between a separator of one byte; empty ones too, if `keepingEmpty`.
    public func parts(at separator: Unicode.Scalar, keepingEmpty: Bool = false) -> [Substring] {
        utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: !keepingEmpty).map(Substring.init)
    }

    /// What stands before and after the first occurrence of a separator of one byte; nil where there is none.
    public func cut(at separator: Unicode.Scalar) -> (before: Substring, after: Substring)? {
        guard let index = utf8.firstIndex(of: UInt8(ascii: separator)) else { return nil }
        return (self[..<index], self[utf8.index(after: index)...])
    }

    /// Without spaces and tabs at both ends.
    public var trimmed: Substring {
        var rest = utf8
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return Substring(rest)
    }
}

extension String {
    /// As ``Swift/Substring/lines``.
    public var lines: [Substring] { self[...].lines }

    /// As ``Swift/Substring/words``.
    public var words: [Substring] { self[...].words }

    /// As ``Swift/Substring/parts(at:keepingEmpty:)``.
    public func parts(at separator: Unicode.Scalar, keepingEmpty: Bool = false) -> [Substring] {
        self[...].parts(at: separator, keepingEmpty: keepingEmpty)
    }

    /// As ``Swift/Substring/cut(at:)``.
    public func cut(at separator: Unicode.Scalar) -> (before: Substring, after: Substring)? {
        self[...].cut(at: separator)
    }

    /// As ``Swift/Substring/trimmed``.
    public var trimmed: Substring { self[...].trimmed }
}
