internal import Evidence
internal import Facts

/// Memory. KVH150–KVH189.
enum MemoryRules {
    static let area = "Memory"

    static let all: [Rule<HostFacts>] = []
}
