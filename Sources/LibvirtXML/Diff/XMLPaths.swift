/// Paths of many elements of a document, each list of siblings being counted once.
struct XMLPaths {
    private var steps: [XMLElement: String] = [:]

    /// As ``XMLElement/xpath``.
    mutating func path(of element: XMLElement) -> String {
        guard let parent = element.parent else { return "/" + element.name }
        return path(of: parent) + "/" + step(of: element, in: parent)
    }

    /// The path with keys in the place of numbers, where there are keys.
    mutating func label(of element: XMLElement) -> String {
        guard let parent = element.parent else { return "/" + element.name }
        let own = XMLKeys.key(of: element).map { element.name + $0.predicate } ?? step(of: element, in: parent)
        return label(of: parent) + "/" + own
    }

    private mutating func step(of element: XMLElement, in parent: XMLElement) -> String {
        if let step = steps[element] { return step }
        var counts: [String: Int] = [:]
        for child in parent.elements { counts[child.name, default: 0] += 1 }
        var numbers: [String: Int] = [:]
        for child in parent.elements {
            let name = child.name
            let number = numbers[name, default: 0] + 1
            numbers[name] = number
            steps[child] = counts[name] == 1 ? name : "\(name)[\(number)]"
        }
        return steps[element] ?? element.name
    }
}
