internal import Evidence
internal import Facts

/// What LXC needs. KVH280–KVH299.
enum ContainerRules {
    static let area = "LXC"

    static let all: [Rule<HostFacts>] = []
}
