internal import Evidence
internal import Facts

/// PCI devices and virtual functions. KVH070–KVH099.
enum PCIRules {
    static let area = "SR-IOV and PCI"

    static let all: [Rule<HostFacts>] = []
}
