import Evidence
import Facts
import Testing

@testable import Rules

struct MemoryRulesTests {
    private func decide(_ id: String, _ change: (inout HostFacts) -> Void) throws -> Decision {
        var host = HostFacts.sample
        change(&host)
        return try #require(HostCatalogue.all.first { $0.info.id == id }).decide(host)
    }

    /// The book's own host: 2000 pages of 2 MiB on a machine with 4193784 KiB are 97.7 % of it (chapter 15).
    @Test func `the book's pool is too large for its host`() throws {
        let decision = try decide("KVH156") { host in
            host.memory.total = .known(4_193_784)
            host.memory.hugePages = .known([HugePagePool(pageSize: 2048, count: 2000, free: 2000)])
        }
        #expect(decision.verdict == .fail)
    }

    @Test func `numbers that no host has do not trap`() throws {
        let pool = HugePagePool(pageSize: 1 << 40, count: .max, free: .max)
        #expect(try decide("KVH156") { $0.memory.hugePages = .known([pool, pool]) }.verdict == .fail)
        let areas = [
            SwapArea(path: "/a", type: "file", size: .max, used: .max),
            SwapArea(path: "/b", type: "file", size: .max, used: .max),
        ]
        _ = try decide("KVH152") { $0.memory.swaps = .known(areas) }
        _ = try decide("KVH150") { $0.memory.total = .known(.max) }
    }

    @Test func `a pool that is asked for and not there at all is short`() throws {
        let decision = try decide("KVH157") { host in
            host.memory.hugePages = .known([HugePagePool(pageSize: 2048, count: 0, free: 0)])
        }
        #expect(decision.verdict == .fail)
        #expect(decision.message == "8192 pages of 2 MiB are asked for, and there are 0")
    }

    @Test func `pages of 1 GiB are asked for on the command line`() throws {
        let decision = try decide("KVH158") { host in
            host.memory.hugePages = .known([
                HugePagePool(pageSize: 2048, count: 0, free: 0), HugePagePool(pageSize: 1 << 20, count: 4, free: 4),
            ])
        }
        #expect(decision.remedy?.text.contains("hugepagesz=1024M hugepages=4") == true)
    }

    @Test func `without a pool nothing is said about pools`() throws {
        for id in ["KVH156", "KVH158", "KVH159", "KVH160"] {
            #expect(try decide(id) { $0.memory.hugePages = .known([]) }.verdict == .notApplicable)
        }
    }

    /// kernel/sysctl: 0 off, 1 on, 2 memory tiering, which does not keep guests near their memory.
    @Test(arguments: [(0, Verdict.fail), (1, .pass), (2, .fail), (3, .pass)])
    func `balancing is the lowest bit`(mode: Int, verdict: Verdict) throws {
        #expect(try decide("KVH172") { $0.memory.balancing = .known(mode) }.verdict == verdict)
    }

    @Test func `one node has nothing to balance`() throws {
        let node = MemoryNode(id: 0, total: 1 << 24, free: 1 << 23, distances: [10])
        for id in ["KVH160", "KVH172"] {
            #expect(try decide(id) { $0.memory.nodes = .known([node]) }.verdict == .notApplicable)
        }
    }

    @Test(arguments: [0, 2])
    func `KSM that is stopped is not complained of`(run: Int) throws {
        let state = SamepageMerging(
            run: run, mergesAcrossNodes: true, pagesSharing: 1, pagesUnshared: 9_000_000, fullScans: 9)
        for id in ["KVH173", "KVH174", "KVH175"] {
            #expect(try decide(id) { $0.memory.samepageMerging = .known(state) }.verdict != .fail)
        }
    }

    @Test func `compressed memory is no disk`() throws {
        let decision = try decide("KVH154") {
            $0.memory.swaps = .known([SwapArea(path: "/dev/zram0", type: "partition", size: 4_108_284, used: 0)])
        }
        #expect(decision.verdict == .pass)
    }

    @Test func `a node of memory without processors is nothing to complain of`() throws {
        let nodes = [
            MemoryNode(id: 0, total: 131_661_124, free: 1, distances: [10, 14]),
            MemoryNode(id: 2, hasCPU: false, total: 16_000_000, free: 1, distances: [14, 10]),
        ]
        for id in ["KVH170", "KVH171"] {
            #expect(try decide(id) { $0.memory.nodes = .known(nodes) }.verdict != .fail)
        }
    }
}
