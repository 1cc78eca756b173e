/// PCI devices: SR-IOV, links, NUMA nodes, drivers.
public struct PCIFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: PCIFacts { PCIFacts() }
}
