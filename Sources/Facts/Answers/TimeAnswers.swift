/// What adjtimex(2) answers.
public struct TimeAnswers: Sendable, Codable {
    /// Of which nothing is known.
    public init() {}
}
