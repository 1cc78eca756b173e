/// The x86-64 microarchitecture levels, judged by CPUID: x86-64 psABI, section 3.1.1.
public enum CPULevel {
    private struct Bit {
        var name: String
        var leaf: UInt32
        var register: Register
        var bit: Int

        func isSet(in entry: CPUIDEntry) -> Bool {
            let value =
                switch register {
                case .ebx: entry.ebx
                case .ecx: entry.ecx
                case .edx: entry.edx
                }
            return value >> UInt32(bit) & 1 == 1
        }
    }

    private enum Register {
        case ebx
        case ecx
        case edx
    }

    private static let levels: [[Bit]] = [
        [
            Bit(name: "fpu", leaf: 1, register: .edx, bit: 0), Bit(name: "cx8", leaf: 1, register: .edx, bit: 8),
            Bit(name: "cmov", leaf: 1, register: .edx, bit: 15), Bit(name: "mmx", leaf: 1, register: .edx, bit: 23),
            Bit(name: "fxsr", leaf: 1, register: .edx, bit: 24), Bit(name: "sse", leaf: 1, register: .edx, bit: 25),
            Bit(name: "sse2", leaf: 1, register: .edx, bit: 26),
            Bit(name: "syscall", leaf: 0x8000_0001, register: .edx, bit: 11),
            Bit(name: "lm", leaf: 0x8000_0001, register: .edx, bit: 29),
        ],
        [
            Bit(name: "sse3", leaf: 1, register: .ecx, bit: 0), Bit(name: "ssse3", leaf: 1, register: .ecx, bit: 9),
            Bit(name: "cx16", leaf: 1, register: .ecx, bit: 13), Bit(name: "sse4.1", leaf: 1, register: .ecx, bit: 19),
            Bit(name: "sse4.2", leaf: 1, register: .ecx, bit: 20),
            Bit(name: "popcnt", leaf: 1, register: .ecx, bit: 23),
            Bit(name: "lahf", leaf: 0x8000_0001, register: .ecx, bit: 0),
        ],
        [
            Bit(name: "fma", leaf: 1, register: .ecx, bit: 12), Bit(name: "movbe", leaf: 1, register: .ecx, bit: 22),
            Bit(name: "xsave", leaf: 1, register: .ecx, bit: 26), Bit(name: "avx", leaf: 1, register: .ecx, bit: 28),
            Bit(name: "f16c", leaf: 1, register: .ecx, bit: 29), Bit(name: "bmi1", leaf: 7, register: .ebx, bit: 3),
            Bit(name: "avx2", leaf: 7, register: .ebx, bit: 5), Bit(name: "bmi2", leaf: 7, register: .ebx, bit: 8),
            Bit(name: "lzcnt", leaf: 0x8000_0001, register: .ecx, bit: 5),
        ],
        [
            Bit(name: "avx512f", leaf: 7, register: .ebx, bit: 16),
            Bit(name: "avx512dq", leaf: 7, register: .ebx, bit: 17),
            Bit(name: "avx512cd", leaf: 7, register: .ebx, bit: 28),
            Bit(name: "avx512bw", leaf: 7, register: .ebx, bit: 30),
            Bit(name: "avx512vl", leaf: 7, register: .ebx, bit: 31),
        ],
    ]

    /// The highest level that the leaves make up, 0 to 4, and the features that are missing for the next one.
    public static func level(of leaves: [CPUIDEntry]) -> (level: Int, missing: [String]) {
        for (index, bits) in levels.enumerated() {
            let missing = bits.filter { bit in
                !leaves.contains { $0.leaf == bit.leaf && $0.subleaf == 0 && bit.isSet(in: $0) }
            }
            if !missing.isEmpty { return (index, missing.map(\.name)) }
        }
        return (levels.count, [])
    }
}
