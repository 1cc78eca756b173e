internal import Evidence
internal import Facts
internal import LibvirtXML

/// Virtual networks on their host: addresses, services, state. KVN035–KVN040, KVN088–KVN091, KVN100–KVN103. Of a
/// definition from a file they are unknown.
enum VirtualNetworkHostRules {
    static let all: [Rule<NetworkDefinitionFacts>] = [
        subnetInUse, subnetOverlaps, dnsmasqMissing, autostartOff, advertisementsLost, forwardingOff,
        zoneWithoutFirewall,
        bridgeTaken, notStarted, transient,
    ]

    private static let area = VirtualNetworkModeRules.area
    private static let manual = Citation("libvirt docs/formatnetwork.rst", "9.0")

    private static let collision = Citation(
        "libvirt src/network/bridge_driver_linux.c: networkCheckRouteCollision; virsh net-start", "9.0")

    static let subnetInUse = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN035", "network-subnet-in-use", "the subnet is not one that the host is in already", area: area,
            severity: .error,
            rationale:
                "libvirt does not start a network whose subnet, or a static route of it, another interface of the host has a route to: guests behind NAT would reach neither.",
            sources: [collision],
            remedy: Remedy("choose another subnet, or use <forward mode='bridge'/> with a bridge on that interface"),
            explains: [
                "internal error: Network is already in use by interface eth0",
                "Route address '10.250.1.0' conflicts with IP address for 'eth0'",
            ]),
        example: (
            "<ip address='192.168.122.1' netmask='255.255.255.0'>", "<ip address='10.0.2.1' netmask='255.255.255.0'>"
        ),
        faults: { network throws(Undecided) in
            try collisions(network).filter(\.isRefused).map {
                Fault("\($0.subnet) is in use by interface \($0.interface)", at: $0.position)
            }
        })

    static let subnetOverlaps = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN036", "network-subnet-overlaps", "the subnet is apart from those that the host routes", area: area,
            severity: .warning,
            rationale:
                "Of two routes the longer prefix wins, of two alike the first: one of the networks loses the addresses they share. libvirt looks for the same IPv4 subnet only.",
            sources: [collision],
            remedy: Remedy("choose another subnet")),
        example: (
            "<ip address='192.168.122.1' netmask='255.255.255.0'>", "<ip address='10.0.0.1' netmask='255.255.0.0'>"
        ),
        faults: { network throws(Undecided) in
            try collisions(network).filter { !$0.isRefused }.map {
                Fault("\($0.subnet) overlaps \($0.route) on interface \($0.interface)", at: $0.position)
            }
        })

    /// A subnet, or the destination of a static route, that shares addresses with a route of the host.
    private struct Collision {
        var subnet: Subnet
        var route: Subnet
        var interface: String
        var position: XMLPosition
        /// Whether it is what libvirt looks for.
        var isRefused: Bool { subnet == route && subnet.network.family == .ipv4 }
    }

    /// Default routes do not count, nor those of the network's own bridge, nor the link-local and multicast ones that every
    /// interface has.
    private static func collisions(_ network: NetworkDefinitionFacts) throws(Undecided) -> [Collision] {
        let definition = network.definition
        guard definition.isManaged, !definition.ips.isEmpty else { return [] }
        let destinations: [(Subnet, XMLPosition)] =
            definition.ips.compactMap { ip in ip.subnet.map { ($0, ip.position) } }
            + definition.routes.compactMap { route in
                guard let address = route.address.value,
                    let prefix = route.prefix.value ?? route.netmask.value?.prefixLength, prefix > 0
                else { return nil }
                return Subnet(address, prefix: prefix).map { ($0, route.position) }
            }
        var routes: [(interface: String, subnet: Subnet)] = []
        if destinations.contains(where: { $0.0.network.family == .ipv4 }) {
            routes += try network.host.network.routes.get(whenAbsent: []).filter { !$0.isDefault }
                .compactMap { route in Subnet(ipv4: route).map { (route.interface, $0) } }
        }
        if destinations.contains(where: { $0.0.network.family == .ipv6 }) {
            routes += try network.host.network.routes6.get(whenAbsent: []).filter { !$0.isDefault }
                .compactMap { route in Subnet(ipv6: route).map { (route.interface, $0) } }
        }
        let everywhere = [("fe80::", 10), ("ff00::", 8)].compactMap { text, prefix in
            IPAddress(text).flatMap { Subnet($0, prefix: prefix) }
        }
        var own = definition.bridge.name.value
        if own == nil { own = try? network.libvirt.get()?.bridge.get() }
        var found: [Collision] = []
        for (subnet, position) in destinations {
            for (interface, other) in routes where interface != own && other.prefix > 0 && other.overlaps(subnet) {
                // Without a name for its bridge, one that libvirt made may be the network's own.
                if own == nil, interface.hasPrefix("virbr") { continue }
                if everywhere.contains(where: { $0.contains(other.network) }) { continue }
                found.append(Collision(subnet: subnet, route: other, interface: interface, position: position))
            }
        }
        return found
    }

    static let dnsmasqMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN039", "network-dnsmasq-missing", "dnsmasq is there for the network's DHCP and DNS", area: area,
            severity: .error, rationale: "libvirt does not start a network with an address without dnsmasq.",
            sources: [
                Citation("libvirt as the reference notes tried it: virsh net-start without dnsmasq", "9.0"), manual,
            ],
            remedy: Remedy("install dnsmasq", commands: ["apt-get install dnsmasq-base"]),
            explains: ["Unable to find 'dnsmasq' binary in $PATH"]),
        violates: { $0.host.stack.dnsmasq = .absent() },
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard definition.isManaged, let first = definition.ips.first else { return [] }
            // Neither names nor addresses to serve.
            if definition.dns.isEnabled.value == false,
                definition.ips.allSatisfy({ $0.dhcp.ranges.isEmpty && $0.dhcp.hosts.isEmpty })
            {
                return []
            }
            return try network.host.stack.dnsmasq.isPresent()
                ? [] : [Fault("the host has no dnsmasq", at: first.position)]
        })

    static let autostartOff = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN040", "network-autostart-off", "the network starts with the host", area: area, severity: .warning,
            rationale:
                "After the next boot guests on the network do not start: libvirt does not start a network for them.",
            sources: [Citation("virsh(1), net-autostart", "9.0")],
            remedy: Remedy("run virsh net-autostart with its name")),
        violates: { $0.tell { $0.autostart = .known(false) } },
        remedy: { command("net-autostart", $0, "let it start with the host") },
        faultsOfTold: { network, told throws(Undecided) in
            guard try told.isPersistent.get(whenAbsent: false), try !told.autostart.get(whenAbsent: false) else {
                return []
            }
            let isUsed = try told.isActive.get(whenAbsent: false) || told.name == "default"
            return isUsed
                ? [Fault("network \(told.name) does not start with the host", at: network.definition.position)] : []
        })

    /// A command of virsh's about the network.
    @Sendable private static func command(_ verb: String, _ network: NetworkDefinitionFacts, _ text: String) -> Remedy {
        Remedy(text, commands: ["virsh \(verb) \((network.definition.name.value ?? "NETWORK").shellWord)"])
    }

    static let advertisementsLost = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN088", "network-ipv6-forwarding-refused", "the host keeps its IPv6 routes when it forwards", area: area,
            severity: .error,
            rationale: """
                A host that forwards IPv6 drops the routes that it has from router advertisements, unless accept_ra is 2. \
                libvirt does not start a network with an IPv6 address that forwards on such a host.
                """,
            sources: [
                Citation("libvirt src/util/virnetdevip.c: virNetDevIPCheckIPv6Forwarding", "9.0"),
                Citation("Linux Documentation/networking/ip-sysctl.rst, accept_ra", "6.1"),
            ],
            remedy: Remedy(
                "set accept_ra to 2 on the interface, or give the host its IPv6 routes by hand",
                commands: ["sysctl -w net.ipv6.conf.INTERFACE.accept_ra=2"]),
            explains: [
                "Check the host setup: interface eth0 has kernel autoconfigured IPv6 routes and enabling forwarding without accept_ra set to 2 will cause the kernel to flush them, breaking networking."
            ]),
        violates: { subject in
            subject.rewrite("</ip>", "</ip><ip family='ipv6' address='fd00:7a8b::1' prefix='64'/>")
            subject.host.network.routes6 = .known([
                Facts.Route(
                    "br0", network: "20010db8000000000000000000000000/64", isDefault: false, isDirect: true,
                    isAdvertised: true)
            ])
            subject.host.network.acceptsAdvertisements = ["all": .known(1), "br0": .known(1)]
        },
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard definition.isManaged, definition.forward.isPresent,
                let ip = definition.ips.first(where: { $0.address.value?.family == .ipv6 })
            else { return [] }
            let facts = network.host.network
            var faults: [Fault] = []
            for name in Set(try facts.routes6.get(whenAbsent: []).filter(\.isAdvertised).map(\.interface)).sorted() {
                func setting(_ name: String) throws(Undecided) -> Int? {
                    try (facts.acceptsAdvertisements[name] ?? .notProbed).get()
                }
                // As libvirt has it: 1 on the interface, or 0 there and 1 for all.
                var isLost = try setting(name) == 1
                if try setting(name) == 0 { isLost = try setting("all") == 1 }
                faults.add(
                    "interface \(name) has routes by advertisement and accept_ra is not 2", at: ip.position, if: isLost)
            }
            return faults
        })

    static let forwardingOff = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN089", "network-forwarding-off", "the host forwards for the network", area: area, severity: .warning,
            rationale:
                "libvirt switches forwarding on when it starts the network; where something switched it off again, guests reach nothing beyond the host.",
            sources: [Citation("libvirt src/network/bridge_driver.c: networkEnableIPForwarding", "9.0")],
            remedy: Remedy(
                "switch forwarding on, and keep it in /etc/sysctl.d", commands: ["sysctl -w net.ipv4.ip_forward=1"])),
        violates: { $0.host.network.forwardsIPv4 = .known(false) },
        faultsOfTold: { network, told throws(Undecided) in
            let (definition, facts) = (network.definition, network.host.network)
            guard try told.isActive.get(whenAbsent: false), definition.isManaged, definition.forward.isPresent else {
                return []
            }
            let families = Set(definition.ips.compactMap { $0.address.value?.family })
            var faults: [Fault] = []
            if families.contains(.ipv4), try facts.forwardsIPv4.get() == false {
                faults.add("net.ipv4.ip_forward is 0", at: definition.forward.position)
            }
            if families.contains(.ipv6), try facts.forwardsIPv6.get() == false {
                faults.add("net.ipv6.conf.all.forwarding is 0", at: definition.forward.position)
            }
            return faults
        })

    static let zoneWithoutFirewall = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN100", "network-zone-without-firewalld", "firewalld runs for the bridge's zone", area: area,
            severity: .error, rationale: "libvirt does not start a network with a zone while firewalld does not run.",
            sources: [
                Citation("libvirt src/network/bridge_driver_linux.c: networkAddFirewallRules; virsh net-start", "9.0")
            ],
            remedy: Remedy("start firewalld, or take the zone away", commands: ["systemctl enable --now firewalld"]),
            explains: ["zone public requested for network default but firewalld is not active"]),
        example: ("<bridge name='virbr0'", "<bridge name='virbr0' zone='public'"),
        faults: { network throws(Undecided) in
            let definition = network.definition
            // Mode open has no rules of libvirt's, and so no zone.
            guard definition.isManaged, definition.effectiveMode != .known(.open), definition.bridge.zone.isPresent,
                let units = try network.host.stack.activeUnits.get(), !units.contains("firewalld.service")
            else { return [] }
            return [
                Fault(
                    "zone \(definition.bridge.zone.text ?? "") without firewalld", at: definition.bridge.zone.position)
            ]
        })

    static let bridgeTaken = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN101", "network-bridge-taken", "the bridge's name is free", area: area, severity: .error,
            rationale:
                "libvirt makes the bridge when it starts the network, and cannot where the host has an interface of that name.",
            sources: [Citation("libvirt src/util/virnetdevbridge.c: virNetDevBridgeCreate; virsh net-start", "9.0")],
            remedy: Remedy(
                "choose another name, or use <forward mode='bridge'/> for a bridge of the host's own",
                commands: ["ip -br link"]),
            explains: ["error creating bridge interface br0: File exists"]),
        violates: { subject in
            subject.rewrite("name='virbr0'", "name='br0'")
            subject.tell { $0.isActive = .known(false) }
        },
        faultsOfTold: { network, told throws(Undecided) in
            let definition = network.definition
            guard definition.isManaged, let name = definition.bridge.name.value,
                try !told.isActive.get(whenAbsent: false)
            else { return [] }
            let interfaces = try network.host.network.interfaces.get(whenAbsent: [])
            return interfaces.contains { $0.name == name }
                ? [Fault("the host has an interface \(name)", at: definition.bridge.name.position)] : []
        })

    static let notStarted = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN102", "network-not-started", "networks that are to run do", area: area, severity: .warning,
            rationale:
                "A network that starts with the host, or is called default, and is not started: no guest on it starts.",
            sources: [Citation("virsh(1), net-start, net-autostart", "9.0")],
            remedy: Remedy("start it")),
        violates: { $0.tell { $0.isActive = .known(false) } },
        remedy: { command("net-start", $0, "start it; the error that libvirt gives is what is wrong") },
        faultsOfTold: { network, told throws(Undecided) in
            guard try told.isPersistent.get(whenAbsent: false), try !told.isActive.get(whenAbsent: false),
                try told.autostart.get(whenAbsent: false) || told.name == "default"
            else { return [] }
            return [Fault("network \(told.name) is not started", at: network.definition.position)]
        })

    static let transient = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN103", "network-transient", "the network outlives its run", area: area, severity: .note,
            rationale: "A network without a definition is gone when it is stopped, and after the host's next boot.",
            sources: [Citation("virsh(1), net-create", "9.0")],
            remedy: Remedy("define it")),
        violates: { $0.tell { $0.isPersistent = .known(false) } },
        remedy: { network in
            let name = network.definition.name.value ?? "NETWORK"
            return Remedy(
                "define what runs",
                commands: [
                    "virsh net-dumpxml \(name.shellWord) > \("\(name).xml".shellWord)",
                    "virsh net-define \("\(name).xml".shellWord)",
                ])
        },
        faultsOfTold: { network, told throws(Undecided) in
            guard try !told.isPersistent.get(whenAbsent: true) else { return [] }
            return [Fault("network \(told.name) has no definition", at: network.definition.position)]
        })
}
