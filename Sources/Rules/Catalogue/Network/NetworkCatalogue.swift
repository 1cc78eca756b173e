public import Facts

/// All rules about virtual networks, in the order of the report.
public enum NetworkCatalogue {
    /// Every rule.
    public static let all: [Rule<NetworkDefinitionFacts>] = [
        [SchemaRules.network],
        VirtualNetworkModeRules.all, VirtualNetworkAddressRules.all, VirtualNetworkPartRules.all,
        VirtualNetworkHostRules.all,
        VirtualNetworkDeviceRules.all, VirtualNetworkSharingRules.all,
    ].flatMap { $0 }
}
