/// What our own reading of a document's text found amiss; libxml2 is asked what it says before anybody hears of it.
struct XMLScanFault: Error {
    enum Kind {
        case malformed
        case documentType
        case tooDeep
    }
    var kind: Kind
    var offset: Int
}

/// Finds where everything stands in a document.
///
/// It does not judge: it trusts that the document is well-formed, and what it makes of one that is not does not matter,
/// because libxml2 decides that, and ``XMLAgreement`` holds every node it made against what libxml2 read.
@safe struct XMLScanner: ~Copyable {
    private(set) var nodes: [XMLTree.Node] = []
    private(set) var attributes: [XMLTree.Attribute] = []
    private(set) var lines: [UInt32]
    private(set) var declaresNamespaces = false
    private(set) var rootIndex = 0
    private var open: [Int] = [0]

    /// Reads the text once, from the first byte to the last.
    init(_ bytes: Span<UInt8>) throws(XMLScanFault) {
        lines = XMLLines.starts(in: bytes)
        nodes.reserveCapacity(bytes.count / 24 + 8)
        attributes.reserveCapacity(bytes.count / 32 + 4)
        let end = UInt32(truncatingIfNeeded: bytes.count)
        nodes.append(
            XMLTree.Node(kind: .document, start: 0, end: end, contentStart: 0, contentEnd: end, parent: 0))
        var index = XMLCharacters.hasMark(bytes) ? 3 : 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<") {
                try markup(bytes, &index)
            } else {
                text(bytes, &index)
            }
        }
        guard open.count == 1, rootIndex != 0 else { throw XMLScanFault(kind: .malformed, offset: bytes.count) }
        nodes[0].after = UInt32(truncatingIfNeeded: nodes.count)
    }

    private mutating func append(_ node: XMLTree.Node) {
        nodes.append(node)
        nodes[nodes.count - 1].after = UInt32(truncatingIfNeeded: nodes.count)
    }

    private var parent: UInt32 { UInt32(truncatingIfNeeded: open[open.count - 1]) }

    private mutating func text(_ bytes: Span<UInt8>, _ index: inout Int) {
        let start = index
        var needsDecoding = false
        let count = bytes.count
        while index < count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "<") { break }
            if byte == UInt8(ascii: "&") || byte == 0x0d { needsDecoding = true }
            index += 1
        }
        // Outside the root element there is only white space, which belongs to no node.
        guard open.count > 1 else { return }
        let (from, to) = (UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: index))
        append(
            XMLTree.Node(
                kind: .text, needsDecoding: needsDecoding, start: from, end: to, contentStart: from, contentEnd: to,
                parent: parent))
    }

    private mutating func markup(_ bytes: Span<UInt8>, _ index: inout Int) throws(XMLScanFault) {
        let start = index
        guard start + 1 < bytes.count else { throw XMLScanFault(kind: .malformed, offset: start) }
        switch bytes[start + 1] {
        case UInt8(ascii: "/"):
            try endTag(bytes, &index)
        case UInt8(ascii: "?"):
            try instruction(bytes, &index)
        case UInt8(ascii: "!"):
            if follows(bytes, start + 2, "--") {
                try literal(bytes, &index, .comment, opening: 4, closing: "-->")
            } else if follows(bytes, start + 2, "[CDATA[") {
                guard open.count > 1 else { throw XMLScanFault(kind: .malformed, offset: start) }
                try literal(bytes, &index, .cdata, opening: 9, closing: "]]>")
            } else {
                throw XMLScanFault(
                    kind: follows(bytes, start + 2, "DOCTYPE") ? .documentType : .malformed, offset: start)
            }
        default:
            try startTag(bytes, &index)
        }
    }

    private func follows(_ bytes: Span<UInt8>, _ offset: Int, _ text: StaticString) -> Bool {
        guard bytes.count - offset >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount {
            // SAFETY: index is below the literal's own length.
            if unsafe bytes[offset + index] != text.utf8Start[index] { return false }
        }
        return true
    }

    /// A comment or CDATA: everything up to the first closing mark.
    private mutating func literal(
        _ bytes: Span<UInt8>, _ index: inout Int, _ kind: XMLTree.Kind, opening: Int, closing: StaticString
    ) throws(XMLScanFault) {
        let start = index
        index += opening
        let content = index
        var needsDecoding = false
        while !follows(bytes, index, closing) {
            guard index < bytes.count else { throw XMLScanFault(kind: .malformed, offset: start) }
            if bytes[index] == 0x0d { needsDecoding = true }
            index += 1
        }
        let contentEnd = index
        index += closing.utf8CodeUnitCount
        append(
            XMLTree.Node(
                kind: kind, needsDecoding: needsDecoding, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: index), contentStart: UInt32(truncatingIfNeeded: content),
                contentEnd: UInt32(truncatingIfNeeded: contentEnd), parent: parent))
    }

    private mutating func instruction(_ bytes: Span<UInt8>, _ index: inout Int) throws(XMLScanFault) {
        let start = index
        index += 2
        let name = index
        while index < bytes.count, !XMLCharacters.isSpace(bytes[index]), bytes[index] != UInt8(ascii: "?") {
            index += 1
        }
        let nameLength = index - name
        while index < bytes.count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
        let content = index
        var needsDecoding = false
        while !follows(bytes, index, "?>") {
            guard index < bytes.count else { throw XMLScanFault(kind: .malformed, offset: start) }
            if bytes[index] == 0x0d { needsDecoding = true }
            index += 1
        }
        let contentEnd = index
        index += 2
        let isDeclaration = nodes.count == 1 && nameLength == 3 && follows(bytes, name, "xml")
        append(
            XMLTree.Node(
                kind: isDeclaration ? .declaration : .instruction, needsDecoding: needsDecoding,
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: index),
                contentStart: UInt32(truncatingIfNeeded: content), contentEnd: UInt32(truncatingIfNeeded: contentEnd),
                nameLength: UInt32(truncatingIfNeeded: nameLength), parent: parent))
    }

    private mutating func startTag(_ bytes: Span<UInt8>, _ index: inout Int) throws(XMLScanFault) {
        let start = index
        let count = bytes.count
        guard open.count <= XMLDocument.maximumDepth else { throw XMLScanFault(kind: .tooDeep, offset: start) }
        if open.count == 1 {
            guard rootIndex == 0 else { throw XMLScanFault(kind: .malformed, offset: start) }
            rootIndex = nodes.count
        }
        index += 1
        while index < count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") || XMLCharacters.isSpace(byte) { break }
            index += 1
        }
        let nameLength = index - start - 1
        let firstAttribute = attributes.count
        while true {
            while index < count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
            guard index < count else { throw XMLScanFault(kind: .malformed, offset: start) }
            let byte = bytes[index]
            if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") { break }
            try attribute(bytes, &index)
        }
        let isSelfClosing = bytes[index] == UInt8(ascii: "/")
        if isSelfClosing {
            index += 1
            guard index < count, bytes[index] == UInt8(ascii: ">") else {
                throw XMLScanFault(kind: .malformed, offset: start)
            }
        }
        index += 1
        let end = UInt32(truncatingIfNeeded: index)
        let element = nodes.count
        append(
            XMLTree.Node(
                kind: .element, isSelfClosing: isSelfClosing, start: UInt32(truncatingIfNeeded: start), end: end,
                contentStart: end, contentEnd: end, nameLength: UInt32(truncatingIfNeeded: nameLength), parent: parent,
                firstAttribute: UInt32(truncatingIfNeeded: firstAttribute),
                attributeCount: UInt32(truncatingIfNeeded: attributes.count - firstAttribute)))
        if !isSelfClosing { open.append(element) }
    }

    private mutating func attribute(_ bytes: Span<UInt8>, _ index: inout Int) throws(XMLScanFault) {
        let count = bytes.count
        let name = index
        while index < count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "=") || XMLCharacters.isSpace(byte) { break }
            index += 1
        }
        let nameLength = index - name
        while index < count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
        guard index < count, bytes[index] == UInt8(ascii: "=") else {
            throw XMLScanFault(kind: .malformed, offset: name)
        }
        index += 1
        while index < count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
        guard index < count, bytes[index] == UInt8(ascii: "'") || bytes[index] == UInt8(ascii: "\"") else {
            throw XMLScanFault(kind: .malformed, offset: name)
        }
        let quote = bytes[index]
        index += 1
        let value = index
        var needsDecoding = false
        while true {
            guard index < count else { throw XMLScanFault(kind: .malformed, offset: name) }
            let byte = bytes[index]
            if byte == quote { break }
            if byte == UInt8(ascii: "&") || byte < 0x20 { needsDecoding = true }
            index += 1
        }
        let valueEnd = index
        index += 1
        let declares =
            nameLength >= 5 && follows(bytes, name, "xmlns")
            && (nameLength == 5 || bytes[name + 5] == UInt8(ascii: ":"))
        if declares { declaresNamespaces = true }
        attributes.append(
            XMLTree.Attribute(
                name: UInt32(truncatingIfNeeded: name), nameLength: UInt32(truncatingIfNeeded: nameLength),
                value: UInt32(truncatingIfNeeded: value), valueEnd: UInt32(truncatingIfNeeded: valueEnd),
                needsDecoding: needsDecoding, declaresNamespace: declares))
    }

    private mutating func endTag(_ bytes: Span<UInt8>, _ index: inout Int) throws(XMLScanFault) {
        let start = index
        guard open.count > 1 else { throw XMLScanFault(kind: .malformed, offset: start) }
        while index < bytes.count, bytes[index] != UInt8(ascii: ">") { index += 1 }
        guard index < bytes.count else { throw XMLScanFault(kind: .malformed, offset: start) }
        index += 1
        let element = open.removeLast()
        nodes[element].contentEnd = UInt32(truncatingIfNeeded: start)
        nodes[element].end = UInt32(truncatingIfNeeded: index)
        nodes[element].after = UInt32(truncatingIfNeeded: nodes.count)
    }
}
