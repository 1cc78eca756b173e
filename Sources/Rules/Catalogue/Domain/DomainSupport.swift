internal import Evidence
internal import Facts
internal import LibvirtXML

/// What is wrong with a domain, in the order found: the first is the message, the others are evidence.
struct DomainFaults {
    private let domain: DomainFacts
    private var messages: [String] = []
    private var places: [Place] = []

    init(of domain: DomainFacts) { self.domain = domain }

    /// Notes a fault.
    mutating func add(_ message: String, at position: XMLPosition) {
        messages.append(message)
        places.append(DomainPlaces.place(position, domain))
    }

    /// Notes a fault where it is one.
    mutating func add(
        _ message: @autoclosure () -> String, at position: @autoclosure () -> XMLPosition, if isFault: Bool
    ) {
        if isFault { add(message(), at: position()) }
    }

    /// Passes where nothing was noted.
    func decision(remedy: Remedy? = nil) -> Decision {
        guard let first = messages.first else { return .pass() }
        return .fail(first, Array(messages.dropFirst()), at: places, remedy: remedy)
    }
}

extension DomainFacts {
    /// Whether libvirt runs it with QEMU, so that what QEMU's driver refuses concerns it.
    var isQEMU: Bool {
        switch definition.type.value {
        case .known(.qemu), .known(.kqemu), .known(.kvm), .known(.hvf): true
        default: false
        }
    }

    /// Whether its architecture is written and is x86.
    var isX86: Bool { ["x86_64", "i686"].contains(definition.os.arch.value ?? "") }

    /// The most virtual CPUs that it has; one where nothing is written.
    var vcpuMaximum: Int { definition.vcpu.count.value ?? 1 }

    /// Its name as a word of a shell.
    var nameWord: String { (definition.name.value ?? "DOMAIN").shellWord }

    /// How its definition is changed by hand.
    var edit: String { "virsh edit \(nameWord)" }

    /// The memory it starts with, in bytes: what is written, or else that of its nodes; nil where neither is.
    var startMemory: UInt64? {
        if let memory = definition.memory.value, memory > 0 { return memory }
        let cells = definition.cpu.numaCells.compactMap(\.memory.value)
        let sum = cells.reduce(into: UInt64(0)) { sum, cell in
            let (next, overflow) = sum.addingReportingOverflow(cell)
            sum = overflow ? .max : next
        }
        return sum > 0 ? sum : nil
    }
}

/// Sizes for messages.
enum DomainSizes {
    /// Bytes as people write them: `4 GiB`.
    static func text(_ bytes: UInt64) -> String {
        for (unit, name) in [(UInt64(1) << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= unit {
            return bytes % unit == 0 ? "\(bytes / unit) \(name)" : "\(bytes / unit).\(bytes % unit * 10 / unit) \(name)"
        }
        return "\(bytes) bytes"
    }

    /// KiB of the kernel's in bytes.
    static func bytes(kibibytes: Int) -> UInt64 {
        let (product, overflow) = UInt64(max(0, kibibytes)).multipliedReportingOverflow(by: 1024)
        return overflow ? .max : product
    }
}
