internal import ByteReading
internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import LinuxIO

/// What KVM offers of CPUID and of feature MSRs, and whether a vCPU takes the values that are offered.
///
/// QEMU asks the same questions for `-cpu host` and `-cpu max` (`target/i386/kvm/kvm.c`,
/// `kvm_arch_get_supported_msr_feature` and `kvm_buf_set_msrs`) and aborts where the last answer is no.
enum FeatureRegisters {
    /// More leaves than KVM answers; Linux itself allows 256 (`KVM_MAX_CPUID_ENTRIES`).
    private static let leafLimit = 256
    /// More registers than any kernel lists.
    private static let registerLimit = 1024
    /// `struct kvm_cpuid_entry2`: function, index, flags, eax, ebx, ecx, edx, padding[3].
    private static let leafSize = 40

    /// KVM_GET_SUPPORTED_CPUID; absent on other architectures than x86.
    static func supportedCPUID(_ device: borrowing FileDescriptor) -> Observation<[CPUIDEntry]> {
        #if arch(x86_64)
            KVMDevice.observing("KVM_GET_SUPPORTED_CPUID") { () throws(SystemError) in
                var buffer = [UInt8](repeating: 0, count: 8 + leafLimit * leafSize)
                try? buffer.store(UInt32(leafLimit), at: 0)
                try device.ioctl(CLINUX_KVM_GET_SUPPORTED_CPUID, bytes: &buffer, name: "KVM_GET_SUPPORTED_CPUID")
                return leaves(in: buffer)
            }
        #else
            .absent(from: .call("KVM_GET_SUPPORTED_CPUID", on: KVMDevice.path))
        #endif
    }

    /// The registers of KVM_GET_MSR_FEATURE_INDEX_LIST with the values of KVM_GET_MSRS on `/dev/kvm`.
    static func offered(_ device: borrowing FileDescriptor) -> Observation<[(index: UInt32, value: UInt64)]> {
        #if arch(x86_64)
            KVMDevice.observing("KVM_GET_MSR_FEATURE_INDEX_LIST") { () throws(SystemError) in
                // struct kvm_msr_list: u32 count, u32 indices[].
                var list = [UInt8](repeating: 0, count: 4 + registerLimit * 4)
                try? list.store(UInt32(registerLimit), at: 0)
                try device.ioctl(
                    CLINUX_KVM_GET_MSR_FEATURE_INDEX_LIST, bytes: &list, name: "KVM_GET_MSR_FEATURE_INDEX_LIST")
                let count = min(Int((try? ByteReader.u32(list, at: 0)) ?? 0), registerLimit)
                return (0..<count).compactMap { position in
                    guard let index = try? ByteReader.u32(list, at: 4 + position * 4),
                        let value = read(index, from: device)
                    else { return nil }
                    return (index, value)
                }
            }
        #else
            .absent(from: .call("KVM_GET_MSR_FEATURE_INDEX_LIST", on: KVMDevice.path))
        #endif
    }

    /// Gives a vCPU the CPUID that KVM supports and then each register the value that KVM offers for it.
    static func crossCheck(
        _ offered: Observation<[(index: UInt32, value: UInt64)]>, on vcpu: borrowing FileDescriptor,
        cpuid: [CPUIDEntry]
    ) -> Observation<[FeatureMSR]> {
        #if arch(x86_64)
            guard let registers = offered.known else { return offered.map { _ in [] } }
            return KVMDevice.observing("KVM_SET_MSRS") { () throws(SystemError) in
                var buffer = bytes(of: cpuid)
                try vcpu.ioctl(CLINUX_KVM_SET_CPUID2, bytes: &buffer, name: "KVM_SET_CPUID2")
                return registers.map { register in
                    FeatureMSR(
                        index: register.index, offered: register.value,
                        accepted: write(register.value, to: register.index, of: vcpu))
                }
            }
        #else
            .absent(from: .call("KVM_SET_MSRS", on: KVMDevice.path))
        #endif
    }

    #if arch(x86_64)
        /// `struct kvm_msrs` with one entry: u32 count, u32 padding, then u32 index, u32 reserved, u64 data.
        private static func oneRegister(_ index: UInt32, _ value: UInt64) -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: 24)
            try? buffer.store(UInt32(1), at: 0)
            try? buffer.store(index, at: 8)
            try? buffer.store(value, at: 16)
            return buffer
        }

        /// The answer of the ioctl is how many registers were read.
        private static func read(_ index: UInt32, from device: borrowing FileDescriptor) -> UInt64? {
            var buffer = oneRegister(index, 0)
            guard (try? device.ioctl(CLINUX_KVM_GET_MSRS, bytes: &buffer, name: "KVM_GET_MSRS")) == 1 else {
                return nil
            }
            return try? ByteReader.u64(buffer, at: 16)
        }

        /// The answer of the ioctl is how many registers were set: 0 is a refusal.
        private static func write(_ value: UInt64, to index: UInt32, of vcpu: borrowing FileDescriptor) -> Bool {
            var buffer = oneRegister(index, value)
            return (try? vcpu.ioctl(CLINUX_KVM_SET_MSRS, bytes: &buffer, name: "KVM_SET_MSRS")) == 1
        }

        private static func leaves(in buffer: [UInt8]) -> [CPUIDEntry] {
            let count = min(Int((try? ByteReader.u32(buffer, at: 0)) ?? 0), leafLimit)
            return (0..<count).compactMap { position in
                let at = 8 + position * leafSize
                guard let leaf = try? ByteReader.u32(buffer, at: at),
                    let subleaf = try? ByteReader.u32(buffer, at: at + 4),
                    let eax = try? ByteReader.u32(buffer, at: at + 12),
                    let ebx = try? ByteReader.u32(buffer, at: at + 16),
                    let ecx = try? ByteReader.u32(buffer, at: at + 20),
                    let edx = try? ByteReader.u32(buffer, at: at + 24)
                else { return nil }
                return CPUIDEntry(leaf: leaf, subleaf: subleaf, eax: eax, ebx: ebx, ecx: ecx, edx: edx)
            }
        }

        /// The leaves as `struct kvm_cpuid2`; the flags are rebuilt: leaves 4, 7, 0xb, 0xd and the like have subleaves.
        private static func bytes(of leaves: [CPUIDEntry]) -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: 8 + leaves.count * leafSize)
            try? buffer.store(UInt32(leaves.count), at: 0)
            let significantIndex: UInt32 = 1
            let manySubleaves = Set(Dictionary(grouping: leaves, by: \.leaf).filter { $1.count > 1 }.keys)
            for (position, entry) in leaves.enumerated() {
                let at = 8 + position * leafSize
                let flags = manySubleaves.contains(entry.leaf) || entry.leaf == 7 ? significantIndex : 0
                for (slot, value) in [
                    entry.leaf, entry.subleaf, flags, entry.eax, entry.ebx, entry.ecx, entry.edx,
                ].enumerated() {
                    try? buffer.store(value, at: at + slot * 4)
                }
            }
            return buffer
        }
    #endif
}
