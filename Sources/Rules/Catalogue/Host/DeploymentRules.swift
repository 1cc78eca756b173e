internal import Evidence
internal import Facts

/// What whole deployments ask of a host. KVH300–KVH339. None of them is asked of an ordinary KVM host.
enum DeploymentRules {
    static let area = "Deployment"

    static let all: [Rule<HostFacts>] = [EucalyptusRules.all, OpenStackRules.all, FirecrackerRules.all].flatMap { $0 }

    /// Bytes as a number of gigabytes, the unit of disks: 10⁹ bytes.
    static func gigabytes(_ bytes: UInt64) -> String { "\(bytes / 1_000_000_000) GB" }
}
