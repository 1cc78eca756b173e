/// Something told of a subject beside what its rules look at, for programs.
public struct SubjectProperty: Sendable, Hashable {
    /// The value in its form.
    public enum Value: Sendable, Hashable {
        case text(String)
        case flag(Bool)
        /// A number; sizes are in bytes.
        case number(UInt64)
        case texts([String])
    }

    /// The name, in lower camel case; one of the subject's kind, whether or not it has a value.
    public var name: String
    /// The value; nil where there is none, or where it is not known.
    public var value: Value?

    /// Makes a property; see the properties.
    public init(_ name: String, _ value: Value?) {
        self.name = name
        self.value = value
    }
}
