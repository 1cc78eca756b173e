/// `<interface>` at the root: a network device of the host.
///
/// Source of names and values: libvirt's interface.rng (9.0).
public struct HostInterface: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The interface that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "interface") }

    /// What it is.
    public enum Kind: String, LibvirtEnumeration {
        case ethernet, bridge, bond, vlan
    }

    /// When it starts.
    public enum StartMode: String, LibvirtEnumeration {
        case onboot, hotplug
        case nothing = "none"
    }

    /// What it is.
    public var type: Field<Open<Kind>> { attribute("type") }
    /// The name.
    public var name: Field<String> { attribute("name") }
    /// When it starts.
    public var startMode: Field<Open<StartMode>> { attribute("mode", of: "start") }
    /// The hardware address.
    public var mac: Field<MACAddress> { attribute("address", of: "mac", .mac) }
    /// The largest packet.
    public var mtu: Field<Int> { attribute("size", of: "mtu", .count) }
    /// The speed, in Mbit a second.
    public var linkSpeed: Field<Int> { attribute("speed", of: "link", .count) }
    /// Whether there is a carrier, such as `up`.
    public var linkState: Field<String> { attribute("state", of: "link") }
    /// How it gets addresses.
    public var protocols: [AddressProtocol] { views("protocol") }
    /// Whether a bridge looks for loops.
    public var bridgeSTP: Field<Bool> { attribute("stp", of: "bridge", .onOff) }
    /// For how many seconds a port of a bridge is silent.
    public var bridgeDelay: Field<String> { attribute("delay", of: "bridge") }
    /// The ports of a bridge.
    public var bridgePorts: [HostInterface] { views("bridge", "interface") }
    /// How a bond shares its ports, such as `802.3ad`.
    public var bondMode: Field<String> { attribute("mode", of: "bond") }
    /// The ports of a bond.
    public var bondPorts: [HostInterface] { views("bond", "interface") }
    /// The tag of a VLAN.
    public var vlanTag: Field<Int> { attribute("tag", of: "vlan", .cInteger(0...4095, digits: 1)) }
    /// What a VLAN is on.
    public var vlanInterface: HostInterface { HostInterface(place: place.child("vlan").child("interface")) }
    /// How often links of a bond are looked at, in milliseconds.
    public var miiFrequency: Field<Int> { Field(place.child("bond"), "miimon", .attribute("freq"), .count) }
    /// How long a link of a bond waits before it is used, in milliseconds.
    public var miiUpDelay: Field<Int> { Field(place.child("bond"), "miimon", .attribute("updelay"), .count) }
    /// How long a link of a bond waits before it is given up, in milliseconds.
    public var miiDownDelay: Field<Int> { Field(place.child("bond"), "miimon", .attribute("downdelay"), .count) }
    /// Who looks at the links: `ioctl`, `netif`.
    public var miiCarrier: Field<String> { Field(place.child("bond"), "miimon", .attribute("carrier"), .string) }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            type, name, startMode, mac, mtu, linkSpeed, linkState, protocols, bridgeSTP, bridgeDelay, bridgePorts,
            bondMode, bondPorts, vlanTag, vlanInterface, miiFrequency, miiUpDelay, miiDownDelay, miiCarrier, to: visit)
    }

    /// `<protocol>`: how it gets addresses of a family.
    public struct AddressProtocol: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// `ipv4` or `ipv6`.
        public var family: Field<String> { attribute("family") }
        /// Whether by DHCP.
        public var usesDHCP: Field<Bool> { presence("dhcp") }
        /// Whether by router advertisements.
        public var usesAutoconfiguration: Field<Bool> { presence("autoconf") }
        /// Addresses.
        public var ips: [IP] { views("ip") }
        /// The gateway.
        public var gateway: Field<IPAddress> { attribute("gateway", of: "route", .ip) }
        /// Whether DHCP sets the name servers.
        public var acceptsNameServers: Field<Bool> { attribute("peerdns", of: "dhcp", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(family, usesDHCP, usesAutoconfiguration, ips, gateway, acceptsNameServers, to: visit)
        }
    }

    /// `<ip>`.
    public struct IP: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The address.
        public var address: Field<IPAddress> { attribute("address", .ip) }
        /// Its prefix.
        public var prefix: Field<Int> { attribute("prefix", .integer(0...128)) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(address, prefix, to: visit)
        }
    }
}
