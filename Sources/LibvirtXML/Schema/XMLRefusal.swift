/// What a schema comes to for a document, for people who have to mend it.
public enum XMLRefusals: Sendable, Hashable {
    /// What it refuses; none where the document is valid.
    case refusals([XMLRefusal])
    /// libvirt has no schema for documents with this root element.
    case noSchema(root: String)
    /// The schema is not installed, or libxml2 is not; the file that was looked for.
    case notInstalled(file: String)
}

/// Something in a document that its schema refuses.
public struct XMLRefusal: Sendable, Hashable {
    /// What it is, as written: `cache='fast' of <driver>`; no password is in it. Where no one thing is to blame, libxml2's
    /// words.
    public var words: String
    /// Where it stands.
    public var position: XMLPosition

    init(words: String, position: XMLPosition) {
        self.words = words
        self.position = position
    }

    /// A piece without which the document would be valid.
    init(_ spot: XMLSpot) {
        switch spot {
        case .attribute(let attribute):
            let isSecret = XMLMeaning.isSecret(attribute: attribute.name)
            let value = isSecret ? "***" : String(attribute.value.prefix(60))
            words = "\(attribute.name)='\(value)' of <\(attribute.element.name)>"
        case .element(let element):
            // A value is text alone.
            let isShown = element.elements.isEmpty && !XMLMeaning.isSecret(element: element.localName)
            let text = isShown ? element.trimmedText : ""
            words =
                text.isEmpty || text.utf8.count > 60
                ? "<\(element.name)>" + (element.parent.map { " in <\($0.name)>" } ?? "")
                : "<\(element.name)>\(text)</\(element.name)>"
        }
        position = spot.position
    }
}
