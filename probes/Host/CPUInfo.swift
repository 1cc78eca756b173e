internal import Evidence

/// `/proc/cpuinfo`, in the form of the architecture that wrote it (`arch/*/kernel/cpu/proc.c` and its like).
struct CPUInfo {
    /// A line `name : value` of the first processor, and of the machine where the architecture has such lines.
    private(set) var first: [String: String] = [:]
    /// The words after `flags`, `Features`, `features` or `facilities`: what the processor can do.
    private(set) var flags: Set<String> = []
    /// How many processors are listed.
    private(set) var processorCount = 0
    /// The sockets of the processors listed; empty where the architecture does not list them.
    private(set) var sockets: Set<Substring> = []
    /// The cores of the processors listed, each with its socket; empty where the architecture does not list them.
    private(set) var cores: Set<[Substring]> = []

    init(_ text: String) {
        var socket: Substring = ""
        for line in text.lines {
            guard let (before, after) = line.cut(at: ":") else { continue }
            let name = String(before.trimmed)
            // These two are wanted of every processor, all else of the first alone.
            if name == "physical id" {
                socket = after.trimmed
                sockets.insert(socket)
            } else if name == "core id" {
                cores.insert([socket, after.trimmed])
            }
            // `processor : 0`, and on s390x `processor 0: version = …`
            if name == "processor" || name.hasPrefix("processor ") { processorCount += 1 }
            guard first[name] == nil else { continue }
            first[name] = String(after.trimmed)
            if ["flags", "Features", "features", "facilities", "vmx flags"].contains(name) {
                flags.formUnion(after.words.map(String.init))
            }
        }
        // Kernels before 3.8 for ARM with one processor list none: only the machine's `Processor` line stands there.
        if processorCount == 0, first["Processor"] != nil { processorCount = 1 }
    }

    /// The kernel's name of the architecture, as far as the file's form tells it.
    var architecture: String? {
        if first["vendor_id"]?.hasPrefix("IBM/S390") == true { return "s390x" }
        if first["flags"] != nil { return flags.contains("lm") ? "x86_64" : "i686" }
        if first["CPU implementer"] != nil { return arm }
        if first["platform"] != nil || first["cpu"]?.hasPrefix("POWER") == true { return "ppc64le" }
        if first["isa"]?.hasPrefix("rv64") == true { return "riscv64" }
        return nil
    }

    /// Kernels before 3.19 wrote `AArch64` for 8, and all of 32 bits name the core's version: `… rev 7 (v6l)`.
    private var arm: String {
        if ["8", "AArch64"].contains(first["CPU architecture"]) { return "aarch64" }
        let name = first["Processor"] ?? first["model name"] ?? ""
        return name.hasSuffix("(v6l)") ? "armv6l" : "armv7l"
    }

    /// The flag that stands for hardware virtualization on this architecture; nil where none is shown.
    var virtualizationFlag: String? {
        ["vmx", "svm", "sie"].first { flags.contains($0) }
    }

    /// The x86-64 microarchitecture level: x86-64 psABI, section 3.1.1, in the kernel's names of the flags.
    var level: Int? {
        guard flags.contains("lm") else { return nil }
        let levels: [[String]] = [
            ["cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2"],
            ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"],
            ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"],
            ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
        ]
        return levels.prefix { $0.allSatisfy(flags.contains) }.count
    }
}
