/// What bpf(2) answers about the devices controller of cgroup v2.
public struct ControlGroupAnswers: Sendable, Codable {
    /// Of which nothing is known.
    public init() {}
}
