/// Paths as ``XMLElement/xpath`` prints them, and as libxml2's `xmlGetNodePath` does.
enum XMLPath {
    static func resolve(_ path: String, in tree: XMLTree) -> XMLElement? {
        var parent = 0
        for step in path.split(separator: "/") {
            let pieces = step.split(separator: "[")
            guard let name = pieces.first, pieces.count <= 2 else { return nil }
            var number = 1
            if pieces.count == 2 {
                guard pieces[1].hasSuffix("]"), let value = Int(pieces[1].dropLast()) else { return nil }
                number = value
            }
            let elements = XMLElements(tree: tree, parent: parent, name: name == "*" ? nil : String(name))
            guard number > 0, let found = elements.dropFirst(number - 1).first(where: { _ in true }) else { return nil }
            parent = found.index
        }
        return parent == 0 ? nil : XMLElement(tree: tree, index: parent)
    }
}
