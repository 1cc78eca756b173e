// Several documents one behind the other, as `virsh dumpxml a; virsh dumpxml b` prints them.
extension XMLDocument {
    /// Reads every document of a stream; lines, columns and offsets are those of the stream.
    ///
    /// One that is broken does not stop the others: where an XML declaration, or a new root element, starts a document is
    /// plain to see, but for a root element that is never closed and is followed by no declaration, which takes the rest
    /// with it. What is between documents and is no markup is refused as a document of its own.
    ///
    /// - Returns: What became of each document, in their order; a single fault for a stream without any.
    public static func documents(in bytes: [UInt8], name: String) -> [Result<XMLDocument, XMLError>] {
        do {
            guard let library = LibXML2.shared else {
                return [.failure(XMLError(.libraryMissing, "libxml2 is not installed", document: name))]
            }
            let (text, wasConverted) = try XMLDecoding.utf8(bytes, name: name, library: library)
            let pieces = XMLBoundaries.pieces(of: text.span)
            guard !pieces.isEmpty else {
                return [.failure(XMLError(.empty, "there is no document", document: name, line: 1, column: 1))]
            }
            let lines = XMLLines(text.span)
            return pieces.map { range in
                let start = lines.position(of: range.lowerBound, in: text.span)
                let origin = XMLOrigin(
                    name: name, firstLine: start.line, firstColumn: start.column, firstOffset: range.lowerBound,
                    wasConverted: wasConverted)
                return Result { () throws(XMLError) in try XMLDocument(utf8: Array(text[range]), origin: origin) }
            }
        } catch {
            return [.failure(error)]
        }
    }
}

/// Where one document ends and the next starts.
enum XMLBoundaries {
    /// The most documents in one stream; what comes after them is taken as one.
    static let maximumCount = 100_000

    /// The range of each document, white space between them left out.
    static func pieces(of bytes: Span<UInt8>) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var index = XMLCharacters.hasMark(bytes) ? 3 : 0
        // Where the present document starts, and how deep in it we are.
        var start: Int?
        var depth = 0
        var hasRoot = false
        func finish(at end: Int) {
            guard let first = start else { return }
            var last = end
            while last > first, XMLCharacters.isSpace(bytes[last - 1]) { last -= 1 }
            if last > first { pieces.append(first..<last) }
            start = nil
            hasRoot = false
            depth = 0
        }
        while index < bytes.count, pieces.count < maximumCount {
            guard bytes[index] == UInt8(ascii: "<") else {
                if depth == 0, !XMLCharacters.isSpace(bytes[index]) {
                    // Text outside any root: by itself, up to the next markup.
                    finish(at: index)
                    start = index
                    while index < bytes.count, bytes[index] != UInt8(ascii: "<") { index += 1 }
                    finish(at: index)
                } else {
                    index += 1
                }
                continue
            }
            let here = index
            if XMLDecoding.isDeclaration(bytes, at: here) {
                // It can only be the first thing in a document, whatever is still open.
                finish(at: here)
                start = here
                index = end(of: "?>", bytes, from: here)
            } else if bytes.count - here > 1, bytes[here + 1] == UInt8(ascii: "?") {
                start = start ?? here
                index = end(of: "?>", bytes, from: here)
            } else if XMLDecoding.matches(bytes, here, "<!--") {
                start = start ?? here
                index = end(of: "-->", bytes, from: here + 4)
            } else if XMLDecoding.matches(bytes, here, "<![CDATA[") {
                start = start ?? here
                index = end(of: "]]>", bytes, from: here)
            } else if bytes.count - here > 1, bytes[here + 1] == UInt8(ascii: "/") {
                start = start ?? here
                index = end(of: ">", bytes, from: here)
                depth -= 1
                if depth <= 0 { finish(at: index) }
            } else {
                if depth == 0, hasRoot { finish(at: here) }
                start = start ?? here
                hasRoot = true
                let isSelfClosing: Bool
                (index, isSelfClosing) = tag(bytes, from: here)
                // A document type declaration is refused when its document is read.
                if XMLDecoding.matches(bytes, here, "<!") {
                    hasRoot = false
                } else if !isSelfClosing {
                    depth += 1
                } else if depth == 0 {
                    finish(at: index)
                }
            }
        }
        if depth == 0, !hasRoot, let first = start, let last = pieces.last, isMiscellany(bytes, first) {
            // Comments behind the last document are its own.
            pieces[pieces.count - 1] = last.lowerBound..<first
            start = last.lowerBound
            pieces.removeLast()
        }
        if start == nil, index < bytes.count { start = index }
        finish(at: bytes.count)
        return pieces
    }

    private static func isMiscellany(_ bytes: Span<UInt8>, _ offset: Int) -> Bool {
        (XMLDecoding.matches(bytes, offset, "<!--") || XMLDecoding.matches(bytes, offset, "<?"))
            && !XMLDecoding.isDeclaration(bytes, at: offset)
    }

    /// The offset behind the next closing mark, or the end of the text.
    private static func end(of mark: String, _ bytes: Span<UInt8>, from offset: Int) -> Int {
        guard let first = mark.utf8.first else { return bytes.count }
        var index = offset
        while index < bytes.count {
            if bytes[index] == first, XMLDecoding.matches(bytes, index, mark) { return index + mark.utf8.count }
            index += 1
        }
        return bytes.count
    }

    /// The offset behind a start tag, and whether it is the only tag of its element.
    private static func tag(_ bytes: Span<UInt8>, from offset: Int) -> (Int, Bool) {
        var index = offset + 1
        var quote: UInt8?
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return (index, bytes[index - 2] == UInt8(ascii: "/"))
            }
        }
        return (index, false)
    }
}
