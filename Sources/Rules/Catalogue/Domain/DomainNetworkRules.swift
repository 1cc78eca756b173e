internal import Evidence
internal import Facts
internal import LibvirtXML

/// Network interfaces. KVD100–KVD119.
enum DomainNetworkRules {
    static let area = "Network"

    static let all: [Rule<DomainFacts>] = []
}
