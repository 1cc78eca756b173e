@_spi(Probing) import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import HostProbes

struct NetworkProbeTests {
    private func facts(_ source: MemorySource) -> NetworkFacts {
        NetworkProbe.facts(from: source, answers: KernelAnswers())
    }

    // MARK: - Routes

    /// Of the machine this was written on, a VM of Firecracker.
    static let routes = """
        Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                              \("")
        eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0                                                      \("")
        eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                                                      \("")
        """

    /// Of the same machine.
    static let routes6 = """
        fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
        fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
        00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo
        ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
        """

    @Test func `the default route of IPv4 is the one to everywhere`() {
        #expect(
            facts(MemorySource(["/proc/net/route": .text(Self.routes)])).routes.known == [
                Route("eth0", network: "00000000/00000000", isDefault: true, isDirect: false),
                Route("eth0", network: "000200C0/00FFFFFF", isDefault: false, isDirect: true),
            ])
    }

    @Test func `the default route of IPv6 is found beside the kernel's own unreachable one`() throws {
        let routes = try #require(facts(MemorySource(["/proc/net/ipv6_route": .text(Self.routes6)])).routes6.known)
        #expect(routes.filter(\.isDefault).map(\.interface) == ["eth0"])
        #expect(routes.allSatisfy { $0.interface != "lo" && !$0.isAdvertised })
    }

    @Test func `a route by advertisement is known by RTF_ADDRCONF`() throws {
        // 0x00450003: RTF_EXPIRES, RTF_ADDRCONF, RTF_DEFAULT, RTF_GATEWAY, RTF_UP of linux/ipv6_route.h.
        let text = Self.routes6.replacingOccurrences(
            of: "00000400 00000002 00000000 00000003", with: "00000400 00000002 00000000 00450003")
        var source = MemorySource(["/proc/net/ipv6_route": .text(text)])
        source.insert(.text("0\n"), at: "/proc/sys/net/ipv6/conf/all/accept_ra")
        source.insert(.text("1\n"), at: "/proc/sys/net/ipv6/conf/eth0/accept_ra")
        let facts = facts(source)
        #expect(facts.routes6.known?.filter(\.isAdvertised).map(\.interface) == ["eth0"])
        #expect(facts.acceptsAdvertisements.mapValues(\.known) == ["all": 0, "eth0": 1])
    }

    @Test(arguments: [
        "", "Iface", "eth0\t00000000\t0\t3", "Iface\tDestination\neth0\t00000000",
        "Iface\tx\neth0\tzz\t0\t0003\t0\t0\t0\t00000000\t0\t0\t0", "Iface\n\u{1}",
    ]) func `a table of routes that is none is unknown, and an empty one has no routes`(text: String) {
        let routes = facts(MemorySource(["/proc/net/route": .text(text)])).routes
        if text == "Iface" {
            #expect(routes.known == [])
        } else {
            #expect(routes.obstacle?.kind == .malformed)
        }
    }

    @Test(arguments: ["x", "00 00 00", String(repeating: "0", count: 32) + " 00 0 0 0 0 0 0 zz eth0"])
    func `a table of IPv6 routes that is none is unknown`(text: String) {
        #expect(facts(MemorySource(["/proc/net/ipv6_route": .text(text)])).routes6.obstacle?.kind == .malformed)
    }

    @Test func `settings are read where several interfaces have a default route, and only there`() {
        var source = MemorySource()
        source.insert(.text("0\n"), at: "/proc/sys/net/ipv4/conf/all/rp_filter")
        source.insert(.text("1\n"), at: "/proc/sys/net/ipv4/conf/eth0/rp_filter")
        source.insert(.text(Self.routes), at: "/proc/net/route")
        #expect(facts(source).reversePathFilter.isEmpty)
        source.insert(
            .text(Self.routes + "\nwlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"),
            at: "/proc/net/route")
        let facts = facts(source)
        #expect(facts.reversePathFilter["eth0"]?.known == 1)
        #expect(facts.reversePathFilter["wlan0"]?.isAbsent == true)
    }

    @Test func `two interfaces in one subnet are seen by their routes on the link`() throws {
        let text = Self.routes + "\neth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        let routes = try #require(facts(MemorySource(["/proc/net/route": .text(text)])).routes.known)
        #expect(Route.sharingNetwork(routes).map(\.interfaces) == [["eth0", "eth1"]])
    }

    // MARK: - Interfaces

    /// A fake host: a bridge on a VLAN on a bond of two cards, a tap, and wireless.
    static func host() -> MemorySource {
        var source = MemorySource()
        source.interface("lo", "virtual/net/lo")
        source.interface("eno1", "pci0000:00/0000:00:01.0/0000:01:00.0/net/eno1", master: "bond0", driver: "tg3")
        source.interface("eno2", "pci0000:00/0000:00:01.0/0000:01:00.1/net/eno2", master: "bond0", driver: "tg3")
        source.interface("bond0", "virtual/net/bond0", type: "bond")
        source.interface("bond0.7", "virtual/net/bond0.7", type: "vlan", master: "br7", lower: ["bond0"])
        source.interface("br7", "virtual/net/br7", type: "bridge")
        source.interface("vnet0", "virtual/net/vnet0", master: "br7")
        source.interface("wlp2s0", "pci0000:00/0000:02:00.0/net/wlp2s0", type: "wlan", driver: "iwlwifi", state: "down")
        source.insert(.text("bond0\n"), at: "/sys/class/net/bonding_masters")
        source.insert(
            .text("Iface\tDestination\nbr7\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"),
            at: "/proc/net/route")
        source.insert(.text("\n"), at: "/proc/net/ipv6_route")
        return source
    }

    @Test func `interfaces are told apart by what the kernel says of them`() throws {
        let interfaces = try #require(facts(Self.host()).interfaces.known)
        #expect(
            Dictionary(uniqueKeysWithValues: interfaces.map { ($0.name, $0.kind) }) == [
                "eno1": .physical, "eno2": .physical, "bond0": .bond, "bond0.7": .vlan, "br7": .bridge,
                "vnet0": .virtual(nil), "wlp2s0": .wireless,
            ])
        let card = try #require(interfaces.first { $0.name == "eno1" })
        #expect(card.pciAddress == "0000:01:00.0")
        #expect(card.master.known == "bond0")
        #expect(card.driver.known == "tg3")
        #expect(card.speed.known == 10000)
        #expect(card.duplex.known == "full")
        #expect(card.mtu.known == 1500)
        let wireless = try #require(interfaces.first { $0.name == "wlp2s0" })
        #expect(wireless.state.known == "down")
        #expect(wireless.speed.isAbsent)
    }

    @Test func `the way out is followed through bridge, VLAN and bond to the cards`() throws {
        let facts = facts(Self.host())
        #expect(try facts.defaultInterfaces() == ["br7"])
        #expect(try facts.uplinks().map(\.name) == ["eno1", "eno2"])
        #expect(try facts.bridgesToOutside().map(\.name) == ["br7"])
    }

    @Test func `the way out of an internal port of Open vSwitch is what the datapath's ports are`() throws {
        var source = Self.host()
        source.interface("ovs-system", "virtual/net/ovs-system")
        // net/openvswitch/vport-internal_dev.c gives an internal port neither type nor master.
        source.interface("br-ex", "virtual/net/br-ex")
        source.interface("ens3", "pci0000:00/0000:00:03.0/net/ens3", master: "ovs-system", driver: "ice")
        source.insert(
            .text("Iface\tDestination\nbr-ex\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"),
            at: "/proc/net/route")
        #expect(try facts(source).uplinks().map(\.name) == ["ens3"])
    }

    @Test func `a tap on a bridge is no way out, with Open vSwitch or without`() throws {
        var source = Self.host()
        source.interface("ovs-system", "virtual/net/ovs-system")
        source.interface("ens3", "pci0000:00/0000:00:03.0/net/ens3", master: "ovs-system", driver: "ice")
        source.interface("virbr0", "virtual/net/virbr0", type: "bridge")
        source.interface("vnet1", "virtual/net/vnet1", master: "virbr0")
        #expect(try facts(source).bridgesToOutside().map(\.name) == ["br7"])
    }

    @Test func `a driver that does not tell speed and duplex is no obstacle`() throws {
        // What the kernel answers for wlan0 and the like; net/core/net-sysfs.c, duplex_show.
        var source = Self.host()
        let path = "/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/net/eno1"
        for name in ["speed", "duplex"] {
            source.insert(.obstacle(Obstacle(.systemError, "\(path)/\(name)", "EINVAL")), at: "\(path)/\(name)")
        }
        let card = try #require(facts(source).interfaces.known?.first { $0.name == "eno1" })
        #expect(card.speed.isAbsent)
        #expect(card.duplex.isAbsent)
    }

    @Test func `a host of two thousand guests is looked through in time`() throws {
        var source = Self.host()
        for number in 0..<2000 { source.interface("t\(number)", "virtual/net/t\(number)", master: "br7") }
        let facts = facts(source)
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<8 { #expect(try facts.uplinks().count == 2) }
        let time = clock.now - start
        #expect(time < .seconds(2), "a debug build; quadratic work takes minutes")
    }

    @Test func `interfaces that stand on each other in a ring end`() throws {
        var source = Self.host()
        source.interface("a", "virtual/net/a", type: "vlan", lower: ["b"])
        source.interface("b", "virtual/net/b", type: "vlan", lower: ["a"])
        #expect(try facts(source).hardware(below: "a").isEmpty)
    }

    @Test func `a master that cannot be read leaves the way out unknown`() {
        var source = Self.host()
        let path = "/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1/net/eno2/master"
        source.insert(.obstacle(Obstacle(.permissionDenied, path)), at: path)
        #expect(throws: Undecided.self) { try facts(source).uplinks() }
    }

    @Test(arguments: ["", "\u{0}\u{1}", "garbage"]) func `garbage in mtu is unknown`(text: String) {
        var source = Self.host()
        source.insert(.text(text), at: "/sys/devices/virtual/net/br7/mtu")
        #expect(facts(source).interfaces.known?.first { $0.name == "br7" }?.mtu.obstacle?.kind == .malformed)
    }

    // MARK: - Modules

    @Test func `a bridge module is present, loadable, missing, or cannot be told`() {
        var source = MemorySource(["/proc/sys/kernel/osrelease": .text("6.1.0-29-amd64\n")])
        #expect(facts(source).bridgeModule.obstacle?.kind == .unsupported, "no /lib/modules, as in a container")
        source.insert(.text("kernel/net/8021q/8021q.ko\n"), at: "/lib/modules/6.1.0-29-amd64/modules.builtin")
        source.insert(.text("kernel/net/llc/llc.ko:\n"), at: "/lib/modules/6.1.0-29-amd64/modules.dep")
        #expect(facts(source).bridgeModule.isAbsent)
        source.insert(
            .text("kernel/net/bridge/bridge.ko.xz: kernel/net/802/stp.ko.xz kernel/net/llc/llc.ko.xz\n"),
            at: "/lib/modules/6.1.0-29-amd64/modules.dep")
        #expect(facts(source).bridgeModule.known == .loadable)
        source.insert(.text("kernel/net/bridge/bridge.ko\n"), at: "/lib/modules/6.1.0-29-amd64/modules.builtin")
        #expect(facts(source).bridgeModule.known == .present)
        source.insert(.text("2.3\n"), at: "/sys/module/bridge/version")
        #expect(facts(source).bridgeModule.provenance.place?.path == "/sys/module/bridge")
    }

    // MARK: - Bonds

    /// Made by the format strings of drivers/net/bonding/bond_procfs.c, as root sees it.
    static let lacp = """
        Ethernet Channel Bonding Driver: v6.1.0-29-amd64

        Bonding Mode: IEEE 802.3ad Dynamic link aggregation
        Transmit Hash Policy: layer3+4 (1)
        MII Status: up
        MII Polling Interval (ms): 100
        Up Delay (ms): 200
        Down Delay (ms): 0

        802.3ad info
        LACP active: on
        LACP rate: fast
        Active Aggregator Info:
        \tAggregator ID: 3
        \tNumber of ports: 1

        Slave Interface: eno1
        MII Status: up
        Speed: 10000 Mbps
        Duplex: full
        Link Failure Count: 0
        Aggregator ID: 3

        Slave Interface: eno2
        MII Status: down
        Speed: Unknown
        Duplex: Unknown
        Link Failure Count: 4
        Aggregator ID: 4
        """

    @Test func `a bond has its mode, its interval and the state of each port`() {
        #expect(
            facts(MemorySource(["/proc/net/bonding/bond0": .text(Self.lacp)])).bonds.known == [
                Bond(
                    name: "bond0", mode: "IEEE 802.3ad Dynamic link aggregation", interval: 100,
                    ports: [
                        .init(name: "eno1", isUp: true, aggregator: 3), .init(name: "eno2", isUp: false, aggregator: 4),
                    ])
            ])
    }

    @Test func `a bond that watches by ARP has an interval`() {
        let text = """
            Bonding Mode: fault-tolerance (active-backup)
            MII Status: up
            MII Polling Interval (ms): 0
            ARP Polling Interval (ms): 1000
            """
        #expect(facts(MemorySource(["/proc/net/bonding/b": .text(text)])).bonds.known?.first?.interval == 1000)
    }

    @Test func `no bonding driver is no bond, and garbage in its file is unknown`() {
        #expect(facts(MemorySource()).bonds.known == [])
        #expect(facts(MemorySource(["/proc/net/bonding/b": .text("x: y")])).bonds.obstacle?.kind == .malformed)
        #expect(facts(MemorySource(["/proc/net/bonding/b": .directory()])).bonds.obstacle?.kind == .notRegularFile)
    }

    // MARK: - libvirt

    @Test func `the bridge of network default is what its definition says`() {
        // As /etc/libvirt/qemu/networks/default.xml of Debian's libvirt-daemon-config-network.
        let text = """
            <network>
              <name>default</name>
              <bridge name='virbr0'/>
              <forward/>
              <ip address='192.168.122.1' netmask='255.255.255.0'>
                <dhcp>
                  <range start='192.168.122.2' end='192.168.122.254'/>
                </dhcp>
              </ip>
            </network>
            """
        #expect(
            facts(MemorySource(["/etc/libvirt/qemu/networks/default.xml": .text(text)])).defaultNetworkBridge.known
                == "virbr0")
        #expect(facts(MemorySource()).defaultNetworkBridge.isAbsent)
    }

    // MARK: - The real thing

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/sbin/ip")))
    func `on this machine the default interfaces are those that ip(8) names`() throws {
        var expected: Set<String> = []
        for family in ["-4", "-6"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/sbin/ip")
            process.arguments = [family, "route", "show", "default"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if let index = words.firstIndex(of: "dev"), index + 1 < words.count {
                    expected.insert(String(words[index + 1]))
                }
            }
        }
        let facts = NetworkProbe.facts(from: TreeSource.live, answers: KernelAnswers())
        #expect(try facts.defaultInterfaces() == expected)
    }
}

extension MemorySource {
    /// One interface as sysfs shows it, with its directory below `/sys/devices`.
    fileprivate mutating func interface(
        _ name: String, _ directory: String, type: String? = nil, master: String? = nil, lower: [String] = [],
        driver: String? = nil, state: String = "up"
    ) {
        let path = "/sys/devices/" + directory
        insert(.link("../../devices/" + directory), at: "/sys/class/net/\(name)")
        let lines = (type.map { ["DEVTYPE=\($0)"] } ?? []) + ["INTERFACE=\(name)", "IFINDEX=7"]
        insert(.text(lines.joined(separator: "\n") + "\n"), at: path + "/uevent")
        insert(.text("1500\n"), at: path + "/mtu")
        insert(.text(state + "\n"), at: path + "/operstate")
        if let master { insert(.link("../\(master)"), at: path + "/master") }
        for name in lower { insert(.link("../\(name)"), at: path + "/lower_\(name)") }
        if let driver {
            insert(.text("10000\n"), at: path + "/speed")
            insert(.text("full\n"), at: path + "/duplex")
            let device = path.split(separator: "/").dropLast(2).joined(separator: "/")
            insert(.link("/" + device), at: path + "/device")
            insert(.link("../../../bus/pci/drivers/\(driver)"), at: "/\(device)/driver")
        }
    }
}
