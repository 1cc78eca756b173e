/// Where a value is written, whatever its type.
struct FieldSite: Sendable {
    /// What of the element holds the value.
    enum Part: Sendable {
        /// An attribute.
        case attribute(StaticString)
        /// The characters in it.
        case text
        /// The characters in it, where they are more than white space; others may be there for the sake of what is in them.
        case textIfAny
        /// The characters in it, and a unit in an attribute.
        case scaledText(unit: StaticString)
        /// An attribute, and a unit in another.
        case scaledAttribute(StaticString, unit: StaticString)
        /// That it is there.
        case presence
    }

    /// The view that has the value.
    private let view: XMLPlace
    /// The name of the element in it that holds the value; nil where it does itself. Resolved when it is asked for: most of
    /// what a view names is not there.
    private let child: StaticString?
    let part: Part

    init(_ view: XMLPlace, _ child: StaticString?, _ part: Part) {
        self.view = view
        self.child = child
        self.part = part
    }

    var place: XMLPlace { child.map { view.child("\($0)") } ?? view }

    var element: XMLElement? {
        guard let child else { return view.element }
        return view.element?.first(child)
    }

    var text: String? {
        guard let element else { return nil }
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _): return element.attribute(name)?.value
        case .text, .scaledText: return element.text
        case .textIfAny:
            let text = element.text
            return XMLNumbers.trimmed(text.utf8).isEmpty ? nil : text
        case .presence: return ""
        }
    }

    /// Whether there is a text; costs no string but for ``Part/textIfAny``.
    var isPresent: Bool {
        guard let element else { return false }
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _): return element.attribute(name) != nil
        case .text, .scaledText, .presence: return true
        case .textIfAny: return text != nil
        }
    }

    var unit: String? { unitAttribute?.value }

    var unitPosition: XMLPosition? { unitAttribute?.position }

    private var unitAttribute: XMLAttribute? {
        switch part {
        case .scaledText(let name), .scaledAttribute(_, let name): element?.attribute(name)
        case .attribute, .text, .textIfAny, .presence: nil
        }
    }

    var position: XMLPosition {
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _):
            element?.attribute(name)?.position ?? place.position
        case .text, .textIfAny, .scaledText, .presence: place.position
        }
    }

    var xpath: String {
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _): place.xpath + "/@\(name)"
        case .text, .textIfAny, .scaledText, .presence: place.xpath
        }
    }
}
