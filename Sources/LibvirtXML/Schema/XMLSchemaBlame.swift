/// Finds what a schema refuses: the smallest pieces of a document without which it would follow the schema.
///
/// libxml2 says of a wrong attribute of a disk no more than `Extra element devices in interleave`, because it tries the
/// branches of an interleave and keeps only the outermost failure. So pieces are taken out, by white space in their place, and
/// the schema is asked again; what remains blamed is exact in this sense: without it the document is valid.
struct XMLSchemaBlame {
    /// What libxml2 says of a text: nil where it is valid.
    typealias Validation = ([UInt8]) -> [String]?

    private let document: XMLDocument
    private let validate: Validation
    /// How often the schema may still be asked; then what is found is larger than it need be.
    private(set) var budget: Int

    init(_ document: XMLDocument, budget: Int, validate: @escaping Validation) {
        self.document = document
        self.budget = budget
        self.validate = validate
    }

    /// The pieces, in the order of the document; none where no piece by itself, or with others, is to blame.
    mutating func culprits() -> [XMLSpot] {
        culprits(in: document.root, document.tree.bytes).sorted { $0.position < $1.position }
    }

    // MARK: - Descending

    /// What is to blame in an element that is.
    private mutating func culprits(in element: XMLElement, _ text: [UInt8]) -> [XMLSpot] {
        let parts = Self.parts(of: element)
        guard !parts.isEmpty else { return [] }
        var guilty: [XMLSpot] = []
        var rest = text
        if accepts(without(parts[...], text)) {
            // Nothing that the schema asks for is among the parts: the first of them that has to go is to blame, until none
            // has to.
            while guilty.count < parts.count, !accepts(rest) {
                guard let found = first(of: parts, in: rest) else { break }
                guilty.append(found)
                rest = without([found], rest)
            }
        } else if let found = named(among: parts, in: text) {
            guilty = found
            rest = without(found[...], text)
        } else if let single = parts.first(where: { accepts(without([$0], text)) }) {
            guilty = [single]
            rest = without([single], text)
        }
        guard !guilty.isEmpty, accepts(rest) else { return insideRequired(parts, text) }
        return guilty.flatMap { part -> [XMLSpot] in
            guard case .element(let child) = part else { return [part] }
            let others = guilty.filter { $0.position != part.position }
            let inside = culprits(in: child, without(others[...], text))
            return inside.isEmpty ? [part] : inside
        }
    }

    /// What is to blame in a part that itself cannot go, because the schema asks for it; those that libxml2 names first.
    private mutating func insideRequired(_ parts: [XMLSpot], _ text: [UInt8]) -> [XMLSpot] {
        let words = Self.words(complaints(text) ?? [])
        let children = parts.compactMap { part -> XMLElement? in
            if case .element(let element) = part { return element }
            return nil
        }
        let named = children.filter { words.contains($0.localName) }
        for child in named + children.filter({ !words.contains($0.localName) }) {
            let inside = culprits(in: child, text)
            if !inside.isEmpty { return inside }
        }
        return []
    }

    private static func words(_ complaints: [String]) -> Set<String> {
        Set(complaints.flatMap { $0.split(separator: " ").map(String.init) })
    }

    /// The first part without which, and without those before it, the schema is content.
    private mutating func first(of parts: [XMLSpot], in text: [UInt8]) -> XMLSpot? {
        var (refused, accepted) = (0, parts.count)
        while refused + 1 < accepted {
            let middle = (refused + accepted) / 2
            if accepts(without(parts[..<middle], text)) { accepted = middle } else { refused = middle }
        }
        return accepted > 0 ? parts[accepted - 1] : nil
    }

    /// The parts that libxml2 names, one complaint after the other, where that comes to an end.
    private mutating func named(among parts: [XMLSpot], in text: [UInt8]) -> [XMLSpot]? {
        var found: [XMLSpot] = []
        var rest = text
        while let complaints = complaints(rest) {
            let words = Self.words(complaints)
            let next = parts.filter { part in
                guard case .element(let element) = part, words.contains(element.localName) else { return false }
                return !found.contains { $0.position == part.position }
            }
            guard !next.isEmpty, budget > 0 else { return nil }
            // Of elements of one name only some may be wrong.
            let single = next.first { accepts(without([$0], rest)) }
            let gone = single.map { [$0] } ?? next
            found += gone
            rest = without(gone[...], rest)
        }
        return found.isEmpty ? nil : found
    }

    // MARK: - Texts

    private static func parts(of element: XMLElement) -> [XMLSpot] {
        element.attributes.map { .attribute($0) } + element.elements.map { .element($0) }
    }

    /// The text with white space in the place of some parts, so that all others keep theirs.
    private func without(_ parts: ArraySlice<XMLSpot>, _ text: [UInt8]) -> [UInt8] {
        var text = text
        for part in parts {
            let range =
                switch part {
                case .element(let element): Int(element.node.start)..<Int(element.node.end)
                case .attribute: part.range
                }
            for index in range where text[index] != 0x0a { text[index] = 0x20 }
        }
        return text
    }

    private mutating func complaints(_ text: [UInt8]) -> [String]? {
        guard budget > 0 else { return [] }
        budget -= 1
        return validate(text)
    }

    private mutating func accepts(_ text: [UInt8]) -> Bool { complaints(text) == nil }
}
