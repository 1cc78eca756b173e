/// A value of a document: an attribute, the text of an element, or whether an element is there.
///
/// Absent, there, and there but malformed are three answers. ``get()`` gives all three; ``value`` is for those who treat
/// malformed as absent, such as a message that names a disk.
public struct Field<Value: FieldValue>: XMLProperty {
    // What needs no type is asked of the site: code that is generic over the value costs a look-up of types at each step.
    let site: FieldSite
    let form: FieldForm

    init(site: FieldSite, form: FieldForm) {
        self.site = site
        self.form = form
    }

    /// Of the first element of a name in a view's.
    init(_ view: XMLPlace, _ child: StaticString, _ part: FieldSite.Part, _ format: FieldFormat<Value>) {
        self.init(site: FieldSite(view, child, part), form: format.form)
    }

    /// Of an element itself.
    init(_ place: XMLPlace, _ part: FieldSite.Part, _ format: FieldFormat<Value>) {
        self.init(site: FieldSite(place, nil, part), form: format.form)
    }

    /// What is written; nil where it is absent. Of an element that means something by being there, the empty string.
    public var text: String? { site.text }

    /// The unit that is written with it.
    public var unit: String? { site.unit }

    /// Whether it is there, malformed or not.
    public var isPresent: Bool { site.isPresent }

    /// Hands itself to a function, where it is there.
    public func visitFields(_ visit: (XMLField) -> Void) {
        if site.isPresent { visit(untyped) }
    }

    /// The value; nil where it is absent.
    ///
    /// - Throws: ``Malformed`` where it is there and not of its form.
    public func get() throws(Malformed) -> Value? {
        guard let text = site.text else { return Value.ofAbsence(as: form) }
        let unit = site.unit
        if let value = Value.read(text, unit: unit, as: form) { return value }
        throw untyped.malformed(text, unit)
    }

    /// The value; nil where it is absent or malformed.
    public var value: Value? {
        guard let text = site.text else { return Value.ofAbsence(as: form) }
        return Value.read(text, unit: site.unit, as: form)
    }

    /// What is wrong with it; nil where it is absent or right.
    public var malformed: Malformed? { untyped.malformed }

    /// The value without its type.
    public var reading: FieldReading { untyped.reading }

    private var untyped: XMLField { XMLField(site: site, form: form, type: Value.self) }

    /// Where it stands: its attribute or element, or where it is absent the nearest element around it.
    public var position: XMLPosition { site.position }

    /// Its path, whether or not it is there.
    public var xpath: String { site.xpath }
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
