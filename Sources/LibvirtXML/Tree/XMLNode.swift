/// Something between two tags: an element, text, a CDATA section, a comment or a processing instruction.
public struct XMLNode: Sendable {
    /// What kind of node it is.
    public enum Kind: Sendable, Hashable {
        /// `<?xml version='1.0'?>`
        case declaration
        /// An element.
        case element
        /// Characters between tags; several pieces only where something else stands between them.
        case text
        /// `<![CDATA[…]]>`
        case cdata
        /// `<!--…-->`
        case comment
        /// `<?target data?>`
        case instruction
    }

    let tree: XMLTree
    let index: Int

    private var node: XMLTree.Node { tree.nodes[index] }

    /// What kind of node it is.
    public var kind: Kind {
        switch node.kind {
        case .declaration: .declaration
        case .element, .document: .element
        case .text: .text
        case .cdata: .cdata
        case .comment: .comment
        case .instruction: .instruction
        }
    }

    /// The node as an element; nil where it is something else.
    public var element: XMLElement? { node.kind == .element ? XMLElement(tree: tree, index: index) : nil }

    /// The characters of text, CDATA or a comment, or the data of an instruction, as XML means them: references resolved,
    /// line ends as line feeds. An element has none of its own; see ``XMLElement/text``.
    public var text: String { node.kind == .element ? "" : tree.text(of: node) }

    /// The target of an instruction, or the name of an element.
    public var name: String? {
        switch node.kind {
        case .element, .instruction, .declaration:
            tree.string(tree.nameStart(node), tree.nameStart(node) + node.nameLength)
        default: nil
        }
    }

    /// Where its first character stands.
    public var position: XMLPosition { tree.position(at: node.start) }

    /// Where it ends: the place behind its last character.
    public var endPosition: XMLPosition { tree.position(at: node.end) }

    /// What was written, byte for byte.
    public var source: String { tree.string(node.start, node.end) }

    /// The element that it stands in; nil at the top level.
    public var parent: XMLElement? {
        let parent = Int(node.parent)
        return tree.nodes[parent].kind == .element ? XMLElement(tree: tree, index: parent) : nil
    }
}

/// The nodes in an element, in their order.
public struct XMLNodes: Sequence, Sendable {
    let tree: XMLTree
    let parent: Int

    /// Starts at the first.
    public func makeIterator() -> Iterator {
        Iterator(tree: tree, index: parent + 1, end: Int(tree.nodes[parent].after))
    }

    /// Goes from node to node.
    public struct Iterator: IteratorProtocol {
        let tree: XMLTree
        var index: Int
        let end: Int

        /// The next node; nil behind the last.
        public mutating func next() -> XMLNode? {
            guard index < end else { return nil }
            defer { index = Int(tree.nodes[index].after) }
            return XMLNode(tree: tree, index: index)
        }
    }
}
