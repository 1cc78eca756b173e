@_spi(Probing) internal import Evidence
internal import Facts
internal import LibvirtXML

// What a report says of a definition before its findings: a line for people, and the same for programs.

extension Subject {
    /// A domain.
    init(_ facts: DomainFacts, source: String) {
        let description = DomainDescription(definition: facts.definition, told: facts.libvirt.known)
        self.init(
            kind: .domain, name: facts.definition.name.value ?? "(unnamed)", source: source,
            headline: description.headline, properties: description.properties)
    }

    /// A network.
    init(_ facts: NetworkDefinitionFacts, source: String) {
        let (definition, told) = (facts.definition, facts.libvirt.known)
        let bridge = told?.bridge.known ?? definition.bridge.name.value
        self.init(
            kind: .network, name: definition.name.value ?? "(unnamed)", source: source,
            headline: [
                told?.isActive.known.map { $0 ? "active" : "inactive" },
                Self.wontLast(told?.isPersistent), told.map { Self.autostart($0.autostart) } ?? nil,
                bridge.map { "bridge \($0)" },
                told?.leases.known.flatMap { $0.isEmpty ? nil : Self.counted($0.count, "DHCP lease") },
            ].compactMap { $0 },
            properties: [
                .init("uuid", text: told?.uuid), .init("active", flag: told?.isActive),
                .init("persistent", flag: told?.isPersistent), .init("autostart", flag: told?.autostart),
                .init("bridge", bridge.map { .text($0) }),
            ])
    }

    /// A storage pool.
    init(_ facts: PoolDefinitionFacts, source: String) {
        let (definition, told) = (facts.definition, facts.libvirt.known)
        let space = told?.space.known
        self.init(
            kind: .pool, name: definition.effectiveName ?? "(unnamed)", source: source,
            headline: [
                told?.state.known?.word, Self.wontLast(told?.isPersistent),
                told.map { Self.autostart($0.autostart) } ?? nil,
                space.map { "\(ByteCount.text($0.available)) free of \(ByteCount.text($0.capacity))" },
                told?.volumes.known.map { Self.counted($0.count, "volume") },
            ].compactMap { $0 },
            properties: [
                .init("uuid", text: told?.uuid), .init("state", told?.state.known.map { .text($0.word) }),
                .init("persistent", flag: told?.isPersistent), .init("autostart", flag: told?.autostart),
                .init("capacity", space.map { .number($0.capacity) }),
                .init("allocation", space.map { .number($0.allocation) }),
                .init("available", space.map { .number($0.available) }),
            ])
    }

    /// What is so by exception is said: an object that ends with its run.
    fileprivate static func wontLast(_ isPersistent: Observation<Bool>?) -> String? {
        isPersistent?.known == false ? "transient" : nil
    }

    fileprivate static func autostart(_ autostart: Observation<Bool>) -> String? {
        autostart.known.map { $0 ? "autostart" : "no autostart" }
    }

    fileprivate static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

/// What is told of a domain beside its definition.
private struct DomainDescription {
    let definition: Domain
    let told: LibvirtDomainFacts?

    var headline: [String] {
        var parts: [String?] = [told?.state.known?.word, Subject.wontLast(told?.isPersistent)]
        parts.append(told.flatMap { Subject.autostart($0.autostart) })
        parts.append(definition.vcpu.count.value.map { Subject.counted($0, "vCPU") })
        parts.append(definition.memory.value.map(ByteCount.text))
        parts.append(definition.os.machine.value)
        parts.append(Subject.counted(definition.devices.disks.count, "disk"))
        if told?.hasManagedSave.known == true { parts.append("managed save") }
        if let snapshots = told?.snapshots.known, !snapshots.isEmpty {
            parts.append(Subject.counted(snapshots.count, "snapshot"))
        }
        parts.append(process)
        let addresses = self.addresses
        if !addresses.isEmpty { parts.append(addresses.prefix(4).joined(separator: ", ")) }
        return parts.compactMap { $0 } + guest
    }

    /// How QEMU really runs it.
    private var process: String? {
        guard let process = told?.process.known else { return nil }
        var words: [String] = []
        switch process.usesKVM.known {
        case true: words.append("on KVM")
        case false: words.append("emulated by QEMU (TCG)")
        case nil: if let accelerator = process.accelerators.known?.first { words.append("accelerator \(accelerator)") }
        }
        let vhost = process.vhostDevices.known ?? []
        if !vhost.isEmpty { words.append(Self.names(vhost)) }
        if let size = process.hugePages.known, size > 0 { words.append("\(ByteCount.text(size)) in huge pages") }
        if let size = process.swapped.known, size > 0 { words.append("\(ByteCount.text(size)) swapped out") }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// Devices of vhost by their names, each once, with how many descriptors of it are open.
    private static func names(_ devices: [String]) -> String {
        Set(devices).sorted().map { device in
            let count = devices.count { $0 == device }
            let name = device.hasPrefix("/dev/") ? String(device.dropFirst("/dev/".count)) : device
            return count > 1 ? "\(count) × \(name)" : name
        }.joined(separator: ", ")
    }

    /// The agent knows all, the leases those that libvirt's own dnsmasq gave out.
    private var addresses: [String] {
        let interfaces = told?.agent.addresses.known ?? told?.leasedAddresses.known ?? []
        return interfaces.filter { $0.name != "lo" }.flatMap(\.addresses).filter { !$0.address.hasPrefix("fe80:") }
            .map(\.address)
    }

    // MARK: - The guest, by its agent

    private var guest: [String] {
        guard let agent = told?.agent, agent.information.obstacle?.kind != .notProbed else { return [] }
        let information = agent.information.known ?? [:]
        var parts: [String?] = [
            operatingSystem, agent.hostName.known.map { "host name \($0)" },
        ]
        let fileSystems = self.fileSystems
        if !fileSystems.isEmpty { parts.append(fileSystems.prefix(3).joined(separator: ", ")) }
        if information.isEmpty, let obstacle = agent.information.obstacle {
            parts.append("guest agent: \(obstacle.detail.isEmpty ? obstacle.kind.phrase : obstacle.detail)")
        }
        return parts.compactMap { $0 }
    }

    private var operatingSystem: String? {
        let information = told?.agent.information.known ?? [:]
        return information["os.pretty-name"] ?? information["os.name"]
    }

    /// `/ 2.1 GiB of 7.7 GiB`, for each file system that says how full it is.
    private var fileSystems: [String] {
        let information = told?.agent.information.known ?? [:]
        // A guest is free to name a number.
        let count = min(information["fs.count"].flatMap { Int($0) } ?? 0, 256)
        return (0..<max(0, count)).compactMap { index in
            guard let mountPoint = information["fs.\(index).mountpoint"] else { return nil }
            guard let used = information["fs.\(index).used-bytes"].flatMap({ UInt64($0) }),
                let total = information["fs.\(index).total-bytes"].flatMap({ UInt64($0) })
            else { return mountPoint }
            return "\(mountPoint) \(ByteCount.text(used)) of \(ByteCount.text(total))"
        }
    }

    var properties: [SubjectProperty] {
        let process = told?.process.known
        return [
            .init("uuid", text: told?.uuid), .init("id", told?.id.known.map { .number(UInt64($0)) }),
            .init("state", told?.state.known.map { .text($0.word) }),
            .init("persistent", flag: told?.isPersistent), .init("autostart", flag: told?.autostart),
            .init("managedSave", flag: told?.hasManagedSave),
            .init("snapshots", told?.snapshots.known.map { .texts($0) }),
            .init("addresses", told.flatMap { _ in addresses.isEmpty ? nil : .texts(addresses) }),
            .init("usesKVM", flag: process?.usesKVM),
            .init("vhost", process?.vhostDevices.known.map { .texts($0) }),
            .init("swapped", process?.swapped.known.map { .number($0) }),
            .init("hugePages", process?.hugePages.known.map { .number($0) }),
            .init("guestHostName", text: told?.agent.hostName),
            .init("guestOperatingSystem", operatingSystem.map { .text($0) }),
            .init("guestFileSystems", fileSystems.isEmpty ? nil : .texts(fileSystems)),
        ]
    }
}

extension SubjectProperty {
    fileprivate init(_ name: String, text: Observation<String>?) {
        self.init(name, text?.known.map { .text($0) })
    }

    fileprivate init(_ name: String, flag: Observation<Bool>?) {
        self.init(name, flag?.known.map { .flag($0) })
    }
}

extension LibvirtDomainFacts.State {
    /// The state as `virsh list` prints it (virshDomainStateToString).
    var word: String {
        switch self {
        case .noState: "no state"
        case .running: "running"
        case .blocked: "idle"
        case .paused: "paused"
        case .shuttingDown: "in shutdown"
        case .shutOff: "shut off"
        case .crashed: "crashed"
        case .suspended: "pmsuspended"
        }
    }
}

extension LibvirtPoolFacts.State {
    /// The state as `virsh pool-info` prints it.
    var word: String { rawValue }

    /// The state as `virsh pool-list` prints it.
    var listWord: String { self == .running ? "active" : rawValue }
}

/// Sizes for people.
enum ByteCount {
    /// Bytes in the largest unit that leaves a whole number before the point: `7.7 GiB`, `4 GiB`, `512 KiB`.
    static func text(_ bytes: UInt64) -> String {
        for (unit, name) in [(UInt64(1) << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        where bytes >= unit {
            let tenth = bytes % unit * 10 / unit
            return tenth == 0 ? "\(bytes / unit) \(name)" : "\(bytes / unit).\(tenth) \(name)"
        }
        return "\(bytes) bytes"
    }
}
