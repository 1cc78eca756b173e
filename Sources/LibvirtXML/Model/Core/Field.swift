/// A value of a document, without its type.
public protocol XMLField: XMLProperty {
    /// What is written; nil where it is absent.
    var text: String? { get }
    /// What is wrong with it; nil where it is absent or right.
    var malformed: Malformed? { get }
    /// The value without its type: absent, malformed, or what it means.
    var reading: FieldReading { get }
    /// Where it stands: its attribute or element, or where it is absent the nearest element around it.
    var position: XMLPosition { get }
    /// Its path, whether or not it is there.
    var xpath: String { get }
    /// Writes the value that it has, spelled as kvmcheck spells it; nothing where it is absent or malformed.
    func respell(in document: inout XMLDocument) throws(XMLError)
    /// Sets it to the value that it has, which changes nothing.
    func keep(in document: inout XMLDocument) throws(XMLError)
    /// Whether what kvmcheck would write for the value is read as the same value.
    var isSpelledFaithfully: Bool { get }
}

/// What became of reading a value.
public enum FieldReading: Sendable {
    /// It is not there.
    case absent
    /// It is there and not of its form.
    case malformed(Malformed)
    /// What it means.
    case value(any Sendable)
}

extension XMLField {
    /// What is wrong with it; nil where it is absent or right.
    public var malformed: Malformed? { if case .malformed(let malformed) = reading { malformed } else { nil } }

    /// Hands itself to a function.
    public func visitFields(_ visit: (any XMLField) -> Void) { visit(self) }
}

/// A value of a document: an attribute, the text of an element, or whether an element is there.
///
/// Absent, there, and there but malformed are three answers. ``get()`` gives all three; ``value`` is for those who treat
/// malformed as absent, such as a message that names a disk.
public struct Field<Value: Sendable & Equatable>: XMLField {
    /// What of the element holds the value.
    enum Part: Sendable, Hashable {
        /// An attribute.
        case attribute(String)
        /// The characters in it.
        case text
        /// The characters in it, where they are more than white space; others may be there for the sake of what is in them.
        case textIfAny
        /// The characters in it, and a unit in an attribute.
        case scaledText(unit: String)
        /// An attribute, and a unit in another.
        case scaledAttribute(String, unit: String)
        /// That it is there.
        case presence
    }

    let place: XMLPlace
    let part: Part
    let format: FieldFormat<Value>

    /// What is written; nil where it is absent. Of an element that means something by being there, the empty string.
    public var text: String? {
        guard let element = place.element else { return nil }
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _): return element[name]
        case .text, .scaledText: return element.text
        case .textIfAny:
            let text = element.text
            return XMLNumbers.trimmed(text.utf8).isEmpty ? nil : text
        case .presence: return ""
        }
    }

    /// The unit that is written with it.
    public var unit: String? {
        switch part {
        case .scaledText(let name), .scaledAttribute(_, let name): place.element?[name]
        case .attribute, .text, .textIfAny, .presence: nil
        }
    }

    /// Whether it is there, malformed or not.
    public var isPresent: Bool { text != nil }

    /// The value; nil where it is absent.
    ///
    /// - Throws: ``Malformed`` where it is there and not of its form.
    public func get() throws(Malformed) -> Value? {
        guard let text else { return format.absent }
        let unit = unit
        if let value = format.parse(text, unit) { return value }
        throw Malformed(
            text: unit.map { "\(text) \($0)" } ?? text, expected: format.expected, position: position, xpath: xpath,
            document: place.base.documentName)
    }

    /// The value; nil where it is absent or malformed.
    public var value: Value? {
        guard let text else { return format.absent }
        return format.parse(text, unit)
    }

    /// The value without its type.
    public var reading: FieldReading {
        do {
            return try get().map { .value($0) } ?? .absent
        } catch {
            return .malformed(error)
        }
    }

    /// Where it stands: its attribute or element, or where it is absent the nearest element around it.
    public var position: XMLPosition {
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _):
            place.element?.attribute(name)?.position ?? place.position
        case .text, .textIfAny, .scaledText, .presence: place.position
        }
    }

    /// Its path, whether or not it is there.
    public var xpath: String {
        switch part {
        case .attribute(let name), .scaledAttribute(let name, _): place.xpath + "/@" + name
        case .text, .textIfAny, .scaledText, .presence: place.xpath
        }
    }

    /// Writes the value that it has, spelled as kvmcheck spells it.
    public func respell(in document: inout XMLDocument) throws(XMLError) {
        guard isPresent, let value else { return }
        try document.write(self, value)
    }

    /// Sets it to the value that it has.
    public func keep(in document: inout XMLDocument) throws(XMLError) {
        guard isPresent, let value else { return }
        try document.set(self, to: value)
    }

    /// Whether what kvmcheck would write for the value is read as the same value.
    public var isSpelledFaithfully: Bool {
        guard isPresent, let value else { return true }
        let spelled = format.spell(value, unit)
        return format.parse(spelled.text, spelled.unit) == value
    }
}

extension Field {
    /// Whether the value is there and is this one.
    public static func == (field: Self, value: Value) -> Bool { field.value == value }

    /// Whether the value is absent, malformed or another one.
    public static func != (field: Self, value: Value) -> Bool { field.value != value }

    /// Whether the value is there and is this one of those that are known.
    public static func == <Known>(field: Self, known: Known) -> Bool where Value == Open<Known> {
        field.value == .known(known)
    }

    /// Whether the value is absent or another one.
    public static func != <Known>(field: Self, known: Known) -> Bool where Value == Open<Known> {
        field.value != .known(known)
    }
}

// For `hosts.first?.port == 3260`.
extension Optional {
    /// Whether there is such a field, and its value is this one.
    public static func == <Value>(field: Self, value: Value) -> Bool where Wrapped == Field<Value> {
        field.map { $0.value == value } ?? false
    }

    /// Whether there is such a field, and its value is this one of those that are known.
    public static func == <Known>(field: Self, known: Known) -> Bool where Wrapped == Field<Open<Known>> {
        field.map { $0.value == .known(known) } ?? false
    }
}
