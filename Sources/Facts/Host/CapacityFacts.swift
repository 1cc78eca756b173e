public import Evidence

/// Room: disks, addresses, names, and the few settings that whole deployments ask for.
public struct CapacityFacts: Sendable {
    /// The room of file systems.
    public var answers = CapacityAnswers()
    /// The sizes in bytes of the disks that are not removable, by their names in `/sys/block`.
    public var disks: Observation<[String: UInt64]> = .notProbed
    /// The target that the boot ends in, such as `multi-user.target`.
    public var defaultTarget: Observation<String> = .notProbed
    /// The name servers of `/etc/resolv.conf`; absent where there is no such file.
    public var nameServers: Observation<[String]> = .notProbed
    /// The services that look up hosts, in order (`hosts:` of nsswitch.conf); absent where it is not set.
    public var hostLookup: Observation<[String]> = .notProbed
    /// The loopback addresses that `/etc/hosts` gives to the host's own name, with their places.
    public var loopbackNames: Observation<[LoopbackName]> = .notProbed
    /// The modules bonding and 8021q, and whether this kernel has each.
    public var linkModules: Observation<[String: Bool]> = .notProbed
    /// The `virt_type` of nova's configuration; absent where it is not set or there is no nova.
    public var novaVirtType: Observation<String> = .notProbed
    /// The shortest period of a timer that KVM injects, in microseconds; absent where kvm has no such parameter.
    public var kvmTimerPeriod: Observation<Int> = .notProbed
    /// kvm's parameter `nx_huge_pages`: `Y`, `N` or `never`; absent where there is none.
    public var nxHugePages: Observation<String> = .notProbed
    /// Whether the cgroup v2 hierarchy is mounted with `favordynmods`; absent where there is none.
    public var favorsDynamicModifications: Observation<Bool> = .notProbed
    /// The greatest level of kernel messages that is kept from the console, from `/proc/sys/kernel/printk`.
    public var consoleLogLevel: Observation<Int> = .notProbed
    /// The memory controllers that report errors (EDAC): there are some where memory has ECC and a driver.
    public var memoryControllers: Observation<[String]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// A line of `/etc/hosts` that gives the host's own name a loopback address.
public struct LoopbackName: Sendable, Hashable {
    /// The address.
    public var address: String
    /// The line, from 1.
    public var line: Int

    /// Makes a line; see the properties.
    public init(address: String, line: Int) {
        self.address = address
        self.line = line
    }
}

extension CapacityFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: CapacityFacts {
        var facts = CapacityFacts()
        let space = FileSystemSpace(total: 900_000_000_000, available: 700_000_000_000)
        facts.answers.root = .known(space, from: .call("statvfs", on: "/"))
        facts.answers.variable = .known(space, from: .call("statvfs", on: "/var"))
        facts.disks = .known(["nvme0n1": 960_197_124_096, "nvme1n1": 960_197_124_096], from: .file("/sys/block"))
        facts.defaultTarget = .known("multi-user.target", from: .file("/etc/systemd/system/default.target"))
        facts.nameServers = .known(["192.0.2.53"], from: .file("/etc/resolv.conf"))
        facts.hostLookup = .known(["files", "dns"], from: .file("/etc/nsswitch.conf"))
        facts.loopbackNames = .known([], from: .file("/etc/hosts"))
        facts.linkModules = .known(["bonding": true, "8021q": true])
        facts.novaVirtType = .absent(from: .file("/etc/nova/nova.conf"))
        facts.kvmTimerPeriod = .known(500, from: .file("/sys/module/kvm/parameters/min_timer_period_us"))
        facts.nxHugePages = .known("never", from: .file("/sys/module/kvm/parameters/nx_huge_pages"))
        facts.favorsDynamicModifications = .known(true, from: .file("/proc/self/mounts"))
        facts.consoleLogLevel = .known(1, from: .file("/proc/sys/kernel/printk"))
        facts.memoryControllers = .known(["mc0", "mc1"], from: .file("/sys/devices/system/edac/mc"))
        return facts
    }
}
