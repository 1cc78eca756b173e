internal import Evidence
internal import Facts
internal import LibvirtXML

/// What the QEMU process of a running domain really holds, held against what its definition asks for. KVD191–KVD194.
enum DomainProcessRules {
    static let all: [Rule<DomainFacts>] = [kvmNotHeld, swappedOut, hugePagesNotUsed, vhostNotUsed]

    private static let area = "Process"
    private static let proc = Citation(
        "Linux Documentation/filesystems/proc.rst: /proc/PID/status, /proc/PID/fd", "6.18")

    static let kvmNotHeld = rule(
        RuleInfo(
            "KVD191", "running-without-kvm", "a running domain of type kvm holds a VM of KVM", area: area,
            severity: .warning,
            rationale: """
                A QEMU that has no VM of KVM open translates the guest's code (TCG): it runs, ten times slower and more. \
                A wrapper in the place of the emulator, or arguments passed through, can come to that.
                """,
            sources: [
                proc, Citation("QEMU docs/devel/tcg.rst; qemu(1): -accel, which takes several in order", "7.2"),
            ],
            remedy: Remedy("see which accelerator QEMU was started with, then stop and start the domain")),
        process: { $0.virtualMachines = .known(0) },
        faults: { domain, process throws(Undecided) in
            guard domain.definition.type == .kvm, try process.usesKVM.get() == false else { return [] }
            return [Fault("QEMU's process \(process.pid) holds no VM of KVM", at: domain.definition.type.position)]
        },
        remedy: { domain in
            [
                "tr '\\0' '\\n' < /proc/$(cat /run/libvirt/qemu/\(domain.nameWord).pid)/cmdline | grep -A1 -e -accel",
                "virsh shutdown \(domain.nameWord)", "virsh start \(domain.nameWord)",
            ]
        })

    /// What may be swapped out unnoticed: pages that a guest touched once when it booted.
    private static let unnoticed: UInt64 = 64 << 20

    static let swappedOut = rule(
        RuleInfo(
            "KVD192", "memory-swapped-out", "the host keeps a running domain's memory in RAM", area: area,
            severity: .warning,
            rationale: """
                A guest does not know which of its pages the host has swapped out: each access to one stops a vCPU for as \
                long as the disk takes.
                """,
            sources: [proc, Citation("libvirt docs/formatdomain.rst, memory backing: locked", "9.0")],
            remedy: Remedy("give the host more memory or fewer guests; <memoryBacking><locked/> keeps it in RAM")),
        process: { $0.swapped = .known(1 << 30) },
        faults: { domain, process throws(Undecided) in
            guard let swapped = try process.swapped.get(), swapped >= unnoticed else { return [] }
            return [
                Fault(
                    "\(ByteCount.text(swapped)) of QEMU's process \(process.pid) are swapped out",
                    at: domain.definition.memory.position)
            ]
        },
        remedy: { _ in
            ["free -h", "vmstat 1 5"]
        })

    static let hugePagesNotUsed = rule(
        RuleInfo(
            "KVD193", "huge-pages-not-in-use", "a running domain has the huge pages that it asks for", area: area,
            severity: .warning,
            rationale: """
                Where <hugepages> was added while the domain ran, it still runs on small pages, until it is stopped and \
                started: a reboot from inside keeps the process and its memory.
                """,
            sources: [proc, Citation("libvirt docs/formatdomain.rst, memory backing: hugepages", "9.0")],
            remedy: Remedy("stop and start it")),
        violates: { domain in
            domain.rewrite("<vcpu placement", "<memoryBacking><hugepages/></memoryBacking><vcpu placement")
        },
        process: { $0.hugePages = .known(0) },
        faults: { domain, process throws(Undecided) in
            let field = domain.definition.memoryBacking.usesHugePages
            guard field.value == true, try process.hugePages.get() == 0 else { return [] }
            return [Fault("QEMU's process \(process.pid) has no huge page", at: field.position)]
        },
        remedy: { domain in
            ["virsh shutdown \(domain.nameWord)", "virsh start \(domain.nameWord)"]
        })

    static let vhostNotUsed = rule(
        RuleInfo(
            "KVD194", "vhost-net-not-in-use", "virtio interfaces of a running domain are served by vhost-net",
            area: area,
            severity: .warning,
            rationale: """
                Without /dev/vhost-net libvirt starts the domain all the same, and QEMU itself copies each packet: more \
                latency, and half the throughput or less.
                """,
            sources: [
                proc, Citation("libvirt src/qemu/qemu_interface.c: qemuInterfaceOpenVhostNet", "9.0"),
            ],
            remedy: Remedy(
                "load vhost_net on the host, then stop and start the domain", commands: ["modprobe vhost_net"])
        ),
        process: { $0.vhostDevices = .known([]) },
        faults: { domain, process throws(Undecided) in
            // libvirt opens it for KVM alone, where nothing else is asked for.
            let interfaces = domain.definition.devices.interfaces.filter { interface in
                interface.isVirtio && interface.isOnTap && interface.driver.name != .qemu && !interface.namesVhostDevice
            }
            guard domain.definition.type == .kvm, let first = interfaces.first,
                let open = try process.vhostDevices.get(),
                !open.contains("/dev/vhost-net")
            else { return [] }
            let names = interfaces.map(\.label).joined(separator: ", ")
            return [Fault("\(names) without vhost-net", at: first.position)]
        },
        remedy: { domain in
            ["modprobe vhost_net", "virsh shutdown \(domain.nameWord)", "virsh start \(domain.nameWord)"]
        })

    private static func running(_ process: QEMUProcessFacts) -> Observation<LibvirtDomainFacts> {
        var told = LibvirtDomainFacts(name: "web1")
        told.process = .known(process)
        return .known(told)
    }

    /// A rule about the process of a domain that QEMU runs; of one that does not run there is nothing to say.
    private static func rule(
        _ info: RuleInfo, violates: @escaping @Sendable (inout DomainFacts) -> Void = { _ in },
        process change: @escaping @Sendable (inout QEMUProcessFacts) -> Void,
        faults: @escaping @Sendable (DomainFacts, QEMUProcessFacts) throws(Undecided) -> [Fault],
        remedy: @escaping @Sendable (DomainFacts) -> [String]
    ) -> Rule<DomainFacts> {
        Rule<DomainFacts>(
            info,
            holds: { domain in domain.libvirt = running(.fit) },
            violates: { domain in
                violates(&domain)
                var process = QEMUProcessFacts.fit
                change(&process)
                domain.libvirt = running(process)
            },
            decide: { domain throws(Undecided) in
                guard let told = try domain.libvirt.get() else { return .notApplicable("libvirt was not asked") }
                guard domain.definition.isQEMU else { return .notApplicable("QEMU does not run it") }
                guard let process = try told.process.get() else { return .notApplicable("it does not run") }
                return try faults(domain, process).decision(
                    on: domain, remedy: Remedy(info.remedy.text, commands: remedy(domain)))
            })
    }
}

extension QEMUProcessFacts {
    /// The process of the fit domain, for the examples of rules.
    fileprivate static var fit: Self {
        var process = Self(pid: 4711)
        process.virtualMachines = .known(1)
        process.vhostDevices = .known(["/dev/vhost-net"])
        process.swapped = .known(0)
        process.hugePages = .known(0)
        return process
    }
}

extension Domain.Interface {
    /// Whether another device than `/dev/vhost-net` is to be opened for it.
    fileprivate var namesVhostDevice: Bool { element?.first("backend")?["vhost"] != nil }

    /// Whether the host has a tap or macvtap device of it, which vhost-net can serve.
    fileprivate var isOnTap: Bool {
        switch type.value?.known {
        case .network, .bridge, .direct, .ethernet: true
        default: false
        }
    }
}
