internal import Evidence
internal import Facts
internal import LibvirtXML

/// What libvirt refuses in the parts of a virtual network: names, DHCP, DNS, routes, NAT, devices, limits, switch ports.
/// KVN044–KVN049, KVN080–KVN086. Held to what a libvirtd does with each.
enum VirtualNetworkPartRules {
    static let all: [Rule<NetworkDefinitionFacts>] = [
        mtuBelowIPv6, hostRefused, routeRefused, natRefused, bridgeNameInvalid, nameInvalid, devicesRefused, dnsRefused,
        bandwidthRefused, leaseShort, tagsRefused, virtualPortUnsupported, isolationUnsupported,
    ]

    private static let area = VirtualNetworkModeRules.area
    private static let driver = Citation("libvirt src/network/bridge_driver.c: networkValidate", "9.0")
    private static let allocation = Citation("libvirt src/network/bridge_driver.c: networkAllocatePort", "9.0")

    /// The source of what was found in the parser and tried on a daemon.
    private static func parser(_ function: String) -> Citation {
        Citation("libvirt src/conf/network_conf.c: \(function); virsh net-define", "9.0")
    }

    private static let forward = "<forward mode='nat'>"

    static let mtuBelowIPv6 = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN044", "mtu-below-ipv6", "the MTU has room for IPv6", area: area, severity: .error,
            rationale:
                "The kernel takes IPv6 off an interface whose MTU is below 1280: libvirt cannot set the address and does not start the network.",
            sources: [
                Citation("RFC 8200, section 5", "2017"),
                Citation("Linux net/ipv6/addrconf.c: addrconf_notify; virsh net-start", "6.1"),
            ],
            remedy: Remedy("use an MTU of at least 1280")),
        example: (
            "<forward mode='nat'>",
            "<mtu size='1200'/><ip family='ipv6' address='fd00:7a8b::1' prefix='64'/><forward mode='nat'>"
        ),
        faults: { network in
            let definition = network.definition
            guard let size = definition.mtu.value, size > 0, size < 1280, definition.isManaged,
                definition.ips.contains(where: { $0.address.value?.family == .ipv6 })
            else { return [] }
            return [Fault("an MTU of \(size) with an IPv6 address", at: definition.mtu.position)]
        })

    static let hostRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN045", "dhcp-host-refused", "known guests are told whole", area: area, severity: .error,
            rationale:
                "libvirt refuses a <host> of <dhcp> without an address, without what the guest is known by, with a group's hardware address, or in IPv6 with any.",
            sources: [parser("virNetworkDHCPHostDefParseXML")],
            remedy: Remedy("write <host mac='…' ip='…'/>, of IPv6 <host id='…' ip='…'/>"),
            explains: [
                "Static host definition in IPv4 network 'default' must have mac or name attribute",
                "Missing IP address in static host definition for network 'default'",
                "Invalid to specify MAC address '52:54:00:11:22:33' in network 'default' IPv6 static host definition",
            ]),
        example: ("ip='192.168.122.10'", ""),
        faults: { network in
            network.definition.ips.flatMap { ip -> [Fault] in
                let isIPv6 = ip.address.value?.family == .ipv6
                return ip.dhcp.hosts.flatMap { host -> [Fault] in
                    var faults: [Fault] = []
                    let known = [isIPv6 ? host.id.isPresent : host.mac.isPresent, host.name.isPresent]
                    faults.add(
                        "a guest that is known by nothing", at: host.position, if: !known.contains(true))
                    faults.add("a guest without an address", at: host.position, if: !host.ip.isPresent)
                    faults.add(
                        "\(host.mac.text ?? "") is a group's address", at: host.mac.position,
                        if: host.mac.value?.isMulticast == true)
                    faults.add(
                        "an IPv6 guest by its hardware address", at: host.mac.position,
                        if: isIPv6 && host.mac.isPresent)
                    return faults
                }
            }
        })

    static let routeRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN046", "network-route-refused", "static routes lead over the network", area: area, severity: .error,
            rationale:
                "libvirt refuses a <route> without a gateway, with a gateway outside the network's subnets, or whose address has bits behind its prefix.",
            sources: [
                parser("virNetworkDefParseXML"),
                Citation("libvirt src/conf/networkcommon_conf.c: virNetDevIPRouteCreate", "9.0"),
            ],
            remedy: Remedy("name a gateway inside one of the network's subnets"),
            explains: [
                "unreachable static route gateway '10.9.9.2' specified for network 'default'",
                "default: Address '10.77.1.1' in route definition is not a network address",
                "default: Missing required gateway attribute in route definition",
            ]),
        example: (forward, "<route address='10.77.0.0' prefix='16' gateway='10.9.9.2'/><forward mode='nat'>"),
        faults: { network in
            let subnets = network.definition.ips.compactMap(\.subnet)
            return network.definition.routes.flatMap { route -> [Fault] in
                var faults: [Fault] = []
                if let gateway = route.gateway.value {
                    faults.add(
                        "gateway \(gateway) is not in the network", at: route.gateway.position,
                        if: !subnets.contains { $0.contains(gateway) })
                } else {
                    faults.add("a route without a gateway", at: route.position)
                }
                let prefix = route.prefix.value ?? route.netmask.value?.prefixLength
                if let address = route.address.value, let prefix {
                    faults.add(
                        "\(address) has bits behind its prefix of \(prefix)", at: route.address.position,
                        if: prefix <= address.bitCount && address.network(prefix: prefix) != address)
                }
                return faults
            }
        })

    static let natRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN047", "nat-range-refused", "addresses and ports of NAT are ranges", area: area, severity: .error,
            rationale:
                "libvirt refuses a range of NAT that is reversed or not whole, and <nat> in another mode than nat.",
            sources: [parser("virNetworkForwardNatDefParseXML")],
            remedy: Remedy("write <port start='1024' end='65535'/>, or take <nat> away"),
            explains: [
                "Missing or invalid 'end' attribute in <port> in <nat> in <forward> in network default",
                "missing 'start' attribute in <address> element in <nat> in <forward> in network default",
                "The <nat> element can only be used when <forward> 'mode' is 'nat' in network default",
            ]),
        example: ("<port start='1024' end='65535'/>", "<port start='5000' end='2000'/>"),
        faults: { network in
            let forward = network.definition.forward
            guard let element = forward.element?.first("nat") else { return [] }
            var faults: [Fault] = []
            faults.add(
                "<nat> in mode \(network.definition.modeName)", at: element.position,
                if: network.definition.effectiveMode != .known(.nat))
            let (port, address) = (forward.natPort, forward.natAddress)
            if port.isPresent {
                let isRange = port.start.value.flatMap { start in port.end.value.map { start <= $0 } } ?? false
                faults.add(
                    "ports \(port.start.text ?? "") to \(port.end.text ?? "")", at: port.position, if: !isRange)
            }
            if address.isPresent {
                let isRange =
                    address.start.value.map { start in address.end.value.map { start <= $0 } ?? true } ?? false
                faults.add(
                    "addresses \(address.start.text ?? "") to \(address.end.text ?? "")", at: address.position,
                    if: !isRange)
            }
            return faults
        })

    static let bridgeNameInvalid = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN048", "bridge-name-invalid", "the bridge's name can be an interface's", area: area, severity: .error,
            rationale:
                "An interface's name has at most 15 bytes, without white space, slash and colon: libvirt does not start the network.",
            sources: [Citation("Linux net/core/dev.c: dev_valid_name; virsh net-start", "6.1")],
            remedy: Remedy("choose a shorter name, such as virbr1"),
            explains: ["error creating bridge interface averyverylongbridge: Numerical result out of range"]),
        example: ("name='virbr0'", "name='averyverylongbridge'"),
        faults: { network in
            let field = network.definition.bridge.name
            guard let name = field.value, !name.isEmpty else { return [] }
            let isRight =
                name.utf8.count < 16 && name != "." && name != ".."
                && !name.utf8.contains { byte in
                    byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") || byte == 0x20
                        || (0x09...0x0d).contains(byte)
                }
            return isRight ? [] : [Fault("bridge \(name)", at: field.position)]
        })

    static let nameInvalid = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN049", "network-name-invalid", "the network has a name that can be a file's", area: area,
            severity: .error,
            rationale: "libvirt keeps the definition in a file of the name: it refuses none, a slash and a line break.",
            sources: [parser("virNetworkDefParseXML"), driver], remedy: Remedy("write a name without a slash"),
            explains: ["invalid char in name: /"]),
        example: ("<name>default</name>", "<name>a/b</name>"),
        faults: { network in
            let field = network.definition.name
            guard let name = field.value, !name.isEmpty else {
                return [Fault("the network has no name", at: network.definition.position)]
            }
            let isWrong = name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\n") }
            return isWrong ? [Fault("the name \(name)", at: field.position)] : []
        })

    static let devicesRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN080", "forward-devices-refused", "devices are listed in the mode's way", area: area, severity: .error,
            rationale:
                "libvirt takes PCI addresses in mode hostdev only, names of devices in the others only, one <pf>, and each device once.",
            sources: [driver, parser("virNetworkForwardDefParseXML")],
            remedy: Remedy("list devices as <address type='pci' …/> in mode hostdev, as <interface dev=…/> elsewhere"),
            explains: [
                "Only one <pf> element is allowed in <forward> of network default",
                "interface 'eth0' can only be listed once in network default",
                "network 'default' has forward mode 'vepa'  but lists a device by PCI address in the device pool. This is only supported for networks with forward mode 'hostdev'",
            ]),
        example: (forward, "<forward mode='hostdev'><interface dev='eno1np0'/>"),
        faults: { network in
            let (definition, forward) = (network.definition, network.definition.forward)
            var faults: [Fault] = []
            let isHostdev = definition.effectiveMode == .known(.hostdev)
            for interface in forward.interfaces.prefix(1) {
                faults.add("mode hostdev with a device by its name", at: interface.position, if: isHostdev)
            }
            for address in forward.addresses.prefix(1) {
                faults.add(
                    "mode \(definition.modeName) with a device by its PCI address", at: address.position, if: !isHostdev
                )
            }
            for function in forward.physicalFunctions.dropFirst() {
                faults.add("a second physical function", at: function.position)
            }
            for (_, again) in forward.interfaces.repeated(by: \.device.value) {
                faults.add("\(again.device.text ?? "") is there twice", at: again.position)
            }
            return faults
        })

    static let dnsRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN081", "dns-entry-refused", "entries of DNS are whole", area: area, severity: .error,
            rationale:
                "libvirt refuses a DNS host without address or name, a service without its name or protocol, a forwarder to nowhere, and any entry where DNS is off.",
            sources: [parser("virNetworkDNSDefParseXML")],
            remedy: Remedy("write the entry whole, or take it away"),
            explains: [
                "Missing IP address in network 'default' DNS HOST record",
                "Missing hostname in network 'default' DNS HOST record",
                "missing required service attribute in DNS SRV record of network 'default'",
                "Extra data in disabled network 'default'",
                "Invalid forwarder element, must contain at least one of addr or domain",
            ]),
        example: (forward, "<dns><host ip='192.168.122.5'/></dns><forward mode='nat'>"),
        faults: { network in
            let dns = network.definition.dns
            var faults: [Fault] = []
            for host in dns.hosts {
                faults.add("a DNS host without an address", at: host.position, if: !host.ip.isPresent)
                faults.add("a DNS host without a name", at: host.position, if: host.names.isEmpty)
            }
            for service in dns.services {
                faults.add("a DNS service without its name", at: service.position, if: !service.service.isPresent)
                faults.add(
                    "a DNS service without its protocol", at: service.position, if: !service.networkProtocol.isPresent)
            }
            for forwarder in dns.forwarders {
                faults.add(
                    "a forwarder to nowhere", at: forwarder.position,
                    if: !forwarder.address.isPresent && !forwarder.domain.isPresent)
            }
            let hasEntries = !(dns.hosts.isEmpty && dns.texts.isEmpty && dns.services.isEmpty && dns.forwarders.isEmpty)
            faults.add("entries, and DNS is off", at: dns.position, if: dns.isEnabled.value == false && hasEntries)
            return faults
        })

    static let bandwidthRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN082", "network-bandwidth-refused", "limits of traffic are an average", area: area, severity: .error,
            rationale:
                "libvirt refuses a limit without an average, and floor, which is a single interface's, on a network or port group.",
            sources: [
                Citation("libvirt src/conf/netdev_bandwidth_conf.c: virNetDevBandwidthParse; virsh net-define", "9.0")
            ],
            remedy: Remedy("write average, and take floor away"),
            explains: [
                "floor attribute is not supported for this config", "Missing mandatory average or floor attributes",
            ]),
        example: (forward, "<bandwidth><inbound peak='1000'/></bandwidth><forward mode='nat'>"),
        faults: { network in
            network.definition.bandwidths.flatMap { [$0.inbound, $0.outbound] }.filter(\.isPresent).flatMap {
                limit -> [Fault] in
                var faults: [Fault] = []
                faults.add("a limit without an average", at: limit.position, if: !limit.average.isPresent)
                faults.add("floor on a network", at: limit.floor.position, if: limit.floor.isPresent)
                return faults
            }
        })

    static let leaseShort = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN083", "dhcp-lease-short", "leases last two minutes at least", area: area, severity: .error,
            rationale: "dnsmasq lends for no less than two minutes, and libvirt refuses a shorter time.",
            sources: [parser("virNetworkDHCPLeaseTimeDefParseXML"), Citation("dnsmasq(8), --dhcp-range", "2.89")],
            remedy: Remedy("use <lease expiry='1' unit='hours'/>"),
            explains: ["The minimum lease time should be greater than 2 minutes"]),
        example: (
            "end='192.168.122.254'/>",
            "end='192.168.122.254'><lease expiry='30' unit='seconds'/></range>"
        ),
        faults: { network in
            let leases = network.definition.ips.flatMap { $0.dhcp.ranges.map(\.lease) + $0.dhcp.hosts.map(\.lease) }
            return leases.filter { lease in
                guard let expiry = lease.expiry.value, expiry > 0 else { return false }
                switch lease.unit.value ?? "minutes" {
                case "seconds": return expiry < 120
                case "minutes": return expiry < 2
                default: return false
                }
            }.map { Fault("a lease of \($0.expiry.text ?? "") \($0.unit.text ?? "minutes")", at: $0.position) }
        })

    static let tagsRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN084", "network-tags-refused", "tags are right", area: area, severity: .error,
            rationale: "libvirt refuses a tag above 4095, and several tags where trunk='no' is written.",
            sources: [Citation("libvirt src/conf/netdev_vlan_conf.c: virNetDevVlanParse; virsh net-define", "9.0")],
            remedy: Remedy("use tags from 1 to 4094, and trunk='yes' for several"),
            explains: [
                "vlan tag id 5000 too large (maximum 4095)",
                "invalid \"trunk='no'\" in <vlan> - trunk='yes' is required for more than one vlan tag",
            ]),
        example: (
            forward, "<virtualport type='openvswitch'/><vlan><tag id='5000'/></vlan><forward mode='bridge'>"
        ),
        faults: { network in
            network.definition.vlans.flatMap { vlan -> [Fault] in
                var faults: [Fault] = []
                for tag in vlan.tags {
                    faults.add("tag \(tag.id.text ?? "without a number")", at: tag.position, if: tag.id.value == nil)
                }
                faults.add(
                    "several tags and no trunk", at: vlan.position,
                    if: vlan.isTrunk.value == false && vlan.tags.count > 1)
                return faults
            }
        })

    static let virtualPortUnsupported = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN085", "network-virtualport-unsupported", "switches are told what they can be told", area: area,
            severity: .error,
            rationale: """
                The network starts, but no guest does on it: networks of libvirt's own have no <virtualport>, bridges only \
                that of Open vSwitch and MidoNet, and macvtap only those of 802.1Qbg and 802.1Qbh.
                """,
            sources: [allocation, Citation("virsh start of a domain on such a network", "9.0")],
            remedy: Remedy("take <virtualport> away, or use the mode that it is for"),
            explains: [
                "<virtualport type='openvswitch'> not supported for network 'default' which uses IP forwarding",
                "<virtualport type='802.1Qbg'> not supported for network 'default' which uses a bridge device",
            ]),
        example: (forward, "<virtualport type='openvswitch'/><forward mode='nat'>"),
        faults: { network in
            let definition = network.definition
            return definition.virtualPorts.compactMap { port -> Fault? in
                guard let type = port.type.value?.known else { return nil }
                let isOfBridge = type == .openvswitch || type == .midonet
                let isWrong =
                    definition.isManaged
                    || (definition.isMacvtap && isOfBridge && definition.deviceFields.contains(where: \.isPresent))
                    || (definition.bridge.name.isPresent && !isOfBridge)
                return isWrong
                    ? Fault("mode \(definition.modeName) with a port of \(type.rawValue)", at: port.position) : nil
            }
        })

    static let isolationUnsupported = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN086", "network-isolation-unsupported", "guests are set apart where a bridge does it", area: area,
            severity: .error,
            rationale:
                "<port isolated='yes'/> is a setting of Linux bridges: over macvtap, SR-IOV and Open vSwitch no guest starts with it.",
            sources: [
                Citation("libvirt src/conf/domain_validate.c: virDomainNetDefValidate; virsh start", "9.0"),
                Citation("libvirt docs/formatnetwork.rst, isolating ports", "9.0"),
            ],
            remedy: Remedy("take <port> away, or use a Linux bridge"),
            explains: [
                "interface 52:54:00:58:bb:77 - <port isolated='yes'/> is not supported for network interfaces with type='direct'"
            ]),
        example: (forward, "<port isolated='yes'/><forward mode='vepa'>"),
        faults: { network in
            let definition = network.definition
            guard definition.isIsolated.value == true,
                definition.isMacvtap || definition.effectiveMode == .known(.hostdev) || definition.usesOpenVSwitch
            else { return [] }
            return [Fault("mode \(definition.modeName) with isolated ports", at: definition.isIsolated.position)]
        })
}
