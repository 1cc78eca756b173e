internal import Evidence
internal import Facts

/// Controllers and delegation. KVH100–KVH119.
enum ControlGroupRules {
    static let area = "Control groups"

    static let all: [Rule<HostFacts>] = []
}
