public import Evidence

/// `/dev/kvm`: what stands there, who may use it, what it answers, and what explains that.
public struct KVMFacts: Sendable {
    /// What stands at `/dev/kvm`.
    public var node: Observation<FileMetadata> = .notProbed
    /// The name of the node's owner.
    public var ownerName: Observation<String> = .notProbed
    /// The name of the node's group.
    public var groupName: Observation<String> = .notProbed
    /// The group named kvm; absent where there is none.
    public var kvmGroup: Observation<UInt32> = .notProbed
    /// The user that runs kvmcheck.
    public var invokingUser: Observation<Account> = .notProbed
    /// The user that libvirt runs QEMU as; absent where libvirt's QEMU driver is not installed.
    public var qemuUser: Observation<Account> = .notProbed
    /// What the device answers.
    public var answers = KVMAnswers()
    /// The KVM modules loaded or built in, from `/sys/module`: `kvm`, and `kvm_intel`, `kvm_amd` or another.
    public var modules: Observation<[String]> = .notProbed
    /// The processor flag that stands for hardware virtualization: `vmx`, `svm`, `sie`; absent where none is shown.
    public var virtualizationFlag: Observation<String> = .notProbed
    /// Whether the processor says that it is itself virtual (`hypervisor` flag).
    public var isVirtualMachine: Observation<Bool> = .notProbed
    /// Modules of another hypervisor that hold VT-x or SVM: `vboxdrv`, `vmmon`.
    public var otherHypervisors: Observation<[String]> = .notProbed
    /// The x86-64 microarchitecture level of the host itself, 1 to 4; absent on other architectures.
    public var hostLevel: Observation<Int> = .notProbed
    /// Whether nested virtualization is switched on in the vendor's module; absent where there is no such parameter.
    public var nested: Observation<Bool> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// A user and the groups it is in.
public struct Account: Sendable, Hashable, Codable {
    /// The name, or the number where it has none.
    public var name: String
    /// The user id.
    public var user: UInt32
    /// All groups it is in, the primary one first.
    public var groups: [UInt32]

    /// Makes an account; see the properties.
    public init(name: String, user: UInt32, groups: [UInt32]) {
        self.name = name
        self.user = user
        self.groups = groups
    }

    /// Whether the permission bits let this user read and write; access control lists are not seen.
    public func mayReadAndWrite(_ file: FileMetadata) -> Bool {
        if user == 0 { return true }
        let shift: UInt16 = user == file.owner ? 6 : groups.contains(file.group) ? 3 : 0
        return file.mode >> shift & 0o6 == 0o6
    }
}

extension KVMFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: KVMFacts {
        var facts = KVMFacts()
        facts.node = .known(
            FileMetadata(kind: .characterDevice, mode: 0o660, owner: 0, group: 106, deviceMajor: 10, deviceMinor: 232),
            from: .file("/dev/kvm"))
        facts.ownerName = .known("root")
        facts.groupName = .known("kvm")
        facts.kvmGroup = .known(106)
        facts.invokingUser = .known(Account(name: "root", user: 0, groups: [0]))
        facts.qemuUser = .known(Account(name: "libvirt-qemu", user: 64055, groups: [106, 64055]))
        facts.answers = .sample
        facts.modules = .known(["kvm", "kvm_intel"], from: .file("/sys/module"))
        facts.virtualizationFlag = .known("vmx", from: .file("/proc/cpuinfo"))
        facts.isVirtualMachine = .known(false, from: .file("/proc/cpuinfo"))
        facts.otherHypervisors = .known([], from: .file("/sys/module"))
        facts.hostLevel = .known(4, from: .file("/proc/cpuinfo"))
        facts.nested = .known(true, from: .file("/sys/module/kvm_intel/parameters/nested"))
        return facts
    }
}
