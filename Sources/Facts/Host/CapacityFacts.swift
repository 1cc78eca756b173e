/// Room: disks, addresses, names, as deployments ask for them.
public struct CapacityFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: CapacityFacts { CapacityFacts() }
}
