public import Evidence
public import Facts
internal import LinuxIO

/// Reads a host: files through a source, the rest from the kernel's answers.
public enum HostProbes {
    /// What only some runs need to read.
    public enum Extra: Sendable, Hashable, CaseIterable {
        /// What LXC needs.
        case containers
        /// What whole deployments ask: disks, names, addresses.
        case deployments
    }

    /// All facts of the host whose files `source` holds.
    ///
    /// - Parameters:
    ///   - source: The live root or a captured tree.
    ///   - answers: What the kernel of that host answered to calls.
    ///   - leavingOut: What no rule will ask about; its facts stay `notProbed`.
    public static func facts(
        from source: some Source, answers: KernelAnswers, leavingOut: Set<Extra> = []
    ) -> HostFacts {
        // Two halves of about the same cost, side by side: half of the time goes by in the kernel, file by file.
        let other = BackgroundJob {
            (
                pci: PCIProbe.facts(from: source, answers: answers),
                stack: StackProbe.facts(from: source, answers: answers),
                network: NetworkProbe.facts(from: source, answers: answers),
                time: TimeProbe.facts(from: source, answers: answers),
                capacity: CapacityProbe.facts(
                    from: source, answers: answers, withDeployments: !leavingOut.contains(.deployments))
            )
        }
        var facts = HostFacts()
        facts.system = SystemProbe.facts(from: source)
        facts.kvm = KVMProbe.facts(from: source, answers: answers)
        facts.devices = DeviceProbe.facts(from: source, answers: answers)
        facts.iommu = IOMMUProbe.facts(from: source, answers: answers)
        facts.controlGroups = ControlGroupProbe.facts(from: source, answers: answers)
        facts.cpu = CPUProbe.facts(from: source, answers: answers)
        facts.memory = MemoryProbe.facts(from: source, answers: answers)
        facts.confidential = ConfidentialProbe.facts(from: source, answers: answers)
        if !leavingOut.contains(.containers) {
            facts.containers = ContainerProbe.facts(from: source, answers: answers)
        }
        (facts.pci, facts.stack, facts.network, facts.time, facts.capacity) = other.wait()
        return facts
    }

    /// Asks `/dev/kvm` of the running machine.
    ///
    /// - Parameter runGuest: Whether to create a VM and run a guest of a few bytes.
    public static func liveKVMAnswers(runGuest: Bool) -> KVMAnswers {
        KVMDevice.answers(runGuest: runGuest)
    }

    /// Asks the kernel of the running machine everything else.
    public static func liveAnswers() -> KernelAnswers {
        var answers = KernelAnswers()
        answers.process = ProcessProbe.answers()
        answers.devices = DeviceProbe.answers()
        answers.controlGroups = ControlGroupProbe.answers()
        answers.cpu = CPUProbe.answers()
        answers.confidential = ConfidentialProbe.answers()
        answers.time = TimeProbe.answers()
        answers.capacity = CapacityProbe.answers()
        return answers
    }
}
