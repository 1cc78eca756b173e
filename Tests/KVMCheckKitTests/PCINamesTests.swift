import Evidence
import Facts
import Testing

@testable import KVMCheckKit

struct PCINamesTests {
    @Test func `a host with nothing to name does not open libudev`() {
        var facts = PCIFacts()
        #expect(PCINames.answers(for: facts).names.isEmpty)
        facts.devices = .known([])
        #expect(PCINames.answers(for: facts).names.isEmpty)
    }

    @Test func `names go to devices and to their virtual functions, and no further`() throws {
        var facts = PCIFacts.sample
        var answers = PCINameAnswers()
        answers.names["pci:v00008086d0000159B"] = .known(DeviceName(vendor: "Intel Corporation", model: "E810-XXV"))
        answers.names["pci:v00008086d00001889"] = .known(DeviceName(vendor: "Intel Corporation", model: "AVF"))
        PCINames.fill(&facts, from: answers)
        let devices = try #require(try facts.devices.get())
        let card = try #require(devices.first { $0.address == "0000:b1:00.0" })
        #expect(try card.name.get()?.description == "Intel Corporation E810-XXV")
        #expect(try card.sriov.get()?.functionName.get()?.model == "AVF")
        #expect(throws: Undecided.self) { try devices[0].name.get() }
    }

    @Test func `every device that the report may speak of is asked for`() {
        let names = PCINames.answers(for: .sample).names
        #expect(Set(names.keys) == ["pci:v00008086d0000159B", "pci:v00008086d00001889"])
    }
}
