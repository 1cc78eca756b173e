internal import Evidence
internal import Facts
internal import HostProbes

/// The running machine: its facts, and the answers of its kernel that they rest on.
struct LiveHost {
    var facts: HostFacts
    var answers: KernelAnswers

    /// Asks the kernel, reads the files, and has udev name the devices that the report speaks of.
    init(files: some Source, runGuest: Bool) {
        answers = HostProbes.liveAnswers(runGuest: runGuest)
        facts = HostProbes.facts(from: files, answers: answers)
        answers.pciNames = PCINames.answers(for: facts.pci)
        PCINames.fill(&facts.pci, from: answers.pciNames)
    }
}
