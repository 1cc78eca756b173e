/// An attribute, or a namespace declaration, of an element.
public struct XMLAttribute: Sendable {
    let tree: XMLTree
    let index: Int
    let owner: Int

    private var attribute: XMLTree.Attribute { tree.attributes[index] }

    /// The name as it is written, with its prefix.
    public var name: String { tree.string(attribute.name, attribute.name + attribute.nameLength) }

    /// What stands before the colon; nil where there is no colon.
    public var prefix: String? { XMLNames.split(name).prefix }

    /// The name without its prefix.
    public var localName: String { XMLNames.split(name).local }

    /// The namespace of its prefix; nil without a prefix, since attributes have no default namespace.
    public var namespaceURI: String? { prefix.flatMap { tree.namespace(ofPrefix: $0, at: owner) } }

    /// The value as XML means it: references resolved, white space as spaces.
    public var value: String { tree.value(of: attribute) }

    /// Where its name starts.
    public var position: XMLPosition { tree.position(at: attribute.name) }

    /// Where its value starts, behind the quote.
    public var valuePosition: XMLPosition { tree.position(at: attribute.value) }

    /// What was written: name, `=`, quotes and value, byte for byte.
    public var source: String { tree.string(attribute.name, attribute.valueEnd + 1) }

    /// The element that has it.
    public var element: XMLElement { XMLElement(tree: tree, index: owner) }

    /// Its path, as `/domain/devices/disk[2]/@type`.
    public var xpath: String { element.xpath + "/@" + name }
}
