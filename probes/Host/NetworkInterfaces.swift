@_spi(Probing) internal import Evidence
internal import Facts

/// `/sys/class/net`: Linux `Documentation/ABI/testing/sysfs-class-net`. It shows the network namespace of whoever
/// mounted `/sys`.
enum NetworkInterfaces {
    private static let root = "/sys/class/net"

    /// All interfaces but the loopback.
    static func read(from source: some Source) -> Observation<[NetworkInterface]> {
        source.entries(root).flatMap { names in
            // `bonding_masters` is a file that the bonding driver puts among the interfaces.
            names.filter { $0 != "lo" && $0 != "bonding_masters" }.observe(from: .file(root)) { name in
                interface(name, source)
            }
        }
    }

    /// One interface, or absent where it was taken away since the directory was read.
    private static func interface(_ name: String, _ source: some Source) -> Observation<NetworkInterface> {
        let path = "\(root)/\(name)"
        return source.link(path).flatMap { target in
            source.text(path + "/uevent", limit: 4096).map { uevent in
                let type = KeyValueFile.parse(uevent)["DEVTYPE"]
                let isVirtual = target.place(of: "/devices/virtual/") != nil
                // Of taps, veths and their like a host has two for every guest: for those only the master matters.
                var interface = NetworkInterface(
                    name, kind(type, isVirtual: isVirtual), pciAddress: PCIAddress.last(in: target))
                interface.master = source.linkName(path + "/master")
                interface.lower = lower(interface.kind, path, source)
                if interface.kind != .virtual(nil) {
                    interface.mtu = source.integer(path + "/mtu")
                    interface.state = source.text(path + "/operstate")
                }
                if interface.isHardware { readHardware(into: &interface, path, source) }
                return interface
            }
        }
    }

    private static func kind(_ type: String?, isVirtual: Bool) -> NetworkInterface.Kind {
        if !isVirtual { return type == "wlan" ? .wireless : .physical }
        switch type {
        case "bridge": return .bridge
        case "bond": return .bond
        case "vlan": return .vlan
        default: return .virtual(type)
        }
    }

    /// Links `lower_NAME` show what an interface stands on. Ports of bridges and bonds name their master instead, and
    /// taps stand on nothing.
    private static func lower(
        _ kind: NetworkInterface.Kind, _ path: String, _ source: some Source
    ) -> Observation<[String]> {
        switch kind {
        case .vlan, .virtual(.some):
            source.entries(path).map { names in
                names.filter { $0.hasPrefix("lower_") }.map { String($0.dropFirst("lower_".count)) }
            }
        default: .known([], from: .file(path))
        }
    }

    private static func readHardware(into interface: inout NetworkInterface, _ path: String, _ source: some Source) {
        interface.driver = source.linkName(path + "/device/driver")
        // Without a link the kernel answers EINVAL to both (net/core/net-sysfs.c, duplex_show).
        guard interface.state.known == "up" else {
            interface.speed = .absent(from: .file(path + "/operstate"))
            interface.duplex = .absent(from: .file(path + "/operstate"))
            return
        }
        interface.duplex = asTold(source.text(path + "/duplex", limit: 4096))
        interface.speed = asTold(source.integer(path + "/speed")).compactMap { $0 > 0 ? $0 : nil }
    }

    /// EINVAL is the kernel's word for a driver that does not tell.
    private static func asTold<Value>(_ seen: Observation<Value>) -> Observation<Value> {
        seen.obstacle?.kind == .systemError && seen.obstacle?.detail == "EINVAL"
            ? .absent(from: seen.provenance) : seen
    }
}
