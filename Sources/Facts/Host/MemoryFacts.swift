/// Memory: size, nodes, huge pages, sharing, swap, limits.
public struct MemoryFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: MemoryFacts { MemoryFacts() }
}
