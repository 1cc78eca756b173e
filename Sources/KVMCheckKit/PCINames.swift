@_spi(Probing) internal import Evidence
internal import Facts
internal import UdevProbes

/// Names of PCI devices: asked of udev on the running machine, or taken from a capture.
enum PCINames {
    /// What udev calls the devices that the report speaks of; where there is none, libudev is not even opened.
    static func answers(for facts: PCIFacts) -> PCINameAnswers {
        var answers = PCINameAnswers()
        let modaliases = facts.modaliasesToName
        guard !modaliases.isEmpty else { return answers }
        let udev = UdevNames()
        for modalias in modaliases {
            answers.names[modalias] = udev.name(modalias: modalias).map {
                DeviceName(vendor: $0.vendor, model: $0.model)
            }
        }
        return answers
    }

    /// Puts the names where the rules look for them.
    static func fill(_ facts: inout PCIFacts, from answers: PCINameAnswers) {
        guard !answers.names.isEmpty else { return }
        facts.devices = facts.devices.map { devices in
            devices.map { device in
                var device = device
                device.name = answers.names[device.modalias] ?? .notProbed
                device.sriov = device.sriov.map { sriov in
                    var sriov = sriov
                    sriov.functionName = sriov.functionModalias.flatMap { answers.names[$0] ?? .notProbed }
                    return sriov
                }
                return device
            }
        }
    }
}
