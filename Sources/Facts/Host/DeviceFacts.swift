/// Device nodes of guests: tun, vhost, vfio, and those of confidential computing and TPM.
public struct DeviceFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: DeviceFacts { DeviceFacts() }
}
