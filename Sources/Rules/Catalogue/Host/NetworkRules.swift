internal import Evidence
internal import Facts

/// Host networking: what guests' packets need. KVH260–KVH279; the ways out of the host are ``UplinkRules``.
enum NetworkRules {
    static let area = "Network"
    private static let bridgeWiki = Citation("libvirt wiki, Net.bridge.bridge-nf-call and sysctl.conf", "2014-06")

    static let all: [Rule<HostFacts>] =
        [
            bridgeModule, forwardingOff, noBridge, bridgedFiltered, dockerBeside, bridgedUnfiltered, bridgeMTU,
            defaultNetwork, advertisedRoutes, openVSwitch,
        ] + UplinkRules.all

    // MARK: - Bridges and forwarding

    static let bridgeModule = Rule<HostFacts>(
        RuleInfo(
            "KVH260", "bridge-module-missing", "the kernel has Ethernet bridges", area: area, severity: .warning,
            rationale: """
                Every network of libvirt's own, default included, is a bridge, and so is every host bridge. A kernel \
                without bridges leaves user-mode networking, macvtap and passthrough.
                """,
            sources: [
                Citation("libvirt docs/formatnetwork.rst, bridge", "11.3"),
                Citation("Linux Documentation/networking/bridge.rst", "6.18"),
            ],
            remedy: Remedy("install the package that has the kernel's other modules", commands: ["modprobe bridge"])),
        violates: { $0.network.bridgeModule = .absent(from: .file("/lib/modules/6.1.0-29-amd64/modules.dep")) },
        decide: { host throws(Undecided) in
            switch try host.network.bridgeModule.get() {
            case .present: .pass()
            case .loadable: .pass(nil, "not loaded; the kernel loads it with the first bridge")
            case nil:
                .fail("the kernel has no bridge module", at: host.network.bridgeModule.places)
            }
        })

    static let forwardingOff = Rule<HostFacts>(
        RuleInfo(
            "KVH261", "forwarding-off-under-nat", "packets of libvirt's NAT network are forwarded", area: area,
            severity: .warning,
            rationale: """
                libvirt switches net.ipv4.ip_forward on when it starts a network with forwarding, and looks no more. \
                A sysctl run or another tool that switches it off later cuts every guest behind NAT off.
                """,
            sources: [Citation("libvirt src/network/bridge_driver.c, networkEnableIPForwarding", "11.3")],
            remedy: Remedy(
                "switch it on, and find in /etc/sysctl.d what switched it off",
                commands: ["sysctl -w net.ipv4.ip_forward=1", "grep -r ip_forward /etc/sysctl.conf /etc/sysctl.d"])),
        violates: { $0.network.forwardsIPv4 = .known(false, from: .file("/proc/sys/net/ipv4/ip_forward")) },
        decide: { host throws(Undecided) in
            let interfaces = try host.network.interfaces.get(whenAbsent: [])
            guard interfaces.contains(where: { $0.name == "virbr0" }) else {
                return .notApplicable("virbr0 is not up; libvirt switches forwarding on with its network")
            }
            guard try host.network.forwardsIPv4.get() == false else { return .pass() }
            return .fail("virbr0 is up and net.ipv4.ip_forward is 0", at: host.network.forwardsIPv4.places)
        })

    static let noBridge = Rule<HostFacts>(
        RuleInfo(
            "KVH262", "no-bridge-to-outside", "a bridge with a card for a port puts guests on the LAN", area: area,
            severity: .note,
            rationale: """
                Guests that others must reach need a bridge that a physical interface is attached to; Eucalyptus in \
                EDGE mode names it in VNET_BRIDGE, br0 as a rule.
                """,
            sources: [Citation("Eucalyptus 5 installation guide, Configure EDGE network mode", "2022")],
            remedy: Remedy("")),
        violates: { host in
            host.network.changeInterface("bond0") { $0.master = .absent() }
        },
        decide: { host throws(Undecided) in
            let bridges = try host.network.bridgesToOutside()
            if !bridges.isEmpty { return .pass(nil, bridges.map(\.name).joined(separator: ", ")) }
            let card = (try? host.network.uplinks())?.first?.name ?? "CARD"
            return .fail(
                "no bridge has a card for a port", at: host.network.interfaces.places,
                remedy: Remedy(
                    "make one in the host's network configuration, the card's addresses on the bridge; by hand only from the console",
                    commands: [
                        "ip link add br0 type bridge", "ip link set \(card.shellWord) master br0", "ip link set br0 up",
                    ]))
        })

    static let bridgedFiltered = Rule<HostFacts>(
        RuleInfo(
            "KVH263", "bridged-packets-filtered",
            "packets between guests and LAN do not go through the host's firewall",
            area: area, severity: .warning,
            rationale: """
                With bridge-nf-call-iptables the host's FORWARD chain judges frames that only cross a bridge. Rules \
                made for the host alone then drop guests' traffic; Docker's policy DROP is the usual one. nwfilter and \
                the iptables security groups of OpenStack are the reason to want it all the same.
                """,
            sources: [bridgeWiki, Citation("moby/moby issue 48365", "2024-08")],
            remedy: Remedy("")),
        violates: {
            $0.network.bridgeCallsIPTables = .known(
                true, from: .file("/proc/sys/net/bridge/bridge-nf-call-iptables"))
        },
        decide: { host throws(Undecided) in
            let bridges = try host.network.bridgesToOutside()
            guard !bridges.isEmpty else { return .notApplicable("no bridge has a card for a port") }
            let names = bridges.map(\.name).joined(separator: ", ")
            let on = try filters(host)
            guard !on.isEmpty else { return .pass(nil, names) }
            return .fail(
                "packets that cross \(names) go through the host's firewall", on.map { "net.bridge.\($0) = 1" },
                at: on.map { Place("/proc/sys/net/bridge/\($0)") },
                remedy: Remedy(
                    "unless a filter of guests needs it; and make it last in /etc/sysctl.d",
                    commands: on.map { "sysctl -w net.bridge.\($0)=0" }))
        })

    /// The settings that send bridged packets through the host's firewall.
    private static func filters(_ host: HostFacts) throws(Undecided) -> [String] {
        var on: [String] = []
        if try host.network.bridgeCallsIPTables.get() == true { on.append("bridge-nf-call-iptables") }
        if try host.network.bridgeCallsIP6Tables.get() == true { on.append("bridge-nf-call-ip6tables") }
        if try host.network.bridgeCallsARPTables.get() == true { on.append("bridge-nf-call-arptables") }
        return on
    }

    static let dockerBeside = Rule<HostFacts>(
        RuleInfo(
            "KVH264", "docker-beside-libvirt", "Docker does not filter beside libvirt's network", area: area,
            severity: .note,
            rationale: """
                Where Docker switches forwarding on itself, it sets the policy of the FORWARD chain to DROP. libvirt's \
                rules in nftables, its default of late, cannot undo that: guests behind NAT then reach nothing. \
                kvmcheck does not read rules, so it cannot tell whether it is so here.
                """,
            sources: [
                Citation("moby/moby issue 52612", "2026-05"), Citation("moby/moby issue 50566", "2025-07"),
            ],
            remedy: Remedy(
                "where guests reach nothing: let libvirt use iptables (firewall_backend in /etc/libvirt/network.conf)",
                commands: [
                    "iptables -S FORWARD | head -1",
                    "echo 'firewall_backend = \"iptables\"' >> /etc/libvirt/network.conf",
                    "systemctl restart virtnetworkd || systemctl restart libvirtd",
                ])),
        violates: { host in
            guard var list = try? host.network.interfaces.get() else { return }
            list.append(NetworkInterface("docker0", .bridge))
            host.network.interfaces = .known(list)
        },
        decide: { host throws(Undecided) in
            let names = Set(try host.network.interfaces.get(whenAbsent: []).map(\.name))
            guard names.contains("virbr0") else { return .notApplicable("virbr0 is not up") }
            guard names.contains("docker0") else { return .pass() }
            return .fail(
                "Docker and libvirt both filter forwarded packets here", ["docker0 and virbr0 are up"],
                at: [Place("/sys/class/net/docker0")])
        })

    static let bridgedUnfiltered = Rule<HostFacts>(
        RuleInfo(
            "KVH265", "bridged-packets-unfiltered", "iptables sees bridged packets", area: area, severity: .note,
            rationale: """
                Neutron's iptables drivers (linuxbridge, iptables_hybrid) hold security groups in rules that only work \
                with bridge-nf-call; without it they are silently void. OVN and the openvswitch driver do not need it.
                """,
            sources: [Citation("OpenStack Neutron installation guide, compute node, provider networks", "2024.1")],
            remedy: Remedy(
                "where an iptables driver is used, and make it last",
                commands: [
                    "modprobe br_netfilter", "sysctl -w net.bridge.bridge-nf-call-iptables=1",
                    "sysctl -w net.bridge.bridge-nf-call-ip6tables=1",
                ])),
        holds: {
            $0.network.bridgeCallsIPTables = .known(true)
            $0.network.bridgeCallsIP6Tables = .known(true)
        },
        violates: {
            $0.network.bridgeCallsIPTables = .absent(from: .file("/proc/sys/net/bridge/bridge-nf-call-iptables"))
        },
        decide: { host throws(Undecided) in
            let seen = try host.network.bridgeCallsIPTables.get()
            let seen6 = try host.network.bridgeCallsIP6Tables.get()
            if seen == true, seen6 == true { return .pass() }
            return seen == nil
                ? .fail("br_netfilter is not loaded", at: host.network.bridgeCallsIPTables.places)
                : .fail(
                    "bridged packets do not go through \(seen == true ? "ip6tables" : "iptables")",
                    at: host.network.bridgeCallsIPTables.places)
        })

    static let bridgeMTU = Rule<HostFacts>(
        RuleInfo(
            "KVH271", "bridge-mtu-above-port", "no bridge has a larger MTU than the card it stands on", area: area,
            severity: .warning,
            rationale: """
                A bridge does not fragment: a frame that guests may send and the card may not is dropped without a \
                word. Small packets pass, so connections open and then hang.
                """,
            sources: [
                Citation("Linux net/bridge/br_if.c, br_mtu_auto_adjust; br_forward.c, is_skb_forwardable", "6.18"),
                Citation("Mastering KVM Virtualization, chapter 16, jumbo frames end to end", "2020"),
            ],
            remedy: Remedy("")),
        violates: { host in
            host.network.changeInterface("bond0") { $0.mtu = .known(1500) }
        },
        decide: { host throws(Undecided) in
            let interfaces = try host.network.interfaces.get(whenAbsent: [])
            let bridges = try host.network.bridgesToOutside()
            guard !bridges.isEmpty else { return .notApplicable("no bridge has a card for a port") }
            var lines: [String] = []
            var commands: [String] = []
            for bridge in bridges {
                guard let mtu = try bridge.mtu.get() else { continue }
                for port in interfaces where try port.master.get() == bridge.name {
                    // Ports of guests can have less; the guest behind them knows.
                    guard [.physical, .bond, .vlan].contains(port.kind), let own = try port.mtu.get(), own < mtu
                    else { continue }
                    lines.append("\(bridge.name) has \(mtu), \(port.name) has \(own)")
                    commands.append("ip link set \(port.name.shellWord) mtu \(mtu)")
                }
            }
            return lines.isEmpty
                ? .pass()
                : .fail(
                    "a bridge's MTU is larger than its card's", lines, at: host.network.interfaces.places,
                    remedy: Remedy(
                        "where cable and switch carry it; else lower the bridge's. Make it last in the network configuration",
                        commands: commands))
        })

    // MARK: - Networks above the kernel's

    static let defaultNetwork = Rule<HostFacts>(
        RuleInfo(
            "KVH274", "default-network-down", "libvirt's network default is up", area: area, severity: .note,
            rationale: """
                virt-install and virt-manager attach guests to the network default unless told otherwise; a guest on a \
                network that is down does not start.
                """,
            sources: [Citation("libvirt docs/formatnetwork.rst; virsh(1), net-start", "11.3")],
            remedy: Remedy("", commands: ["virsh net-start default", "virsh net-autostart default"]),
            explains: ["network 'default' is not active"]),
        violates: { host in
            guard let list = try? host.network.interfaces.get() else { return }
            host.network.interfaces = .known(
                list.filter { $0.name != "virbr0" }, from: host.network.interfaces.provenance)
        },
        decide: { host throws(Undecided) in
            guard let bridge = try host.network.defaultNetworkBridge.get() else {
                return .notApplicable("libvirt has no network default with a bridge of its own")
            }
            if try host.network.interfaces.get(whenAbsent: []).contains(where: { $0.name == bridge }) {
                return .pass(nil, bridge)
            }
            return .fail("\(bridge), the bridge of network default, does not exist", at: [Place("/sys/class/net")])
        })

    static let advertisedRoutes = Rule<HostFacts>(
        RuleInfo(
            "KVH275", "advertised-routes-at-risk", "IPv6 forwarding leaves the host's own IPv6 routes alone",
            area: area,
            severity: .note,
            rationale: """
                Where forwarding is on, the kernel takes no router advertisements unless accept_ra is 2, and forgets \
                the routes it had from them. libvirt therefore refuses to start a network that forwards IPv6.
                """,
            sources: [
                Citation("libvirt src/util/virnetdevip.c, virNetDevIPCheckIPv6Forwarding", "11.3"),
                Citation("Linux Documentation/networking/ip-sysctl.rst, accept_ra", "6.18"),
            ],
            remedy: Remedy(""),
            explains: [
                "has kernel autoconfigured IPv6 routes and enabling forwarding without accept_ra set to 2 will cause "
                    + "the kernel to flush them"
            ]),
        violates: {
            $0.network.routes6 = .known([
                Route("br0", network: "0/0", isDefault: true, isDirect: false, isAdvertised: true)
            ])
            $0.network.acceptsAdvertisements = ["all": .known(1), "br0": .known(1)]
        },
        decide: { host throws(Undecided) in
            let routes = try host.network.routes6.get(whenAbsent: []).filter(\.isAdvertised)
            guard !routes.isEmpty else {
                return .pass("no IPv6 route comes from the kernel's own reading of advertisements")
            }
            let all = try (host.network.acceptsAdvertisements["all"] ?? .notProbed).get(whenAbsent: 0)
            var atRisk: [String] = []
            for name in Set(routes.map(\.interface)).sorted() {
                let own = try (host.network.acceptsAdvertisements[name] ?? .notProbed).get(whenAbsent: 0)
                // libvirt's own condition.
                if own == 1 || (own == 0 && all == 1) { atRisk.append(name) }
            }
            return atRisk.isEmpty
                ? .pass()
                : .fail(
                    "IPv6 routes of \(atRisk.joined(separator: ", ")) go with IPv6 forwarding", ["accept_ra is not 2"],
                    at: atRisk.map { Place("/proc/sys/net/ipv6/conf/\($0)/accept_ra") },
                    remedy: Remedy(
                        "before a network of libvirt forwards IPv6, and make it last",
                        commands: atRisk.map {
                            "sysctl -w \("net.ipv6.conf.\($0.replacingDots).accept_ra=2".shellWord)"
                        }))
        })

    static let openVSwitch = Rule<HostFacts>(
        RuleInfo(
            "KVH276", "openvswitch-not-running", "Open vSwitch runs where its switches are", area: area,
            severity: .warning,
            rationale: """
                The kernel keeps switching known flows without ovs-vswitchd, but no new one, and a guest whose \
                interface is of type openvswitch does not start.
                """,
            sources: [Citation("ovs-vswitchd(8); ovsdb-server(1), unix:/run/openvswitch/db.sock", "3.1")],
            remedy: Remedy(
                "", commands: ["systemctl enable --now openvswitch-switch || systemctl enable --now openvswitch"]),
            explains: [
                "database connection failed (No such file or directory)", "Unable to add port vnet0 to OVS bridge",
            ]),
        holds: {
            $0.network.addOpenVSwitch()
            $0.network.openVSwitchDatabase = .known(true)
        },
        violates: { $0.network.openVSwitchDatabase = .known(false, from: .file("/run/openvswitch/db.sock")) },
        decide: { host throws(Undecided) in
            let interfaces = try host.network.interfaces.get(whenAbsent: [])
            guard interfaces.contains(where: { $0.name == NetworkFacts.openVSwitchPort }) else {
                return .notApplicable("no switch of Open vSwitch is up")
            }
            return try host.network.openVSwitchDatabase.get() == true
                ? .pass()
                : .fail(
                    "the kernel has switches of Open vSwitch, and its database is not running",
                    at: host.network.openVSwitchDatabase.places)
        })
}

extension NetworkFacts {
    /// For the examples of rules: a switch of Open vSwitch.
    fileprivate mutating func addOpenVSwitch() {
        guard var list = try? interfaces.get() else { return }
        list.append(NetworkInterface(NetworkFacts.openVSwitchPort, .virtual(nil)))
        interfaces = .known(list, from: interfaces.provenance)
    }
}

extension String {
    /// The name of an interface in a sysctl key, where `/` stands for a dot.
    var replacingDots: String { String(map { $0 == "." ? "/" : $0 }) }
}
