internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts

/// Processors: `/proc/cpuinfo`, `/sys/devices/system/cpu`, the parameters of KVM's modules, CPUID.
enum CPUProbe {
    private static let cpu = "/sys/devices/system/cpu"
    private static let clock = "/sys/devices/system/clocksource/clocksource0"
    /// More vulnerabilities than the kernel knows: 19 in Linux 6.18.
    private static let vulnerabilityLimit = 64

    static func facts(from source: some Source, answers: KernelAnswers) -> CPUFacts {
        var facts = CPUFacts()
        facts.answers = answers.cpu
        processor(source, into: &facts)
        facts.online = list(source, "\(cpu)/online")
        facts.present = list(source, "\(cpu)/present")
        facts.isolated = list(source, "\(cpu)/isolated")
        facts.isSMTActive = source.boolean("\(cpu)/smt/active")
        facts.smtControl = source.text("\(cpu)/smt/control")
        facts.vulnerabilities = vulnerabilities(source)
        modules(source, into: &facts)
        facts.governors = governors(source)
        facts.isBoostOn = boost(source)
        facts.clockSource = source.text("\(clock)/current_clocksource")
        facts.availableClockSources = source.text("\(clock)/available_clocksource").map { $0.words.map(String.init) }
        facts.realtimeRuntime = source.integer("/proc/sys/kernel/sched_rt_runtime_us")
        facts.entropy = source.integer("/proc/sys/kernel/random/entropy_avail")
        // The file says `none` where no generator is in use (drivers/char/hw_random/core.c).
        facts.randomGenerator = source.possiblyEmptyText("/sys/class/misc/hw_random/rng_current")
            .compactMap { $0.isEmpty || $0 == "none" ? nil : $0 }
        return facts
    }

    /// Asks the processor.
    static func answers() -> CPUAnswers {
        var answers = CPUAnswers()
        #if arch(x86_64)
            let leaves: [UInt32] = [0x8000_0008, 0x8000_001f]
            answers.leaves = .known(leaves.compactMap(leaf), from: .call("CPUID"))
        #else
            answers.leaves = .absent(from: .call("CPUID"))
        #endif
        return answers
    }

    #if arch(x86_64)
        private static func leaf(_ number: UInt32) -> CPUIDEntry? {
            var registers: [UInt32] = [0, 0, 0, 0]
            // SAFETY: clinux_cpuid writes the four registers that the array holds.
            let exists = unsafe registers.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return false }
                return unsafe clinux_cpuid(number, 0, base) == 1
            }
            guard exists else { return nil }
            return CPUIDEntry(
                leaf: number, subleaf: 0, eax: registers[0], ebx: registers[1], ecx: registers[2], edx: registers[3])
        }
    #endif

    private static func processor(_ source: some Source, into facts: inout CPUFacts) {
        let info = CPUInfo.read(from: source)
        facts.vendor = info.compactMap { $0.first["vendor_id"] }
        facts.modelName = info.compactMap { info in
            (info.first["model name"] ?? info.first["cpu"]).map { name in
                name.words.joined(separator: " ")
            }
        }
        facts.flags = info.map(\.flags)
        facts.microcode = info.compactMap { $0.first["microcode"] }
        facts.topology = info.compactMap { info in
            // Without `physical id` (other architectures, one socket in some VMs) nothing is known of sockets.
            guard !info.sockets.isEmpty, !info.cores.isEmpty else { return nil }
            return CPUTopology(sockets: info.sockets.count, cores: info.cores.count, threads: info.processorCount)
        }
    }

    private static func list(_ source: some Source, _ path: String) -> Observation<CPUList> {
        source.possiblyEmptyText(path).parsed(as: "a list of processors") { CPUList(parsing: $0) }
    }

    private static func vulnerabilities(_ source: some Source) -> Observation<[String: String]> {
        let folder = "\(cpu)/vulnerabilities"
        return source.entries(folder).flatMap { names in
            var texts: [String: String] = [:]
            for name in names.prefix(vulnerabilityLimit) {
                let text = source.text("\(folder)/\(name)", limit: 4096)
                if let obstacle = text.obstacle { return .unknown(obstacle, from: text.provenance) }
                texts[name] = text.known
            }
            return .known(texts, from: .file(folder))
        }
    }

    private static func modules(_ source: some Source, into facts: inout CPUFacts) {
        let intel = "/sys/module/kvm_intel/parameters"
        let amd = "/sys/module/kvm_amd/parameters"
        facts.slatParameter = either(source, "\(intel)/ept", "\(amd)/npt")
        facts.virtualAPIC = either(source, "\(intel)/enable_apicv", "\(amd)/avic")
        facts.unrestrictedGuest = source.boolean("\(intel)/unrestricted_guest")
        facts.tdpMMU = source.boolean("/sys/module/kvm/parameters/tdp_mmu")
    }

    private static func either(_ source: some Source, _ first: String, _ second: String) -> Observation<Bool> {
        let one = source.boolean(first)
        return one.isAbsent ? source.boolean(second) : one
    }

    /// The first and the last policy: between them every kind of core of a hybrid processor is seen, at no more cost.
    private static func governors(_ source: some Source) -> Observation<[String]> {
        let folder = "\(cpu)/cpufreq"
        return source.entries(folder).flatMap { names in
            let policies = names.compactMap { name in
                name.hasPrefix("policy") ? Int(name.dropFirst(6)) : nil
            }
            guard let first = policies.min(), let last = policies.max() else { return .absent(from: .file(folder)) }
            var governors: [String] = []
            for policy in first == last ? [first] : [first, last] {
                let governor = source.text("\(folder)/policy\(policy)/scaling_governor", limit: 4096)
                guard let name = governor.known else { return governor.map { [$0] } }
                if !governors.contains(name) { governors.append(name) }
            }
            return .known(governors, from: .file(folder))
        }
    }

    private static func boost(_ source: some Source) -> Observation<Bool> {
        let noTurbo = source.boolean("\(cpu)/intel_pstate/no_turbo")
        return noTurbo.isAbsent ? source.boolean("\(cpu)/cpufreq/boost") : noTurbo.map { !$0 }
    }

}
