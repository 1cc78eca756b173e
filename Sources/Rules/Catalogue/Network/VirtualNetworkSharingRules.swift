internal import Evidence
internal import Facts
internal import LibvirtXML

/// Virtual networks beside each other. KVN060–KVN067.
enum VirtualNetworkSharingRules {
    static let all: [Rule<NetworkDefinitionFacts>] =
        IdentityRules(
            noun: "network", area: area,
            source: Citation("libvirt src/conf/virnetworkobj.c: virNetworkObjIsDuplicate; tried", "9.0"),
            example: ("<network>", "</network>"), sample: ("default", "4f3c2a66-2d5a-4f3e-8f0c-6f8f1c1f5a01")
        ).rules(("KVN060", "KVN061", "KVN062")) + [subnetTaken, subnetsOverlap, bridgeTaken, macTaken, drift]

    private static let area = "Other networks"

    // MARK: - Subnets

    static let subnetTaken = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN063", "network-subnet-taken", "no other network that is up has its subnet", area: area,
            severity: .error,
            rationale: "libvirt does not start a network in a subnet that another network's bridge has a route to.",
            sources: [
                Citation("libvirt src/network/bridge_driver_linux.c: networkCheckRouteCollision; tried", "9.0")
            ],
            remedy: Remedy("choose another subnet"),
            explains: ["internal error: Network is already in use by interface virbr0"]),
        example: ("<ip address='192.168.122.1'", "<ip address='192.168.100.9'"),
        faults: { network throws(Undecided) in
            var found: [Fault] = []
            var untold = false
            for meeting in try meetings(of: network) where meeting.own == meeting.other && meeting.own.isIPv4 {
                switch (network.readiness, meeting.network.readiness) {
                case (.toRun, .toRun):
                    found.add(
                        "\(meeting.own) is the subnet of network \(meeting.network.label) too", at: meeting.position)
                case (.untold, _), (_, .untold): untold = true
                default: break
                }
            }
            if found.isEmpty, untold {
                throw Undecided(Obstacle(.notAsked, "", "nobody tells which networks are started"))
            }
            return found
        })

    static let subnetsOverlap = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN064", "networks-overlap", "its subnets share no address with another network's", area: area,
            severity: .warning,
            rationale: """
                Of one subnet only one network can be started. Of two that overlap libvirt starts both, and the longer prefix \
                wins: guests of the other are out of reach in the addresses that they share.
                """,
            sources: [
                Citation("libvirt src/network/bridge_driver_linux.c: networkCheckRouteCollision; tried", "9.0")
            ],
            remedy: Remedy("choose another subnet")),
        example: (
            "<ip address='192.168.122.1' netmask='255.255.255.0'>", "<ip address='192.168.100.9' netmask='255.255.0.0'>"
        ),
        faults: { network throws(Undecided) in
            try meetings(of: network).filter { meeting in
                // The rule before has those of which libvirt refuses one.
                !(meeting.own == meeting.other && meeting.own.isIPv4 && network.readiness == .toRun
                    && meeting.network.readiness == .toRun)
            }.map { meeting in
                let what = meeting.own == meeting.other ? "is the subnet" : "overlaps \(meeting.other)"
                return Fault("\(meeting.own) \(what) of network \(meeting.network.label)", at: meeting.position)
            }
        })

    /// Two subnets of two networks that share addresses.
    private struct Meeting {
        let own: Subnet
        let other: Subnet
        let network: NetworkNeighbour
        let position: XMLPosition
    }

    /// The subnets that share addresses with those of other networks of which libvirt makes the bridge.
    private static func meetings(of network: NetworkDefinitionFacts) throws(Undecided) -> [Meeting] {
        let own = subnets(of: network.definition)
        guard !own.isEmpty else { return [] }
        _ = try network.around.count(beside: network.ordinal)
        var found: [Meeting] = []
        for (index, other) in network.around.all.enumerated() where index != network.ordinal {
            for theirs in subnets(of: other.definition) {
                for ours in own where ours.subnet.overlaps(theirs.subnet) {
                    found.append(
                        Meeting(own: ours.subnet, other: theirs.subnet, network: other, position: ours.position))
                }
            }
        }
        return found
    }

    private static func subnets(of network: Network) -> [(subnet: Subnet, position: XMLPosition)] {
        guard network.isManaged else { return [] }
        return network.ips.compactMap { ip in ip.subnet.map { ($0, ip.position) } }
    }

    // MARK: - Bridges

    static let bridgeTaken = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN065", "network-bridge-of-another", "no other network makes a bridge of the same name", area: area,
            severity: .error, rationale: "libvirt does not define a network whose bridge is another network's.",
            sources: [Citation("libvirt src/network/bridge_driver.c: networkBridgeNameValidate; tried", "9.0")],
            remedy: Remedy("take the name away: libvirt then finds one that is free"),
            explains: ["internal error: bridge name 'virbr0' already in use."]),
        violates: { $0.meet("<network><name>other</name><bridge name='virbr0'/></network>") },
        faults: { network throws(Undecided) in
            let definition = network.definition
            // In mode bridge several networks may go over one bridge of the host. `%d` is a number that libvirt finds.
            guard definition.isManaged, let name = definition.bridge.name.value, !name.contains("%d"),
                let other = try network.other(.bridge(name), where: { $0.definition.isManaged })
            else { return [] }
            return [Fault("\(name) is the bridge of network \(other.label) too", at: definition.bridge.position)]
        })

    static let macTaken = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN066", "network-mac-of-another", "no other network's bridge has its hardware address", area: area,
            severity: .note,
            rationale:
                "Bridges that are apart do not meet; IPv6 link-local addresses and tools that go by the address do.",
            sources: [Citation("libvirt docs/formatnetwork.rst, addressing: mac", "9.0")],
            remedy: Remedy("take <mac> away: libvirt then makes an address")),
        violates: { $0.meet("<network><name>other</name><mac address='52:54:00:35:55:2d'/></network>") },
        faults: { network throws(Undecided) in
            guard let mac = network.definition.mac.value, let other = try network.other(.mac(mac)) else { return [] }
            return [Fault("\(mac) is the address of network \(other.label) too", at: network.definition.mac.position)]
        })

    // MARK: - What runs

    static let drift = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN067", "network-differs-as-it-runs", "the network runs as it is defined", area: area, severity: .note,
            rationale:
                "What was changed in the definition only comes with the network's next start, and the other way round.",
            sources: [Citation("virsh(1), net-edit, net-update --live --config, net-dumpxml --inactive", "9.0")],
            remedy: Remedy("start the network anew when no guest needs it, or undo the change")),
        violates: { $0.run(instead: "end='192.168.122.254'", of: "end='192.168.122.200'") },
        remedy: { network in
            let name = (network.definition.name.value ?? "NETWORK").shellWord
            return Remedy(
                "start the network anew when no guest needs it, or undo the change",
                commands: ["virsh net-dumpxml \(name)", "virsh net-dumpxml --inactive \(name)"])
        },
        faults: { network throws(Undecided) in
            guard let ordinal = network.ordinal else { throw Undecided(Obstacle(.notProbed, "")) }
            guard let live = try network.around.all[ordinal].live.get(), let new = live.element,
                let old = network.definition.element
            else { return [] }
            return XMLDiff.compare(old, new, ignoringRuntime: true).filter { !$0.path.hasSuffix("/@connections") }.map {
                Fault($0.drift, at: $0.oldPosition ?? network.definition.position)
            }
        })
}

extension Subnet {
    fileprivate var isIPv4: Bool { network.family == .ipv4 }
}

extension NetworkDefinitionFacts {
    /// Whether it is started or starts with the host, as far as it is known.
    fileprivate var readiness: ResourceUses.Readiness { NetworkNeighbour(definition, libvirt: libvirt).readiness }

    /// Lets it run, one piece of its text another, for the examples of rules.
    fileprivate mutating func run(instead old: String, of new: String) {
        guard let running = Self(xml: Self.sampleXML.replacing(old, with: new)) else { return }
        live(running.definition)
    }
}
