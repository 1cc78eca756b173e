internal import ByteReading
internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc
internal import LinuxIO

/// A guest of a few bytes: it writes one byte where the host can see it, and stops.
///
/// | architecture | the guest | what must come out |
/// |---|---|---|
/// | x86-64 | `mov al,'A'; mov dx,0x3f8; out dx,al; hlt` | IO of `A` on port 0x3f8, then HLT |
/// | aarch64 | `movz x1,#0x1000,lsl #16; movz w0,#'A'; strb w0,[x1]`, then PSCI SYSTEM_OFF | MMIO of `A`, then SYSTEM_EVENT |
///
/// On other architectures the vCPU is not run, and the report says so.
enum SmokeGuest {
    /// What a guest of this architecture is made of.
    private struct Recipe {
        var code: [UInt8]
        /// Where guest memory begins and the vCPU starts: a page's boundary on every page size of the architecture.
        var entry: UInt64
        var exits: [String]
        var prepare: (borrowing FileDescriptor, borrowing FileDescriptor) throws(SystemError) -> Void
    }

    /// One page of the largest size a host can have (64 KiB on aarch64).
    private static let memorySize = 65536
    private static let arm64Entry: UInt64 = 0x1_0000
    /// The byte that must come out: an `A`.
    private static let token: UInt8 = 0x41
    /// A guest that is well needs two exits; more than a few mean that it runs wild.
    private static let exitLimit = 8

    static func run(
        vm: borrowing FileDescriptor, vcpu: borrowing FileDescriptor, area: borrowing MappedMemory,
        started: ContinuousClock.Instant
    ) -> Observation<GuestRun> {
        guard let recipe else {
            return .unknown(
                Obstacle(.unsupported, "KVM_RUN", "kvmcheck has no guest for this architecture; a vCPU was created"))
        }
        do {
            let memory = try MappedMemory(zeroed: memorySize)
            memory.write(recipe.code, at: 0)
            // struct kvm_userspace_memory_region: u32 slot, u32 flags, u64 guest address, u64 size, u64 address.
            var region = [UInt8](repeating: 0, count: 32)
            try? region.store(recipe.entry, at: 8)
            try? region.store(UInt64(memorySize), at: 16)
            try? region.store(memory.address, at: 24)
            try vm.ioctl(
                CLINUX_KVM_SET_USER_MEMORY_REGION, bytes: &region, name: "KVM_SET_USER_MEMORY_REGION")
            try recipe.prepare(vm, vcpu)
            return .known(
                runToEnd(vcpu, area, recipe, started: started), from: .call("KVM_RUN", on: KVMDevice.path))
        } catch {
            return .known(
                GuestRun(
                    output: [], exits: [], isRight: false, microseconds: 0, errno: "\(error.operation) \(error.name)"),
                from: .call("KVM_RUN", on: KVMDevice.path))
        }
    }

    private static func runToEnd(
        _ vcpu: borrowing FileDescriptor, _ area: borrowing MappedMemory, _ recipe: Recipe,
        started: ContinuousClock.Instant
    ) -> GuestRun {
        let deadline = Deadline(seconds: 2)
        defer { deadline.cancel() }
        var run = GuestRun(output: [], exits: [], isRight: false, microseconds: 0)
        for _ in 0..<exitLimit {
            do {
                try vcpu.ioctl(CLINUX_KVM_RUN, 0, name: "KVM_RUN")
            } catch {
                run.errno = error.errno == EINTR ? "EINTR after 2 s" : error.name
                break
            }
            let exit = RunArea.exit(in: area)
            run.exits.append(exit.name)
            run.output += exit.output
            if !exit.isOutput { break }
        }
        run.microseconds = Int(started.duration(to: .now) / .microseconds(1))
        run.isRight = run.errno == nil && run.output == [token] && run.exits == recipe.exits
        return run
    }

    // MARK: - Architectures

    private static var recipe: Recipe? {
        #if arch(x86_64)
            Recipe(
                code: [0xb0, token, 0xba, 0xf8, 0x03, 0xee, 0xf4], entry: x86Entry, exits: ["IO", "HLT"],
                prepare: { (_, vcpu) throws(SystemError) in try startX86(vcpu) })
        #elseif arch(arm64)
            Recipe(code: arm64Code, entry: arm64Entry, exits: ["MMIO", "SYSTEM_EVENT"], prepare: startARM64)
        #else
            nil
        #endif
    }

    #if arch(x86_64)
        private static let x86Entry: UInt64 = 0x1000

        /// Real mode at `x86Entry`: code segment base 0, interrupts off.
        private static func startX86(_ vcpu: borrowing FileDescriptor) throws(SystemError) {
            // struct kvm_sregs begins with `cs`: u64 base, u32 limit, u16 selector.
            var special = [UInt8](repeating: 0, count: MemoryLayout<kvm_sregs>.size)
            try vcpu.ioctl(CLINUX_KVM_GET_SREGS, bytes: &special, name: "KVM_GET_SREGS")
            try? special.store(UInt64(0), at: 0)
            try? special.store(UInt16(0), at: 12)
            try vcpu.ioctl(CLINUX_KVM_SET_SREGS, bytes: &special, name: "KVM_SET_SREGS")
            // struct kvm_regs: sixteen general registers, then rip and rflags (bit 1 is always set).
            var registers = [UInt8](repeating: 0, count: MemoryLayout<kvm_regs>.size)
            try? registers.store(x86Entry, at: 16 * 8)
            try? registers.store(UInt64(2), at: 17 * 8)
            try vcpu.ioctl(CLINUX_KVM_SET_REGS, bytes: &registers, name: "KVM_SET_REGS")
        }
    #endif

    /// The aarch64 guest; kept outside the `#if` so that it is compiled, if not run, everywhere.
    static let arm64Code: [UInt8] = [
        0xd2a2_0001,  // movz x1, #0x1000, lsl #16     an address without memory
        0x5280_0820,  // movz w0, #0x41                'A'
        0x3900_0020,  // strb w0, [x1]                 exits with KVM_EXIT_MMIO
        0x5280_0100,  // movz w0, #0x0008              PSCI SYSTEM_OFF, 0x84000008 …
        0x72b0_8000,  // movk w0, #0x8400, lsl #16     … DEN0022 5.1.9
        0xd400_0002,  // hvc #0                        exits with KVM_EXIT_SYSTEM_EVENT
    ].flatMap { (word: UInt32) in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }

    /// KVM_ARM_PREFERRED_TARGET, KVM_ARM_VCPU_INIT with PSCI 0.2, then the program counter.
    static func startARM64(
        _ vm: borrowing FileDescriptor, _ vcpu: borrowing FileDescriptor
    ) throws(SystemError) {
        // struct kvm_vcpu_init: u32 target, u32 features[7]; bit 2 of features[0] is KVM_ARM_VCPU_PSCI_0_2.
        var initialisation = [UInt8](repeating: 0, count: 32)
        try vm.ioctl(CLINUX_KVM_ARM_PREFERRED_TARGET, bytes: &initialisation, name: "KVM_ARM_PREFERRED_TARGET")
        initialisation[4] |= 1 << 2
        try vcpu.ioctl(CLINUX_KVM_ARM_VCPU_INIT, bytes: &initialisation, name: "KVM_ARM_VCPU_INIT")
        // KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offsetof(struct kvm_regs, regs.pc) / 4
        let programCounter: UInt64 = 0x6030_0000_0010_0040
        let value = try MappedMemory(zeroed: 8)
        value.write((0..<8).map { UInt8(truncatingIfNeeded: arm64Entry >> (8 * $0)) }, at: 0)
        // struct kvm_one_reg: u64 id, u64 address of the value.
        var register = [UInt8](repeating: 0, count: 16)
        try? register.store(programCounter, at: 0)
        try? register.store(value.address, at: 8)
        try vcpu.ioctl(CLINUX_KVM_SET_ONE_REG, bytes: &register, name: "KVM_SET_ONE_REG")
    }
}

/// `struct kvm_run` as the kernel leaves it after KVM_RUN: exit_reason at 8, the union of the reasons at 32.
enum RunArea {
    struct Exit {
        var name: String
        var output: [UInt8]
        var isOutput: Bool
    }

    static func exit(in area: borrowing MappedMemory) -> Exit {
        let head = area.bytes(at: 0, count: 64)
        let reason = (try? ByteReader.u32(head, at: 8)) ?? .max
        let name = names[reason] ?? "reason \(reason)"
        switch reason {
        case 2:
            // u8 direction (1: out), u8 size, u16 port, u32 count, u64 data_offset
            guard head[32] == 1, head[33] == 1, (try? ByteReader.u16(head, at: 34)) == 0x3f8,
                let data = try? ByteReader.u64(head, at: 40), let offset = Int(exactly: data)
            else { return Exit(name: name, output: [], isOutput: false) }
            return Exit(name: name, output: area.bytes(at: offset, count: 1), isOutput: true)
        case 6:
            // u64 address, u8 data[8], u32 length, u8 is_write
            guard head[52] == 1, (try? ByteReader.u32(head, at: 48)) == 1 else {
                return Exit(name: name, output: [], isOutput: false)
            }
            return Exit(name: name, output: [head[40]], isOutput: true)
        default:
            return Exit(name: name, output: [], isOutput: false)
        }
    }

    /// The exit reasons of linux/kvm.h that a guest of a few bytes can meet.
    private static let names: [UInt32: String] = [
        0: "UNKNOWN", 1: "EXCEPTION", 2: "IO", 3: "HYPERCALL", 4: "DEBUG", 5: "HLT", 6: "MMIO", 7: "IRQ_WINDOW_OPEN",
        8: "SHUTDOWN", 9: "FAIL_ENTRY", 10: "INTR", 17: "INTERNAL_ERROR", 24: "SYSTEM_EVENT", 29: "X86_RDMSR",
    ]
}

/// Breaks off a KVM_RUN that does not come back: SIGALRM makes the ioctl return EINTR.
private struct Deadline: ~Copyable {
    private var previous = sigaction()

    init(seconds: Int) {
        unsafe _ = clinux_set_alarm_action(&previous)
        alarm(UInt32(seconds))
    }

    func cancel() {
        alarm(0)
        var previous = self.previous
        unsafe _ = sigaction(SIGALRM, &previous, nil)
    }
}
