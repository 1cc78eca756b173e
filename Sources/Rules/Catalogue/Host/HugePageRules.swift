internal import Evidence
internal import Facts

/// Huge pages, static and transparent. KVH155–KVH169.
enum HugePageRules {
    static let all: [Rule<HostFacts>] = [
        transparentOff, poolTooLarge, fewerThanAsked, notPersistent, notMounted, onOneNode, gigabyteMissing,
    ]

    private static let area = MemoryRules.area
    private static let guide = Citation("Linux Documentation/admin-guide/mm/hugetlbpage.rst", "6.18")
    private static let folder = "/sys/kernel/mm/hugepages"

    private static func pools(_ host: HostFacts) throws(Undecided) -> [HugePagePool] {
        (try host.memory.hugePages.get() ?? []).filter { $0.count > 0 }
    }

    private static func place(_ pool: HugePagePool) -> Place {
        Place("\(folder)/hugepages-\(pool.pageSize)kB/nr_hugepages")
    }

    private static func pool(_ pool: HugePagePool) -> @Sendable (inout HostFacts) -> Void {
        { $0.memory.hugePages = .known([pool], from: .file(folder)) }
    }

    static let transparentOff = Rule<HostFacts>(
        RuleInfo(
            "KVH155", "transparent-huge-pages-off", "guests' memory can be of huge pages", area: area, severity: .note,
            rationale: """
                QEMU asks for transparent huge pages (madvise), which spare guests most of the cost of address \
                translation. With `never`, and without a static pool, all guests have pages of 4 KiB.
                """,
            sources: [Citation("Linux Documentation/admin-guide/mm/transhuge.rst", "6.18")],
            remedy: Remedy(
                "", commands: ["echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"])),
        violates: { host in
            host.memory.hugePages = .known([])
            host.memory.transparentHugePages = .known(
                "never", from: .file("/sys/kernel/mm/transparent_hugepage/enabled"))
        },
        decide: { host throws(Undecided) in
            guard let choice = try host.memory.transparentHugePages.get() else {
                return .notApplicable("the kernel has no transparent huge pages")
            }
            if choice != "never" { return .pass(nil, "transparent huge pages: \(choice)") }
            if let pool = try pools(host).first { return .pass(nil, "a pool of \(pool.count) × \(pool.sizeName)") }
            return .fail(
                "transparent huge pages are off, and there is no pool of static ones",
                at: host.memory.transparentHugePages.places)
        })

    static let poolTooLarge = Rule<HostFacts>(
        RuleInfo(
            "KVH156", "hugepage-pool-too-large", "the pools of huge pages leave memory for everything else", area: area,
            severity: .warning,
            rationale: """
                Memory in a pool serves nothing but huge pages. Above nine tenths the host itself, and QEMU's own \
                memory beside the guests', run out.
                """,
            sources: [guide, Citation("Mastering KVM Virtualization, chapter 15, huge pages", "2nd edition, 2020")],
            remedy: Remedy("")),
        violates: pool(HugePagePool(pageSize: 2048, count: 125_000, free: 100_000)),
        decide: { host throws(Undecided) in
            guard let total = try host.memory.total.get() else {
                return .notApplicable("the size of memory is not known")
            }
            let pools = try pools(host)
            if pools.isEmpty { return .notApplicable("there is no pool of huge pages") }
            let memory = pools.reduce(0) { sum, pool in
                let (next, overflow) = sum.addingReportingOverflow(pool.memory)
                return overflow ? .max : next
            }
            let lines = pools.map { "\($0.count) × \($0.sizeName), \($0.free) free" }
            guard memory > total / 10 * 9, let largest = pools.max(by: { $0.memory < $1.memory }) else {
                return .pass(nil, lines.joined(separator: "; "))
            }
            let fitting = max(0, total / 10 * 8 / largest.pageSize)
            return .fail(
                "huge pages take \(MemoryRules.gibibytes(memory)) of \(MemoryRules.gibibytes(total))", lines,
                at: pools.map(place),
                remedy: Remedy("", commands: ["echo \(min(fitting, largest.count)) > \(place(largest).path)"]))
        })

    static let fewerThanAsked = Rule<HostFacts>(
        RuleInfo(
            "KVH157", "hugepages-fewer-than-asked", "there are as many huge pages as were asked for", area: area,
            severity: .warning,
            rationale: """
                The kernel gives what it finds in one piece and says nothing: on a host that has run for a while it \
                finds less, and a guest that counts on the pool does not start.
                """,
            sources: [guide], remedy: Remedy(""),
            explains: ["unable to map backing store for guest RAM: Cannot allocate memory"]),
        violates: pool(HugePagePool(pageSize: 2048, count: 6100, free: 6100)),
        decide: { host throws(Undecided) in
            let requests = try host.memory.hugePageRequests.get() ?? []
            let pools = try host.memory.hugePages.get() ?? []
            let short = requests.compactMap { request -> (HugePageRequest, Int)? in
                let count = pools.first { $0.pageSize == request.pageSize }?.count ?? 0
                return count < request.count ? (request, count) : nil
            }
            guard let (request, count) = short.first else {
                return requests.isEmpty ? .notApplicable("no huge pages are asked for") : .pass()
            }
            let size = HugePagePool.sizeName(request.pageSize)
            let path = "\(folder)/hugepages-\(request.pageSize)kB/nr_hugepages"
            return .fail(
                "\(request.count) pages of \(size) are asked for, and there are \(count)",
                short.dropFirst().map {
                    "\($0.0.count) of \(HugePagePool.sizeName($0.0.pageSize)) asked for, \($0.1) there"
                },
                at: [request.place, Place(path)],
                remedy: Remedy(
                    """
                    try again after memory was compacted; if that does not do, ask on the kernel's command line \
                    (hugepagesz=\(request.pageSize >> 10)M hugepages=\(request.count)) and boot
                    """,
                    commands: ["echo 1 > /proc/sys/vm/compact_memory", "echo \(request.count) > \(path)"]))
        })

    static let notPersistent = Rule<HostFacts>(
        RuleInfo(
            "KVH158", "hugepages-not-persistent", "the pools of huge pages are there after a reboot", area: area,
            severity: .note,
            rationale: """
                A pool made with `sysctl -w` or by a write to /sys is gone after a reboot, and the guests that need it \
                do not start. Services that make pools (tuned, units of one's own) are not seen here.
                """,
            sources: [Citation("sysctl.d(5)", "systemd 252"), guide], remedy: Remedy("")),
        violates: { $0.memory.hugePageRequests = .known([], from: .file("/proc/cmdline")) },
        decide: { host throws(Undecided) in
            let requests = try host.memory.hugePageRequests.get() ?? []
            let pools = try pools(host)
            if pools.isEmpty { return .notApplicable("there is no pool of huge pages") }
            let lost = pools.filter { pool in !requests.contains { $0.pageSize == pool.pageSize && $0.count > 0 } }
            guard let first = lost.first else { return .pass() }
            // vm.nr_hugepages is about the default size, which is that of the smallest pool on every architecture.
            let isDefault = first.pageSize == (try host.memory.hugePages.get() ?? []).map(\.pageSize).min()
            return .fail(
                "nothing asks for the \(lost.map { "\($0.count) × \($0.sizeName)" }.joined(separator: " and ")) at boot",
                at: lost.map(place),
                remedy: isDefault
                    ? Remedy(
                        "",
                        commands: ["echo 'vm.nr_hugepages = \(first.count)' > /etc/sysctl.d/60-hugepages.conf"])
                    : Remedy(
                        "add hugepagesz=\(first.pageSize >> 10)M hugepages=\(first.count) to the kernel's command line")
            )
        })

    static let notMounted = Rule<HostFacts>(
        RuleInfo(
            "KVH159", "hugetlbfs-not-mounted", "hugetlbfs is mounted for each pool", area: area, severity: .warning,
            rationale:
                "libvirt takes huge pages from a mount of hugetlbfs with pages of the size wanted, and finds it in /proc/mounts.",
            sources: [guide, Citation("libvirt, messages of libvirt_driver_qemu.so", "9.0")],
            remedy: Remedy(""),
            explains: [
                "hugetlbfs filesystem is not mounted or disabled by administrator config",
                "Unable to find any usable hugetlbfs mount",
            ]),
        violates: { $0.memory.hugePageMounts = .known([:], from: .file("/proc/mounts")) },
        decide: { host throws(Undecided) in
            let mounts = try host.memory.hugePageMounts.get() ?? [:]
            let pools = try pools(host)
            if pools.isEmpty { return .notApplicable("there is no pool of huge pages") }
            let without = pools.filter { mounts[$0.pageSize] == nil }
            if without.isEmpty { return .pass(nil, pools.compactMap { mounts[$0.pageSize] }.joined(separator: ", ")) }
            return .fail(
                "no hugetlbfs is mounted with pages of \(without.map(\.sizeName).joined(separator: " and "))",
                at: [Place("/proc/mounts")],
                remedy: Remedy(
                    "mount it, and write it to /etc/fstab; libvirt's daemon must be started again to see it",
                    commands: without.flatMap { pool -> [String] in
                        let size = pool.pageSize >> 10
                        return [
                            "mkdir -p /dev/hugepages-\(size)M",
                            "mount -t hugetlbfs -o pagesize=\(size)M hugetlbfs /dev/hugepages-\(size)M",
                        ]
                    }))
        })

    static let onOneNode = Rule<HostFacts>(
        RuleInfo(
            "KVH160", "hugepages-on-one-node", "every node with memory has huge pages", area: area, severity: .note,
            rationale: """
                A guest that is kept on a node without huge pages does not start, or takes pages of a distant node. \
                What is asked for without naming nodes is spread evenly only as far as it is free.
                """,
            sources: [guide], remedy: Remedy("")),
        violates: pool(HugePagePool(pageSize: 2048, count: 8192, free: 8192, byNode: [0: 8192, 1: 0])),
        decide: { host throws(Undecided) in
            let pools = try pools(host)
            guard let nodes = try host.memory.nodes.get()?.filter(\.hasMemory), nodes.count > 1 else {
                return .notApplicable("the host has one node")
            }
            if pools.isEmpty { return .notApplicable("there is no pool of huge pages") }
            for pool in pools {
                let without = nodes.map(\.id).filter { pool.byNode[$0] == 0 }
                guard let first = without.first else { continue }
                let share = pool.count / nodes.count
                return .fail(
                    "node \(without.map(String.init).joined(separator: ", ")) has no pages of \(pool.sizeName)",
                    pool.byNode.sorted { $0.key < $1.key }.map { "node \($0.key): \($0.value)" },
                    remedy: Remedy(
                        "",
                        commands: [
                            "echo \(share) > /sys/devices/system/node/node\(first)/hugepages/hugepages-\(pool.pageSize)kB/nr_hugepages"
                        ]))
            }
            return .pass()
        })

    static let gigabyteMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH161", "gigabyte-pages-missing", "the processor has pages of 1 GiB", area: area, severity: .note,
            rationale:
                "Guests of hundreds of GiB gain from pages of 1 GiB, which x86 processors have if they show pdpe1gb.",
            sources: [
                guide, Citation("Mastering KVM Virtualization, chapter 15, huge pages", "2nd edition, 2020"),
            ],
            remedy: Remedy("use pages of 2 MiB; in a VM, ask its host for pdpe1gb")),
        violates: { $0.cpu.flags = .known(["lm", "vmx", "ept"], from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            guard let machine = try host.system.machine.get(), machine == "x86_64" else {
                return .notApplicable("other architectures have other sizes")
            }
            let flags = try host.cpu.flags.get() ?? []
            return flags.contains("pdpe1gb")
                ? .pass() : .fail("the processor does not show pdpe1gb", at: [Place("/proc/cpuinfo")])
        })
}
