internal import Evidence
internal import Facts

/// Whether a control group controller can be used, in whichever version it is there: the one decision behind the rules
/// for QEMU (KVH101–KVH106) and for LXC (KVH288–KVH294), which differ in severity alone.
struct ControllerSupport {
    /// The name of version 1, by which libvirt and virt-host-validate call it: `blkio`.
    var name: String
    /// What of a machine suffers without it.
    var use: String
    /// The kernel's build option.
    var option: String

    static let cpu = ControllerSupport(
        name: "cpu", use: "CPU shares, periods and quotas (cputune) cannot be set", option: "CONFIG_CGROUP_SCHED")
    static let cpuacct = ControllerSupport(
        name: "cpuacct", use: "processor time per machine and per vCPU cannot be told", option: "CONFIG_CGROUP_CPUACCT")
    static let cpuset = ControllerSupport(
        name: "cpuset", use: "vCPU, emulator and memory placement is not enforced", option: "CONFIG_CPUSETS")
    static let memory = ControllerSupport(
        name: "memory", use: "memory limits (memtune) cannot be set", option: "CONFIG_MEMCG")
    static let devices = ControllerSupport(
        name: "devices", use: "a machine is not kept from device nodes that are not its own",
        option: "CONFIG_CGROUP_BPF or CONFIG_CGROUP_DEVICE")
    static let blkio = ControllerSupport(
        name: "blkio", use: "I/O weights and limits per machine (blkiotune) cannot be set", option: "CONFIG_BLK_CGROUP")
    static let freezer = ControllerSupport(
        name: "freezer", use: "a container cannot be suspended", option: "CONFIG_CGROUP_FREEZER")

    /// What version 2 calls it.
    private var unifiedName: String { name == "blkio" ? "io" : name }

    /// Decides from the mounts, the controllers of version 2, and for `devices` from what bpf(2) answered.
    func decide(_ host: HostFacts) throws(Undecided) -> Decision {
        let groups = host.controlGroups
        guard let mounts = try groups.mounts.get() else { return .notApplicable("no table of mounts") }
        if let point = mounts.legacy[name] { return .pass(nil, "version 1, mounted at \(point)") }
        guard let point = mounts.unified, let controllers = try groups.controllers.get() else {
            return missing(groups, [])
        }
        // systemd's hybrid layout mounts version 2 to follow processes, without one controller; libvirt does not use it.
        guard !controllers.isEmpty else {
            return missing(groups, ["version 2 at \(point) has no controllers"])
        }
        switch name {
        case "cpuacct": return .pass(nil, "version 2 at \(point): cpu.stat is part of every group")
        case "freezer": return try freezer(host, point)
        case "devices": return try devices(groups, point)
        default:
            if controllers.contains(unifiedName) {
                return .pass(nil, "version 2 at \(point)\(unifiedName == name ? "" : ", as \(unifiedName)")")
            }
            return missing(groups, ["\(point)/cgroup.controllers has \(controllers.joined(separator: ", "))"])
        }
    }

    /// `cgroup.freeze` is part of every group below the root since Linux 5.2; at the root there is no file to see.
    private func freezer(_ host: HostFacts, _ point: String) throws(Undecided) -> Decision {
        guard let release = try host.system.kernelRelease.get() else { return .notApplicable("no kernel release") }
        guard let kernel = KernelVersion(release) else {
            throw Undecided(Obstacle(.malformed, "/proc/sys/kernel/osrelease", "\(release) is not a kernel's version"))
        }
        if kernel >= KernelVersion(5, 2) {
            return .pass(nil, "version 2 at \(point): cgroup.freeze is part of every group")
        }
        return .fail(
            "there is no freezer", ["version 2 at \(point), and Linux \(release)", use], at: [Place(point)],
            remedy: Remedy("boot Linux 5.2 or later, or mount the freezer of version 1"))
    }

    private func devices(_ groups: ControlGroupFacts, _ point: String) throws(Undecided) -> Decision {
        guard let errno = try groups.answers.deviceQuery.get()?.errno else {
            return .pass(nil, "version 2 at \(point): BPF_CGROUP_DEVICE")
        }
        return .fail(
            "the kernel cannot judge the use of devices per control group",
            ["version 2 at \(point), bpf(BPF_PROG_QUERY, BPF_CGROUP_DEVICE): \(errno)", use], at: [Place(point)],
            remedy: Remedy("boot a kernel with CONFIG_CGROUP_BPF and CONFIG_BPF_SYSCALL"))
    }

    /// Why it is not there, as far as `/proc/cgroups` tells, and what to do about that.
    private func missing(_ groups: ControlGroupFacts, _ evidence: [String]) -> Decision {
        var evidence = evidence
        var remedy = Remedy("boot a kernel with \(option), and mount the controller")
        if let known = try? groups.kernelControllers.get() {
            switch known.first(where: { $0.name == name })?.isEnabled {
            case true?:
                evidence.append("/proc/cgroups: \(name) is in the kernel and not to be had here")
                remedy = notMounted(groups)
            case false?:
                evidence.append("/proc/cgroups: \(name) is in the kernel and switched off")
                remedy = Remedy(
                    name == "memory"
                        ? "take cgroup_disable=memory from the kernel's command line, or add cgroup_enable=memory"
                        : "take cgroup_disable=\(name) from the kernel's command line", commands: ["cat /proc/cmdline"])
            case nil: evidence.append("/proc/cgroups does not list \(name)")
            }
        }
        return .fail("there is no \(name) controller", evidence + [use], at: [Place("/proc/cgroups")], remedy: remedy)
    }

    /// What to do about a controller that the kernel has: a container's manager, version 1 or nobody holds it.
    private func notMounted(_ groups: ControlGroupFacts) -> Remedy {
        if (try? groups.isPartOfHierarchy.get()) == true {
            return Remedy("this is a container: have its manager hand \(unifiedName) down to it")
        }
        if let controllers = try? groups.controllers.get(), !controllers.isEmpty {
            return Remedy(
                "unmount \(name) from version 1, so that version 2 has it; by systemd.unified_cgroup_hierarchy=1 at boot"
            )
        }
        return Remedy(
            "boot with systemd.unified_cgroup_hierarchy=1, so that version 2 has all controllers; without systemd mount it",
            commands: ["mkdir -p /sys/fs/cgroup/\(name)", "mount -t cgroup -o \(name) cgroup /sys/fs/cgroup/\(name)"])
    }
}

/// The numbers of a kernel's release, to compare.
struct KernelVersion: Comparable {
    private let numbers: [Int]

    /// A version from its numbers.
    init(_ numbers: Int...) { self.numbers = numbers }

    /// The first two or three numbers of a release such as `6.1.0-37-amd64`; nil where there are no two.
    init?(_ release: String) {
        let head = release.prefix { $0 == "." || ("0"..."9").contains($0) }
        let numbers = head.split(separator: ".").prefix(3).compactMap { Int($0) }
        guard numbers.count >= 2 else { return nil }
        self.numbers = numbers
    }

    static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
