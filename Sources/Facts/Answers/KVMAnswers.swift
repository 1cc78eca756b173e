public import Evidence

/// What `/dev/kvm` answers, step by step; a step after one that failed stays `notProbed`.
public struct KVMAnswers: Sendable, Codable {
    /// Whether the node has an access control list beside its permission bits; absent where there is no node.
    public var hasAccessList: Observation<Bool> = .notProbed
    /// How `open("/dev/kvm", O_RDWR)` ended.
    public var open: Observation<CallResult> = .notProbed
    /// How KVM_GET_API_VERSION ended: ENOTTY is what a device answers that is not KVM.
    public var apiVersionCall: Observation<CallResult> = .notProbed
    /// The answer of KVM_GET_API_VERSION; 12 since Linux 2.6.22.
    public var apiVersion: Observation<Int> = .notProbed
    /// The answers of KVM_CHECK_EXTENSION that are not 0, by the capability's number.
    public var extensions: Observation<[Int: Int]> = .notProbed
    /// The answer of KVM_GET_VCPU_MMAP_SIZE, in bytes.
    public var runAreaSize: Observation<Int> = .notProbed
    /// How KVM_CREATE_VM ended: EBUSY means that another hypervisor holds VT-x or SVM.
    public var createVM: Observation<CallResult> = .notProbed
    /// How KVM_CREATE_VCPU ended.
    public var createVCPU: Observation<CallResult> = .notProbed
    /// How mapping the vCPU's run area ended.
    public var mapRunArea: Observation<CallResult> = .notProbed
    /// What a guest of a few bytes did.
    public var guest: Observation<GuestRun> = .notProbed
    /// The answer of KVM_GET_SUPPORTED_CPUID; x86 only.
    public var supportedCPUID: Observation<[CPUIDEntry]> = .notProbed
    /// The feature MSRs of KVM_GET_MSR_FEATURE_INDEX_LIST and what a vCPU made of their own values; x86 only.
    public var featureMSRs: Observation<[FeatureMSR]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// What a guest of a few bytes did when it was run.
public struct GuestRun: Sendable, Hashable, Codable {
    /// The bytes that the guest wrote to its port or device register.
    public var output: [UInt8]
    /// The exit reasons in order, by the kernel's names without `KVM_EXIT_`.
    public var exits: [String]
    /// Whether the output and the exits are those that the guest's code must give.
    public var isRight: Bool
    /// From KVM_CREATE_VM to the last exit, in microseconds.
    public var microseconds: Int
    /// The errno's name, where KVM_RUN itself failed.
    public var errno: String?

    /// Makes a run; see the properties.
    public init(output: [UInt8], exits: [String], isRight: Bool, microseconds: Int, errno: String? = nil) {
        self.output = output
        self.exits = exits
        self.isRight = isRight
        self.microseconds = microseconds
        self.errno = errno
    }
}

/// One leaf of CPUID; Intel SDM volume 2A, "CPUID"; AMD APM volume 3, appendix E.
public struct CPUIDEntry: Sendable, Hashable, Codable {
    /// The leaf, the input in EAX.
    public var leaf: UInt32
    /// The subleaf, the input in ECX.
    public var subleaf: UInt32
    /// The answer in EAX.
    public var eax: UInt32
    /// The answer in EBX.
    public var ebx: UInt32
    /// The answer in ECX.
    public var ecx: UInt32
    /// The answer in EDX.
    public var edx: UInt32

    /// Makes an entry; see the properties.
    public init(leaf: UInt32, subleaf: UInt32, eax: UInt32 = 0, ebx: UInt32 = 0, ecx: UInt32 = 0, edx: UInt32 = 0) {
        self.leaf = leaf
        self.subleaf = subleaf
        self.eax = eax
        self.ebx = ebx
        self.ecx = ecx
        self.edx = edx
    }
}

/// A model-specific register by which KVM describes features, and what a vCPU makes of the value offered for it.
public struct FeatureMSR: Sendable, Hashable, Codable {
    /// The register's number.
    public var index: UInt32
    /// What KVM_GET_MSRS on `/dev/kvm` offers.
    public var offered: UInt64
    /// Whether KVM_SET_MSRS on a vCPU took that same value.
    public var accepted: Bool

    /// Makes a register; see the properties.
    public init(index: UInt32, offered: UInt64, accepted: Bool) {
        self.index = index
        self.offered = offered
        self.accepted = accepted
    }
}

extension KVMAnswers {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: KVMAnswers {
        var answers = KVMAnswers()
        answers.hasAccessList = .known(false)
        answers.open = .known(CallResult())
        answers.apiVersionCall = .known(CallResult())
        answers.apiVersion = .known(12)
        var extensions = Dictionary(uniqueKeysWithValues: KVMExtension.all.map { ($0.number, 1) })
        extensions[KVMExtension.recommendedVCPUs.number] = 710
        extensions[KVMExtension.maxVCPUs.number] = 1024
        answers.extensions = .known(extensions)
        answers.runAreaSize = .known(12288)
        answers.createVM = .known(CallResult())
        answers.createVCPU = .known(CallResult())
        answers.mapRunArea = .known(CallResult())
        answers.guest = .known(GuestRun(output: [0x41], exits: ["IO", "HLT"], isRight: true, microseconds: 2800))
        // All feature bits of the leaves that the x86-64 levels are made of: an x86-64-v4 processor.
        answers.supportedCPUID = .known([
            CPUIDEntry(leaf: 1, subleaf: 0, ecx: .max, edx: .max),
            CPUIDEntry(leaf: 7, subleaf: 0, ebx: .max, edx: 1 << 29),
            CPUIDEntry(leaf: 0x8000_0001, subleaf: 0, ecx: .max, edx: .max),
        ])
        answers.featureMSRs = .known([FeatureMSR(index: 0x10a, offered: 0xeb, accepted: true)])
        return answers
    }
}
