internal import Evidence
internal import Facts
internal import LibvirtXML

/// What goes with which forward mode. KVN001–KVN020.
enum VirtualNetworkModeRules {
    static let area = "Network"

    static let all: [Rule<NetworkDefinitionFacts>] = [
        deviceDiffers, addressMissing, devicesMany, openDevice, bridgeName, bridgeOptions, bridgeAndDevice, mtuMode,
        mtuRange, bridgeAddress, vlan, vlanRefused, devicesMissing, vepa, routed, isolated, open, groupDefaults,
        groupTwice,
        groupsNoDefault, unsupported,
    ]

    private static let parser = Citation("libvirt src/conf/network_conf.c: virNetworkDefParseXML", "9.0")
    private static let driver = Citation("libvirt src/network/bridge_driver.c: networkValidate", "9.0")
    private static let manual = Citation("libvirt docs/formatnetwork.rst", "9.0")

    /// The start of the sample's `<forward>`. What an example writes before it comes first, and the first counts.
    private static let forward = "<forward mode='nat'>"

    static let deviceDiffers = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN001", "forward-device-differs", "the forward device is the first interface", area: area,
            severity: .error,
            rationale:
                "<forward dev=…> is an older spelling of the first <interface dev=…>; libvirt refuses two answers.",
            sources: [parser], remedy: Remedy("write the same device in both, or take one away"),
            explains: ["<forward dev='eth0'> must match first <interface dev='eth1'/> in network default"]),
        example: (forward, "<forward mode='nat' dev='eno1np0'><interface dev='eno2np1'/>"),
        faults: { network in
            let forward = network.definition.forward
            guard let device = forward.device.value, let first = forward.interfaces.first?.device.value,
                device != first
            else { return [] }
            return [Fault("forward device \(device) is not interface \(first)", at: forward.device.position)]
        })

    static let addressMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN002", "forward-without-address", "networks that forward have an address", area: area, severity: .error,
            rationale:
                "Modes nat, route and open forward packets of a subnet; without <ip> there is none, and libvirt refuses.",
            sources: [parser], remedy: Remedy("add <ip address='192.168.123.1' prefix='24'/>"),
            explains: ["nat forwarding requested, but no IP address provided for network 'default'"]),
        violates: {
            $0 = NetworkDefinitionFacts(xml: "<network><name>a</name><forward mode='route'/></network>") ?? $0
        },
        faults: { network in
            let definition = network.definition
            guard definition.forward.isPresent, definition.isManaged, definition.ips.isEmpty else { return [] }
            return [Fault("mode \(definition.modeName) without an address", at: definition.forward.position)]
        })

    static let devicesMany = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN003", "forward-devices-many", "networks forward over one device at most", area: area,
            severity: .warning,
            rationale:
                "Modes nat and route go over one device. libvirt refuses a definition with more, though net-update lets one be added.",
            sources: [parser],
            remedy: Remedy("keep one <interface>"),
            explains: ["multiple forwarding interfaces specified for network 'default', only one is supported"]),
        example: (forward, "<forward mode='nat'><interface dev='eno1np0'/><interface dev='eno2np1'/>"),
        faults: { network in
            let definition = network.definition
            guard definition.forward.isPresent, definition.isManaged, definition.forward.interfaces.count > 1,
                let second = definition.forward.interfaces.dropFirst().first
            else { return [] }
            return [Fault("mode \(definition.modeName) over several devices", at: second.position)]
        })

    static let openDevice = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN004", "open-with-device", "open networks name no device", area: area, severity: .error,
            rationale: "In mode open libvirt leaves the firewall alone, so it cannot keep to a device; it refuses one.",
            sources: [parser], remedy: Remedy("take dev away, or use mode route"),
            explains: ["forward dev not allowed for network 'default' with forward mode='open'"]),
        example: (forward, "<forward mode='open' dev='br0'>"),
        faults: { network in
            let definition = network.definition
            guard definition.effectiveMode == .known(.open) else { return [] }
            return definition.deviceFields.filter(\.isPresent).prefix(1).map {
                Fault("mode open with device \($0.text ?? "")", at: $0.position)
            }
        })

    static let bridgeName = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN005", "bridge-name-not-allowed", "networks of devices name no bridge", area: area, severity: .error,
            rationale: "Modes private, vepa, passthrough and hostdev have no bridge; libvirt refuses what sets one.",
            sources: [parser], remedy: Remedy("take <bridge> away"),
            explains: ["bridge name not allowed in vepa mode (network 'default')"]),
        example: (forward, "<forward mode='vepa'>"),
        faults: { network in
            let (definition, bridge) = (network.definition, network.definition.bridge)
            guard definition.isDevicePool,
                bridge.name.isPresent || bridge.zone.isPresent || bridge.tableManager.isPresent
            else { return [] }
            return [Fault("mode \(definition.modeName) with a bridge", at: bridge.position)]
        })

    static let bridgeOptions = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN006", "bridge-options-not-allowed", "STP, delay and zone are set on libvirt's own bridges only",
            area: area, severity: .error,
            rationale: "In mode bridge the host made the bridge and sets it up; libvirt refuses to.", sources: [parser],
            remedy: Remedy("take stp, delay and zone away, and set them where the host makes the bridge"),
            explains: [
                "bridge delay/stp/zone options only allowed in route, nat, and isolated mode, not in bridge (network 'default')"
            ]),
        example: (forward, "<forward mode='bridge'>"),
        faults: { network in
            let (definition, bridge) = (network.definition, network.definition.bridge)
            guard !definition.isManaged,
                bridge.stp.isPresent || bridge.zone.isPresent || (bridge.delay.value ?? 0) > 0
            else { return [] }
            return [Fault("mode \(definition.modeName) with stp, delay or zone", at: bridge.position)]
        })

    static let bridgeAndDevice = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN007", "bridge-and-device", "a bridge or devices are named, not both", area: area, severity: .error,
            rationale: "Mode bridge uses a bridge of the host, or macvtap on devices; libvirt refuses both at once.",
            sources: [parser], remedy: Remedy("take <interface> away: the bridge has its ports from the host"),
            explains: [
                "A network with forward mode='bridge' can specify a bridge name or a forward dev, but not both (network 'default')"
            ]),
        example: (forward, "<forward mode='bridge' dev='eno1np0'>"),
        faults: { network in
            let definition = network.definition
            guard definition.effectiveMode == .known(.bridge), definition.bridge.name.isPresent else { return [] }
            return definition.deviceFields.filter(\.isPresent).prefix(1).map {
                Fault("bridge \(definition.bridge.name.text ?? "") and device \($0.text ?? "")", at: $0.position)
            }
        })

    static let mtuMode = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN008", "mtu-not-allowed", "the MTU is set on libvirt's own bridges only", area: area, severity: .error,
            rationale:
                "Devices and bridges of the host keep the MTU that the host gave them; libvirt refuses to set it.",
            sources: [parser], remedy: Remedy("take <mtu> away, and set it on the host"),
            explains: [
                "mtu size only allowed in open, route, nat, and isolated mode, not in bridge (network 'default')"
            ]),
        example: (forward, "<mtu size='9000'/><forward mode='bridge'>"),
        faults: { network in
            let definition = network.definition
            guard !definition.isManaged, (definition.mtu.value ?? 0) > 0 else { return [] }
            return [Fault("mode \(definition.modeName) with an MTU", at: definition.mtu.position)]
        })

    static let mtuRange = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN009", "mtu-range", "the MTU is between 68 and 65535", area: area, severity: .error,
            rationale: "The kernel takes no other for a bridge, so that the network does not start.",
            sources: [Citation("Linux include/uapi/linux/if_ether.h: ETH_MIN_MTU, ETH_MAX_MTU", "6.1")],
            remedy: Remedy("use 1500, or 9000 where the whole path carries it")),
        example: (forward, "<mtu size='66000'/><forward mode='nat'>"),
        faults: { network in
            guard let size = network.definition.mtu.value, size != 0, !(68...65535).contains(size) else { return [] }
            return [Fault("an MTU of \(size)", at: network.definition.mtu.position)]
        })

    static let bridgeAddress = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN010", "bridge-mac-dropped", "the bridge's address stands beside <bridge>", area: area,
            severity: .warning,
            rationale: "libvirt drops a <mac> inside <bridge> without a word and makes another address up.",
            sources: [
                Citation("libvirt as the reference notes tried it: virsh net-define and net-dumpxml", "9.0"), manual,
            ],
            remedy: Remedy("move <mac> out of <bridge>, into <network>")),
        example: (
            "<bridge name='virbr0' stp='on' delay='0'/>",
            "<bridge name='virbr0'><mac address='52:54:00:0b:5d:85'/></bridge>"
        ),
        faults: { network in
            guard let address = network.definition.bridge.element?.first("mac") else { return [] }
            return [Fault("<mac> inside <bridge>", at: address.position)]
        })

    static let vlan = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN011", "network-vlan-on-bridge", "tags are given where something sets them", area: area,
            severity: .warning,
            rationale: "On a Linux bridge tags are refused up to libvirt 10; from version 11 libvirt sets them there.",
            sources: [driver, Citation("libvirt docs/formatnetwork.rst, VLAN tags", "11.0")],
            remedy: Remedy("use an Open vSwitch bridge, or tag on the host and use that bridge"),
            explains: ["<vlan> element specified for network default, whose type doesn't support vlan configuration"]),
        example: (forward, "<vlan><tag id='42'/></vlan><forward mode='bridge'>"),
        faults: { network in
            let definition = network.definition
            guard definition.effectiveMode == .known(.bridge), !definition.isMacvtap else { return [] }
            return refusedTags(definition).map { Fault("tags on a Linux bridge", at: $0.position) }
        })

    static let vlanRefused = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN041", "network-vlan-refused", "networks of libvirt's own and macvtap have no tags", area: area,
            severity: .error,
            rationale: """
                libvirt sets tags through Open vSwitch, on SR-IOV functions and from version 11 on bridges of the host; in \
                modes nat, route, open, private, vepa and for isolated networks it refuses them.
                """,
            sources: [driver, Citation("libvirt docs/formatnetwork.rst, VLAN tags", "11.0")],
            remedy: Remedy(
                "use mode bridge with an Open vSwitch bridge, or with a bridge of the host on a VLAN interface"),
            explains: ["<vlan> element specified for network default, whose type doesn't support vlan configuration"]),
        example: (forward, "<vlan><tag id='42'/></vlan><forward mode='nat'>"),
        faults: { network in
            let definition = network.definition
            guard definition.isManaged || definition.isMacvtap else { return [] }
            return refusedTags(definition).map {
                Fault("mode \(definition.modeName) with tags", at: $0.position)
            }
        })

    /// The tags that libvirt refuses: `networkValidate` looks at the network's own tags only where a port group or an
    /// interface without a group would get them.
    @Sendable private static func refusedTags(_ definition: Network) -> [VLAN] {
        let mode = definition.effectiveMode
        let isAllowed =
            mode == .known(.hostdev) || mode == .known(.passthrough)
            || mode == .known(.bridge) && definition.virtualPort.type == .openvswitch
        let own = definition.vlan.tags.isEmpty ? [] : [definition.vlan]
        var refused: [VLAN] = []
        for group in definition.portGroups where !(own.isEmpty && group.vlan.tags.isEmpty) {
            let port = group.virtualPort
            let isSwitched = mode == .known(.bridge) && port.type == .openvswitch
            if port.type.isPresent ? !isSwitched : !isAllowed {
                refused += group.vlan.tags.isEmpty ? own : [group.vlan]
            }
        }
        if refused.isEmpty, !isAllowed, !definition.portGroups.contains(where: { $0.isDefault.value == true }) {
            refused = own
        }
        return refused
    }

    static let devicesMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN012", "devices-missing", "networks of devices name devices", area: area, severity: .warning,
            rationale:
                "A network of mode bridge, private, vepa, passthrough or hostdev starts without bridge or device, but no guest does on it, until net-update adds one.",
            sources: [
                Citation("libvirt src/network/bridge_driver.c: networkAllocatePort; virsh net-start, start", "9.0")
            ],
            remedy: Remedy("add <interface dev=…/> to <forward>, or <bridge name=…/>"),
            explains: ["network 'default' uses a direct mode, but has no forward dev and no interface pool"]),
        example: ("<forward mode='nat'>", "<bridge/><forward mode='bridge'>"),
        faults: { network in
            let definition = network.definition
            guard !definition.isManaged, definition.effectiveMode?.known != nil, !definition.bridge.name.isPresent,
                definition.deviceFields.allSatisfy({ !$0.isPresent }), definition.forward.addresses.isEmpty
            else { return [] }
            return [Fault("mode \(definition.modeName) without a bridge or device", at: definition.forward.position)]
        })

    static let vepa = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN013", "network-vepa", "guests do not hang on the switch's goodwill", area: area, severity: .note,
            rationale: """
                Modes vepa and private send all frames to the switch: guests on one host reach each other only where the \
                switch sends frames back the port they came from.
                """,
            sources: [manual], remedy: Remedy("use mode bridge, if the switch does not reflect frames")),
        example: (forward, "<forward mode='vepa'>"),
        faults: { network in
            let definition = network.definition
            guard definition.effectiveMode == .known(.vepa) || definition.effectiveMode == .known(.private) else {
                return []
            }
            return [
                Fault(
                    "mode \(definition.modeName) needs a switch that reflects frames", at: definition.forward.position)
            ]
        })

    static let routed = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN014", "network-routed", "nothing outside need know the network", area: area, severity: .note,
            rationale:
                "In mode route guests are seen by their own addresses: answers come back only if the router of the LAN sends the subnet to this host.",
            sources: [manual], remedy: Remedy("add a route for the subnet by way of this host to the router of the LAN")
        ),
        example: (forward, "<forward mode='route'>"),
        faults: { network in
            let definition = network.definition
            guard definition.effectiveMode == .known(.route) else { return [] }
            let subnets = definition.ips.compactMap(\.subnet).map(\.description).joined(separator: ", ")
            return [Fault("the LAN's router must send \(subnets) to this host", at: definition.forward.position)]
        })

    static let isolated = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN015", "network-isolated", "guests reach other networks", area: area, severity: .note,
            rationale:
                "Without <forward> guests reach each other and this host only. Right for a network that is meant so.",
            sources: [manual], remedy: Remedy("add <forward mode='nat'/>, if guests need to reach other networks")),
        violates: { subject in
            subject =
                NetworkDefinitionFacts(
                    xml: "<network><name>a</name><bridge name='virbr7'/><ip address='10.1.1.1' prefix='24'/></network>")
                ?? subject
        },
        faults: { network in
            guard !network.definition.forward.isPresent else { return [] }
            return [Fault("the network is isolated", at: network.definition.position)]
        })

    static let open = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN016", "network-open", "libvirt sets up the firewall for the network", area: area, severity: .note,
            rationale:
                "In mode open libvirt adds no rules: whether guests are reached, and reach others, is the host's firewall's to say.",
            sources: [manual],
            remedy: Remedy("see that the host's firewall lets through what the guests need, and no more")),
        example: (forward, "<forward mode='open'>"),
        faults: { network in
            guard network.definition.effectiveMode == .known(.open) else { return [] }
            return [Fault("mode open has no rules of libvirt's", at: network.definition.forward.position)]
        })

    static let groupDefaults = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN017", "portgroup-defaults-many", "one port group is the default", area: area, severity: .error,
            rationale: "libvirt refuses two default port groups.", sources: [driver],
            remedy: Remedy("keep default='yes' on one <portgroup>"),
            explains: [
                "network 'default' has multiple default <portgroup> elements (a and b), but only one default is allowed"
            ]),
        example: (forward, "<portgroup name='a' default='yes'/><portgroup name='b' default='yes'/><forward>"),
        faults: { network in
            network.definition.portGroups.filter { $0.isDefault.value == true }.dropFirst().map {
                Fault("port group \($0.name.text ?? "") is a second default", at: $0.position)
            }
        })

    static let groupTwice = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN018", "portgroup-twice", "port groups have names of their own", area: area, severity: .error,
            rationale: "libvirt refuses two port groups of one name.",
            sources: [driver], remedy: Remedy("rename or remove one"),
            explains: ["multiple <portgroup> elements with the same name (a) in network 'default'"]),
        example: (forward, "<portgroup name='a'/><portgroup name='a'/><forward>"),
        faults: { network in
            network.definition.portGroups.repeated(by: \.name.value).map {
                Fault("port group \($1.name.text ?? "") is there twice", at: $1.position)
            }
        })

    static let groupsNoDefault = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN019", "portgroup-no-default", "a port group is the default", area: area, severity: .note,
            rationale:
                "An interface that names no group gets the default one's settings; where there is none, only those of the network.",
            sources: [manual],
            remedy: Remedy("mark one <portgroup> default='yes', if every guest should have its settings")),
        example: (forward, "<portgroup name='a'/><forward>"),
        faults: { network in
            let groups = network.definition.portGroups
            guard let first = groups.first, !groups.contains(where: { $0.isDefault.value == true }) else { return [] }
            return [Fault("no port group is the default", at: first.position)]
        })

    static let unsupported = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN020", "network-element-unsupported", "addresses and names are given to libvirt's own bridges only",
            area: area, severity: .error,
            rationale:
                "Where libvirt does not make the bridge it refuses <mac>, <ip>, <domain> and entries of <dns> for it, and <bandwidth> where there is no bridge at all.",
            sources: [driver], remedy: Remedy("take the element away"),
            explains: ["Unsupported <ip> element in network default with forward mode='bridge'"]),
        example: (forward, "<forward mode='bridge'>"),
        faults: { network in
            let definition = network.definition
            guard !definition.isManaged, definition.effectiveMode?.known != nil else { return [] }
            var faults: [Fault] = []
            func refuse(_ name: String, _ isThere: Bool, _ position: XMLPosition) {
                if isThere { faults.append(Fault("mode \(definition.modeName) with <\(name)>", at: position)) }
            }
            refuse("mac", definition.mac.isPresent, definition.mac.position)
            if let ip = definition.ips.first { refuse("ip", true, ip.position) }
            refuse("domain", definition.domainName.isPresent, definition.domainName.position)
            let dns = definition.dns
            refuse("dns", !(dns.hosts.isEmpty && dns.texts.isEmpty && dns.services.isEmpty), dns.position)
            if !(definition.effectiveMode == .known(.bridge) && definition.bridge.name.isPresent) {
                for bandwidth in definition.bandwidths { refuse("bandwidth", true, bandwidth.position) }
            }
            return faults
        })
}
