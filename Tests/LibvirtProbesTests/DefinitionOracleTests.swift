import Evidence
import Facts
import Foundation
import LibvirtXML
import LinuxIO
import Testing

@testable import HostProbes
@testable import Rules

/// The severity `error` of networks and pools, held to what a libvirtd does: it refuses the definition, or does not start
/// what it defines, where kvmcheck reports an error, and nowhere else.
extension DaemonTests {
    /// What libvirtd says to a definition, as virsh prints it; nil where it is defined and starts.
    private func refusal(_ kind: String, _ name: String, _ xml: String) throws -> String? {
        let file = libvirt.folder.appending(path: "judged.xml")
        try Data(xml.utf8).write(to: file)
        do {
            try libvirt.virsh("\(kind)-define", file.path)
        } catch let failure as PrivateLibvirt.Failure {
            return failure.output
        }
        defer { _ = try? libvirt.virsh("\(kind)-undefine", name) }
        do {
            try libvirt.virsh("\(kind)-start", name)
        } catch let failure as PrivateLibvirt.Failure {
            return failure.output
        }
        try libvirt.virsh("\(kind)-destroy", name)
        return nil
    }

    private func errors<Subject>(_ rules: [Rule<Subject>], _ subject: Subject) -> [String] {
        Engine.evaluate(rules, on: subject).filter { $0.severity == .error && $0.verdict == .fail }.map(\.rule.id)
    }

    // MARK: - Networks

    private static let address = "<ip address='198.51.100.1' prefix='24'/>"
    private static let ovs = "<forward mode='bridge'/><bridge name='br9'/><virtualport type='openvswitch'/>"

    /// Networks by what is special in them; those without a bridge of another's get one.
    private static let networks: [String: String] = [
        "nat": "<forward mode='nat'/>\(address)",
        "isolated": address,
        "route": "<forward mode='route'/>\(address)",
        "open": "<forward mode='open'/>\(address)",
        "open without an address": "<forward mode='open'/>",
        "mode bridge": "<forward mode='bridge'/><bridge name='br9'/>",
        "mode bridge with an address": "<forward mode='bridge'/><bridge name='br9'/>\(address)",
        "mode bridge with a forwarder":
            "<forward mode='bridge'/><bridge name='br9'/><dns><forwarder addr='192.0.2.53'/></dns>",
        "macvtap with a limit":
            "<forward mode='bridge' dev='lo'/><bandwidth><inbound average='1000'/></bandwidth>",
        "two defaults":
            "<forward mode='nat'/><portgroup name='a' default='yes'/><portgroup name='b' default='yes'/>\(address)",
        "one name for two groups":
            "<forward mode='nat'/><portgroup name='a'/><portgroup name='a'/>\(address)",
        "tags on NAT": "<forward mode='nat'/><vlan><tag id='42'/></vlan>\(address)",
        "tags of a group on NAT":
            "<forward mode='nat'/><portgroup name='a'><vlan><tag id='42'/></vlan></portgroup>\(address)",
        "tags on Open vSwitch": "\(ovs)<vlan><tag id='42'/></vlan>",
        "tags of a group on Open vSwitch": "\(ovs)<portgroup name='a'><vlan><tag id='42'/></vlan></portgroup>",
        "a tag too large": "\(ovs)<vlan><tag id='5000'/></vlan>",
        "tags without a trunk": "\(ovs)<vlan trunk='no'><tag id='50'/><tag id='51'/></vlan>",
        "a reversed range":
            "<ip address='198.51.100.1' prefix='24'><dhcp><range start='198.51.100.20' end='198.51.100.10'/></dhcp></ip>",
        "a range with the gateway":
            "<ip address='198.51.100.1' prefix='24'><dhcp><range start='198.51.100.1' end='198.51.100.10'/></dhcp></ip>",
        "a range to the broadcast address":
            "<ip address='198.51.100.1' prefix='24'><dhcp><range start='198.51.100.9' end='198.51.100.255'/></dhcp></ip>",
        "an IPv6 range elsewhere":
            "<ip family='ipv6' address='fd00:1::1' prefix='64'><dhcp><range start='fd00:2::1' end='fd00:2::9'/></dhcp></ip>",
        "an IPv6 range from the first address":
            "<ip family='ipv6' address='fd00:1::1' prefix='64'><dhcp><range start='fd00:1::' end='fd00:1::9'/></dhcp></ip>",
        "a range too large":
            "<ip address='10.64.0.1' prefix='10'><dhcp><range start='10.64.0.2' end='10.127.255.254'/></dhcp></ip>",
        "a guest elsewhere":
            "<ip address='198.51.100.1' prefix='24'><dhcp><host mac='52:54:00:11:22:33' ip='10.1.1.1'/></dhcp></ip>",
        "a guest without an address":
            "<ip address='198.51.100.1' prefix='24'><dhcp><host mac='52:54:00:11:22:33'/></dhcp></ip>",
        "a guest known by nothing":
            "<ip address='198.51.100.1' prefix='24'><dhcp><host ip='198.51.100.5'/></dhcp></ip>",
        "a guest with a group's address":
            "<ip address='198.51.100.1' prefix='24'><dhcp><host mac='53:54:00:11:22:33' ip='198.51.100.5'/></dhcp></ip>",
        "an IPv6 guest by hardware address":
            "<ip family='ipv6' address='fd00:1::1' prefix='64'><dhcp><host mac='52:54:00:11:22:33' ip='fd00:1::5'/></dhcp></ip>",
        "a short lease":
            "<ip address='198.51.100.1' prefix='24'><dhcp><range start='198.51.100.9' end='198.51.100.99'><lease expiry='1' unit='minutes'/></range></dhcp></ip>",
        "a lease of two minutes":
            "<ip address='198.51.100.1' prefix='24'><dhcp><range start='198.51.100.9' end='198.51.100.99'><lease expiry='2'/></range></dhcp></ip>",
        "a netmask with gaps": "<ip address='198.51.100.1' netmask='255.0.255.0'/>",
        "a prefix too long": "<ip address='198.51.100.1' prefix='33'/>",
        "an IPv6 netmask": "<ip family='ipv6' address='fd00:1::1' netmask='ffff::'/>",
        "an address without a class": "<ip address='240.0.0.1'/>",
        "no address": "<ip prefix='24'/>",
        "an IPv6 address without its family": "<ip address='fd00:1::1' prefix='64'/>",
        "an address twice": address + address,
        "subnets that overlap": "\(address)<ip address='198.51.100.129' prefix='25'/>",
        "two DHCP servers": """
        <ip address='198.51.100.1' prefix='24'><dhcp><range start='198.51.100.9' end='198.51.100.99'/></dhcp></ip>
        <ip address='203.0.113.1' prefix='24'><dhcp><range start='203.0.113.9' end='203.0.113.99'/></dhcp></ip>
        """,
        "an IPv6 prefix of 80": "<ip family='ipv6' address='fd00:1::1' prefix='80'/>",
        "a group's address for the bridge": "<mac address='53:54:00:11:22:33'/>\(address)",
        "a gateway elsewhere": "\(address)<route address='10.77.0.0' prefix='16' gateway='10.9.9.2'/>",
        "a gateway": "\(address)<route address='10.77.0.0' prefix='16' gateway='198.51.100.9'/>",
        "a route with bits too many": "\(address)<route address='10.77.1.1' prefix='16' gateway='198.51.100.9'/>",
        "no gateway": "\(address)<route address='10.77.0.0' prefix='16'/>",
        "reversed ports": "<forward mode='nat'><nat><port start='5000' end='2000'/></nat></forward>\(address)",
        "reversed addresses":
            "<forward mode='nat'><nat><address start='192.0.2.9' end='192.0.2.2'/></nat></forward>\(address)",
        "half a range": "<forward mode='nat'><nat><address end='192.0.2.2'/></nat></forward>\(address)",
        "NAT in mode route": "<forward mode='route'><nat><port start='1024' end='2000'/></nat></forward>\(address)",
        "a long bridge": "<bridge name='averyverylongbridge'/>\(address)",
        "a bridge with a slash": "<bridge name='a/b'/>\(address)",
        "an MTU too large": "<mtu size='66000'/>\(address)",
        "an MTU too small for IPv6": "<mtu size='1200'/><ip family='ipv6' address='fd00:1::1' prefix='64'/>",
        "an MTU of 1200": "<mtu size='1200'/>\(address)",
        "a device that is not there": "<forward mode='nat' dev='eth9'/>\(address)",
        "hostdev by name": "<forward mode='hostdev'><interface dev='lo'/></forward>",
        "an address in mode vepa":
            "<forward mode='vepa'><address type='pci' domain='0' bus='99' slot='1' function='0'/></forward>",
        "two physical functions": "<forward mode='hostdev'><pf dev='lo'/><pf dev='eth8'/></forward>",
        "an interface twice": "<forward mode='vepa'><interface dev='lo'/><interface dev='lo'/></forward>",
        "a floor": "<bandwidth><inbound average='1000' floor='500'/></bandwidth>\(address)",
        "no average": "<bandwidth><inbound peak='1000'/></bandwidth>\(address)",
        "a DNS host without an address": "<dns><host><hostname>a</hostname></host></dns>\(address)",
        "a DNS host without a name": "<dns><host ip='192.0.2.5'/></dns>\(address)",
        "a service without its name": "<dns><srv protocol='tcp'/></dns>\(address)",
        "a forwarder to nowhere": "<dns><forwarder/></dns>\(address)",
        "entries without DNS": "<dns enable='no'><host ip='192.0.2.5'><hostname>a</hostname></host></dns>\(address)",
    ]

    private func network(_ parts: String, named name: String = "judged") -> String {
        let isOthers = ["mode='bridge'", "mode='vepa'", "mode='hostdev'"].contains { parts.contains($0) }
        let bridge = parts.contains("<bridge") || isOthers ? "" : "<bridge name='kvmchk7'/>"
        return "<network><name>\(name)</name>\(bridge)\(parts)</network>"
    }

    @Test(arguments: networks.keys.sorted())
    func `a network is an error where libvirtd refuses it`(what: String) throws {
        let xml = network(try #require(Self.networks[what]))
        let refusal = try refusal("net", "judged", xml)
        let errors = errors(NetworkCatalogue.all, try #require(NetworkDefinitionFacts(xml: xml)))
        #expect(errors.isEmpty == (refusal == nil), "\(errors) \(refusal ?? "starts")")
    }

    @Test func `a name with a slash is refused`() throws {
        let xml = network(Self.address, named: "a/b")
        #expect(try refusal("net", "a/b", xml) != nil)
        #expect(errors(NetworkCatalogue.all, try #require(NetworkDefinitionFacts(xml: xml))) == ["KVN049"])
    }

    /// `apart` of ``PrivateLibvirt`` is on, at 192.0.2.0/24: its route is in the daemon's network namespace.
    @Test(arguments: [
        ("<ip address='192.0.2.1' prefix='24'/>", true), ("<ip address='192.0.2.129' prefix='25'/>", false),
        ("\(address)<route address='192.0.2.0' prefix='24' gateway='198.51.100.9'/>", true), (address, false),
    ])
    func `a subnet that the host has a route to is refused`(parts: String, isRefused: Bool) throws {
        let pid = try String(contentsOf: libvirt.folder.appending(path: "libvirtd.pid"), encoding: .utf8)
        let table = "/proc/\(pid.trimmingCharacters(in: .whitespacesAndNewlines))/net/route"
        let routes = try #require(RouteTable.parse(try String(contentsOf: URL(filePath: table), encoding: .utf8)))
        #expect(routes.contains { $0.interface == "kvmchk0" })
        let xml = network(parts)
        #expect(try (refusal("net", "judged", xml) != nil) == isRefused)
        var facts = try #require(NetworkDefinitionFacts(xml: xml))
        facts.host.network.routes = .known(routes)
        #expect(errors(NetworkCatalogue.all, facts) == (isRefused ? ["KVN035"] : []))
    }

    @Test func `a guest does not start on a network with a switch's port that it cannot have`() throws {
        let xml = network("<forward mode='nat'/><virtualport type='openvswitch'/>\(Self.address)", named: "ported")
        #expect(errors(NetworkCatalogue.all, try #require(NetworkDefinitionFacts(xml: xml))) == ["KVN085"])
        let file = libvirt.folder.appending(path: "ported.xml")
        try Data(xml.utf8).write(to: file)
        try libvirt.virsh("net-define", file.path)
        try libvirt.virsh("net-start", "ported")
        defer {
            _ = try? libvirt.virsh("net-destroy", "ported")
            _ = try? libvirt.virsh("net-undefine", "ported")
        }
        let domain = libvirt.domain("off", type: "qemu").replacing("network='apart'", with: "network='ported'")
            .replacing("<name>off</name>", with: "<name>onported</name>")
        try Data(domain.utf8).write(to: file)
        let failure = #expect(throws: PrivateLibvirt.Failure.self) { try libvirt.virsh("create", file.path) }
        #expect(failure?.output.contains("not supported for network 'ported'") == true)
    }

    // MARK: - Pools

    /// Pools by what is special in them; `FOLDER` is a folder that is there.
    private static let pools: [String: (type: String, parts: String)] = {
        func folder(_ permissions: String = "") -> String {
            "<target><path>FOLDER</path>\(permissions)</target>"
        }
        func mode(_ mode: String, owner: String = "0") -> String {
            folder("<permissions><mode>\(mode)</mode><owner>\(owner)</owner><group>0</group></permissions>")
        }
        func scsi(_ adapter: String) -> (String, String) {
            ("scsi", "<source>\(adapter)</source><target><path>/dev/disk/by-path</path></target>")
        }
        func iscsi(_ auth: String) -> (String, String) {
            (
                "iscsi",
                "<source><host name='127.0.0.1'/><device path='iqn.2020-01.com.example:disks'/>\(auth)</source><target><path>/dev/disk/by-path</path></target>"
            )
        }
        return [
            "a folder": ("dir", folder()),
            "a folder that is not there": ("dir", "<target><path>FOLDER/absent</path></target>"),
            "a file for a folder": ("dir", "<target><path>FOLDER/file</path></target>"),
            "no target": ("dir", ""),
            "mode 0711": ("dir", mode("0711")), "mode of letters": ("dir", mode("rwx")),
            "mode 1777": ("dir", mode("1777")), "no mode in it": ("dir", mode("")),
            "an owner by name": ("dir", mode("0711", owner: "root")), "owner -2": ("dir", mode("0711", owner: "-2")),
            "a device that is not there": (
                "disk", "<source><device path='/dev/kvmcheck-absent'/></source><target><path>/dev</path></target>"
            ),
            "a file system that is not there": (
                "fs", "<source><device path='/dev/kvmcheck-absent'/></source>\(folder())"
            ),
            "a format of another's": (
                "fs", "<source><device path='/dev/sda1'/><format type='btrfs'/></source>\(folder())"
            ),
            "two servers": (
                "netfs",
                "<source><host name='127.0.0.1'/><host name='127.0.0.2'/><dir path='/export'/></source>\(folder())"
            ),
            "a version with a comma": (
                "netfs",
                "<source><host name='a'/><dir path='/export'/><format type='nfs'/><protocol ver='4,0'/></source>\(folder())"
            ),
            "<auth> without a type": iscsi("<auth username='a'><secret usage='b'/></auth>"),
            "<auth> of an unknown type": iscsi("<auth type='foo' username='a'><secret usage='b'/></auth>"),
            "<auth> without a user": iscsi("<auth type='chap'><secret usage='b'/></auth>"),
            "<auth> without a secret": iscsi("<auth type='chap' username='a'/>"),
            "<auth> with a secret of no UUID": iscsi("<auth type='chap' username='a'><secret uuid='b'/></auth>"),
            "a SCSI host that is not there": scsi("<adapter type='scsi_host' name='scsi_host9999'/>"),
            "a SCSI host by another name": scsi("<adapter type='scsi_host' name='sda'/>"),
            "no name": scsi("<adapter type='scsi_host'/>"),
            "a World Wide Name with colons": scsi(
                "<adapter type='fc_host' wwnn='20:00:00:00:c9:83:1b:4b' wwpn='10000000c9831b4b'/>"),
            "no port's name": scsi("<adapter type='fc_host' wwnn='20000000c9831b4b'/>"),
            "a Fibre Channel host that cannot be made": scsi(
                "<adapter type='fc_host' parent='scsi_host9999' wwnn='20000000c9831b4b' wwpn='10000000c9831b4b'/>"),
            "a PCI address without its number": scsi(
                "<adapter type='scsi_host'><parentaddr><address domain='0x0000' bus='0x00' slot='0x1f' addr='0x2'/></parentaddr></adapter>"
            ),
            "a type without its module": ("vstorage", "<source><name>a</name></source>\(folder())"),
        ]
    }()

    @Test(arguments: pools.keys.sorted())
    func `a pool is an error where libvirtd refuses it`(what: String) throws {
        let (type, parts) = try #require(Self.pools[what])
        let folder = libvirt.folder.appending(path: "judged")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data().write(to: folder.appending(path: "file"))
        let xml = "<pool type='\(type)'><name>judged</name>\(parts.replacing("FOLDER", with: folder.path))</pool>"
        let refusal = try refusal("pool", "judged", xml)
        var facts = try #require(PoolDefinitionFacts(xml: xml))
        let pool = facts.definition
        facts.site = HostProbes.pool(
            type: type, target: pool.target.path.value, group: pool.effectiveSourceName,
            format: pool.source.format.value, devices: pool.source.devices.compactMap(\.path.value),
            from: TreeSource.live)
        let errors = errors(PoolCatalogue.all, facts)
        #expect(errors.isEmpty == (refusal == nil), "\(errors) \(refusal ?? "starts")")
    }

    @Test func `the room of a pool's folder is that which libvirtd tells`() throws {
        let folder = libvirt.folder.appending(path: "pool").path
        let site = HostProbes.pool(
            type: "dir", target: folder + "/", group: nil, format: nil, devices: [], from: TreeSource.live)
        let told = try libvirt.virsh("pool-dumpxml", "files")
        let pool = try #require(PoolDefinitionFacts(xml: told)).definition
        #expect(try site.space.get()?.total == pool.capacity.value)
        #expect(try site.target.get()?.kind == .directory)
        // findmnt names the mount that a path is in.
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/findmnt")
        process.arguments = ["-n", "-o", "TARGET", "--target", folder]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let point = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(try site.mount.get()?.point == point.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
