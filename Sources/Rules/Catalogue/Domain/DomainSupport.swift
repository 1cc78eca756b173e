internal import Evidence
internal import Facts
internal import LibvirtXML

extension DomainFacts {
    /// The most virtual CPUs that it has; one where nothing is written.
    var vcpuMaximum: Int { definition.vcpu.count.value ?? 1 }

    /// Devices with more queues than the guest has virtual CPUs.
    func queuesAboveCPUs(_ devices: [(label: String, queues: Field<Int>)]) -> [Fault] {
        guard let count = definition.vcpu.count.value else { return [] }
        return devices.filter { ($0.queues.value ?? 0) > count }.map { label, queues in
            Fault("\(label) has \(queues.value ?? 0) queues for \(count) CPUs", at: queues.position)
        }
    }

    /// Its name as a word of a shell.
    var nameWord: String { (definition.name.value ?? "DOMAIN").shellWord }

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
    /// KiB of the kernel's in bytes.
    static func bytes(kibibytes: Int) -> UInt64 {
        let (product, overflow) = UInt64(max(0, kibibytes)).multipliedReportingOverflow(by: 1024)
        return overflow ? .max : product
    }
}
