public import Facts

/// All rules about storage pools, in the order of the report.
public enum PoolCatalogue {
    /// Every rule.
    public static let all: [Rule<PoolDefinitionFacts>] = [
        [SchemaRules.pool], PoolSourceRules.all, PoolTargetRules.all, PoolHostRules.all,
        PoolSharingRules.all,
    ].flatMap { $0 }
}
