internal import Evidence
internal import Facts
internal import LibvirtXML

/// Memory, NUMA and huge pages. KVD070–KVD099.
enum DomainMemoryRules {
    static let area = "Memory"

    static let all: [Rule<DomainFacts>] = [
        sizeMissing, sizeAbsurd, currentBeyondMaximum, balloonMissing, beyondHost, swapLimitBelow, limitBelowMemory,
        guaranteeRefused, lockedWithoutLimit, pluggedWithoutNode, pageSizeMissing, pagesNotFree, pagesRefused,
        pagesWithBalloon, hostNodeMissing, tuningRefused, cellsRefused, preferredSeveral, mergedWhilePinned,
    ]

    private static let format = Citation("libvirt docs/formatdomain.rst", "11.3")
    private static let validation = Citation("libvirt src/qemu/qemu_validate.c", "11.3")
    private static let book = "Mastering KVM Virtualization, 2nd ed., chapter 15"

    private static let clock = "<clock offset='utc'/>"

    // MARK: - Size

    static let sizeMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD070", "memory-not-given", "the size of memory is given", area: area, severity: .error,
            rationale: "libvirt refuses a domain of which neither <memory> nor a guest node has a size.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/no-memory.err", "11.3")],
            remedy: Remedy("write <memory unit='GiB'>…</memory>"),
            explains: ["Memory size must be specified via <memory> or in the <numa> configuration"]),
        violates: { $0.rewrite("<memory unit='GiB'>4</memory>", "") },
        faults: { domain in
            var faults: [Fault] = []
            let memory = domain.definition.memory
            faults.add(
                "no size of memory", at: memory.position,
                if: domain.definition.isQEMU && domain.startMemory == nil && memory.malformed == nil)
            return faults
        })

    static let sizeAbsurd = Rule<DomainFacts>(
        RuleInfo(
            "KVD071", "memory-too-small", "the memory is enough for a guest to boot", area: area, severity: .warning,
            rationale: "A number without a unit is KiB: <memory>4096</memory> is 4 MiB, on which nothing boots.",
            sources: [format], remedy: Remedy("write the unit: <memory unit='MiB'>…</memory>")),
        violates: { $0.rewrite("<memory unit='GiB'>4</memory>", "<memory>4096</memory>") },
        faults: { domain in
            var faults: [Fault] = []
            let memory = domain.definition.memory
            if domain.definition.isQEMU, let size = memory.value, (1..<32 << 20).contains(size) {
                faults.add(
                    "\(ByteCount.text(size)) of memory"
                        + (memory.unit == nil ? ": a number without a unit is KiB" : ""),
                    at: memory.position)
            }
            return faults
        })

    static let currentBeyondMaximum = Rule<DomainFacts>(
        RuleInfo(
            "KVD072", "current-memory-beyond-maximum", "the current memory is at most the maximum", area: area,
            severity: .warning,
            rationale: "libvirt takes the maximum where <currentMemory> is more: the domain has less than is written.",
            sources: [Citation("libvirt src/conf/domain_postparse.c: virDomainDefPostParseMemory", "11.3")],
            remedy: Remedy("make <memory> the larger one")),
        violates: {
            $0.rewrite("<currentMemory unit='GiB'>4</currentMemory>", "<currentMemory unit='GiB'>8</currentMemory>")
        },
        remedy: { domain in
            Remedy(
                "raise the maximum, with the domain shut off",
                commands: ["virsh setmaxmem \(domain.nameWord) SIZE --config"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let current = domain.definition.currentMemory
            if let wanted = current.value, let maximum = domain.definition.memory.value, maximum > 0, wanted > maximum,
                domain.definition.devices.memories.isEmpty, domain.definition.cpu.numaCells.isEmpty
            {
                faults.add(
                    "\(ByteCount.text(wanted)) current of at most \(ByteCount.text(maximum))", at: current.position)
            }
            return faults
        })

    /// Whether a domain is to have less memory than its maximum, which ballooning takes away.
    private static func isBallooned(_ domain: DomainFacts) -> Bool {
        guard let current = domain.definition.currentMemory.value, let maximum = domain.definition.memory.value else {
            return false
        }
        return current < maximum
    }

    static let balloonMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD073", "balloon-missing", "what is to be ballooned away can be", area: area, severity: .warning,
            rationale: """
                <currentMemory> below <memory> is a balloon's work. With <memballoon model='none'/> the guest has all \
                of <memory>, and the host is overcommitted unseen.
                """,
            sources: [format, Citation("\(book): memory", "2020")],
            remedy: Remedy("use <memballoon model='virtio'/>, or make both sizes equal")),
        violates: {
            let text = DomainFacts.sampleXML.replacing("memballoon model='virtio'", with: "memballoon model='none'")
                .replacing("<currentMemory unit='GiB'>4", with: "<currentMemory unit='GiB'>2")
            $0.replace(xml: text)
        },
        faults: { domain in
            var faults: [Fault] = []
            let balloon = domain.definition.devices.memoryBalloon
            faults.add(
                "less memory at present than the maximum, and no balloon", at: balloon.position,
                if: domain.definition.isQEMU && balloon.model == .nothing && isBallooned(domain))
            return faults
        })

    static let beyondHost = Rule<DomainFacts>(
        RuleInfo(
            "KVD074", "memory-beyond-host", "the host has the domain's memory", area: area, severity: .warning,
            rationale: "A guest with more memory than the host swaps on the host, or is killed when it fills it.",
            sources: [Citation("\(book): avoid memory overcommitment at all costs", "2020")],
            remedy: Remedy("give it less memory")),
        violates: { $0.rewrite("<memory unit='GiB'>4</memory>", "<memory unit='TiB'>4</memory>") },
        decide: { domain throws(Undecided) in
            guard let memory = domain.startMemory else { return .pass() }
            guard let total = try domain.host.memory.total.get() else {
                return .notApplicable("the host's memory is not known")
            }
            let host = DomainSizes.bytes(kibibytes: total)
            guard memory > host else { return .pass() }
            return .fail(
                "\(ByteCount.text(memory)) on a host with \(ByteCount.text(host))",
                at: [domain.place(domain.definition.memory.position)],
                remedy: Remedy(
                    "give it less, with the domain shut off",
                    commands: ["virsh setmaxmem \(domain.nameWord) SIZE --config"]))
        })

    // MARK: - Limits

    /// A limit that is one.
    private static func limit(_ field: Field<UInt64>) -> UInt64? {
        guard let value = field.value, value > 0, value < Domain.MemoryTuning.unlimited else { return nil }
        return value
    }

    static let swapLimitBelow = Rule<DomainFacts>(
        RuleInfo(
            "KVD075", "swap-limit-below-hard-limit", "the limit with swap is not below the one without", area: area,
            severity: .warning,
            rationale: """
                swap_hard_limit counts memory and swap together, and virsh memtune refuses one below hard_limit. Under \
                cgroup version 1 the domain does not start with it; version 2 takes it for swap alone, which is more than \
                was meant.
                """,
            sources: [
                Citation("libvirt src/hypervisor/domain_cgroup.c: virDomainCgroupSetMemoryLimitParameters", "9.0"),
                format,
            ],
            remedy: Remedy("make swap_hard_limit more than hard_limit"),
            explains: ["memory hard_limit tunable value must be lower than or equal to swap_hard_limit"]),
        violates: {
            $0.rewrite(
                clock,
                """
                \(clock)<memtune><hard_limit unit='GiB'>8</hard_limit>
                <swap_hard_limit unit='GiB'>6</swap_hard_limit></memtune>
                """)
        },
        faults: { domain in
            var faults: [Fault] = []
            let tuning = domain.definition.memoryTuning
            if domain.definition.isQEMU, let hard = limit(tuning.hardLimit), let swap = limit(tuning.swapHardLimit),
                swap < hard
            {
                faults.add(
                    "swap_hard_limit \(ByteCount.text(swap)) is below hard_limit \(ByteCount.text(hard))",
                    at: tuning.swapHardLimit.position)
            }
            return faults
        })

    static let limitBelowMemory = Rule<DomainFacts>(
        RuleInfo(
            "KVD076", "hard-limit-below-memory", "the hard limit leaves room for the guest's memory", area: area,
            severity: .warning,
            rationale: """
                QEMU needs the guest's memory and some for itself. A hard_limit that is not more is reached when the \
                guest fills its memory, and the kernel kills it.
                """,
            sources: [format, Citation("\(book): memtune", "2020")],
            remedy: Remedy("drop hard_limit, as libvirt advises for QEMU")),
        violates: {
            $0.rewrite(clock, "\(clock)<memtune><hard_limit unit='GiB'>2</hard_limit></memtune>")
        },
        remedy: { domain in
            Remedy(
                "drop it, or leave room for QEMU",
                commands: ["virsh memtune \(domain.nameWord) --hard-limit -1 --config"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let hard = domain.definition.memoryTuning.hardLimit
            if domain.definition.isQEMU, let value = limit(hard), let memory = domain.startMemory, value <= memory {
                faults.add(
                    "hard_limit \(ByteCount.text(value)) with \(ByteCount.text(memory)) of memory",
                    at: hard.position)
            }
            return faults
        })

    static let guaranteeRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD077", "min-guarantee-refused", "no memory is guaranteed, which QEMU cannot", area: area,
            severity: .error, rationale: "libvirt's QEMU driver refuses <min_guarantee>; it is VMware's.",
            sources: [validation], remedy: Remedy("drop <min_guarantee>"),
            explains: ["Parameter 'min_guarantee' not supported by QEMU"]),
        violates: {
            $0.rewrite(clock, "\(clock)<memtune><min_guarantee unit='GiB'>2</min_guarantee></memtune>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let guarantee = domain.definition.memoryTuning.minimumGuarantee
            faults.add(
                "<min_guarantee> is not of QEMU", at: guarantee.position,
                if: domain.definition.isQEMU && (guarantee.value ?? 0) > 0)
            return faults
        })

    static let lockedWithoutLimit = Rule<DomainFacts>(
        RuleInfo(
            "KVD078", "memory-locked-without-limit", "memory that is locked has a limit", area: area,
            severity: .warning,
            rationale: """
                <locked/> without hard_limit removes QEMU's limit of locked memory: a guest can then take all of the \
                host's, and none of it can be swapped.
                """,
            sources: [format], remedy: Remedy("set a hard_limit with room for QEMU itself")),
        violates: { $0.rewrite(clock, "\(clock)<memoryBacking><locked/></memoryBacking>") },
        remedy: { domain in
            Remedy(
                "set one, well above the guest's memory",
                commands: ["virsh memtune \(domain.nameWord) --hard-limit SIZE --config"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let locked = domain.definition.memoryBacking.isLocked
            faults.add(
                "<locked/> without a hard_limit", at: locked.position,
                if: domain.definition.isQEMU && locked.isPresent
                    && limit(domain.definition.memoryTuning.hardLimit) == nil)
            return faults
        })

    static let pluggedWithoutNode = Rule<DomainFacts>(
        RuleInfo(
            "KVD079", "memory-plugging-without-node", "memory that can be plugged has a guest node to go to",
            area: area, severity: .error, rationale: "QEMU plugs memory into guest nodes: libvirt refuses none.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/memory-hotplug-nonuma.err", "11.3")],
            remedy: Remedy("define a guest node in <cpu><numa>"),
            explains: ["At least one numa node has to be configured when enabling memory hotplug"]),
        violates: { $0.rewrite(clock, "\(clock)<maxMemory slots='4' unit='GiB'>16</maxMemory>") },
        faults: { domain in
            var faults: [Fault] = []
            let plugged = domain.definition.maxMemory
            faults.add(
                "<maxMemory> without a guest node", at: plugged.position,
                if: domain.definition.isQEMU && domain.definition.isX86 && plugged.isPresent
                    && domain.definition.cpu.numaCells.isEmpty)
            return faults
        })

    // MARK: - Huge pages

    /// What is no huge page.
    static let smallPage: UInt64 = 4096

    static let pageSizeMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD080", "hugepage-size-missing", "the host has huge pages of the size that is asked for", area: area,
            severity: .error,
            rationale: "x86 has pages of 2 MiB and 1 GiB only: libvirt starts no domain with pages of another size.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/hugepages-memaccess3.err and its like", "11.3"), format],
            remedy: Remedy("ask for a size that the host has"),
            explains: ["Unable to find any usable hugetlbfs mount for"]),
        violates: {
            $0.rewrite(
                clock,
                "\(clock)<memoryBacking><hugepages><page size='4' unit='MiB'/></hugepages></memoryBacking>")
        },
        decide: { domain throws(Undecided) in
            var faults: [Fault] = []
            let backing = domain.definition.memoryBacking
            guard domain.definition.isQEMU, backing.usesHugePages.isPresent else { return .pass() }
            let asked = backing.hugePages.filter { ($0.size.value ?? 0) > smallPage }
            if asked.isEmpty, !backing.hugePages.isEmpty { return .pass() }
            let pools = try domain.host.memory.hugePages.get() ?? []
            let sizes = pools.map { DomainSizes.bytes(kibibytes: $0.pageSize) }
            faults.add("huge pages on a host without any", at: backing.usesHugePages.position, if: sizes.isEmpty)
            for page in asked where !sizes.isEmpty {
                guard let size = page.size.value, !sizes.contains(size) else { continue }
                faults.add("pages of \(ByteCount.text(size)), which the host has not", at: page.position)
            }
            let names = pools.map(\.sizeName).joined(separator: " or ")
            return faults.decision(
                on: domain,
                remedy: names.isEmpty
                    ? nil : Remedy("the host has pages of \(names)", commands: [domain.editCommand]))
        })

    /// How many bytes a domain takes of huge pages of each size; nil stands for the host's default size.
    private static func demand(_ domain: DomainFacts) -> [UInt64?: UInt64] {
        let pages = domain.definition.memoryBacking.hugePages
        guard let total = domain.startMemory else { return [:] }
        guard !pages.isEmpty else { return [nil: total] }
        var left = total
        var demand: [UInt64?: UInt64] = [:]
        for page in pages {
            guard let size = page.size.value, let nodes = page.nodeSet.value else { continue }
            for (index, cell) in domain.definition.cpu.numaCells.enumerated()
            where nodes.contains(cell.id.value ?? index) {
                let memory = min(left, cell.memory.value ?? 0)
                demand[size, default: 0] += memory
                left -= memory
            }
        }
        if let rest = pages.first(where: { !$0.nodeSet.isPresent })?.size.value, left > 0 {
            demand[rest, default: 0] += left
        }
        return demand
    }

    static let pagesNotFree = Rule<DomainFacts>(
        RuleInfo(
            "KVD081", "hugepages-not-free", "enough huge pages are free for the domain", area: area,
            severity: .warning,
            rationale: "Huge pages are set aside beforehand. Where too few are free now, the next start fails.",
            sources: [Citation("\(book): huge pages", "2020"), format],
            remedy: Remedy("set more pages aside"),
            explains: ["unable to map backing store for guest RAM"]),
        violates: {
            $0.rewrite(clock, "\(clock)<memoryBacking><hugepages/></memoryBacking>")
            $0.host.memory.hugePages = .known([HugePagePool(pageSize: 2048, count: 100, free: 10)])
        },
        decide: { domain throws(Undecided) in
            var faults: [Fault] = []
            let backing = domain.definition.memoryBacking
            guard domain.definition.isQEMU, backing.usesHugePages.isPresent else { return .pass() }
            // One that runs has its pages already.
            if try domain.live.get() != nil { return .pass() }
            let pools = try domain.host.memory.hugePages.get() ?? []
            // The default size is the one that is mounted, where it is one; else that of the architecture's smaller page.
            let mounts = try domain.host.memory.hugePageMounts.get() ?? [:]
            let standard = mounts.count == 1 ? mounts.keys.first : pools.map(\.pageSize).min()
            var commands: [String] = []
            for (size, bytes) in demand(domain) {
                let pool = pools.first { pool in
                    size.map { DomainSizes.bytes(kibibytes: pool.pageSize) == $0 } ?? (pool.pageSize == standard)
                }
                guard let pool else { continue }
                let pageSize = max(1, DomainSizes.bytes(kibibytes: pool.pageSize))
                let needed = bytes / pageSize + (bytes % pageSize == 0 ? 0 : 1)
                let free = UInt64(max(0, pool.free - min(pool.reserved, pool.free)))
                guard needed > free else { continue }
                faults.add(
                    "\(needed) pages of \(pool.sizeName) are needed, \(free) are free",
                    at: backing.usesHugePages.position)
                let count = UInt64(max(0, pool.count)) &+ needed &- free
                commands.append(
                    "echo \(count) > /sys/kernel/mm/hugepages/hugepages-\(pool.pageSize)kB/nr_hugepages")
            }
            return faults.decision(
                on: domain, remedy: Remedy("set more aside, at boot for 1 GiB pages", commands: commands.sorted()))
        })

    static let pagesRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD082", "hugepage-nodes-refused", "huge pages are given to guest nodes that exist, once", area: area,
            severity: .error,
            rationale: """
                nodeset in <page> names guest nodes. libvirt refuses one that does not exist, one in two sizes, and \
                two sizes for all the others.
                """,
            sources: [Citation("libvirt src/conf/domain_validate.c: virDomainDefMemtuneValidate", "9.0"), format],
            remedy: Remedy("name guest nodes of <cpu><numa>, each once"),
            explains: [
                "hugepages: node", "nodeset attribute of hugepages of sizes", "two master hugepages detected",
            ]),
        violates: {
            $0.rewrite(
                clock,
                "\(clock)<memoryBacking><hugepages><page size='2' unit='MiB' nodeset='3'/></hugepages></memoryBacking>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let pages = domain.definition.memoryBacking.hugePages
            guard domain.definition.isQEMU, !pages.isEmpty else { return [] }
            let count = max(1, domain.definition.cpu.numaCells.count)
            var seen = CPUSet([])
            var hasRest = false
            for page in pages {
                guard let nodes = page.nodeSet.value else {
                    faults.add("a second size of pages for all other nodes", at: page.position, if: hasRest)
                    hasRest = hasRest || !page.nodeSet.isPresent
                    continue
                }
                let beyond = CPUSet(nodes.numbers.filter { $0 >= count })
                faults.add(
                    "pages for guest node \(beyond), and the guest has \(count)", at: page.nodeSet.position,
                    if: beyond.count > 0)
                let twice = nodes.intersection(seen)
                faults.add("two sizes of pages for guest node \(twice)", at: page.nodeSet.position, if: twice.count > 0)
                seen = seen.union(nodes)
            }
            return faults
        })

    static let pagesWithBalloon = Rule<DomainFacts>(
        RuleInfo(
            "KVD083", "hugepages-with-balloon", "memory of huge pages is not to be ballooned", area: area,
            severity: .warning,
            rationale: """
                A balloon gives back small pages, and huge pages stay reserved: with <hugepages/> a <currentMemory> \
                below <memory> saves the host nothing.
                """,
            sources: [Citation("\(book): you can no longer swap or balloon guest memory", "2020")],
            remedy: Remedy("make <currentMemory> and <memory> equal")),
        violates: {
            $0.rewrite(
                "<currentMemory unit='GiB'>4</currentMemory>",
                "<currentMemory unit='GiB'>2</currentMemory><memoryBacking><hugepages/></memoryBacking>")
        },
        faults: { domain in
            var faults: [Fault] = []
            faults.add(
                "huge pages, and less memory at present than the maximum",
                at: domain.definition.currentMemory.position,
                if: domain.definition.isQEMU && domain.definition.memoryBacking.usesHugePages.isPresent
                    && isBallooned(domain))
            return faults
        })

    // MARK: - Nodes

    static let hostNodeMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD084", "host-node-missing", "the host has the nodes that memory is bound to", area: area,
            severity: .error, rationale: "libvirt starts no domain that is strictly bound to a node that is not there.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/numatune-memnode-unavailable-strict.err", "11.3")],
            remedy: Remedy("name nodes of this host, or use mode='preferred'"),
            explains: ["NUMA node", "is out of range", "is unavailable"]),
        violates: {
            $0.rewrite(clock, "\(clock)<numatune><memory mode='strict' nodeset='0,7'/></numatune>")
        },
        decide: { domain throws(Undecided) in
            var faults: [Fault] = []
            let tuning = domain.definition.numaTuning
            // Strict is what an absent mode means.
            let bound = [(tuning.mode, tuning.nodeSet)] + tuning.memoryNodes.map { ($0.mode, $0.nodeSet) }
            let strict = bound.filter { $0.1.value != nil && ($0.0.value ?? .known(.strict)) == .known(.strict) }
            guard domain.definition.isQEMU, !strict.isEmpty else { return .pass() }
            // A kernel without NUMA has node 0.
            let nodes = try domain.host.memory.nodes.get()?.map(\.id) ?? [0]
            for (_, set) in strict {
                let missing = CPUSet((set.value?.numbers ?? []).filter { !nodes.contains($0) })
                faults.add(
                    "memory is bound to node \(missing), which the host has not", at: set.position,
                    if: missing.count > 0)
            }
            return faults.decision(
                on: domain,
                remedy: Remedy(
                    "the host has node \(CPUSet(nodes))",
                    commands: ["virsh numatune \(domain.nameWord) --nodeset NODES --config"]))
        })

    static let tuningRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD085", "numatune-refused", "the binding of guest nodes to host nodes is one that libvirt takes",
            area: area, severity: .error,
            rationale: """
                libvirt refuses <memnode> without guest nodes, of a node that does not exist or twice, with automatic \
                placement, and static placement without nodes.
                """,
            sources: [
                Citation("libvirt tests/qemuxmlconfdata/numatune-memnode-nocpu.err and its like", "11.3"),
                Citation("libvirt src/conf/numa_conf.c", "9.0"),
            ],
            remedy: Remedy("let each <memnode> name a guest node of <cpu><numa>"),
            explains: [
                "Element 'memnode' is invalid without any guest NUMA cells",
                "nodeset for NUMA memory tuning must be set if 'placement' is 'static'",
                "Per-node binding is not compatible with automatic NUMA placement", "Multiple memnode elements",
                "'restrictive' mode is required in memnode element",
            ]),
        violates: {
            $0.rewrite(clock, "\(clock)<numatune><memnode cellid='0' mode='strict' nodeset='0'/></numatune>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let tuning = domain.definition.numaTuning
            guard tuning.isPresent else { return [] }
            faults.add(
                "static placement without host nodes", at: tuning.placement.position,
                if: tuning.placement == .static && !tuning.nodeSet.isPresent)
            let cells = domain.definition.cpu.numaCells.enumerated().map { $1.id.value ?? $0 }
            var seen: Set<Int> = []
            for node in tuning.memoryNodes {
                if cells.isEmpty {
                    faults.add("<memnode> without guest nodes", at: node.position)
                    break
                }
                faults.add(
                    "<memnode> with automatic placement", at: node.position, if: tuning.placement == .auto)
                if let cell = node.cellID.value {
                    faults.add(
                        "<memnode> of guest node \(cell), which does not exist", at: node.cellID.position,
                        if: !cells.contains(cell))
                    faults.add(
                        "a second <memnode> of guest node \(cell)", at: node.cellID.position,
                        if: !seen.insert(cell).inserted)
                }
                let isRestrictive = (node.mode == .restrictive, tuning.mode == .restrictive)
                faults.add(
                    "mode='restrictive' of <memory> and <memnode> do not go together", at: node.position,
                    if: tuning.mode.isPresent && isRestrictive.0 != isRestrictive.1)
            }
            return faults
        })

    static let cellsRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD086", "guest-nodes-refused", "guest nodes share out the vCPUs that there are", area: area,
            severity: .error,
            rationale: "libvirt refuses guest nodes with more CPUs than <vcpu> gives, and a CPU in two nodes.",
            sources: [Citation("libvirt src/conf/numa_conf.c and domain_conf.c", "9.0")],
            remedy: Remedy("give each vCPU to one guest node"),
            explains: ["Number of CPUs in <numa> exceeds the <vcpu> count", "have overlapping vCPU ids"]),
        violates: {
            $0.rewrite(
                "<model>Nehalem</model>",
                "<model>Nehalem</model><numa><cell id='0' cpus='0-7' memory='4' unit='GiB'/></numa>")
        },
        faults: { domain in
            var faults: [Fault] = []
            var seen = CPUSet([])
            for cell in domain.definition.cpu.numaCells {
                guard let cpus = cell.cpus.value else { continue }
                let twice = cpus.intersection(seen)
                faults.add("vCPU \(twice) is in two guest nodes", at: cell.cpus.position, if: twice.count > 0)
                seen = seen.union(cpus)
                faults.add(
                    "guest nodes have \(seen.count) CPUs, <vcpu> \(domain.vcpuMaximum)", at: cell.cpus.position,
                    if: seen.count > domain.vcpuMaximum)
            }
            return faults
        })

    static let preferredSeveral = Rule<DomainFacts>(
        RuleInfo(
            "KVD087", "numa-preferred-several", "one node is preferred, not several", area: area, severity: .warning,
            rationale: """
                Before libvirt 9.3, Linux 5.15 and libnuma 2.0.15 a domain can prefer one node only, and one that \
                prefers several does not start.
                """,
            sources: [Citation("libvirt src/util/virnuma.c: virNumaSetupMemoryPolicy", "9.0")],
            remedy: Remedy("prefer one node, or use mode='interleave'"),
            explains: ["NUMA memory tuning in 'preferred' mode only supports single node"]),
        violates: {
            $0.rewrite(clock, "\(clock)<numatune><memory mode='preferred' nodeset='0-1'/></numatune>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let tuning = domain.definition.numaTuning
            if tuning.mode == .preferred, let nodes = tuning.nodeSet.value, nodes.count > 1 {
                faults.add("nodes \(nodes) are preferred", at: tuning.nodeSet.position)
            }
            for node in tuning.memoryNodes {
                guard node.mode == .preferred, let nodes = node.nodeSet.value, nodes.count > 1 else { continue }
                faults.add("nodes \(nodes) are preferred", at: node.nodeSet.position)
            }
            return faults
        })

    static let mergedWhilePinned = Rule<DomainFacts>(
        RuleInfo(
            "KVD088", "pinned-memory-merged", "a domain tuned for speed is kept out of page merging", area: area,
            severity: .note,
            rationale: """
                KSM scans the memory of all guests, and a write to a page that it merged copies it first. A domain \
                whose vCPUs are pinned was meant not to wait for that.
                """,
            sources: [Citation("\(book): nosharepages", "2020"), format],
            remedy: Remedy("add <nosharepages/> to <memoryBacking>")),
        violates: {
            $0.rewrite(clock, "\(clock)<cputune><vcpupin vcpu='0' cpuset='1'/></cputune>")
            $0.host.memory.samepageMerging = .known(SamepageMerging(run: 1, mergesAcrossNodes: true))
        },
        faults: { domain throws(Undecided) in
            var faults: [Fault] = []
            let backing = domain.definition.memoryBacking
            let pins = domain.definition.cpuTuning.vcpuPins
            // Huge pages are not merged.
            guard domain.definition.isQEMU, let pin = pins.first, !backing.forbidsSharingPages.isPresent,
                !backing.usesHugePages.isPresent
            else { return [] }
            let merging = try domain.host.memory.samepageMerging.get()
            faults.add(
                "KSM runs, and the domain's vCPUs are pinned", at: pin.position, if: merging?.run == 1)
            return faults
        })
}
