/// An element to be added to a document.
public struct XMLNewElement: Sendable, Hashable {
    /// The name, with its prefix where it has one.
    public var name: String
    /// The attributes in their order.
    public var attributes: [Attribute]
    /// What is in it.
    public var content: Content

    /// A name and a value.
    public struct Attribute: Sendable, Hashable {
        /// The name, with its prefix where it has one.
        public var name: String
        /// The value as XML means it, not escaped.
        public var value: String

        /// Makes an attribute.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What can be in an element that is added.
    public enum Content: Sendable, Hashable {
        /// Nothing: `<a/>`.
        case empty
        /// Characters, not escaped.
        case text(String)
        /// Elements.
        case elements([XMLNewElement])
    }

    /// Makes an element, as `XMLNewElement("driver", [.init("name", "qemu")])`.
    public init(_ name: String, _ attributes: [Attribute] = [], _ content: Content = .empty) {
        self.name = name
        self.attributes = attributes
        self.content = content
    }
}

extension XMLNewElement {
    /// The element's text; without an indentation on one line.
    func text(indentation: String?, step: String, document: String) throws(XMLError) -> String {
        try XMLEscaping.requireName(name, document: document)
        var text = "<" + name
        for attribute in attributes {
            try XMLEscaping.requireName(attribute.name, document: document)
            let value = try XMLEscaping.attribute(attribute.value, quote: UInt8(ascii: "'"), document: document)
            text += " \(attribute.name)='\(value)'"
        }
        switch content {
        case .empty, .elements([]):
            return text + "/>"
        case .text(let characters):
            return try text + ">" + XMLEscaping.text(characters, document: document) + "</\(name)>"
        case .elements(let elements):
            text += ">"
            let inner = indentation.map { $0 + step }
            for element in elements {
                if let inner { text += "\n" + inner }
                text += try element.text(indentation: inner, step: step, document: document)
            }
            if let indentation { text += "\n" + indentation }
            return text + "</\(name)>"
        }
    }

    /// How many nodes the element's text makes.
    func nodeCount(isIndented: Bool) -> Int {
        switch content {
        case .empty, .elements([]): 1
        case .text(let characters): characters.isEmpty ? 1 : 2
        case .elements(let elements):
            elements.reduce(isIndented ? 2 : 1) { $0 + $1.nodeCount(isIndented: isIndented) + (isIndented ? 1 : 0) }
        }
    }
}
