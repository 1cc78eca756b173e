import Evidence
import Facts
import LibvirtXML
import Testing

@testable import Rules

/// What single rules about definitions say of cases between their two examples.
struct DefinitionRuleTests {
    private func fails(_ id: String, _ network: NetworkDefinitionFacts) throws -> Bool? {
        let rule = try #require(NetworkCatalogue.all.first { $0.info.id == id })
        guard let decision = try? rule.decide(network) else { return nil }
        return decision.verdict == .fail
    }

    private func fails(_ id: String, _ devices: String, rest: String = "") throws -> Bool {
        let xml = """
            <domain type='kvm'><name>a</name><vcpu>2</vcpu>\(rest)<os><type arch='x86_64' machine='pc'>hvm</type></os>
            <devices>\(devices)</devices></domain>
            """
        let rule = try #require(DomainCatalogue.all.first { $0.info.id == id })
        return try rule.decide(#require(DomainFacts(xml: xml))).verdict == .fail
    }

    @Test func `a route of proc is the subnet that ip route shows`() throws {
        // Of a machine with `10.0.2.0/24 dev br0`: /proc/net/route has Destination 0002000A, Mask 00FFFFFF.
        let route = Facts.Route("br0", network: "0002000A/00FFFFFF", isDefault: false, isDirect: true)
        let subnet = try #require(Subnet(ipv4: route))
        #expect(subnet.description == "10.0.2.0/24")
        #expect(subnet.last == [10, 0, 2, 255])
        let garbage = Facts.Route("br0", network: "x/00FFFFFF", isDefault: false, isDirect: true)
        #expect(Subnet(ipv4: garbage) == nil)
    }

    @Test func `a subnet as large as the address has no trap`() throws {
        let address = try #require(IPAddress("10.1.2.3"))
        #expect(Subnet(address, prefix: 33) == nil)
        #expect(Subnet(address, prefix: -1) == nil)
        #expect(Subnet(address, prefix: 32)?.last == [10, 1, 2, 3])
        #expect(Subnet(address, prefix: 0)?.last == [255, 255, 255, 255])
    }

    @Test func `the network's own bridge is no conflict, another interface on its subnet is`() throws {
        var network = try #require(NetworkDefinitionFacts.sample)
        #expect(try fails("KVN035", network) == false)
        network.rewrite("name='virbr0'", "name='virbr9'")
        #expect(try fails("KVN035", network) == true)
        #expect(try fails("KVN036", network) == false)
    }

    @Test func `without a host nothing is said of routes, bridges, devices and dnsmasq`() throws {
        var network = try #require(NetworkDefinitionFacts(xml: NetworkDefinitionFacts.sampleXML))
        for id in ["KVN035", "KVN036", "KVN039", "KVN040"] { #expect(try fails(id, network) == nil, "\(id)") }
        network.rewrite("<forward mode='nat'>", "<forward mode='bridge' dev='a'/><bridge name='b'/><forward>")
        for id in ["KVN037", "KVN038"] { #expect(try fails(id, network) == nil, "\(id)") }
    }

    @Test func `IPv6 networks with the classical classless forms pass`() throws {
        let network = try #require(
            NetworkDefinitionFacts(
                xml: """
                    <network><name>a</name><ip family='ipv6' address='fd00:7a8b::1' prefix='64'>
                    <dhcp><range start='fd00:7a8b::1:10' end='fd00:7a8b::1:ff'/></dhcp></ip></network>
                    """))
        for id in ["KVN021", "KVN022", "KVN025", "KVN026"] { #expect(try fails(id, network) == false, "\(id)") }
    }

    @Test func `I/O threads are those of the list, and as many as the count says`() throws {
        func disk(_ id: Int) -> String {
            "<disk><driver type='raw' iothread='\(id)'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>"
        }
        let listed = "<iothreads>3</iothreads><iothreadids><iothread id='7'/></iothreadids>"
        // libvirt fills up from 1: 7, 1, 2.
        #expect(try !fails("KVD006", disk(7), rest: listed))
        #expect(try !fails("KVD006", disk(2), rest: listed))
        #expect(try fails("KVD006", disk(3), rest: listed))
        #expect(try fails("KVD006", disk(1)))
    }

    @Test func `one ISO in two drives is no conflict`() throws {
        let drives = ["sda", "sdb"].map {
            "<disk type='file' device='cdrom'><source file='/a.iso'/><target dev='\($0)' bus='sata'/></disk>"
        }.joined()
        #expect(try !fails("KVD013", drives))
    }

    @Test func `the three disks of the book's machine that are one file are an error`() throws {
        let disks = ["vda", "vdb", "vdc"].map {
            "<disk type='file' device='disk'><source file='/a.qcow2'/><target dev='\($0)' bus='virtio'/></disk>"
        }.joined()
        #expect(try fails("KVD013", disks))
    }

    @Test func `four IDE drives are as many as a PC has`() throws {
        func drives(_ names: [String]) -> String {
            names.map { "<disk type='file' device='cdrom'><target dev='\($0)' bus='ide'/></disk>" }.joined()
        }
        #expect(try !fails("KVD026", drives(["hda", "hdb", "hdc", "hdd"])))
        #expect(try fails("KVD026", drives(["hda", "hdb", "hdc", "hdd", "hde"])))
    }

    @Test func `tags of an Open vSwitch port are right`() throws {
        let port = "<virtualport type='openvswitch'/><vlan><tag id='42'/></vlan>"
        #expect(try !fails("KVD109", "<interface type='bridge'><source bridge='ovs0'/>\(port)</interface>"))
    }

    @Test(arguments: [
        ("iqn.2001-04.com.example:storage:diskarrays-sn-a8675309", true), ("iqn.2001-04.com.example", true),
        ("eui.02004567A425678D", true), ("naa.52004567BA64678D", true), ("iqn.2001-13.com.example:a", false),
        ("com.example:a", false), ("", false), ("iqn.", false),
    ])
    func `iSCSI names are those of RFC 7143`(name: String, isRight: Bool) throws {
        let xml = "<pool type='iscsi'><name>a</name><source><host name='b'/><device path='\(name)'/></source></pool>"
        let rule = try #require(PoolCatalogue.all.first { $0.info.id == "KVP006" })
        #expect(try rule.decide(#require(PoolDefinitionFacts(xml: xml))).verdict == (isRight ? .pass : .fail))
    }
}
