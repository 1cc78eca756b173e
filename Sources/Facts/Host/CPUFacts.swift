public import Evidence

/// Processors: topology, vulnerabilities, virtualization features, frequency, clocks.
public struct CPUFacts: Sendable {
    /// Who made the processor, in the word of `/proc/cpuinfo`: `GenuineIntel`, `AuthenticAMD`, `IBM/S390`; absent where
    /// the architecture shows none.
    public var vendor: Observation<String> = .notProbed
    /// The processor's name as its maker gives it; absent where the architecture shows none.
    public var modelName: Observation<String> = .notProbed
    /// What the processor can do, in the kernel's words of `/proc/cpuinfo` (`flags`, `vmx flags`, `Features`).
    public var flags: Observation<Set<String>> = .notProbed
    /// The revision of the microcode, such as `0xd0003e7`; absent where none is shown.
    public var microcode: Observation<String> = .notProbed
    /// Sockets, cores and threads.
    public var topology: Observation<CPUTopology> = .notProbed
    /// The processors that run.
    public var online: Observation<CPUList> = .notProbed
    /// The processors that are there.
    public var present: Observation<CPUList> = .notProbed
    /// The processors that the scheduler leaves alone (`isolcpus=`).
    public var isolated: Observation<CPUList> = .notProbed
    /// Whether two threads run on some core; absent where the kernel does not say (`smt/active`).
    public var isSMTActive: Observation<Bool> = .notProbed
    /// `on`, `off`, `forceoff`, `notsupported`, `notimplemented`, or a number of threads.
    public var smtControl: Observation<String> = .notProbed
    /// What the kernel says of each vulnerability it knows, by the file's name; absent where it knows none.
    public var vulnerabilities: Observation<[String: String]> = .notProbed
    /// Whether guests' page tables are the hardware's (`ept` of kvm_intel, `npt` of kvm_amd); absent where the loaded
    /// module has neither.
    public var slatParameter: Observation<Bool> = .notProbed
    /// Whether the two-dimensional page tables are walked without one big lock (`tdp_mmu` of kvm); absent in old kernels.
    public var tdpMMU: Observation<Bool> = .notProbed
    /// Whether real-mode code of guests runs on the processor (`unrestricted_guest` of kvm_intel); absent elsewhere.
    public var unrestrictedGuest: Observation<Bool> = .notProbed
    /// Whether the guest's interrupt controller is the hardware's (`enable_apicv`, `avic`); absent elsewhere.
    public var virtualAPIC: Observation<Bool> = .notProbed
    /// The governors in force, of at most two frequency policies; absent where the kernel does not scale frequencies.
    public var governors: Observation<[String]> = .notProbed
    /// Whether the processor may go above its nominal frequency; absent where the kernel does not say.
    public var isBoostOn: Observation<Bool> = .notProbed
    /// The clock that the kernel reads the time from.
    public var clockSource: Observation<String> = .notProbed
    /// The clocks that it could read the time from.
    public var availableClockSources: Observation<[String]> = .notProbed
    /// How many microseconds of each period real-time tasks may run; −1 without a limit.
    public var realtimeRuntime: Observation<Int> = .notProbed
    /// The bits of entropy at hand; a constant 256 since Linux 5.18.
    public var entropy: Observation<Int> = .notProbed
    /// The hardware random number generator in use; absent where there is none.
    public var randomGenerator: Observation<String> = .notProbed
    /// What CPUID answers.
    public var answers = CPUAnswers()

    /// Of which nothing is known.
    public init() {}
}

/// Sockets, cores and threads, as `/proc/cpuinfo` lists them: of the processors that run.
public struct CPUTopology: Sendable, Hashable {
    /// How many sockets have a processor that runs.
    public var sockets: Int
    /// How many cores run.
    public var cores: Int
    /// How many threads run: the processors of the scheduler.
    public var threads: Int

    /// Makes a topology; see the properties.
    public init(sockets: Int, cores: Int, threads: Int) {
        self.sockets = sockets
        self.cores = cores
        self.threads = threads
    }
}

extension CPUFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: CPUFacts {
        let cpuinfo = Provenance.file("/proc/cpuinfo")
        var facts = CPUFacts()
        facts.vendor = .known("GenuineIntel", from: cpuinfo)
        facts.modelName = .known("Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", from: cpuinfo)
        facts.flags = .known(
            [
                "lm", "vmx", "ept", "vpid", "vnmi", "flexpriority", "mtf", "posted_intr", "constant_tsc", "nonstop_tsc",
                "pdpe1gb", "aes", "avx2", "avx512f", "tdx_host_platform",
            ], from: cpuinfo)
        facts.microcode = .known("0xd0003e7", from: cpuinfo)
        facts.topology = .known(CPUTopology(sockets: 2, cores: 64, threads: 128), from: cpuinfo)
        facts.online = .known(CPUList(0...127), from: .file("/sys/devices/system/cpu/online"))
        facts.present = .known(CPUList(0...127), from: .file("/sys/devices/system/cpu/present"))
        facts.isolated = .known(CPUList(), from: .file("/sys/devices/system/cpu/isolated"))
        facts.isSMTActive = .known(true, from: .file("/sys/devices/system/cpu/smt/active"))
        facts.smtControl = .known("on", from: .file("/sys/devices/system/cpu/smt/control"))
        let branches =
            "Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; PBRSB-eIBRS: SW sequence; BHI: BHI_DIS_S"
        facts.vulnerabilities = .known(
            [
                "itlb_multihit": "Not affected", "l1tf": "Not affected", "mds": "Not affected",
                "meltdown": "Not affected", "mmio_stale_data": "Mitigation: Clear CPU buffers; SMT vulnerable",
                "gather_data_sampling": "Mitigation: Microcode", "old_microcode": "Not affected",
                "retbleed": "Not affected", "spec_rstack_overflow": "Not affected",
                "spec_store_bypass": "Mitigation: Speculative Store Bypass disabled via prctl",
                "spectre_v1": "Mitigation: usercopy/swapgs barriers and __user pointer sanitization",
                "spectre_v2": branches, "srbds": "Not affected", "tsx_async_abort": "Not affected",
                "vmscape": "Not affected",
            ], from: .file("/sys/devices/system/cpu/vulnerabilities"))
        facts.slatParameter = .known(true, from: .file("/sys/module/kvm_intel/parameters/ept"))
        facts.tdpMMU = .known(true, from: .file("/sys/module/kvm/parameters/tdp_mmu"))
        facts.unrestrictedGuest = .known(true, from: .file("/sys/module/kvm_intel/parameters/unrestricted_guest"))
        facts.virtualAPIC = .known(true, from: .file("/sys/module/kvm_intel/parameters/enable_apicv"))
        facts.governors = .known(["performance"], from: .file("/sys/devices/system/cpu/cpufreq"))
        facts.isBoostOn = .known(true, from: .file("/sys/devices/system/cpu/intel_pstate/no_turbo"))
        let clock = "/sys/devices/system/clocksource/clocksource0"
        facts.clockSource = .known("tsc", from: .file("\(clock)/current_clocksource"))
        facts.availableClockSources = .known(["tsc", "hpet", "acpi_pm"], from: .file("\(clock)/available_clocksource"))
        facts.realtimeRuntime = .known(950000, from: .file("/proc/sys/kernel/sched_rt_runtime_us"))
        facts.entropy = .known(256, from: .file("/proc/sys/kernel/random/entropy_avail"))
        facts.randomGenerator = .known("tpm-rng-0", from: .file("/sys/class/misc/hw_random/rng_current"))
        facts.answers.leaves = .known([])
        return facts
    }
}
