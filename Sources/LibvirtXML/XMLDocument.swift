internal import Glibc

/// An XML document, read without loss: every element, attribute, comment, instruction, CDATA section and namespace in its
/// order and at its place.
///
/// It is a value: a copy that is edited leaves the other as it was. Elements are handles into one state of a document; see
/// ``current(_:)`` for what an edit makes of them.
///
/// Documents that carry a document type declaration are refused, so there are no entities but XML's own five, no DTD and
/// nothing that is fetched.
public struct XMLDocument: Sendable {
    /// The most bytes a document may have: 16 MiB, as UTF-8. libvirt's own limit on one is 10 MiB (`virXMLParse…`).
    public static let maximumSize = 16 << 20
    /// How deep elements may be nested; libxml2's own limit without XML_PARSE_HUGE.
    public static let maximumDepth = 256

    var tree: XMLTree
    /// What edits did to the numbering of nodes, oldest first.
    var history: [XMLSplice] = []

    /// The document in a state that an element was taken from.
    init(tree: XMLTree) { self.tree = tree }

    /// Reads a document in any encoding that libxml2 reads.
    ///
    /// - Parameters:
    ///   - bytes: The document as it is stored.
    ///   - name: What errors call it, such as its path.
    public init(parsing bytes: [UInt8], name: String) throws(XMLError) {
        try self.init(parsing: bytes, origin: XMLOrigin(name: name))
    }

    /// Reads a document that is a string.
    public init(parsing text: String, name: String) throws(XMLError) {
        try self.init(utf8: Array(text.utf8), origin: XMLOrigin(name: name))
    }

    /// What errors call it.
    public var name: String { tree.origin.name }

    /// The root element.
    public var root: XMLElement { XMLElement(tree: tree, index: tree.rootIndex) }

    /// What stands at the top level: the declaration, comments, instructions and the root element.
    public var children: XMLNodes { XMLNodes(tree: tree, parent: 0) }

    /// Every element in document order.
    public var allElements: [XMLElement] {
        tree.nodes.indices.filter { tree.nodes[$0].kind == .element }.map { XMLElement(tree: tree, index: $0) }
    }

    /// The element that a path as ``XMLElement/xpath`` prints it names; nil where there is none.
    public func element(atPath path: String) -> XMLElement? { XMLPath.resolve(path, in: tree) }

    /// The place of an offset in ``bytes``.
    public func position(ofOffset offset: Int) -> XMLPosition {
        tree.position(at: UInt32(truncatingIfNeeded: max(0, min(offset, tree.bytes.count))))
    }

    /// The place of a line and column, as positions count them; the nearest one where the document has no such.
    public func position(line: Int, column: Int) -> XMLPosition {
        let starts = tree.lines.starts
        let index = max(0, min(line - tree.origin.firstLine, starts.count - 1))
        let bytes = tree.bytes
        var offset = Int(starts[index])
        var left = column - (index == 0 ? tree.origin.firstColumn : 1)
        while left > 0, offset < bytes.count, bytes[offset] != 0x0a {
            offset += 1
            // A character goes on while its bytes begin with the bits 10.
            while offset < bytes.count, bytes[offset] & 0xc0 == 0x80 { offset += 1 }
            left -= 1
        }
        return position(ofOffset: offset)
    }

    /// The text of a line (as positions count them), without its end, cut where it is very long.
    public func line(_ number: Int) -> String? {
        let bytes = tree.bytes
        return tree.lines.excerpt(number - tree.origin.firstLine, of: bytes.span)
    }

    /// The document as UTF-8: for one that was not edited the very bytes it was read from.
    ///
    /// Of a document that was in another encoding the declaration's `encoding` is changed to `UTF-8`, and nothing else.
    public var bytes: [UInt8] {
        var bytes = tree.bytes
        guard tree.origin.wasConverted, let range = XMLDecoding.encodingRange(bytes.span) else { return bytes }
        bytes.replaceSubrange(range, with: Array("UTF-8".utf8))
        return bytes
    }
}

extension XMLDocument: CustomStringConvertible {
    /// The document's text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

// MARK: - Reading

extension XMLDocument {
    /// Decodes, then reads.
    init(parsing bytes: [UInt8], origin: XMLOrigin) throws(XMLError) {
        guard bytes.count <= Self.maximumSize else { throw Self.tooLarge(origin) }
        let library = try Self.library(origin.name)
        let (text, wasConverted) = try XMLDecoding.utf8(bytes, name: origin.name, library: library)
        var origin = origin
        origin.wasConverted = wasConverted
        try self.init(utf8: text, origin: origin)
    }

    /// Reads text that is UTF-8, whatever its declaration says.
    init(utf8 bytes: [UInt8], origin: XMLOrigin) throws(XMLError) {
        guard bytes.count <= Self.maximumSize else { throw Self.tooLarge(origin) }
        guard !Self.isBlank(bytes.span) else {
            throw XMLError(.empty, "there is no document", document: origin.name, line: origin.firstLine, column: 1)
        }
        // libxml2 takes a NUL behind the root element for the end of the document.
        if let offset = Self.firstNUL(in: bytes) {
            throw Self.error(.notWellFormed, "a NUL byte", at: offset, bytes.span, origin)
        }
        tree = try Self.tree(bytes, origin: origin, library: try Self.library(origin.name))
    }

    private static func library(_ name: String) throws(XMLError) -> LibXML2 {
        guard let library = LibXML2.shared else {
            throw XMLError(
                .libraryMissing, "libxml2 is not installed (\(LibXML2.sonames.joined(separator: " or ")))",
                document: name)
        }
        return library
    }

    private static func tooLarge(_ origin: XMLOrigin) -> XMLError {
        XMLError(.tooLarge, "more than \(maximumSize >> 20) MiB", document: origin.name)
    }

    private static func firstNUL(in bytes: [UInt8]) -> Int? {
        unsafe bytes.withUnsafeBytes { buffer in
            // SAFETY: memchr looks at no more bytes than there are, and answers with an address among them.
            guard let start = buffer.baseAddress, let found = unsafe memchr(start, 0, buffer.count) else { return nil }
            return unsafe UnsafeRawPointer(found) - start
        }
    }

    private static func isBlank(_ bytes: Span<UInt8>) -> Bool {
        for index in (XMLCharacters.hasMark(bytes) ? 3 : 0)..<bytes.count where !XMLCharacters.isSpace(bytes[index]) {
            return false
        }
        return true
    }

    private static func tree(_ bytes: [UInt8], origin: XMLOrigin, library: LibXML2) throws(XMLError) -> XMLTree {
        let fault: XMLScanFault
        do {
            var scan = try XMLScanner(bytes.span)
            switch XMLAgreement.check(bytes, nodes: scan.nodes, attributes: scan.attributes, library: library) {
            case .agrees(let ordinary):
                for index in ordinary { scan.makeOrdinary(index) }
                return XMLTree(scan: scan, bytes: bytes, origin: origin)
            case .refused(let refusal):
                throw error(refusal, bytes.span, origin)
            case .disagrees(let offset):
                throw error(
                    .internalFault, "libxml2 and the index of positions read the document differently", at: offset,
                    bytes.span, origin)
            }
        } catch let error as XMLError {
            throw error
        } catch let scanFault as XMLScanFault {
            fault = scanFault
        } catch {
            fault = XMLScanFault(kind: .malformed, offset: 0)
        }
        switch fault.kind {
        case .documentType:
            throw error(
                .documentType, "a document type declaration, which is not read: libvirt's documents have none",
                at: fault.offset, bytes.span, origin)
        case .tooDeep:
            throw error(
                .tooDeep, "elements nested deeper than \(maximumDepth)", at: fault.offset, bytes.span, origin)
        case .malformed:
            let verdict = XMLAgreement.check(bytes, nodes: nil, attributes: [], library: library)
            if case .refused(let refusal) = verdict { throw error(refusal, bytes.span, origin) }
            throw error(
                .internalFault, "libxml2 reads what the index of positions cannot", at: fault.offset, bytes.span, origin
            )
        }
    }

    private static func error(_ refusal: XMLAgreement.Refusal, _ bytes: Span<UInt8>, _ origin: XMLOrigin) -> XMLError {
        let lines = XMLLines(bytes)
        let line = max(0, min(refusal.line - 1, lines.starts.count - 1))
        return XMLError(
            refusal.isEncoding ? .encoding : .notWellFormed,
            refusal.isEncoding ? "bytes that are not UTF-8" : "not well-formed XML",
            libraryMessage: refusal.message, document: origin.name, line: origin.firstLine + line,
            column: max(1, refusal.column) + (line == 0 ? origin.firstColumn - 1 : 0),
            excerpt: lines.excerpt(line, of: bytes))
    }

    private static func error(
        _ kind: XMLError.Kind, _ message: String, at offset: Int, _ bytes: Span<UInt8>, _ origin: XMLOrigin
    ) -> XMLError {
        let lines = XMLLines(bytes)
        let position = lines.position(of: offset, in: bytes, origin: origin)
        return XMLError(
            kind, message, document: origin.name, line: position.line, column: position.column,
            excerpt: lines.excerpt(position.line - origin.firstLine, of: bytes))
    }
}
