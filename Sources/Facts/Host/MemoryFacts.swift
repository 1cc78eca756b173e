public import Evidence

/// Memory: size, nodes, huge pages, sharing, swap, limits.
public struct MemoryFacts: Sendable {
    /// All memory that the kernel manages, in KiB.
    public var total: Observation<Int> = .notProbed
    /// What could be given to a new process without swapping, in KiB.
    public var available: Observation<Int> = .notProbed
    /// All swap space, in KiB.
    public var swapTotal: Observation<Int> = .notProbed
    /// Swap space that is free, in KiB.
    public var swapFree: Observation<Int> = .notProbed
    /// What is mapped by transparent huge pages, in KiB.
    public var transparentHugePagesInUse: Observation<Int> = .notProbed
    /// The memory nodes; absent where the kernel knows no NUMA.
    public var nodes: Observation<[MemoryNode]> = .notProbed
    /// The processors of each node, by its number; absent where the kernel knows no NUMA.
    public var nodeProcessors: Observation<[Int: CPUList]> = .notProbed
    /// The pools of huge pages, by size, one for each size that the kernel offers; absent where it offers none.
    public var hugePages: Observation<[HugePagePool]> = .notProbed
    /// The pools that the kernel's command line and the files of sysctl ask for.
    public var hugePageRequests: Observation<[HugePageRequest]> = .notProbed
    /// Where hugetlbfs is mounted, by the size of its pages in KiB.
    public var hugePageMounts: Observation<[Int: String]> = .notProbed
    /// `always`, `madvise` or `never`; absent where the kernel has no transparent huge pages.
    public var transparentHugePages: Observation<String> = .notProbed
    /// Kernel samepage merging; absent where the kernel has none.
    public var samepageMerging: Observation<SamepageMerging> = .notProbed
    /// `kernel.numa_balancing`: 0 off, 1 on, 2 memory tiering; absent where the kernel has none.
    public var balancing: Observation<Int> = .notProbed
    /// `vm.overcommit_memory`: 0 heuristic, 1 always, 2 never.
    public var overcommit: Observation<Int> = .notProbed
    /// `vm.swappiness`.
    public var swappiness: Observation<Int> = .notProbed
    /// The swap areas in use.
    public var swaps: Observation<[SwapArea]> = .notProbed
    /// The limits of libvirt's QEMU daemon; absent where none runs.
    public var daemonLimits: Observation<DaemonLimits> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// A memory node.
public struct MemoryNode: Sendable, Hashable {
    /// The node's number.
    public var id: Int
    /// Whether processors belong to it.
    public var hasCPU: Bool
    /// Whether memory belongs to it.
    public var hasMemory: Bool
    /// Its memory, in KiB.
    public var total: Int
    /// What of it is free, in KiB.
    public var free: Int
    /// The distances to all nodes in their order; 10 is its own memory.
    public var distances: [Int]

    /// Makes a node; see the properties.
    public init(id: Int, hasCPU: Bool = true, hasMemory: Bool = true, total: Int, free: Int, distances: [Int]) {
        self.id = id
        self.hasCPU = hasCPU
        self.hasMemory = hasMemory
        self.total = total
        self.free = free
        self.distances = distances
    }
}

/// The pool of huge pages of one size.
public struct HugePagePool: Sendable, Hashable {
    /// The size of a page, in KiB.
    public var pageSize: Int
    /// How many pages there are.
    public var count: Int
    /// How many are not in use.
    public var free: Int
    /// How many of the free ones are promised already.
    public var reserved: Int
    /// How many are there beyond the pool's size.
    public var surplus: Int
    /// How many there are on each node, by its number; empty where there is one node or no page.
    public var byNode: [Int: Int]

    /// Makes a pool; see the properties.
    public init(
        pageSize: Int, count: Int, free: Int, reserved: Int = 0, surplus: Int = 0, byNode: [Int: Int] = [:]
    ) {
        self.pageSize = pageSize
        self.count = count
        self.free = free
        self.reserved = reserved
        self.surplus = surplus
        self.byNode = byNode
    }

    /// The memory in it, in KiB; as much as fits in an integer.
    public var memory: Int {
        let (product, overflow) = pageSize.multipliedReportingOverflow(by: count)
        return overflow ? .max : product
    }

    /// The size of a page as people write it: `2 MiB`.
    public var sizeName: String { Self.sizeName(pageSize) }

    /// A size in KiB as people write it.
    public static func sizeName(_ size: Int) -> String {
        if size >= 1 << 20, size % (1 << 20) == 0 { return "\(size >> 20) GiB" }
        if size >= 1 << 10, size % (1 << 10) == 0 { return "\(size >> 10) MiB" }
        return "\(size) KiB"
    }
}

/// What a configuration asks for in huge pages.
public struct HugePageRequest: Sendable, Hashable {
    /// The size of a page, in KiB.
    public var pageSize: Int
    /// How many pages.
    public var count: Int
    /// Where it is asked for.
    public var place: Place

    /// Makes a request; see the properties.
    public init(pageSize: Int, count: Int, place: Place) {
        self.pageSize = pageSize
        self.count = count
        self.place = place
    }
}

/// Kernel samepage merging: Documentation/admin-guide/mm/ksm.
public struct SamepageMerging: Sendable, Hashable {
    /// 0 stopped, 1 running, 2 stopped and unmerged.
    public var run: Int
    /// Whether pages of different nodes are merged; nil where the kernel does not say.
    public var mergesAcrossNodes: Bool?
    /// How many pages are kept for others.
    public var pagesShared: Int
    /// How many pages are saved.
    public var pagesSharing: Int
    /// How many pages were looked at for nothing.
    public var pagesUnshared: Int
    /// How often all memory was looked through.
    public var fullScans: Int

    /// Makes the state; see the properties.
    public init(
        run: Int, mergesAcrossNodes: Bool?, pagesShared: Int = 0, pagesSharing: Int = 0, pagesUnshared: Int = 0,
        fullScans: Int = 0
    ) {
        self.run = run
        self.mergesAcrossNodes = mergesAcrossNodes
        self.pagesShared = pagesShared
        self.pagesSharing = pagesSharing
        self.pagesUnshared = pagesUnshared
        self.fullScans = fullScans
    }
}

/// A swap area, a line of `/proc/swaps`.
public struct SwapArea: Sendable, Hashable {
    /// The device or file.
    public var path: String
    /// `partition` or `file`.
    public var type: String
    /// Its size, in KiB.
    public var size: Int
    /// What of it is in use, in KiB.
    public var used: Int

    /// Makes an area; see the properties.
    public init(path: String, type: String, size: Int, used: Int) {
        self.path = path
        self.type = type
        self.size = size
        self.used = used
    }

    /// Whether it is compressed memory rather than a disk.
    public var isCompressedMemory: Bool { path.hasPrefix("/dev/zram") }
}

/// The limits of a daemon that runs, which the QEMU processes that it starts inherit.
public struct DaemonLimits: Sendable, Hashable {
    /// The daemon's name: `libvirtd` or `virtqemud`.
    public var name: String
    /// How many bytes it may lock in memory; nil without a limit.
    public var lockedMemory: Int?
    /// How many files it may have open; nil without a limit.
    public var openFiles: Int?

    /// Makes the limits; see the properties.
    public init(name: String, lockedMemory: Int?, openFiles: Int?) {
        self.name = name
        self.lockedMemory = lockedMemory
        self.openFiles = openFiles
    }
}

extension MemoryFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: MemoryFacts {
        let meminfo = Provenance.file("/proc/meminfo")
        var facts = MemoryFacts()
        facts.total = .known(263_846_532, from: meminfo)
        facts.available = .known(201_326_592, from: meminfo)
        facts.swapTotal = .known(8_388_604, from: meminfo)
        facts.swapFree = .known(8_388_604, from: meminfo)
        facts.transparentHugePagesInUse = .known(1_048_576, from: meminfo)
        facts.nodes = .known(
            [
                MemoryNode(id: 0, total: 131_661_124, free: 90_000_000, distances: [10, 20]),
                MemoryNode(id: 1, total: 132_185_408, free: 95_000_000, distances: [20, 10]),
            ], from: .file("/sys/devices/system/node/online"))
        facts.nodeProcessors = .known(
            [0: CPUList(0...63), 1: CPUList(64...127)], from: .file("/sys/devices/system/node/online"))
        facts.hugePages = .known(
            [
                HugePagePool(pageSize: 2048, count: 8192, free: 8192, byNode: [0: 4096, 1: 4096]),
                HugePagePool(pageSize: 1 << 20, count: 0, free: 0),
            ], from: .file("/sys/kernel/mm/hugepages"))
        facts.hugePageRequests = .known([
            HugePageRequest(pageSize: 2048, count: 8192, place: Place("/etc/sysctl.d/60-hugepages.conf", line: 1))
        ])
        facts.hugePageMounts = .known([2048: "/dev/hugepages"], from: .file("/proc/mounts"))
        facts.transparentHugePages = .known("madvise", from: .file("/sys/kernel/mm/transparent_hugepage/enabled"))
        facts.samepageMerging = .known(
            SamepageMerging(run: 0, mergesAcrossNodes: true), from: .file("/sys/kernel/mm/ksm/run"))
        facts.balancing = .known(1, from: .file("/proc/sys/kernel/numa_balancing"))
        facts.overcommit = .known(0, from: .file("/proc/sys/vm/overcommit_memory"))
        facts.swappiness = .known(10, from: .file("/proc/sys/vm/swappiness"))
        facts.swaps = .known(
            [SwapArea(path: "/dev/nvme0n1p3", type: "partition", size: 8_388_604, used: 0)], from: .file("/proc/swaps"))
        facts.daemonLimits = .known(
            DaemonLimits(name: "libvirtd", lockedMemory: 64 << 20, openFiles: 8192), from: .file("/proc/1042/limits"))
        return facts
    }
}
