/// Host networking: interfaces, routes, bridges, forwarding, filters.
public struct NetworkFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: NetworkFacts { NetworkFacts() }
}
