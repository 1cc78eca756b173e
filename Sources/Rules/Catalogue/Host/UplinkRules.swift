internal import Evidence
internal import Facts

/// The ways out of the host: cards, bonds, routes. KVH266–KVH279.
enum UplinkRules {
    private static let sysctls = Citation("Linux Documentation/networking/ip-sysctl.rst", "6.18")
    private static let bonding = Citation("Linux Documentation/networking/bonding.rst", "6.18")
    private static let chapter4 = Citation("Mastering KVM Virtualization, chapter 4, virtual networking", "2020")

    static let all: [Rule<HostFacts>] = [
        reversePath, sharedSubnet, single, bondPortDown, bondUnmonitored, bondPortsApart, overlayMTU, wireless, slow,
        halfDuplex,
    ]

    // MARK: - Routes

    static let reversePath = Rule<HostFacts>(
        RuleInfo(
            "KVH266", "reverse-path-strict", "several default routes, and packets may come in by any",
            area: NetworkRules.area,
            severity: .note,
            rationale: """
                Strict reverse path filtering (1) drops what comes in by another interface than the answer would leave \
                by. With several default routes that is half of what others send to guests and host.
                """,
            sources: [sysctls],
            remedy: Remedy("")),
        holds: { $0.network.addSecondDefault(filter: 2) },
        violates: { $0.network.reversePathFilter = ["all": .known(0), "br0": .known(1), "eno3": .known(1)] },
        decide: { host throws(Undecided) in
            let interfaces = Set(try host.network.routes.get(whenAbsent: []).filter(\.isDefault).map(\.interface))
            guard interfaces.count > 1 else {
                return .notApplicable("IPv4 has no two default routes by two interfaces")
            }
            let all = try (host.network.reversePathFilter["all"] ?? .notProbed).get(whenAbsent: 0)
            var strict: [String] = []
            for name in interfaces.sorted() {
                let own = try (host.network.reversePathFilter[name] ?? .notProbed).get(whenAbsent: 0)
                if max(all, own) == 1 { strict.append(name) }
            }
            return strict.isEmpty
                ? .pass(nil, interfaces.sorted().joined(separator: ", "))
                : .fail(
                    "\(strict.joined(separator: ", ")) \(strict.count == 1 ? "filters" : "filter") by strict reverse path",
                    ["default routes by \(interfaces.sorted().joined(separator: ", "))"],
                    at: strict.map { Place("/proc/sys/net/ipv4/conf/\($0)/rp_filter") },
                    remedy: Remedy(
                        "2 is loose: any interface will do. Make it last in /etc/sysctl.d",
                        commands: strict.map {
                            "sysctl -w \("net.ipv4.conf.\($0.replacingDots).rp_filter=2".shellWord)"
                        }))
        })

    static let sharedSubnet = Rule<HostFacts>(
        RuleInfo(
            "KVH267", "subnet-on-two-interfaces", "no two interfaces are in one subnet, or each answers ARP for itself",
            area: NetworkRules.area, severity: .note,
            rationale: """
                Linux answers ARP for any of its addresses on any interface. With two in one subnet the answers change \
                from one card to the other (ARP flux), and traffic goes where nobody planned it; arp_filter binds them.
                """,
            sources: [sysctls, Citation("Mastering KVM Virtualization, chapter 16, network tuning", "2020")],
            remedy: Remedy("")),
        violates: {
            $0.network.routes = .known([
                Route("eno1", network: "0002000A/00FFFFFF", isDefault: false, isDirect: true),
                Route("eno2", network: "0002000A/00FFFFFF", isDefault: false, isDirect: true),
            ])
            $0.network.arpFilter = ["all": .known(0), "eno1": .known(0), "eno2": .known(0)]
        },
        decide: { host throws(Undecided) in
            let shared = Route.sharingNetwork(try host.network.routes.get(whenAbsent: []))
            guard !shared.isEmpty else { return .pass() }
            let all = try (host.network.arpFilter["all"] ?? .notProbed).get(whenAbsent: 0)
            var lines: [String] = []
            for (_, interfaces) in shared where all == 0 {
                var bare: [String] = []
                for name in interfaces {
                    if try (host.network.arpFilter[name] ?? .notProbed).get(whenAbsent: 0) == 0 { bare.append(name) }
                }
                if bare.count > 1 { lines.append(bare.joined(separator: " and ")) }
            }
            return lines.isEmpty
                ? .pass("arp_filter is on where two interfaces share a subnet")
                : .fail(
                    "\(lines.joined(separator: "; ")) share a subnet", ["arp_filter is 0"],
                    at: [Place("/proc/sys/net/ipv4/conf/all/arp_filter")],
                    remedy: Remedy(
                        "make them one bond, or give them subnets of their own; else",
                        commands: ["sysctl -w net.ipv4.conf.all.arp_filter=1"]))
        })

    static let single = Rule<HostFacts>(
        RuleInfo(
            "KVH268", "uplink-single", "the host has more than one physical way out", area: NetworkRules.area,
            severity: .note,
            rationale: "All guests of a host lose the network with its one card, cable or switch port.",
            sources: [
                chapter4, Citation("Mastering KVM Virtualization, chapter 12, OpenStack: bonded 10 Gbit/s", "2020"),
            ],
            remedy: Remedy("make a bond of two cards that go to two switches")),
        violates: { host in
            host.network.changeInterface("eno2np1") { $0.master = .absent() }
        },
        decide: { host throws(Undecided) in
            let uplinks = try host.network.uplinks()
            guard let first = uplinks.first else { return .notApplicable("no default route leaves by hardware") }
            return uplinks.count > 1
                ? .pass(nil, uplinks.map(\.name).joined(separator: ", "))
                : .fail(
                    "everything leaves by \(first.name)", at: [Place("/sys/class/net/\(first.name)")])
        })

    // MARK: - Bonds

    static let bondPortDown = Rule<HostFacts>(
        RuleInfo(
            "KVH269", "bond-port-down", "every port of every bond is up", area: NetworkRules.area, severity: .warning,
            rationale: "A bond works on with the ports it has left, so that nobody sees the loss until the next one.",
            sources: [bonding, chapter4],
            remedy: Remedy("")),
        violates: { $0.network.changeBond { $0.ports[0].isUp = false } },
        decide: { host throws(Undecided) in
            let bonds = try host.network.bonds.get(whenAbsent: [])
            guard !bonds.isEmpty else { return .notApplicable("the host has no bond") }
            let down = bonds.flatMap { bond in bond.ports.filter { !$0.isUp }.map { (bond.name, $0.name) } }
            return down.isEmpty
                ? .pass(nil, bonds.map { "\($0.name), \($0.ports.count) ports" }.joined(separator: "; "))
                : .fail(
                    "\(down.map { "\($0.1) of \($0.0)" }.joined(separator: ", ")) \(down.count == 1 ? "is" : "are") down",
                    at: bonds.filter { bond in down.contains { $0.0 == bond.name } }.map {
                        Place("/proc/net/bonding/\($0.name)")
                    },
                    remedy: Remedy(
                        "look at cable, module and switch port",
                        commands: down.map { "ip link set \($0.1.shellWord) up" }))
        })

    static let bondUnmonitored = Rule<HostFacts>(
        RuleInfo(
            "KVH270", "bond-unmonitored", "every bond watches its links", area: NetworkRules.area, severity: .warning,
            rationale: "Without miimon or arp_interval a bond goes on sending into a dead link.",
            sources: [bonding],
            remedy: Remedy("")),
        violates: { $0.network.changeBond { $0.interval = 0 } },
        decide: { host throws(Undecided) in
            let bonds = try host.network.bonds.get(whenAbsent: [])
            guard !bonds.isEmpty else { return .notApplicable("the host has no bond") }
            let blind = bonds.filter { $0.interval == 0 }.map(\.name)
            return blind.isEmpty
                ? .pass()
                : .fail(
                    "\(blind.joined(separator: ", ")) \(blind.count == 1 ? "does" : "do") not watch its links",
                    ["miimon and arp_interval are 0"], at: blind.map { Place("/proc/net/bonding/\($0)") },
                    remedy: Remedy(
                        "and make it last in the network configuration",
                        commands: blind.map { "ip link set \($0.shellWord) type bond miimon 100" }))
        })

    static let bondPortsApart = Rule<HostFacts>(
        RuleInfo(
            "KVH279", "bond-ports-apart", "the ports of each LACP bond work together", area: NetworkRules.area,
            severity: .note,
            rationale: """
                LACP only joins ports whose other ends agree. Where the switch has no channel for them, or they go to \
                two switches that do not know of each other, all but one stand by.
                """,
            sources: [bonding],
            remedy: Remedy("make one channel of their ports on the switch; switches that stand alone need MLAG")),
        violates: { $0.network.changeBond { $0.ports[1].aggregator = 2 } },
        decide: { host throws(Undecided) in
            let bonds = try host.network.bonds.get(whenAbsent: []).filter { $0.mode.contains("802.3ad") }
            guard !bonds.isEmpty else { return .notApplicable("the host has no LACP bond") }
            let apart = bonds.filter { Set($0.ports.filter(\.isUp).compactMap(\.aggregator)).count > 1 }
            return apart.isEmpty
                ? .pass()
                : .fail(
                    "the ports of \(apart.map(\.name).joined(separator: ", ")) do not work together",
                    apart.map { bond in
                        bond.ports.map { "\($0.name) in aggregator \($0.aggregator.map(String.init) ?? "none")" }
                            .joined(separator: ", ")
                    }, at: apart.map { Place("/proc/net/bonding/\($0.name)") })
        })

    // MARK: - Cards

    static let overlayMTU = Rule<HostFacts>(
        RuleInfo(
            "KVH272", "overlay-mtu-too-small", "the way out carries an overlay's packets of 1500 bytes",
            area: NetworkRules.area, severity: .note,
            rationale: """
                VXLAN adds 50 bytes to every frame, Geneve as OVN uses it 58. Where the card carries 1500, guests of \
                tenant networks must do with 1450 or 1442, and what ignores that hangs; 1600 leaves room, 9000 better.
                """,
            sources: [
                Citation("RFC 7348, section 4.3", "2014-08"),
                Citation("Mastering KVM Virtualization, chapter 12, VXLAN", "2020"),
            ],
            remedy: Remedy("")),
        violates: { host in
            for name in ["eno1np0", "eno2np1"] { host.network.changeInterface(name) { $0.mtu = .known(1500) } }
        },
        decide: { host throws(Undecided) in
            let uplinks = try host.network.uplinks()
            guard !uplinks.isEmpty else { return .notApplicable("no default route leaves by hardware") }
            var small: [(String, Int)] = []
            for uplink in uplinks {
                if let mtu = try uplink.mtu.get(), mtu < 1558 { small.append((uplink.name, mtu)) }
            }
            return small.isEmpty
                ? .pass()
                : .fail(
                    "\(small.map { "\($0.0) has an MTU of \($0.1)" }.joined(separator: ", "))",
                    at: small.map { Place("/sys/class/net/\($0.0)/mtu") },
                    remedy: Remedy(
                        "where the switches carry it; and what stands on the card too, and make it last",
                        commands: small.map { "ip link set \($0.0.shellWord) mtu 9000" }))
        })

    static let wireless = Rule<HostFacts>(
        RuleInfo(
            "KVH273", "uplink-wireless", "guests can be bridged to the host's way out", area: NetworkRules.area,
            severity: .note,
            rationale: """
                An access point takes frames from the station's own address only, and the kernel refuses to make such \
                an interface a port of a bridge. Guests reach out through NAT; nobody reaches them.
                """,
            sources: [
                Citation("Linux net/bridge/br_if.c, br_add_if: IFF_DONT_BRIDGE", "6.18"),
                Citation("libvirt docs/firewall.rst", "11.3"),
            ],
            remedy: Remedy("use libvirt's network default (NAT), or a cable"),
            explains: [
                "can't add wlan0 to bridge br0: Operation not supported", "Device does not allow enslaving to a bridge",
            ]),
        violates: { $0.network.makeUplinksWireless() },
        decide: { host throws(Undecided) in
            let uplinks = try host.network.uplinks()
            guard let first = uplinks.first else { return .notApplicable("no default route leaves by hardware") }
            return uplinks.contains { $0.kind == .physical }
                ? .pass()
                : .fail("the only way out, \(first.name), is wireless", at: [Place("/sys/class/net/\(first.name)")])
        })

    static let slow = Rule<HostFacts>(
        RuleInfo(
            "KVH277", "uplink-slow", "the ways out do 10 Gbit/s", area: NetworkRules.area, severity: .note,
            rationale: "Storage, migration and tenants of a compute node share them; less is a bottleneck.",
            sources: [Citation("Mastering KVM Virtualization, chapter 12, OpenStack requirements", "2020")],
            remedy: Remedy("use cards of 10 Gbit/s or more")),
        violates: { host in
            host.network.changeInterface("eno1np0") { $0.speed = .known(1000) }
        },
        decide: { host throws(Undecided) in
            let uplinks = try host.network.uplinks().filter { $0.kind == .physical }
            var slow: [(String, Int)] = []
            var known = 0
            for uplink in uplinks {
                guard let speed = try uplink.speed.get() else { continue }
                known += 1
                if speed < 10000 { slow.append((uplink.name, speed)) }
            }
            guard known > 0 else { return .notApplicable("no way out has a speed that its driver knows") }
            return slow.isEmpty
                ? .pass()
                : .fail(
                    slow.map { "\($0.0) does \($0.1) Mbit/s" }.joined(separator: ", "),
                    at: slow.map { Place("/sys/class/net/\($0.0)/speed") })
        })

    static let halfDuplex = Rule<HostFacts>(
        RuleInfo(
            "KVH278", "uplink-half-duplex", "no card runs at half duplex", area: NetworkRules.area, severity: .warning,
            rationale: """
                Half duplex on a switched network is a failed negotiation: collisions and a fraction of the \
                throughput, with no error that anybody sees.
                """,
            sources: [Citation("Linux Documentation/ABI/testing/sysfs-class-net, duplex", "6.18")],
            remedy: Remedy("")),
        violates: { host in
            host.network.changeInterface("eno1np0") { $0.duplex = .known("half") }
        },
        decide: { host throws(Undecided) in
            var half: [String] = []
            for interface in try host.network.interfaces.get(whenAbsent: []) where interface.kind == .physical {
                if try interface.duplex.get() == "half" { half.append(interface.name) }
            }
            return half.isEmpty
                ? .pass()
                : .fail(
                    "\(half.joined(separator: ", ")) \(half.count == 1 ? "runs" : "run") at half duplex",
                    at: half.map { Place("/sys/class/net/\($0)/duplex") },
                    remedy: Remedy(
                        "let both ends negotiate, and look at the cable",
                        commands: half.map { "ethtool -s \($0.shellWord) autoneg on" }))
        })
}

extension NetworkFacts {
    /// For the examples of rules: a second default route of IPv4, with a reverse path filter.
    fileprivate mutating func addSecondDefault(filter: Int) {
        routes = .known([
            Route("br0", network: "00000000/00000000", isDefault: true, isDirect: false),
            Route("eno3", network: "00000000/00000000", isDefault: true, isDirect: false),
        ])
        reversePathFilter = ["all": .known(filter), "br0": .known(0), "eno3": .known(0)]
    }

    /// For the examples of rules: changes the first bond.
    fileprivate mutating func changeBond(_ change: (inout Bond) -> Void) {
        guard var list = try? bonds.get(), !list.isEmpty else { return }
        change(&list[0])
        bonds = .known(list, from: bonds.provenance)
    }

    /// For the examples of rules: takes the cables away.
    fileprivate mutating func makeUplinksWireless() {
        guard let list = try? interfaces.get() else { return }
        interfaces = .known(
            list.map { interface in
                var interface = interface
                if interface.kind == .physical { interface.kind = .wireless }
                return interface
            }, from: interfaces.provenance)
    }
}
