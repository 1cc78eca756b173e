/// The values of an attribute that libvirt knows, spelled by their raw values.
///
/// Libvirt's `none` is called `nothing` here, since `none` is Swift's word for an optional without a value.
public protocol LibvirtEnumeration: RawRepresentable, CaseIterable, Sendable, Hashable where RawValue == String {}

/// A value out of a list that grows: one that is known, or one of tomorrow's, kept as it is written.
public enum Open<Known: LibvirtEnumeration>: Sendable, Hashable {
    /// One that is known.
    case known(Known)
    /// One that is not.
    case other(String)

    /// Reads a value. There is no wrong one.
    public init(_ text: String) {
        self = Known(rawValue: text).map { .known($0) } ?? .other(text)
    }

    /// The value as it is written.
    public var text: String {
        switch self {
        case .known(let known): known.rawValue
        case .other(let text): text
        }
    }

    /// The value where it is known.
    public var known: Known? {
        if case .known(let known) = self { known } else { nil }
    }

    /// Whether it is this one of those that are known.
    public static func == (value: Self, known: Known) -> Bool { value == .known(known) }

    /// Whether it is another.
    public static func != (value: Self, known: Known) -> Bool { value != .known(known) }
}

extension Open: CustomStringConvertible {
    /// The value as it is written.
    public var description: String { text }
}
