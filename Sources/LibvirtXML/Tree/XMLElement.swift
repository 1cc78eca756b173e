/// An element of a document: a light handle, valid as long as it is held, into the state of the document it was taken from.
public struct XMLElement: Sendable {
    let tree: XMLTree
    let index: Int

    var node: XMLTree.Node { tree.nodes[index] }

    /// The name as it is written, with its prefix: `qemu:commandline`.
    public var name: String { tree.string(node.start + 1, node.start + 1 + node.nameLength) }

    /// What stands before the colon; nil where there is no colon.
    public var prefix: String? { XMLNames.split(name).prefix }

    /// The name without its prefix.
    public var localName: String { XMLNames.split(name).local }

    /// The namespace that the prefix, or its absence, means here; nil where there is none.
    public var namespaceURI: String? { tree.namespace(ofPrefix: prefix ?? "", at: index) }

    /// Whether the element has this name, as it is written. Costs no string.
    public func isNamed(_ name: String) -> Bool { tree.holds(name, at: node.start + 1, length: node.nameLength) }

    /// Where its `<` stands.
    public var position: XMLPosition { tree.position(at: node.start) }

    /// Where it ends: the place behind its last `>`.
    public var endPosition: XMLPosition { tree.position(at: node.end) }

    /// What was written, tags included, byte for byte.
    public var source: String { tree.string(node.start, node.end) }

    /// The document that this handle reads. Edits of another copy do not show in it.
    public var document: XMLDocument { XMLDocument(tree: tree) }

    /// The document's name, such as its path.
    public var documentName: String { tree.origin.name }
}

extension XMLElement: Hashable {
    /// Whether both are the same element of the same state of a document.
    public static func == (first: Self, second: Self) -> Bool {
        first.tree === second.tree && first.index == second.index
    }

    /// Feeds the identity.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(tree))
        hasher.combine(index)
    }
}

// MARK: - Attributes

extension XMLElement {
    /// The attributes as written, in their order, namespace declarations left out.
    public var attributes: [XMLAttribute] { attributes { !$0.declaresNamespace } }

    /// The namespace declarations, `xmlns` and `xmlns:…`, in their order.
    public var namespaceDeclarations: [XMLAttribute] { attributes { $0.declaresNamespace } }

    private func attributes(where isWanted: (XMLTree.Attribute) -> Bool) -> [XMLAttribute] {
        let first = Int(node.firstAttribute)
        return (first..<first + Int(node.attributeCount)).filter { isWanted(tree.attributes[$0]) }.map {
            XMLAttribute(tree: tree, index: $0, owner: index)
        }
    }

    /// The attribute of this name, as it is written.
    public func attribute(_ name: String) -> XMLAttribute? {
        attribute { tree.holds(name, at: $0.name, length: $0.nameLength) }
    }

    func attribute(_ name: StaticString) -> XMLAttribute? {
        attribute { tree.holds(name, at: $0.name, length: $0.nameLength) }
    }

    @inline(__always) private func attribute(where isWanted: (XMLTree.Attribute) -> Bool) -> XMLAttribute? {
        let node = node
        for offset in 0..<node.attributeCount {
            let index = Int(node.firstAttribute + offset)
            if isWanted(tree.attributes[index]) { return XMLAttribute(tree: tree, index: index, owner: self.index) }
        }
        return nil
    }

    /// The value of the attribute of this name; nil where there is none.
    public subscript(_ name: String) -> String? { attribute(name)?.value }
}

// MARK: - What is in it

extension XMLElement {
    /// Everything in it, in its order: elements, text, comments and so on.
    public var children: XMLNodes { XMLNodes(tree: tree, parent: index) }

    /// The elements in it, in their order.
    public var elements: XMLElements { XMLElements(tree: tree, parent: index, name: nil) }

    /// The elements of this name in it, in their order.
    public func elements(_ name: String) -> XMLElements { XMLElements(tree: tree, parent: index, name: name) }

    /// The elements of a local name and namespace in it, whatever its prefix, in their order.
    public func elements(_ localName: String, inNamespace uri: String) -> [XMLElement] {
        guard tree.declaresNamespaces else { return [] }
        return elements.filter { $0.localName == localName && $0.namespaceURI == uri }
    }

    /// The first element of this name in it.
    public func first(_ name: String) -> XMLElement? {
        first { tree.holds(name, at: $0.start + 1, length: $0.nameLength) }
    }

    func first(_ name: StaticString) -> XMLElement? {
        first { tree.holds(name, at: $0.start + 1, length: $0.nameLength) }
    }

    @inline(__always) private func first(where isWanted: (XMLTree.Node) -> Bool) -> XMLElement? {
        var index = index + 1
        let end = Int(node.after)
        while index < end {
            let node = tree.nodes[index]
            if node.kind == .element, isWanted(node) { return XMLElement(tree: tree, index: index) }
            index = Int(node.after)
        }
        return nil
    }

    /// The first element that names as `os/type` lead to, taking the first of each name.
    public func path(_ path: String) -> XMLElement? {
        var element = self
        for name in path.split(separator: "/") {
            guard let next = element.first(String(name)) else { return nil }
            element = next
        }
        return element
    }

    /// All elements that names as `devices/disk` lead to, taking every element of each name.
    public func all(_ path: String) -> [XMLElement] {
        var found = [self]
        for name in path.split(separator: "/") {
            let name = String(name)
            found = found.flatMap { $0.elements(name) }
        }
        return found
    }

    /// Every element below it, in document order.
    public var descendants: [XMLElement] {
        (index + 1..<Int(node.after)).filter { tree.nodes[$0].kind == .element }.map {
            XMLElement(tree: tree, index: $0)
        }
    }

    /// The characters directly in it, text and CDATA together, exactly.
    public var text: String {
        let node = node
        // One piece of text is what nearly every element has.
        if Int(node.after) == index + 2, tree.nodes[index + 1].kind == .text {
            return tree.text(of: tree.nodes[index + 1])
        }
        var text = ""
        for child in children where child.kind == .text || child.kind == .cdata { text += child.text }
        return text
    }

    /// ``text`` without white space around it.
    public var trimmedText: String { XMLNames.trimmed(text) }

    /// Where its text starts, white space stepped over; its own position where there is none.
    public var textPosition: XMLPosition {
        for child in children where child.kind == .text || child.kind == .cdata {
            let node = tree.nodes[child.index]
            var offset = node.contentStart
            while offset < node.contentEnd, XMLCharacters.isSpace(tree.bytes[Int(offset)]) { offset += 1 }
            if offset < node.contentEnd { return tree.position(at: offset) }
        }
        return position
    }
}

// MARK: - Where it is

extension XMLElement {
    /// The element that it stands in; nil for the root.
    public var parent: XMLElement? {
        let parent = Int(node.parent)
        return tree.nodes[parent].kind == .element ? XMLElement(tree: tree, index: parent) : nil
    }

    /// Its path, as `/domain/devices/disk[2]`: a number, from 1, where there are several of the name.
    public var xpath: String {
        var steps: [String] = []
        var element: XMLElement? = self
        while let current = element {
            steps.append(current.step)
            element = current.parent
        }
        return "/" + steps.reversed().joined(separator: "/")
    }

    private var step: String {
        let name = name
        guard let parent else { return name }
        var (count, number) = (0, 0)
        for sibling in parent.elements(name) {
            count += 1
            if sibling.index == index { number = count }
        }
        return count > 1 ? "\(name)[\(number)]" : name
    }
}

/// The elements in an element, all or those of one name, in their order.
public struct XMLElements: Sequence, Sendable {
    let tree: XMLTree
    let parent: Int
    let name: String?

    /// Starts at the first.
    public func makeIterator() -> Iterator {
        Iterator(tree: tree, name: name, index: parent + 1, end: Int(tree.nodes[parent].after))
    }

    /// The first of them.
    public var first: XMLElement? {
        var iterator = makeIterator()
        return iterator.next()
    }

    /// Whether there is none.
    public var isEmpty: Bool { first == nil }

    /// How many there are.
    public var count: Int { reduce(0) { total, _ in total + 1 } }

    /// Goes from element to element.
    public struct Iterator: IteratorProtocol {
        let tree: XMLTree
        let name: String?
        var index: Int
        let end: Int

        /// The next element; nil behind the last.
        public mutating func next() -> XMLElement? {
            while index < end {
                let current = index
                let node = tree.nodes[current]
                index = Int(node.after)
                guard node.kind == .element else { continue }
                if let name, !tree.holds(name, at: node.start + 1, length: node.nameLength) { continue }
                return XMLElement(tree: tree, index: current)
            }
            return nil
        }
    }
}
