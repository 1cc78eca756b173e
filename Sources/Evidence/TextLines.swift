// Cutting up the text files of `/proc`, `/sys` and `/etc`: by bytes, not by characters. All their separators are ASCII, and
// finding the boundaries of characters costs more than everything else a probe does with a file.

extension Substring {
    /// The lines that are not empty, without their newlines.
    public var lines: [Substring] { pieces { $0 == 0x0a } }

    /// The words between spaces and tabs.
    public var words: [Substring] { pieces { $0 == 0x20 || $0 == 0x09 } }

    /// The pieces that are not empty between bytes that separate them.
    private func pieces(_ isSeparator: (UInt8) -> Bool) -> [Substring] {
        var pieces: [Substring] = []
        var start = 0
        // One walk over the bytes where they lie; a native string always lends them.
        // SAFETY: every index is below the count of the bytes, which are read while they are lent.
        let walked: Void? = unsafe utf8.withContiguousStorageIfAvailable { bytes in
            for end in 0...bytes.count where end == bytes.count || isSeparator(unsafe bytes[end]) {
                if end > start {
                    pieces.append(self[utf8.index(startIndex, offsetBy: start)..<utf8.index(startIndex, offsetBy: end)])
                }
                start = end + 1
            }
        }
        return walked == nil ? utf8.split(whereSeparator: isSeparator).map(Substring.init) : pieces
    }

    /// Where a text stands first, found by its bytes.
    public func place(of text: String) -> Range<Index>? {
        let wanted = Array(text.utf8)
        let places: Range<Int>?? = unsafe utf8.withContiguousStorageIfAvailable { bytes in
            guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
            for start in 0...(bytes.count - wanted.count) where unsafe bytes[start] == first {
                // SAFETY: start + wanted.count is at most the count of the bytes.
                if unsafe bytes[start..<start + wanted.count].elementsEqual(wanted) {
                    return start..<start + wanted.count
                }
            }
            return nil
        }
        guard case .some(.some(let place)) = places else { return nil }
        return utf8.index(startIndex, offsetBy: place.lowerBound)..<utf8.index(startIndex, offsetBy: place.upperBound)
    }

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

    /// As ``Swift/Substring/place(of:)``.
    public func place(of text: String) -> Range<Index>? { self[...].place(of: text) }

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
