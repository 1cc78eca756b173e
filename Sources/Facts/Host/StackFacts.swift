/// The software above KVM: QEMU, libvirt, firmware images, services, security modules.
public struct StackFacts: Sendable {
    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: StackFacts { StackFacts() }
}
