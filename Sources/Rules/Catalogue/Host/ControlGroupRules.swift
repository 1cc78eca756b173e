internal import Evidence
internal import Facts

/// Control groups. KVH100–KVH119.
enum ControlGroupRules {
    static let area = "Control groups"
    static let manual = Citation("cgroups(7)", "man-pages 6.03")
    static let kernel = Citation("Linux Documentation/admin-guide/cgroup-v2.rst", "6.1")
    static let libvirt = Citation("libvirt src/util/vircgroupv2.c, virCgroupV2DetectControllers", "9.4")

    static let all: [Rule<HostFacts>] = [
        missing,
        controller("KVH101", .cpu),
        controller("KVH102", .cpuacct),
        controller("KVH103", .cpuset),
        controller("KVH104", .memory),
        controller("KVH105", .devices),
        controller("KVH106", .blkio),
        notDelegated,
    ]

    static let missing = mounted(
        "KVH100", "control-groups-missing", area: area, severity: .warning,
        rationale: """
            libvirt puts every VM into control groups of its own. Without them VMs start, but nothing of \
            cputune, memtune, blkiotune and the protection of device nodes takes effect.
            """)

    /// Whether any control groups are there to be used; a rule of its own for each driver.
    static func mounted(
        _ id: String, _ slug: String, area: String, severity: Severity, rationale: String
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, "control groups are mounted, with controllers", area: area, severity: severity,
                rationale: rationale, sources: [manual, libvirt],
                remedy: Remedy(
                    "let systemd mount them; without it, mount version 2",
                    commands: ["mount -t cgroup2 cgroup2 /sys/fs/cgroup"]),
                explains: ["no cgroup backend available", "Unable to initialize cgroups"]),
            violates: { $0.controlGroups.mounts = .known(ControlGroupMounts(), from: .file("/proc/self/mountinfo")) },
            decide: { host throws(Undecided) in
                guard let mounts = try host.controlGroups.mounts.get() else {
                    return .notApplicable("no table of mounts")
                }
                let legacy = mounts.legacy.keys.filter { !$0.hasPrefix("name=") }
                if !legacy.isEmpty {
                    return .pass(nil, mounts.unified == nil ? "version 1" : "version 1, and version 2 beside it")
                }
                guard let point = mounts.unified else {
                    return .fail("no control groups are mounted", at: host.controlGroups.mounts.places)
                }
                guard let controllers = try host.controlGroups.controllers.get(), !controllers.isEmpty else {
                    return .fail(
                        "control groups are mounted without one controller",
                        ["\(point)/cgroup.controllers is empty"], at: [Place(point + "/cgroup.controllers")],
                        remedy: Remedy("in a container, have its manager delegate controllers to it"))
                }
                return .pass(nil, "version 2")
            })
    }

    private static func controller(_ id: String, _ support: ControllerSupport) -> Rule<HostFacts> {
        controller(
            id, "cgroup-\(support.name)-missing", support, area: area, severity: .warning, parent: "KVH100",
            explains: ["cgroup '\(support.name)' controller support"])
    }

    /// A rule about one controller, for either driver.
    static func controller(
        _ id: String, _ slug: String, _ support: ControllerSupport, area: String, severity: Severity, parent: String,
        explains: [String] = []
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, "the \(support.name) controller can be used", area: area, severity: severity,
                rationale: "Without it \(support.use).", sources: [manual, kernel, libvirt],
                remedy: Remedy("boot a kernel with \(support.option), and mount the controller"), parent: parent,
                explains: explains),
            violates: { host in
                // Version 1 with one hierarchy, which has all controllers but this one.
                let others = ["cpu", "cpuacct", "cpuset", "memory", "devices", "blkio", "freezer"]
                var mounts = ControlGroupMounts()
                for name in others where name != support.name { mounts.legacy[name] = "/sys/fs/cgroup/\(name)" }
                host.controlGroups.mounts = .known(mounts, from: .file("/proc/self/mountinfo"))
                host.controlGroups.controllers = .absent()
            },
            decide: { host throws(Undecided) in try support.decide(host) })
    }

    static let notDelegated = Rule<HostFacts>(
        RuleInfo(
            "KVH107", "cgroup-not-delegated", "machines get the controllers that the host has", area: area,
            severity: .warning,
            rationale: """
                On version 2 a group has a controller only where its parent hands it down. libvirt goes on without \
                one that it does not get, and says so only when cputune, memtune or blkiotune is used.
                """,
            sources: [
                kernel, Citation("libvirt src/util/vircgroupv2.c, virCgroupV2MakeGroup", "9.4"),
                Citation("systemd.resource-control(5), Delegate=", "252"),
            ],
            remedy: Remedy("hand the controllers down"), parent: "KVH100",
            explains: ["Failed to enable controller", "v2 controller 'cpu' is not available"]),
        violates: {
            $0.controlGroups.machineSlice = .known(
                MachineSlice(path: "/sys/fs/cgroup/machine.slice", enabledBelow: ["memory", "pids"], scopes: 1),
                from: .file("/sys/fs/cgroup/machine.slice/cgroup.subtree_control"))
        },
        decide: { host throws(Undecided) in
            let groups = host.controlGroups
            guard let mounts = try groups.mounts.get() else { return .notApplicable("no table of mounts") }
            // Hierarchies of version 1 have their controllers in every group.
            let wanted = [("cpu", "cpu"), ("cpuset", "cpuset"), ("memory", "memory"), ("io", "blkio")]
                .filter { mounts.legacy[$0.1] == nil }.map(\.0)
            guard !wanted.isEmpty else { return .pass(nil, "version 1 needs none") }
            guard let point = mounts.unified, let controllers = try groups.controllers.get() else {
                return .notApplicable("version 2 is not mounted")
            }
            let available = wanted.filter(controllers.contains)
            guard !available.isEmpty else { return .notApplicable("version 2 has none of the controllers wanted") }
            if let slice = try groups.machineSlice.get() {
                let lacking = available.filter { !slice.enabledBelow.contains($0) }
                if lacking.isEmpty { return .pass(nil, "\(slice.path): \(available.joined(separator: ", "))") }
                // systemd takes controllers away from a slice that is empty, and gives them to the first scope in it.
                guard slice.scopes > 0 else {
                    return .pass(nil, "systemd switches on \(lacking.joined(separator: ", ")) for the first machine")
                }
                return .fail(
                    "machines do not get \(lacking.joined(separator: ", "))",
                    [
                        "\(slice.path)/cgroup.subtree_control has "
                            + (slice.enabledBelow.isEmpty ? "nothing" : slice.enabledBelow.joined(separator: ", ")),
                        "\(slice.scopes) running in it",
                    ],
                    at: [Place(slice.path + "/cgroup.subtree_control")],
                    remedy: Remedy(
                        """
                        look for DisableControllers= on machine.slice; then have systemd hand them down, and start the \
                        machines again
                        """,
                        commands: [
                            "systemctl show -p DisableControllers machine.slice",
                            "systemctl set-property machine.slice CPUAccounting=yes IOAccounting=yes MemoryAccounting=yes",
                        ]))
            }
            guard let enabled = try groups.enabledBelow.get() else { return .notApplicable("version 2 is not mounted") }
            let lacking = available.filter { !enabled.contains($0) }
            if lacking.isEmpty { return .pass(nil, "\(point): \(available.joined(separator: ", "))") }
            // At the root of the hierarchy libvirt or systemd switches them on when the first machine starts. Below it the
            // processes that are in the group forbid that (EBUSY): cgroup-v2.rst, "No Internal Process Constraint".
            guard try groups.isPartOfHierarchy.get() == true else {
                return .pass(nil, "to be switched on for the first machine: \(lacking.joined(separator: ", "))")
            }
            return .fail(
                "machines will not get \(lacking.joined(separator: ", "))",
                [
                    "\(point) is not the root of its hierarchy",
                    "\(point)/cgroup.subtree_control has "
                        + (enabled.isEmpty ? "nothing" : enabled.joined(separator: ", ")),
                ],
                at: [Place(point + "/cgroup.subtree_control")],
                remedy: Remedy(
                    "move the processes out of the group, then hand the controllers down",
                    commands: [
                        "mkdir \(point)/init",
                        "for p in $(cat \(point)/cgroup.procs); do echo $p > \(point)/init/cgroup.procs; done",
                        "echo \(lacking.map { "+" + $0 }.joined(separator: " ")) > \(point)/cgroup.subtree_control",
                    ]))
        })
}
