internal import Evidence
internal import Facts
internal import LibvirtXML

/// Memory, NUMA and huge pages. KVD070–KVD099.
enum DomainMemoryRules {
    static let area = "Memory"

    static let all: [Rule<DomainFacts>] = []
}
