public import Facts

/// All rules about domains, in the order of the report.
public enum DomainCatalogue {
    /// Every rule.
    public static let all: [Rule<DomainFacts>] = [
        [SchemaRules.domain],
        DomainMachineRules.all,
        DomainDeviceRules.all,
        DomainAddressRules.all,
        DomainFeatureRules.all,
        DomainCapabilityRules.machine,
        DomainHostRules.machine,
        DomainCPURules.all,
        DomainCapabilityRules.cpu,
        DomainHostRules.cpu,
        DomainMemoryRules.all,
        DomainDiskRules.all,
        DomainNetworkRules.all,
        DomainConsoleRules.all,
        DomainSharingRules.all,
        DomainDependencyRules.all,
        DomainDriftRules.all,
        DomainProcessRules.all,
    ].flatMap { $0 }
}
