@_spi(Probing) import Evidence
import Facts
import LinuxIO
import Testing

@testable import HostProbes

struct MemoryTests {
    /// `/proc/meminfo` of a Firecracker VM with 24 GiB, Linux 6.18, cut to the lines that are read.
    private static let meminfo = """
        MemTotal:       24684092 kB
        MemFree:        24437048 kB
        MemAvailable:   24387512 kB
        SwapTotal:       8388604 kB
        SwapFree:        8000000 kB
        Active(anon):       1552 kB
        AnonHugePages:      4096 kB
        HugePages_Total:       0
        Hugepagesize:       2048 kB
        """

    private func facts(_ nodes: [String: MemorySource.Node]) -> MemoryFacts {
        MemoryProbe.facts(from: MemorySource(nodes), answers: KernelAnswers())
    }

    @Test func `meminfo gives sizes in KiB`() {
        let facts = facts(["/proc/meminfo": .text(Self.meminfo)])
        #expect(facts.total.known == 24_684_092)
        #expect(facts.available.known == 24_387_512)
        #expect(facts.swapTotal.known == 8_388_604)
        #expect(facts.transparentHugePagesInUse.known == 4096)
        #expect(self.facts(["/proc/meminfo": .text("MemFree: 1 kB")]).total.obstacle?.kind == .malformed)
    }

    // MARK: - Nodes

    private static func node(_ id: Int, total: Int, distance: String) -> [String: MemorySource.Node] {
        [
            "/sys/devices/system/node/node\(id)/meminfo": .text(
                "Node \(id) MemTotal:       \(total) kB\nNode \(id) MemFree:        1000 kB\n"),
            "/sys/devices/system/node/node\(id)/distance": .text("\(distance)\n"),
        ]
    }

    private static let twoNodes: [String: MemorySource.Node] = [
        "/sys/devices/system/node/online": .text("0-1\n"), "/sys/devices/system/node/has_cpu": .text("0-1\n"),
        "/sys/devices/system/node/has_memory": .text("0\n"),
    ].merging(node(0, total: 4_548_820, distance: "10 21")) { $1 }.merging(node(1, total: 0, distance: "21 10")) { $1 }

    @Test func `a node with processors and without memory is seen as such`() throws {
        let nodes = try #require(facts(Self.twoNodes).nodes.known)
        #expect(
            nodes == [
                MemoryNode(id: 0, hasCPU: true, hasMemory: true, total: 4_548_820, free: 1000, distances: [10, 21]),
                MemoryNode(id: 1, hasCPU: true, hasMemory: false, total: 0, free: 1000, distances: [21, 10]),
            ])
    }

    @Test func `the processors of each node are those of its cpulist`() throws {
        var tree = Self.twoNodes
        tree["/sys/devices/system/node/node0/cpulist"] = .text("0-3,8\n")
        #expect(facts(tree).nodeProcessors.known == nil, "the list of node 1 is not there")
        // A node of memory only has an empty list.
        tree["/sys/devices/system/node/node1/cpulist"] = .text("\n")
        let processors = try #require(facts(tree).nodeProcessors.known)
        #expect(processors[0]?.description == "0-3,8")
        #expect(processors[1]?.isEmpty == true)
        #expect(facts([:]).nodeProcessors.isAbsent)
    }

    @Test func `a kernel without NUMA has no nodes`() {
        #expect(facts([:]).nodes.isAbsent)
    }

    @Test func `a list of a million nodes is read as far as a kernel can have them`() {
        var tree = Self.twoNodes
        tree["/sys/devices/system/node/online"] = .text("0-999999\n")
        // The third of them is not there: an answer, and not an endless walk.
        #expect(facts(tree).nodes.known == nil)
    }

    // MARK: - Huge pages

    private static func pool(_ folder: String, _ size: Int, _ count: Int, free: Int = 0) -> [String: MemorySource.Node]
    {
        let path = "\(folder)/hugepages/hugepages-\(size)kB"
        return [
            "\(path)/nr_hugepages": .text("\(count)\n"), "\(path)/free_hugepages": .text("\(free)\n"),
            "\(path)/resv_hugepages": .text("0\n"), "\(path)/surplus_hugepages": .text("0\n"),
        ]
    }

    @Test func `pools are read by size, and by node where there are several`() throws {
        var tree = Self.twoNodes
        tree["/sys/devices/system/node/has_memory"] = .text("0-1\n")
        for part in [
            Self.pool("/sys/kernel/mm", 2048, 1024, free: 512), Self.pool("/sys/kernel/mm", 1_048_576, 0),
            Self.pool("/sys/devices/system/node/node0", 2048, 1024),
            Self.pool("/sys/devices/system/node/node1", 2048, 0),
        ] { tree.merge(part) { $1 } }
        let pools = try #require(facts(tree).hugePages.known)
        #expect(
            pools == [
                HugePagePool(pageSize: 2048, count: 1024, free: 512, byNode: [0: 1024, 1: 0]),
                HugePagePool(pageSize: 1_048_576, count: 0, free: 0),
            ])
        #expect(pools.map(\.sizeName) == ["2 MiB", "1 GiB"])
        #expect(pools.first?.memory == 2_097_152)
    }

    /// kernel-parameters.txt: `hugepagesz=2M hugepages=512 hugepagesz=1G hugepages=4`; by node `hugepages=0:2,1:2`.
    @Test(arguments: [
        ("hugepages=100", [[2048, 100]]),
        ("quiet hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=512 ro", [[1_048_576, 4], [2048, 512]]),
        ("default_hugepagesz=1G hugepagesz=1G hugepages=0:2,1:3", [[1_048_576, 5]]),
        ("quiet ro", []), ("hugepages=1 hugepages=7", [[2048, 7]]), ("ro -- hugepages=9", []),
    ])
    func `the command line asks for pages`(line: String, requests: [[Int]]) throws {
        let found = try #require(HugePages.commandLine(line, defaultSize: 2048, path: "/proc/cmdline"))
        #expect(found.map { [$0.pageSize, $0.count] } == requests)
    }

    @Test(arguments: ["hugepages=x", "hugepages=-1", "hugepagesz=3Q hugepages=1", "hugepages=99999999999999999999"])
    func `a command line that asks for nonsense is unknown`(line: String) {
        let facts = facts(["/proc/meminfo": .text(Self.meminfo), "/proc/cmdline": .text(line)])
        #expect(facts.hugePageRequests.obstacle?.kind == .malformed)
    }

    @Test func `sysctl asks later than the command line`() throws {
        let tree: [String: MemorySource.Node] = [
            "/proc/meminfo": .text(Self.meminfo),
            "/proc/cmdline": .text("hugepages=100 hugepagesz=1G hugepages=2"),
            "/etc/sysctl.d/60-hugepages.conf": .text("# pool\nvm/nr_hugepages = 1024\n"),
        ]
        let requests = try #require(facts(tree).hugePageRequests.known)
        #expect(requests.map { [$0.pageSize, $0.count] } == [[1_048_576, 2], [2048, 1024]])
        #expect(requests.last?.place == Place("/etc/sysctl.d/60-hugepages.conf", line: 2))
    }

    /// sysctl.d(5), "Configuration directories and precedence".
    @Test func `files of sysctl are in force as the manual says`() {
        func value(_ nodes: [String: MemorySource.Node]) -> Observation<String> {
            SysctlFiles.value(of: "vm.nr_hugepages", from: MemorySource(nodes))
        }
        #expect(value([:]).isAbsent)
        // A later name wins, whatever the folder.
        #expect(
            value([
                "/etc/sysctl.d/10-a.conf": .text("vm.nr_hugepages=1"),
                "/usr/lib/sysctl.d/90-b.conf": .text("-vm.nr_hugepages = 2"),
            ]).known == "2")
        // A file hides those of the same name in later folders.
        #expect(
            value([
                "/etc/sysctl.d/50.conf": .text("vm.swappiness=1"),
                "/usr/lib/sysctl.d/50.conf": .text("vm.nr_hugepages=2"),
            ]).isAbsent)
        #expect(
            value([
                "/etc/sysctl.d/50.conf": .link("/dev/null"), "/usr/lib/sysctl.d/50.conf": .text("vm.nr_hugepages=2"),
                "/dev/null": .special(FileMetadata(kind: .characterDevice)),
            ]).isAbsent)
        // sysctl.conf comes last; comments and other endings do not count.
        #expect(
            value([
                "/etc/sysctl.conf": .text("; x\n# vm.nr_hugepages=9\nvm.nr_hugepages=3\n"),
                "/etc/sysctl.d/99-z.conf": .text("vm.nr_hugepages=2"),
                "/etc/sysctl.d/README": .text("vm.nr_hugepages=8"),
            ]).known == "3")
        // What cannot be read could have set it.
        #expect(
            value(["/etc/sysctl.d/50.conf": .obstacle(Obstacle(.permissionDenied, "/etc/sysctl.d/50.conf"))])
                .obstacle?.kind == .permissionDenied)
    }

    @Test func `mounts of hugetlbfs are told by their pages`() {
        let mounts = """
            proc /proc proc rw,nosuid 0 0
            hugetlbfs /dev/hugepages hugetlbfs rw,relatime,pagesize=2M 0 0
            hugetlbfs /dev/hugepages1G hugetlbfs rw,relatime,pagesize=1024M 0 0
            """
        let tree: [String: MemorySource.Node] = ["/proc/mounts": .text(mounts), "/proc/meminfo": .text(Self.meminfo)]
        #expect(facts(tree).hugePageMounts.known == [2048: "/dev/hugepages", 1_048_576: "/dev/hugepages1G"])
        let old = "none /huge hugetlbfs rw 0 0"
        #expect(
            facts(["/proc/mounts": .text(old), "/proc/meminfo": .text(Self.meminfo)]).hugePageMounts.known
                == [2048: "/huge"])
    }

    // MARK: - Settings

    @Test func `the choice is what stands in brackets`() {
        let path = "/sys/kernel/mm/transparent_hugepage/enabled"
        #expect(facts([path: .text("always [madvise] never\n")]).transparentHugePages.known == "madvise")
        #expect(facts([path: .text("[always] madvise never\n")]).transparentHugePages.known == "always")
        #expect(facts([path: .text("always madvise never\n")]).transparentHugePages.obstacle?.kind == .malformed)
        #expect(facts([path: .text("[a] [b]\n")]).transparentHugePages.obstacle?.kind == .malformed)
        #expect(facts([:]).transparentHugePages.isAbsent)
    }

    @Test func `samepage merging is counted where it runs`() {
        let ksm = "/sys/kernel/mm/ksm"
        var tree: [String: MemorySource.Node] = [
            "\(ksm)/run": .text("1\n"), "\(ksm)/merge_across_nodes": .text("1\n"), "\(ksm)/pages_shared": .text("10\n"),
            "\(ksm)/pages_sharing": .text("90\n"), "\(ksm)/pages_unshared": .text("7\n"),
            "\(ksm)/full_scans": .text("3\n"),
        ]
        #expect(
            facts(tree).samepageMerging.known
                == SamepageMerging(
                    run: 1, mergesAcrossNodes: true, pagesShared: 10, pagesSharing: 90, pagesUnshared: 7, fullScans: 3))
        tree["\(ksm)/pages_sharing"] = .text("many")
        #expect(facts(tree).samepageMerging.obstacle?.kind == .malformed)
        // A kernel without NUMA has no merge_across_nodes.
        #expect(
            facts(["\(ksm)/run": .text("0\n")]).samepageMerging.known == SamepageMerging(run: 0, mergesAcrossNodes: nil)
        )
    }

    @Test func `swap areas are the lines of the table`() {
        let header = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
        #expect(facts(["/proc/swaps": .text(header)]).swaps.known == [])
        let table = header + "/dev/zram0                              partition\t4108284\t\t1024\t\t100\n"
        let areas = facts(["/proc/swaps": .text(table)]).swaps.known
        #expect(areas == [SwapArea(path: "/dev/zram0", type: "partition", size: 4_108_284, used: 1024)])
        #expect(areas?.first?.isCompressedMemory == true)
        #expect(facts(["/proc/swaps": .text(header + "/swap file -1 x 2")]).swaps.obstacle?.kind == .malformed)
        #expect(facts(["/proc/swaps": .text("")]).swaps.obstacle?.kind == .malformed)
    }

    // MARK: - The daemon

    private static let limits = """
        Limit                     Soft Limit           Hard Limit           Units     
        Max cpu time              unlimited            unlimited            seconds   
        Max open files            8192                 8192                 files     
        Max locked memory         67108864             67108864             bytes     
        """

    @Test func `limits are those of the daemon that runs`() {
        let tree: [String: MemorySource.Node] = [
            "/run/libvirtd.pid": .text("1042\n"), "/proc/1042/comm": .text("libvirtd\n"),
            "/proc/1042/limits": .text(Self.limits),
        ]
        #expect(
            facts(tree).daemonLimits.known == DaemonLimits(name: "libvirtd", lockedMemory: 64 << 20, openFiles: 8192))
        // Another process has the number now.
        var stale = tree
        stale["/proc/1042/comm"] = .text("bash\n")
        #expect(facts(stale).daemonLimits.isAbsent)
        #expect(facts(["/run/virtqemud.pid": .text("7\n")]).daemonLimits.isAbsent)
        #expect(facts([:]).daemonLimits.isAbsent)
        #expect(facts(["/run/libvirtd.pid": .text("../../etc\n")]).daemonLimits.obstacle?.kind == .malformed)
    }

    @Test(arguments: CPUTests.garbage.indices)
    func `garbage is unknown, never an answer`(index: Int) {
        let node = CPUTests.garbage[index]
        let facts = facts([
            "/proc/self/loop": .link("/proc/self/loop"), "/proc/meminfo": node, "/proc/swaps": node,
            "/sys/kernel/mm/transparent_hugepage/enabled": node, "/proc/sys/vm/overcommit_memory": node,
            "/proc/sys/vm/swappiness": node, "/sys/kernel/mm/ksm/run": node,
            "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": node, "/run/libvirtd.pid": node,
        ])
        #expect(facts.total.obstacle != nil)
        #expect(facts.available.obstacle != nil)
        #expect(facts.swaps.obstacle != nil)
        #expect(facts.transparentHugePages.obstacle != nil)
        #expect(facts.overcommit.obstacle != nil)
        #expect(facts.swappiness.obstacle != nil)
        #expect(facts.samepageMerging.obstacle != nil)
        #expect(facts.hugePages.obstacle != nil)
        #expect(facts.daemonLimits.obstacle != nil)
    }

    @Test func `this machine's own files give answers`() throws {
        let facts = MemoryProbe.facts(from: TreeSource.live, answers: KernelAnswers())
        #expect(try #require(facts.total.known) > 0)
        #expect(try #require(facts.available.known) <= facts.total.known ?? 0)
        #expect(facts.swaps.known != nil)
    }
}
