internal import Evidence
internal import Facts
internal import LibvirtXML

/// Machine type, firmware, devices and life cycle. KVD150–KVD199.
enum DomainMachineRules {
    static let area = "Machine"

    static let all: [Rule<DomainFacts>] = []
}
