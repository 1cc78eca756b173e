internal import Evidence
internal import Facts
internal import LibvirtXML

/// Virtual processors. KVD040–KVD069.
enum DomainCPURules {
    static let area = "CPU"

    static let all: [Rule<DomainFacts>] = [
        registerRefused, passthroughEmulated, modelMissing, beyondHost, beyondKVM, currentBeyondMaximum, topology,
        pinnedNowhere, pinnedPartly, emulatorOverlaps, vcpuPinUnused, ioThreadMissing, tuningOutOfRange, cacheRefused,
    ]

    private static let validation = Citation("libvirt src/qemu/qemu_validate.c", "11.3")
    private static let format = Citation("libvirt docs/formatdomain.rst", "11.3")

    // MARK: - The model

    static let registerRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD040", "cpu-aborts-on-this-host", "KVM takes every register that the CPU model makes QEMU set",
            area: area, severity: .error,
            rationale: """
                QEMU copies KVM's feature registers into host-passthrough, maximum and host-model CPUs. Where KVM \
                refuses its own value, QEMU aborts and the domain does not start.
                """,
            sources: [
                Citation("QEMU target/i386/kvm/kvm.c: kvm_buf_set_msrs", "7.2 and 10.2"),
                Citation("Linux Documentation/virt/kvm/api.rst", "6.18"),
            ],
            remedy: Remedy("disable the feature, or use a named model")),
        violates: {
            $0.rewrite("<cpu mode='custom' match='exact'>", "<cpu mode='host-passthrough'>")
            $0.host.kvm.answers.featureMSRs = .known([FeatureMSR(index: 0x10a, offered: 0x69, accepted: false)])
        },
        decide: { domain throws(Undecided) in
            let cpu = domain.definition.cpu
            guard domain.definition.type == .kvm else { return .pass() }
            let copiesHost: Bool
            switch cpu.mode.value {
            case .known(.hostPassthrough), .known(.hostModel), .known(.maximum): copiesHost = true
            default: copiesHost = false
            }
            let named = cpu.features.filter { $0.name.isPresent }
            let required = Set(
                named.filter { $0.policy.value == nil || $0.policy == .require || $0.policy == .force }
                    .compactMap(\.name.value))
            let disabled = Set(
                named.filter { $0.policy == .disable || $0.policy == .forbid }.compactMap(\.name.value))
            guard copiesHost || !required.isEmpty else { return .pass() }
            guard let registers = try domain.host.kvm.answers.featureMSRs.get() else {
                return .notApplicable("the host has no feature MSRs")
            }
            let fatal = KVMGuestRules.refusedRegisters(registers).filter { register in
                guard let feature = register.feature else { return copiesHost }
                return !disabled.contains(feature) && (copiesHost || required.contains(feature))
            }
            guard !fatal.isEmpty else { return .pass() }
            let features = Set(fatal.compactMap(\.feature)).sorted()
            return .fail(
                "QEMU aborts on this host with cpu mode '\(cpu.mode.value?.text ?? "custom")'",
                fatal.map { "KVM offers MSR \($0.description) and refuses to set it" },
                at: [domain.place(cpu.position)],
                remedy: Remedy(
                    features.isEmpty
                        ? "use a named model"
                        : "in <cpu>: "
                            + features.map { "<feature policy='disable' name='\($0)'/>" }.joined(separator: "")
                            + "; or a named model",
                    commands: [domain.editCommand]))
        })

    static let passthroughEmulated = Rule<DomainFacts>(
        RuleInfo(
            "KVD041", "cpu-passthrough-without-kvm", "an emulated domain does not ask for the host's CPU", area: area,
            severity: .error,
            rationale:
                "host-passthrough needs hardware virtualization: libvirt refuses to start it with domain type qemu.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/cpu-qemu-host-passthrough.err", "11.3")],
            remedy: Remedy("use domain type kvm, or mode='custom' or 'maximum'"),
            explains: ["CPU mode 'host-passthrough'"]),
        violates: { $0.rewrite("<domain type='kvm'>", "<domain type='qemu'><cpu mode='host-passthrough'/>") },
        decide: { domain throws(Undecided) in
            let mode = domain.definition.cpu.mode
            guard domain.definition.type == .qemu, mode == .hostPassthrough else { return .pass() }
            // libvirt asks the host's drivers, so nothing is claimed of a host that nothing is known of.
            let host = try domain.host.system.machine.get() ?? "this"
            return .fail(
                "cpu mode 'host-passthrough' of an emulated domain on a host of \(host)",
                at: [domain.place(mode.position)])
        })

    static let modelMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD042", "cpu-model-not-given", "the CPU model is chosen", area: area, severity: .warning,
            rationale: """
                Without a model QEMU shows qemu64, a processor of 2003 without SSE4, AES or mitigations: today's \
                distributions do not start on it, and what starts is slow.
                """,
            sources: [format, Citation("QEMU docs/system/cpu-models-x86.rst", "10.2")],
            remedy: Remedy("use mode='host-model', or a named model of the fleet's oldest host"),
            explains: ["CPU does not support x86-64-v2"]),
        violates: { domain in
            domain.rewrite("<cpu mode='custom' match='exact'>\n    <model>Nehalem</model>", "<cpu>")
        },
        decide: { domain throws(Undecided) in
            let cpu = domain.definition.cpu
            guard domain.definition.isQEMU, domain.definition.isX86, !cpu.mode.isPresent, !cpu.model.isPresent else {
                return .pass()
            }
            return .fail(
                cpu.isPresent ? "<cpu> names neither a mode nor a model" : "no <cpu>: the guest sees qemu64",
                at: [domain.place(cpu.position)],
                remedy: Remedy(
                    "use the host's model, or a named one",
                    commands: ["virt-xml \(domain.nameWord) --edit --cpu host-model"]))
        })

    // MARK: - How many

    static let beyondHost = Rule<DomainFacts>(
        RuleInfo(
            "KVD043", "vcpus-beyond-host", "the domain has no more vCPUs than the host has processors", area: area,
            severity: .warning,
            rationale: "vCPUs beyond the host's processors wait for each other: spin locks in the guest stall.",
            sources: [Citation("Mastering KVM Virtualization, 2nd ed., chapter 15: CPU overcommit", "2020")],
            remedy: Remedy("give it fewer vCPUs")),
        violates: { $0.rewrite("<vcpu placement='static'>4</vcpu>", "<vcpu placement='static'>400</vcpu>") },
        decide: { domain throws(Undecided) in
            let vcpu = domain.definition.vcpu
            let count = vcpu.current.value ?? domain.vcpuMaximum
            guard count > 1 else { return .pass() }
            guard let online = try domain.host.cpu.online.get(), !online.isEmpty else { return .pass() }
            guard count > online.count else { return .pass() }
            return .fail(
                "\(count) vCPUs on a host with \(online.count) processors",
                at: [domain.place(vcpu.position)],
                remedy: Remedy(
                    "give it at most \(online.count)",
                    commands: ["virt-xml \(domain.nameWord) --edit --vcpus \(online.count)"]))
        })

    static let beyondKVM = Rule<DomainFacts>(
        RuleInfo(
            "KVD044", "vcpus-beyond-kvm", "KVM can run as many vCPUs", area: area, severity: .error,
            rationale: "A VM has at most KVM_CAP_MAX_VCPUS vCPUs: QEMU refuses to start with more.",
            sources: [Citation("Linux Documentation/virt/kvm/api.rst, 4.4 and KVM_CAP_MAX_VCPUS", "6.18")],
            remedy: Remedy("give it fewer vCPUs"),
            explains: ["exceeds the recommended cpus supported by KVM", "exceeds the maximum cpus supported by KVM"]),
        violates: { $0.rewrite("<vcpu placement='static'>4</vcpu>", "<vcpu placement='static'>5000</vcpu>") },
        decide: { domain throws(Undecided) in
            // KVM_CAP_NR_VCPUS absent means 4 (api.rst, 4.4).
            guard domain.definition.type == .kvm, domain.vcpuMaximum > 4 else { return .pass() }
            guard let extensions = try domain.host.kvm.answers.extensions.get() else {
                return .notApplicable("the host has no KVM")
            }
            let limit =
                extensions[KVMExtension.maxVCPUs.number] ?? extensions[KVMExtension.recommendedVCPUs.number] ?? 4
            guard domain.vcpuMaximum > limit else { return .pass() }
            return .fail(
                "\(domain.vcpuMaximum) vCPUs, and KVM allows \(limit)",
                at: [domain.place(domain.definition.vcpu.position)])
        })

    static let currentBeyondMaximum = Rule<DomainFacts>(
        RuleInfo(
            "KVD045", "vcpus-current-beyond-maximum", "no more vCPUs are there than the maximum", area: area,
            severity: .error, rationale: "libvirt refuses a current number of vCPUs that is more than the maximum.",
            sources: [Citation("libvirt src/conf/domain_conf.c: virDomainVcpuParse, virDomainDefSetVcpus", "9.0")],
            remedy: Remedy("make current at most the number of <vcpu>"),
            explains: ["maxvcpus must not be less than current vcpus"]),
        violates: { $0.rewrite("<vcpu placement='static'>", "<vcpu placement='static' current='8'>") },
        faults: { domain in
            var faults: [Fault] = []
            let vcpu = domain.definition.vcpu
            if let current = vcpu.current.value, let maximum = vcpu.count.value, current > maximum {
                faults.add("\(current) vCPUs are to be there, and at most \(maximum)", at: vcpu.current.position)
            }
            return faults
        })

    static let topology = Rule<DomainFacts>(
        RuleInfo(
            "KVD046", "cpu-topology-not-vcpus", "sockets, cores and threads multiply to the number of vCPUs",
            area: area, severity: .error,
            rationale: """
                libvirt refuses a topology that does not multiply to the maximum of vCPUs, and on POWER a number of \
                vCPUs that is no multiple of the threads of a core.
                """,
            sources: [
                validation, Citation("libvirt tests/qemuxmlconfdata/cpu-hotplug-granularity.err", "11.3"),
            ],
            remedy: Remedy("make sockets × dies × clusters × cores × threads the number in <vcpu>"),
            explains: [
                "CPU topology doesn't match maximum vcpu count", "vCPUs count must be a multiple of the vCPU hotplug",
            ]),
        violates: { $0.rewrite("cores='4' threads='1'", "cores='4' threads='2'") },
        faults: { domain in
            var faults: [Fault] = []
            let topology = domain.definition.cpu.topology
            guard domain.definition.isQEMU, topology.isPresent, let product = topology.product else { return [] }
            let maximum = domain.vcpuMaximum
            faults.add(
                "the topology makes \(product) CPUs, <vcpu> \(maximum)", at: topology.position, if: product != maximum)
            let os = domain.definition.os
            let current = domain.definition.vcpu.current.value ?? maximum
            if (os.arch.value ?? "").hasPrefix("ppc64"), (os.machine.value ?? "").hasPrefix("pseries"),
                let threads = topology.threads.value, threads > 0, current % threads != 0
            {
                faults.add(
                    "\(current) vCPUs are no multiple of the \(threads) threads of a core", at: topology.position)
            }
            return faults
        })

    // MARK: - Where they run

    /// Every set of host CPUs of a definition, with what is bound to it.
    private static func pins(_ domain: Domain) -> [(name: String, set: Field<CPUSet>)] {
        let tuning = domain.cpuTuning
        return [("<vcpu cpuset>", domain.vcpu.cpuSet), ("the emulator", tuning.emulatorPin)]
            + tuning.vcpuPins.map { ("vCPU \($0.vcpu.text ?? "?")", $0.cpuSet) }
            + tuning.ioThreadPins.map { ("I/O thread \($0.ioThread.text ?? "?")", $0.cpuSet) }
    }

    /// The faults of pins against the host's CPUs that run.
    private static func pinFaults(
        _ domain: DomainFacts, _ judge: (_ name: String, _ set: CPUSet, _ missing: CPUSet) -> String?
    ) throws(Undecided) -> Decision {
        var faults: [Fault] = []
        let pins = pins(domain.definition).filter { $0.set.value != nil }
        guard !pins.isEmpty else { return .pass() }
        guard let online = try domain.host.cpu.online.get() else {
            return .notApplicable("the host's processors are not known")
        }
        for pin in pins {
            guard let set = pin.set.value else { continue }
            let missing = CPUSet(set.numbers.filter { !online.contains($0) })
            if missing.count > 0, let message = judge(pin.name, set, missing) {
                faults.add(message, at: pin.set.position)
            }
        }
        return faults.decision(
            on: domain,
            remedy: Remedy(
                "pin to the CPUs \(online) that run here",
                commands: ["virsh vcpupin \(domain.nameWord)", domain.editCommand]))
    }

    static let pinnedNowhere = Rule<DomainFacts>(
        RuleInfo(
            "KVD047", "cpu-pinned-to-absent-cpus", "nothing is pinned to CPUs that the host has not", area: area,
            severity: .error,
            rationale: "A thread whose CPUs are all absent or offline cannot be bound: libvirt gives up the start.",
            sources: [Citation("sched_setaffinity(2): EINVAL", "man-pages 6.03"), format],
            remedy: Remedy("pin to CPUs that run"),
            explains: ["cannot set CPU affinity on process"]),
        violates: {
            $0.rewrite(
                "<clock offset='utc'/>",
                "<clock offset='utc'/><cputune><vcpupin vcpu='0' cpuset='500'/></cputune>")
        },
        decide: { domain throws(Undecided) in
            try pinFaults(domain) { name, set, missing in
                missing.count == set.count ? "\(name) is pinned to CPUs that do not run here: \(set)" : nil
            }
        })

    static let pinnedPartly = Rule<DomainFacts>(
        RuleInfo(
            "KVD048", "cpu-pinned-partly-to-absent-cpus", "all CPUs that are pinned to are there", area: area,
            severity: .warning,
            rationale: """
                A set that names absent CPUs besides others was written for another host: cgroup version 1 refuses \
                it, and version 2 leaves fewer CPUs than were meant.
                """,
            sources: [Citation("Linux Documentation/admin-guide/cgroup-v2.rst, cpuset.cpus", "6.18"), format],
            remedy: Remedy("pin to CPUs that run")),
        violates: {
            $0.rewrite(
                "<clock offset='utc'/>",
                "<clock offset='utc'/><cputune><vcpupin vcpu='0' cpuset='0,500'/></cputune>")
        },
        decide: { domain throws(Undecided) in
            try pinFaults(domain) { name, set, missing in
                missing.count < set.count ? "\(name) is pinned to CPUs of which \(missing) do not run here" : nil
            }
        })

    static let emulatorOverlaps = Rule<DomainFacts>(
        RuleInfo(
            "KVD049", "emulator-on-vcpu-cpus", "the emulator runs beside the vCPUs, not on their CPUs", area: area,
            severity: .note,
            rationale: "emulatorpin is there to keep QEMU's own threads off the CPUs of pinned vCPUs.",
            sources: [
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 15: emulatorpin", "2020"), format,
            ],
            remedy: Remedy("give the emulator CPUs of its own")),
        violates: {
            $0.rewrite(
                "<clock offset='utc'/>",
                """
                <clock offset='utc'/>
                <cputune><vcpupin vcpu='0' cpuset='2'/><emulatorpin cpuset='2-3'/></cputune>
                """)
        },
        remedy: { domain in Remedy("give it others", commands: ["virsh emulatorpin \(domain.nameWord) CPUS --config"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let tuning = domain.definition.cpuTuning
            guard let emulator = tuning.emulatorPin.value else { return [] }
            let pinned = tuning.vcpuPins.compactMap(\.cpuSet.value).flatMap(\.numbers)
            let both = emulator.intersection(CPUSet(pinned))
            faults.add(
                "the emulator shares CPUs \(both) with vCPUs", at: tuning.emulatorPin.position, if: both.count > 0)
            return faults
        })

    static let vcpuPinUnused = Rule<DomainFacts>(
        RuleInfo(
            "KVD050", "vcpupin-without-vcpu", "every pinning is of a vCPU that exists", area: area, severity: .warning,
            rationale: "libvirt ignores the pinning of a vCPU that the domain does not have.",
            sources: [Citation("libvirt src/conf/domain_conf.c: virDomainVcpuPinDefParseXML", "9.0")],
            remedy: Remedy("number vCPUs from 0")),
        violates: {
            $0.rewrite(
                "<clock offset='utc'/>", "<clock offset='utc'/><cputune><vcpupin vcpu='4' cpuset='1'/></cputune>")
        },
        faults: { domain in
            var faults: [Fault] = []
            for pin in domain.definition.cpuTuning.vcpuPins {
                guard let vcpu = pin.vcpu.value, vcpu >= domain.vcpuMaximum else { continue }
                faults.add(
                    "vCPU \(vcpu) is pinned, and the last one is \(domain.vcpuMaximum - 1)", at: pin.vcpu.position)
            }
            return faults
        })

    static let ioThreadMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD051", "iothread-tuned-but-missing", "every I/O thread that is tuned exists", area: area,
            severity: .error, rationale: "libvirt refuses to pin or schedule an I/O thread that is not defined.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/cputune-iothreadsched-toomuch.err", "11.3")],
            remedy: Remedy("define it in <iothreads> or <iothreadids>"), explains: ["Cannot find 'iothread' :"]),
        violates: {
            $0.rewrite(
                "<clock offset='utc'/>",
                "<clock offset='utc'/><cputune><iothreadpin iothread='1' cpuset='1'/></cputune>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let tuning = domain.definition.cpuTuning
            guard !tuning.ioThreadPins.isEmpty || !tuning.ioThreadSchedulers.isEmpty else { return [] }
            let threads = domain.definition.ioThreadNumbers
            for pin in tuning.ioThreadPins {
                guard let thread = pin.ioThread.value, !threads.contains(thread) else { continue }
                faults.add("I/O thread \(thread) is pinned and not defined", at: pin.position)
            }
            for scheduler in tuning.ioThreadSchedulers {
                for thread in scheduler.ioThreads.value?.numbers ?? [] where !threads.contains(thread) {
                    faults.add("I/O thread \(thread) is scheduled and not defined", at: scheduler.position)
                }
            }
            return faults
        })

    // MARK: - How much

    static let tuningOutOfRange = Rule<DomainFacts>(
        RuleInfo(
            "KVD052", "cputune-out-of-range", "weights and limits are what the kernel takes", area: area,
            severity: .error,
            rationale: """
                libvirt refuses shares outside 2…262144, periods outside 1000…1000000 and quotas below 1000. Under \
                cgroup version 2 shares are cpu.weight, 1…10000: a larger number stops the start.
                """,
            sources: [
                Citation("libvirt src/conf/domain_validate.c: virDomainDefCputuneValidate", "9.0"), format,
                Citation("Linux Documentation/admin-guide/cgroup-v2.rst, cpu.weight", "6.18"),
            ],
            remedy: Remedy("use shares from 2 to 10000"),
            explains: ["Value of cputune 'shares' must be in range", "must be in range [1, 10000]"]),
        violates: {
            $0.rewrite("<clock offset='utc'/>", "<clock offset='utc'/><cputune><shares>300000</shares></cputune>")
        },
        faults: { domain throws(Undecided) in
            var faults: [Fault] = []
            let tuning = domain.definition.cpuTuning
            guard tuning.isPresent else { return [] }
            for period in [tuning.period, tuning.globalPeriod, tuning.emulatorPeriod, tuning.ioThreadPeriod] {
                guard let value = period.value, value > 0, !(1000...1_000_000).contains(value) else { continue }
                faults.add("a period of \(value) µs, outside 1000…1000000", at: period.position)
            }
            for quota in [tuning.quota, tuning.globalQuota, tuning.emulatorQuota, tuning.ioThreadQuota] {
                guard let value = quota.value, value > 0, !(1000...17_592_186_044_415).contains(value) else { continue }
                faults.add("a quota of \(value) µs, outside 1000…17592186044415", at: quota.position)
            }
            guard let shares = tuning.shares.value else { return faults }
            if shares > 0, !(2...262_144).contains(shares) {
                faults.add("shares of \(shares), outside 2…262144", at: tuning.shares.position)
            } else if shares > 10000, try domain.host.controlGroups.controllers.get()?.contains("cpu") == true {
                faults.add(
                    "shares of \(shares), and cgroup version 2 on this host takes 1…10000", at: tuning.shares.position)
            }
            return faults
        })

    static let cacheRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD053", "cpu-cache-refused", "the guest's cache is one that libvirt can give it", area: area,
            severity: .error,
            rationale: """
                mode='passthrough' has no level and needs the host's CPU; mode='emulate' is of level 3 or none; \
                libvirt refuses the rest.
                """,
            sources: [
                Citation("libvirt tests/qemuxmlconfdata/cpu-cache-passthrough-l3.err", "11.3"), format,
            ],
            remedy: Remedy("drop the level, or <cache>"),
            explains: ["unsupported CPU cache level for mode"]),
        violates: {
            $0.rewrite("<model>Nehalem</model>", "<model>Nehalem</model><cache level='3' mode='passthrough'/>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let cpu = domain.definition.cpu
            let cache = cpu.cache
            guard domain.definition.isQEMU, cache.isPresent else { return [] }
            let level = cache.level.value
            switch cache.mode.value {
            case .known(.passthrough):
                faults.add("a cache that is passed through, with a level", at: cache.position, if: level != nil)
                faults.add(
                    "a cache that is passed through to a CPU that is not the host's", at: cache.position,
                    if: cpu.mode != .hostPassthrough && cpu.mode != .maximum)
            case .known(.emulate):
                faults.add(
                    "an emulated cache of level \(level ?? 0)", at: cache.position, if: level != nil && level != 3)
            case .known(.disable):
                faults.add("a cache that is switched off, with a level", at: cache.position, if: level != nil)
            default: break
            }
            return faults
        })
}
