import Evidence
import Facts
import LibvirtXML
import Testing

@testable import Rules

/// What single rules about networks and pools say of cases between their two examples.
struct NetworkPoolRuleTests {
    private func verdict(_ id: String, _ network: NetworkDefinitionFacts) throws -> Verdict {
        let rule = try #require(NetworkCatalogue.all.first { $0.info.id == id })
        return (try? rule.decide(network))?.verdict ?? .unknown
    }

    private func verdict(_ id: String, _ pool: PoolDefinitionFacts) throws -> Verdict {
        let rule = try #require(PoolCatalogue.all.first { $0.info.id == id })
        return (try? rule.decide(pool))?.verdict ?? .unknown
    }

    private func network(_ parts: String) throws -> NetworkDefinitionFacts {
        var network = try #require(NetworkDefinitionFacts.sample)
        network.replace(xml: "<network><name>a</name>\(parts)</network>")
        return network
    }

    private func pool(_ type: String, _ source: String) throws -> PoolDefinitionFacts {
        var pool = try #require(PoolDefinitionFacts.sample)
        PoolDefinitionFacts.example(type, source)(&pool)
        return pool
    }

    // MARK: - Networks

    /// Of a machine with `2001:db8:1::/48 dev br0`, as /proc/net/ipv6_route has it.
    private static let routes6 = [
        Facts.Route(
            "br0", network: "20010db8000100000000000000000000/48", isDefault: false, isDirect: true),
        Facts.Route(
            "br0", network: "fe800000000000000000000000000000/64", isDefault: false, isDirect: true),
        Facts.Route(
            "br0", network: "00000000000000000000000000000000/0", isDefault: true, isDirect: false),
    ]

    @Test(arguments: [
        ("2001:db8:1:2::1", 64, Verdict.fail), ("2001:db8:2::1", 64, .pass), ("fe80::1", 64, .pass),
        ("2001:db8::1", 32, .fail),
    ])
    func `an IPv6 subnet is held against the host's routes`(address: String, prefix: Int, verdict wanted: Verdict)
        throws
    {
        var network = try network("<ip family='ipv6' address='\(address)' prefix='\(prefix)'/>")
        network.host.network.routes6 = .known(Self.routes6)
        #expect(try verdict("KVN036", network) == wanted)
        // libvirt does not look at IPv6 routes: it is no error.
        #expect(try verdict("KVN035", network) == .pass)
    }

    @Test func `an IPv6 route of proc is the subnet that ip route shows`() throws {
        #expect(Subnet(ipv6: Self.routes6[0]) == IPAddress("2001:db8:1::").flatMap { Subnet($0, prefix: 48) })
        for garbage in ["x/64", "20010db8/64", "20010db8000100000000000000000000/129", "/"] {
            #expect(Subnet(ipv6: Facts.Route("a", network: garbage, isDefault: false, isDirect: true)) == nil)
        }
    }

    /// `virNetDevIPCheckIPv6Forwarding`: 1 on the interface, or 0 on it and 1 on all.
    @Test(arguments: [(1, 0, true), (1, 2, true), (2, 1, false), (0, 1, true), (0, 0, false), (0, 2, false)])
    func `routes by advertisement are lost as libvirt sees it`(own: Int, all: Int, isLost: Bool) throws {
        var network = try network("<forward mode='route'/><ip family='ipv6' address='fd00::1' prefix='64'/>")
        network.host.network.routes6 = .known([
            Facts.Route(
                "br0", network: "20010db8000100000000000000000000/64", isDefault: false, isDirect: true,
                isAdvertised: true)
        ])
        network.host.network.acceptsAdvertisements = ["br0": .known(own), "all": .known(all)]
        #expect(try verdict("KVN088", network) == (isLost ? .fail : .pass))
    }

    @Test func `IPv6 asks for IPv6 routes, and IPv4 for IPv4 routes`() throws {
        var network = try network("<ip family='ipv6' address='2001:db8::1' prefix='64'/>")
        network.host.network.routes = .notProbed
        #expect(try verdict("KVN036", network) == .pass)
        network.host.network.routes6 = .notProbed
        #expect(try verdict("KVN036", network) == .unknown)
    }

    @Test func `a bridge of the host's may have limits, macvtap not`() throws {
        let limit = "<bandwidth><inbound average='1000'/></bandwidth>"
        #expect(try verdict("KVN020", network("<forward mode='bridge'/><bridge name='br0'/>\(limit)")) == .pass)
        #expect(try verdict("KVN020", network("<forward mode='bridge' dev='a'/>\(limit)")) == .fail)
    }

    /// An Open vSwitch bridge is an interface without a type of its own.
    @Test func `an Open vSwitch bridge is a bridge to who says so only`() throws {
        let port = "<virtualport type='openvswitch'/>"
        var plain = try network("<forward mode='bridge'/><bridge name='ovs0'/>")
        var switched = try network("<forward mode='bridge'/><bridge name='ovs0'/>\(port)")
        var interfaces = try #require(try plain.host.network.interfaces.get())
        interfaces.append(NetworkInterface("ovs0", .virtual(nil)))
        plain.host.network.interfaces = .known(interfaces)
        switched.host.network.interfaces = .known(interfaces)
        switched.host.network.openVSwitchDatabase = .known(true)
        #expect(try verdict("KVN037", plain) == .fail)
        #expect(try verdict("KVN092", plain) == .notApplicable)
        #expect(try verdict("KVN037", switched) == .pass)
        #expect(try verdict("KVN092", switched) == .pass)
        #expect(
            try verdict("KVN092", network("<forward mode='bridge'/><bridge name='br0'/>\(port)")) == .fail)
    }

    /// The sample's ens1f0np0 has four virtual functions, at 0000:b1:01.0 to .3.
    @Test func `listed functions are those of the host's cards`() throws {
        func listing(_ function: Int) throws -> NetworkDefinitionFacts {
            try network(
                "<forward mode='hostdev' managed='yes'><address type='pci' domain='0' bus='0xb1' slot='1' function='\(function)'/></forward>"
            )
        }
        #expect(try verdict("KVN097", listing(3)) == .pass)
        #expect(try verdict("KVN097", listing(4)) == .fail)
    }

    @Test func `macvtap on a bond is right, on its port not`() throws {
        #expect(try verdict("KVN093", network("<forward mode='vepa' dev='ens1f0np0'/>")) == .pass)
        #expect(try verdict("KVN093", network("<forward mode='passthrough' dev='eno2np1'/>")) == .fail)
        #expect(try verdict("KVN093", network("<forward mode='nat' dev='eno2np1'/>")) == .notApplicable)
    }

    @Test(arguments: [("lo", 15, true), ("a", 16, false), ("virbr%d", 1, true), (" ", 1, false), (".", 1, true)])
    func `names of interfaces are those of the kernel`(text: String, count: Int, isRight: Bool) throws {
        let name = text == "lo" || text == "a" ? String(repeating: "x", count: count) : "b" + text
        let verdict = try verdict("KVN048", network("<bridge name='\(name)'/>"))
        #expect(verdict == (isRight ? .pass : .fail))
    }

    // MARK: - Pools

    @Test(arguments: [
        ("/dev/sdb", "/dev/sdb1", true), ("/dev/sdb", "/dev/sdba1", false), ("/dev/nvme0n1", "/dev/nvme0n1p2", true),
        ("/dev/nvme0n1", "/dev/nvme0n12", false), ("/dev/sdb", "/dev/sdb", true), ("/dev/sdb", "nas:/dev/sdb1", false),
    ])
    func `a disk is used by the mounts of its partitions`(disk: String, mounted: String, isUsed: Bool) throws {
        var pool = try pool("disk", "<device path='\(disk)'/>")
        pool.site.mountedSources = .known([mounted])
        pool.site.kernelNames = [disk: .known(String(disk.dropFirst(5)))]
        #expect(try verdict("KVP099", pool) == (isUsed ? .fail : .pass))
    }

    @Test(arguments: [
        ("vers=3", Verdict.fail), ("vers=4.0", .fail), ("vers=4", .fail), ("vers=4.1", .fail), ("vers=4.2", .pass),
        ("nfsvers=4.2", .pass), ("vers=5", .pass), ("vers=", .pass), ("vers=99999999999999999999", .pass),
        ("rw", .pass),
    ])
    func `versions of NFS are compared as numbers`(option: String, verdict wanted: Verdict) throws {
        var pool = try #require(PoolDefinitionFacts.sample)
        pool.site.mount = .known(Mount(source: "a:/b", point: "/var", type: "nfs4", options: ["rw", option]))
        #expect(try verdict("KVP048", pool) == wanted)
        #expect(try verdict("KVP046", pool) == .pass)
    }

    @Test func `a folder that fstab has mounted, and below it one more`() throws {
        var pool = try #require(PoolDefinitionFacts.sample)
        pool.site.plannedMount = .known(Mount(source: "a", point: "/var/lib/libvirt/", type: "ext4"))
        pool.site.mount = .known(Mount(source: "a", point: "/var/lib/libvirt", type: "ext4"))
        #expect(try verdict("KVP042", pool) == .pass)
        pool.site.mount = .known(Mount(source: "b", point: "/var/lib/libvirt/images", type: "xfs"))
        #expect(try verdict("KVP042", pool) == .pass)
        pool.site.mount = .known(Mount(source: "c", point: "/var", type: "xfs"))
        #expect(try verdict("KVP042", pool) == .fail)
    }

    @Test func `the room of a pool that is off is that of its file system`() throws {
        var pool = try #require(PoolDefinitionFacts.sample)
        pool.tell { $0.space = .absent() }
        #expect(try verdict("KVP036", pool) == .pass)
        pool.site.space = .known(FileSystemSpace(total: 100 << 30, available: 1 << 30))
        #expect(try verdict("KVP036", pool) == .fail)
        pool.site.space = .unknown(Obstacle(.timedOut, "/srv"))
        #expect(try verdict("KVP036", pool) == .unknown)
    }

    @Test func `a virtual Fibre Channel host that is there already is used`() throws {
        var pool = try pool("scsi", "<adapter type='fc_host' wwnn='20000000C9831B4B' wwpn='10000000c9831b4b'/>")
        // The names of the card itself are refused.
        #expect(try verdict("KVP088", pool) == .fail)
        pool.site.fibreChannelHosts = .known([
            FibreChannelHost(
                name: "host7", nodeName: "20000000c9831b4b", portName: "10000000c9831b4b", state: "Online",
                canMakePorts: false)
        ])
        #expect(try verdict("KVP088", pool) == .pass)
    }

    @Test func `a pool from a file asks nothing of this host`() throws {
        for type in ["dir", "fs", "netfs", "logical", "disk", "iscsi", "scsi", "mpath", "zfs"] {
            let pool = try #require(
                PoolDefinitionFacts(
                    xml: """
                        <pool type='\(type)'><name>a</name><source><name>a</name><host name='b'/><dir path='/c'/><device path='/dev/d'/>
                        <adapter type='scsi_host' name='host0'/></source><target><path>/e</path></target></pool>
                        """))
            for rule in PoolHostRules.all {
                let verdict = (try? rule.decide(pool))?.verdict ?? .unknown
                #expect(verdict == .unknown || verdict == .notApplicable, "\(rule.info.id) of \(type)")
            }
        }
    }
}
