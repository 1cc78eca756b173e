/// What can be read of a document by its meaning: a value, a view, or several views.
public protocol XMLProperty: Sendable {
    /// Hands every value in it to a function, in the order in which the view names them.
    func visitFields(_ visit: (XMLField) -> Void)
}

/// A typed view over an element: its values by libvirt's names.
///
/// A view costs nothing until it is read, and reads the state of the document that it was taken from. It changes nothing
/// itself; see ``XMLDocument/set(_:to:)``.
public protocol XMLView: XMLProperty, Hashable {
    /// Where its element stands, or would stand.
    var place: XMLPlace { get }
}

/// A typed view over the root of a document.
public protocol DocumentView: XMLView {
    /// The view of what a document holds at its root; nil where the root is something else.
    init?(_ document: XMLDocument)
}

extension XMLView {
    /// The element; nil where it is not there.
    public var element: XMLElement? { place.element }

    /// Whether the element is there.
    public var isPresent: Bool { place.element != nil }

    /// Where the element starts, or the nearest one around it that is there.
    public var position: XMLPosition { place.position }

    /// The path of the element.
    public var xpath: String { place.xpath }

    /// The values that are there and are not of their form, in the order in which the view names them.
    public var malformedValues: [Malformed] {
        var found: [Malformed] = []
        visitFields { if let malformed = $0.malformed { found.append(malformed) } }
        return found
    }
}

extension XMLView {
    /// Hands every value in several properties to a function.
    func hand<each Part: XMLProperty>(_ part: repeat each Part, to visit: (XMLField) -> Void) {
        repeat (each part).visitFields(visit)
    }
}

/// A view as it is written here: over a place, with a list of what it reads.
protocol PlacedView: XMLView {
    init(place: XMLPlace)
    /// Hands every property to ``hand(_:to:)``; a test holds it against the source.
    func visitParts(_ visit: (XMLField) -> Void)
}

extension PlacedView {
    /// Hands every value in it to a function. What is not there is left out, so that views that contain themselves (a backing
    /// chain) come to an end.
    public func visitFields(_ visit: (XMLField) -> Void) {
        guard isPresent else { return }
        visitParts(visit)
    }

    /// A view over the first element of a name in this one, there or not.
    func view<View: PlacedView>(_ name: StaticString) -> View { View(place: place.child("\(name)")) }

    /// Views over the elements of a name in this one.
    func views<View: PlacedView>(_ name: StaticString) -> [View] {
        place.element?.elements("\(name)").map { View(place: XMLPlace($0)) } ?? []
    }

    /// Views over the elements of a name in the first element of another.
    func views<View: PlacedView>(_ name: StaticString, _ inner: StaticString) -> [View] {
        place.element?.first(name)?.elements("\(inner)").map { View(place: XMLPlace($0)) } ?? []
    }

    /// The view of a document's root, where it has the name.
    init?(root document: XMLDocument, named name: String) {
        self.init(document.root, named: name)
    }

    /// The view of an element, where it has the name.
    init?(_ element: XMLElement, named name: String) {
        guard element.isNamed(name) else { return nil }
        self.init(place: XMLPlace(element))
    }
}

extension Array: XMLProperty where Element: XMLProperty {
    /// Hands every value in the elements to a function.
    public func visitFields(_ visit: (XMLField) -> Void) {
        for element in self { element.visitFields(visit) }
    }
}
