internal import Evidence
internal import Facts
internal import LibvirtXML

/// Virtual networks on their host. KVN035–KVN044. Of a definition from a file they are unknown.
enum VirtualNetworkHostRules {
    static let all: [Rule<NetworkDefinitionFacts>] = [
        subnetInUse, subnetOverlaps, bridgeMissing, deviceMissing, dnsmasqMissing, autostartOff,
    ]

    private static let area = VirtualNetworkModeRules.area
    private static let manual = Citation("libvirt docs/formatnetwork.rst", "9.0")

    static let subnetInUse = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN035", "network-subnet-in-use", "the subnet is not one that the host is in already", area: area,
            severity: .error,
            rationale: "libvirt does not start a network whose subnet another interface of the host has a route to.",
            sources: [Citation("libvirt src/network/bridge_driver_linux.c: networkCheckRouteCollision", "9.0")],
            remedy: Remedy("choose another subnet, or use <forward mode='bridge'/> with a bridge on that interface"),
            explains: ["internal error: Network is already in use by interface eth0"]),
        example: (
            "<ip address='192.168.122.1' netmask='255.255.255.0'>", "<ip address='10.0.2.1' netmask='255.255.255.0'>"
        ),
        faults: { network throws(Undecided) in
            try collisions(network).filter { $0.subnet == $0.route }.map {
                Fault("\($0.subnet) is in use by interface \($0.interface)", at: $0.position)
            }
        })

    static let subnetOverlaps = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN036", "network-subnet-overlaps", "the subnet is apart from those that the host routes", area: area,
            severity: .warning,
            rationale:
                "Of two routes the longer prefix wins: one of the networks loses the addresses they share, and libvirt does not see it.",
            sources: [Citation("libvirt src/network/bridge_driver_linux.c: networkCheckRouteCollision", "9.0")],
            remedy: Remedy("choose another subnet")),
        example: (
            "<ip address='192.168.122.1' netmask='255.255.255.0'>", "<ip address='10.0.0.1' netmask='255.255.0.0'>"
        ),
        faults: { network throws(Undecided) in
            try collisions(network).filter { $0.subnet != $0.route }.map {
                Fault("\($0.subnet) overlaps \($0.route) on interface \($0.interface)", at: $0.position)
            }
        })

    /// The network's IPv4 subnets that share addresses with routes of the host's other interfaces. Default routes do not
    /// count, nor those of the network's own bridge.
    private static func collisions(
        _ network: NetworkDefinitionFacts
    ) throws(Undecided) -> [(subnet: Subnet, route: Subnet, interface: String, position: XMLPosition)] {
        guard network.definition.isManaged, !network.definition.ips.isEmpty else { return [] }
        let routes = try network.host.network.routes.get(whenAbsent: [])
        var own = network.definition.bridge.name.value
        if own == nil { own = try? network.libvirt.get()?.bridge.get() }
        var found: [(subnet: Subnet, route: Subnet, interface: String, position: XMLPosition)] = []
        for ip in network.definition.ips {
            guard let subnet = ip.subnet, subnet.network.family == .ipv4 else { continue }
            for route in routes where !route.isDefault && route.interface != own {
                // Without a name for its bridge, one that libvirt made may be the network's own.
                if own == nil, route.interface.hasPrefix("virbr") { continue }
                guard let other = Subnet(ipv4: route), other.prefix > 0, other.overlaps(subnet) else { continue }
                found.append((subnet, other, route.interface, ip.position))
            }
        }
        return found
    }

    static let bridgeMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN037", "network-bridge-missing", "the host has the bridge that the network uses", area: area,
            severity: .error,
            rationale:
                "In mode bridge libvirt starts the network whether or not the bridge is there; guests on it do not start.",
            sources: [
                Citation(
                    "libvirt as the reference notes tried it: virsh net-start with a bridge that is not there", "9.0"),
                manual,
            ],
            remedy: Remedy(
                "make the bridge on the host, or name the one that is there", commands: ["ip -br link show type bridge"]
            ),
            explains: ["Cannot get interface MTU on 'br9': No such device"]),
        example: ("<forward mode='nat'>", "<bridge name='br9'/><forward mode='bridge'>"),
        faults: { network throws(Undecided) in
            guard network.definition.effectiveMode == .known(.bridge), let name = network.definition.bridge.name.value
            else { return [] }
            let interfaces = try network.host.network.interfaces.get(whenAbsent: [])
            guard !interfaces.contains(where: { $0.name == name }) else { return [] }
            return [Fault("the host has no bridge \(name)", at: network.definition.bridge.position)]
        })

    static let deviceMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN038", "network-device-missing", "the host has the devices that the network goes over", area: area,
            severity: .warning,
            rationale:
                "Guests reach nothing over a device that is not there, and of modes with macvtap or SR-IOV they do not start.",
            sources: [manual], remedy: Remedy("name a device that is there", commands: ["ip -br link"])),
        example: ("<forward mode='nat'>", "<forward mode='nat' dev='eth9'>"),
        faults: { network throws(Undecided) in
            let named = network.definition.deviceFields.filter(\.isPresent)
            guard !named.isEmpty else { return [] }
            let interfaces = Set(try network.host.network.interfaces.get(whenAbsent: []).map(\.name))
            var seen: Set<String> = []
            return named.filter { !interfaces.contains($0.value ?? "") && seen.insert($0.text ?? "").inserted }.map {
                Fault("the host has no device \($0.text ?? "")", at: $0.position)
            }
        })

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
        violates: { subject in
            guard var told = try? subject.libvirt.get() else { return }
            told.autostart = .known(false)
            subject.libvirt = .known(told)
        },
        faultsOfTold: { network, told throws(Undecided) in
            guard try told.isPersistent.get(whenAbsent: false), try !told.autostart.get(whenAbsent: false) else {
                return []
            }
            let isUsed = try told.isActive.get(whenAbsent: false) || told.name == "default"
            return isUsed
                ? [Fault("network \(told.name) does not start with the host", at: network.definition.position)] : []
        })
}
