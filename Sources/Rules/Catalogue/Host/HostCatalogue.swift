public import Facts

/// All rules about hosts, in the order of the report.
public enum HostCatalogue {
    /// The area of the rules about containers: its facts need not be read where none of them is asked.
    public static let containerArea = ContainerRules.area
    /// The area of the rules of whole deployments; likewise.
    public static let deploymentArea = DeploymentRules.area

    /// Every rule, whatever the driver or profile.
    public static let all: [Rule<HostFacts>] = [
        KVMDeviceRules.all,
        KVMGuestRules.all,
        DeviceRules.all,
        IOMMURules.all,
        PCIRules.all,
        ControlGroupRules.all,
        CPURules.all,
        MemoryRules.all,
        ConfidentialRules.all,
        StackRules.all,
        NetworkRules.all,
        ContainerRules.all,
        DeploymentRules.all,
    ].flatMap { $0 }
}
