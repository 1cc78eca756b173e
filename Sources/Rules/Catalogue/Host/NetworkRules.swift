internal import Evidence
internal import Facts

/// Host networking. KVH260–KVH279.
enum NetworkRules {
    static let area = "Network"

    static let all: [Rule<HostFacts>] = []
}
