/// A value of a document, without its type.
public struct XMLField: Sendable {
    let site: FieldSite
    let form: FieldForm
    let type: any FieldValue.Type

    /// What is written; nil where it is absent.
    public var text: String? { site.text }

    /// Where it stands: its attribute or element, or where it is absent the nearest element around it.
    public var position: XMLPosition { site.position }

    /// Where the unit that is written with it stands; nil where there is none.
    public var unitPosition: XMLPosition? { site.unitPosition }

    /// Its path, whether or not it is there.
    public var xpath: String { site.xpath }

    /// What is wrong with it; nil where it is absent or right.
    public var malformed: Malformed? {
        guard let text = site.text else { return nil }
        let unit = site.unit
        return type.isOfForm(text, unit: unit, form) ? nil : malformed(text, unit)
    }

    func malformed(_ text: String, _ unit: String?) -> Malformed {
        Malformed(
            text: unit.map { "\(text) \($0)" } ?? text, expected: type.expected(as: form), position: position,
            xpath: xpath, document: site.place.base.documentName)
    }

    /// The value: absent, malformed, or what it means.
    public var reading: FieldReading {
        guard let text = site.text else { return type.ofAbsence(as: form).map { .value($0) } ?? .absent }
        let unit = site.unit
        return type.read(text, unit: unit, as: form).map { .value($0) } ?? .malformed(malformed(text, unit))
    }

    /// Writes the value that it has, spelled as kvmcheck spells it; nothing where it is absent or malformed.
    public func respell(in document: inout XMLDocument) throws(XMLError) { try type.respell(self, in: &document) }

    /// Sets it to the value that it has, which changes nothing.
    public func keep(in document: inout XMLDocument) throws(XMLError) { try type.keep(self, in: &document) }

    /// Whether what kvmcheck would write for the value is read as the same value.
    public var isSpelledFaithfully: Bool { type.isSpelledFaithfully(self) }
}

extension FieldValue {
    fileprivate static func respell(_ field: XMLField, in document: inout XMLDocument) throws(XMLError) {
        let field = Field<Self>(site: field.site, form: field.form)
        if field.isPresent, let value = field.value { try document.write(field, value) }
    }

    fileprivate static func keep(_ field: XMLField, in document: inout XMLDocument) throws(XMLError) {
        let field = Field<Self>(site: field.site, form: field.form)
        if field.isPresent, let value = field.value { try document.set(field, to: value) }
    }

    fileprivate static func isSpelledFaithfully(_ field: XMLField) -> Bool {
        guard let text = field.text, let value = read(text, unit: field.site.unit, as: field.form) else { return true }
        let spelled = value.spelled(as: field.form, unit: field.site.unit)
        return read(spelled.text, unit: spelled.unit, as: field.form) == value
    }
}

/// What became of reading a value.
public enum FieldReading: Sendable {
    /// It is not there.
    case absent
    /// It is there and not of its form.
    case malformed(Malformed)
    /// What it means.
    case value(any FieldValue)
}
