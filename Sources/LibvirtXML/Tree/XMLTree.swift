/// One reading of a document: its text, and an index of what stands where in it.
///
/// Nodes are in document order, so a node's descendants follow it and its next sibling is the node after the last of them.
/// Names and values are ranges of the text, and become strings when they are asked for. A tree never changes: an edit makes
/// another.
final class XMLTree: Sendable {
    /// What tells one tree from another in a document's history of edits.
    final class Identity: Sendable {}

    enum Kind: UInt8 {
        case document
        case declaration
        case element
        case text
        case cdata
        case comment
        case instruction
    }

    struct Node {
        var kind: Kind
        /// Whether the text holds references or carriage returns, and so is not its own meaning.
        var needsDecoding = false
        /// Whether the element is written as one tag, `<a/>`.
        var isSelfClosing = false
        /// From the first character of the markup to behind the last, the end tag included.
        var start: UInt32
        var end: UInt32
        /// What is between the tags, or between `<!--` and `-->`.
        var contentStart: UInt32
        var contentEnd: UInt32
        /// The name follows `<` or `<?`.
        var nameLength: UInt32 = 0
        var parent: UInt32
        /// The index behind the last descendant.
        var after: UInt32 = 0
        var firstAttribute: UInt32 = 0
        var attributeCount: UInt32 = 0
    }

    struct Attribute {
        var name: UInt32
        var nameLength: UInt32
        var value: UInt32
        var valueEnd: UInt32
        var needsDecoding: Bool
        var declaresNamespace: Bool
    }

    let identity = Identity()
    /// The document as UTF-8, with its byte order mark if it had one in UTF-8.
    let bytes: [UInt8]
    let nodes: [Node]
    let attributes: [Attribute]
    let lines: XMLLines
    let declaresNamespaces: Bool
    let origin: XMLOrigin
    let rootIndex: Int

    init(scan: borrowing XMLScanner, bytes: [UInt8], origin: XMLOrigin) {
        self.bytes = bytes
        nodes = scan.nodes
        attributes = scan.attributes
        lines = XMLLines(bytes.span)
        declaresNamespaces = scan.declaresNamespaces
        rootIndex = scan.rootIndex
        self.origin = origin
    }
}

/// What a document's text does not say about itself.
struct XMLOrigin: Sendable {
    var name: String
    /// Where this document stands in the stream it was cut from.
    var firstLine = 1
    var firstColumn = 1
    var firstOffset = 0
    /// Whether the text was in another encoding, so that the declaration names one that it is no longer in.
    var wasConverted = false
}

// MARK: - Text

extension XMLTree {
    func string(_ start: UInt32, _ end: UInt32) -> String {
        String(decoding: bytes[Int(start)..<Int(end)], as: UTF8.self)
    }

    func position(at offset: UInt32) -> XMLPosition {
        let bytes = bytes
        return lines.position(of: Int(offset), in: bytes.span, origin: origin)
    }

    /// Whether a range of the text is this string, byte for byte.
    func holds(_ string: String, at start: UInt32, length: UInt32) -> Bool {
        let wanted = string.utf8
        guard wanted.count == Int(length) else { return false }
        var index = Int(start)
        for byte in wanted {
            if bytes[index] != byte { return false }
            index += 1
        }
        return true
    }

    /// Whether a range of the text is this name: what views ask by the thousand.
    func holds(_ name: StaticString, at start: UInt32, length: UInt32) -> Bool {
        guard name.utf8CodeUnitCount == Int(length) else { return false }
        for index in 0..<name.utf8CodeUnitCount {
            // SAFETY: index is below the name's own length.
            if unsafe bytes[Int(start) + index] != name.utf8Start[index] { return false }
        }
        return true
    }

    /// The offset of the name of an element or instruction.
    func nameStart(_ node: Node) -> UInt32 { node.start + (node.kind == .element ? 1 : 2) }

    /// The characters of a text, CDATA, comment or instruction node, as XML means them.
    func text(of node: Node) -> String {
        guard node.needsDecoding else { return string(node.contentStart, node.contentEnd) }
        let bytes = bytes
        return XMLCharacters.decode(
            bytes.span, Int(node.contentStart)..<Int(node.contentEnd), node.kind == .text ? .text : .literal)
    }

    func value(of attribute: Attribute) -> String {
        guard attribute.needsDecoding else { return string(attribute.value, attribute.valueEnd) }
        let bytes = bytes
        return XMLCharacters.decode(bytes.span, Int(attribute.value)..<Int(attribute.valueEnd), .attribute)
    }
}

// MARK: - Namespaces

extension XMLTree {
    /// The namespace that a prefix means at an element; nil where it is not declared, or taken back by `xmlns=""`.
    func namespace(ofPrefix prefix: String, at element: Int) -> String? {
        if prefix == "xml" { return "http://www.w3.org/XML/1998/namespace" }
        guard declaresNamespaces else { return nil }
        let wanted = prefix.isEmpty ? "xmlns" : "xmlns:" + prefix
        var index = element
        while nodes[index].kind == .element {
            let node = nodes[index]
            for offset in 0..<node.attributeCount {
                let attribute = attributes[Int(node.firstAttribute + offset)]
                guard attribute.declaresNamespace,
                    holds(wanted, at: attribute.name, length: attribute.nameLength)
                else { continue }
                let uri = value(of: attribute)
                return uri.isEmpty ? nil : uri
            }
            index = Int(node.parent)
        }
        return nil
    }
}
