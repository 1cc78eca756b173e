/// An element or an attribute of a document: what a position or a path leads to.
public enum XMLSpot: Sendable {
    /// An element, by its start tag.
    case element(XMLElement)
    /// An attribute, from its name to its closing quote.
    case attribute(XMLAttribute)

    /// Its path, as `/domain/devices/disk[2]/driver/@cache`.
    public var xpath: String {
        switch self {
        case .element(let element): element.xpath
        case .attribute(let attribute): attribute.xpath
        }
    }

    /// Where it starts.
    public var position: XMLPosition {
        switch self {
        case .element(let element): element.position
        case .attribute(let attribute): attribute.position
        }
    }

    /// The document that it is of.
    public var document: XMLDocument {
        switch self {
        case .element(let element): element.document
        case .attribute(let attribute): attribute.element.document
        }
    }

    /// The bytes that it is written in: a start tag, or an attribute with its quotes.
    var range: Range<Int> {
        switch self {
        case .element(let element): Int(element.node.start)..<Int(element.node.contentStart)
        case .attribute(let attribute): attribute.range
        }
    }
}

extension XMLAttribute {
    /// The bytes from its name to its closing quote.
    var range: Range<Int> {
        let attribute = tree.attributes[index]
        return Int(attribute.name)..<Int(attribute.valueEnd) + 1
    }
}

extension XMLDocument {
    /// The innermost element or attribute around a position; the root where the position is in none.
    public func spot(at position: XMLPosition) -> XMLSpot {
        let offset = position.offset - tree.origin.firstOffset
        guard let element = element(around: offset) else { return .element(root) }
        let attributes = element.attributes + element.namespaceDeclarations
        return attributes.first { $0.range.contains(offset) }.map { .attribute($0) } ?? .element(element)
    }

    /// What a path as ``XMLSpot/xpath`` prints it names; nil where there is none.
    public func spot(atPath path: String) -> XMLSpot? {
        guard let mark = path.firstRange(of: "/@") else { return element(atPath: path).map { .element($0) } }
        return element(atPath: String(path[..<mark.lowerBound]))?.attribute(String(path[mark.upperBound...]))
            .map { .attribute($0) }
    }

    private func element(around offset: Int) -> XMLElement? {
        // Nodes stand in the order of their first bytes: the last that starts before the offset is in what is wanted.
        var (low, high) = (0, tree.nodes.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if Int(tree.nodes[middle].start) <= offset { low = middle } else { high = middle }
        }
        var index = low
        while index > 0 {
            let node = tree.nodes[index]
            if node.kind == .element, offset < Int(node.end) { return XMLElement(tree: tree, index: index) }
            index = Int(node.parent)
        }
        return nil
    }
}
