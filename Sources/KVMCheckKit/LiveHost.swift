internal import Evidence
internal import Facts
internal import HostProbes
internal import LinuxIO

/// The running machine: its facts, and the answers of its kernel that they rest on.
struct LiveHost {
    var facts: HostFacts
    var answers: KernelAnswers

    /// Asks the kernel, reads the files, and has udev name the devices that the report speaks of.
    ///
    /// The files are read while the guest runs: each takes about as long as the other.
    ///
    /// - Parameter leavingOut: What no rule will ask about.
    init(files: some Source, runGuest: Bool, leavingOut: Set<HostProbes.Extra> = []) {
        let reading = BackgroundJob {
            let answers = HostProbes.liveAnswers()
            return (answers, HostProbes.facts(from: files, answers: answers, leavingOut: leavingOut))
        }
        let kvm = HostProbes.liveKVMAnswers(runGuest: runGuest)
        (answers, facts) = reading.wait()
        answers.kvm = kvm
        facts.kvm.answers = kvm
        answers.pciNames = PCINames.answers(for: facts.pci)
        PCINames.fill(&facts.pci, from: answers.pciNames)
    }
}
