import Evidence
import Facts
import Testing

@testable import Rules

/// The trees of confidential computing, on fakes: no machine of this project has the hardware.
struct ConfidentialRulesTests {
    private static let sevRules = (191...204).map { "KVH\($0)" }

    private static func epyc() -> HostFacts {
        var host = HostFacts.sample
        ConfidentialRules.sevMissing.holds(&host)
        return host
    }

    private func findings(_ host: HostFacts) -> [String: Finding] {
        Dictionary(
            uniqueKeysWithValues: Engine.evaluate(ConfidentialRules.all, on: host).map { ($0.rule.id, $0) })
    }

    @Test func `on a processor of Intel's SEV is not asked for, and the other way round`() {
        let intel = findings(.sample)
        for id in Self.sevRules + ["KVH208", "KVH209"] { #expect(intel[id]?.verdict == .notApplicable, "\(id)") }
        for id in ["KVH190", "KVH205", "KVH206", "KVH207"] { #expect(intel[id]?.verdict == .pass, "\(id)") }
        let amd = findings(Self.epyc())
        for id in Self.sevRules + ["KVH190"] { #expect(amd[id]?.verdict == .pass, "\(id)") }
        for id in ["KVH205", "KVH206", "KVH207"] { #expect(amd[id]?.verdict == .notApplicable, "\(id)") }
    }

    @Test func `where KVM does not offer SEV the rest of the tree is skipped`() {
        var host = Self.epyc()
        host.confidential.sevParameter = .known(false)
        let found = findings(host)
        #expect(found["KVH193"]?.verdict == .fail)
        #expect(found["KVH190"]?.verdict == .fail)
        for id in ["KVH194", "KVH195", "KVH196", "KVH197", "KVH200", "KVH203"] {
            #expect(found[id]?.verdict == .notApplicable, "\(id)")
            #expect(found[id]?.message.hasPrefix("needs KVH193") == true, "\(id)")
        }
    }

    /// virtee/sevctl issue 130: CPUID says yes while the kernel says that the firmware has it off.
    @Test func `CPUID alone does not make SEV`() {
        var host = Self.epyc()
        host.cpu.flags = .known(["lm", "svm", "npt"])
        let found = findings(host)
        #expect(found["KVH191"]?.verdict == .pass)
        #expect(found["KVH192"]?.verdict == .fail)
    }

    @Test func `SEV without SEV-SNP is a host with SEV`() {
        var host = Self.epyc()
        host.cpu.flags = .known(["lm", "svm", "npt", "sev", "sev_es"])
        host.cpu.answers.leaves = .known([CPUIDEntry(leaf: 0x8000_001f, subleaf: 0, eax: 0xf, ecx: 509, edx: 100)])
        host.confidential.sevSNPParameter = .absent()
        let found = findings(host)
        #expect(found["KVH190"]?.verdict == .pass)
        #expect(found["KVH190"]?.evidence == ["SEV, SEV-ES"])
        #expect(found["KVH200"]?.verdict == .fail)
        for id in ["KVH201", "KVH202", "KVH203", "KVH204"] { #expect(found[id]?.verdict == .notApplicable, "\(id)") }
    }

    @Test(arguments: ["EACCES", "EPERM"])
    func `want of privilege is not a fault of the secure processor`(errno: String) {
        var host = Self.epyc()
        host.confidential.answers.openSEV = .known(CallResult(errno: errno))
        host.confidential.answers.sevStatus = .notProbed
        let found = findings(host)
        #expect(found["KVH195"]?.verdict == .unknown)
        #expect(found["KVH195"]?.obstacle?.kind == .permissionDenied)
        #expect(found["KVH203"]?.verdict == .unknown)
        #expect(!found.values.contains { $0.verdict == .fail })
    }

    @Test(arguments: [(1, 50, Verdict.fail), (1, 51, .pass), (1, 55, .pass), (2, 0, .pass), (0, 99, .fail)])
    func `SEV-SNP wants 1.51 of the firmware`(major: Int, minor: Int, verdict: Verdict) {
        var host = Self.epyc()
        host.confidential.answers.sevStatus = .known(
            SEVPlatformStatus(major: major, minor: minor, build: 1, state: 1, isInitialisedForES: true, guestCount: 0))
        #expect(findings(host)["KVH203"]?.verdict == verdict)
    }

    @Test func `a capture without CPUID still has the kernel's flags`() {
        var host = Self.epyc()
        host.cpu.answers.leaves = .unknown(Obstacle(.notCaptured, "CPUID"))
        #expect(findings(host)["KVH191"]?.verdict == .pass)
        host.cpu.flags = .known(["lm", "svm"])
        #expect(findings(host)["KVH191"]?.verdict == .unknown)
    }

    /// libvirt's virHostValidateSecureGuests, before the ultravisor's file: facility 158 and prot_virt with y, Y, on or 1.
    @Test(arguments: [("1", Verdict.pass), ("on", .pass), ("y", .pass), ("0", .fail), ("off", .fail)])
    func `Secure Execution without the ultravisor's word`(argument: String, verdict: Verdict) {
        var host = HostFacts.sample
        ConfidentialRules.secureExecutionOff.holds(&host)
        host.confidential.isSecureExecutionHost = .absent()
        host.confidential.protVirtArgument = .known(argument)
        #expect(findings(host)["KVH209"]?.verdict == verdict)
        #expect(findings(host)["KVH190"]?.verdict == verdict)
    }

    @Test func `an architecture without such a technology is not blamed`() {
        var host = HostFacts.sample
        host.system.machine = .known("aarch64")
        #expect(findings(host)["KVH190"]?.verdict == .notApplicable)
    }
}
