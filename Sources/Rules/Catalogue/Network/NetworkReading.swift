internal import Facts
internal import LibvirtXML

/// A range of addresses with one prefix.
struct Subnet: Hashable {
    /// The first address.
    let network: IPAddress
    /// How many bits are fixed.
    let prefix: Int

    /// The subnet that an address with a prefix is in; nil where the prefix is longer than the address.
    init?(_ address: IPAddress, prefix: Int) {
        guard (0...address.bitCount).contains(prefix) else { return nil }
        network = address.network(prefix: prefix)
        self.prefix = prefix
    }

    /// The destination of an IPv4 route: address and mask in the hexadecimal of `/proc/net/route`, which is the number as
    /// a little-endian processor reads the four octets.
    init?(ipv4 route: Facts.Route) {
        let parts = route.network.split(separator: "/")
        guard parts.count == 2, let address = UInt32(parts[0], radix: 16), let mask = UInt32(parts[1], radix: 16),
            let first = IPAddress((0..<4).map { String(address >> ($0 * 8) & 0xff) }.joined(separator: "."))
        else { return nil }
        self.init(first, prefix: mask.nonzeroBitCount)
    }

    /// The destination of an IPv6 route: 32 hexadecimal digits and the length of the prefix, as in `/proc/net/ipv6_route`.
    init?(ipv6 route: Facts.Route) {
        let parts = route.network.split(separator: "/")
        guard parts.count == 2, parts[0].utf8.count == 32, let prefix = Int(parts[1]) else { return nil }
        var groups: [Substring] = []
        var rest = parts[0]
        while !rest.isEmpty {
            groups.append(rest.prefix(4))
            rest = rest.dropFirst(4)
        }
        guard let first = IPAddress(groups.joined(separator: ":")) else { return nil }
        self.init(first, prefix: prefix)
    }

    func contains(_ address: IPAddress) -> Bool {
        address.family == network.family && address.network(prefix: prefix) == network
    }

    func overlaps(_ other: Subnet) -> Bool {
        prefix <= other.prefix ? contains(other.network) : other.contains(network)
    }

    /// The last address, of IPv4 the broadcast address.
    var last: [UInt8] {
        network.octets.enumerated().map { index, octet in
            octet | ~UInt8(truncatingIfNeeded: 0xff00 >> max(0, min(8, prefix - 8 * index)))
        }
    }
}

extension Subnet: CustomStringConvertible {
    var description: String { "\(network)/\(prefix)" }
}

extension Network {
    /// The mode as libvirt takes it; nil where there is no `<forward>`.
    var effectiveMode: Open<Forward.Mode>? {
        forward.isPresent ? forward.mode.value ?? .known(.nat) : nil
    }

    /// How messages call the mode.
    var modeName: String { effectiveMode?.text ?? "isolated" }

    /// Whether libvirt makes its bridge, with addresses and dnsmasq: isolated, and modes nat, route and open.
    var isManaged: Bool {
        guard let mode = effectiveMode else { return true }
        return mode == .nat || mode == .route || mode == .open
    }

    /// Whether it is a mode that hands out devices rather than ports of a bridge.
    var isDevicePool: Bool {
        guard let mode = effectiveMode?.known else { return false }
        return [.private, .vepa, .passthrough, .hostdev].contains(mode)
    }

    /// Devices of the host that it goes over, with the fields that name them.
    var deviceFields: [Field<String>] { forwardFields + forward.physicalFunctions.map(\.device) }

    /// The same without physical functions, whose virtual functions are what is used.
    var forwardFields: [Field<String>] { [forward.device] + forward.interfaces.map(\.device) }

    /// The tags of the network and its groups.
    var vlans: [VLAN] { ([vlan] + portGroups.map(\.vlan)).filter(\.isPresent) }

    /// What is told to switches, of the network and its groups.
    var virtualPorts: [VirtualPort] { ([virtualPort] + portGroups.map(\.virtualPort)).filter(\.isPresent) }

    /// Whether its bridge is one of Open vSwitch's, as the network or one of its groups says.
    var usesOpenVSwitch: Bool { virtualPorts.contains { $0.type == .openvswitch } }

    /// Whether it goes over macvtap: the mode is one, or it is mode `bridge` without a bridge.
    var isMacvtap: Bool {
        switch effectiveMode?.known {
        case .private, .vepa, .passthrough: true
        case .bridge: !bridge.name.isPresent
        default: false
        }
    }

    /// Limits of traffic, of the network and its groups.
    var bandwidths: [Bandwidth] { ([bandwidth] + portGroups.map(\.bandwidth)).filter(\.isPresent) }
}

extension Network.IP {
    /// The subnet; nil where address, netmask or prefix are not right.
    var subnet: Subnet? {
        guard let address = address.value, let prefix = effectivePrefix else { return nil }
        return Subnet(address, prefix: prefix)
    }
}
