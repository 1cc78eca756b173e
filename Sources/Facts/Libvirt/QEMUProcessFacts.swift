public import Evidence

/// The QEMU process of a running domain: what it holds, not what its definition asks for.
public struct QEMUProcessFacts: Sendable, Codable {
    /// Its number.
    public var pid: Int
    /// How many virtual machines of KVM it holds: one, or none where QEMU translates (TCG).
    public var virtualMachines: Observation<Int> = .notProbed
    /// The numbers of the vCPUs that it holds of KVM, sorted.
    public var virtualCPUs: Observation<[Int]> = .notProbed
    /// The vhost devices that it holds, such as `/dev/vhost-net`, once for each descriptor.
    public var vhostDevices: Observation<[String]> = .notProbed
    /// The accelerators on its command line (`-accel`, `-machine accel=`), in order of preference.
    public var accelerators: Observation<[String]> = .notProbed
    /// What follows `-cpu`.
    public var cpuModel: Observation<String> = .notProbed
    /// The machine type that follows `-machine`.
    public var machine: Observation<String> = .notProbed
    /// Its swapped-out memory in bytes (`VmSwap`).
    public var swapped: Observation<UInt64> = .notProbed
    /// Its memory in huge pages in bytes (`HugetlbPages`).
    public var hugePages: Observation<UInt64> = .notProbed
    /// Its resident memory in bytes (`VmRSS`), without huge pages of hugetlbfs.
    public var resident: Observation<UInt64> = .notProbed

    /// Of which only the number is known.
    public init(pid: Int) {
        self.pid = pid
    }

    /// Whether guest code runs on KVM; false means that QEMU translates it.
    public var usesKVM: Observation<Bool> { virtualMachines.isPositive }
}

extension Observation<Int> {
    /// Whether the number is above zero.
    var isPositive: Observation<Bool> {
        do {
            guard let value = try get() else { return .absent(from: provenance) }
            return .known(value > 0, from: provenance)
        } catch {
            return .unknown(error.obstacle, from: provenance)
        }
    }
}
