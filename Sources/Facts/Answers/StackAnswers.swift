/// What calls tell of the software above KVM and of the file systems it lives on.
public struct StackAnswers: Sendable, Codable {
    /// Of which nothing is known.
    public init() {}
}
