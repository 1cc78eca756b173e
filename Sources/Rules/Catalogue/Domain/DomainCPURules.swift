internal import Evidence
internal import Facts
internal import LibvirtXML

/// Virtual processors. KVD040–KVD069.
enum DomainCPURules {
    static let area = "CPU"

    static let all: [Rule<DomainFacts>] = []
}
