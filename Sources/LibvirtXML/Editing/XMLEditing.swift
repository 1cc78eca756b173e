// Edits change the document's text at one place and read it anew: all else stays byte for byte, and every position is true
// of the text as it now is. A document is a few thousand bytes, so that costs microseconds.
extension XMLDocument {
    /// The same element in this document's present state, however many edits ago the handle was taken.
    ///
    /// - Throws: ``XMLError/Kind/foreignElement`` where an edit removed it, or it is of another document.
    public func current(_ element: XMLElement) throws(XMLError) -> XMLElement {
        if element.tree === tree { return element }
        guard let first = history.lastIndex(where: { $0.from === element.tree.identity }) else {
            throw XMLError(.foreignElement, "\(element.name) is an element of another document", document: name)
        }
        var index = element.index
        for splice in history[first...] {
            if index < splice.index { continue }
            guard index >= splice.index + splice.removed else {
                throw XMLError(.foreignElement, "\(element.name) was removed", document: name)
            }
            index += splice.added - splice.removed
        }
        return XMLElement(tree: tree, index: index)
    }

    /// Gives an attribute a value; one that is not there yet becomes the last, nil removes it.
    ///
    /// - Returns: The element as it is now.
    @discardableResult
    public mutating func setAttribute(
        _ name: String, to value: String?, of element: XMLElement
    ) throws(XMLError) -> XMLElement {
        let element = try current(element)
        let attribute = element.attribute(name).map { tree.attributes[$0.index] }
        switch (attribute, value) {
        case (nil, nil):
            return element
        case (let attribute?, nil):
            // The white space before it goes with it.
            var start = Int(attribute.name)
            while start > 0, XMLCharacters.isSpace(tree.bytes[start - 1]) { start -= 1 }
            try replace(start..<Int(attribute.valueEnd) + 1, with: "")
        case (let attribute?, let value?):
            let quote = tree.bytes[Int(attribute.value) - 1]
            let text = try XMLEscaping.attribute(value, quote: quote, document: self.name)
            try replace(Int(attribute.value)..<Int(attribute.valueEnd), with: text)
        case (nil, let value?):
            try XMLEscaping.requireName(name, document: self.name)
            let text = try XMLEscaping.attribute(value, quote: UInt8(ascii: "'"), document: self.name)
            let node = element.node
            var place = Int(node.start + 1 + node.nameLength)
            if node.attributeCount > 0 {
                place = Int(tree.attributes[Int(node.firstAttribute + node.attributeCount - 1)].valueEnd) + 1
            }
            try replace(place..<place, with: " \(name)='\(text)'")
        }
        return XMLElement(tree: tree, index: element.index)
    }

    /// Puts text in the place of everything in an element.
    @discardableResult
    public mutating func setText(_ text: String, of element: XMLElement) throws(XMLError) -> XMLElement {
        let element = try current(element)
        let node = element.node
        let escaped = try XMLEscaping.text(text, document: name)
        let (removed, added) = (Int(node.after) - element.index - 1, text.isEmpty ? 0 : 1)
        if node.isSelfClosing {
            if text.isEmpty { return element }
            try replace(
                selfClosingMark(node), with: ">\(escaped)</\(element.name)>",
                splice: (element.index + 1, removed, added))
        } else {
            try replace(
                Int(node.contentStart)..<Int(node.contentEnd), with: escaped,
                splice: (element.index + 1, removed, added))
        }
        return XMLElement(tree: tree, index: element.index)
    }

    /// Adds an element behind everything in another, indented as its siblings are.
    ///
    /// - Returns: The element that was added.
    @discardableResult
    public mutating func append(_ new: XMLNewElement, to parent: XMLElement) throws(XMLError) -> XMLElement {
        let parent = try current(parent)
        let node = parent.node
        let last = parent.elements.reduce(nil as XMLElement?) { $1 }
        if let last { return try insert(new, after: last) }
        // The first element in it: a step further in than its parent, whose end tag comes to a line of its own.
        let indentation = lineIndentation(before: parent)
        let inner = indentation.map { $0 + indentationStep }
        let text = try new.text(indentation: inner, step: indentationStep, document: name)
        let opening = inner.map { "\n" + $0 } ?? ""
        let closing = indentation.map { "\n" + $0 } ?? ""
        let nodes = inner == nil ? 0 : 1
        if node.isSelfClosing {
            try replace(
                selfClosingMark(node), with: ">\(opening)\(text)\(closing)</\(parent.name)>",
                splice: (parent.index + 1, 0, new.nodeCount(isIndented: inner != nil) + 2 * nodes))
            return XMLElement(tree: tree, index: parent.index + 1 + nodes)
        }
        // Text that is only white space makes room; other content stays, and the element comes behind it.
        let blank = isBlank(parent)
        let range = (blank ? Int(node.contentStart) : Int(node.contentEnd))..<Int(node.contentEnd)
        let count = new.nodeCount(isIndented: inner != nil)
        if blank {
            try replace(
                range, with: opening + text + closing,
                splice: (parent.index + 1, Int(node.after) - parent.index - 1, count + 2 * nodes))
            return XMLElement(tree: tree, index: parent.index + 1 + nodes)
        }
        let plain = try new.text(indentation: nil, step: "", document: name)
        try replace(range, with: plain, splice: (Int(node.after), 0, new.nodeCount(isIndented: false)))
        return XMLElement(tree: tree, index: Int(node.after))
    }

    /// Adds an element behind another, on a line of its own where that one has one.
    ///
    /// - Returns: The element that was added.
    @discardableResult
    public mutating func insert(_ new: XMLNewElement, after sibling: XMLElement) throws(XMLError) -> XMLElement {
        let sibling = try currentSibling(sibling)
        let indentation = lineIndentation(before: sibling)
        let text = try new.text(indentation: indentation, step: indentationStep, document: name)
        let end = Int(sibling.node.end)
        guard let indentation else {
            try replace(end..<end, with: text, splice: (Int(sibling.node.after), 0, new.nodeCount(isIndented: false)))
            return XMLElement(tree: tree, index: Int(sibling.node.after))
        }
        // The new text node stands before the new element; the one behind stays what it was.
        try replace(
            end..<end, with: "\n" + indentation + text,
            splice: (Int(sibling.node.after), 0, 1 + new.nodeCount(isIndented: true)))
        return XMLElement(tree: tree, index: Int(sibling.node.after) + 1)
    }

    /// Adds an element before another, on a line of its own where that one has one.
    ///
    /// - Returns: The element that was added.
    @discardableResult
    public mutating func insert(_ new: XMLNewElement, before sibling: XMLElement) throws(XMLError) -> XMLElement {
        let sibling = try currentSibling(sibling)
        let indentation = lineIndentation(before: sibling)
        let text = try new.text(indentation: indentation, step: indentationStep, document: name)
        let start = Int(sibling.node.start)
        let count = new.nodeCount(isIndented: indentation != nil) + (indentation == nil ? 0 : 1)
        let gap = indentation.map { "\n" + $0 } ?? ""
        try replace(start..<start, with: text + gap, splice: (sibling.index, 0, count))
        return XMLElement(tree: tree, index: sibling.index)
    }

    /// Removes an element, and the line it stood on if it stood there alone.
    public mutating func remove(_ element: XMLElement) throws(XMLError) {
        let element = try currentSibling(element)
        let node = element.node
        let previous = tree.nodes[element.index - 1]
        let isAfterText = previous.kind == .text && previous.end == node.start
        let behind = Int(node.after)
        let isBeforeText =
            behind < tree.nodes.count && tree.nodes[behind].kind == .text && tree.nodes[behind].parent == node.parent
        var (start, index, removed) = (Int(node.start), element.index, behind - element.index)
        if isAfterText, isBlank(previous) {
            // The white space before it goes with it.
            start = Int(previous.start)
            index -= 1
            removed += 1
        } else if isAfterText, isBeforeText {
            // Two texts become one.
            removed += 1
        }
        try replace(start..<Int(node.end), with: "", splice: (index, removed, 0))
    }
}

// MARK: - Text

extension XMLDocument {
    /// Puts bytes in the place of others and reads the document anew.
    private mutating func replace(
        _ range: Range<Int>, with text: String, splice: (index: Int, removed: Int, added: Int)? = nil
    ) throws(XMLError) {
        var bytes = tree.bytes
        bytes.replaceSubrange(range, with: Array(text.utf8))
        let origin = XMLOrigin(
            name: tree.name, firstLine: tree.firstLine, firstOffset: tree.firstOffset, wasConverted: tree.wasConverted)
        let edited = try XMLDocument(utf8: bytes, origin: origin)
        let (index, removed, added) = splice ?? (edited.tree.nodes.count, 0, 0)
        guard edited.tree.nodes.count == tree.nodes.count - removed + added else {
            throw XMLError(.internalFault, "an edit changed more than it names", document: name)
        }
        history.append(XMLSplice(from: tree.identity, index: index, removed: removed, added: added))
        tree = edited.tree
    }

    /// The `/>` of an element of one tag, with the white space before it.
    private func selfClosingMark(_ node: XMLTree.Node) -> Range<Int> {
        let end = Int(node.contentStart)
        var start = end - 2
        while XMLCharacters.isSpace(tree.bytes[start - 1]) { start -= 1 }
        return start..<end
    }

    private func currentSibling(_ element: XMLElement) throws(XMLError) -> XMLElement {
        let element = try current(element)
        guard element.parent != nil else {
            throw XMLError(.notRepresentable, "a document has one root element", document: name)
        }
        return element
    }

    private func isBlank(_ node: XMLTree.Node) -> Bool {
        (node.contentStart..<node.contentEnd).allSatisfy { XMLCharacters.isSpace(tree.bytes[Int($0)]) }
    }

    /// Whether there is nothing in an element but white space.
    private func isBlank(_ element: XMLElement) -> Bool {
        element.children.allSatisfy { $0.kind == .text && isBlank(tree.nodes[$0.index]) }
    }

    /// The white space before an element on its line; nil where it shares the line with something before it.
    private func lineIndentation(before element: XMLElement) -> String? {
        let start = Int(element.node.start)
        var index = start
        while index > 0, tree.bytes[index - 1] == 0x20 || tree.bytes[index - 1] == 0x09 { index -= 1 }
        guard index == 0 || tree.bytes[index - 1] == 0x0a else { return nil }
        return tree.string(UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: start))
    }

    /// What one level is indented by: as the first element in the root is, or libvirt's two spaces.
    private var indentationStep: String {
        guard let first = root.elements.first, let inner = lineIndentation(before: first), !inner.isEmpty else {
            return "  "
        }
        return inner
    }
}
