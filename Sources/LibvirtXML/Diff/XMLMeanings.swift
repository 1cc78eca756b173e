/// Numbers for what elements mean: two elements that mean the same have the same number.
struct XMLMeanings {
    /// A name without regard to its prefix.
    struct Name: Hashable, Comparable {
        var namespace: String
        var local: String

        static func < (first: Self, second: Self) -> Bool {
            (first.namespace, first.local) < (second.namespace, second.local)
        }
    }

    /// What an element comes to, with numbers in the place of its children.
    private struct Content: Hashable {
        var name: Name
        var attributes: [Name: String]
        var text: String
        var children: [Name: [Int]]
    }

    private let ignoresRuntime: Bool
    private var numbers: [Content: Int] = [:]
    private var known: [XMLElement: Int] = [:]

    init(ignoresRuntime: Bool) { self.ignoresRuntime = ignoresRuntime }

    static func name(of element: XMLElement) -> Name {
        guard element.tree.declaresNamespaces else { return Name(namespace: "", local: element.name) }
        return Name(namespace: element.namespaceURI ?? "", local: element.localName)
    }

    static func name(of attribute: XMLAttribute) -> Name {
        guard attribute.prefix != nil else { return Name(namespace: "", local: attribute.name) }
        return Name(namespace: attribute.namespaceURI ?? attribute.prefix ?? "", local: attribute.localName)
    }

    mutating func meaning(of element: XMLElement) -> Int {
        if let number = known[element] { return number }
        let ignoresUnit = XMLMeaning.unitIsApplied(in: element)
        var attributes: [Name: String] = [:]
        for attribute in element.attributes where !(ignoresUnit && attribute.name == "unit") {
            if ignoresRuntime && XMLRuntime.isRuntime(attribute) || XMLDefaults.isDefault(attribute) { continue }
            attributes[Self.name(of: attribute)] = XMLMeaning.normal(
                attribute.value, attribute: attribute.name, of: element)
        }
        var children: [Name: [Int]] = [:]
        var unordered: Set<Name> = []
        for child in element.elements where !(ignoresRuntime && XMLRuntime.isRuntime(child)) {
            let name = Self.name(of: child)
            children[name, default: []].append(meaning(of: child))
            if !XMLKeys.orderCounts(child) { unordered.insert(name) }
        }
        for name in unordered { children[name]?.sort() }
        let content = Content(
            name: Self.name(of: element), attributes: attributes, text: XMLMeaning.normalText(of: element),
            children: children)
        let number = numbers[content] ?? numbers.count
        numbers[content] = number
        known[element] = number
        return number
    }
}
