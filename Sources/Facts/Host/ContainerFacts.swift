/// What LXC needs: namespaces, FUSE, kernel version.
public struct ContainerFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: ContainerFacts { ContainerFacts() }
}
