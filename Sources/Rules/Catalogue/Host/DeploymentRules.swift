internal import Evidence
internal import Facts

/// What whole deployments ask of a host. KVH300–KVH339.
enum DeploymentRules {
    static let area = "Deployment"

    static let all: [Rule<HostFacts>] = []
}
