@_spi(Probing) import Evidence
import Facts
import LinuxIO
import Testing

@testable import HostProbes

struct CPUTests {
    /// Two of the sixty-four processors of an EPYC host, cut to the lines that are read.
    private static let twoSockets = """
        processor	: 0
        vendor_id	: AuthenticAMD
        model name	: AMD EPYC 7302 16-Core Processor
        microcode	: 0x830107c
        physical id	: 0
        siblings	: 2
        core id		: 0
        cpu cores	: 1
        flags		: fpu lm constant_tsc nonstop_tsc svm npt sev sev_es

        processor	: 1
        vendor_id	: AuthenticAMD
        physical id	: 1
        core id		: 0

        processor	: 2
        physical id	: 0
        core id		: 0

        processor	: 3
        physical id	: 1
        core id		: 0
        """

    /// libvirt's tests/virhostcpudata/linux-s390x-with-frequency.cpuinfo, its first lines.
    private static let s390x = """
        vendor_id       : IBM/S390
        # processors    : 8
        bogomips per cpu: 20325.00
        max thread id   : 1
        features	: esan3 zarch stfle msa ldisp eimm dfp edat etf3eh highgprs te vx sie
        facilities      : 0 1 2 3 4 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 30 158
        processor 0: version = FF,  identification = 233EF7,  machine = 3906
        """

    private func facts(_ nodes: [String: MemorySource.Node]) -> CPUFacts {
        CPUProbe.facts(from: MemorySource(nodes), answers: KernelAnswers())
    }

    @Test func `cpuinfo of an AMD host gives vendor, model, microcode and topology`() {
        let facts = facts(["/proc/cpuinfo": .text(Self.twoSockets)])
        #expect(facts.vendor.known == "AuthenticAMD")
        #expect(facts.modelName.known == "AMD EPYC 7302 16-Core Processor")
        #expect(facts.microcode.known == "0x830107c")
        #expect(facts.topology.known == CPUTopology(sockets: 2, cores: 2, threads: 4))
        #expect(facts.flags.known?.isSuperset(of: ["lm", "svm", "npt", "sev_es"]) == true)
    }

    @Test func `cpuinfo of an IBM Z shows facilities, and no sockets`() {
        let facts = facts(["/proc/cpuinfo": .text(Self.s390x)])
        #expect(facts.vendor.known == "IBM/S390")
        #expect(facts.flags.known?.isSuperset(of: ["sie", "158"]) == true)
        #expect(facts.topology.isAbsent)
        #expect(facts.microcode.isAbsent)
    }

    @Test func `lists of processors are read, the empty ones too`() {
        let cpu = "/sys/devices/system/cpu"
        let facts = facts([
            "\(cpu)/online": .text("0-5,8\n"), "\(cpu)/present": .text("0-8\n"), "\(cpu)/isolated": .text("\n"),
            "\(cpu)/smt/active": .text("1\n"), "\(cpu)/smt/control": .text("on\n"),
        ])
        #expect(facts.online.known?.count == 7)
        #expect(facts.present.known?.subtracting(facts.online.known ?? CPUList()).description == "6-7")
        #expect(facts.isolated.known?.isEmpty == true)
        #expect(facts.isSMTActive.known == true)
        #expect(facts.smtControl.known == "on")
    }

    @Test func `parameters come from the module of the vendor`() {
        let intel = facts([
            "/sys/module/kvm_intel/parameters/ept": .text("Y\n"),
            "/sys/module/kvm_intel/parameters/enable_apicv": .text("N\n"),
            "/sys/module/kvm_intel/parameters/unrestricted_guest": .text("Y\n"),
            "/sys/module/kvm/parameters/tdp_mmu": .text("Y\n"),
        ])
        #expect(intel.slatParameter.known == true)
        #expect(intel.virtualAPIC.known == false)
        #expect(intel.unrestrictedGuest.known == true)
        #expect(intel.tdpMMU.known == true)
        // kvm_amd wrote `1` for npt until Linux 5.13.
        let amd = facts(["/sys/module/kvm_amd/parameters/npt": .text("1\n")])
        #expect(amd.slatParameter.known == true)
        #expect(amd.virtualAPIC.isAbsent && amd.unrestrictedGuest.isAbsent && amd.tdpMMU.isAbsent)
    }

    @Test func `governors are read of two policies, however many there are`() {
        var nodes: [String: MemorySource.Node] = [:]
        for policy in 0..<64 {
            nodes["/sys/devices/system/cpu/cpufreq/policy\(policy)/scaling_governor"] =
                .text(policy < 63 ? "performance\n" : "powersave\n")
        }
        #expect(facts(nodes).governors.known == ["performance", "powersave"])
        #expect(facts(["/sys/devices/system/cpu/cpufreq": .directory()]).governors.isAbsent)
        #expect(facts([:]).governors.isAbsent)
    }

    @Test func `boosting is no_turbo turned round, or boost`() {
        let cpu = "/sys/devices/system/cpu"
        #expect(facts(["\(cpu)/intel_pstate/no_turbo": .text("1\n")]).isBoostOn.known == false)
        #expect(facts(["\(cpu)/cpufreq/boost": .text("1\n")]).isBoostOn.known == true)
        #expect(facts([:]).isBoostOn.isAbsent)
    }

    @Test func `vulnerabilities are whatever files there are`() {
        let folder = "/sys/devices/system/cpu/vulnerabilities"
        let found = facts([
            "\(folder)/l1tf": .text("Mitigation: PTE Inversion; VMX: conditional cache flushes, SMT vulnerable\n"),
            "\(folder)/new_in_7_0": .text("Not affected\n"),
        ])
        #expect(found.vulnerabilities.known?.count == 2)
        #expect(found.vulnerabilities.known?["new_in_7_0"] == "Not affected")
        #expect(facts([:]).vulnerabilities.isAbsent)
        let broken = facts(["\(folder)/l1tf": .file([0, 1, 2]), "\(folder)/mds": .text("Not affected")])
        #expect(broken.vulnerabilities.obstacle?.kind == .malformed)
    }

    @Test func `a generator called none is none`() {
        let path = "/sys/class/misc/hw_random/rng_current"
        #expect(facts([path: .text("none\n")]).randomGenerator.isAbsent)
        #expect(facts([path: .text("tpm-rng-0\n")]).randomGenerator.known == "tpm-rng-0")
    }

    static let garbage: [MemorySource.Node] = [
        .text(""), .file([0xff, 0xfe, 0x00]), .file(Array(repeating: 0x41, count: 5 << 20)), .directory(),
        .special(FileMetadata(kind: .fifo)), .link("/proc/self/loop"), .text("no such form"),
    ]

    @Test(arguments: garbage.indices)
    func `garbage is unknown, never an answer`(index: Int) {
        let cpu = "/sys/devices/system/cpu"
        let node = Self.garbage[index]
        let facts = facts([
            "/proc/self/loop": .link("/proc/self/loop"), "/proc/cpuinfo": node, "\(cpu)/present": node,
            "\(cpu)/smt/active": node, "/sys/module/kvm_intel/parameters/ept": node,
            "/proc/sys/kernel/sched_rt_runtime_us": node, "/proc/sys/kernel/random/entropy_avail": node,
        ])
        #expect(facts.flags.obstacle != nil)
        #expect(facts.topology.obstacle != nil)
        // An empty list is a list.
        if case .file(let content, _) = node, content.isEmpty {} else { #expect(facts.present.obstacle != nil) }
        #expect(facts.isSMTActive.obstacle != nil)
        #expect(facts.slatParameter.obstacle != nil)
        #expect(facts.realtimeRuntime.obstacle != nil)
        #expect(facts.entropy.obstacle != nil)
    }

    @Test func `this machine's own files give answers`() throws {
        let facts = CPUProbe.facts(from: TreeSource.live, answers: KernelAnswers())
        #expect(try #require(facts.online.known).count > 0)
        #expect(facts.flags.known?.isEmpty == false)
        #expect(facts.entropy.known ?? 0 > 0)
    }

    #if arch(x86_64)
        @Test func `CPUID of this machine has the leaf of sizes, with at least 32 bits of addresses`() throws {
            let leaves = try #require(CPUProbe.answers().leaves.known)
            let sizes = try #require(leaves.first { $0.leaf == 0x8000_0008 })
            #expect(sizes.eax & 0xff >= 32)
        }
    #endif
}
