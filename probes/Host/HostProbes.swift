public import Evidence
public import Facts

/// Reads a host: files through a source, the rest from the kernel's answers.
public enum HostProbes {
    /// All facts of the host whose files `source` holds.
    ///
    /// - Parameters:
    ///   - source: The live root or a captured tree.
    ///   - answers: What the kernel of that host answered to calls.
    public static func facts(from source: some Source, answers: KernelAnswers) -> HostFacts {
        var facts = HostFacts()
        facts.system = SystemProbe.facts(from: source)
        facts.kvm = KVMProbe.facts(from: source, answers: answers)
        facts.devices = DeviceProbe.facts(from: source, answers: answers)
        facts.iommu = IOMMUProbe.facts(from: source, answers: answers)
        facts.pci = PCIProbe.facts(from: source, answers: answers)
        facts.controlGroups = ControlGroupProbe.facts(from: source, answers: answers)
        facts.cpu = CPUProbe.facts(from: source, answers: answers)
        facts.memory = MemoryProbe.facts(from: source, answers: answers)
        facts.confidential = ConfidentialProbe.facts(from: source, answers: answers)
        facts.stack = StackProbe.facts(from: source, answers: answers)
        facts.network = NetworkProbe.facts(from: source, answers: answers)
        facts.time = TimeProbe.facts(from: source, answers: answers)
        facts.containers = ContainerProbe.facts(from: source, answers: answers)
        facts.capacity = CapacityProbe.facts(from: source, answers: answers)
        return facts
    }

    /// Asks the kernel of the running machine.
    ///
    /// - Parameter runGuest: Whether to create a VM and run a guest of a few bytes on `/dev/kvm`.
    public static func liveAnswers(runGuest: Bool) -> KernelAnswers {
        var answers = KernelAnswers()
        answers.kvm = KVMDevice.answers(runGuest: runGuest)
        answers.process = ProcessProbe.answers()
        answers.devices = DeviceProbe.answers()
        answers.controlGroups = ControlGroupProbe.answers()
        answers.cpu = CPUProbe.answers()
        answers.confidential = ConfidentialProbe.answers()
        answers.stack = StackProbe.answers()
        answers.time = TimeProbe.answers()
        answers.capacity = CapacityProbe.answers()
        return answers
    }
}
