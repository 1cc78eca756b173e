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
        DomainGuestRules.machine,
        DomainCPURules.all,
        DomainCapabilityRules.cpu,
        DomainHostRules.cpu,
        DomainGuestRules.cpu,
        DomainMemoryRules.all,
        DomainGuestRules.memory,
        DomainDiskRules.all,
        DomainNetworkRules.all,
        DomainGuestRules.network,
        DomainConsoleRules.all,
        DomainGuestRules.consoles,
        DomainSharingRules.all,
        DomainDependencyRules.all,
        DomainDriftRules.all,
        DomainProcessRules.all,
    ].flatMap { $0 }
}
