public import Evidence

/// What CPUID answers on the host itself.
public struct CPUAnswers: Sendable, Codable {
    /// The leaves that rules need and that the processor has, from the processor kvmcheck ran on: 0x80000008 (sizes) and
    /// 0x8000001F (memory encryption); absent on other architectures than x86.
    public var leaves: Observation<[CPUIDEntry]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}
