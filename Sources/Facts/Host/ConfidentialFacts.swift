public import Evidence

/// Confidential computing: SEV, TDX, Secure Execution. What stands at `/dev/sev` is in ``DeviceFacts``.
public struct ConfidentialFacts: Sendable {
    /// Whether KVM offers SEV (`sev` of kvm_amd); absent where the module is not loaded or knows no SEV.
    public var sevParameter: Observation<Bool> = .notProbed
    /// Whether KVM offers SEV-ES (`sev_es` of kvm_amd).
    public var sevESParameter: Observation<Bool> = .notProbed
    /// Whether KVM offers SEV-SNP (`sev_snp` of kvm_amd, Linux 6.11).
    public var sevSNPParameter: Observation<Bool> = .notProbed
    /// What `/dev/sev` answers.
    public var answers = ConfidentialAnswers()
    /// How many guests can be encrypted at a time, by the names of the misc controller: `sev`, `sev_es`, `tdx`; absent
    /// where the controller is not there. A number of 0 is written for what the host does not have.
    public var capacity: Observation<[String: Int]> = .notProbed
    /// Whether KVM offers TDX (`tdx` of kvm_intel, Linux 6.16).
    public var tdxParameter: Observation<Bool> = .notProbed
    /// Whether the kernel knows of an ultravisor: `/sys/firmware/uv`.
    public var hasUltravisor: Observation<Bool> = .notProbed
    /// Whether the ultravisor made this host one of Secure Execution (`prot_virt_host`); absent without an ultravisor.
    public var isSecureExecutionHost: Observation<Bool> = .notProbed
    /// The last value of `prot_virt=` on the kernel's command line; absent where it is not there.
    public var protVirtArgument: Observation<String> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// What CPUID 0x8000001F says of the encryption of memory; AMD APM volume 3, appendix E.4.17.
public struct MemoryEncryption: Sendable, Hashable {
    /// The leaf.
    public var leaf: CPUIDEntry

    /// What a leaf says.
    public init(_ leaf: CPUIDEntry) {
        self.leaf = leaf
    }

    /// Secure Encrypted Virtualization.
    public var hasSEV: Bool { leaf.eax >> 1 & 1 == 1 }
    /// SEV Encrypted State.
    public var hasES: Bool { leaf.eax >> 3 & 1 == 1 }
    /// SEV Secure Nested Paging.
    public var hasSNP: Bool { leaf.eax >> 4 & 1 == 1 }
    /// VM permission levels.
    public var hasVMPL: Bool { leaf.eax >> 5 & 1 == 1 }
    /// The page table bit that marks a page as encrypted.
    public var encryptionBit: Int { Int(leaf.ebx & 0x3f) }
    /// How many guests can be encrypted at a time.
    public var guestLimit: Int { Int(leaf.ecx) }
    /// The lowest number that a guest with SEV but without SEV-ES can have.
    public var lowestPlainASID: Int { Int(leaf.edx) }
}

extension ConfidentialFacts {
    /// Of the fit host; see ``HostFacts/sample``: it is Intel's, with TDX.
    public static var sample: ConfidentialFacts {
        let amd = Provenance.file("/sys/module/kvm_amd/parameters")
        var facts = ConfidentialFacts()
        facts.sevParameter = .absent(from: amd)
        facts.sevESParameter = .absent(from: amd)
        facts.sevSNPParameter = .absent(from: amd)
        facts.capacity = .known(["tdx": 31], from: .file("/sys/fs/cgroup/misc.capacity"))
        facts.tdxParameter = .known(true, from: .file("/sys/module/kvm_intel/parameters/tdx"))
        facts.hasUltravisor = .known(false, from: .file("/sys/firmware/uv"))
        facts.isSecureExecutionHost = .absent(from: .file("/sys/firmware/uv/prot_virt_host"))
        facts.protVirtArgument = .absent(from: .file("/proc/cmdline"))
        facts.answers.openSEV = .known(CallResult(errno: "ENOENT"))
        return facts
    }
}
