internal import Evidence
internal import Facts

/// Device nodes that guests need. KVH030–KVH049.
enum DeviceRules {
    static let area = "Devices"

    static let all: [Rule<HostFacts>] = []
}
