public import Evidence

/// Host networking: interfaces, routes, bridges, forwarding, filters.
public struct NetworkFacts: Sendable {
    /// The interfaces of the network namespace that `/sys` shows, without the loopback, by name.
    public var interfaces: Observation<[NetworkInterface]> = .notProbed
    /// The IPv4 routes of the main table.
    public var routes: Observation<[Route]> = .notProbed
    /// The IPv6 routes; absent where the kernel has no IPv6.
    public var routes6: Observation<[Route]> = .notProbed
    /// Whether the kernel has Ethernet bridges; absent where no module can be found either.
    public var bridgeModule: Observation<ModuleState> = .notProbed
    /// Whether IPv4 packets are forwarded: `net.ipv4.ip_forward`.
    public var forwardsIPv4: Observation<Bool> = .notProbed
    /// Whether IPv6 packets are forwarded: `net.ipv6.conf.all.forwarding`.
    public var forwardsIPv6: Observation<Bool> = .notProbed
    /// Whether bridged IPv4 packets go through iptables; absent where the kernel's bridge has no netfilter.
    public var bridgeCallsIPTables: Observation<Bool> = .notProbed
    /// Whether bridged IPv6 packets go through ip6tables; absent where the kernel's bridge has no netfilter.
    public var bridgeCallsIP6Tables: Observation<Bool> = .notProbed
    /// Whether bridged ARP packets go through arptables; absent where the kernel's bridge has no netfilter.
    public var bridgeCallsARPTables: Observation<Bool> = .notProbed
    /// `net.ipv4.conf.*.rp_filter` by interface and `all`; read only where IPv4 has several default interfaces.
    public var reversePathFilter: [String: Observation<Int>] = [:]
    /// `net.ipv4.conf.*.arp_filter` by interface and `all`; read only where two interfaces share a subnet.
    public var arpFilter: [String: Observation<Int>] = [:]
    /// `net.ipv6.conf.*.accept_ra` by interface and `all`; read only where the kernel has routes by advertisement.
    public var acceptsAdvertisements: [String: Observation<Int>] = [:]
    /// The bonds as the bonding driver tells them.
    public var bonds: Observation<[Bond]> = .notProbed
    /// Whether the kernel has Open vSwitch's datapath.
    public var openVSwitchModule: Observation<Bool> = .notProbed
    /// Whether the socket of Open vSwitch's database is there.
    public var openVSwitchDatabase: Observation<Bool> = .notProbed
    /// The bridge of libvirt's network `default` by its definition; absent where there is no such network.
    public var defaultNetworkBridge: Observation<String> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// Whether a part of the kernel is there.
public enum ModuleState: String, Sendable {
    /// Loaded or built in.
    case present
    /// Not loaded; the kernel finds it when it is needed.
    case loadable
}

/// A network interface.
public struct NetworkInterface: Sendable {
    /// What stands behind an interface.
    public enum Kind: Sendable, Hashable {
        /// Hardware, or what a hypervisor shows as such.
        case physical
        /// Hardware without a cable, which cannot be a port of a bridge.
        case wireless
        /// A bridge of the kernel.
        case bridge
        /// Several interfaces as one.
        case bond
        /// A VLAN of another interface.
        case vlan
        /// Another interface of software: the kernel's name for it, or nil where it has none (tap, veth, …).
        case virtual(String?)
    }

    /// The name: `eno1`.
    public var name: String
    /// What stands behind it.
    public var kind: Kind
    /// The PCI device it belongs to; nil where there is none.
    public var pciAddress: String?
    /// The bridge, bond or switch that it is a port of; absent where it is none's.
    public var master: Observation<String> = .notProbed
    /// The interfaces that it stands on, as a VLAN stands on another; ports of bridges and bonds name their master.
    public var lower: Observation<[String]> = .notProbed
    /// The largest packet, in bytes; not read for taps and their like.
    public var mtu: Observation<Int> = .notProbed
    /// The state of RFC 2863 in the kernel's words: `up`, `down`, `unknown`, …; not read for taps and their like.
    public var state: Observation<String> = .notProbed
    /// The driver; of hardware only.
    public var driver: Observation<String> = .notProbed
    /// In megabits a second; of hardware only, absent where the driver does not know it.
    public var speed: Observation<Int> = .notProbed
    /// `full`, `half` or `unknown`; of hardware only.
    public var duplex: Observation<String> = .notProbed

    /// Makes an interface of which nothing else is known.
    public init(_ name: String, _ kind: Kind, pciAddress: String? = nil) {
        self.name = name
        self.kind = kind
        self.pciAddress = pciAddress
    }

    /// Whether it is hardware.
    public var isHardware: Bool { kind == .physical || kind == .wireless }
}

/// A route.
public struct Route: Sendable, Hashable {
    /// The interface that packets leave by.
    public var interface: String
    /// The network: of IPv4 in the file's own hexadecimal, address and mask; of IPv6 address and prefix length.
    public var network: String
    /// Whether it is the way to everywhere.
    public var isDefault: Bool
    /// Whether the network is on the link itself, without a gateway.
    public var isDirect: Bool
    /// Whether the kernel made it from a router advertisement (RTF_ADDRCONF).
    public var isAdvertised: Bool

    /// Makes a route; see the properties.
    public init(
        _ interface: String, network: String, isDefault: Bool, isDirect: Bool, isAdvertised: Bool = false
    ) {
        self.interface = interface
        self.network = network
        self.isDefault = isDefault
        self.isDirect = isDirect
        self.isAdvertised = isAdvertised
    }
}

/// A bond, as `/proc/net/bonding` tells it.
public struct Bond: Sendable, Hashable {
    /// The interface: `bond0`.
    public var name: String
    /// The mode in the driver's words: `IEEE 802.3ad Dynamic link aggregation`.
    public var mode: String
    /// How often the links are looked at, in milliseconds; 0 where they are not, by MII or by ARP.
    public var interval: Int
    /// The ports, and whether the driver holds each for up.
    public var ports: [Port]

    /// A port of a bond.
    public struct Port: Sendable, Hashable {
        /// The interface: `eno1`.
        public var name: String
        /// Whether the driver holds it for up.
        public var isUp: Bool
        /// The aggregator it is in, of 802.3ad only: ports in different ones do not work together.
        public var aggregator: Int?

        /// Makes a port; see the properties.
        public init(name: String, isUp: Bool, aggregator: Int? = nil) {
            self.name = name
            self.isUp = isUp
            self.aggregator = aggregator
        }
    }

    /// Makes a bond; see the properties.
    public init(name: String, mode: String, interval: Int, ports: [Port]) {
        self.name = name
        self.mode = mode
        self.interval = interval
        self.ports = ports
    }
}

extension NetworkFacts {
    /// The interfaces that carry a default route, of IPv4 or IPv6.
    ///
    /// - Throws: ``Evidence/Undecided`` where the routes could not be read.
    public func defaultInterfaces() throws(Undecided) -> Set<String> {
        let all = try routes.get(whenAbsent: []) + routes6.get(whenAbsent: [])
        return Set(all.filter(\.isDefault).map(\.interface))
    }

    /// The hardware below an interface: through bridges, bonds, VLANs and Open vSwitch down to the cards.
    ///
    /// - Throws: ``Evidence/Undecided`` where the interfaces could not be read.
    public func hardware(below name: String) throws(Undecided) -> [NetworkInterface] {
        try Topology(interfaces.get(whenAbsent: [])).hardware(below: name)
    }

    /// The hardware that default routes leave by.
    ///
    /// - Throws: ``Evidence/Undecided`` where routes or interfaces could not be read.
    public func uplinks() throws(Undecided) -> [NetworkInterface] {
        let names = try defaultInterfaces()
        let topology = try Topology(interfaces.get(whenAbsent: []))
        var found: [String: NetworkInterface] = [:]
        for name in names {
            for interface in topology.hardware(below: name) { found[interface.name] = interface }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// The bridges that have hardware, or a bond or VLAN of hardware, for a port: those that put guests on the LAN.
    ///
    /// - Throws: ``Evidence/Undecided`` where the interfaces could not be read.
    public func bridgesToOutside() throws(Undecided) -> [NetworkInterface] {
        let all = try interfaces.get(whenAbsent: [])
        let topology = try Topology(all)
        return all.filter { $0.kind == .bridge && !topology.hardware(below: $0.name).isEmpty }
    }

    /// What stands on what, looked up by name: a host of a thousand guests has thousands of interfaces.
    private struct Topology {
        private var named: [String: NetworkInterface] = [:]
        private var below: [String: [String]] = [:]

        init(_ interfaces: [NetworkInterface]) throws(Undecided) {
            for interface in interfaces {
                named[interface.name] = interface
                below[interface.name, default: []] += try interface.lower.get(whenAbsent: [])
                if let master = try interface.master.get() { below[master, default: []].append(interface.name) }
            }
        }

        /// An internal port of Open vSwitch says neither what it is nor what it stands on: it is like a tap that has no
        /// master. The hardware is among the ports of the datapath's own interface.
        private func isSwitchPort(_ interface: NetworkInterface) -> Bool {
            interface.kind == .virtual(nil) && named[NetworkFacts.openVSwitchPort] != nil
                && (try? interface.master.isPresent()) == false && below[interface.name, default: []].isEmpty
        }

        func hardware(below name: String) -> [NetworkInterface] {
            var pending = [name]
            var seen: Set<String> = []
            var found: [NetworkInterface] = []
            while let next = pending.popLast() {
                guard seen.insert(next).inserted, let interface = named[next] else { continue }
                if interface.isHardware {
                    found.append(interface)
                    continue
                }
                var names = below[next] ?? []
                if isSwitchPort(interface) { names = [NetworkFacts.openVSwitchPort] }
                pending.append(contentsOf: names)
            }
            return found.sorted { $0.name < $1.name }
        }
    }

    /// The interface that Open vSwitch's kernel datapath shows as the master of all its ports.
    public static let openVSwitchPort = "ovs-system"

    /// Of the fit host; see ``HostFacts/sample``: a bridge on a bond of two cards, a card for SR-IOV, and libvirt's NAT
    /// network.
    public static var sample: NetworkFacts {
        var facts = NetworkFacts()
        facts.interfaces = .known(
            [
                .sample("bond0", .bond, master: "br0"),
                .sample("br0", .bridge),
                .sample("eno1np0", .physical, pciAddress: "0000:17:00.0", master: "bond0", driver: "bnxt_en"),
                .sample("eno2np1", .physical, pciAddress: "0000:17:00.1", master: "bond0", driver: "bnxt_en"),
                .sample("ens1f0np0", .physical, pciAddress: "0000:b1:00.0", driver: "ice"),
                .sample("virbr0", .bridge, mtu: 1500),
            ], from: .file("/sys/class/net"))
        facts.routes = .known(
            [
                Route("br0", network: "00000000/00000000", isDefault: true, isDirect: false),
                Route("br0", network: "0002000A/00FFFFFF", isDefault: false, isDirect: true),
                Route("virbr0", network: "007AA8C0/00FFFFFF", isDefault: false, isDirect: true),
            ], from: .file("/proc/net/route"))
        facts.routes6 = .known([], from: .file("/proc/net/ipv6_route"))
        facts.bridgeModule = .known(.present, from: .file("/sys/module/bridge"))
        facts.forwardsIPv4 = .known(true, from: .file("/proc/sys/net/ipv4/ip_forward"))
        facts.forwardsIPv6 = .known(false, from: .file("/proc/sys/net/ipv6/conf/all/forwarding"))
        facts.bridgeCallsIPTables = .absent(from: .file("/proc/sys/net/bridge/bridge-nf-call-iptables"))
        facts.bridgeCallsIP6Tables = .absent(from: .file("/proc/sys/net/bridge/bridge-nf-call-ip6tables"))
        facts.bridgeCallsARPTables = .absent(from: .file("/proc/sys/net/bridge/bridge-nf-call-arptables"))
        facts.bonds = .known(
            [
                Bond(
                    name: "bond0", mode: "IEEE 802.3ad Dynamic link aggregation", interval: 100,
                    ports: [
                        .init(name: "eno1np0", isUp: true, aggregator: 1),
                        .init(name: "eno2np1", isUp: true, aggregator: 1),
                    ])
            ], from: .file("/proc/net/bonding"))
        facts.openVSwitchModule = .known(false, from: .file("/sys/module/openvswitch"))
        facts.openVSwitchDatabase = .known(false, from: .file("/run/openvswitch/db.sock"))
        facts.defaultNetworkBridge = .known("virbr0", from: .file("/etc/libvirt/qemu/networks/default.xml"))
        return facts
    }
}

extension NetworkInterface {
    fileprivate static func sample(
        _ name: String, _ kind: Kind, pciAddress: String? = nil, master: String? = nil, driver: String? = nil,
        mtu: Int = 9000
    ) -> NetworkInterface {
        let path = "/sys/class/net/\(name)"
        var interface = NetworkInterface(name, kind, pciAddress: pciAddress)
        interface.master = master.map { .known($0, from: .file(path + "/master")) } ?? .absent()
        interface.lower = .known([])
        interface.mtu = .known(mtu, from: .file(path + "/mtu"))
        interface.state = .known("up", from: .file(path + "/operstate"))
        interface.driver = driver.map { .known($0) } ?? .absent()
        if kind == .physical {
            interface.speed = .known(25000, from: .file(path + "/speed"))
            interface.duplex = .known("full", from: .file(path + "/duplex"))
        }
        return interface
    }
}

extension Route {
    /// Networks on the link that several interfaces share, with those interfaces; link-local and multicast networks of
    /// IPv4 are everybody's and do not count.
    public static func sharingNetwork(_ routes: [Route]) -> [(network: String, interfaces: [String])] {
        var interfaces: [String: Set<String>] = [:]
        for route in routes where route.isDirect && !route.isDefault {
            interfaces[route.network, default: []].insert(route.interface)
        }
        return interfaces.filter {
            $0.value.count > 1 && $0.key != "0000FEA9/0000FFFF" && $0.key != "000000E0/000000F0"
        }
        .map { ($0.key, $0.value.sorted()) }.sorted { $0.network < $1.network }
    }
}
