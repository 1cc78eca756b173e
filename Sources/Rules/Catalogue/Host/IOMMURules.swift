internal import Evidence
internal import Facts

/// Device assignment. KVH050–KVH069.
enum IOMMURules {
    static let area = "IOMMU"

    static let all: [Rule<HostFacts>] = []
}
