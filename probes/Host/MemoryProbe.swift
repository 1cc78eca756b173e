@_spi(Probing) internal import Evidence
internal import Facts

/// Memory: `/proc/meminfo`, the nodes, the settings of the memory manager, swap, the limits of libvirt's daemon.
enum MemoryProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> MemoryFacts {
        var facts = MemoryFacts()
        let meminfo = source.text("/proc/meminfo").parsed(as: "names with sizes") { MeminfoFile.parse($0) }
        facts.total = meminfo.flatMap { MeminfoFile.size("MemTotal", in: $0, from: meminfo.provenance) }
        facts.available = meminfo.flatMap { MeminfoFile.size("MemAvailable", in: $0, from: meminfo.provenance) }
        facts.swapTotal = meminfo.compactMap { $0["SwapTotal"] }
        facts.swapFree = meminfo.compactMap { $0["SwapFree"] }
        facts.transparentHugePagesInUse = meminfo.compactMap { $0["AnonHugePages"] }
        facts.nodes = MemoryNodes.nodes(source)
        facts.nodeProcessors = MemoryNodes.processors(source)
        facts.hugePages = HugePages.pools(source, nodes: facts.nodes)
        facts.hugePageRequests = HugePages.requests(source, defaultSize: meminfo.compactMap { $0["Hugepagesize"] })
        facts.hugePageMounts = HugePages.mounts(source, defaultSize: meminfo.known?["Hugepagesize"])
        facts.transparentHugePages = source.text("/sys/kernel/mm/transparent_hugepage/enabled")
            .parsed(as: "words of which one stands in brackets", choice)
        facts.samepageMerging = samepageMerging(source)
        facts.balancing = source.integer("/proc/sys/kernel/numa_balancing")
        facts.overcommit = source.integer("/proc/sys/vm/overcommit_memory")
        facts.swappiness = source.integer("/proc/sys/vm/swappiness")
        facts.swaps = source.possiblyEmptyText("/proc/swaps").parsed(as: "a table of swap areas", swapAreas)
        facts.daemonLimits = daemonLimits(source)
        return facts
    }

    /// The kernel's way to write a choice: `always [madvise] never`.
    static func choice(_ text: String) -> String? {
        let chosen = text.words.filter { $0.hasPrefix("[") && $0.hasSuffix("]") && $0.count > 2 }
        guard chosen.count == 1, let only = chosen.first else { return nil }
        return String(only.dropFirst().dropLast())
    }

    private static func samepageMerging(_ source: some Source) -> Observation<SamepageMerging> {
        let folder = "/sys/kernel/mm/ksm"
        return source.integer("\(folder)/run").flatMap { run in
            // Where it does not run there is nothing to merge or to count.
            guard run != 0 else {
                return .known(SamepageMerging(run: 0, mergesAcrossNodes: nil), from: .file("\(folder)/run"))
            }
            // A kernel without NUMA has no such file.
            let across = source.boolean("\(folder)/merge_across_nodes")
            if let obstacle = across.obstacle { return .unknown(obstacle, from: across.provenance) }
            let names = ["pages_shared", "pages_sharing", "pages_unshared", "full_scans"]
            return names.observe(from: .file("\(folder)/run")) { source.integer("\(folder)/\($0)") }
                .parsed(as: "the counts of KSM") { counts in
                    guard counts.count == names.count else { return nil }
                    return SamepageMerging(
                        run: run, mergesAcrossNodes: across.known, pagesShared: counts[0], pagesSharing: counts[1],
                        pagesUnshared: counts[2], fullScans: counts[3])
                }
        }
    }

    /// `Filename Type Size Used Priority`, then a line for each area; sizes in KiB (proc(5)). The kernel writes spaces
    /// in names as `\040`.
    private static func swapAreas(_ text: String) -> [SwapArea]? {
        let lines = text.lines
        guard let header = lines.first, header.hasPrefix("Filename") else { return nil }
        var areas: [SwapArea] = []
        for line in lines.dropFirst() {
            let words = line.words
            guard words.count == 5, let size = Int(words[2]), let used = Int(words[3]), size >= 0, used >= 0 else {
                return nil
            }
            areas.append(SwapArea(path: String(words[0]), type: String(words[1]), size: size, used: used))
        }
        return areas
    }

    /// libvirt's daemons write their numbers to `/run/NAME.pid`; a stale one is told by the name of the process.
    private static func daemonLimits(_ source: some Source) -> Observation<DaemonLimits> {
        for name in ["virtqemud", "libvirtd"] {
            let limits = source.integer("/run/\(name).pid").flatMap { pid -> Observation<DaemonLimits> in
                guard pid > 0 else { return .absent() }
                return source.text("/proc/\(pid)/comm").flatMap { comm in
                    guard comm == name else { return .absent(from: .file("/run/\(name).pid")) }
                    return source.text("/proc/\(pid)/limits").parsed(as: "a table of limits") {
                        DaemonLimits(name: name, limits: $0)
                    }
                }
            }
            if !limits.isAbsent { return limits }
        }
        return .absent(from: .file("/run/libvirtd.pid"))
    }
}

extension DaemonLimits {
    /// The soft limits of `/proc/PID/limits`: the first column after the name.
    init?(name: String, limits text: String) {
        guard let locked = Self.limit("Max locked memory", in: text), let files = Self.limit("Max open files", in: text)
        else { return nil }
        self.init(name: name, lockedMemory: locked.value, openFiles: files.value)
    }

    private static func limit(_ title: String, in text: String) -> (value: Int?, Void)? {
        for line in text.lines where line.hasPrefix(title) {
            guard let word = line.dropFirst(title.count).words.first else { return nil }
            if word == "unlimited" { return (nil, ()) }
            return Int(word).map { ($0, ()) }
        }
        return nil
    }
}
