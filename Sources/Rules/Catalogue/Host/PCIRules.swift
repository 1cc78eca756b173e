internal import Evidence
internal import Facts

/// PCI devices: links and NUMA nodes. KVH080–KVH099; SR-IOV, KVH070–KVH079, stands in ``SRIOVRules``.
enum PCIRules {
    static let area = "SR-IOV and PCI"
    private static let sysfs = Citation("Linux Documentation/ABI/testing/sysfs-bus-pci", "6.18")

    static let all: [Rule<HostFacts>] = SRIOVRules.all + [linkNarrow, linkSlow, nodeUnknown, nodeEmpty]

    // MARK: - Links

    static let linkNarrow = Rule<HostFacts>(
        RuleInfo(
            "KVH080", "pci-link-narrow", "every device has all its PCI Express lanes", area: area, severity: .note,
            rationale: """
                A card with half its lanes moves half as much. Either the slot is narrower than the card, or a contact \
                is bad and the link came up with fewer lanes than both ends have.
                """,
            sources: [sysfs, Citation("Mastering KVM Virtualization, chapter 16, PCI Express slots", "2020")],
            remedy: Remedy("")),
        violates: { $0.pci.degradeFirstLink { $0.width = 4 } },
        decide: { host throws(Undecided) in
            try judgeLinks(host, fault: "fewer lanes than it can", where: { _, link in link.isNarrow }) {
                "x\($0.width) of x\($0.maximumWidth)"
            } port: { link, port in
                port.maximumWidth < link.maximumWidth ? "the slot has x\(port.maximumWidth)" : nil
            }
        })

    static let linkSlow = Rule<HostFacts>(
        RuleInfo(
            "KVH081", "pci-link-slow", "every device's PCI Express link runs at the device's speed", area: area,
            severity: .note,
            rationale: """
                A link that came up a generation lower moves half as much on each lane. Graphics processors lower \
                their speed while they idle and are not judged.
                """,
            sources: [sysfs, Citation("Mastering KVM Virtualization, chapter 16, PCI Express slots", "2020")],
            remedy: Remedy("")),
        violates: { $0.pci.degradeFirstLink { $0.speed = 8000 } },
        decide: { host throws(Undecided) in
            try judgeLinks(
                host, fault: "a lower speed than it can", where: { $0.kind != .display && $1.isSlow }
            ) {
                "\(gigatransfers($0.speed)) of \(gigatransfers($0.maximumSpeed))"
            } port: { link, port in
                port.maximumSpeed < link.maximumSpeed ? "the slot does \(gigatransfers(port.maximumSpeed))" : nil
            }
        })

    /// Judges every link the same way.
    ///
    /// - Parameters:
    ///   - fault: What a device is said to have.
    ///   - isFault: Whether this link has the fault.
    ///   - extent: How far the link is below what the device can do.
    ///   - port: What of that is the port's doing; nil where the port could do it too.
    private static func judgeLinks(
        _ host: HostFacts, fault: String, where isFault: (PCIDevice, PCILink) -> Bool,
        extent: (PCILink) -> String, port: (PCILink, PCILink) -> String?
    ) throws(Undecided) -> Decision {
        var lines: [String] = []
        var places: [Place] = []
        var retrain: [String] = []
        var judged = 0
        for device in try host.pci.devices.get(whenAbsent: []) {
            guard let link = try device.link.get(), link.width > 0 else { continue }
            judged += 1
            guard isFault(device, link) else { continue }
            var line = "\(host.label(device)): \(extent(link))"
            if let above = try? device.port.get() {
                if let reason = port(link, above) {
                    line += ", \(reason)"
                } else {
                    line += ", although the slot can do it"
                    retrain.append(device.address)
                }
            }
            lines.append(line)
            places.append(Place("/sys/bus/pci/devices/\(device.address)"))
        }
        guard !lines.isEmpty else {
            return judged == 0 ? .notApplicable("no device has a PCI Express link") : .pass(nil, "\(judged) links")
        }
        let text =
            retrain.isEmpty
            ? "move the card to a slot that has what it can use, where its throughput matters"
            : "look for errors of the link, reseat the card, or look at the slot's settings in the firmware"
        let what = lines.count == 1 ? "a device has" : "\(lines.count) devices have"
        return .fail(
            "\(what) \(fault)", lines, at: places,
            remedy: Remedy(text, commands: retrain.map { "lspci -vv -s \($0.shellWord) | grep -e LnkCap -e LnkSta" }))
    }

    /// `8.0 GT/s`, as the kernel writes it.
    private static func gigatransfers(_ megatransfers: Int) -> String {
        "\(megatransfers / 1000).\(megatransfers % 1000 / 100) GT/s"
    }

    // MARK: - NUMA nodes

    static let nodeUnknown = Rule<HostFacts>(
        RuleInfo(
            "KVH082", "device-node-unknown", "the firmware says which NUMA node each card and disk hangs on",
            area: area,
            severity: .note,
            rationale: """
                A guest whose processors are pinned to one node loses latency to a device on another. Without the \
                firmware's word nobody, libvirt included, can place it right.
                """,
            sources: [sysfs, Citation("libvirt docs/formatnode.rst, numa", "11.3")],
            remedy: Remedy(
                "update the firmware; look whether a setting such as \"NUMA nodes per socket\" leaves out the ACPI _PXM"
            )),
        violates: { host in
            host.pci.changeFirst { $0.node = .absent() }
        },
        decide: { host throws(Undecided) in
            let nodes = try host.pci.nodes.get(whenAbsent: [0])
            guard nodes.count > 1 else { return .notApplicable("the host has one NUMA node") }
            var lines: [String] = []
            var known: [String] = []
            for device in try placed(host) {
                if let node = try device.node.get() {
                    known.append("\(host.shortLabel(device)) node \(node)")
                } else {
                    lines.append(host.label(device))
                }
            }
            return lines.isEmpty
                ? .pass(nil, known.joined(separator: ", "))
                : .fail(
                    "the NUMA node of \(lines.count == 1 ? "a device" : "\(lines.count) devices") is not known", lines)
        })

    static let nodeEmpty = Rule<HostFacts>(
        RuleInfo(
            "KVH083", "device-on-empty-node", "every card and disk hangs on a NUMA node with processors and memory",
            area: area, severity: .note,
            rationale: """
                A node without processors or without memory cannot hold a guest: whatever uses the device crosses to \
                another node for every access. Unequal population of the memory slots is the usual reason.
                """,
            sources: [Citation("Linux Documentation/ABI/stable/sysfs-devices-node", "6.18")],
            remedy: Remedy("give every socket memory, or move the card to a slot of a socket that has some")),
        violates: { $0.pci.nodesWithMemory = .known([1], from: .file("/sys/devices/system/node/has_memory")) },
        decide: { host throws(Undecided) in
            let nodes = try host.pci.nodes.get(whenAbsent: [0])
            guard nodes.count > 1 else { return .notApplicable("the host has one NUMA node") }
            let memory = try host.pci.nodesWithMemory.get(whenAbsent: [])
            let processors = try host.pci.nodesWithProcessors.get(whenAbsent: [])
            var lines: [String] = []
            for device in try placed(host) {
                guard let node = try device.node.get() else { continue }
                if !memory.contains(node) {
                    lines.append("\(host.label(device)): node \(node) has no memory")
                } else if !processors.contains(node) {
                    lines.append("\(host.label(device)): node \(node) has no processors")
                }
            }
            return lines.isEmpty
                ? .pass()
                : .fail(
                    "\(lines.count == 1 ? "a device hangs" : "\(lines.count) devices hang") on an empty node", lines)
        })

    /// Network cards and the controllers of disks.
    private static func placed(_ host: HostFacts) throws(Undecided) -> [PCIDevice] {
        try host.pci.devices.get(whenAbsent: []).filter { $0.kind == .network || $0.kind == .storage }
    }
}

extension HostFacts {
    /// The device as an administrator knows it: address, its interfaces and disks, its name in udev's database.
    func label(_ device: PCIDevice) -> String {
        var parts = attached(to: device)
        if let name = try? device.name.get() { parts.append(name.description) }
        return parts.isEmpty ? device.address : "\(device.address) (\(parts.joined(separator: ", ")))"
    }

    /// The interface or disk of a device, or its address where it has none.
    func shortLabel(_ device: PCIDevice) -> String { attached(to: device).first ?? device.address }

    private func attached(to device: PCIDevice) -> [String] {
        let disks = ((try? pci.disks.get()) ?? [:]).filter { $0.value == device.address }.map(\.key).sorted()
        return interfaces(of: device.address).map(\.name) + disks
    }

    /// The network interfaces of a PCI device, as far as they are known; for words, never for a verdict.
    func interfaces(of address: String) -> [NetworkInterface] {
        ((try? network.interfaces.get()) ?? []).filter { $0.pciAddress == address }
    }
}

extension PCIFacts {
    /// For the examples of rules: changes the first device.
    mutating func changeFirst(_ change: (inout PCIDevice) -> Void) {
        guard var list = try? devices.get(), !list.isEmpty else { return }
        change(&list[0])
        devices = .known(list, from: devices.provenance)
    }

    /// For the examples of rules: changes the first device's link.
    mutating func degradeFirstLink(_ change: (inout PCILink) -> Void) {
        changeFirst { device in
            guard var link = try? device.link.get() else { return }
            device.port = .known(link)
            change(&link)
            device.link = .known(link)
        }
    }
}
