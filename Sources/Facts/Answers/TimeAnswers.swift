public import Evidence

/// What adjtimex(2) answers.
public struct TimeAnswers: Sendable, Codable {
    /// Whether something keeps the clock: the kernel's status is without `STA_UNSYNC`.
    public var isSynchronised: Observation<Bool> = .notProbed
    /// The greatest error that the clock can have, in microseconds (`maxerror`).
    public var maximumError: Observation<Int> = .notProbed

    /// Of which nothing is known.
    public init() {}
}
