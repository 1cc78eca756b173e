public import Evidence

/// What runs on the host.
public struct SystemFacts: Sendable {
    /// The host's name, as the kernel has it.
    public var hostname: Observation<String> = .notProbed
    /// The kernel's release, such as `6.1.0-37-amd64`.
    public var kernelRelease: Observation<String> = .notProbed
    /// The kernel's name of the architecture, such as `x86_64` or `aarch64`.
    public var machine: Observation<String> = .notProbed
    /// The operating system's name, such as `Debian GNU/Linux 12 (bookworm)`.
    public var operatingSystem: Observation<String> = .notProbed
    /// The operating system's short id and those it is like, such as `ubuntu`, `debian`; os-release(5).
    public var distribution: Observation<[String]> = .notProbed
    /// The operating system's version id, such as `12`; os-release(5).
    public var distributionVersion: Observation<String> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

extension SystemFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: SystemFacts {
        var facts = SystemFacts()
        facts.hostname = .known("node7")
        facts.kernelRelease = .known("6.1.0-37-amd64")
        facts.machine = .known("x86_64")
        facts.operatingSystem = .known("Debian GNU/Linux 12 (bookworm)")
        facts.distribution = .known(["debian"])
        facts.distributionVersion = .known("12")
        return facts
    }
}
