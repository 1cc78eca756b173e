/// Processors: topology, vulnerabilities, virtualization features, frequency, clocks.
public struct CPUFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: CPUFacts { CPUFacts() }
}
