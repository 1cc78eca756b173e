@_spi(Probing) import Evidence
import Facts
import Testing

@testable import HostProbes

/// No machine of this project has SEV, TDX or Secure Execution: all of these are fakes.
struct ConfidentialTests {
    private func facts(_ nodes: [String: MemorySource.Node]) -> ConfidentialFacts {
        ConfidentialProbe.facts(from: MemorySource(nodes), answers: KernelAnswers())
    }

    /// The example of Documentation/admin-guide/cgroup-v2.rst, "Misc", in each place where it can stand.
    @Test(arguments: ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/misc"])
    func `the numbers of the misc controller are read in every layout`(folder: String) {
        let facts = facts(["\(folder)/misc.capacity": .text("sev 50\nsev_es 10\n")])
        #expect(facts.capacity.known == ["sev": 50, "sev_es": 10])
    }

    @Test func `sizes that are larger than any count do not trap`() {
        let text = "sgx_epc 18446744073709551615\nsev 1\n"
        #expect(facts(["/sys/fs/cgroup/misc.capacity": .text(text)]).capacity.known == ["sgx_epc": .max, "sev": 1])
        for wrong in ["sev", "sev x", "sev 1 2", "sev -1", "sev 99999999999999999999999"] {
            #expect(facts(["/sys/fs/cgroup/misc.capacity": .text(wrong)]).capacity.obstacle?.kind == .malformed)
        }
        #expect(facts([:]).capacity.isAbsent)
    }

    @Test func `parameters of kvm_amd and kvm_intel are absent without the modules`() {
        let none = facts([:])
        #expect(none.sevParameter.isAbsent && none.sevSNPParameter.isAbsent && none.tdxParameter.isAbsent)
        let some = facts([
            "/sys/module/kvm_amd/parameters/sev": .text("Y\n"), "/sys/module/kvm_amd/parameters/sev_es": .text("N\n"),
            // Before Linux 5.12 the parameter was a number.
            "/sys/module/kvm_intel/parameters/tdx": .text("1\n"),
        ])
        #expect(some.sevParameter.known == true)
        #expect(some.sevESParameter.known == false)
        #expect(some.tdxParameter.known == true)
    }

    @Test func `the last prot_virt on the command line counts`() {
        #expect(facts(["/proc/cmdline": .text("ro prot_virt=0 quiet prot_virt=1\n")]).protVirtArgument.known == "1")
        #expect(facts(["/proc/cmdline": .text("ro quiet\n")]).protVirtArgument.isAbsent)
        #expect(facts(["/sys/firmware/uv/prot_virt_host": .text("1\n")]).isSecureExecutionHost.known == true)
    }

    /// The offsets are those of `struct sev_user_data_status`, packed: 0 major, 1 minor, 2 state, 3–6 flags, 7 build,
    /// 8–11 guests.
    @Test func `the status of the secure processor is taken apart by its layout`() {
        let bytes: [UInt8] = [1, 55, 2, 0x00, 0x01, 0x00, 0x00, 21, 3, 0, 0, 0]
        #expect(
            ConfidentialProbe.parse(bytes)
                == SEVPlatformStatus(
                    major: 1, minor: 55, build: 21, state: 2, isInitialisedForES: true, guestCount: 3))
        #expect(ConfidentialProbe.parse(Array(bytes.dropLast())) == nil)
        #expect(ConfidentialProbe.parse([]) == nil)
    }

    @Test func `without the device, how opening it ended is known, and no status`() {
        let answers = ConfidentialProbe.answers()
        guard answers.openSEV.known?.errno == "ENOENT" else { return }
        #expect(answers.sevStatus.obstacle?.kind == .notProbed)
    }

    /// CPUID 0x8000001F of an EPYC 7003 as APM volume 3, E.4.17, lays it out: eax 0x3f = SME, SEV, page flush MSR, SEV-ES,
    /// SEV-SNP, VMPL; ebx bits 5:0 the encryption bit, here 51.
    @Test func `the leaf of memory encryption is taken apart by its layout`() {
        let found = MemoryEncryption(
            CPUIDEntry(leaf: 0x8000_001f, subleaf: 0, eax: 0x0101_fd3f, ebx: 0x4173, ecx: 0x1fd, edx: 0x80))
        #expect(found.hasSEV && found.hasES && found.hasSNP && found.hasVMPL)
        #expect(found.encryptionBit == 51)
        #expect(found.guestLimit == 509)
        #expect(found.lowestPlainASID == 128)
        let plain = MemoryEncryption(CPUIDEntry(leaf: 0x8000_001f, subleaf: 0, eax: 0x3))
        #expect(plain.hasSEV && !plain.hasES && !plain.hasSNP && !plain.hasVMPL)
    }
}
