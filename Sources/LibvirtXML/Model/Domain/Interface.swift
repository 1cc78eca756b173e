extension Domain {
    /// `<interface>`: a network device.
    public struct Interface: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What it is connected to.
        public enum Kind: String, LibvirtEnumeration {
            case network, bridge, direct, hostdev, ethernet, user, vhostuser, vdpa, `internal`, mcast, server, client,
                udp
            case null, vds
        }

        /// How frames pass between a macvtap device and the wire.
        public enum DirectMode: String, LibvirtEnumeration {
            case vepa, bridge, `private`, passthrough
        }

        /// Whether the cable is in.
        public enum LinkState: String, LibvirtEnumeration {
            case up, down
        }

        /// The device that the guest sees.
        public enum Model: String, LibvirtEnumeration {
            case virtio, e1000, e1000e, rtl8139, igb, vmxnet3, pcnet, netfront
            case virtioTransitional = "virtio-transitional"
            case virtioNonTransitional = "virtio-non-transitional"
            case usbNet = "usb-net"
            case spaprVLAN = "spapr-vlan"
            case ne2kPCI = "ne2k_pci"
        }

        /// What it is connected to, with what names that.
        public enum Connection: Sendable, Hashable {
            /// A network of libvirt.
            case network(String, portGroup: String?)
            /// A bridge of the host.
            case bridge(String)
            /// A device of the host, through macvtap; VEPA where the mode is absent.
            case direct(device: String, Open<DirectMode>)
            /// A PCI device of the host.
            case hostdev(PCIAddress)
            /// A tap device; its name is the target's.
            case ethernet
            /// QEMU's own network, or passt.
            case user
            /// A socket of a switch.
            case vhostUser(path: String)
            /// A vDPA device of the host.
            case vdpa(String)
            /// Sockets of other domains: `mcast`, `server`, `client`, `udp`.
            case socket(Kind, address: String?, port: Int?)
            /// Nothing.
            case null
            /// A type that needs something that is absent or malformed.
            case incomplete(Kind)
            /// A type that is told by its name only, or one of tomorrow.
            case other(String)
        }

        /// What it is connected to.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// Whether the host's driver lets go of the device by itself, of type `hostdev`.
        public var isManaged: Field<Bool> { attribute("managed", .yesNo) }
        /// Whether the host trusts the guest's choice of addresses.
        public var trustsGuestFilters: Field<Bool> { attribute("trustGuestRxFilters", .yesNo) }
        /// The hardware address.
        public var mac: Field<MACAddress> { attribute("address", of: "mac", .mac) }
        /// Whether the address was given or made up: `static`, `generated`.
        public var macType: Field<String> { attribute("type", of: "mac") }
        /// Whether VMware checks the address.
        public var checksMAC: Field<Bool> { attribute("check", of: "mac", .yesNo) }
        /// What it is connected to.
        public var source: Source { view("source") }
        /// The device that the guest sees; a default of the hypervisor's where absent.
        public var model: Field<Open<Model>> { attribute("type", of: "model") }
        /// How the host handles it.
        public var driver: Driver { view("driver") }
        /// Who handles it (libvirt 9.0): `default`, `passt`.
        public var backendType: Field<String> { attribute("type", of: "backend") }
        /// The device that taps are made with, in the place of `/dev/net/tun`.
        public var tapDevice: Field<String> { attribute("tap", of: "backend") }
        /// The host's device, such as `vnet0`.
        public var targetDevice: Field<String> { attribute("dev", of: "target") }
        /// Whether libvirt makes the host's device, of type `ethernet`.
        public var managesTarget: Field<Bool> { attribute("managed", of: "target", .yesNo) }
        /// What a switch is told.
        public var virtualPort: VirtualPort { view("virtualport") }
        /// Tags.
        public var vlan: VLAN { view("vlan") }
        /// Whether ports of the bridge that are isolated cannot talk to each other.
        public var isIsolated: Field<Bool> { attribute("isolated", of: "port", .yesNo) }
        /// Limits of traffic.
        public var bandwidth: Bandwidth { view("bandwidth") }
        /// The largest packet.
        public var mtu: Field<Int> { attribute("size", of: "mtu", .count) }
        /// Whether the cable is in.
        public var linkState: Field<Open<LinkState>> { attribute("state", of: "link") }
        /// The filter on it.
        public var filter: FilterReference { view("filterref") }
        /// Which device takes over while it is unplugged for migration.
        public var teaming: Teaming { view("teaming") }
        /// A script run at the start.
        public var scriptPath: Field<String> { attribute("path", of: "script") }
        /// A script run at the end.
        public var downScriptPath: Field<String> { attribute("path", of: "downscript") }
        /// The guest's addresses, where the hypervisor sets them.
        public var ips: [IP] { views("ip") }
        /// The guest's routes, where the hypervisor sets them.
        public var routes: [Route] { views("route") }
        /// Ports forwarded to the guest (libvirt 9.0).
        public var portForwards: [PortForward] { views("portForward") }

        /// What it is connected to, with what names that.
        public var connection: Connection {
            guard let kind = type.value?.known else { return .other(type.value?.text ?? "") }
            switch kind {
            case .network:
                return source.network.value.map { .network($0, portGroup: source.portGroup.value) } ?? .incomplete(kind)
            case .bridge: return source.bridge.value.map { .bridge($0) } ?? .incomplete(kind)
            case .direct:
                return source.device.value.map { .direct(device: $0, source.mode.value ?? .known(.vepa)) }
                    ?? .incomplete(kind)
            case .hostdev:
                if let address = try? source.address.pci() { return .hostdev(address) }
                return .incomplete(kind)
            case .ethernet: return .ethernet
            case .user: return .user
            case .vhostuser: return source.path.value.map { .vhostUser(path: $0) } ?? .incomplete(kind)
            case .vdpa: return source.device.value.map { .vdpa($0) } ?? .incomplete(kind)
            case .mcast, .server, .client, .udp:
                return .socket(kind, address: source.socketAddress.value, port: source.socketPort.value)
            case .null: return .null
            case .internal, .vds: return .other(kind.rawValue)
            }
        }
        /// The file that passt logs to.
        public var backendLogFile: Field<String> { attribute("logFile", of: "backend") }
        /// The device that vhost is asked through, in the place of `/dev/vhost-net`.
        public var vhostDevice: Field<String> { attribute("vhost", of: "backend") }
        /// The guest's name of the device, of a container.
        public var guestDevice: Field<String> { attribute("dev", of: "guest") }
        /// The guest's actual name of the device, of a container.
        public var guestActualDevice: Field<String> { attribute("actual", of: "guest") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, isManaged, trustsGuestFilters, mac, macType, checksMAC, source, model, driver, backendType,
                tapDevice,
                targetDevice, managesTarget, virtualPort, vlan, isIsolated, bandwidth, mtu, linkState, filter, teaming,
                scriptPath, downScriptPath, ips, routes, portForwards, backendLogFile, vhostDevice, guestDevice,
                guestActualDevice, to: visit)
            visitDeviceParts(visit)
        }
    }
}

extension Domain.Interface {
    /// `<source>`: what the interface is connected to.
    public struct Source: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The network, of type `network`.
        public var network: Field<String> { attribute("network") }
        /// The group of settings in the network.
        public var portGroup: Field<String> { attribute("portgroup") }
        /// The bridge, of type `bridge`, and of a running one of type `network`.
        public var bridge: Field<String> { attribute("bridge") }
        /// The host's device, of type `direct`, `user` and `vdpa`.
        public var device: Field<String> { attribute("dev") }
        /// How frames pass, of type `direct`.
        public var mode: Field<Open<DirectMode>> {
            // Of type `vhostuser` the same attribute says who listens.
            Field(place, .attribute("mode"), .open())
        }
        /// The name, of type `internal`.
        public var name: Field<String> { attribute("name") }
        /// The host's PCI device, of type `hostdev`.
        public var address: DeviceAddress { view("address") }
        /// What kind of socket, of type `vhostuser`: `unix`.
        public var type: Field<String> { attribute("type") }
        /// The socket, of type `vhostuser`.
        public var path: Field<String> { attribute("path") }
        /// The address, of types `mcast`, `server`, `client` and `udp`.
        public var socketAddress: Field<String> { attribute("address") }
        /// The port, of types `mcast`, `server`, `client` and `udp`.
        public var socketPort: Field<Int> { attribute("port", .integer(0...65535)) }
        /// The port of a libvirt network, of a running interface.
        public var portID: Field<String> { attribute("portid") }
        /// The sender's own address, of type `udp`.
        public var localAddress: Field<String> { attribute("address", of: "local") }
        /// The sender's own port, of type `udp`.
        public var localPort: Field<Int> { attribute("port", of: "local", .integer(0...65535)) }
        /// Whether a lost connection is made again, of type `vhostuser`.
        public var reconnects: Field<Bool> { attribute("enabled", of: "reconnect", .yesNo) }
        /// After how many seconds.
        public var reconnectTimeout: Field<Int> { attribute("timeout", of: "reconnect", .count) }
        /// The switch, of VMware.
        public var switchID: Field<String> { attribute("switchid") }
        /// The port group, of VMware.
        public var portGroupID: Field<String> { attribute("portgroupid") }
        /// The connection, of VMware.
        public var connectionID: Field<String> { attribute("connectionid") }
        /// The host's addresses.
        public var ips: [IP] { views("ip") }
        /// The host's routes.
        public var routes: [Route] { views("route") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                network, portGroup, bridge, device, mode, name, address, type, path, socketAddress, socketPort, portID,
                localAddress, localPort, reconnects, reconnectTimeout, switchID, portGroupID, connectionID, ips, routes,
                to: visit)
        }
    }

    /// `<driver>`: how the host handles the interface.
    public struct Driver: PlacedView, VirtioDriver {
        /// Where it stands.
        public let place: XMLPlace

        /// Who moves packets, or which driver of the host holds the device.
        public enum Name: String, LibvirtEnumeration {
            case vhost, qemu, vfio, kvm, xen
        }

        /// Who moves packets, or which driver of the host holds the device.
        public var name: Field<Open<Name>> { attribute("name") }
        /// The number of queues.
        public var queues: Field<Int> { attribute("queues", .count) }
        /// The packets in a queue of receiving.
        public var receiveQueueSize: Field<Int> { attribute("rx_queue_size", .count) }
        /// The packets in a queue of sending.
        public var sendQueueSize: Field<Int> { attribute("tx_queue_size", .count) }
        /// How sending is done: `iothread`, `timer`.
        public var sendMode: Field<String> { attribute("txmode") }
        /// Whether the guest's requests are handled beside the virtual CPU.
        public var usesIOEventFD: Field<Bool> { attribute("ioeventfd", .onOff) }
        /// Whether interrupts are spared.
        public var usesEventIndex: Field<Bool> { attribute("event_idx", .onOff) }
        /// Whether packets are spread over queues by their contents.
        public var usesRSS: Field<Bool> { attribute("rss", .onOff) }
        /// Whether the guest is told the hash.
        public var reportsRSSHash: Field<Bool> { attribute("rss_hash_report", .onOff) }
        /// What the host's side leaves to hardware.
        public var host: Offloads { view("host") }
        /// What the guest's side leaves to the host.
        public var guest: Offloads { view("guest") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                name, queues, receiveQueueSize, sendQueueSize, sendMode, usesIOEventFD, usesEventIndex, usesRSS,
                reportsRSSHash, host, guest, to: visit)
            visitVirtioParts(visit)
        }

        /// `<host>` or `<guest>`.
        public struct Offloads: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Checksums.
            public var checksums: Field<Bool> { attribute("csum", .onOff) }
            /// Segmentation of any kind; of the host only.
            public var genericSegmentation: Field<Bool> { attribute("gso", .onOff) }
            /// Segmentation of TCP over IPv4.
            public var tcp4Segmentation: Field<Bool> { attribute("tso4", .onOff) }
            /// Segmentation of TCP over IPv6.
            public var tcp6Segmentation: Field<Bool> { attribute("tso6", .onOff) }
            /// Segmentation with ECN.
            public var ecn: Field<Bool> { attribute("ecn", .onOff) }
            /// Fragmentation of UDP.
            public var udpFragmentation: Field<Bool> { attribute("ufo", .onOff) }
            /// Buffers of receiving that are merged; of the host only.
            public var mergesReceiveBuffers: Field<Bool> { attribute("mrg_rxbuf", .onOff) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(
                    checksums, genericSegmentation, tcp4Segmentation, tcp6Segmentation, ecn, udpFragmentation,
                    mergesReceiveBuffers, to: visit)
            }
        }
    }

    /// `<teaming>`: the pair of a passed-through and a virtio interface.
    public struct Teaming: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which of the pair.
        public enum Role: String, LibvirtEnumeration {
            case persistent, transient
        }

        /// Which of the pair.
        public var role: Field<Open<Role>> { attribute("type") }
        /// The alias of the one that stays.
        public var persistentAlias: Field<String> { attribute("persistent") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(role, persistentAlias, to: visit)
        }
    }

    /// `<ip>`: an address of the guest.
    public struct IP: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The address.
        public var address: Field<IPAddress> { attribute("address", .ip) }
        /// `ipv4` or `ipv6`.
        public var family: Field<String> { attribute("family") }
        /// Its prefix.
        public var prefix: Field<Int> { attribute("prefix", .integer(0...128)) }
        /// The other end.
        public var peer: Field<IPAddress> { attribute("peer", .ip) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(address, family, prefix, peer, to: visit)
        }
    }

    /// `<portForward>`: ports of the host that lead to the guest.
    public struct PortForward: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// `tcp` or `udp`.
        public var networkProtocol: Field<String> { attribute("proto") }
        /// The host's address.
        public var address: Field<IPAddress> { attribute("address", .ip) }
        /// The host's device.
        public var device: Field<String> { attribute("dev") }
        /// The ports.
        public var ranges: [Range] { views("range") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(networkProtocol, address, device, ranges, to: visit)
        }

        /// `<range>`.
        public struct Range: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The first port of the host.
            public var start: Field<Int> { attribute("start", .integer(0...65535)) }
            /// The last port of the host; the first where absent.
            public var end: Field<Int> { attribute("end", .integer(0...65535)) }
            /// The first port of the guest; the host's where absent.
            public var to: Field<Int> { attribute("to", .integer(0...65535)) }
            /// Whether the ports are left out.
            public var isExcluded: Field<Bool> { attribute("exclude", .yesNo) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(start, end, to, isExcluded, to: visit)
            }
        }
    }
}
