/// A few lines of a document around an element or attribute, for a reader: without secrets, and cut to what can be shown.
public struct XMLExcerpt: Sendable, Hashable {
    /// A line, in three pieces.
    public struct Line: Sendable, Hashable {
        /// Its number in the document, from 1.
        public var number: Int
        /// What stands before the element or attribute.
        public var before: String
        /// What of the element or attribute is in this line; empty in a line around it.
        public var marked: String
        /// What stands behind it.
        public var after: String
    }

    /// The lines, in their order.
    public var lines: [Line] = []

    /// How many lines of a long start tag are shown.
    private static let mostLines = 5
    /// How many bytes of each piece of a line are shown: a value may be megabytes long.
    private static let mostBytes = 240

    /// Takes the lines of a start tag or attribute, and as many before and behind it.
    public init(_ spot: XMLSpot, context: Int = 1) {
        let tree = spot.document.tree
        let range = spot.range
        let lines = Self.lines(around: range, in: tree, context: context)
        let bytes = lines.last.map { lines[0].range.lowerBound..<$0.range.upperBound } ?? range
        let secrets = Self.secrets(in: tree, bytes)
        for line in lines {
            let marked = line.range.clamped(to: range)
            let isMarked = line.range.overlaps(range)
            let pieces =
                isMarked
                ? [
                    line.range.lowerBound..<marked.lowerBound, marked, marked.upperBound..<line.range.upperBound,
                ] : [line.range, 0..<0, 0..<0]
            let texts = pieces.enumerated().map { index, piece in
                Self.text(piece, of: tree, secrets, keepsEnd: index == 0 && isMarked)
            }
            self.lines.append(Line(number: line.number, before: texts[0], marked: texts[1], after: texts[2]))
        }
    }

    private static func lines(
        around range: Range<Int>, in tree: XMLTree, context: Int
    ) -> [(number: Int, range: Range<Int>)] {
        let first = tree.lines.line(of: range.lowerBound)
        let last = min(tree.lines.line(of: max(range.lowerBound, range.upperBound - 1)), first + mostLines - 1)
        let shown = max(0, first - context)...min(tree.lines.starts.count - 1, last + context)
        return shown.map { line in
            let start = Int(tree.lines.starts[line])
            var end = line + 1 < tree.lines.starts.count ? Int(tree.lines.starts[line + 1]) - 1 : tree.bytes.count
            if end > start, tree.bytes[end - 1] == 0x0d { end -= 1 }
            return (tree.origin.firstLine + line, start..<max(start, end))
        }
    }

    // MARK: - Text

    private static func text(
        _ range: Range<Int>, of tree: XMLTree, _ secrets: [Range<Int>], keepsEnd: Bool
    ) -> String {
        var bytes: [UInt8] = []
        var index = range.lowerBound
        let start = keepsEnd ? max(index, range.upperBound - mostBytes) : index
        if let secret = secrets.first(where: { $0.lowerBound < start && $0.upperBound > start }) {
            bytes += mask
            index = secret.upperBound
        } else {
            index = start
            // A cut in the middle of a character would show as another.
            while index > range.lowerBound, index < range.upperBound, tree.bytes[index] & 0xc0 == 0x80 { index += 1 }
        }
        let isCutBefore = start > range.lowerBound
        while index < range.upperBound, bytes.count < mostBytes {
            if let secret = secrets.first(where: { $0.contains(index) }) {
                bytes += mask
                index = secret.upperBound
            } else {
                bytes.append(tree.bytes[index])
                index += 1
            }
        }
        let isCutBehind = index < range.upperBound
        if isCutBehind { while let last = bytes.last, last & 0x80 != 0 { bytes.removeLast() } }
        let text = String(decoding: bytes, as: UTF8.self)
        return (isCutBefore ? "…" : "") + text + (isCutBehind ? "…" : "")
    }

    // MARK: - Secrets

    private static let mask = Array("***".utf8)

    /// What libvirt itself leaves out without `VIR_DOMAIN_XML_SECURE`, and arguments of QEMU's that carry a password.
    private static func secrets(in tree: XMLTree, _ shown: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for (index, node) in tree.nodes.enumerated()
        where node.kind == .element && Int(node.start) < shown.upperBound && Int(node.end) > shown.lowerBound {
            let element = XMLElement(tree: tree, index: index)
            let name = element.localName
            for attribute in element.attributes
            where XMLMeaning.isSecret(attribute: attribute.name)
                || ["arg", "env"].contains(name) && XMLMeaning.isSecret(argument: attribute.value)
            {
                let attribute = tree.attributes[attribute.index]
                found.append(Int(attribute.value)..<Int(attribute.valueEnd))
            }
            if XMLMeaning.isSecret(element: name) { found.append(Int(node.contentStart)..<Int(node.contentEnd)) }
        }
        return found.filter { !$0.isEmpty }
    }
}
