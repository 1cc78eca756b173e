internal import Evidence
internal import Facts
internal import LibvirtXML

/// Devices of the host that virtual networks use: bridges, macvtap, SR-IOV. KVN037, KVN038, KVN090–KVN099, KVN104–KVN106.
/// Of a definition from a file those that need the host are unknown.
enum VirtualNetworkDeviceRules {
    static let all: [Rule<NetworkDefinitionFacts>] = [
        bridgeMissing.only(fit: bridged, unless: isNoBridge),
        openVSwitchMissing.only(fit: switched, unless: isNoSwitch),
        bridgeWithoutPort.only(fit: bridged, unless: isNoBridge), bridgeMTU.only(fit: bridged, unless: isNoBridge),
        deviceMissing, deviceDown, mtuAboveUplink, deviceEnslaved.only(fit: macvtap, unless: isNoMacvtap),
        deviceWireless.only(fit: macvtap, unless: isNoMacvtap), macvtapHost,
        functionsMissing.only(fit: functioned, unless: isNoPool),
        functionsBound.only(fit: functioned, unless: isNoPool),
        functionMissing.only(fit: functioned, unless: isNoPool),
        functionsWithoutIOMMU.only(fit: functioned, unless: isNoPool),
        devicesExhausted.only(fit: functioned, unless: isNoPool),
    ]

    // What the rules are for, and fit networks of that kind.

    @Sendable private static func isNoBridge(_ network: NetworkDefinitionFacts) -> String? {
        network.definition.effectiveMode == .known(.bridge) && network.definition.bridge.name.isPresent
            ? nil : "the network uses no bridge of the host's"
    }

    @Sendable private static func bridged(_ network: inout NetworkDefinitionFacts) {
        network.rewrite(nat, "<bridge name='br0'/><forward mode='bridge'>")
    }

    @Sendable private static func isNoSwitch(_ network: NetworkDefinitionFacts) -> String? {
        network.definition.usesOpenVSwitch ? nil : "the network does not use Open vSwitch"
    }

    @Sendable private static func switched(_ network: inout NetworkDefinitionFacts) {
        network.rewrite(nat, "<bridge name='ovs0'/><virtualport type='openvswitch'/><forward mode='bridge'>")
        network.host.network.openVSwitchDatabase = .known(true)
    }

    @Sendable private static func isNoMacvtap(_ network: NetworkDefinitionFacts) -> String? {
        network.definition.isMacvtap ? nil : "the network does not go over macvtap"
    }

    @Sendable private static func macvtap(_ network: inout NetworkDefinitionFacts) {
        network.rewrite(nat, "<forward mode='vepa' dev='ens1f0np0'>")
    }

    @Sendable private static func isNoPool(_ network: NetworkDefinitionFacts) -> String? {
        let mode = network.definition.effectiveMode
        return mode == .known(.hostdev) || mode == .known(.passthrough) ? nil : "the network gives no devices away"
    }

    @Sendable private static func functioned(_ network: inout NetworkDefinitionFacts) {
        network.rewrite(nat, "<forward mode='hostdev' managed='yes'><pf dev='ens1f0np0'/>")
        network.tell { $0.liveXML = .known("<network connections='1'><name>default</name></network>") }
    }

    private static let area = VirtualNetworkModeRules.area
    private static let manual = Citation("libvirt docs/formatnetwork.rst", "9.0")
    private static let start = Citation("virsh start of a domain on such a network", "9.0")

    private static let nat = "<forward mode='nat'>"

    /// The host's interface of a name; nil where there is none.
    private static func interface(
        _ name: String, of network: NetworkDefinitionFacts
    ) throws(Undecided) -> NetworkInterface? {
        try network.host.network.interfaces.get(whenAbsent: []).first { $0.name == name }
    }

    /// The fields that name devices of the host that are there, each device once.
    private static func devices(
        _ fields: [Field<String>], of network: NetworkDefinitionFacts
    ) throws(Undecided) -> [(interface: NetworkInterface, field: Field<String>)] {
        guard fields.contains(where: \.isPresent) else { return [] }
        let interfaces = try network.host.network.interfaces.get(whenAbsent: [])
        var seen: Set<String> = []
        return fields.compactMap { field in
            guard let name = field.value, seen.insert(name).inserted,
                let interface = interfaces.first(where: { $0.name == name })
            else { return nil }
            return (interface, field)
        }
    }

    // MARK: - Bridges

    static let bridgeMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN037", "network-bridge-missing", "the host has the bridge that the network uses", area: area,
            severity: .error,
            rationale:
                "In mode bridge libvirt starts the network whether or not there is a bridge of that name; guests on it do not start.",
            sources: [start, manual],
            remedy: Remedy(
                "make the bridge on the host, or name the one that is there", commands: ["ip -br link show type bridge"]
            ),
            explains: [
                "Cannot get interface MTU on 'br9': No such device",
                "Unable to add bridge eth0 port vnet0: Operation not supported",
            ]),
        example: (nat, "<bridge name='br9'/><forward mode='bridge'>"),
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard definition.effectiveMode == .known(.bridge), let name = definition.bridge.name.value else {
                return []
            }
            guard let interface = try interface(name, of: network) else {
                return [Fault("the host has no bridge \(name)", at: definition.bridge.position)]
            }
            // An Open vSwitch bridge is an interface of its own kind, and is looked at where one is asked for.
            guard interface.kind != .bridge, !definition.usesOpenVSwitch else { return [] }
            return [Fault("interface \(name) is no bridge", at: definition.bridge.position)]
        })

    static let openVSwitchMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN092", "network-openvswitch-missing", "the Open vSwitch bridge is there", area: area, severity: .error,
            rationale:
                "libvirt adds guests to the bridge by Open vSwitch's database: where it does not run, or the bridge is a Linux bridge, they do not start.",
            sources: [
                Citation("libvirt src/util/virnetdevopenvswitch.c: virNetDevOpenvswitchAddPort; virsh start", "9.0")
            ],
            remedy: Remedy(
                "start Open vSwitch and make the bridge in it, or take <virtualport> away",
                commands: ["systemctl start openvswitch-switch", "ovs-vsctl show"]),
            explains: ["Unable to add port vnet1 to OVS bridge br5"]),
        example: (nat, "<bridge name='br0'/><virtualport type='openvswitch'/><forward mode='bridge'>"),
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard definition.effectiveMode == .known(.bridge), definition.usesOpenVSwitch,
                let name = definition.bridge.name.value
            else { return [] }
            if try interface(name, of: network)?.kind == .bridge {
                return [Fault("\(name) is a Linux bridge", at: definition.bridge.position)]
            }
            return try network.host.network.openVSwitchDatabase.get() == true
                ? [] : [Fault("Open vSwitch does not run", at: definition.bridge.position)]
        })

    static let bridgeWithoutPort = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN104", "network-bridge-without-port", "the bridge leads out of the host", area: area, severity: .note,
            rationale:
                "A bridge without a card for a port connects guests with each other and the host only. Right for a network that is meant so.",
            sources: [manual, Citation("Mastering KVM Virtualization, 2nd ed., chapter 4, uplinks", "2020")],
            remedy: Remedy("add the card, or a bond of cards, to the bridge", commands: ["bridge link"])),
        violates: { subject in
            subject.rewrite(nat, "<bridge name='virbr0'/><forward mode='bridge'>")
        },
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard definition.effectiveMode == .known(.bridge), let name = definition.bridge.name.value,
                try interface(name, of: network)?.kind == .bridge,
                try network.host.network.hardware(below: name).isEmpty
            else { return [] }
            return [Fault("no card is a port of \(name)", at: definition.bridge.position)]
        })

    static let bridgeMTU = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN105", "network-bridge-mtu", "the bridge's ports carry its packets", area: area, severity: .warning,
            rationale:
                "Guests are told the bridge's MTU: larger frames than its port takes are dropped without a word.",
            sources: [Citation("Linux net/bridge/br_forward.c: br_dev_queue_push_xmit, is_skb_forwardable", "6.1")],
            remedy: Remedy(
                "give the bridge and all its ports one MTU",
                commands: ["ip -br link", "ip link set dev BRIDGE mtu 1500"])),
        violates: { subject in
            subject.rewrite(nat, "<bridge name='br0'/><forward mode='bridge'>")
            subject.change("bond0") { $0.mtu = .known(1500) }
        },
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard definition.effectiveMode == .known(.bridge), let name = definition.bridge.name.value,
                let bridge = try interface(name, of: network), bridge.kind == .bridge, let own = try bridge.mtu.get()
            else { return [] }
            var faults: [Fault] = []
            for port in try network.host.network.interfaces.get(whenAbsent: []) {
                // Of taps and their like the MTU is not read; libvirt gives them the bridge's.
                if case .virtual(nil) = port.kind { continue }
                guard try port.master.get() == name, let mtu = try port.mtu.get() else { continue }
                faults.add(
                    "\(name) has an MTU of \(own), its port \(port.name) of \(mtu)", at: definition.bridge.position,
                    if: mtu < own)
            }
            return faults
        })

    // MARK: - Devices

    static let deviceMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN038", "network-device-missing", "the host has the devices that the network goes over", area: area,
            severity: .warning,
            rationale:
                "The network starts, but guests reach nothing over a device that is not there, and of modes with macvtap they do not start.",
            sources: [Citation("virsh net-start of such a network", "9.0"), manual],
            remedy: Remedy("name a device that is there", commands: ["ip -br link"])),
        example: (nat, "<forward mode='nat' dev='eth9'>"),
        faults: { network throws(Undecided) in
            let named = network.definition.forwardFields.filter(\.isPresent)
            guard !named.isEmpty else { return [] }
            let interfaces = Set(try network.host.network.interfaces.get(whenAbsent: []).map(\.name))
            var seen: Set<String> = []
            return named.filter { !interfaces.contains($0.value ?? "") && seen.insert($0.text ?? "").inserted }.map {
                Fault("the host has no device \($0.text ?? "")", at: $0.position)
            }
        })

    static let deviceDown = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN090", "network-device-down", "the devices that the network goes over are up", area: area,
            severity: .warning, rationale: "Over a device without a link guests reach nothing.",
            sources: [Citation("Linux Documentation/networking/operstates.rst", "6.1")],
            remedy: Remedy("switch the device on, and see to its cable", commands: ["ip -br link"])),
        violates: { subject in
            subject.rewrite(nat, "<forward mode='nat' dev='ens1f0np0'>")
            subject.change("ens1f0np0") { $0.state = .known("down") }
        },
        faults: { network throws(Undecided) in
            var faults: [Fault] = []
            for (interface, field) in try devices(network.definition.deviceFields, of: network) {
                if case .virtual(nil) = interface.kind { continue }
                let state = try interface.state.get() ?? "unknown"
                faults.add(
                    "device \(interface.name) is \(state)", at: field.position,
                    if: ["down", "lowerlayerdown", "notpresent", "dormant"].contains(state))
            }
            return faults
        })

    static let mtuAboveUplink = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN091", "network-mtu-above-uplink", "the way out carries the network's packets", area: area,
            severity: .warning,
            rationale:
                "Packets larger than the MTU of the device that they leave by are cut up or dropped: connections are slow or hang where the ICMP messages about it are filtered.",
            sources: [Citation("RFC 1191; RFC 8201; RFC 2923, section 2.1", "2017"), manual],
            remedy: Remedy("use the MTU of the device, or leave <mtu> out")),
        example: (nat, "<mtu size='9216'/><forward mode='nat'>"),
        faults: { network throws(Undecided) in
            let definition = network.definition
            guard let size = definition.mtu.value, definition.isManaged, definition.forward.isPresent else { return [] }
            let facts = network.host.network
            var names = Set(definition.forwardFields.compactMap(\.value))
            if names.isEmpty { names = try facts.defaultInterfaces() }
            var faults: [Fault] = []
            for interface in try facts.interfaces.get(whenAbsent: []) where names.contains(interface.name) {
                if case .virtual(nil) = interface.kind { continue }
                guard let mtu = try interface.mtu.get() else { continue }
                faults.add(
                    "an MTU of \(size), and \(interface.name) has \(mtu)", at: definition.mtu.position, if: mtu < size)
            }
            return faults
        })

    static let deviceEnslaved = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN093", "network-device-enslaved", "macvtap stands on devices that are nobody's ports", area: area,
            severity: .error,
            rationale:
                "The kernel hands a device's frames to one taker: on a port of a bridge or bond no macvtap can be made, and guests do not start.",
            sources: [Citation("Linux net/core/dev.c: netdev_rx_handler_register; virsh start", "6.1")],
            remedy: Remedy("name the bond itself, or another device; or use the bridge with <bridge name=…/>"),
            explains: ["error creating macvtap interface macvtap0@eth0 (52:54:00:91:57:9a): Device or resource busy"]),
        example: (nat, "<forward mode='vepa' dev='eno1np0'>"),
        faults: { network throws(Undecided) in
            guard network.definition.isMacvtap else { return [] }
            var faults: [Fault] = []
            for (interface, field) in try devices(network.definition.forwardFields, of: network) {
                if let master = try interface.master.get() {
                    faults.add("device \(interface.name) is a port of \(master)", at: field.position)
                }
            }
            return faults
        })

    static let deviceWireless = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN094", "network-device-wireless", "macvtap stands on cable", area: area, severity: .warning,
            rationale:
                "An access point takes frames of the station's own hardware address only: guests with addresses of theirs reach nothing.",
            sources: [
                Citation("IEEE 802.11, section 9.3.2.1, address fields", "2020"),
                Citation("Linux net/bridge/br_if.c: IFF_DONT_BRIDGE", "6.1"),
            ],
            remedy: Remedy("use a cable, or <forward mode='nat'/>")),
        violates: { subject in
            subject.rewrite(nat, "<forward mode='vepa' dev='ens1f0np0'>")
            subject.change("ens1f0np0") { $0.kind = .wireless }
        },
        faults: { network throws(Undecided) in
            guard network.definition.isMacvtap else { return [] }
            return try devices(network.definition.forwardFields, of: network).filter { $0.interface.kind == .wireless }
                .map { Fault("device \($0.interface.name) is wireless", at: $0.field.position) }
        })

    static let macvtapHost = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN106", "network-macvtap-host", "host and guests reach each other", area: area, severity: .note,
            rationale:
                "Guests on macvtap and the host do not reach each other over the device they share, whatever the mode.",
            sources: [Citation("libvirt docs/formatdomain.rst, direct attachment to physical interface", "9.0")],
            remedy: Remedy(
                "add a second interface on an isolated network, if host and guests need to talk")),
        example: (nat, "<forward mode='vepa' dev='ens1f0np0'>"),
        faults: { network in
            guard network.definition.isMacvtap else { return [] }
            return [
                Fault("mode \(network.definition.modeName) goes over macvtap", at: network.definition.forward.position)
            ]
        })

    // MARK: - SR-IOV

    /// The virtual functions that the network hands out; nil where it hands out none.
    private static func functions(
        _ network: NetworkDefinitionFacts
    ) throws(Undecided) -> [VirtualFunction]? {
        let forward = network.definition.forward
        guard !forward.physicalFunctions.isEmpty || !forward.addresses.isEmpty else { return nil }
        let addresses = Set(forward.addresses.compactMap { address in (try? address.pci())?.map(\.description) })
        var parents: Set<String> = []
        for function in forward.physicalFunctions {
            guard let name = function.device.value, let parent = try interface(name, of: network)?.pciAddress else {
                continue
            }
            parents.insert(parent)
        }
        var found: [VirtualFunction] = []
        for device in try network.host.pci.devices.get(whenAbsent: []) {
            guard let sriov = try device.sriov.get() else { continue }
            let isNamed = parents.contains(device.address)
            guard isNamed || !addresses.isEmpty else { continue }
            for function in try sriov.functions.get(whenAbsent: [])
            where isNamed || addresses.contains(function.address) { found.append(function) }
        }
        return found
    }

    static let functionsMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN095", "network-functions-missing", "the physical function has virtual functions", area: area,
            severity: .error,
            rationale:
                "libvirt does not start a network whose physical function is not there, is none, or has no virtual functions enabled.",
            sources: [
                Citation("libvirt src/network/bridge_driver.c: networkCreateInterfacePool; virsh net-start", "9.0")
            ],
            remedy: Remedy(
                "enable virtual functions on the card",
                commands: ["echo 4 > /sys/class/net/DEVICE/device/sriov_numvfs"]),
            explains: ["No usable Vf's present on SRIOV PF eth9", "Could not get Virtual functions on eth9"]),
        example: (nat, "<forward mode='hostdev'><pf dev='eno1np0'/>"),
        faults: { network throws(Undecided) in
            var faults: [Fault] = []
            for function in network.definition.forward.physicalFunctions.prefix(1) {
                guard let name = function.device.value else { continue }
                guard let interface = try interface(name, of: network) else {
                    faults.add("the host has no device \(name)", at: function.position)
                    continue
                }
                let devices = try network.host.pci.devices.get(whenAbsent: [])
                let device = devices.first { $0.address == interface.pciAddress }
                guard let sriov = try device?.sriov.get() else {
                    faults.add("\(name) is no physical function of SR-IOV", at: function.position)
                    continue
                }
                faults.add(
                    "\(name) has none of its \(sriov.total) virtual functions enabled", at: function.position,
                    if: try sriov.functions.get(whenAbsent: []).isEmpty)
            }
            return faults
        })

    static let functionsBound = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN096", "network-functions-bound", "drivers of the host let go of what guests get", area: area,
            severity: .error,
            rationale:
                "Without managed='yes' libvirt does not take a function from the host's driver, and a guest that gets one does not start.",
            sources: [Citation("libvirt src/hypervisor/virhostdev.c: virHostdevPreparePCIDevicesImpl", "9.0")],
            remedy: Remedy(
                "write managed='yes' in <forward>, or detach each function",
                commands: ["virsh nodedev-detach pci_0000_b1_01_0 --driver vfio"]),
            explains: ["Unmanaged PCI device 0000:b1:01.0 must be manually detached from the host"]),
        example: (nat, "<forward mode='hostdev'><pf dev='ens1f0np0'/>"),
        faults: { network throws(Undecided) in
            let forward = network.definition.forward
            guard network.definition.effectiveMode == .known(.hostdev), forward.isManaged.value != true,
                let functions = try functions(network)
            else { return [] }
            var faults: [Fault] = []
            for function in functions {
                let driver = try function.driver.get()
                faults.add(
                    "function \(function.address) is bound to \(driver ?? "no driver")", at: forward.position,
                    if: driver != "vfio-pci")
            }
            return faults
        })

    static let functionMissing = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN097", "network-function-unknown", "listed devices are virtual functions", area: area, severity: .error,
            rationale: "libvirt refuses a network that lists a PCI address at which there is no virtual function.",
            sources: [Citation("libvirt src/network/bridge_driver.c: networkValidate; virsh net-define", "9.0")],
            remedy: Remedy("list the functions that there are", commands: ["lspci -D | grep -i 'virtual function'"]),
            explains: [
                "device '/sys/bus/pci/devices/0000:63:01.0' in network 'default' is not an SR-IOV Virtual Function"
            ]),
        example: (
            nat, "<forward mode='hostdev'><address type='pci' domain='0' bus='0x63' slot='1' function='0'/>"
        ),
        faults: { network throws(Undecided) in
            let listed = network.definition.forward.addresses
            guard !listed.isEmpty, let functions = try functions(network) else { return [] }
            let there = Set(functions.map(\.address))
            return listed.compactMap { address in
                guard let name = (try? address.pci())??.description, !there.contains(name) else { return nil }
                return Fault("\(name) is no virtual function of this host", at: address.position)
            }
        })

    static let functionsWithoutIOMMU = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN098", "network-functions-without-iommu", "functions can be given to guests", area: area,
            severity: .error,
            rationale:
                "VFIO gives a guest only what is in an IOMMU group: without, guests on the network do not start.",
            sources: [Citation("Linux Documentation/driver-api/vfio.rst", "6.1")],
            remedy: Remedy(
                "switch the IOMMU on in the firmware, and on Intel in the kernel's command line with intel_iommu=on")),
        violates: { subject in
            subject.rewrite(nat, "<forward mode='hostdev' managed='yes'><pf dev='ens1f0np0'/>")
            guard var devices = try? subject.host.pci.devices.get() else { return }
            for index in devices.indices {
                guard var sriov = try? devices[index].sriov.get(), var functions = try? sriov.functions.get() else {
                    continue
                }
                for number in functions.indices { functions[number].group = .absent() }
                sriov.functions = .known(functions)
                devices[index].sriov = .known(sriov)
            }
            subject.host.pci.devices = .known(devices)
        },
        faults: { network throws(Undecided) in
            guard network.definition.effectiveMode == .known(.hostdev), let functions = try functions(network) else {
                return []
            }
            var without: [String] = []
            for function in functions where try !function.group.isPresent() { without.append(function.address) }
            return without.isEmpty
                ? []
                : [Fault("\(without.count) functions are in no IOMMU group", at: network.definition.forward.position)]
        })

    static let devicesExhausted = Rule<NetworkDefinitionFacts>(
        RuleInfo(
            "KVN099", "network-devices-exhausted", "a device is left for the next guest", area: area,
            severity: .warning,
            rationale:
                "In modes hostdev and passthrough each guest's interface has a device of its own: when all are in use the next guest does not start.",
            sources: [Citation("libvirt src/network/bridge_driver.c: networkAllocatePort", "9.0")],
            remedy: Remedy("enable more virtual functions, or list more devices"),
            explains: [
                "network 'default' requires exclusive access to interfaces, but none are available"
            ]),
        violates: { subject in
            subject.rewrite(nat, "<forward mode='hostdev' managed='yes'><pf dev='ens1f0np0'/>")
            subject.tell { $0.liveXML = .known("<network connections='4'><name>default</name></network>") }
        },
        faultsOfTold: { network, told throws(Undecided) in
            let definition = network.definition
            guard definition.effectiveMode == .known(.hostdev) || definition.effectiveMode == .known(.passthrough)
            else { return [] }
            let listed = Set(definition.forwardFields.compactMap(\.value)).count
            let count = try functions(network)?.count ?? listed
            guard count > 0, let text = try told.liveXML.get(),
                let live = (try? XMLDocument(parsing: text, name: told.name)).flatMap({ Network($0) }),
                let used = live.connections.value, used >= count
            else { return [] }
            return [Fault("\(used) of \(count) devices are in use", at: definition.forward.position)]
        })
}

extension NetworkDefinitionFacts {
    /// Changes an interface of the host, for the examples of rules.
    fileprivate mutating func change(_ name: String, _ change: (inout NetworkInterface) -> Void) {
        guard var interfaces = try? host.network.interfaces.get() else { return }
        for index in interfaces.indices where interfaces[index].name == name { change(&interfaces[index]) }
        host.network.interfaces = .known(interfaces)
    }
}
