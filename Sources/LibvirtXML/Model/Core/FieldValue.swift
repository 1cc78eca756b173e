/// What a ``Field`` can hold.
public protocol FieldValue: Sendable, Equatable {
    /// Reads what is written, with the unit that is written with it; nil where it is not of the form.
    static func read(_ text: String, unit: String?, as form: FieldForm) -> Self?

    /// Whether what is written is of the form.
    static func isOfForm(_ text: String, unit: String?, _ form: FieldForm) -> Bool

    /// What absence means; nil but for elements that mean something by being there.
    static func ofAbsence(as form: FieldForm) -> Self?

    /// What is right, for a message: `yes or no`.
    static func expected(as form: FieldForm) -> String

    /// What to write, keeping to a unit where that can be.
    func spelled(as form: FieldForm, unit: String?) -> (text: String, unit: String?)
}

extension FieldValue {
    /// Whether it can be read.
    public static func isOfForm(_ text: String, unit: String?, _ form: FieldForm) -> Bool {
        if read(text, unit: unit, as: form) != nil { true } else { false }
    }

    /// Nothing.
    public static func ofAbsence(as form: FieldForm) -> Self? { nil }
}

extension FieldValue where Self: CustomStringConvertible {
    /// As it describes itself.
    public func spelled(as form: FieldForm, unit: String?) -> (text: String, unit: String?) { (description, nil) }
}

extension String: FieldValue {
    /// Any text is right.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> String? { text }

    /// Nobody is told, since any text is right.
    public static func expected(as form: FieldForm) -> String { "text" }
}

extension Bool: FieldValue {
    /// Reads the words of the form, and no others.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> Bool? {
        switch (form, text) {
        case (.presence, _), (.yesNo, "yes"), (.onOff, "on"): true
        case (.yesNo, "no"), (.onOff, "off"): false
        default: nil
        }
    }

    /// An element that would mean something by being there is not.
    public static func ofAbsence(as form: FieldForm) -> Bool? { form == .presence ? false : nil }

    /// The words of the form.
    public static func expected(as form: FieldForm) -> String { form == .onOff ? "on or off" : "yes or no" }

    /// The word of the form.
    public func spelled(as form: FieldForm, unit: String?) -> (text: String, unit: String?) {
        switch form {
        case .presence: ("", nil)
        case .onOff: (self ? "on" : "off", nil)
        default: (self ? "yes" : "no", nil)
        }
    }
}

extension Int: FieldValue {
    /// Reads a number of the form's range.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> Int? {
        switch form {
        case .decimal(let range):
            XMLNumbers.signed(text).flatMap { range.contains($0) ? $0 : nil }
        case .c(let range, _):
            XMLNumbers.c(text).flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        case .octal:
            XMLNumbers.digits(XMLNumbers.trimmed(text.utf8), radix: 8).flatMap { $0 <= 0o7777 ? Int($0) : nil }
        default: XMLNumbers.signed(text)
        }
    }

    /// The range.
    public static func expected(as form: FieldForm) -> String {
        switch form {
        case .decimal(Int.min...Int.max): "a whole number"
        case .decimal(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .c(let range, _):
            "a whole number from \(range.lowerBound) to 0x\(String(range.upperBound, radix: 16))"
        case .octal: "an octal number"
        default: "a whole number"
        }
    }

    /// Its digits.
    public func spelled(as form: FieldForm, unit: String?) -> (text: String, unit: String?) {
        switch form {
        case .c(_, let digits): (XMLNumbers.hexadecimal(UInt64(Swift.max(0, self)), digits: digits), nil)
        case .octal: ("0" + String(self, radix: 8), nil)
        default: (String(self), nil)
        }
    }
}

extension UInt64: FieldValue {
    /// Reads a number of 64 bits, or a size.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> UInt64? {
        switch form {
        case .size(let standard): ByteUnit.bytes(text, unit: unit, standard: standard)
        case .c: XMLNumbers.c(text)
        default: XMLNumbers.decimal(text)
        }
    }

    /// The form's numbers.
    public static func expected(as form: FieldForm) -> String {
        switch form {
        case .size: "a size, as 4 GiB"
        case .c: "a whole number of 64 bits"
        default: "a whole number from 0 to 18446744073709551615"
        }
    }

    /// Its digits, of a size in the unit that is there.
    public func spelled(as form: FieldForm, unit: String?) -> (text: String, unit: String?) {
        switch form {
        case .size(let standard): ByteUnit.spell(self, unit: unit, standard: standard)
        case .c(_, let digits): (XMLNumbers.hexadecimal(self, digits: digits), nil)
        default: (String(self), nil)
        }
    }
}

extension Double: FieldValue {
    /// Reads a number with a point.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> Double? {
        Double(XMLNames.trimmed(text)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A number.
    public static func expected(as form: FieldForm) -> String { "a number" }
}

extension Open: FieldValue {
    /// Any name is right.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> Self? { Self(text) }

    /// Nobody is told, since any name is right.
    public static func expected(as form: FieldForm) -> String { "a name" }
}

extension CPUSet: FieldValue {
    /// Reads a list as `1-4,^3`.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> CPUSet? { CPUSet(text) }

    /// A list.
    public static func expected(as form: FieldForm) -> String { "a set of CPUs, as 1-4,^3" }
}

extension MACAddress: FieldValue {
    /// Reads six octets.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> MACAddress? { MACAddress(text) }

    /// Six octets.
    public static func expected(as form: FieldForm) -> String { "a MAC address" }
}

extension UUIDValue: FieldValue {
    /// Reads 32 digits.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> UUIDValue? { UUIDValue(text) }

    /// A UUID.
    public static func expected(as form: FieldForm) -> String { "a UUID" }
}

extension IPAddress: FieldValue {
    /// Reads an address of either family.
    public static func read(_ text: String, unit: String?, as form: FieldForm) -> IPAddress? { IPAddress(text) }

    /// An address.
    public static func expected(as form: FieldForm) -> String { "an IP address" }
}
