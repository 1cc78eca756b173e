internal import Evidence
internal import Facts

/// What guests get of KVM: capabilities, processor features, registers. KVH020–KVH029.
enum KVMGuestRules {
    static let area = "What guests get"
    private static let api = Citation("Linux Documentation/virt/kvm/api.rst", "6.18")

    static let all: [Rule<HostFacts>] = [
        qemuCapabilities, featureRegisterRefused, guestLevelLow, windows, secureBoot, nested, migration, firecracker,
        cloudHypervisor, vcpuLimit,
    ]

    // MARK: - Capabilities

    /// What a program asks KVM for before it runs a guest, by architecture.
    private struct Needs {
        var x86: [KVMExtension]
        var arm64: [KVMExtension]
        var other: [KVMExtension] = [.userMemory]

        func on(_ machine: String) -> [KVMExtension] {
            switch machine {
            case "x86_64", "i686": x86
            case "aarch64": arm64
            default: other
            }
        }
    }

    /// A rule that all capabilities of a list are there.
    private static func needing(
        _ needs: Needs, _ info: RuleInfo, missing message: String
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info,
            violates: { $0.kvm.answers.extensions = .known([:]) },
            decide: { host throws(Undecided) in
                let machine = try host.system.machine.get() ?? ""
                let extensions = try host.kvm.answers.extensions.get() ?? [:]
                let missing = needs.on(machine).filter { (extensions[$0.number] ?? 0) <= 0 }
                if missing.isEmpty { return .pass(nil, "\(extensions.count) capabilities") }
                return .fail(message, ["missing: " + missing.map(\.kernelName).joined(separator: " ")])
            })
    }

    static let qemuCapabilities = needing(
        Needs(
            x86: [
                .userMemory, .destroyMemoryRegionWorks, .joinMemoryRegionsWorks, .internalErrorData, .ioeventfd,
                .ioeventfdAnyLength, .setTSSAddress, .extCPUID, .mpState, .signalMSI, .irqRouting, .debugregs, .xsave,
                .vcpuEvents, .robustSinglestep, .mce, .adjustClock, .setIdentityMapAddress,
            ],
            arm64: [
                .userMemory, .destroyMemoryRegionWorks, .joinMemoryRegionsWorks, .internalErrorData, .ioeventfd,
                .ioeventfdAnyLength, .deviceCtrl,
            ]),
        RuleInfo(
            "KVH020", "qemu-capabilities-missing", "KVM has what QEMU requires", area: area, severity: .error,
            rationale: "QEMU refuses to start a KVM guest where one of the capabilities it requires is missing.",
            sources: [
                Citation("QEMU accel/kvm/kvm-all.c and target/i386/kvm/kvm.c, kvm_required_capabilites", "10.2.2"), api,
            ],
            remedy: Remedy("boot a newer kernel, or, in a VM, look at the KVM of its host"), parent: "KVH002",
            explains: ["kvm does not support", "KVM kernel module too old"]),
        missing: "KVM lacks what QEMU requires")

    static let firecracker = needing(
        Needs(
            x86: [
                .irqchip, .ioeventfd, .irqfd, .userMemory, .setTSSAddress, .pit2, .pitState2, .adjustClock, .debugregs,
                .mpState, .vcpuEvents, .xcrs, .xsave, .extCPUID,
            ],
            arm64: [.ioeventfd, .irqfd, .userMemory, .armPSCI, .deviceCtrl, .mpState, .oneRegister]),
        RuleInfo(
            "KVH027", "firecracker-capabilities-missing", "KVM has what Firecracker requires", area: area,
            severity: .note, rationale: "Firecracker checks these capabilities before it makes a microVM.",
            sources: [Citation("firecracker src/vmm/src/vstate/kvm.rs and arch/*/kvm.rs", "2026-08-21")],
            remedy: Remedy("boot a kernel that Firecracker supports: 5.10, 6.1 or 6.18"), parent: "KVH002"),
        missing: "KVM lacks what Firecracker requires")

    static let cloudHypervisor = needing(
        Needs(
            x86: [
                .adjustClock, .extCPUID, .getTSCFrequency, .immediateExit, .ioeventfd, .irqchip, .irqfd, .irqRouting,
                .mpState, .setIdentityMapAddress, .setTSSAddress, .splitIRQchip, .tscDeadlineTimer, .userMemory,
                .userNMI, .vcpuEvents, .xsave,
            ],
            arm64: [
                .immediateExit, .ioeventfd, .irqchip, .irqfd, .irqRouting, .mpState, .oneRegister, .userMemory,
            ]),
        RuleInfo(
            "KVH028", "cloud-hypervisor-capabilities-missing", "KVM has what Cloud Hypervisor requires", area: area,
            severity: .note, rationale: "Cloud Hypervisor checks these capabilities when it starts.",
            sources: [Citation("cloud-hypervisor hypervisor/src/kvm: check_required_extensions", "2026-08")],
            remedy: Remedy("boot Linux 5.6 or later"), parent: "KVH002"),
        missing: "KVM lacks what Cloud Hypervisor requires")

    /// A rule that one capability is there, for guests that want more than a plain one.
    private static func wanting(
        _ wanted: [KVMExtension], _ info: RuleInfo, missing message: String, on machines: Set<String> = ["x86_64"]
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info,
            violates: { host in
                guard var extensions = try? host.kvm.answers.extensions.get() else { return }
                for one in wanted { extensions[one.number] = nil }
                host.kvm.answers.extensions = .known(extensions)
            },
            decide: { host throws(Undecided) in
                let machine = try host.system.machine.get() ?? ""
                let extensions = try host.kvm.answers.extensions.get() ?? [:]
                guard machines.contains(machine) else { return .notApplicable("of \(machines.sorted()[0]) only") }
                let missing = wanted.filter { (extensions[$0.number] ?? 0) <= 0 }
                return missing.isEmpty
                    ? .pass()
                    : .fail(message, ["missing: " + missing.map(\.kernelName).joined(separator: " ")])
            })
    }

    static let windows = wanting(
        [.hyperv, .hypervVAPIC, .hypervSpin, .hypervTime, .hypervSynIC],
        RuleInfo(
            "KVH023", "hyperv-enlightenments-missing", "Windows guests get Hyper-V enlightenments", area: area,
            severity: .note,
            rationale: """
                Windows runs without them, but slowly: clocks, interrupts and spin locks then cost an exit each. \
                libvirt refuses a domain whose <hyperv> asks for one that is missing.
                """,
            sources: [api, Citation("QEMU docs/system/i386/hyperv.rst", "10.2")],
            remedy: Remedy("run Windows guests on a host with kvm_intel or kvm_amd; else leave <hyperv> out"),
            parent: "KVH002"),
        missing: "KVM offers no full set of Hyper-V enlightenments for Windows guests")

    static let secureBoot = wanting(
        [.smm],
        RuleInfo(
            "KVH024", "smm-missing", "guests can have secure boot (SMM)", area: area, severity: .note,
            rationale: """
                OVMF keeps its secure-boot variables behind System Management Mode. A domain with <smm state='on'/> \
                does not start where KVM cannot emulate it.
                """,
            sources: [api, Citation("libvirt docs/formatdomain.rst, smm; edk2 OvmfPkg/README", "11.3")],
            remedy: Remedy("boot a kernel with CONFIG_KVM_SMM, or use firmware without secure boot"), parent: "KVH002",
            explains: ["SMM is not supported", "smm is not available with this QEMU binary"]),
        missing: "KVM cannot emulate System Management Mode: no secure boot in guests")

    static let migration = wanting(
        [.tscControl],
        RuleInfo(
            "KVH026", "tsc-scaling-missing", "a guest's TSC frequency can be kept across hosts", area: area,
            severity: .note,
            rationale: """
                A guest that was given an invariant TSC migrates only to a host with the same frequency, unless the \
                processor can scale it.
                """,
            sources: [api, Citation("QEMU docs/system/i386/cpu.rst: tsc-frequency, invtsc", "10.2")],
            remedy: Remedy("migrate between hosts with the same TSC frequency only, or do not expose invtsc"),
            parent: "KVH002"),
        missing: "KVM cannot scale a guest's TSC")

    static let nested = Rule<HostFacts>(
        RuleInfo(
            "KVH025", "nested-off", "guests can run guests of their own", area: area, severity: .note,
            rationale: """
                Nested virtualization needs the vendor module's parameter, and KVM_CAP_NESTED_STATE to migrate or \
                save such a guest.
                """,
            sources: [Citation("Linux Documentation/virt/kvm/x86/running-nested-guests.rst", "6.18"), api],
            remedy: Remedy(
                "switch it on and load the module anew, with no guest running",
                commands: ["echo 'options kvm_intel nested=1' > /etc/modprobe.d/kvm-nested.conf"]),
            parent: "KVH002"),
        violates: { $0.kvm.nested = .known(false, from: .file("/sys/module/kvm_intel/parameters/nested")) },
        decide: { host throws(Undecided) in
            let extensions = try host.kvm.answers.extensions.get() ?? [:]
            let module = (((try? host.kvm.modules.get()) ?? []).first { $0 != "kvm" } ?? "kvm_intel").shellWord
            if try host.kvm.nested.get() == false {
                return .fail(
                    "nested virtualization is switched off", at: host.kvm.nested.places,
                    remedy: Remedy(
                        "switch it on and load the module anew, with no guest running",
                        commands: [
                            "echo 'options \(module) nested=1' > /etc/modprobe.d/kvm-nested.conf",
                            "modprobe -r \(module) && modprobe \(module)",
                        ]))
            }
            guard (extensions[KVMExtension.nestedState.number] ?? 0) > 0 else {
                return .fail(
                    "KVM offers guests no virtualization of their own", ["missing: KVM_CAP_NESTED_STATE"],
                    remedy: Remedy("run such guests on a host with kvm_intel or kvm_amd"))
            }
            return .pass()
        })

    static let vcpuLimit = Rule<HostFacts>(
        RuleInfo(
            "KVH029", "vcpu-limit-low", "a VM can have as many vCPUs as KVM recommends", area: area, severity: .note,
            rationale: "KVM_CAP_MAX_VCPUS bounds a VM; a value below the recommended one is a kernel built small.",
            sources: [api], remedy: Remedy("build the kernel with a larger CONFIG_KVM_MAX_NR_VCPUS"), parent: "KVH002"),
        violates: { host in
            guard var extensions = try? host.kvm.answers.extensions.get() else { return }
            extensions[KVMExtension.maxVCPUs.number] = 1
            host.kvm.answers.extensions = .known(extensions)
        },
        decide: { host throws(Undecided) in
            let extensions = try host.kvm.answers.extensions.get() ?? [:]
            let recommended = extensions[KVMExtension.recommendedVCPUs.number] ?? 4
            // Without the capability the limit is the recommended number (api.rst, 4.4).
            let limit = extensions[KVMExtension.maxVCPUs.number] ?? recommended
            let numbers = "recommended \(recommended), at most \(limit)"
            return limit >= recommended ? .pass(nil, numbers) : .fail("KVM allows few vCPUs", [numbers])
        })

    // MARK: - Registers and CPUID

    /// A feature MSR that QEMU writes, and how `-cpu` keeps it from being written.
    private struct Register {
        var name: String
        /// What to append to `-cpu host` so that QEMU does not set the register, or sets it to 0.
        var without: String
    }

    /// The feature MSRs that QEMU sets: `kvm_init_msrs` and `kvm_msr_entry_add_vmx` in target/i386/kvm/kvm.c.
    ///
    /// The other VMX registers (0x481…0x484, 0x487, 0x489) KVM generates itself and always refuses
    /// (`vmx_set_vmx_msr` in arch/x86/kvm/vmx/nested.c); QEMU does not set them.
    private static func register(_ index: UInt32) -> Register? {
        switch index {
        case 0x8b: Register(name: "IA32_UCODE_REV", without: "ucode-rev=0x0")
        case 0xcf: Register(name: "IA32_CORE_CAPABILITIES", without: "-core-capability")
        case 0x10a: Register(name: "IA32_ARCH_CAPABILITIES", without: "-arch-capabilities")
        case 0x345: Register(name: "IA32_PERF_CAPABILITIES", without: "-pdcm")
        case 0x480, 0x485, 0x486, 0x488, 0x48a...0x491: Register(name: "IA32_VMX", without: "-vmx")
        default: nil
        }
    }

    /// A feature MSR that QEMU writes and KVM refuses.
    struct RefusedRegister {
        /// The register and the value that KVM offers: `IA32_ARCH_CAPABILITIES (0x10a) = 0x69`.
        var description: String
        /// What to append to `-cpu host` so that QEMU does not set it: `-arch-capabilities`.
        var without: String

        /// The processor feature without which QEMU does not set it; nil where it is no feature.
        var feature: String? { without.hasPrefix("-") ? String(without.dropFirst()) : nil }
    }

    /// Those of the feature MSRs that make QEMU abort: it sets them, and KVM refuses the value that it offered.
    static func refusedRegisters(_ registers: [FeatureMSR]) -> [RefusedRegister] {
        registers.compactMap { one in
            guard !one.accepted, one.offered != 0, let register = register(one.index) else { return nil }
            return RefusedRegister(
                description: "\(register.name) (\(hex(UInt64(one.index)))) = \(hex(one.offered))",
                without: register.without)
        }
    }

    static let featureRegisterRefused = Rule<HostFacts>(
        RuleInfo(
            "KVH021", "host-passthrough-aborts", "a vCPU takes every feature register that KVM offers", area: area,
            severity: .warning,
            rationale: """
                KVM offers values for feature MSRs, and QEMU sets them for -cpu host, -cpu max and what libvirt makes \
                of host-model. Where KVM then refuses its own value, QEMU aborts at start, although KVM works.
                """,
            sources: [
                api, Citation("QEMU target/i386/kvm/kvm.c: kvm_buf_set_msrs", "7.2 and 10.2"),
                Citation("asterinas/asterinas issue 2980; GNS3/gns3-server issue 1774", "2026-02; 2020"),
            ],
            remedy: Remedy(
                "switch the feature off, such as -cpu host,-arch-capabilities; in libvirt use a named model"),
            parent: "KVH011",
            explains: [
                "error: failed to set MSR", "kvm_buf_set_msrs: Assertion `ret == cpu->kvm_msr_buf->nmsrs' failed",
            ]),
        violates: {
            $0.kvm.answers.featureMSRs = .known([FeatureMSR(index: 0x10a, offered: 0x69, accepted: false)])
        },
        decide: { host throws(Undecided) in
            let machine = try host.system.machine.get() ?? ""
            guard let registers = try host.kvm.answers.featureMSRs.get() else {
                return .notApplicable("\(machine) has no feature MSRs")
            }
            let fatal = refusedRegisters(registers)
            guard !fatal.isEmpty else {
                let others = registers.filter { !$0.accepted && $0.offered != 0 }.map { hex(UInt64($0.index)) }
                    .joined(separator: " ")
                return others.isEmpty
                    ? .pass(nil, "\(registers.count) registers")
                    : .pass(nil, "\(registers.count) registers; refused, but not set by QEMU: \(others)")
            }
            var switches: [String] = []
            for one in fatal where !switches.contains(one.without) { switches.append(one.without) }
            let names = fatal.map(\.description)
            return .fail(
                "host-passthrough, maximum and host-model abort QEMU",
                names.map { "KVM offers MSR \($0) and refuses to set it" }
                    + ["broken: -cpu host, -cpu max; <cpu mode='host-passthrough'>, 'maximum', 'host-model'"],
                remedy: Remedy(
                    "works: -cpu host,\(switches.joined(separator: ",")); in libvirt a named model",
                    commands: ["<cpu mode='custom' match='exact'><model>qemu64</model></cpu>"]))
        })

    private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

    static let guestLevelLow = Rule<HostFacts>(
        RuleInfo(
            "KVH022", "guest-cpu-level-low", "guests get the processor level of the host", area: area,
            severity: .warning,
            rationale: """
                Distributions are built for a level: RHEL 9 for x86-64-v2, RHEL 10 for v3. A guest whose CPUID lacks \
                it stops at "Fatal glibc error: CPU does not support x86-64-v2".
                """,
            sources: [
                Citation("x86-64 psABI, 3.1.1 micro-architecture levels", "1.0"), api,
                Citation("kubevirt/kubevirt issue 10713", "2023"),
            ],
            remedy: Remedy(
                "nothing on this host where its own host masks the features; check that guests are built for the level"),
            parent: "KVH002", explains: ["CPU does not support x86-64-v2", "CPU does not support x86-64-v3"]),
        violates: {
            $0.kvm.answers.supportedCPUID = .known([
                CPUIDEntry(leaf: 1, subleaf: 0, ecx: 0, edx: .max),
                CPUIDEntry(leaf: 0x8000_0001, subleaf: 0, edx: .max),
            ])
        },
        decide: { host throws(Undecided) in
            let machine = try host.system.machine.get() ?? ""
            guard let leaves = try host.kvm.answers.supportedCPUID.get(), machine == "x86_64" else {
                return .notApplicable("\(machine) has no x86-64 levels")
            }
            let own = try host.kvm.hostLevel.get() ?? 1
            let guest = CPULevel.level(of: leaves)
            if guest.level >= own { return .pass(nil, "x86-64-v\(guest.level)") }
            return .fail(
                "KVM offers guests x86-64-v\(guest.level), the host itself is v\(own)",
                ["missing for v\(guest.level + 1): " + guest.missing.joined(separator: " ")])
        })
}
