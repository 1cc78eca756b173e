/// The IOMMU: firmware tables, kernel arguments, groups, interrupt remapping.
public struct IOMMUFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: IOMMUFacts { IOMMUFacts() }
}
