internal import Evidence
internal import Facts

/// Processors. KVH120–KVH149; the vulnerabilities stand in ``VulnerabilityRules``.
enum CPURules {
    static let area = "CPU"

    static let all: [Rule<HostFacts>] =
        [
            not64Bit, slatMissing, slatOff, oneLock, unrestrictedGuestOff, virtualAPICOff, postedInterruptsMissing,
            offline, mostlyIsolated, moreThanKVMRecommends, governor, boostOff,
        ] + VulnerabilityRules.all + [clockSource, clockUnsteady, realtimeUnlimited, entropyLow]

    private static let cpuinfo = Place("/proc/cpuinfo")
    private static let cpu = "/sys/devices/system/cpu"
    private static let x86 = ["x86_64", "i686"]

    // MARK: - What the processor can do

    static let not64Bit = Rule<HostFacts>(
        RuleInfo(
            "KVH120", "cpu-not-64-bit", "the processor and the kernel are of 64 bits", area: area, severity: .error,
            rationale: """
                A 32-bit host cannot run 64-bit guests, and its QEMU cannot give a guest more than about 2 GiB; \
                distributions and libvirt's packages have given such hosts up.
                """,
            sources: [
                Citation("Mastering KVM Virtualization, chapter 2, hardware requirements", "2nd edition, 2020"),
                Citation("Linux Documentation/virt/kvm/api.rst", "6.18"),
            ],
            remedy: Remedy("install a 64-bit system; if the processor cannot, use another machine")),
        violates: { $0.system.machine = .known("i686", from: .file("/proc/sys/kernel/arch")) },
        decide: { host throws(Undecided) in
            guard let machine = try host.system.machine.get() else { return .notApplicable("unknown architecture") }
            if ["x86_64", "aarch64", "s390x", "ppc64", "ppc64le", "riscv64", "loongarch64", "mips64"].contains(machine)
            {
                return .pass(nil, machine)
            }
            let lines = (try? host.cpu.flags.get()).map { flags in
                [flags.contains("lm") ? "the processor could: it shows lm" : "the processor does not show lm"]
            }
            return .fail("the kernel is one of 32 bits: \(machine)", lines ?? [])
        })

    static let slatMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH121", "slat-missing", "the processor translates guests' addresses (EPT or NPT)", area: area,
            severity: .warning,
            rationale: """
                Without second-level address translation KVM keeps shadow page tables: every change of a guest's page \
                table becomes an exit, and memory-heavy guests run several times slower.
                """,
            sources: [
                Citation("Mastering KVM Virtualization, chapter 2, hardware requirements", "2nd edition, 2020"),
                Citation("Linux Documentation/virt/kvm/x86/mmu.rst", "6.18"),
            ],
            remedy: Remedy(
                "enable it in the firmware, or, in a VM, ask its host to expose it; processors before 2008 have none")),
        violates: { $0.cpu.flags = .known(["lm", "vmx"], from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            let flags = try host.cpu.flags.get() ?? []
            switch (flags.contains("vmx"), flags.contains("svm")) {
            case (true, _): return verdict("ept", of: flags)
            case (_, true): return verdict("npt", of: flags)
            default: return .notApplicable("the processor shows no vmx and no svm")
            }
        })

    private static func verdict(_ flag: String, of flags: Set<String>) -> Decision {
        flags.contains(flag)
            ? .pass(nil, flag) : .fail("the processor shows no \(flag)", at: [cpuinfo])
    }

    static let slatOff = parameter(
        "KVH122", "slat-off", "KVM uses the processor's address translation", severity: .warning, parent: "KVH121",
        fact: \.slatParameter, intel: ("kvm_intel", "ept"), amd: ("kvm_amd", "npt"),
        rationale: """
            The processor has EPT or NPT and a module parameter keeps KVM from using it: every change of a guest's page \
            table becomes an exit.
            """)

    static let oneLock = parameter(
        "KVH123", "tdp-mmu-off", "faults of one guest's vCPUs are handled in parallel", severity: .note,
        parent: "KVH122", fact: \.tdpMMU, intel: ("kvm", "tdp_mmu"), amd: ("kvm", "tdp_mmu"),
        rationale: """
            With kvm.tdp_mmu off, page faults of all vCPUs of a guest wait for one lock, which large guests feel at \
            start and in migration.
            """)

    static let unrestrictedGuestOff = parameter(
        "KVH124", "unrestricted-guest-off", "real-mode code of guests runs on the processor", severity: .note,
        parent: "KVH122", fact: \.unrestrictedGuest, intel: ("kvm_intel", "unrestricted_guest"), amd: nil,
        rationale: """
            Without unrestricted guests KVM emulates or confines real mode: boot loaders and BIOS code run slower, and \
            Kata Containers refuses the host.
            """)

    static let virtualAPICOff = parameter(
        "KVH125", "virtual-apic-off", "guests' interrupt controllers are the processor's", severity: .note,
        parent: nil, fact: \.virtualAPIC, intel: ("kvm_intel", "enable_apicv"), amd: ("kvm_amd", "avic"),
        rationale: """
            With APICv or AVIC interrupts reach a running guest without an exit. It is off where the processor lacks \
            it, and by default on AMD before Linux 6.18.
            """)

    /// A parameter of a KVM module that should be on; absent where the module or the parameter is not there.
    private static func parameter(
        _ id: String, _ slug: String, _ title: String, severity: Severity, parent: String?,
        fact: any WritableKeyPath<CPUFacts, Observation<Bool>> & Sendable, intel: (module: String, name: String),
        amd: (module: String, name: String)?, rationale: String
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, title, area: area, severity: severity, rationale: rationale,
                sources: [
                    Citation("Linux Documentation/admin-guide/kernel-parameters.txt, kvm, kvm-intel, kvm-amd", "6.18")
                ],
                remedy: Remedy(""), parent: parent),
            violates: { $0.cpu[keyPath: fact] = .known(false) },
            decide: { host throws(Undecided) in
                guard let isOn = try host.cpu[keyPath: fact].get() else {
                    return .notApplicable("no loaded module has such a parameter")
                }
                let isAMD = try host.kvm.modules.get()?.contains("kvm_amd") == true
                let named = isAMD ? amd ?? intel : intel
                if named.module == "kvm", try host.cpu.slatParameter.get() == nil {
                    return .notApplicable("KVM does not use the processor's address translation here")
                }
                if isOn { return .pass(nil, "\(named.module).\(named.name)=Y") }
                let vendor = isAMD ? "kvm_amd" : "kvm_intel"
                let reload =
                    named.module == "kvm"
                    ? ["modprobe -r \(vendor) kvm", "modprobe kvm \(named.name)=1", "modprobe \(vendor)"]
                    : ["modprobe -r \(vendor)", "modprobe \(vendor) \(named.name)=1"]
                return .fail(
                    "\(named.module).\(named.name) is off", ["it is off too where the processor lacks the feature"],
                    at: [Place("/sys/module/\(named.module)/parameters/\(named.name)")],
                    remedy: Remedy(
                        "look for what turns it off; with all VMs shut down, load the modules anew",
                        commands: ["grep -rn \(named.name) /etc/modprobe.d /proc/cmdline"] + reload))
            })
    }

    static let postedInterruptsMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH126", "posted-interrupts-missing", "the processor posts interrupts to running guests", area: area,
            severity: .note,
            rationale: """
                With posted interrupts a device that is passed through interrupts its guest without an exit of the \
                vCPU. Linux shows the feature among the `vmx flags`.
                """,
            sources: [Citation("Intel SDM volume 3C, Posted-Interrupt Processing", "2023")],
            remedy: Remedy("in a VM, ask its host to expose it; desktop processors often lack it")),
        violates: { $0.cpu.flags = .known(["lm", "vmx", "ept", "mtf"], from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            let flags = try host.cpu.flags.get() ?? []
            guard flags.contains("vmx") else { return .notApplicable("the processor is not one of Intel's with VT-x") }
            // Newer kernels give the line `vmx flags`; without it, nothing follows from the word's absence.
            guard !flags.isDisjoint(with: ["mtf", "vtpr", "vapic", "posted_intr"]) else {
                return .notApplicable("this kernel does not list vmx flags")
            }
            return verdict("posted_intr", of: flags)
        })

    // MARK: - How many there are

    static let offline = Rule<HostFacts>(
        RuleInfo(
            "KVH127", "cpus-offline", "every processor that is there is online", area: area, severity: .note,
            rationale: "Processors that are offline serve no guest, and often nobody remembers why.",
            sources: [
                Citation("Linux Documentation/admin-guide/cputopology.rst", "6.18"),
                Citation("Mastering KVM Virtualization, chapter 15, general hardware design", "2nd edition, 2020"),
            ],
            remedy: Remedy("")),
        violates: { $0.cpu.online = .known(CPUList(0...125), from: .file("/sys/devices/system/cpu/online")) },
        decide: { host throws(Undecided) in
            guard let present = try host.cpu.present.get(), let online = try host.cpu.online.get() else {
                return .notApplicable("the kernel does not list processors")
            }
            let offline = present.subtracting(online)
            if offline.isEmpty { return .pass(nil, "\(online.count) processors online") }
            // Without SMT the second threads are offline on purpose.
            if let smt = try host.cpu.smtControl.get(), ["off", "forceoff"].contains(smt) {
                return .pass("the processors that are offline are second threads", "smt/control is \(smt)")
            }
            return .fail(
                "\(offline.count) of \(present.count) processors are offline: \(offline)",
                at: [Place("\(cpu)/offline")],
                remedy: Remedy(
                    "bring them online, unless something in the boot configuration keeps them off on purpose",
                    commands: offline.members(limit: 4).map { "echo 1 > \(cpu)/cpu\($0)/online" }))
        })

    static let mostlyIsolated = Rule<HostFacts>(
        RuleInfo(
            "KVH128", "most-cpus-isolated", "most processors serve guests that are not pinned", area: area,
            severity: .note,
            rationale: """
                The scheduler puts nothing on isolated processors by itself: guests that are not pinned, QEMU's own \
                threads and the host share what is left.
                """,
            sources: [Citation("Linux Documentation/admin-guide/kernel-parameters.txt, isolcpus=", "6.18")],
            remedy: Remedy(
                "pin guests to the isolated processors, or isolate fewer (isolcpus= on the kernel's command line)")),
        violates: { $0.cpu.isolated = .known(CPUList(2...127), from: .file("/sys/devices/system/cpu/isolated")) },
        decide: { host throws(Undecided) in
            guard let isolated = try host.cpu.isolated.get(), let online = try host.cpu.online.get() else {
                return .notApplicable("the kernel does not list processors")
            }
            if isolated.isEmpty { return .pass("no processor is isolated") }
            let left = online.subtracting(isolated)
            if left.count * 2 >= online.count { return .pass(nil, "isolated: \(isolated)") }
            return .fail(
                "\(left.count) of \(online.count) processors are left for the host and guests that are not pinned",
                ["isolated: \(isolated)"], at: [Place("\(cpu)/isolated")])
        })

    static let moreThanKVMRecommends = Rule<HostFacts>(
        RuleInfo(
            "KVH129", "cpus-beyond-kvm", "a guest can have as many vCPUs as the host has processors", area: area,
            severity: .note,
            rationale:
                "KVM says how many vCPUs of a guest it recommends (KVM_CAP_NR_VCPUS) and allows (KVM_CAP_MAX_VCPUS).",
            sources: [Citation("Linux Documentation/virt/kvm/api.rst, 4.4 KVM_CHECK_EXTENSION", "6.18")],
            remedy: Remedy(
                "keep guests below that, or build the kernel with a larger CONFIG_KVM_MAX_NR_VCPUS"),
            parent: "KVH001"),
        violates: { $0.kvm.answers.extensions = .known([9: 64, 66: 64]) },
        decide: { host throws(Undecided) in
            guard let online = try host.cpu.online.get(), let extensions = try host.kvm.answers.extensions.get() else {
                return .notApplicable("the kernel does not list processors")
            }
            guard
                let limit = extensions[KVMExtension.maxVCPUs.number] ?? extensions[KVMExtension.recommendedVCPUs.number]
            else { return .notApplicable("KVM names no limit") }
            return online.count <= limit
                ? .pass(nil, "\(online.count) processors, at most \(limit) vCPUs")
                : .fail("the host has \(online.count) processors, and a guest can have \(limit) vCPUs")
        })

    // MARK: - Speed

    static let governor = Rule<HostFacts>(
        RuleInfo(
            "KVH130", "governor-not-performance", "the frequency governor is performance", area: area, severity: .note,
            rationale: """
                A governor that saves power lowers the frequency between the bursts of guests, which costs latency. \
                tuned's profile virtual-host sets performance.
                """,
            sources: [
                Citation("Linux Documentation/admin-guide/pm/cpufreq.rst", "6.18"),
                Citation("tuned, throughput-performance/tuned.conf", "2.20"),
            ],
            remedy: Remedy(
                "", commands: ["tuned-adm profile virtual-host || cpupower frequency-set -g performance"])),
        violates: { $0.cpu.governors = .known(["powersave"], from: .file("/sys/devices/system/cpu/cpufreq")) },
        decide: { host throws(Undecided) in
            guard let governors = try host.cpu.governors.get() else {
                return .notApplicable("the kernel does not scale frequencies here")
            }
            let names = governors.joined(separator: ", ")
            return governors == ["performance"]
                ? .pass() : .fail("the governor is \(names)", at: [Place("\(cpu)/cpufreq/policy0/scaling_governor")])
        })

    static let boostOff = Rule<HostFacts>(
        RuleInfo(
            "KVH131", "boost-off", "the processor may boost its frequency", area: area, severity: .note,
            rationale: "Guests with few busy vCPUs run at the nominal frequency where boosting is off.",
            sources: [
                Citation("Linux Documentation/admin-guide/pm/intel_pstate.rst, no_turbo", "6.18"),
                Citation("Linux Documentation/admin-guide/pm/cpufreq.rst, boost", "6.18"),
            ],
            remedy: Remedy("")),
        violates: { $0.cpu.isBoostOn = .known(false, from: .file("/sys/devices/system/cpu/cpufreq/boost")) },
        decide: { host throws(Undecided) in
            guard let isOn = try host.cpu.isBoostOn.get() else {
                return .notApplicable("the kernel says nothing of boosting here")
            }
            if isOn { return .pass() }
            let path = host.cpu.isBoostOn.places.first?.path ?? "\(cpu)/cpufreq/boost"
            let isIntel = path.hasSuffix("no_turbo")
            return .fail(
                "boosting is off", at: [Place(path)],
                remedy: Remedy(
                    "turn it on, or look in the firmware", commands: ["echo \(isIntel ? 0 : 1) > \(path)"]))
        })

    // MARK: - Time and chance

    static let clockSource = Rule<HostFacts>(
        RuleInfo(
            "KVH140", "clock-source-slow", "the kernel reads the time from a fast clock", area: area,
            severity: .warning,
            rationale: """
                With hpet or acpi_pm every look at the time is a slow access to a device, and KVM cannot give guests a \
                stable kvm-clock. Linux falls back to them where it has found the TSC unstable.
                """,
            sources: [Citation("Linux Documentation/virt/kvm/x86/timekeeping.rst", "6.18")],
            remedy: Remedy(
                "look why the TSC was given up; if the firmware is at fault update it",
                commands: ["dmesg | grep -i -e tsc -e clocksource"]),
            explains: ["Marking clocksource 'tsc' as unstable"]),
        violates: {
            $0.cpu.clockSource = .known(
                "hpet", from: .file("/sys/devices/system/clocksource/clocksource0/current_clocksource"))
        },
        decide: { host throws(Undecided) in
            guard let machine = try host.system.machine.get(), x86.contains(machine) else {
                return .notApplicable("only x86 has slow clocks to fall back to")
            }
            guard let current = try host.cpu.clockSource.get() else {
                return .notApplicable("the kernel names no clock source")
            }
            guard ["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"].contains(current) else {
                return .pass(nil, current)
            }
            let available = (try? host.cpu.availableClockSources.get())?.joined(separator: ", ")
            return .fail(
                "the clock source is \(current)", available.map { ["available: \($0)"] } ?? [],
                at: host.cpu.clockSource.places)
        })

    static let clockUnsteady = Rule<HostFacts>(
        RuleInfo(
            "KVH141", "tsc-not-invariant", "the time stamp counter never changes its pace and never stops", area: area,
            severity: .note,
            rationale: """
                KVM's clock for guests, and TSC as guests' own clock source, rest on constant_tsc and nonstop_tsc. A \
                guest that relies on them cannot come to a host without.
                """,
            sources: [Citation("Linux Documentation/virt/kvm/x86/timekeeping.rst, 3.1", "6.18")],
            remedy: Remedy("in a VM, ask its host for invtsc; on metal, update the firmware")),
        violates: { $0.cpu.flags = .known(["lm", "vmx", "ept"], from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            guard let machine = try host.system.machine.get(), x86.contains(machine) else {
                return .notApplicable("not an x86 processor")
            }
            let flags = try host.cpu.flags.get() ?? []
            let missing = ["constant_tsc", "nonstop_tsc"].filter { !flags.contains($0) }
            return missing.isEmpty
                ? .pass()
                : .fail("the processor does not show \(missing.joined(separator: " and "))", at: [cpuinfo])
        })

    static let realtimeUnlimited = Rule<HostFacts>(
        RuleInfo(
            "KVH142", "realtime-unlimited", "real-time tasks leave the host some time", area: area, severity: .note,
            rationale: """
                With kernel.sched_rt_runtime_us = -1 a vCPU with real-time priority that spins takes its processor \
                from everything else, the host's kernel threads included. Real-time nodes of KubeVirt want it so.
                """,
            sources: [
                Citation("Linux Documentation/scheduler/sched-rt-group.rst", "6.18"),
                Citation("kubevirt/kubevirt node-labeller.sh", "2024"),
            ],
            remedy: Remedy(
                "set the default again, unless this is a real-time node",
                commands: ["sysctl -w kernel.sched_rt_runtime_us=950000"])),
        violates: { $0.cpu.realtimeRuntime = .known(-1, from: .file("/proc/sys/kernel/sched_rt_runtime_us")) },
        decide: { host throws(Undecided) in
            guard let runtime = try host.cpu.realtimeRuntime.get() else {
                return .notApplicable("the kernel does not limit real-time tasks")
            }
            return runtime >= 0
                ? .pass(nil, "sched_rt_runtime_us is \(runtime)")
                : .fail("real-time tasks may take a processor for themselves", at: host.cpu.realtimeRuntime.places)
        })

    static let entropyLow = Rule<HostFacts>(
        RuleInfo(
            "KVH143", "entropy-low", "the host has random numbers to give", area: area, severity: .note,
            rationale: """
                virtio-rng gives guests what the host has. Before Linux 5.18 a pool that ran dry made readers of \
                /dev/random wait; since then it is full once it has been filled.
                """,
            sources: [Citation("random(4), proc(5) entropy_avail", "man-pages 6.03")],
            remedy: Remedy(
                "load the driver of the hardware generator, or run rngd",
                commands: [
                    "cat /sys/class/misc/hw_random/rng_available",
                    "apt-get install rng-tools5 || dnf install rng-tools",
                ])),
        violates: { $0.cpu.entropy = .known(40, from: .file("/proc/sys/kernel/random/entropy_avail")) },
        decide: { host throws(Undecided) in
            guard let entropy = try host.cpu.entropy.get() else {
                return .notApplicable("the kernel does not count it")
            }
            let generator = (try? host.cpu.randomGenerator.get()).map { "generator \($0)" } ?? "no hardware generator"
            return entropy >= 128
                ? .pass(nil, "\(entropy) bits, \(generator)")
                : .fail("\(entropy) bits of entropy are at hand", [generator], at: host.cpu.entropy.places)
        })
}
