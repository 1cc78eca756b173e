internal import Evidence
internal import Facts
internal import LibvirtXML

/// Network interfaces. KVD100–KVD119.
enum DomainNetworkRules {
    static let area = "Network"

    static let all: [Rule<DomainFacts>] = [
        modelMissing, modelEmulated, queuesIgnored, queuesAboveCPUs, queuesTooMany, addressMulticast, addressTwice,
        addressReserved, addressMalformed, vlanIgnored, modeMissing, addressChanges, mtuRange, queueSize, sourceMissing,
        vhostOff,
    ]

    private static let manual = Citation("libvirt docs/formatdomain.rst, network interfaces", "9.0")
    private static let book = Citation(
        "Mastering KVM Virtualization, 2nd ed., chapter 15, network I/O tuning", "2020")

    static let modelMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD100", "interface-model-missing", "every interface says its model", area: area, severity: .note,
            rationale: """
                Without <model> an x86 guest gets an emulated rtl8139, a card of 100 Mbit/s that costs an exit for every \
                register.
                """,
            sources: [
                Citation("libvirt as the reference notes tried it: virsh define of machines pc and q35", "9.0"), manual,
            ],
            remedy: Remedy("add <model type='virtio'/>")),
        example: ("<model type='virtio'/>", ""),
        faults: { domain in
            guard domain.definition.mayBeX86 else { return [] }
            return domain.definition.qemuInterfaces.filter {
                !$0.model.isPresent && ![.hostdev, .vdpa, .vhostuser].contains($0.type.value?.known)
            }.map { Fault("\($0.label) has no model and gets rtl8139", at: $0.position) }
        })

    static let modelEmulated = Rule<DomainFacts>(
        RuleInfo(
            "KVD101", "interface-model-emulated", "interfaces are virtio", area: area, severity: .note,
            rationale: """
                e1000, e1000e, rtl8139 and their like are emulated register by register in QEMU, with one queue and without \
                vhost.
                """,
            sources: [book], remedy: Remedy("use <model type='virtio'/> once the guest has the driver")),
        example: ("<model type='virtio'/>", "<model type='e1000e'/>"),
        faults: { domain in
            let emulated: [Domain.Interface.Model] = [.e1000, .e1000e, .rtl8139, .igb, .vmxnet3, .ne2kPCI, .pcnet]
            return domain.definition.qemuInterfaces.filter {
                $0.model.value?.known.map { emulated.contains($0) } ?? false
            }.map { Fault("\($0.label) is \($0.model.text ?? "")", at: $0.model.position) }
        })

    static let queuesIgnored = Rule<DomainFacts>(
        RuleInfo(
            "KVD102", "interface-queues-ignored", "queues are given to virtio interfaces only", area: area,
            severity: .warning,
            rationale: "Only virtio has several queues; on another model libvirt drops the setting.", sources: [manual],
            remedy: Remedy("use <model type='virtio'/>, or take queues away")),
        example: ("<model type='virtio'/>", "<model type='e1000e'/>"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter {
                $0.driver.queues.isPresent && !$0.isVirtio && $0.type != .hostdev
                    && ($0.model.isPresent || domain.definition.mayBeX86)
            }.map { Fault("\($0.label) has queues and is not virtio", at: $0.driver.queues.position) }
        })

    static let queuesAboveCPUs = Rule<DomainFacts>(
        RuleInfo(
            "KVD103", "interface-queues-above-vcpus", "interfaces have no more queues than the guest has CPUs",
            area: area, severity: .note,
            rationale: "A guest uses at most one pair of queues for each CPU; the others only take memory and threads.",
            sources: [Citation("Linux drivers/net/virtio_net.c: virtnet_probe, num_online_cpus", "6.1"), book],
            remedy: Remedy("set queues to the number of virtual CPUs")),
        example: ("name='vhost' queues='4'", "name='vhost' queues='16'"),
        faults: { domain in
            domain.queuesAboveCPUs(domain.definition.qemuInterfaces.map { ($0.label, $0.driver.queues) })
        })

    static let queuesTooMany = Rule<DomainFacts>(
        RuleInfo(
            "KVD104", "interface-queues-too-many", "a tap device has at most 256 queues", area: area, severity: .error,
            rationale: "The kernel gives a tap device 256 queues at most; the domain does not start with more.",
            sources: [Citation("Linux drivers/net/tun.c: MAX_TAP_QUEUES", "6.1")],
            remedy: Remedy("set queues to the number of virtual CPUs")),
        example: ("name='vhost' queues='4'", "name='vhost' queues='300'"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { interface in
                guard let kind = interface.type.value?.known, interface.isVirtio else { return false }
                return [.network, .bridge, .ethernet, .direct].contains(kind)
                    && (interface.driver.queues.value ?? 0) > 256
            }.map {
                Fault("\($0.label) has \($0.driver.queues.value ?? 0) queues", at: $0.driver.queues.position)
            }
        })

    static let addressMulticast = Rule<DomainFacts>(
        RuleInfo(
            "KVD105", "interface-mac-multicast", "no interface has a group's address", area: area, severity: .error,
            rationale: "An address with an odd first octet names a group; libvirt refuses it.",
            sources: [Citation("libvirt src/conf/domain_conf.c: virDomainNetDefParseXML; virsh define", "9.0")],
            remedy: Remedy("use an address that starts with 52:54:00"),
            explains: ["expected unicast mac address, found multicast '53:54:00:00:00:01'"]),
        example: ("52:54:00:6b:3c:58", "53:54:00:6b:3c:58"),
        faults: { domain in
            domain.definition.devices.interfaces.filter { $0.mac.value?.isMulticast == true }.map {
                Fault("\($0.label) is a group's address", at: $0.mac.position)
            }
        })

    static let addressTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD106", "interface-mac-twice", "every interface has an address of its own", area: area,
            severity: .warning,
            rationale: """
                libvirt does not refuse one address on two interfaces; on one network the switch sends the frames of both to \
                whichever spoke last.
                """,
            sources: [Citation("IEEE 802.1D, learning of addresses", "2004"), manual],
            remedy: Remedy("take one <mac> away: libvirt makes an address up")),
        example: (
            "</interface>",
            "</interface><interface type='bridge'><mac address='52:54:00:6B:3C:58'/><source bridge='br0'/><model type='virtio'/></interface>"
        ),
        faults: { domain in
            // A pair of a passed-through and a virtio interface shares its address on purpose.
            domain.definition.devices.interfaces.filter { !$0.teaming.isPresent }.repeated(by: \.mac.value).map {
                Fault("\($1.label) has the address of another interface", at: $1.mac.position)
            }
        })

    static let addressReserved = Rule<DomainFacts>(
        RuleInfo(
            "KVD107", "interface-mac-reserved", "no interface on a bridge has an address that starts with FE",
            area: area, severity: .error,
            rationale: """
                libvirt gives the host's side of a tap device the guest's address with FE in front, so that the bridge does \
                not take it for its own; it refuses guests' addresses that start so.
                """,
            sources: [Citation("libvirt src/util/virnetdevtap.c: virNetDevTapCreateInBridgePort", "9.0")],
            remedy: Remedy("use an address that starts with 52:54:00"),
            explains: ["Unable to use MAC address starting with reserved value 0xFE - 'fe:54:00:00:00:01' - "]),
        example: ("52:54:00:6b:3c:58", "fe:54:00:6b:3c:58"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter {
                [.network, .bridge].contains($0.type.value?.known)
                    && $0.mac.value.map { $0.bits >> 40 == 0xfe } ?? false
            }.map { Fault("\($0.label) starts with FE", at: $0.mac.position) }
        })

    static let addressMalformed = Rule<DomainFacts>(
        RuleInfo(
            "KVD108", "interface-mac-malformed", "addresses of interfaces are addresses", area: area, severity: .error,
            rationale: "libvirt takes six octets in hexadecimal between colons and refuses anything else.",
            sources: [Citation("libvirt src/util/virmacaddr.c: virMacAddrParse; virsh define", "9.0")],
            remedy: Remedy("write six octets as 52:54:00:6b:3c:58"),
            explains: ["unable to parse mac address '52-54-00-6b-3c-58'"]),
        example: ("52:54:00:6b:3c:58", "52-54-00-6b-3c-58"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { $0.mac.isPresent && $0.mac.value == nil }.map {
                Fault("\($0.mac.text ?? "") is no address", at: $0.mac.position)
            }
        })

    static let vlanIgnored = Rule<DomainFacts>(
        RuleInfo(
            "KVD109", "interface-vlan-unsupported", "tags are given where something sets them", area: area,
            severity: .warning,
            rationale: """
                libvirt sets tags on Open vSwitch, on SR-IOV functions, and from version 11.0 on Linux bridges; an older \
                one does not start a domain with tags on a plain bridge, and none does with other connections.
                """,
            sources: [
                Citation("libvirt src/conf/domain_validate.c: virDomainActualNetDefValidate; NEWS.rst 11.0.0", "11.0")
            ],
            remedy: Remedy("add <virtualport type='openvswitch'/>, or tag on the host and use that bridge"),
            explains: ["interface 52:54:00:6b:3c:58 - vlan tag not supported for this connection type"]),
        example: (
            "</interface>",
            "</interface><interface type='bridge'><source bridge='br0'/><model type='virtio'/><vlan><tag id='42'/></vlan></interface>"
        ),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { interface in
                guard !interface.vlan.tags.isEmpty, let kind = interface.type.value?.known else { return false }
                switch kind {
                // Of a network it is the network that decides.
                case .network, .hostdev: return false
                case .direct: return interface.source.mode != .passthrough
                case .bridge: return interface.virtualPort.type != .openvswitch
                default: return true
                }
            }.map { Fault("\($0.label) of type \($0.type.text ?? "") has tags", at: $0.vlan.position) }
        })

    static let modeMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD110", "interface-macvtap-vepa", "macvtap interfaces do not hang on the switch's goodwill", area: area,
            severity: .note,
            rationale: """
                Mode vepa, which is also what no mode means, and mode private send all frames to the switch: guests on one \
                host reach each other only where the switch sends frames back the port they came from.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, direct attachment to physical interface", "9.0")],
            remedy: Remedy("add mode='bridge' to <source>, if the switch does not reflect frames")),
        example: (
            "</interface>",
            "</interface><interface type='direct'><source dev='eno1'/><model type='virtio'/></interface>"
        ),
        faults: { domain in
            domain.definition.qemuInterfaces.filter {
                $0.type == .direct && (!$0.source.mode.isPresent || $0.source.mode == .vepa)
                    && !$0.virtualPort.isPresent
            }.map {
                Fault("\($0.label) on \($0.source.device.value ?? "?") is of mode vepa", at: $0.source.position)
            }
        })

    static let addressChanges = Rule<DomainFacts>(
        RuleInfo(
            "KVD111", "interface-hostdev-no-mac", "interfaces that are passed through have an address", area: area,
            severity: .note,
            rationale: """
                A virtual function has no address of its own: without <mac> it gets one that libvirt makes up when it \
                defines the domain, and the network knows it by nothing else.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, PCI passthrough of network devices", "9.0")],
            remedy: Remedy("add <mac address=…> with the address that the network expects")),
        example: (
            "</interface>",
            "</interface><interface type='hostdev' managed='yes'><source><address type='pci' domain='0' bus='0xb1' slot='1' function='0'/></source></interface>"
        ),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { $0.type == .hostdev && !$0.mac.isPresent }.map {
                Fault("an interface of type hostdev has no address", at: $0.position)
            }
        })

    static let mtuRange = Rule<DomainFacts>(
        RuleInfo(
            "KVD112", "interface-mtu-range", "MTUs are between 68 and 65535", area: area, severity: .error,
            rationale: "The kernel takes no MTU below 68 or above 65535 for a tap device: the domain does not start.",
            sources: [
                Citation("Linux include/uapi/linux/if_ether.h: ETH_MIN_MTU, ETH_MAX_MTU", "6.1"),
                Citation("libvirt 9.0 and Linux 6.18, virsh start with 60 and with 70000", "2026"),
            ],
            remedy: Remedy("use the MTU of the bridge, 1500 or 9000"),
            explains: ["Cannot set interface MTU on 'vnet1': Invalid argument"]),
        example: ("<model type='virtio'/>", "<model type='virtio'/><mtu size='70000'/>"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter {
                // 0 is libvirt's word for the default.
                guard let size = $0.mtu.value, size != 0 else { return false }
                return !(68...65535).contains(size)
            }.map { Fault("\($0.label) has an MTU of \($0.mtu.text ?? "")", at: $0.mtu.position) }
        })

    static let queueSize = Rule<DomainFacts>(
        RuleInfo(
            "KVD113", "interface-queue-size", "sizes of queues are powers of two", area: area, severity: .error,
            rationale: "libvirt refuses other sizes. QEMU takes 256 to 1024.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/net-virtio-rxqueuesize-invalid-size.err", "11"), manual],
            remedy: Remedy("use 256, 512 or 1024, or leave it out"),
            explains: ["rx_queue_size has to be a power of two", "tx_queue_size has to be a power of two"]),
        example: ("name='vhost' queues='4'", "name='vhost' rx_queue_size='300'"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter(\.isVirtio).flatMap { interface in
                [
                    ("rx_queue_size", interface.driver.receiveQueueSize),
                    ("tx_queue_size", interface.driver.sendQueueSize),
                ].filter { _, size in size.value.map { $0 != 0 && $0 & ($0 - 1) != 0 } ?? false }.map {
                    Fault("\(interface.label) has \($0)='\($1.text ?? "")'", at: $1.position)
                }
            }
        })

    static let sourceMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD114", "interface-source-missing", "every interface says what it is connected to", area: area,
            severity: .error,
            rationale: "libvirt refuses an interface whose type needs a source that is not named.",
            sources: [
                Citation("libvirt src/conf/domain_conf.c: virDomainNetDefParseXML; virsh define", "9.0"), manual,
            ],
            remedy: Remedy("name the network, bridge or device in <source>"),
            explains: [
                "interface type='bridge' requires a 'source' element",
                "No <source> 'network' attribute specified with <interface type='network'/>",
                "No <source> 'bridge' attribute specified with <interface type='bridge'/>",
            ]),
        example: ("<source network='default'/>", ""),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { interface in
                switch interface.connection {
                case .incomplete(.network), .incomplete(.bridge), .incomplete(.direct), .incomplete(.vdpa): true
                default: false
                }
            }.map {
                Fault("\($0.label) of type \($0.type.text ?? "") names no source", at: $0.position)
            }
        })

    static let vhostOff = Rule<DomainFacts>(
        RuleInfo(
            "KVD115", "interface-vhost-off", "packets of virtio interfaces are moved by the kernel", area: area,
            severity: .note,
            rationale: "With <driver name='qemu'/> QEMU itself moves every packet; vhost does it in the kernel.",
            sources: [book, manual], remedy: Remedy("take name='qemu' away")),
        example: ("name='vhost'", "name='qemu'"),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { $0.isVirtio && $0.driver.name == .qemu }.map {
                Fault("\($0.label) has <driver name='qemu'>", at: $0.driver.name.position)
            }
        })
}
