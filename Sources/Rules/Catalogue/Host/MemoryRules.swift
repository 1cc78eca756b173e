internal import Evidence
internal import Facts

/// Memory. KVH150–KVH189; huge pages stand in ``HugePageRules``.
enum MemoryRules {
    static let area = "Memory"

    static let all: [Rule<HostFacts>] =
        [nearlyFull, overcommitForbidden, swapInUse, swappinessHigh, swapOnDisk] + HugePageRules.all
        + [nodeWithoutMemory, nodesUnequal, balancingOff, mergedAcrossNodes, mergingUseless, mergingLeaks]
        + [lockedMemoryLow, openFilesLow]

    private static let ksm = "/sys/kernel/mm/ksm"
    private static let ksmGuide = Citation("Linux Documentation/admin-guide/mm/ksm.rst", "6.18")

    /// A size in KiB as people read it, to a tenth of a GiB.
    static func gibibytes(_ size: Int) -> String {
        let tenths = max(0, size) / (1 << 20) * 10 + max(0, size) % (1 << 20) * 10 / (1 << 20)
        return "\(tenths / 10).\(tenths % 10) GiB"
    }

    // MARK: - How much there is

    static let nearlyFull = Rule<HostFacts>(
        RuleInfo(
            "KVH150", "memory-nearly-full", "there is memory for a guest", area: area, severity: .warning,
            rationale:
                "A guest that starts on a full host pushes others into swap, or is killed when it uses its memory.",
            sources: [
                Citation("proc(5), MemAvailable", "man-pages 6.03"),
                Citation("Mastering KVM Virtualization, chapter 15, memory", "2nd edition, 2020"),
            ],
            remedy: Remedy(
                "stop guests or give them less; a pool of huge pages is not available memory either",
                commands: ["virsh list", "grep -e MemAvailable -e Hugetlb /proc/meminfo"])),
        violates: { $0.memory.available = .known(700_000, from: .file("/proc/meminfo")) },
        decide: { host throws(Undecided) in
            guard let total = try host.memory.total.get(), let available = try host.memory.available.get() else {
                return .notApplicable("the kernel does not say how much memory is available")
            }
            let line = "\(gibibytes(available)) available of \(gibibytes(total))"
            return available >= 1 << 20
                ? .pass(nil, line)
                : .fail("less than 1 GiB of memory is available", [line], at: [Place("/proc/meminfo")])
        })

    static let overcommitForbidden = Rule<HostFacts>(
        RuleInfo(
            "KVH151", "overcommit-forbidden", "QEMU may reserve more memory than it uses", area: area,
            severity: .warning,
            rationale: """
                With vm.overcommit_memory = 2 the kernel refuses reservations beyond swap plus a share of memory \
                (vm.overcommit_ratio, 50 % by default): guests whose sum is far below the host's memory do not start.
                """,
            sources: [Citation("Linux Documentation/mm/overcommit-accounting.rst", "6.18")],
            remedy: Remedy(
                "",
                commands: [
                    "sysctl -w vm.overcommit_memory=0", "grep -rn overcommit_memory /etc/sysctl.conf /etc/sysctl.d",
                ]),
            explains: ["cannot set up guest memory 'pc.ram': Cannot allocate memory"]),
        violates: { $0.memory.overcommit = .known(2, from: .file("/proc/sys/vm/overcommit_memory")) },
        decide: { host throws(Undecided) in
            guard let mode = try host.memory.overcommit.get() else {
                return .notApplicable("the kernel has no vm.overcommit_memory")
            }
            return mode == 2
                ? .fail("vm.overcommit_memory is 2", at: host.memory.overcommit.places)
                : .pass(nil, "vm.overcommit_memory is \(mode)")
        })

    static let swapInUse = Rule<HostFacts>(
        RuleInfo(
            "KVH152", "swap-in-use", "little of the swap space is in use", area: area, severity: .note,
            rationale: """
                A guest whose memory is in the host's swap waits for a disk at every touch; it is a sign that guests \
                were promised more memory than there is.
                """,
            sources: [Citation("Mastering KVM Virtualization, chapter 15, memory", "2nd edition, 2020")],
            remedy: Remedy(
                "see which guests were swapped out, and promise less",
                commands: ["grep VmSwap /proc/[0-9]*/status | sort -n -k 2 | tail"])),
        violates: {
            $0.memory.swaps = .known(
                [SwapArea(path: "/dev/nvme0n1p3", type: "partition", size: 8_388_604, used: 6_000_000)],
                from: .file("/proc/swaps"))
        },
        decide: { host throws(Undecided) in
            guard let areas = try host.memory.swaps.get() else { return .notApplicable("the kernel cannot swap") }
            if areas.isEmpty { return .pass("the host has no swap space") }
            let size = areas.reduce(0) { $0 &+ $1.size }
            let used = areas.reduce(0) { $0 &+ $1.used }
            let lines = areas.map { area in
                let kind = area.isCompressedMemory ? "compressed memory" : area.type
                return "\(area.path) (\(kind)): \(gibibytes(area.used)) of \(gibibytes(area.size))"
            }
            // A quarter: idle daemons go there on every healthy host.
            return used <= size / 4
                ? .pass(nil, lines.joined(separator: "; "))
                : .fail(
                    "\(gibibytes(used)) of \(gibibytes(size)) of the swap space is in use", lines,
                    at: [Place("/proc/swaps")])
        })

    static let swappinessHigh = Rule<HostFacts>(
        RuleInfo(
            "KVH153", "swappiness-high", "the kernel drops caches before it swaps guests out", area: area,
            severity: .note,
            rationale: """
                To the host a guest's memory is one process's; at the default swappiness of 60 parts that look idle \
                go to disk while the host keeps file caches. tuned's profiles for hosts set 10.
                """,
            sources: [
                Citation("tuned, throughput-performance/tuned.conf", "2.20"),
                Citation("Linux Documentation/admin-guide/sysctl/vm.rst, swappiness", "6.18"),
            ],
            remedy: Remedy(
                "",
                commands: [
                    "echo 'vm.swappiness = 10' > /etc/sysctl.d/60-swappiness.conf",
                    "sysctl -p /etc/sysctl.d/60-swappiness.conf",
                ])),
        violates: { $0.memory.swappiness = .known(60, from: .file("/proc/sys/vm/swappiness")) },
        decide: { host throws(Undecided) in
            guard let areas = try host.memory.swaps.get(), let value = try host.memory.swappiness.get() else {
                return .notApplicable("the kernel cannot swap")
            }
            if areas.isEmpty { return .notApplicable("the host has no swap space") }
            return value <= 10
                ? .pass(nil, "vm.swappiness is \(value)")
                : .fail("vm.swappiness is \(value)", at: host.memory.swappiness.places)
        })

    static let swapOnDisk = Rule<HostFacts>(
        RuleInfo(
            "KVH154", "swap-on-disk", "guests' memory is never written to a disk by the host", area: area,
            severity: .note,
            rationale: """
                What the host swaps out of a guest waits on a disk for its return, and stays readable there after the \
                guest is gone.
                """,
            sources: [
                Citation("firecracker-microvm/firecracker docs/prod-host-setup.md", "2025"),
                Citation("Mastering KVM Virtualization, chapter 15, memory", "2nd edition, 2020"),
            ],
            remedy: Remedy("take the swap space out of /etc/fstab, or encrypt it with a key made at boot")),
        holds: { $0.memory.swaps = .known([], from: .file("/proc/swaps")) },
        violates: { host in
            host.memory.swaps = .known(
                [SwapArea(path: "/dev/sda3", type: "partition", size: 8_388_604, used: 0)], from: .file("/proc/swaps"))
        },
        decide: { host throws(Undecided) in
            guard let areas = try host.memory.swaps.get() else { return .notApplicable("the kernel cannot swap") }
            let disks = areas.filter { !$0.isCompressedMemory }
            if disks.isEmpty {
                return .pass(areas.isEmpty ? "the host has no swap space" : "swap is compressed memory")
            }
            return .fail(
                "the host swaps to \(disks.map(\.path).joined(separator: ", "))", at: [Place("/proc/swaps")],
                remedy: Remedy(
                    "take it out of /etc/fstab, or encrypt it with a key made at boot",
                    commands: disks.map { "swapoff \($0.path)" }))
        })

    // MARK: - Nodes

    private static let nodeSources = [
        Citation("Linux Documentation/admin-guide/mm/numaperf.rst", "6.18"),
        Citation("Mastering KVM Virtualization, chapter 15, general hardware design", "2nd edition, 2020"),
    ]

    static let nodeWithoutMemory = Rule<HostFacts>(
        RuleInfo(
            "KVH170", "node-without-memory", "every node with processors has memory of its own", area: area,
            severity: .warning,
            rationale: """
                Guests on a node without memory take every access through another socket. Usually the DIMMs of one \
                socket are missing or in the wrong slots.
                """,
            sources: nodeSources, remedy: Remedy("populate the DIMM slots of every socket")),
        violates: { host in
            host.memory.nodes = .known([
                MemoryNode(id: 0, total: 131_661_124, free: 90_000_000, distances: [10, 20]),
                MemoryNode(id: 1, hasMemory: false, total: 0, free: 0, distances: [20, 10]),
            ])
        },
        decide: { host throws(Undecided) in
            guard let nodes = try host.memory.nodes.get() else { return .notApplicable("the kernel knows no NUMA") }
            let without = nodes.filter { $0.hasCPU && !$0.hasMemory }.map { "\($0.id)" }
            return without.isEmpty
                ? .pass(nil, nodes.count == 1 ? "1 node" : "\(nodes.count) nodes")
                : .fail(
                    "node \(without.joined(separator: ", ")) has processors and no memory",
                    at: [Place("/sys/devices/system/node/has_memory")])
        })

    static let nodesUnequal = Rule<HostFacts>(
        RuleInfo(
            "KVH171", "nodes-unequal", "the nodes with processors have about the same memory", area: area,
            severity: .note,
            rationale:
                "Guests that are kept on one node find less room on the smaller one, and its memory channels are slower.",
            sources: nodeSources, remedy: Remedy("distribute the DIMMs equally over the sockets")),
        violates: { host in
            host.memory.nodes = .known([
                MemoryNode(id: 0, total: 197_000_000, free: 90_000_000, distances: [10, 20]),
                MemoryNode(id: 1, total: 66_000_000, free: 60_000_000, distances: [20, 10]),
            ])
        },
        decide: { host throws(Undecided) in
            guard let nodes = try host.memory.nodes.get()?.filter({ $0.hasCPU && $0.hasMemory }) else {
                return .notApplicable("the kernel knows no NUMA")
            }
            guard nodes.count > 1, let most = nodes.map(\.total).max(), let least = nodes.map(\.total).min() else {
                return .notApplicable("the host has one node")
            }
            let sizes = nodes.map { "node \($0.id): \(gibibytes($0.total))" }.joined(separator: ", ")
            let distance = nodes.flatMap(\.distances).max() ?? 10
            // More than a fifth below the largest; sizes are divided so that no product can overflow.
            return most - least <= most / 5
                ? .pass(nil, "\(sizes), largest distance \(distance)")
                : .fail("the memory of the nodes differs by more than a fifth", [sizes])
        })

    static let balancingOff = Rule<HostFacts>(
        RuleInfo(
            "KVH172", "numa-balancing-off", "the kernel keeps guests and their memory on one node", area: area,
            severity: .note,
            rationale: """
                Without kernel.numa_balancing a guest that is not pinned runs on one node with its memory on another. \
                Where every guest is pinned it is rightly off.
                """,
            sources: [Citation("Linux Documentation/admin-guide/sysctl/kernel.rst, numa_balancing", "6.18")],
            remedy: Remedy("turn it on, unless all guests are pinned", commands: ["sysctl -w kernel.numa_balancing=1"])),
        violates: { $0.memory.balancing = .known(0, from: .file("/proc/sys/kernel/numa_balancing")) },
        decide: { host throws(Undecided) in
            guard let nodes = try host.memory.nodes.get(), let mode = try host.memory.balancing.get() else {
                return .notApplicable("the kernel does not balance nodes")
            }
            if nodes.count < 2 { return .notApplicable("the host has one node") }
            return mode & 1 == 1
                ? .pass(nil, "kernel.numa_balancing is \(mode)")
                : .fail("kernel.numa_balancing is \(mode)", at: host.memory.balancing.places)
        })

    // MARK: - Samepage merging

    private static func merging(_ change: @escaping @Sendable (inout SamepageMerging) -> Void)
        -> @Sendable (
            inout HostFacts
        ) -> Void
    {
        { host in
            var state = SamepageMerging(
                run: 1, mergesAcrossNodes: false, pagesShared: 10000, pagesSharing: 90000, pagesUnshared: 20000,
                fullScans: 12)
            change(&state)
            host.memory.samepageMerging = .known(state, from: .file("\(ksm)/run"))
        }
    }

    static let mergedAcrossNodes = Rule<HostFacts>(
        RuleInfo(
            "KVH173", "ksm-across-nodes", "KSM merges pages of one node only", area: area, severity: .note,
            rationale: """
                With merge_across_nodes = 1 a page of a guest can become one that lies on another node: all later \
                accesses go there.
                """,
            sources: [ksmGuide],
            remedy: Remedy(
                "it can be changed only while nothing is merged: the second write undoes all merging",
                commands: [
                    "echo 2 > \(ksm)/run", "echo 0 > \(ksm)/merge_across_nodes", "echo 1 > \(ksm)/run",
                ])),
        holds: merging { _ in }, violates: merging { $0.mergesAcrossNodes = true },
        decide: { host throws(Undecided) in
            guard let state = try host.memory.samepageMerging.get() else {
                return .notApplicable("the kernel has no KSM")
            }
            if state.run != 1 { return .notApplicable("KSM does not run") }
            guard let count = try host.memory.nodes.get()?.count, count > 1 else {
                return .notApplicable("the host has one node")
            }
            return state.mergesAcrossNodes == true
                ? .fail("KSM merges pages across \(count) nodes", at: [Place("\(ksm)/merge_across_nodes")]) : .pass()
        })

    static let mergingUseless = Rule<HostFacts>(
        RuleInfo(
            "KVH174", "ksm-without-effect", "KSM saves memory for the time it takes", area: area, severity: .note,
            rationale: """
                KSM looks through all memory that QEMU offers it. Many pages unshared for each one saved mean that the \
                time is wasted.
                """,
            sources: [ksmGuide],
            remedy: Remedy(
                "stop it, and undo what is merged",
                commands: ["systemctl disable --now ksmtuned ksm", "echo 2 > \(ksm)/run"])),
        holds: merging { _ in },
        violates: merging {
            $0.pagesSharing = 40
            $0.pagesUnshared = 4_000_000
        },
        decide: { host throws(Undecided) in
            guard let state = try host.memory.samepageMerging.get() else {
                return .notApplicable("the kernel has no KSM")
            }
            if state.run != 1 { return .notApplicable("KSM does not run") }
            guard state.fullScans >= 3, state.pagesUnshared > 0 || state.pagesSharing > 0 else {
                return .pass("KSM has not looked at enough yet")
            }
            let line = "\(state.pagesSharing) pages saved, \(state.pagesUnshared) looked at for nothing"
            return state.pagesUnshared / 20 > state.pagesSharing
                ? .fail(
                    "KSM looks at twenty pages and more for each one it saves", [line],
                    at: [Place("\(ksm)/pages_sharing")])
                : .pass(nil, line)
        })

    static let mergingLeaks = Rule<HostFacts>(
        RuleInfo(
            "KVH175", "ksm-side-channel", "guests do not share pages with each other", area: area, severity: .note,
            rationale: """
                A write to a merged page takes longer, so that a guest can find out what another holds in memory. It \
                matters where guests do not trust each other.
                """,
            sources: [
                ksmGuide, Citation("Mastering KVM Virtualization, chapter 15, KSM", "2nd edition, 2020"),
            ],
            remedy: Remedy(
                "stop it, or take guests out of it with <nosharepages/> in their <memoryBacking>",
                commands: ["systemctl disable --now ksmtuned ksm", "echo 2 > \(ksm)/run"])),
        violates: merging { _ in },
        decide: { host throws(Undecided) in
            guard let state = try host.memory.samepageMerging.get() else {
                return .notApplicable("the kernel has no KSM")
            }
            // Stopping (0) does not undo what was merged; unmerging (2) does.
            if state.run == 1 {
                return .fail("KSM runs", ["\(state.pagesSharing) pages saved"], at: [Place("\(ksm)/run")])
            }
            return .pass(nil, "KSM does not run")
        })

    // MARK: - Limits of libvirt's daemon

    private static let unit = Citation("libvirt, libvirtd.service", "9.0")

    private static func daemonLimit(
        _ id: String, _ slug: String, _ title: String, rationale: String, directive: String, least: Int,
        value: @escaping @Sendable (DaemonLimits) -> Int?, shown: @escaping @Sendable (Int) -> String,
        violating: DaemonLimits
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, title, area: area, severity: .note, rationale: rationale, sources: [unit], remedy: Remedy("")),
            violates: { $0.memory.daemonLimits = .known(violating, from: .file("/proc/1042/limits")) },
            decide: { host throws(Undecided) in
                guard let limits = try host.memory.daemonLimits.get() else {
                    return .notApplicable("no libvirt daemon for QEMU runs")
                }
                guard let value = value(limits) else { return .pass(nil, "\(limits.name): no limit") }
                if value >= least { return .pass(nil, "\(limits.name): \(shown(value))") }
                return .fail(
                    "\(limits.name) runs with \(directive) \(shown(value)), below libvirt's own \(shown(least))",
                    at: host.memory.daemonLimits.places,
                    remedy: Remedy(
                        "raise it in a drop-in of the unit",
                        commands: [
                            "mkdir -p /etc/systemd/system/\(limits.name).service.d",
                            "printf '[Service]\\n\(directive)=\(shown(least))\\n' > /etc/systemd/system/\(limits.name).service.d/limits.conf",
                            "systemctl daemon-reload && systemctl restart \(limits.name)",
                        ]))
            })
    }

    static let lockedMemoryLow = daemonLimit(
        "KVH180", "daemon-memlock-low", "libvirt's daemon may lock memory for its device filters",
        rationale: """
            On cgroup v2 libvirt guards a guest's devices with eBPF maps, which before Linux 5.11 count as locked \
            memory: a daemon without room for them cannot start guests. QEMU's own limit is set by libvirt, and \
            limits.conf has no say in it.
            """,
        directive: "LimitMEMLOCK", least: 64 << 20, value: \.lockedMemory, shown: { "\($0 >> 20)M" },
        violating: DaemonLimits(name: "libvirtd", lockedMemory: 8 << 20, openFiles: 8192))

    static let openFilesLow = daemonLimit(
        "KVH181", "daemon-files-low", "libvirt's daemon may open files enough for its guests",
        rationale: """
            The daemon holds one or two files for each guest, and QEMU inherits the limit for its disks, network queues \
            and monitors.
            """,
        directive: "LimitNOFILE", least: 8192, value: \.openFiles, shown: { "\($0)" },
        violating: DaemonLimits(name: "libvirtd", lockedMemory: 64 << 20, openFiles: 1024))
}
