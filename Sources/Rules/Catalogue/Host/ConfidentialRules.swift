internal import Evidence
internal import Facts

/// SEV, TDX, Secure Execution, as a tree. KVH190–KVH209.
enum ConfidentialRules {
    static let area = "Confidential computing"

    static let all: [Rule<HostFacts>] = []
}
