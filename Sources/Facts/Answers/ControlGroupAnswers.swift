public import Evidence

/// What bpf(2) answers about the devices controller of cgroup v2.
public struct ControlGroupAnswers: Sendable, Codable {
    /// How BPF_PROG_QUERY for BPF_CGROUP_DEVICE ended on the mounted group: EINVAL means that the kernel was built
    /// without CONFIG_CGROUP_BPF. Absent where cgroup2 is not mounted; without CAP_NET_ADMIN nothing can be learnt.
    public var deviceQuery: Observation<CallResult> = .notProbed

    /// Of which nothing is known.
    public init() {}
}
