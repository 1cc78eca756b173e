internal import Evidence
internal import Facts
internal import LibvirtXML

/// Addresses of virtual networks and what DHCP gives out. KVN021–KVN034, KVN042, KVN043, KVN087.
enum VirtualNetworkAddressRules {
    static let all: [Rule<NetworkDefinitionFacts>] = [
        rangeOutside, rangeReversed, rangeCoversGateway, hostOutside, prefixInvalid, addressInvalid, subnetsOverlap,
        serversMany, hostTwice, addressMulticast, rangeTooLarge, addressTwice, prefixNot64,
    ]

    private static let area = VirtualNetworkModeRules.area
    private static let ranges = Citation("libvirt src/util/virsocketaddr.c: virSocketAddrGetRange", "9.0")
    private static let parser = Citation("libvirt src/conf/network_conf.c: virNetworkIPDefParseXML", "9.0")
    private static let manual = Citation("libvirt docs/formatnetwork.rst, addressing", "9.0")

    static let rangeOutside = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN021", "dhcp-range-outside", "DHCP ranges are inside the subnet", area: area, severity: .error,
            rationale:
                "libvirt refuses a range that is not wholly in the subnet, or takes in its network or broadcast address.",
            sources: [ranges], remedy: Remedy("write a range inside the subnet"),
            explains: ["range 192.168.123.2 - 192.168.123.254 is not entirely within network 192.168.122.1/24"]),
        example: ("start='192.168.122.100' end='192.168.122.254'", "start='192.168.123.100' end='192.168.123.254'"),
        faults: { network in
            network.definition.ips.flatMap { ip -> [Fault] in
                guard let subnet = ip.subnet else { return [] }
                return ip.dhcp.ranges.filter { range in
                    guard let start = range.start.value, let end = range.end.value else { return false }
                    if !subnet.contains(start) || !subnet.contains(end) { return true }
                    return start.family == .ipv4 && (start == subnet.network || end.octets == subnet.last)
                }.map {
                    Fault(
                        "range \($0.start.text ?? "") to \($0.end.text ?? "") is not inside \(subnet)", at: $0.position)
                }
            }
        })

    static let rangeReversed = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN022", "dhcp-range-reversed", "DHCP ranges start before they end", area: area, severity: .error,
            rationale: "libvirt refuses a range whose end stands before its start.", sources: [ranges],
            remedy: Remedy("exchange start and end"),
            explains: [
                "range 192.168.122.254 - 192.168.122.2 is reversed", "range fd00::20 - fd00::10 start larger than end",
            ]),
        example: ("start='192.168.122.100' end='192.168.122.254'", "start='192.168.122.200' end='192.168.122.100'"),
        faults: { network in
            network.definition.ips.flatMap(\.dhcp.ranges).filter { range in
                guard let start = range.start.value, let end = range.end.value else { return false }
                return start.family == end.family && end < start
            }.map { Fault("range \($0.start.text ?? "") to \($0.end.text ?? "") is reversed", at: $0.position) }
        })

    static let rangeCoversGateway = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN023", "dhcp-range-covers-gateway", "DHCP ranges leave out the network's own address", area: area,
            severity: .note,
            rationale: "dnsmasq does not lend the address it listens on; the range holds fewer addresses than it says.",
            sources: [Citation("dnsmasq src/dhcp.c: address_allocate", "2.89")],
            remedy: Remedy("start the range behind the network's own address")),
        example: ("start='192.168.122.100'", "start='192.168.122.1'"),
        faults: { network in
            network.definition.ips.flatMap { ip in
                ip.dhcp.ranges.filter { range in
                    guard let start = range.start.value, let end = range.end.value, let own = ip.address.value else {
                        return false
                    }
                    return start.family == own.family && start <= own && own <= end
                }.map { Fault("the range holds the network's own address \(ip.address.text ?? "")", at: $0.position) }
            }
        })

    static let hostOutside = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN024", "dhcp-host-outside", "addresses of known guests are inside the subnet", area: area,
            severity: .warning,
            rationale: "dnsmasq lends no address outside the subnets it serves: the guest gets another one, or none.",
            sources: [
                Citation("dnsmasq(8), --dhcp-host: the address must be in the same subnet as some dhcp-range", "2.89"),
                manual,
            ],
            remedy: Remedy("give the guest an address inside the subnet")),
        example: ("ip='192.168.122.10'", "ip='192.168.1.10'"),
        faults: { network in
            network.definition.ips.flatMap { ip -> [Fault] in
                guard let subnet = ip.subnet else { return [] }
                return ip.dhcp.hosts.filter { $0.ip.value.map { !subnet.contains($0) } ?? false }.map {
                    Fault(
                        "host \($0.name.text ?? $0.mac.text ?? "") at \($0.ip.text ?? "") is outside \(subnet)",
                        at: $0.position)
                }
            }
        })

    static let prefixInvalid = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN025", "network-prefix-invalid", "the subnet has one right size", area: area, severity: .error,
            rationale:
                "libvirt refuses a netmask of IPv6, a prefix longer than the address, and both together, and does not start a network whose netmask has gaps or whose address has no size of its own.",
            sources: [parser, Citation("virsh net-define, net-start", "9.0")],
            remedy: Remedy("write prefix='24', or netmask='255.255.255.0'"),
            explains: [
                "Network 'default' IP address cannot have both a prefix and a netmask",
                "Invalid IPv4 prefix '33' in network 'default'", "Invalid prefix or netmask for 'virbr0'",
                "netmask not allowed for IPv6 address 'fd00::1' in network 'default'",
            ]),
        example: ("netmask='255.255.255.0'", "netmask='255.0.255.0'"),
        faults: { network in
            network.definition.ips.compactMap { ip -> Fault? in
                if ip.netmask.isPresent, (ip.prefix.value ?? 0) > 0 {
                    return Fault("a prefix and a netmask", at: ip.prefix.position)
                }
                if ip.netmask.isPresent {
                    let mask = ip.netmask.value
                    guard mask?.prefixLength == nil || mask?.family != .ipv4 || ip.address.value?.family == .ipv6 else {
                        return nil
                    }
                    return Fault("\(ip.netmask.text ?? "") is no netmask of IPv4", at: ip.netmask.position)
                }
                guard let address = ip.address.value else { return nil }
                if !ip.prefix.isPresent {
                    return ip.effectivePrefix == nil
                        ? Fault("\(address) without a prefix", at: ip.address.position) : nil
                }
                if let prefix = ip.prefix.value, prefix <= address.bitCount { return nil }
                return Fault("prefix \(ip.prefix.text ?? "") for \(address)", at: ip.prefix.position)
            }
        })

    static let addressInvalid = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN026", "network-address-invalid", "addresses are addresses of their family", area: area,
            severity: .error,
            rationale:
                "libvirt refuses an <ip> without an address, what is no address, and an IPv6 address without family='ipv6'.",
            sources: [parser],
            remedy: Remedy("write the address with its family"),
            explains: [
                "no family specified for non-IPv4 address 'fd00::1' in network 'default'",
                "Family 'ipv6' specified for non-IPv6 address '192.168.122.1' in network 'default'",
                "Invalid address 'x' in network 'default'", "Missing required address attribute in network 'default'",
            ]),
        example: ("<ip address='192.168.122.1' netmask='255.255.255.0'>", "<ip address='fd00::1' prefix='64'>"),
        faults: { network in
            network.definition.ips.compactMap { ip -> Fault? in
                guard let address = ip.address.value else {
                    return ip.address.isPresent
                        ? Fault("\(ip.address.text ?? "") is no address", at: ip.address.position)
                        : Fault("<ip> without an address", at: ip.position)
                }
                let family = ip.family.value ?? "ipv4"
                let isRight = family == (address.family == .ipv4 ? "ipv4" : "ipv6")
                return isRight ? nil : Fault("\(address) is not of family \(family)", at: ip.address.position)
            }
        })

    static let subnetsOverlap = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN027", "network-subnets-overlap", "the network's subnets are apart", area: area, severity: .warning,
            rationale:
                "Of two subnets that share addresses the host answers from either address, and guests of one take the other's for their own link.",
            sources: [manual], remedy: Remedy("give the second <ip> another subnet")),
        example: ("</ip>", "</ip><ip address='192.168.122.129' prefix='25'/>"),
        faults: { network in
            let ips = network.definition.ips
            return ips.enumerated().compactMap { index, ip -> Fault? in
                guard let subnet = ip.subnet,
                    let other = ips.prefix(index).compactMap(\.subnet).first(where: { $0.overlaps(subnet) })
                else { return nil }
                return Fault("\(subnet) overlaps \(other)", at: ip.position)
            }
        })

    static let serversMany = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN028", "dhcp-many", "one subnet of a family has DHCP", area: area, severity: .error,
            rationale: "libvirt serves DHCP for one IPv4 and one IPv6 address of a network and refuses more.",
            sources: [Citation("libvirt src/network/bridge_driver.c: networkValidate", "9.0")],
            remedy: Remedy("keep one <dhcp>"),
            explains: [
                "Multiple IPv4 dhcp sections found -- dhcp is supported only for a single IPv4 address on each network"
            ]),
        example: (
            "</ip>",
            "</ip><ip address='10.1.1.1' prefix='24'><dhcp><range start='10.1.1.2' end='10.1.1.9'/></dhcp></ip>"
        ),
        faults: { network in
            network.definition.ips.filter { !($0.dhcp.ranges.isEmpty && $0.dhcp.hosts.isEmpty) }
                .repeated(by: \.address.value?.family).map { Fault("a second <dhcp>", at: $1.dhcp.position) }
        })

    static let hostTwice = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN029", "dhcp-host-twice", "known guests have addresses of their own", area: area, severity: .warning,
            rationale:
                "dnsmasq takes one of two entries with the same hardware address or the same IP address and leaves the other guest without.",
            sources: [Citation("dnsmasq(8), --dhcp-host", "2.89")], remedy: Remedy("take one entry away")),
        example: ("</dhcp>", "<host mac='52:54:00:6b:3c:59' name='web2' ip='192.168.122.10'/></dhcp>"),
        faults: { network in
            network.definition.ips.flatMap { ip in
                ip.dhcp.hosts.repeated(by: \.ip.value).map {
                    Fault("\($1.ip.text ?? "") is given to two guests", at: $1.position)
                }
                    + ip.dhcp.hosts.repeated(by: \.mac.value).map {
                        Fault("\($1.mac.text ?? "") is there twice", at: $1.position)
                    }
            }
        })

    static let addressMulticast = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN030", "network-mac-multicast", "the bridge's address is no group's", area: area, severity: .error,
            rationale: "An address with an odd first octet names a group; libvirt refuses it for a bridge.",
            sources: [Citation("libvirt src/conf/network_conf.c: virNetworkDefParseXML", "9.0")],
            remedy: Remedy("use an address that starts with 52:54:00"),
            explains: ["Invalid multicast bridge mac address '53:54:00:35:55:2d' found in network 'default'"]),
        example: ("52:54:00:35:55:2d", "53:54:00:35:55:2d"),
        faults: { network in
            guard network.definition.mac.value?.isMulticast == true else { return [] }
            return [
                Fault("\(network.definition.mac.text ?? "") is a group's address", at: network.definition.mac.position)
            ]
        })

    static let rangeTooLarge = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN042", "dhcp-range-too-large", "DHCP ranges hold at most 65535 addresses", area: area, severity: .error,
            rationale: "libvirt refuses a range whose ends are more than 65535 apart.", sources: [ranges],
            remedy: Remedy("write a smaller range"),
            explains: ["range 10.64.0.2 - 10.127.255.254 is too large (> 65535)"]),
        example: (
            """
            <ip address='192.168.122.1' netmask='255.255.255.0'>
                <dhcp>
                  <range start='192.168.122.100' end='192.168.122.254'/>
            """, "<ip address='10.64.0.1' prefix='10'><dhcp><range start='10.64.0.2' end='10.127.255.254'/>"
        ),
        faults: { network in
            network.definition.ips.flatMap(\.dhcp.ranges).filter { range in
                guard let start = range.start.value, let end = range.end.value, start.family == end.family, start < end
                else { return false }
                // Only the last 32 bits are looked at; a difference before them is larger still.
                guard start.octets.dropLast(4) == end.octets.dropLast(4) else { return true }
                func number(_ address: IPAddress) -> Int { address.octets.suffix(4).reduce(0) { $0 << 8 | Int($1) } }
                return number(end) - number(start) > 65535
            }.map { Fault("range \($0.start.text ?? "") to \($0.end.text ?? "")", at: $0.position) }
        })

    static let addressTwice = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN043", "network-address-twice", "the bridge has each address once", area: area, severity: .error,
            rationale: "The kernel gives an interface no address that it has: libvirt does not start the network.",
            sources: [Citation("libvirt src/util/virnetdevip.c: virNetDevIPAddrAdd; virsh net-start", "9.0")],
            remedy: Remedy("take one <ip> away")),
        example: ("</ip>", "</ip><ip address='192.168.122.1' prefix='24'/>"),
        faults: { network in
            network.definition.ips.repeated(by: \.address.value).map {
                Fault("\($1.address.text ?? "") is there twice", at: $1.position)
            }
        })

    static let prefixNot64 = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN087", "network-ipv6-prefix", "guests can make IPv6 addresses of their own", area: area,
            severity: .warning,
            rationale:
                "Without DHCPv6 guests take addresses from router advertisements, which on Ethernet needs a prefix of 64 bits; with another they have none.",
            sources: [
                Citation("RFC 4862, section 5.5.3; RFC 2464, section 4", "2007"),
                Citation("libvirt src/network/bridge_driver.c: networkDnsmasqConfContents, ra-only", "9.0"),
            ],
            remedy: Remedy("use prefix='64', or add <dhcp> with a <range>")),
        example: ("</ip>", "</ip><ip family='ipv6' address='fd00:7a8b::1' prefix='80'/>"),
        faults: { network in
            guard network.definition.isManaged else { return [] }
            return network.definition.ips.filter { ip in
                ip.address.value?.family == .ipv6 && (ip.effectivePrefix ?? 64) != 64
                    && ip.dhcp.ranges.isEmpty && ip.dhcp.hosts.isEmpty
            }.map { Fault("prefix \($0.prefix.text ?? "") without DHCP", at: $0.prefix.position) }
        })
}
