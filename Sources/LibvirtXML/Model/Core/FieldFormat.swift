/// How a value is written, where its type alone does not say.
public enum FieldForm: Sendable, Hashable {
    /// As its type is always written.
    case plain
    /// `yes` or `no`.
    case yesNo
    /// `on` or `off`.
    case onOff
    /// An element that is there, or is not.
    case presence
    /// A whole number in a range, decimal.
    case decimal(ClosedRange<Int>)
    /// A whole number as C writes it: decimal, `0x…` or `0…`. Written as hexadecimal with so many digits.
    case c(ClosedRange<Int>, digits: Int)
    /// A file's mode, in octal digits.
    case octal
    /// A size with a unit, in bytes; the unit that an absent one means.
    case size(ByteUnit)
}

/// The forms that values of a type can have. It holds nothing that would have to be kept count of: a view makes one for each
/// value that is asked for.
struct FieldFormat<Value: FieldValue>: Sendable {
    let form: FieldForm

    fileprivate init(_ form: FieldForm) { self.form = form }
}

extension FieldFormat where Value == String {
    static var string: Self { Self(.plain) }
}

extension FieldFormat where Value == Bool {
    static var yesNo: Self { Self(.yesNo) }
    static var onOff: Self { Self(.onOff) }
    static var presence: Self { Self(.presence) }
}

extension FieldFormat where Value == Int {
    /// A whole number from 0 to what 32 bits hold, decimal.
    static var count: Self { integer(0...Int(UInt32.max)) }
    /// A whole number, decimal, of either sign.
    static var signed: Self { integer(Int.min...Int.max) }
    /// A file's mode, in octal digits.
    static var octal: Self { Self(.octal) }
    /// A whole number in a range, decimal.
    static func integer(_ range: ClosedRange<Int>) -> Self { Self(.decimal(range)) }
    /// A whole number in a range, as C writes it: decimal, `0x…` or `0…`. Written as hexadecimal with so many digits.
    static func cInteger(_ range: ClosedRange<Int>, digits: Int) -> Self { Self(.c(range, digits: digits)) }
}

extension FieldFormat where Value == UInt64 {
    /// A whole number of 64 bits, decimal.
    static var large: Self { Self(.plain) }
    /// A whole number of 64 bits, as C writes it: decimal, `0x…` or `0…`.
    static var cLarge: Self { Self(.c(0...Int.max, digits: 1)) }
    /// A number with a unit, in bytes; the unit that an absent one means.
    static func bytes(_ standard: ByteUnit) -> Self { Self(.size(standard)) }
}

extension FieldFormat where Value == Double {
    /// A number with a point.
    static var decimal: Self { Self(.plain) }
}

extension FieldFormat {
    static func open<Known>() -> Self where Value == Open<Known> { Self(.plain) }
}

extension FieldFormat where Value == CPUSet {
    static var cpuSet: Self { Self(.plain) }
}

extension FieldFormat where Value == MACAddress {
    static var mac: Self { Self(.plain) }
}

extension FieldFormat where Value == UUIDValue {
    static var uuid: Self { Self(.plain) }
}

extension FieldFormat where Value == IPAddress {
    static var ip: Self { Self(.plain) }
}

// MARK: - Short words for views

extension PlacedView {
    func attribute(_ name: StaticString) -> Field<String> { attribute(name, .string) }

    func attribute<Known>(_ name: StaticString) -> Field<Open<Known>> { attribute(name, .open()) }

    func attribute<Value>(_ name: StaticString, _ format: FieldFormat<Value>) -> Field<Value> {
        Field(place, .attribute(name), format)
    }

    /// An attribute of the first element of a name in this one.
    func attribute<Value>(_ name: StaticString, of child: StaticString, _ format: FieldFormat<Value>) -> Field<Value> {
        Field(place, child, .attribute(name), format)
    }

    func attribute(_ name: StaticString, of child: StaticString) -> Field<String> {
        attribute(name, of: child, .string)
    }

    func attribute<Known>(_ name: StaticString, of child: StaticString) -> Field<Open<Known>> {
        attribute(name, of: child, .open())
    }

    /// The text of the first element of a name in this one.
    func child(_ name: StaticString) -> Field<String> { child(name, .string) }

    func child<Known>(_ name: StaticString) -> Field<Open<Known>> { child(name, .open()) }

    func child<Value>(_ name: StaticString, _ format: FieldFormat<Value>) -> Field<Value> {
        Field(place, name, .text, format)
    }

    /// The text of each element of a name in this one.
    func texts(_ name: StaticString) -> [Field<String>] {
        place.children("\(name)").map { Field(XMLPlace($0), .text, .string) }
    }

    /// The text of the element itself; blank text is none.
    var ownTextIfAny: Field<String> { Field(place, .textIfAny, .string) }

    /// The text of the element itself.
    var ownText: Field<String> { own(.string) }

    func own<Value>(_ format: FieldFormat<Value>) -> Field<Value> {
        Field(place, .text, format)
    }

    /// Whether an element of a name is in this one.
    func presence(_ name: StaticString) -> Field<Bool> {
        Field(place, name, .presence, .presence)
    }

    /// The text of the first element of a name, with its unit, in bytes.
    func bytes(_ name: StaticString, _ standard: ByteUnit) -> Field<UInt64> {
        Field(place, name, .scaledText(unit: "unit"), .bytes(standard))
    }

    /// The text of the element itself, with its unit, in bytes.
    func ownBytes(_ standard: ByteUnit) -> Field<UInt64> {
        Field(place, .scaledText(unit: "unit"), .bytes(standard))
    }

    /// An attribute with its unit in another, in bytes.
    func bytes(attribute name: StaticString, _ standard: ByteUnit) -> Field<UInt64> {
        Field(place, .scaledAttribute(name, unit: "unit"), .bytes(standard))
    }
}
