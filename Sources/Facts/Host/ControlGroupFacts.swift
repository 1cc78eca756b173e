/// Control groups: hierarchies, controllers, delegation.
public struct ControlGroupFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: ControlGroupFacts { ControlGroupFacts() }
}
