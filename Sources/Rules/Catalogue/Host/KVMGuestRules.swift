internal import Evidence
internal import Facts

/// What guests get of KVM. KVH020–KVH029.
enum KVMGuestRules {
    static let area = "KVM"

    static let all: [Rule<HostFacts>] = []
}
