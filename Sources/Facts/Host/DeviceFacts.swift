public import Evidence

/// Device nodes of guests: tun, vhost, vfio, and those of confidential computing and TPM.
public struct DeviceFacts: Sendable {
    /// `/dev/net/tun`: tap devices, by which guests reach networks.
    public var tun = GuestDevice()
    /// `/dev/vhost-net`: virtio-net in the host's kernel.
    public var vhostNet = GuestDevice()
    /// `/dev/vhost-vsock`: sockets between host and guest.
    public var vhostVsock = GuestDevice()
    /// `/dev/vhost-scsi`: virtio-scsi in the host's kernel.
    public var vhostSCSI = GuestDevice()
    /// Whether this kernel can load modules now: it has support for them, and `kernel.modules_disabled` is not set.
    public var loadsModules: Observation<Bool> = .notProbed
    /// Whether tun is a module that is loaded; false where it is built in or not there.
    public var tunIsModule: Observation<Bool> = .notProbed

    /// `/dev/vfio/vfio`: the container of VFIO, for devices that are assigned to guests.
    public var vfio: Observation<FileMetadata> = .notProbed
    /// `/dev/iommu`: IOMMUFD, the successor of VFIO's containers (Linux 6.2).
    public var iommufd: Observation<FileMetadata> = .notProbed
    /// `/dev/sev`: the AMD Secure Processor of a host.
    public var sev: Observation<FileMetadata> = .notProbed
    /// `/dev/sev-guest`: present inside an SEV-SNP guest.
    public var sevGuest: Observation<FileMetadata> = .notProbed
    /// `/dev/tdx_guest`: present inside a TDX guest; hosts have no node for TDX.
    public var tdxGuest: Observation<FileMetadata> = .notProbed

    /// `/dev/userfaultfd` (Linux 6.1).
    public var userfaultfd: Observation<FileMetadata> = .notProbed
    /// `vm.unprivileged_userfaultfd`: whether any user may handle the kernel's faults too; absent without userfaultfd.
    public var unprivilegedUserfaultfd: Observation<Bool> = .notProbed

    /// The TPM's major version, 1 or 2; absent where the host has none.
    public var tpmVersion: Observation<Int> = .notProbed
    /// `/dev/tpmrm0`: the TPM behind the kernel's resource manager; TPM 2.0 only.
    public var tpmResourceManager: Observation<FileMetadata> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// One device node that guests use, what it should be, and what it answered.
public struct GuestDevice: Sendable {
    /// What stands at the path.
    public var node: Observation<FileMetadata> = .notProbed
    /// The minor number of the driver under major 10 (misc): fixed by the kernel's ABI, or as `/proc/misc` lists it;
    /// absent where the number is given out at run time and the driver is not there.
    public var minor: Observation<UInt32> = .notProbed
    /// What it answered.
    public var answer = DeviceAnswer()

    /// Of which nothing is known.
    public init() {}

    /// A working device.
    public init(path: String, minor: UInt32, mode: UInt16, answer: DeviceAnswer) {
        node = .known(
            FileMetadata(kind: .characterDevice, mode: mode, deviceMajor: 10, deviceMinor: minor), from: .file(path))
        self.minor = .known(minor)
        self.answer = answer
    }
}

extension DeviceFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: DeviceFacts {
        var facts = DeviceFacts()
        let answers = DeviceAnswers.sample
        facts.tun = GuestDevice(path: "/dev/net/tun", minor: 200, mode: 0o666, answer: answers.tun)
        facts.vhostNet = GuestDevice(path: "/dev/vhost-net", minor: 238, mode: 0o660, answer: answers.vhostNet)
        facts.vhostVsock = GuestDevice(path: "/dev/vhost-vsock", minor: 241, mode: 0o660, answer: answers.vhostVsock)
        facts.vhostSCSI = GuestDevice(path: "/dev/vhost-scsi", minor: 122, mode: 0o600, answer: answers.vhostSCSI)
        facts.loadsModules = .known(true, from: .file("/proc/modules"))
        facts.tunIsModule = .known(true, from: .file("/sys/module/tun"))
        facts.vfio = character("/dev/vfio/vfio", 0o666, minor: 196)
        facts.iommufd = character("/dev/iommu", 0o600, minor: 120)
        facts.sev = .absent(from: .file("/dev/sev"))
        facts.sevGuest = .absent(from: .file("/dev/sev-guest"))
        facts.tdxGuest = .absent(from: .file("/dev/tdx_guest"))
        facts.userfaultfd = character("/dev/userfaultfd", 0o600, minor: 121)
        facts.unprivilegedUserfaultfd = .known(true, from: .file("/proc/sys/vm/unprivileged_userfaultfd"))
        facts.tpmVersion = .known(2, from: .file("/sys/class/tpm/tpm0/tpm_version_major"))
        facts.tpmResourceManager = character("/dev/tpmrm0", 0o660, minor: 0)
        return facts
    }

    private static func character(_ path: String, _ mode: UInt16, minor: UInt32) -> Observation<FileMetadata> {
        .known(
            FileMetadata(kind: .characterDevice, mode: mode, deviceMajor: 10, deviceMinor: minor), from: .file(path))
    }
}
