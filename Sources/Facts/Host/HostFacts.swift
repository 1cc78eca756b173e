/// All that was observed of a host. Facts never judge: "nested is off" is a fact.
///
/// Every fact starts as `notProbed`, so that what no probe has answered is unknown to every rule.
public struct HostFacts: Sendable {
    /// Name, operating system, kernel, architecture.
    public var system = SystemFacts()
    /// `/dev/kvm` and what it can do.
    public var kvm = KVMFacts()
    /// Device nodes of guests: tun, vhost, vfio, and those of confidential computing and TPM.
    public var devices = DeviceFacts()
    /// The IOMMU: firmware tables, kernel arguments, groups, interrupt remapping.
    public var iommu = IOMMUFacts()
    /// PCI devices: SR-IOV, links, NUMA nodes, drivers.
    public var pci = PCIFacts()
    /// Control groups: hierarchies, controllers, delegation.
    public var controlGroups = ControlGroupFacts()
    /// Processors: topology, vulnerabilities, virtualization features, frequency, clocks.
    public var cpu = CPUFacts()
    /// Memory: size, nodes, huge pages, sharing, swap, limits.
    public var memory = MemoryFacts()
    /// Confidential computing: SEV, TDX, Secure Execution.
    public var confidential = ConfidentialFacts()
    /// The software above KVM: QEMU, libvirt, firmware images, services, security modules.
    public var stack = StackFacts()
    /// Host networking: interfaces, routes, bridges, forwarding, filters.
    public var network = NetworkFacts()
    /// Time: clock source and synchronisation.
    public var time = TimeFacts()
    /// What LXC needs: namespaces, FUSE, kernel version.
    public var containers = ContainerFacts()
    /// Room: disks, addresses, names, as deployments ask for them.
    public var capacity = CapacityFacts()

    /// A host of which nothing is known.
    public init() {}

    /// A fit host, on which the examples of the rules are built: an Intel server with Debian 12, two sockets, 256 GiB,
    /// 25 Gbit/s network cards with SR-IOV, libvirt and QEMU installed and running.
    public static var sample: HostFacts {
        var host = HostFacts()
        host.system = .sample
        host.kvm = .sample
        host.devices = .sample
        host.iommu = .sample
        host.pci = .sample
        host.controlGroups = .sample
        host.cpu = .sample
        host.memory = .sample
        host.confidential = .sample
        host.stack = .sample
        host.network = .sample
        host.time = .sample
        host.containers = .sample
        host.capacity = .sample
        return host
    }
}
