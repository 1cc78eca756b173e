public import Evidence

/// What the machine tells by calls rather than by files: ioctls, CPUID, process limits.
///
/// A capture holds it as JSON beside the files, so that the report made elsewhere is the same.
public struct KernelAnswers: Sendable, Codable {
    /// What `/dev/kvm` answers.
    public var kvm = KVMAnswers()
    /// What udev calls the PCI devices that the report speaks of.
    public var pciNames = PCINameAnswers()
    /// Who asks.
    public var process = ProcessAnswers()
    /// What device nodes answer when they are opened and asked for their features.
    public var devices = DeviceAnswers()
    /// What bpf(2) answers about the devices controller of cgroup v2.
    public var controlGroups = ControlGroupAnswers()
    /// What CPUID answers on the host itself.
    public var cpu = CPUAnswers()
    /// What `/dev/sev` answers.
    public var confidential = ConfidentialAnswers()
    /// What adjtimex(2) answers.
    public var time = TimeAnswers()
    /// What statvfs(3) answers about the file systems that guests' disks end up on.
    public var capacity = CapacityAnswers()

    /// Of which nothing is known.
    public init() {}
}

/// How one call to the system ended.
public struct CallResult: Sendable, Hashable, Codable {
    /// The errno's name, such as `EACCES`; nil where the call succeeded.
    public var errno: String?

    /// A call that succeeded, or one that failed with the named errno.
    public init(errno: String? = nil) {
        self.errno = errno
    }

    /// Whether the call succeeded.
    public var succeeded: Bool { errno == nil }
}

/// Who runs kvmcheck.
public struct ProcessAnswers: Sendable, Codable {
    /// The effective user id.
    public var user: Observation<UInt32> = .notProbed
    /// The effective group id and the supplementary ones.
    public var groups: Observation<[UInt32]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}
