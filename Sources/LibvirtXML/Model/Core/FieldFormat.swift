/// How a value is written.
struct FieldFormat<Value: Sendable>: Sendable {
    /// What is right, for a message: `yes or no`.
    var expected: String
    /// What absence means; nil but for elements that mean something by being there.
    var absent: Value?
    /// The value of what is written, and of the unit written with it.
    var parse: @Sendable (_ text: String, _ unit: String?) -> Value?
    /// What to write, keeping to a unit where that can be.
    var spell: @Sendable (_ value: Value, _ unit: String?) -> (text: String, unit: String?)

    init(
        _ expected: String, absent: Value? = nil, parse: @escaping @Sendable (String, String?) -> Value?,
        spell: @escaping @Sendable (Value, String?) -> (text: String, unit: String?)
    ) {
        self.expected = expected
        self.absent = absent
        self.parse = parse
        self.spell = spell
    }

    init(
        _ expected: String, parse: @escaping @Sendable (String) -> Value?, spell: @escaping @Sendable (Value) -> String
    ) {
        self.init(expected, parse: { text, _ in parse(text) }, spell: { value, _ in (spell(value), nil) })
    }
}

extension FieldFormat where Value == String {
    static var string: Self { Self("text", parse: { $0 }, spell: { $0 }) }
}

extension FieldFormat where Value == Bool {
    static var yesNo: Self {
        Self(
            "yes or no",
            parse: { text in
                switch text {
                case "yes": true
                case "no": false
                default: nil
                }
            }, spell: { $0 ? "yes" : "no" })
    }

    static var onOff: Self {
        Self(
            "on or off",
            parse: { text in
                switch text {
                case "on": true
                case "off": false
                default: nil
                }
            }, spell: { $0 ? "on" : "off" })
    }

    static var presence: Self {
        Self("there or not", absent: false, parse: { _, _ in true }, spell: { _, _ in ("", nil) })
    }
}

extension FieldFormat where Value == Int {
    /// A whole number from 0 to what 32 bits hold, decimal.
    static var count: Self {
        Self(
            "a whole number from 0 to 4294967295",
            parse: { XMLNumbers.decimal($0).flatMap { $0 <= UInt64(UInt32.max) ? Int($0) : nil } },
            spell: { String($0) })
    }

    /// A whole number, decimal, of either sign.
    static var signed: Self {
        Self("a whole number", parse: { XMLNumbers.signed($0) }, spell: { String($0) })
    }

    /// A file's mode, in octal digits.
    static var octal: Self {
        Self(
            "an octal number",
            parse: {
                XMLNumbers.digits(XMLNumbers.trimmed($0.utf8), radix: 8).flatMap { $0 <= 0o7777 ? Int($0) : nil }
            },
            spell: { "0" + String($0, radix: 8) })
    }

    /// A whole number in a range, decimal.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { XMLNumbers.signed($0).flatMap { range.contains($0) ? $0 : nil } }, spell: { String($0) })
    }

    /// A whole number in a range, as C writes it: decimal, `0x…` or `0…`. Written as hexadecimal with so many digits.
    static func cInteger(_ range: ClosedRange<Int>, digits: Int) -> Self {
        Self(
            "a whole number from \(range.lowerBound) to 0x\(String(range.upperBound, radix: 16))",
            parse: { XMLNumbers.c($0).flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil } },
            spell: { XMLNumbers.hexadecimal(UInt64(max(0, $0)), digits: digits) })
    }
}

extension FieldFormat where Value == UInt64 {
    /// A whole number of 64 bits, decimal.
    static var large: Self {
        Self("a whole number from 0 to 18446744073709551615", parse: { XMLNumbers.decimal($0) }, spell: { String($0) })
    }

    /// A whole number of 64 bits, as C writes it: decimal, `0x…` or `0…`.
    static var cLarge: Self {
        Self(
            "a whole number of 64 bits", parse: { XMLNumbers.c($0) },
            spell: { XMLNumbers.hexadecimal($0, digits: 1) })
    }

    /// A number with a unit, in bytes; the unit that an absent one means.
    static func bytes(_ standard: ByteUnit) -> Self {
        Self(
            "a size, as 4 GiB", absent: nil, parse: { ByteUnit.bytes($0, unit: $1, standard: standard) },
            spell: { ByteUnit.spell($0, unit: $1, standard: standard) })
    }
}

extension FieldFormat where Value == Double {
    /// A number with a point.
    static var decimal: Self {
        Self("a number", parse: { Double(XMLNames.trimmed($0)).flatMap { $0.isFinite ? $0 : nil } }, spell: { "\($0)" })
    }
}

extension FieldFormat {
    static func open<Known>() -> Self where Value == Open<Known> {
        Self("a name", parse: { Open($0) }, spell: { $0.text })
    }
}

extension FieldFormat where Value == CPUSet {
    static var cpuSet: Self {
        Self("a set of CPUs, as 1-4,^3", parse: { CPUSet($0) }, spell: { $0.description })
    }
}

extension FieldFormat where Value == MACAddress {
    static var mac: Self {
        Self("a MAC address", parse: { MACAddress($0) }, spell: { $0.description })
    }
}

extension FieldFormat where Value == UUIDValue {
    static var uuid: Self {
        Self("a UUID", parse: { UUIDValue($0) }, spell: { $0.description })
    }
}

extension FieldFormat where Value == IPAddress {
    static var ip: Self {
        Self("an IP address", parse: { IPAddress($0) }, spell: { $0.description })
    }
}

// MARK: - Short words for views

extension PlacedView {
    func attribute(_ name: String) -> Field<String> { attribute(name, .string) }

    func attribute<Known>(_ name: String) -> Field<Open<Known>> { attribute(name, .open()) }

    func attribute<Value>(_ name: String, _ format: FieldFormat<Value>) -> Field<Value> {
        Field(place: place, part: .attribute(name), format: format)
    }

    /// An attribute of the first element of a name in this one.
    func attribute<Value>(_ name: String, of child: String, _ format: FieldFormat<Value>) -> Field<Value> {
        Field(place: place.child(child), part: .attribute(name), format: format)
    }

    func attribute(_ name: String, of child: String) -> Field<String> { attribute(name, of: child, .string) }

    func attribute<Known>(_ name: String, of child: String) -> Field<Open<Known>> {
        attribute(name, of: child, .open())
    }

    /// The text of the first element of a name in this one.
    func child(_ name: String) -> Field<String> { child(name, .string) }

    func child<Known>(_ name: String) -> Field<Open<Known>> { child(name, .open()) }

    func child<Value>(_ name: String, _ format: FieldFormat<Value>) -> Field<Value> {
        Field(place: place.child(name), part: .text, format: format)
    }

    /// The text of each element of a name in this one.
    func texts(_ name: String) -> [Field<String>] {
        place.children(name).map { Field(place: XMLPlace($0), part: .text, format: .string) }
    }

    /// The text of the element itself; blank text is none.
    var ownTextIfAny: Field<String> { Field(place: place, part: .textIfAny, format: .string) }

    /// The text of the element itself.
    var ownText: Field<String> { own(.string) }

    func own<Value>(_ format: FieldFormat<Value>) -> Field<Value> {
        Field(place: place, part: .text, format: format)
    }

    /// Whether an element of a name is in this one.
    func presence(_ name: String) -> Field<Bool> {
        Field(place: place.child(name), part: .presence, format: .presence)
    }

    /// The text of the first element of a name, with its unit, in bytes.
    func bytes(_ name: String, _ standard: ByteUnit) -> Field<UInt64> {
        Field(place: place.child(name), part: .scaledText(unit: "unit"), format: .bytes(standard))
    }

    /// The text of the element itself, with its unit, in bytes.
    func ownBytes(_ standard: ByteUnit) -> Field<UInt64> {
        Field(place: place, part: .scaledText(unit: "unit"), format: .bytes(standard))
    }

    /// An attribute with its unit in another, in bytes.
    func bytes(attribute name: String, _ standard: ByteUnit) -> Field<UInt64> {
        Field(place: place, part: .scaledAttribute(name, unit: "unit"), format: .bytes(standard))
    }
}
