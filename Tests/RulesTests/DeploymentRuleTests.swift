import Evidence
import Facts
import Testing

@testable import Rules

struct DeploymentRuleTests {
    private func verdict(_ id: String, _ host: HostFacts) throws -> Verdict {
        let rule = try #require(DeploymentRules.all.first { $0.info.id == id })
        return try rule.decide(host).verdict
    }

    @Test(arguments: [(29, Verdict.fail), (28, .pass), (24, .pass), (31, .fail), (32, .fail), (1, .pass)])
    func `ten more addresses fit into a network of 28 bits and wider`(prefix: Int, expected: Verdict) throws {
        var host = HostFacts.sample
        let mask = String(UInt32.max << UInt32(32 - prefix), radix: 16)
        host.network.routes = .known([
            Route("eno1", network: "0/0", isDefault: true, isDirect: false),
            Route("eno1", network: "C0000200/\(mask)", isDefault: false, isDirect: true),
            Route("virbr0", network: "007AA8C0/00FFFFFF", isDefault: false, isDirect: true),
        ])
        #expect(try verdict("KVH306", host) == expected)
    }

    /// 16 GB of modules less what a firmware keeps; the book's failing VM had 8 GB.
    @Test(arguments: [
        (16_372_176, Verdict.pass), (16_252_928, .pass), (16_252_927, .fail), (8_008_000, .fail),
    ])
    func `sixteen gigabytes less the firmware's share are enough`(kibibytes: Int, expected: Verdict) throws {
        var host = HostFacts.sample
        host.memory.total = .known(kibibytes)
        #expect(try verdict("KVH300", host) == expected)
    }

    @Test func `a disk of 120 GB as it is sold is one of 120 GB`() throws {
        var host = HostFacts.sample
        host.capacity.disks = .known(["sda": 120_034_123_776])
        #expect(try verdict("KVH301", host) == .pass)
        #expect(try verdict("KVH302", host) == .fail)
        host.capacity.disks = .known(["sda": .max, "sdb": .max])
        #expect(try verdict("KVH303", host) == .pass)
    }

    @Test func `nova may emulate where KVM does not work`() throws {
        var host = HostFacts.sample
        host.capacity.novaVirtType = .known("qemu")
        #expect(try verdict("KVH316", host) == .fail)
        host.kvm.answers.guest = .known(GuestRun(output: [], exits: [], isRight: false, microseconds: 0))
        #expect(try verdict("KVH316", host) == .notApplicable)
    }

    @Test(arguments: [
        ("4.14.336", Verdict.fail), ("5.4.0-150-generic", .fail), ("5.10.0-32-cloud-amd64", .pass),
        ("6.18.44", .pass), ("10.0", .pass),
    ])
    func `Firecracker's oldest kernel is 5 10`(release: String, expected: Verdict) throws {
        var host = HostFacts.sample
        host.system.kernelRelease = .known(release)
        #expect(try verdict("KVH320", host) == expected)
    }

    @Test func `a kernel release that is none is unknown`() {
        var host = HostFacts.sample
        host.system.kernelRelease = .known("mine")
        #expect(throws: Undecided.self) { try verdict("KVH320", host) }
    }

    @Test(arguments: [
        ("Not affected", "N", Verdict.fail), ("Not affected", "never", .pass),
        ("KVM: Mitigation: Split huge pages", "Y", .notApplicable), ("KVM: Vulnerable", "N", .notApplicable),
    ])
    func `kvm's worker is idle only on a processor without the flaw`(
        flaw: String, parameter: String, expected: Verdict
    ) throws {
        var host = HostFacts.sample
        host.cpu.vulnerabilities = .known(["itlb_multihit": flaw])
        host.capacity.nxHugePages = .known(parameter)
        #expect(try verdict("KVH323", host) == expected)
    }

    @Test func `the start-up advice for Linux 6 1 is not given to older kernels`() throws {
        var host = HostFacts.sample
        host.system.kernelRelease = .known("5.10.0-32-amd64")
        host.capacity.nxHugePages = .known("N")
        host.capacity.favorsDynamicModifications = .known(false)
        #expect(try verdict("KVH323", host) == .notApplicable)
        #expect(try verdict("KVH324", host) == .notApplicable)
    }
}
