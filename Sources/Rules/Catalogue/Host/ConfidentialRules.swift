internal import Evidence
internal import Facts

/// SEV, TDX, Secure Execution. KVH190–KVH209.
///
/// One rule asks whether there is anything at all; then each technology has a tree of its own, whose children are
/// skipped under a parent that failed, so that the first missing step stands out.
enum ConfidentialRules {
    static let area = "Confidential computing"

    static let all: [Rule<HostFacts>] =
        [unavailable]
        + [sevMissing, sevFirmware, sevParameter, sevDevice, sevRefused, sevASIDs]
        + [esMissing, esParameter, esASIDs]
        + [snpMissing, snpFirmware, snpParameter, snpVersion, vmplMissing]
        + [tdxMissing, tdxParameter, tdxKeys]
        + [secureExecutionMissing, secureExecutionOff]

    private static let validate = Citation("libvirt tools/virt-host-validate-common.c, secure guest support", "12.8")
    private static let sevGuide = Citation("Linux Documentation/virt/kvm/x86/amd-memory-encryption.rst", "6.18")
    private static let apm = Citation("AMD APM volume 3, E.4.17, CPUID Fn8000_001F", "2024")
    private static let amd = "/sys/module/kvm_amd/parameters"
    private static let device = "/dev/sev"

    // MARK: - Anything at all

    static let unavailable = Rule<HostFacts>(
        RuleInfo(
            "KVH190", "confidential-computing-missing", "guests can be kept secret from the host", area: area,
            severity: .note,
            rationale: """
                With SEV, TDX or Secure Execution the processor encrypts guests so that the host cannot read them. Most \
                hosts do without.
                """,
            sources: [validate],
            remedy: Remedy("the rules KVH191 to KVH209 say which step is missing: --profile confidential")),
        violates: { host in
            host.cpu.flags = .known(["lm", "vmx", "ept"], from: .file("/proc/cpuinfo"))
        },
        decide: { host throws(Undecided) in
            guard let machine = try host.system.machine.get() else { return .notApplicable("unknown architecture") }
            switch machine {
            case "x86_64": return try x86(host)
            case "s390x":
                return try isSecureExecutionOn(host)
                    ? .pass(nil, "Secure Execution") : .fail("Secure Execution is not available")
            default: return .notApplicable("kvmcheck knows no such technology on \(machine)")
            }
        })

    private static func x86(_ host: HostFacts) throws(Undecided) -> Decision {
        let flags = try host.cpu.flags.get() ?? []
        if flags.contains("tdx_host_platform"), try host.confidential.tdxParameter.get() == true {
            return .pass(nil, "TDX")
        }
        if flags.contains("sev"), try host.confidential.sevParameter.get() == true,
            try host.devices.sev.isPresent()
        {
            var names = ["SEV"]
            if try host.confidential.sevESParameter.get() == true { names.append("SEV-ES") }
            if try host.confidential.sevSNPParameter.get() == true { names.append("SEV-SNP") }
            return .pass(nil, names.joined(separator: ", "))
        }
        return .fail(
            "none of SEV, SEV-ES, SEV-SNP and TDX is available",
            [
                "the processor shows "
                    + (["sev", "sev_es", "sev_snp", "tdx_host_platform"].filter(flags.contains).joined(separator: ", ")
                        .nonEmpty ?? "neither sev nor tdx_host_platform")
            ])
    }

    // MARK: - SEV

    /// What CPUID says of SEV; nil on a processor that is not AMD's.
    private static func encryption(_ host: HostFacts) throws(Undecided) -> MemoryEncryption? {
        guard let leaves = try host.cpu.answers.leaves.get() else { return nil }
        return MemoryEncryption(
            leaves.first { $0.leaf == 0x8000_001f } ?? CPUIDEntry(leaf: 0x8000_001f, subleaf: 0))
    }

    private static func isAMD(_ host: HostFacts) throws(Undecided) -> Bool {
        ["AuthenticAMD", "HygonGenuine"].contains(try host.cpu.vendor.get())
    }

    /// A fit host of AMD's instead of the Intel one.
    private static func becomeEPYC(_ host: inout HostFacts) {
        host.cpu.vendor = .known("AuthenticAMD", from: .file("/proc/cpuinfo"))
        host.cpu.modelName = .known("AMD EPYC 9554 64-Core Processor", from: .file("/proc/cpuinfo"))
        host.cpu.flags = .known(["lm", "svm", "npt", "sme", "sev", "sev_es", "sev_snp"], from: .file("/proc/cpuinfo"))
        // SME, SEV, page flush MSR, SEV-ES, SEV-SNP, VMPL; 1006 guests; SEV without SEV-ES from ASID 100.
        host.cpu.answers.leaves = .known([
            CPUIDEntry(leaf: 0x8000_001f, subleaf: 0, eax: 0x3f, ebx: 0x4173, ecx: 1006, edx: 100)
        ])
        host.kvm.modules = .known(["kvm", "kvm_amd"], from: .file("/sys/module"))
        host.confidential.sevParameter = .known(true, from: .file("\(amd)/sev"))
        host.confidential.sevESParameter = .known(true, from: .file("\(amd)/sev_es"))
        host.confidential.sevSNPParameter = .known(true, from: .file("\(amd)/sev_snp"))
        host.devices.sev = .known(
            FileMetadata(kind: .characterDevice, mode: 0o600, deviceMajor: 10, deviceMinor: 124), from: .file(device))
        host.confidential.answers.openSEV = .known(CallResult())
        host.confidential.answers.sevStatus = .known(
            SEVPlatformStatus(
                major: 1, minor: 55, build: 21, state: 1, isInitialisedForES: true, guestCount: 0))
        host.confidential.capacity = .known(["sev": 907, "sev_es": 99])
        host.confidential.tdxParameter = .absent()
    }

    /// A rule about AMD's processors.
    private static func sev(
        _ id: String, _ slug: String, _ title: String, severity: Severity, parent: String?, rationale: String,
        sources: [Citation], remedy: Remedy, violates: @escaping @Sendable (inout HostFacts) -> Void,
        decide: @escaping @Sendable (HostFacts) throws(Undecided) -> Decision
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, title, area: area, severity: severity, rationale: rationale, sources: sources,
                remedy: remedy, parent: parent),
            holds: becomeEPYC, violates: violates,
            decide: { host throws(Undecided) in
                try isAMD(host) ? try decide(host) : .notApplicable("the processor is not AMD's")
            })
    }

    private static func leaf(_ eax: UInt32, flags: Set<String> = ["lm", "svm", "npt"])
        -> @Sendable (inout HostFacts)
        -> Void
    {
        { host in
            host.cpu.answers.leaves = .known([
                CPUIDEntry(leaf: 0x8000_001f, subleaf: 0, eax: eax, ebx: 0x4173, ecx: 1006, edx: 100)
            ])
            host.cpu.flags = .known(flags, from: .file("/proc/cpuinfo"))
        }
    }

    /// Whether the processor has a feature: the kernel's flag proves it; without the flag CPUID is asked.
    private static func has(
        _ flag: String, _ bit: KeyPath<MemoryEncryption, Bool>, _ host: HostFacts
    ) throws(Undecided) -> Bool {
        if try host.cpu.flags.get()?.contains(flag) == true { return true }
        return try encryption(host)?[keyPath: bit] ?? false
    }

    private static let otherProcessor = Remedy(
        "only EPYC processors have it, by generation: SEV from 7001, SEV-ES from 7002, SEV-SNP from 7003; in a VM it is hidden"
    )

    static let sevMissing = sev(
        "KVH191", "sev-missing", "the processor has SEV", severity: .note, parent: nil,
        rationale: "Secure Encrypted Virtualization encrypts each guest's memory with a key of its own.",
        sources: [apm, Citation("virtee/sevctl, sevctl ok", "0.6.2")], remedy: otherProcessor, violates: leaf(0),
        decide: { host throws(Undecided) in
            guard try has("sev", \.hasSEV, host) else { return .fail("the processor has no SEV") }
            guard let found = try? encryption(host), found.hasSEV else { return .pass() }
            return .pass(nil, "\(found.guestLimit) guests, encryption bit \(found.encryptionBit)")
        })

    static let sevFirmware = sev(
        "KVH192", "sev-off-in-firmware", "the firmware lets the kernel use SEV", severity: .warning, parent: "KVH191",
        rationale: """
            CPUID shows what the processor could; the kernel drops the flag sev where the firmware has left memory \
            encryption or the lock of SMM off.
            """,
        sources: [sevGuide, Citation("virtee/sevctl issue 130", "2023")],
        remedy: Remedy(
            "in the firmware turn on SMEE (Secure Memory Encryption) and SVM",
            commands: ["dmesg | grep -i -e sev -e ccp"]),
        violates: leaf(0x3f),
        decide: { host throws(Undecided) in
            try host.cpu.flags.get()?.contains("sev") == true
                ? .pass() : .fail("CPUID shows SEV, and the kernel does not", at: [Place("/proc/cpuinfo")])
        })

    static let sevParameter = parameter(
        "KVH193", "sev-off-in-kvm", "KVM offers SEV", parent: "KVH192", name: "sev", fact: \.sevParameter)

    private static func parameter(
        _ id: String, _ slug: String, _ title: String, parent: String, name: String,
        fact: any WritableKeyPath<ConfidentialFacts, Observation<Bool>> & Sendable
    ) -> Rule<HostFacts> {
        sev(
            id, slug, title, severity: .warning, parent: parent,
            rationale: """
                kvm_amd shows in its parameter what it really offers: it switches it off by itself where the \
                firmware, the IOMMU or the number of ASIDs do not allow it.
                """,
            sources: [sevGuide, Citation("Linux arch/x86/kvm/svm/sev.c, sev_hardware_setup", "6.18")],
            remedy: Remedy(
                "look for the reason in the kernel's log; with all VMs shut down, load the module anew",
                commands: [
                    "dmesg | grep -i -e sev -e snp -e ccp", "grep -rn kvm_amd /etc/modprobe.d",
                    "modprobe -r kvm_amd && modprobe kvm_amd \(name)=1",
                ]),
            violates: { $0.confidential[keyPath: fact] = .known(false, from: .file("\(amd)/\(name)")) },
            decide: { host throws(Undecided) in
                switch try host.confidential[keyPath: fact].get() {
                case true: .pass(nil, "kvm_amd.\(name)=Y")
                case false: .fail("kvm_amd.\(name) is off", at: [Place("\(amd)/\(name)")])
                case nil: .fail("kvm_amd is not loaded, or this kernel's knows no \(name)", at: [Place(amd)])
                }
            })
    }

    static let sevDevice = sev(
        "KVH194", "sev-device-missing", "/dev/sev is there", severity: .warning, parent: "KVH193",
        rationale: "QEMU and libvirt reach AMD's secure processor through /dev/sev, which the module ccp makes.",
        sources: [sevGuide, validate], remedy: Remedy("", commands: ["modprobe ccp", "dmesg | grep -i ccp"]),
        violates: { $0.devices.sev = .absent(from: .file(device)) },
        decide: { host throws(Undecided) in
            guard let node = try host.devices.sev.get() else {
                return .fail("\(device) is missing", at: [Place(device)])
            }
            return node.kind == .characterDevice
                ? .pass() : .fail("\(device) is \(node.kind.phrase)", at: [Place(device)])
        })

    static let sevRefused = sev(
        "KVH195", "sev-device-refused", "AMD's secure processor answers", severity: .warning, parent: "KVH194",
        rationale:
            "A device that is there can still have dead firmware behind it: only an answer to SEV_PLATFORM_STATUS shows.",
        sources: [Citation("linux/psp-sev.h, SEV_PLATFORM_STATUS", "6.1")],
        remedy: Remedy(
            "look for the reason in the kernel's log; update the firmware", commands: ["dmesg | grep -i ccp"]),
        violates: { $0.confidential.answers.openSEV = .known(CallResult(errno: "ENODEV")) },
        decide: { host throws(Undecided) in
            if let errno = try host.confidential.answers.openSEV.get()?.errno {
                // Without privilege nothing is learnt: libvirt opens the device for QEMU.
                guard !["EACCES", "EPERM"].contains(errno) else {
                    throw Undecided(Obstacle(.permissionDenied, "open \(device)", errno))
                }
                return .fail("\(device) cannot be opened", ["open: \(errno)"], at: [Place(device)])
            }
            guard let status = try host.confidential.answers.sevStatus.get() else {
                return .fail("AMD's secure processor does not answer", at: [Place(device)])
            }
            return .pass(nil, "API \(status.version), \(status.guestCount) guests")
        })

    static let sevASIDs = sev(
        "KVH196", "sev-without-asids", "there are ASIDs for guests with SEV alone", severity: .note, parent: "KVH193",
        rationale:
            "Each encrypted guest takes an ASID. The firmware divides them between SEV and SEV-ES; SEV can be left with none.",
        sources: [Citation("Linux Documentation/admin-guide/cgroup-v2.rst, Misc", "6.18"), apm],
        remedy: Remedy("lower the `SEV-ES ASID space limit` in the firmware, or use SEV-ES"),
        violates: { $0.confidential.capacity = .known(["sev": 0, "sev_es": 99]) },
        decide: { host throws(Undecided) in try asids("sev", "SEV", host) })

    private static func asids(_ name: String, _ title: String, _ host: HostFacts) throws(Undecided) -> Decision {
        guard let capacity = try host.confidential.capacity.get() else {
            return .notApplicable("the misc controller of cgroups is not there")
        }
        guard let count = capacity[name], count > 0 else { return .fail("there are no ASIDs for \(title)") }
        return .pass(nil, "\(count) guests at a time")
    }

    // MARK: - SEV-ES

    static let esMissing = sev(
        "KVH197", "sev-es-missing", "the processor has SEV-ES", severity: .note, parent: "KVH193",
        rationale: "SEV with Encrypted State hides a guest's registers from the host too.",
        sources: [apm, validate], remedy: otherProcessor, violates: leaf(0x7, flags: ["lm", "svm", "npt", "sev"]),
        decide: { host throws(Undecided) in
            try has("sev_es", \.hasES, host) ? .pass() : .fail("the processor has no SEV-ES")
        })

    static let esParameter = parameter(
        "KVH198", "sev-es-off-in-kvm", "KVM offers SEV-ES", parent: "KVH197", name: "sev_es", fact: \.sevESParameter)

    static let esASIDs = sev(
        "KVH199", "sev-es-without-asids", "there are ASIDs for guests with SEV-ES or SEV-SNP", severity: .warning,
        parent: "KVH198",
        rationale: "Guests with SEV-ES and SEV-SNP take ASIDs below the firmware's limit, of which there can be none.",
        sources: [Citation("Linux Documentation/admin-guide/cgroup-v2.rst, Misc", "6.18"), apm],
        remedy: Remedy("raise the `SEV-ES ASID space limit` in the firmware"),
        violates: { $0.confidential.capacity = .known(["sev": 509, "sev_es": 0]) },
        decide: { host throws(Undecided) in try asids("sev_es", "SEV-ES", host) })

    // MARK: - SEV-SNP

    static let snpMissing = sev(
        "KVH200", "sev-snp-missing", "the processor has SEV-SNP", severity: .note, parent: "KVH197",
        rationale: "Secure Nested Paging keeps the host from changing a guest's memory, not only from reading it.",
        sources: [apm, validate], remedy: otherProcessor,
        violates: leaf(0xf, flags: ["lm", "svm", "npt", "sev", "sev_es"]),
        decide: { host throws(Undecided) in
            try has("sev_snp", \.hasSNP, host) ? .pass() : .fail("the processor has no SEV-SNP")
        })

    static let snpFirmware = sev(
        "KVH201", "sev-snp-off-in-firmware", "the kernel has SEV-SNP switched on", severity: .warning, parent: "KVH200",
        rationale: """
            The kernel drops the flag sev_snp where the firmware has reserved no memory for the reverse map table, \
            where the IOMMU is off or in passthrough, or where it has no host support (before Linux 6.11).
            """,
        sources: [sevGuide, Citation("virtee/snphost, snphost ok", "2026")],
        remedy: Remedy(
            "in the firmware turn on SNP memory coverage and the IOMMU; take iommu=pt off the kernel's command line",
            commands: ["dmesg | grep -i -e snp -e rmp -e iommu"]),
        violates: leaf(0x3f, flags: ["lm", "svm", "npt", "sev", "sev_es"]),
        decide: { host throws(Undecided) in
            try host.cpu.flags.get()?.contains("sev_snp") == true
                ? .pass() : .fail("CPUID shows SEV-SNP, and the kernel does not", at: [Place("/proc/cpuinfo")])
        })

    static let snpParameter = parameter(
        "KVH202", "sev-snp-off-in-kvm", "KVM offers SEV-SNP", parent: "KVH201", name: "sev_snp", fact: \.sevSNPParameter
    )

    static let snpVersion = sev(
        "KVH203", "sev-firmware-old", "the secure processor's firmware is new enough for SEV-SNP", severity: .warning,
        parent: "KVH201",
        rationale: "The kernel asks for version 1.51 of the firmware's API before it initialises SEV-SNP.",
        sources: [
            Citation("Linux drivers/crypto/ccp/sev-dev.c, SNP_MIN_API_MINOR", "6.18"),
            Citation("virtee/snphost, snphost ok", "2026"),
        ],
        remedy: Remedy("update the firmware of the board, or linux-firmware's amd_sev_*.sbin"),
        violates: { host in
            host.confidential.answers.sevStatus = .known(
                SEVPlatformStatus(major: 1, minor: 49, build: 3, state: 1, isInitialisedForES: true, guestCount: 0))
        },
        decide: { host throws(Undecided) in
            guard let status = try host.confidential.answers.sevStatus.get() else {
                return .notApplicable("there is no secure processor to ask")
            }
            let isNew = (status.major, status.minor) >= (1, 51)
            return isNew
                ? .pass(nil, status.version)
                : .fail("the firmware's API is \(status.version), below 1.51", at: [Place(device)])
        })

    static let vmplMissing = sev(
        "KVH204", "vmpl-missing", "SEV-SNP guests have privilege levels", severity: .note, parent: "KVH200",
        rationale:
            "A secure VM service module, such as a virtual TPM inside the guest, runs at a level (VMPL) above the guest's kernel.",
        sources: [apm, Citation("virtee/sevctl, sevctl ok", "0.6.2")], remedy: otherProcessor,
        violates: leaf(0x1f, flags: ["lm", "svm", "npt", "sev", "sev_es", "sev_snp"]),
        decide: { host throws(Undecided) in
            guard let found = try encryption(host) else { return .notApplicable("there is no CPUID") }
            return found.hasVMPL ? .pass() : .fail("the processor has no VMPL")
        })

    // MARK: - TDX

    static let tdxMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH205", "tdx-missing", "the processor and the firmware offer TDX", area: area, severity: .note,
            rationale: """
                Linux shows tdx_host_platform where the firmware has set keys aside for Trust Domain Extensions. \
                Hibernation in the kernel excludes TDX.
                """,
            sources: [Citation("Linux Documentation/arch/x86/tdx.rst", "6.18"), validate],
            remedy: Remedy(
                "in the firmware turn on TME, TME-MT and TDX; add nohibernate to the kernel's command line",
                commands: ["dmesg | grep -i tdx"])),
        violates: { $0.cpu.flags = .known(["lm", "vmx", "ept"], from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            guard try host.cpu.vendor.get() == "GenuineIntel" else {
                return .notApplicable("the processor is not Intel's")
            }
            return try host.cpu.flags.get()?.contains("tdx_host_platform") == true
                ? .pass() : .fail("the processor does not show tdx_host_platform", at: [Place("/proc/cpuinfo")])
        })

    static let tdxParameter = Rule<HostFacts>(
        RuleInfo(
            "KVH206", "tdx-off-in-kvm", "KVM offers TDX", area: area, severity: .warning,
            rationale:
                "kvm_intel brings TDX up when it is loaded, if its parameter tdx says so and the TDX module is there.",
            sources: [Citation("Linux arch/x86/kvm/vmx/tdx.c, tdx_bringup", "6.18"), validate],
            remedy: Remedy(
                "with all VMs shut down, load the module anew; the kernel's log says what is missing",
                commands: [
                    "echo 'options kvm_intel tdx=1' > /etc/modprobe.d/kvm-tdx.conf",
                    "modprobe -r kvm_intel && modprobe kvm_intel", "dmesg | grep -i tdx",
                ]),
            parent: "KVH205"),
        violates: { $0.confidential.tdxParameter = .known(false) },
        decide: { host throws(Undecided) in
            switch try host.confidential.tdxParameter.get() {
            case true: .pass(nil, "kvm_intel.tdx=Y")
            case false: .fail("kvm_intel.tdx is off", at: [Place("/sys/module/kvm_intel/parameters/tdx")])
            case nil:
                .fail("kvm_intel is not loaded, or this kernel's knows no TDX", at: [Place("/sys/module/kvm_intel")])
            }
        })

    static let tdxKeys = Rule<HostFacts>(
        RuleInfo(
            "KVH207", "tdx-without-keys", "there are keys for trust domains", area: area, severity: .warning,
            rationale: "Each trust domain takes a private key id; the firmware says how many there are.",
            sources: [Citation("Linux Documentation/arch/x86/tdx.rst", "6.18")],
            remedy: Remedy("give TDX more key ids in the firmware (TME-MT/TDX key split)"), parent: "KVH206"),
        violates: { $0.confidential.capacity = .known(["tdx": 0]) },
        decide: { host throws(Undecided) in
            guard let count = try host.confidential.capacity.get()?["tdx"] else {
                return .notApplicable("the misc controller of cgroups does not count them")
            }
            return count > 0 ? .pass(nil, "\(count) trust domains at a time") : .fail("there are no key ids for TDX")
        })

    // MARK: - Secure Execution

    private static let ultravisor = Citation("Linux Documentation/virt/kvm/s390/s390-pv.rst", "6.18")

    /// The fit host of IBM's instead of the Intel one.
    private static func becomeMainframe(_ host: inout HostFacts) {
        host.system.machine = .known("s390x", from: .file("/proc/sys/kernel/arch"))
        host.cpu.vendor = .known("IBM/S390", from: .file("/proc/cpuinfo"))
        host.cpu.flags = .known(["sie", "158"], from: .file("/proc/cpuinfo"))
        host.confidential.hasUltravisor = .known(true, from: .file("/sys/firmware/uv"))
        host.confidential.isSecureExecutionHost = .known(true, from: .file("/sys/firmware/uv/prot_virt_host"))
        host.confidential.protVirtArgument = .known("1", from: .file("/proc/cmdline"))
    }

    /// The ultravisor's word, or, before the kernel passed it on, the facility and the command line as libvirt reads it.
    private static func isSecureExecutionOn(_ host: HostFacts) throws(Undecided) -> Bool {
        if let isOn = try host.confidential.isSecureExecutionHost.get() { return isOn }
        // Without prot_virt_host the directory shows that the kernel can, and the argument that it was asked to.
        guard try host.cpu.flags.get()?.contains("158") == true,
            try host.confidential.hasUltravisor.get() == true,
            let argument = try host.confidential.protVirtArgument.get()
        else { return false }
        return ["y", "Y", "on", "1"].contains { argument.hasPrefix($0) }
    }

    static let secureExecutionMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH208", "secure-execution-missing", "the machine has Secure Execution", area: area, severity: .note,
            rationale: "Facility 158 says that there is an ultravisor, which IBM Z has from z15 and LinuxONE III on.",
            sources: [ultravisor, validate],
            remedy: Remedy("use a z15, LinuxONE III or later, in a logical partition with the feature installed")),
        holds: becomeMainframe, violates: { $0.cpu.flags = .known(["sie"], from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            guard try host.system.machine.get() == "s390x" else { return .notApplicable("not an IBM Z machine") }
            return try host.cpu.flags.get()?.contains("158") == true
                ? .pass(nil, "facility 158") : .fail("facility 158 is not there", at: [Place("/proc/cpuinfo")])
        })

    static let secureExecutionOff = Rule<HostFacts>(
        RuleInfo(
            "KVH209", "secure-execution-off", "the kernel uses Secure Execution", area: area, severity: .warning,
            rationale: "The kernel gives memory to the ultravisor only where prot_virt=1 stands on its command line.",
            sources: [ultravisor, validate],
            remedy: Remedy("add prot_virt=1 to parameters in /etc/zipl.conf", commands: ["zipl", "reboot"]),
            parent: "KVH208"),
        holds: becomeMainframe,
        violates: { $0.confidential.isSecureExecutionHost = .known(false) },
        decide: { host throws(Undecided) in
            guard try host.system.machine.get() == "s390x" else { return .notApplicable("not an IBM Z machine") }
            if try isSecureExecutionOn(host) { return .pass() }
            let argument = try? host.confidential.protVirtArgument.get()
            return .fail(
                "Secure Execution is off",
                [
                    argument.map { "prot_virt=\($0) on the kernel's command line" }
                        ?? "no prot_virt= on the kernel's command line"
                ],
                at: [Place("/proc/cmdline")])
        })
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
