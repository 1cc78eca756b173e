/// `<network>`: a virtual network, a bridge of the host, or a pool of the host's network devices.
///
/// Source of names and values: libvirt's formatnetwork.rst and network.rng (9.0).
public struct Network: PlacedView, DocumentView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The network that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "network") }

    /// The network that an element holds; nil where it is something else.
    public init?(_ element: XMLElement) { self.init(element, named: "network") }

    /// How it reaches other networks, as one of libvirt's modes.
    public enum Mode: Sendable, Hashable {
        /// Not at all: guests and host only. There is no `<forward>`.
        case isolated
        /// Behind the host's address.
        case nat(device: String?)
        /// By its own addresses, which the network around must know.
        case route(device: String?)
        /// As `route`, and without rules of libvirt's in the firewall.
        case open
        /// Over a bridge that is there.
        case bridge(String)
        /// Over devices of the host, through macvtap: `bridge`, `private`, `vepa`, `passthrough`.
        case direct(Forward.Mode, devices: [String])
        /// By giving devices of the host to guests.
        case hostdev(physicalFunction: String?, addresses: [PCIAddress])
        /// A mode of tomorrow.
        case other(String)
    }

    /// The name, unique on its host.
    public var name: Field<String> { child("name") }
    /// The UUID.
    public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
    /// A title (libvirt 9.7).
    public var title: Field<String> { child("title") }
    /// A description (libvirt 9.7).
    public var summary: Field<String> { child("description") }
    /// How many interfaces are connected; written by libvirt.
    public var connections: Field<Int> { attribute("connections", .count) }
    /// Whether guests may talk IPv6 to each other without an address of the network's.
    public var allowsIPv6: Field<Bool> { attribute("ipv6", .yesNo) }
    /// Whether the host trusts guests' choice of addresses.
    public var trustsGuestFilters: Field<Bool> { attribute("trustGuestRxFilters", .yesNo) }
    /// How it reaches other networks; absent means not at all.
    public var forward: Forward { view("forward") }
    /// The bridge.
    public var bridge: Bridge { view("bridge") }
    /// The largest packet.
    public var mtu: Field<Int> { attribute("size", of: "mtu", .count) }
    /// The bridge's hardware address.
    public var mac: Field<MACAddress> { attribute("address", of: "mac", .mac) }
    /// The DNS domain.
    public var domainName: Field<String> { attribute("name", of: "domain") }
    /// Whether questions about the domain are not asked elsewhere.
    public var isDomainLocal: Field<Bool> { attribute("localOnly", of: "domain", .yesNo) }
    /// The DNS server.
    public var dns: DNS { view("dns") }
    /// Addresses of the host in it.
    public var ips: [IP] { views("ip") }
    /// Routes of the host into it.
    public var routes: [Route] { views("route") }
    /// Tags.
    public var vlan: VLAN { view("vlan") }
    /// Whether guests that are isolated cannot talk to each other.
    public var isIsolated: Field<Bool> { attribute("isolated", of: "port", .yesNo) }
    /// What a switch is told.
    public var virtualPort: VirtualPort { view("virtualport") }
    /// Limits of traffic of the whole network.
    public var bandwidth: Bandwidth { view("bandwidth") }
    /// Groups of settings that interfaces name.
    public var portGroups: [PortGroup] { views("portgroup") }
    /// Options passed to dnsmasq unseen.
    public var dnsmasqOptions: [DNSMasqOption] { views("options", "option", in: .dnsmasq) }

    /// How it reaches other networks.
    public var mode: Mode {
        guard forward.isPresent else { return .isolated }
        let device = forward.device.value ?? forward.interfaces.first?.device.value
        switch forward.mode.value ?? .known(.nat) {
        case .other(let mode): return .other(mode)
        case .known(.nat): return .nat(device: device)
        case .known(.route): return .route(device: device)
        case .known(.open): return .open
        case .known(.bridge):
            if let bridge = bridge.name.value { return .bridge(bridge) }
            return .direct(.bridge, devices: devices)
        case .known(.private): return .direct(.private, devices: devices)
        case .known(.vepa): return .direct(.vepa, devices: devices)
        case .known(.passthrough): return .direct(.passthrough, devices: devices)
        case .known(.hostdev):
            return .hostdev(
                physicalFunction: forward.physicalFunctions.first?.device.value,
                addresses: forward.addresses.compactMap { (try? $0.pci()) ?? nil })
        }
    }

    /// The devices of the host that it forwards over, each once.
    private var devices: [String] {
        var devices: [String] = forward.device.value.map { [$0] } ?? []
        for device in forward.interfaces.compactMap(\.device.value) where !devices.contains(device) {
            devices.append(device)
        }
        return devices
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            name, uuid, title, summary, connections, allowsIPv6, trustsGuestFilters, forward, bridge, mtu, mac,
            domainName, isDomainLocal, dns, ips, routes, vlan, isIsolated, virtualPort, bandwidth, portGroups,
            dnsmasqOptions, to: visit)
    }

    /// `<forward>`: how it reaches other networks.
    public struct Forward: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The modes.
        public enum Mode: String, LibvirtEnumeration {
            case nat, route, open, bridge, `private`, vepa, passthrough, hostdev
        }

        /// The mode; `nat` where absent.
        public var mode: Field<Open<Mode>> { attribute("mode") }
        /// The device of the host that it forwards over.
        public var device: Field<String> { attribute("dev") }
        /// Whether the host's drivers let go of devices by themselves, of mode `hostdev`.
        public var isManaged: Field<Bool> { attribute("managed", .yesNo) }
        /// Whether NAT is done for IPv6 too.
        public var translatesIPv6: Field<Bool> { attribute("ipv6", of: "nat", .yesNo) }
        /// The addresses that guests appear by.
        public var natAddress: AddressRange { AddressRange(place: place.child("nat").child("address")) }
        /// The ports that guests appear by.
        public var natPort: PortRange { PortRange(place: place.child("nat").child("port")) }
        /// The devices of the host.
        public var interfaces: [Interface] { views("interface") }
        /// The device whose virtual functions are given.
        public var physicalFunctions: [Interface] { views("pf") }
        /// The PCI devices that are given.
        public var addresses: [DeviceAddress] { views("address") }
        /// The driver of given devices.
        public var driver: Field<Open<Domain.HostDevice.Driver>> { attribute("name", of: "driver") }
        /// The driver of the host that holds the devices (libvirt 10.2).
        public var driverModel: Field<String> { attribute("model", of: "driver") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                mode, device, isManaged, translatesIPv6, natAddress, natPort, interfaces, physicalFunctions, addresses,
                driver, driverModel, to: visit)
        }

        /// `<interface>` or `<pf>`: a device of the host.
        public struct Interface: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Its name.
            public var device: Field<String> { attribute("dev") }
            /// How many guests use it; written by libvirt.
            public var connections: Field<Int> { attribute("connections", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(device, connections, to: visit)
            }
        }

        /// `<nat><port>`.
        public struct PortRange: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The first.
            public var start: Field<Int> { attribute("start", .integer(0...65535)) }
            /// The last.
            public var end: Field<Int> { attribute("end", .integer(0...65535)) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(start, end, to: visit)
            }
        }
    }

    /// `<range>` of addresses, and `<nat><address>`.
    public struct AddressRange: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The first.
        public var start: Field<IPAddress> { attribute("start", .ip) }
        /// The last.
        public var end: Field<IPAddress> { attribute("end", .ip) }
        /// How long an address is kept, of DHCP.
        public var lease: Lease { view("lease") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(start, end, lease, to: visit)
        }
    }

    /// `<lease>`: how long an address is kept.
    public struct Lease: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// How long; 0 is for ever.
        public var expiry: Field<UInt64> { attribute("expiry", .large) }
        /// In what: `seconds`, `minutes`, `hours`; minutes where absent.
        public var unit: Field<String> { attribute("unit") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(expiry, unit, to: visit)
        }
    }

    /// `<bridge>`.
    public struct Bridge: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Who keeps the table of hardware addresses.
        public enum TableManager: String, LibvirtEnumeration {
            case kernel, libvirt
        }

        /// The name, such as `virbr0`.
        public var name: Field<String> { attribute("name") }
        /// The zone of firewalld.
        public var zone: Field<String> { attribute("zone") }
        /// Whether loops are looked for; on where absent.
        public var stp: Field<Bool> { attribute("stp", .onOff) }
        /// For how many seconds a new port is silent.
        public var delay: Field<Int> { attribute("delay", .count) }
        /// Who keeps the table of hardware addresses.
        public var tableManager: Field<Open<TableManager>> { attribute("macTableManager") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, zone, stp, delay, tableManager, to: visit)
        }
    }

    /// `<ip>`: an address of the host, and what is served at it.
    public struct IP: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The address.
        public var address: Field<IPAddress> { attribute("address", .ip) }
        /// `ipv4` or `ipv6`; IPv4 where absent.
        public var family: Field<String> { attribute("family") }
        /// The prefix.
        public var prefix: Field<Int> { attribute("prefix", .integer(0...128)) }
        /// The netmask.
        public var netmask: Field<IPAddress> { attribute("netmask", .ip) }
        /// Whether names of its addresses are not asked elsewhere.
        public var hasLocalPointers: Field<Bool> { attribute("localPtr", .yesNo) }
        /// The folder served by TFTP.
        public var tftpRoot: Field<String> { attribute("root", of: "tftp") }
        /// Addresses served by DHCP.
        public var dhcp: DHCP { view("dhcp") }

        /// The length of the network's prefix: as written, or of the netmask, or as libvirt takes it where both are absent (64
        /// of IPv6, the class's of IPv4). nil where it is malformed.
        public var effectivePrefix: Int? {
            if prefix.isPresent { return prefix.value }
            if netmask.isPresent { return netmask.value?.prefixLength }
            guard let address = address.value else { return nil }
            guard address.family == .ipv4, let first = address.octets.first else { return 64 }
            // `virSocketAddrGetIPPrefix`: classes A, B and C.
            switch first {
            case ..<128: return 8
            case ..<192: return 16
            case ..<224: return 24
            default: return nil
            }
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(address, family, prefix, netmask, hasLocalPointers, tftpRoot, dhcp, to: visit)
        }
    }

    /// `<dhcp>`.
    public struct DHCP: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Addresses for anyone.
        public var ranges: [AddressRange] { views("range") }
        /// Addresses for who is known.
        public var hosts: [Host] { views("host") }
        /// The file that is booted over the network.
        public var bootFile: Field<String> { attribute("file", of: "bootp") }
        /// The server that has it.
        public var bootServer: Field<String> { attribute("server", of: "bootp") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(ranges, hosts, bootFile, bootServer, to: visit)
        }

        /// `<host>`: who gets which address.
        public struct Host: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// By hardware address.
            public var mac: Field<MACAddress> { attribute("mac", .mac) }
            /// By DHCP unique identifier, of IPv6.
            public var id: Field<String> { attribute("id") }
            /// The name it gets, or by which it is known.
            public var name: Field<String> { attribute("name") }
            /// The address.
            public var ip: Field<IPAddress> { attribute("ip", .ip) }
            /// How long it is kept.
            public var lease: Lease { view("lease") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(mac, id, name, ip, lease, to: visit)
            }
        }
    }

    /// `<dns>`: the DNS server.
    public struct DNS: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Whether there is one; yes where absent.
        public var isEnabled: Field<Bool> { attribute("enable", .yesNo) }
        /// Whether names without a point are asked elsewhere.
        public var forwardsPlainNames: Field<Bool> { attribute("forwardPlainNames", .yesNo) }
        /// Where else is asked.
        public var forwarders: [Forwarder] { views("forwarder") }
        /// Names of addresses.
        public var hosts: [Host] { views("host") }
        /// Texts.
        public var texts: [Text] { views("txt") }
        /// Services.
        public var services: [Service] { views("srv") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(isEnabled, forwardsPlainNames, forwarders, hosts, texts, services, to: visit)
        }

        /// `<forwarder>`.
        public struct Forwarder: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The server.
            public var address: Field<IPAddress> { attribute("addr", .ip) }
            /// The domain that it is asked about.
            public var domain: Field<String> { attribute("domain") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(address, domain, to: visit)
            }
        }

        /// `<host>`.
        public struct Host: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The address.
            public var ip: Field<IPAddress> { attribute("ip", .ip) }
            /// Its names.
            public var names: [Field<String>] { texts("hostname") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(ip, names, to: visit)
            }
        }

        /// `<txt>`.
        public struct Text: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The name.
            public var name: Field<String> { attribute("name") }
            /// The text.
            public var value: Field<String> { attribute("value") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, value, to: visit)
            }
        }

        /// `<srv>`.
        public struct Service: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The service.
            public var service: Field<String> { attribute("service") }
            /// `tcp` or `udp`.
            public var networkProtocol: Field<String> { attribute("protocol") }
            /// The domain.
            public var domain: Field<String> { attribute("domain") }
            /// The host.
            public var target: Field<String> { attribute("target") }
            /// The port.
            public var port: Field<Int> { attribute("port", .integer(0...65535)) }
            /// Which is asked first.
            public var priority: Field<Int> { attribute("priority", .integer(0...65535)) }
            /// How often it is asked.
            public var weight: Field<Int> { attribute("weight", .integer(0...65535)) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(service, networkProtocol, domain, target, port, priority, weight, to: visit)
            }
        }
    }

    /// `<portgroup>`: settings that interfaces name.
    public struct PortGroup: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The name.
        public var name: Field<String> { attribute("name") }
        /// Whether interfaces that name none get it.
        public var isDefault: Field<Bool> { attribute("default", .yesNo) }
        /// Whether the host trusts guests' choice of addresses.
        public var trustsGuestFilters: Field<Bool> { attribute("trustGuestRxFilters", .yesNo) }
        /// What a switch is told.
        public var virtualPort: VirtualPort { view("virtualport") }
        /// Tags.
        public var vlan: VLAN { view("vlan") }
        /// Limits of traffic.
        public var bandwidth: Bandwidth { view("bandwidth") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, isDefault, trustsGuestFilters, virtualPort, vlan, bandwidth, to: visit)
        }
    }

    /// `<dnsmasq:option>`.
    public struct DNSMasqOption: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The line of dnsmasq's configuration.
        public var value: Field<String> { attribute("value") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(value, to: visit)
        }
    }
}
