/// Compares documents by meaning.
///
/// The order of attributes, white space, comments, prefixes and the way a number, size or boolean is written do not count.
/// Elements of different names may stand in any order; elements of one name are told apart by what libvirt tells them by
/// (a disk by its target, an interface by its MAC), or else by their order.
public enum XMLDiff {
    /// What is different in the second document, in the order of the second.
    ///
    /// - Parameter ignoringRuntime: Whether what libvirt adds to a running domain's XML (aliases, chosen ports, labels, the
    ///   CPU spelt out) does not count, so that a domain can be compared with its definition.
    public static func compare(
        _ first: XMLDocument, _ second: XMLDocument, ignoringRuntime: Bool = false
    ) -> [XMLChange] {
        compare(first.root, second.root, ignoringRuntime: ignoringRuntime)
    }

    /// What is different in the second element.
    public static func compare(
        _ first: XMLElement, _ second: XMLElement, ignoringRuntime: Bool = false
    ) -> [XMLChange] {
        var comparison = XMLComparison(ignoresRuntime: ignoringRuntime)
        comparison.compareRoots(first, second)
        return comparison.changes
    }
}

/// One comparison under way.
struct XMLComparison {
    private(set) var changes: [XMLChange] = []
    private let ignoresRuntime: Bool
    private var meanings: XMLMeanings
    private var paths = XMLPaths()

    /// The most pairs that are looked at to line up elements without keys; beyond, they are taken in order.
    private static let maximumPairs = 1_000_000

    init(ignoresRuntime: Bool) {
        self.ignoresRuntime = ignoresRuntime
        meanings = XMLMeanings(ignoresRuntime: ignoresRuntime)
    }

    mutating func compareRoots(_ old: XMLElement, _ new: XMLElement) {
        guard XMLMeanings.name(of: old) == XMLMeanings.name(of: new) else {
            changes.append(
                XMLChange(
                    kind: .changed, subject: .element, path: new.xpath, label: new.xpath, old: Self.startTag(old),
                    new: Self.startTag(new), oldPosition: old.position, newPosition: new.position))
            return
        }
        compare(old, new)
    }

    private mutating func compare(_ old: XMLElement, _ new: XMLElement) {
        compareAttributes(old, new)
        compareText(old, new)
        compareChildren(old, new)
    }

    // MARK: Attributes and text

    private mutating func compareAttributes(_ old: XMLElement, _ new: XMLElement) {
        // A unit that says how to read a size on either side is told with the size.
        let ignoresUnit = XMLMeaning.unitIsApplied(in: old) || XMLMeaning.unitIsApplied(in: new)
        let isExpanded = ignoresRuntime && XMLRuntime.isExpanded(old, new)
        func isCompared(_ attribute: XMLAttribute) -> Bool {
            if ignoresUnit, attribute.name == "unit" { return false }
            if isExpanded, XMLRuntime.expandedAttributes.contains(attribute.name) { return false }
            return !(ignoresRuntime && XMLRuntime.isRuntime(attribute))
        }
        let before = old.attributes.filter(isCompared)
        var left = new.attributes.filter(isCompared)
        for attribute in before {
            let name = XMLMeanings.name(of: attribute)
            if let index = left.firstIndex(where: { XMLMeanings.name(of: $0) == name }) {
                let other = left.remove(at: index)
                let isSame =
                    XMLMeaning.normal(attribute.value, attribute: attribute.name, of: old)
                    == XMLMeaning.normal(other.value, attribute: other.name, of: new)
                if !isSame { report(.changed, attribute, other) }
            } else if !XMLDefaults.isDefault(attribute) {
                report(.removed, attribute, nil)
            }
        }
        for attribute in left where !XMLDefaults.isDefault(attribute) { report(.added, nil, attribute) }
    }

    private mutating func report(_ kind: XMLChange.Kind, _ old: XMLAttribute?, _ new: XMLAttribute?) {
        guard let shown = new ?? old else { return }
        changes.append(
            XMLChange(
                kind: kind, subject: .attribute, path: paths.path(of: shown.element) + "/@" + shown.name,
                label: paths.label(of: shown.element) + "/@" + shown.name,
                old: old.map(Self.value), new: new.map(Self.value), oldPosition: old?.position,
                newPosition: new?.position))
    }

    private static func value(_ attribute: XMLAttribute) -> String {
        if XMLMeaning.isSecret(attribute: attribute.localName) { return "(secret)" }
        let element = attribute.element
        let unit = attribute.name != "unit" && XMLMeaning.unitIsApplied(in: element) ? element["unit"] : nil
        let isSize = XMLMeaning.normal(attribute.value, attribute: attribute.name, of: element).hasSuffix(" B")
        return attribute.value + (isSize ? unit.map { " " + $0 } ?? "" : "")
    }

    private mutating func compareText(_ old: XMLElement, _ new: XMLElement) {
        guard XMLMeaning.normalText(of: old) != XMLMeaning.normalText(of: new) else { return }
        let (before, after) = (Self.text(old), Self.text(new))
        let kind: XMLChange.Kind = before.isEmpty ? .added : after.isEmpty ? .removed : .changed
        changes.append(
            XMLChange(
                kind: kind, subject: .text, path: paths.path(of: new), label: paths.label(of: new),
                old: before.isEmpty ? nil : before,
                new: after.isEmpty ? nil : after, oldPosition: old.textPosition, newPosition: new.textPosition))
    }

    private static func text(_ element: XMLElement) -> String {
        let unit = XMLMeaning.unitIsApplied(in: element) && XMLMeaning.isSizeElement(element) ? element["unit"] : nil
        return element.trimmedText + (unit.map { " " + $0 } ?? "")
    }

    /// An element's start tag as written, without passwords.
    private static func startTag(_ element: XMLElement) -> String {
        let attributes = element.attributes.map { " \($0.name)='\(value($0))'" }.joined()
        return "<\(element.name)\(attributes)>"
    }

    // MARK: Children

    private mutating func compareChildren(_ old: XMLElement, _ new: XMLElement) {
        let isExpanded = ignoresRuntime && XMLRuntime.isExpanded(old, new)
        func isCompared(_ element: XMLElement) -> Bool {
            if isExpanded, XMLRuntime.expandedElements.contains(element.localName) { return false }
            return !(ignoresRuntime && XMLRuntime.isRuntime(element))
        }
        let before = Self.byName(old, where: isCompared)
        let after = Self.byName(new, where: isCompared)
        for name in after.names {
            pair(before.groups[name] ?? [], after.groups[name] ?? [])
        }
        for name in before.names where after.groups[name] == nil { pair(before.groups[name] ?? [], []) }
    }

    private static func byName(
        _ element: XMLElement, where isCompared: (XMLElement) -> Bool
    ) -> (names: [XMLMeanings.Name], groups: [XMLMeanings.Name: [XMLElement]]) {
        var names: [XMLMeanings.Name] = []
        var groups: [XMLMeanings.Name: [XMLElement]] = [:]
        for child in element.elements where isCompared(child) {
            let name = XMLMeanings.name(of: child)
            if groups[name] == nil { names.append(name) }
            groups[name, default: []].append(child)
        }
        return (names, groups)
    }

    /// Elements of one name in two parents.
    private mutating func pair(_ old: [XMLElement], _ new: [XMLElement]) {
        // One and one are the same thing, whatever their key says now: an interface with another MAC.
        if old.count == 1, new.count == 1, XMLKeys.key(of: old[0]) == nil || XMLKeys.key(of: new[0]) == nil {
            compare(old[0], new[0])
            return
        }
        guard let oldKeys = Self.keys(old), let newKeys = Self.keys(new) else {
            lineUp(old, new)
            return
        }
        var common: [(old: Int, new: Int)] = []
        var (restOfOld, restOfNew): ([XMLElement], [XMLElement]) = ([], [])
        let places = Dictionary(oldKeys.enumerated().compactMap { index, key in key.map { ($0, index) } }) { first, _ in
            first
        }
        for (index, key) in newKeys.enumerated() {
            if let key, let place = places[key] {
                common.append((place, index))
            } else {
                restOfNew.append(new[index])
            }
        }
        let matched = Set(common.map(\.old))
        restOfOld = old.indices.filter { !matched.contains($0) }.map { old[$0] }
        let stay = new.first.map(XMLKeys.orderCounts) == true ? Self.longestRise(common.map(\.old)) : nil
        for (index, match) in common.enumerated() {
            let (before, after) = (old[match.old], new[match.new])
            if let stay, !stay.contains(index) { report(.moved, before, after) }
            compare(before, after)
        }
        // Keyed elements whose key is nowhere on the other side came or went; those that lack a key are lined up.
        for element in restOfOld where XMLKeys.key(of: element) != nil { reportWhole(.removed, element) }
        for element in restOfNew where XMLKeys.key(of: element) != nil { reportWhole(.added, element) }
        lineUp(
            restOfOld.filter { XMLKeys.key(of: $0) == nil }, restOfNew.filter { XMLKeys.key(of: $0) == nil })
    }

    /// The key of each; nil where two have the same, so that keys do not tell them apart.
    private static func keys(_ elements: [XMLElement]) -> [XMLKeys.Key?]? {
        let keys = elements.map(XMLKeys.key)
        let known = keys.compactMap { $0 }
        guard elements.isEmpty || !known.isEmpty, Set(known).count == known.count else { return nil }
        return keys
    }

    /// Elements without keys: those that are alike in both keep their order, and what is between them is taken in order.
    private mutating func lineUp(_ old: [XMLElement], _ new: [XMLElement]) {
        let before = old.map { meanings.meaning(of: $0) }
        let after = new.map { meanings.meaning(of: $0) }
        var (first, second) = (0, 0)
        for anchor in Self.common(before, after) + [(old.count, new.count)] {
            while first < anchor.0, second < anchor.1 {
                compare(old[first], new[second])
                first += 1
                second += 1
            }
            while first < anchor.0 {
                reportWhole(.removed, old[first])
                first += 1
            }
            while second < anchor.1 {
                reportWhole(.added, new[second])
                second += 1
            }
            first = anchor.0 + 1
            second = anchor.1 + 1
        }
    }

    /// A longest common subsequence, as pairs of places.
    private static func common(_ old: [Int], _ new: [Int]) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        var start = 0
        while start < old.count, start < new.count, old[start] == new[start] {
            pairs.append((start, start))
            start += 1
        }
        var (oldEnd, newEnd) = (old.count, new.count)
        var tail: [(Int, Int)] = []
        while oldEnd > start, newEnd > start, old[oldEnd - 1] == new[newEnd - 1] {
            oldEnd -= 1
            newEnd -= 1
            tail.append((oldEnd, newEnd))
        }
        let (rows, columns) = (oldEnd - start, newEnd - start)
        if rows > 0, columns > 0, rows <= maximumPairs / columns {
            var lengths = [[Int32]](repeating: [Int32](repeating: 0, count: columns + 1), count: rows + 1)
            for row in stride(from: rows - 1, through: 0, by: -1) {
                for column in stride(from: columns - 1, through: 0, by: -1) {
                    lengths[row][column] =
                        old[start + row] == new[start + column]
                        ? lengths[row + 1][column + 1] + 1 : max(lengths[row + 1][column], lengths[row][column + 1])
                }
            }
            var (row, column) = (0, 0)
            while row < rows, column < columns {
                if old[start + row] == new[start + column] {
                    pairs.append((start + row, start + column))
                    row += 1
                    column += 1
                } else if lengths[row + 1][column] >= lengths[row][column + 1] {
                    row += 1
                } else {
                    column += 1
                }
            }
        }
        return pairs + tail.reversed()
    }

    /// The places of a longest rising subsequence: what need not be said to have moved.
    private static func longestRise(_ values: [Int]) -> Set<Int> {
        var tails: [Int] = []
        var previous = [Int?](repeating: nil, count: values.count)
        for index in values.indices {
            var (low, high) = (0, tails.count)
            while low < high {
                let middle = (low + high) / 2
                if values[tails[middle]] < values[index] { low = middle + 1 } else { high = middle }
            }
            previous[index] = low > 0 ? tails[low - 1] : nil
            if low == tails.count { tails.append(index) } else { tails[low] = index }
        }
        var rise: Set<Int> = []
        var place = tails.last
        while let index = place {
            rise.insert(index)
            place = previous[index]
        }
        return rise
    }

    private mutating func reportWhole(_ kind: XMLChange.Kind, _ element: XMLElement) {
        if kind == .added {
            report(kind, nil, element)
        } else {
            report(kind, element, nil)
        }
    }

    private mutating func report(_ kind: XMLChange.Kind, _ old: XMLElement?, _ new: XMLElement?) {
        guard let shown = new ?? old else { return }
        changes.append(
            XMLChange(
                kind: kind, subject: .element, path: paths.path(of: shown), label: paths.label(of: shown),
                old: old.map(Self.startTag),
                new: new.map(Self.startTag), oldPosition: old?.position, newPosition: new?.position))
    }
}
