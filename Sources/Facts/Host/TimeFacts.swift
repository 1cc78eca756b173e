/// Time: clock source and synchronisation.
public struct TimeFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: TimeFacts { TimeFacts() }
}
