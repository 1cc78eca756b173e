import Evidence
import Facts
import Testing

@testable import Rules

/// What the kernel can write into `/sys/devices/system/cpu/vulnerabilities`: Documentation/admin-guide/hw-vuln, and
/// `arch/x86/kernel/cpu/bugs.c` of Linux 6.18.
struct ProcessorRulesTests {
    private func decide(_ id: String, _ change: (inout HostFacts) -> Void) throws -> Decision {
        var host = HostFacts.sample
        change(&host)
        return try #require(HostCatalogue.all.first { $0.info.id == id }).decide(host)
    }

    private func decide(_ id: String, _ texts: [String: String]) throws -> Decision {
        try decide(id) { $0.cpu.vulnerabilities = .known(texts) }
    }

    @Test(arguments: [
        ("Not affected", Verdict.pass), ("Mitigation: PTE Inversion", .pass),
        ("Mitigation: PTE Inversion; VMX: conditional cache flushes, SMT vulnerable", .pass),
        ("Mitigation: PTE Inversion; VMX: cache flushes, SMT disabled", .pass),
        ("Mitigation: PTE Inversion; VMX: flush not necessary, SMT disabled", .pass),
        ("Mitigation: PTE Inversion; VMX: EPT disabled", .pass),
        ("Mitigation: PTE Inversion; VMX: vulnerable", .fail),
        ("Mitigation: PTE Inversion; VMX: vulnerable, SMT disabled", .fail), ("Vulnerable", .fail),
    ])
    func `L1TF is open where KVM does not flush the cache`(text: String, verdict: Verdict) throws {
        #expect(try decide("KVH132", ["l1tf": text]).verdict == verdict)
    }

    @Test(arguments: [
        ("Not affected", Verdict.pass), ("KVM: Mitigation: Split huge pages", .pass),
        ("KVM: Mitigation: VMX disabled", .pass), ("KVM: Mitigation: VMX unsupported", .pass),
        ("KVM: Vulnerable", .fail), ("Processor vulnerable", .fail),
    ])
    func `iTLB multihit is open where KVM does not split huge pages`(text: String, verdict: Verdict) throws {
        #expect(try decide("KVH133", ["itlb_multihit": text]).verdict == verdict)
    }

    @Test(arguments: [
        ("mds", "Mitigation: Clear CPU buffers; SMT vulnerable", Verdict.pass),
        ("mds", "Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable", .fail),
        ("mmio_stale_data", "Vulnerable", .fail), ("gather_data_sampling", "Vulnerable: No microcode", .fail),
        ("tsx_async_abort", "Mitigation: TSX disabled", .pass),
    ])
    func `buffers are open where the kernel says so`(file: String, text: String, verdict: Verdict) throws {
        #expect(try decide("KVH134", [file: text]).verdict == verdict)
    }

    @Test(arguments: [
        (
            "spectre_v2",
            "Mitigation: Retpolines; STIBP: disabled; RSB filling; PBRSB-eIBRS: Not affected; BHI: Not affected",
            Verdict.pass
        ),
        (
            "spectre_v2",
            "Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; PBRSB-eIBRS: SW sequence; BHI: Vulnerable, KVM: SW loop",
            .pass
        ),
        (
            "spectre_v2",
            "Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; PBRSB-eIBRS: SW sequence; BHI: Vulnerable", .fail
        ),
        ("spectre_v2", "Vulnerable: eIBRS with unprivileged eBPF", .fail),
        ("spec_rstack_overflow", "Vulnerable: Safe RET, no microcode", .fail),
        ("spec_rstack_overflow", "Mitigation: Safe RET", .pass), ("vmscape", "Vulnerable", .fail),
        ("vmscape", "Mitigation: IBPB before exit to userspace", .pass),
        ("retbleed", "Mitigation: untrained return thunk; SMT enabled with STIBP protection", .pass),
    ])
    func `branch prediction is open where the kernel says so`(file: String, text: String, verdict: Verdict) throws {
        #expect(try decide("KVH135", [file: text]).verdict == verdict)
    }

    @Test func `where the kernel does not know, nobody does`() throws {
        #expect(throws: Undecided.self) {
            try decide("KVH134", ["gather_data_sampling": "Unknown: Dependent on hypervisor status"])
        }
        #expect(throws: Undecided.self) { try decide("KVH137", ["old_microcode": "Unknown: Running under hypervisor"]) }
        // One that is open is open, whatever is not known of another.
        let texts = ["mds": "Vulnerable", "gather_data_sampling": "Unknown: Dependent on hypervisor status"]
        #expect(try decide("KVH134", texts).verdict == .fail)
    }

    @Test func `what this kernel does not know is not asked`() throws {
        for id in ["KVH132", "KVH133", "KVH134", "KVH135", "KVH137"] {
            #expect(try decide(id, ["new": "Not affected"]).verdict == .notApplicable)
        }
    }

    /// The examples of attack_vector_controls.rst, and the command line of the machine that this is developed on.
    @Test(arguments: [
        ("off", Verdict.fail), ("auto", .pass), ("auto,nosmt", .pass), ("auto,no_user_kernel", .pass),
        ("auto,nosmt,no_guest_host,no_guest_guest", .fail), (",no_cross_thread", .pass),
        ("auto,no_guest_host,no_guest_guest", .fail),
    ])
    func `defences against guests can be switched off on the command line`(value: String, verdict: Verdict) throws {
        let decision = try decide("KVH139") {
            $0.iommu.kernelArguments = .known([KernelArgument("quiet"), KernelArgument("mitigations", value)])
        }
        #expect(decision.verdict == verdict)
    }

    @Test func `a vulnerability of tomorrow is seen`() throws {
        #expect(try decide("KVH138", ["new_in_7_0": "Vulnerable"]).message.contains("new_in_7_0"))
    }

    @Test func `second threads that were switched off are not missed`() throws {
        let decision = try decide("KVH127") { host in
            host.cpu.online = .known(CPUList(0...63))
            host.cpu.smtControl = .known("off")
        }
        #expect(decision.verdict == .pass)
    }

    @Test func `processors that are not there are not offline`() throws {
        let decision = try decide("KVH127") { host in
            host.cpu.present = .known(CPUList(0...1))
            host.cpu.online = .known(CPUList(0...1))
        }
        #expect(decision.verdict == .pass)
    }

    @Test(arguments: ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page"])
    func `clocks of hypervisors are fast`(name: String) throws {
        #expect(try decide("KVH140") { $0.cpu.clockSource = .known(name) }.verdict == .pass)
    }

    @Test(arguments: ["KVH121", "KVH122", "KVH123", "KVH124", "KVH125", "KVH126"])
    func `a paravirtual KVM is not asked for what hardware has`(id: String) throws {
        let decision = try decide(id) { host in
            host.cpu.flags = .known(["lm", "constant_tsc"])
            host.kvm.modules = .known(["kvm", "kvm_pvm"])
            host.cpu.slatParameter = .absent()
            host.cpu.unrestrictedGuest = .absent()
            host.cpu.virtualAPIC = .absent()
            host.cpu.tdpMMU = .known(false)
        }
        #expect(decision.verdict == .notApplicable)
    }
}
