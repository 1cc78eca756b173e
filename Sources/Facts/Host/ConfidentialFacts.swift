/// Confidential computing: SEV, TDX, Secure Execution.
public struct ConfidentialFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: ConfidentialFacts { ConfidentialFacts() }
}
