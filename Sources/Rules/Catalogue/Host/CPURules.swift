internal import Evidence
internal import Facts

/// Processors. KVH120–KVH149.
enum CPURules {
    static let area = "CPU"

    static let all: [Rule<HostFacts>] = []
}
