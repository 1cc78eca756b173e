/// Where something of a document stands, or would stand if it were there.
///
/// A view is over a place rather than over an element, so that `disk.driver.cache` can be read, and set, whether or not
/// the disk has a `<driver>`.
public struct XMLPlace: Sendable, Hashable {
    /// The nearest element that is there.
    let base: XMLElement
    /// The names of the elements below ``base`` that are not.
    let missing: [String]

    /// The place of an element that is there.
    public init(_ element: XMLElement) {
        base = element
        missing = []
    }

    init(base: XMLElement, missing: [String]) {
        self.base = base
        self.missing = missing
    }

    /// The element; nil where it is not there.
    public var element: XMLElement? { missing.isEmpty ? base : nil }

    /// Where the element starts, or the nearest one around it that is there.
    public var position: XMLPosition { base.position }

    /// The path of the element, whether or not it is there.
    public var xpath: String { missing.reduce(base.xpath) { $0 + "/" + $1 } }

    /// The place of the first element of a name in this one.
    public func child(_ name: String) -> XMLPlace {
        guard missing.isEmpty else { return XMLPlace(base: base, missing: missing + [name]) }
        guard let element = base.first(name) else { return XMLPlace(base: base, missing: [name]) }
        return XMLPlace(element)
    }

    /// The place of the element around this one; nil at the root.
    public var parent: XMLPlace? {
        missing.isEmpty ? base.parent.map { XMLPlace($0) } : XMLPlace(base: base, missing: missing.dropLast())
    }

    /// The elements of a name in this one.
    func children(_ name: String) -> [XMLElement] { element.map { Array($0.elements(name)) } ?? [] }
}
