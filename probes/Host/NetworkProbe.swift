@_spi(Probing) internal import Evidence
internal import Facts

/// Interfaces from `/sys/class/net`, routes from `/proc/net`, and what filters and forwards between them.
enum NetworkProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> NetworkFacts {
        var facts = NetworkFacts()
        facts.interfaces = NetworkInterfaces.read(from: source)
        facts.routes = source.text("/proc/net/route").parsed(as: "a table of routes", RouteTable.parse)
        facts.routes6 = source.possiblyEmptyText("/proc/net/ipv6_route").parsed(
            as: "a table of IPv6 routes", RouteTable.parse6)
        facts.bridgeModule = module("bridge", in: "kernel/net/bridge/bridge.ko", source)
        facts.forwardsIPv4 = source.boolean("/proc/sys/net/ipv4/ip_forward")
        // The kernel takes any number here: all but 0 is on.
        facts.forwardsIPv6 = source.integer("/proc/sys/net/ipv6/conf/all/forwarding").map { $0 != 0 }
        facts.bridgeCallsIPTables = source.boolean("/proc/sys/net/bridge/bridge-nf-call-iptables")
        facts.bridgeCallsIP6Tables = source.boolean("/proc/sys/net/bridge/bridge-nf-call-ip6tables")
        facts.bridgeCallsARPTables = source.boolean("/proc/sys/net/bridge/bridge-nf-call-arptables")
        facts.bonds = bonds(source)
        facts.openVSwitchModule = source.exists("/sys/module/openvswitch")
        facts.openVSwitchDatabase = source.exists("/run/openvswitch/db.sock")
        facts.defaultNetworkBridge = defaultNetworkBridge(source)
        readSettings(into: &facts, source)
        return facts
    }

    // MARK: - Settings of single interfaces

    /// Only of the interfaces that a rule can ask for: a host of a thousand guests has two thousand directories here.
    private static func readSettings(into facts: inout NetworkFacts, _ source: some Source) {
        let routes = facts.routes.known ?? []
        let uplinks = Set(routes.filter(\.isDefault).map(\.interface))
        if uplinks.count > 1 {
            facts.reversePathFilter = settings("ipv4", "rp_filter", of: uplinks, source)
        }
        let shared = Route.sharingNetwork(routes).flatMap(\.interfaces)
        if !shared.isEmpty {
            facts.arpFilter = settings("ipv4", "arp_filter", of: Set(shared), source)
        }
        let advertised = Set((facts.routes6.known ?? []).filter(\.isAdvertised).map(\.interface))
        if !advertised.isEmpty {
            facts.acceptsAdvertisements = settings("ipv6", "accept_ra", of: advertised, source)
        }
    }

    private static func settings(
        _ family: String, _ name: String, of interfaces: Set<String>, _ source: some Source
    ) -> [String: Observation<Int>] {
        var settings: [String: Observation<Int>] = [:]
        for interface in ["all"] + interfaces.sorted().prefix(64) {
            settings[interface] = source.integer("/proc/sys/net/\(family)/conf/\(interface)/\(name)")
        }
        return settings
    }

    // MARK: - Modules

    /// `/sys/module` has what is loaded, and what is built in and has a version or parameters; the lists that depmod(8)
    /// makes have what can be loaded.
    private static func module(_ name: String, in file: String, _ source: some Source) -> Observation<ModuleState> {
        let path = "/sys/module/\(name)"
        let loaded = source.exists(path)
        if loaded.known == true { return .known(.present, from: .file(path)) }
        if let obstacle = loaded.obstacle { return .unknown(obstacle, from: loaded.provenance) }
        return source.text("/proc/sys/kernel/osrelease", limit: 4096).flatMap { release in
            let directory = "/lib/modules/\(release)"
            let metadata = source.metadata(directory)
            if metadata.isAbsent {
                // A container or a kernel without modules: what is built in without a trace cannot be told from what
                // is missing.
                return .unknown(
                    Obstacle(.unsupported, directory, "not there: cannot tell what is built in"), from: .file(directory)
                )
            }
            if let obstacle = metadata.obstacle { return .unknown(obstacle, from: .file(directory)) }
            let builtIn = source.text(after: file, in: directory + "/modules.builtin", limit: 1)
            if builtIn.known != nil { return .known(.present, from: builtIn.provenance) }
            if let obstacle = builtIn.obstacle { return .unknown(obstacle, from: builtIn.provenance) }
            return source.text(after: file, in: directory + "/modules.dep", limit: 1).map { _ in .loadable }
        }
    }

    // MARK: - Bonds

    private static func bonds(_ source: some Source) -> Observation<[Bond]> {
        let directory = "/proc/net/bonding"
        let names = source.entries(directory)
        // Without the bonding driver there is no directory, and no bond.
        if names.isAbsent { return .known([], from: .file(directory)) }
        return names.flatMap { names in
            names.observe(from: .file(directory)) { name in
                source.text("\(directory)/\(name)").parsed(as: "the state of a bond") {
                    BondState.parse($0, name: name)
                }
            }
        }
    }

    // MARK: - libvirt's network

    private static func defaultNetworkBridge(_ source: some Source) -> Observation<String> {
        // libvirt writes the file itself, always in this form (src/conf/network_conf.c, virNetworkDefFormatBuf).
        source.text("/etc/libvirt/qemu/networks/default.xml").compactMap { text in
            guard let start = text.place(of: "<bridge name='")?.upperBound else { return nil }
            let name = text[start...].prefix { $0 != "'" }
            return name.isEmpty ? nil : String(name)
        }
    }
}
