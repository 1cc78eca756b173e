/// What CPUID answers on the host itself.
public struct CPUAnswers: Sendable, Codable {
    /// Of which nothing is known.
    public init() {}
}
