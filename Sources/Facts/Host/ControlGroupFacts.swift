public import Evidence

/// Control groups: hierarchies, controllers, delegation.
public struct ControlGroupFacts: Sendable {
    /// What is mounted where, from `/proc/self/mountinfo`, or `/proc/mounts` where a capture has only that.
    public var mounts: Observation<ControlGroupMounts> = .notProbed
    /// The version 1 controllers that the kernel was built with, from `/proc/cgroups`; absent where there is no such
    /// file. A kernel with `CONFIG_CPUSETS_V1=n` and the like does not list its version 2 controllers there.
    public var kernelControllers: Observation<[KernelController]> = .notProbed
    /// The version 2 controllers there are: `cgroup.controllers` where cgroup2 is mounted; absent where it is not.
    public var controllers: Observation<[String]> = .notProbed
    /// The version 2 controllers that groups below the mounted one have: its `cgroup.subtree_control`.
    public var enabledBelow: Observation<[String]> = .notProbed
    /// Whether the mounted group has a parent that cannot be seen from here, as in a container: it has a `cgroup.type`,
    /// which the root of a hierarchy has not; absent where cgroup2 is not mounted.
    public var isPartOfHierarchy: Observation<Bool> = .notProbed
    /// systemd's group for virtual machines and containers, version 2; absent where it does not exist (yet).
    public var machineSlice: Observation<MachineSlice> = .notProbed
    /// What the kernel answers to calls.
    public var answers = ControlGroupAnswers()

    /// Of which nothing is known.
    public init() {}
}

/// Where control groups are mounted.
public struct ControlGroupMounts: Sendable, Hashable {
    /// Mount points of version 1 by controller, and by `name=…` for a hierarchy without one.
    public var legacy: [String: String]
    /// Where version 2 is mounted, if it is.
    public var unified: String?

    /// Makes a layout; see the properties.
    public init(legacy: [String: String] = [:], unified: String? = nil) {
        self.legacy = legacy
        self.unified = unified
    }
}

/// One line of `/proc/cgroups`; cgroups(7).
public struct KernelController: Sendable, Hashable {
    /// The controller's version 1 name, such as `blkio`.
    public var name: String
    /// Whether it may be used; `cgroup_disable=` on the kernel's command line takes it away.
    public var isEnabled: Bool

    /// Makes a controller; see the properties.
    public init(name: String, isEnabled: Bool) {
        self.name = name
        self.isEnabled = isEnabled
    }
}

/// systemd's group for virtual machines and containers, version 2.
public struct MachineSlice: Sendable, Hashable {
    /// Where it is.
    public var path: String
    /// The controllers that the groups in it have: its `cgroup.subtree_control`.
    public var enabledBelow: [String]
    /// How many scopes are in it: running virtual machines and containers.
    public var scopes: Int

    /// Makes a slice; see the properties.
    public init(path: String, enabledBelow: [String], scopes: Int) {
        self.path = path
        self.enabledBelow = enabledBelow
        self.scopes = scopes
    }
}

extension ControlGroupFacts {
    /// Of the fit host; see ``HostFacts/sample``: version 2 as Debian 12 mounts it.
    public static var sample: ControlGroupFacts {
        var facts = ControlGroupFacts()
        let root = "/sys/fs/cgroup"
        let all = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"]
        facts.mounts = .known(ControlGroupMounts(unified: root), from: .file("/proc/self/mountinfo"))
        facts.kernelControllers = .known(
            ["cpuset", "cpu", "cpuacct", "blkio", "memory", "devices", "freezer", "hugetlb", "pids"].map {
                KernelController(name: $0, isEnabled: true)
            }, from: .file("/proc/cgroups"))
        facts.controllers = .known(all, from: .file(root + "/cgroup.controllers"))
        facts.enabledBelow = .known(all, from: .file(root + "/cgroup.subtree_control"))
        facts.isPartOfHierarchy = .known(false, from: .file(root + "/cgroup.type"))
        facts.machineSlice = .known(
            MachineSlice(path: root + "/machine.slice", enabledBelow: all, scopes: 2),
            from: .file(root + "/machine.slice/cgroup.subtree_control"))
        facts.answers.deviceQuery = .known(CallResult(), from: .call("BPF_PROG_QUERY", on: root))
        return facts
    }
}
