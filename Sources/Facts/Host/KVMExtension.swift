/// A capability of KVM: the `KVM_CAP_` numbers of linux/kvm.h that the rules know by name.
public struct KVMExtension: Sendable, Hashable {
    /// The number that KVM_CHECK_EXTENSION is asked for.
    public let number: Int
    /// The kernel's name, such as `KVM_CAP_IRQCHIP`.
    public let kernelName: String

    private init(_ number: Int, _ name: String) {
        self.number = number
        kernelName = "KVM_CAP_" + name
    }

    /// KVM_CAP_IRQCHIP.
    public static let irqchip = KVMExtension(0, "IRQCHIP")
    /// KVM_CAP_USER_MEMORY.
    public static let userMemory = KVMExtension(3, "USER_MEMORY")
    /// KVM_CAP_SET_TSS_ADDR.
    public static let setTSSAddress = KVMExtension(4, "SET_TSS_ADDR")
    /// KVM_CAP_EXT_CPUID.
    public static let extCPUID = KVMExtension(7, "EXT_CPUID")
    /// KVM_CAP_NR_VCPUS.
    public static let recommendedVCPUs = KVMExtension(9, "NR_VCPUS")
    /// KVM_CAP_MP_STATE.
    public static let mpState = KVMExtension(14, "MP_STATE")
    /// KVM_CAP_DESTROY_MEMORY_REGION_WORKS.
    public static let destroyMemoryRegionWorks = KVMExtension(21, "DESTROY_MEMORY_REGION_WORKS")
    /// KVM_CAP_USER_NMI.
    public static let userNMI = KVMExtension(22, "USER_NMI")
    /// KVM_CAP_IRQ_ROUTING.
    public static let irqRouting = KVMExtension(25, "IRQ_ROUTING")
    /// KVM_CAP_JOIN_MEMORY_REGIONS_WORKS.
    public static let joinMemoryRegionsWorks = KVMExtension(30, "JOIN_MEMORY_REGIONS_WORKS")
    /// KVM_CAP_MCE.
    public static let mce = KVMExtension(31, "MCE")
    /// KVM_CAP_IRQFD.
    public static let irqfd = KVMExtension(32, "IRQFD")
    /// KVM_CAP_PIT2.
    public static let pit2 = KVMExtension(33, "PIT2")
    /// KVM_CAP_PIT_STATE2.
    public static let pitState2 = KVMExtension(35, "PIT_STATE2")
    /// KVM_CAP_IOEVENTFD.
    public static let ioeventfd = KVMExtension(36, "IOEVENTFD")
    /// KVM_CAP_SET_IDENTITY_MAP_ADDR.
    public static let setIdentityMapAddress = KVMExtension(37, "SET_IDENTITY_MAP_ADDR")
    /// KVM_CAP_ADJUST_CLOCK.
    public static let adjustClock = KVMExtension(39, "ADJUST_CLOCK")
    /// KVM_CAP_INTERNAL_ERROR_DATA.
    public static let internalErrorData = KVMExtension(40, "INTERNAL_ERROR_DATA")
    /// KVM_CAP_VCPU_EVENTS.
    public static let vcpuEvents = KVMExtension(41, "VCPU_EVENTS")
    /// KVM_CAP_HYPERV.
    public static let hyperv = KVMExtension(44, "HYPERV")
    /// KVM_CAP_HYPERV_VAPIC.
    public static let hypervVAPIC = KVMExtension(45, "HYPERV_VAPIC")
    /// KVM_CAP_HYPERV_SPIN.
    public static let hypervSpin = KVMExtension(46, "HYPERV_SPIN")
    /// KVM_CAP_DEBUGREGS.
    public static let debugregs = KVMExtension(50, "DEBUGREGS")
    /// KVM_CAP_X86_ROBUST_SINGLESTEP.
    public static let robustSinglestep = KVMExtension(51, "X86_ROBUST_SINGLESTEP")
    /// KVM_CAP_XSAVE.
    public static let xsave = KVMExtension(55, "XSAVE")
    /// KVM_CAP_XCRS.
    public static let xcrs = KVMExtension(56, "XCRS")
    /// KVM_CAP_TSC_CONTROL.
    public static let tscControl = KVMExtension(60, "TSC_CONTROL")
    /// KVM_CAP_GET_TSC_KHZ.
    public static let getTSCFrequency = KVMExtension(61, "GET_TSC_KHZ")
    /// KVM_CAP_MAX_VCPUS.
    public static let maxVCPUs = KVMExtension(66, "MAX_VCPUS")
    /// KVM_CAP_ONE_REG.
    public static let oneRegister = KVMExtension(70, "ONE_REG")
    /// KVM_CAP_TSC_DEADLINE_TIMER.
    public static let tscDeadlineTimer = KVMExtension(72, "TSC_DEADLINE_TIMER")
    /// KVM_CAP_SIGNAL_MSI.
    public static let signalMSI = KVMExtension(77, "SIGNAL_MSI")
    /// KVM_CAP_READONLY_MEM.
    public static let readonlyMemory = KVMExtension(81, "READONLY_MEM")
    /// KVM_CAP_DEVICE_CTRL.
    public static let deviceCtrl = KVMExtension(89, "DEVICE_CTRL")
    /// KVM_CAP_HYPERV_TIME.
    public static let hypervTime = KVMExtension(96, "HYPERV_TIME")
    /// KVM_CAP_ARM_PSCI_0_2.
    public static let armPSCI = KVMExtension(102, "ARM_PSCI_0_2")
    /// KVM_CAP_X86_SMM.
    public static let smm = KVMExtension(117, "X86_SMM")
    /// KVM_CAP_SPLIT_IRQCHIP.
    public static let splitIRQchip = KVMExtension(121, "SPLIT_IRQCHIP")
    /// KVM_CAP_IOEVENTFD_ANY_LENGTH.
    public static let ioeventfdAnyLength = KVMExtension(122, "IOEVENTFD_ANY_LENGTH")
    /// KVM_CAP_HYPERV_SYNIC.
    public static let hypervSynIC = KVMExtension(123, "HYPERV_SYNIC")
    /// KVM_CAP_IMMEDIATE_EXIT.
    public static let immediateExit = KVMExtension(136, "IMMEDIATE_EXIT")
    /// KVM_CAP_NESTED_STATE.
    public static let nestedState = KVMExtension(157, "NESTED_STATE")

    /// All that have a name here.
    public static let all: [KVMExtension] = [
        irqchip, userMemory, setTSSAddress, extCPUID, recommendedVCPUs, mpState, destroyMemoryRegionWorks, userNMI,
        irqRouting, joinMemoryRegionsWorks, mce, irqfd, pit2, pitState2, ioeventfd, setIdentityMapAddress, adjustClock,
        internalErrorData, vcpuEvents, hyperv, hypervVAPIC, hypervSpin, debugregs, robustSinglestep, xsave, xcrs,
        tscControl, getTSCFrequency, maxVCPUs, oneRegister, tscDeadlineTimer, signalMSI, readonlyMemory, deviceCtrl,
        hypervTime, armPSCI, smm, splitIRQchip, ioeventfdAnyLength, hypervSynIC, immediateExit, nestedState,
    ]
}
