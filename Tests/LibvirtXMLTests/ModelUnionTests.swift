import LibvirtXML
import Testing

struct ModelUnionTests {
    private static func domain(_ devices: String) throws -> Domain {
        try #require(Domain(XMLDocument(parsing: "<domain><devices>\(devices)</devices></domain>", name: "a.xml")))
    }

    @Test func `a disk's source is one of libvirt's types`() throws {
        let disks = try Self.domain(
            """
            <disk><source file='/a'/></disk>
            <disk type='block'><source dev='/dev/sdb'/></disk>
            <disk type='dir'><source dir='/d'/></disk>
            <disk type='network'><source protocol='rbd' name='pool/image'>
              <host name='mon1' port='6789'/><host transport='unix' socket='/s'/></source></disk>
            <disk type='volume'><source pool='p' volume='v' mode='host'/></disk>
            <disk type='nvme'><source type='pci' namespace='2' managed='yes'>
              <address domain='0' bus='1' slot='0' function='0'/></source></disk>
            <disk type='vhostuser'><source type='unix' path='/s'/></disk>
            <disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/></disk>
            <disk type='file' device='cdrom'/>
            <disk type='holographic'><source cube='3'/></disk>
            <disk type='nvme'><source namespace='-1'/></disk>
            """
        ).devices.disks
        let hosts = disks[3].source.hosts
        #expect(
            disks.map(\.source.location) == [
                .file("/a"), .block("/dev/sdb"), .dir("/d"), .network(.known(.rbd), name: "pool/image", hosts: hosts),
                .volume(pool: "p", volume: "v"),
                .nvme(try #require(PCIAddress(domain: 0, bus: 1, slot: 0, function: 0)), namespace: 2),
                .vhostUser("/s"), .vhostVDPA("/dev/vhost-vdpa-0"), .empty, .other("holographic"), .empty,
            ])
        #expect(hosts.map(\.name.value) == ["mon1", nil])
        #expect(hosts[0].port == 6789)
        #expect(hosts[1].transport == .unix)
        #expect(disks[8].source.type.position.description == disks[8].type.position.description)
    }

    @Test func `a backing chain is followed to its end`() throws {
        let disk = try #require(
            Self.domain(
                """
                <disk type='file'><driver type='qcow2'/><source file='/c'/>
                  <backingStore type='file'><format type='qcow2'/><source file='/b'/>
                    <backingStore type='block'><format type='raw'/><source dev='/dev/vg/a'/><backingStore/></backingStore>
                  </backingStore></disk>
                """
            ).devices.disks.first)
        #expect(disk.chain.map(\.location) == [.file("/c"), .file("/b"), .block("/dev/vg/a")])
        #expect(disk.backingStore.format == .qcow2)
        #expect(disk.backingStore.backingStore.backingStore.isEnd)
        #expect(!disk.backingStore.isEnd)
        #expect(!disk.backingStore.backingStore.backingStore.backingStore.isPresent)
        let bare = try #require(Self.domain("<disk type='file'><source file='/c'/></disk>").devices.disks.first)
        #expect(bare.chain.count == 1)
        #expect(!bare.backingStore.isEnd)
    }

    @Test func `an interface is connected to one of libvirt's types`() throws {
        let interfaces = try Self.domain(
            """
            <interface type='network'><source network='n' portgroup='g'/></interface>
            <interface type='bridge'><source bridge='br0'/></interface>
            <interface type='direct'><source dev='eth0' mode='passthrough'/></interface>
            <interface type='direct'><source dev='eth0'/></interface>
            <interface type='hostdev' managed='yes'><source><address type='pci' bus='0x04' slot='0x10'/></source></interface>
            <interface type='ethernet'><target dev='tap0'/></interface>
            <interface type='user'/>
            <interface type='vhostuser'><source type='unix' path='/s' mode='server'/></interface>
            <interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>
            <interface type='mcast'><source address='230.0.0.1' port='5558'/></interface>
            <interface type='null'/>
            <interface type='bridge'/>
            <interface type='pigeon'/>
            <interface/>
            """
        ).devices.interfaces
        #expect(
            interfaces.map(\.connection) == [
                .network("n", portGroup: "g"), .bridge("br0"), .direct(device: "eth0", .known(.passthrough)),
                .direct(device: "eth0", .known(.vepa)),
                .hostdev(try #require(PCIAddress(domain: 0, bus: 4, slot: 16, function: 0))), .ethernet, .user,
                .vhostUser(path: "/s"), .vdpa("/dev/vhost-vdpa-0"), .socket(.mcast, address: "230.0.0.1", port: 5558),
                .null, .incomplete(.bridge), .other("pigeon"), .other(""),
            ])
    }

    @Test func `a host device is one of libvirt's types`() throws {
        let devices = try Self.domain(
            """
            <hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>
            <hostdev mode='subsystem' type='usb'><source><address bus='1' device='4'/></source></hostdev>
            <hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>
              <address bus='0' target='1' unit='2'/></source></hostdev>
            <hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5'/></hostdev>
            <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>
              <address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>
            <hostdev mode='capabilities' type='storage'><source><block>/dev/sdf1</block></source></hostdev>
            <hostdev mode='subsystem' type='mdev'><source><address uuid='x'/></source></hostdev>
            <hostdev mode='subsystem' type='thought'/>
            """
        ).devices.hostDevices
        #expect(
            devices.map(\.device) == [
                .usb(vendor: 0x46d, product: 0xc52b, bus: nil, device: nil),
                .usb(vendor: nil, product: nil, bus: 1, device: 4),
                .scsi(adapter: "scsi_host0", bus: 0, target: 1, unit: 2), .scsiHost(wwpn: "naa.5"),
                .mdev(try #require(UUIDValue("c2177883f1bb47f0914d32a22e3a8804"))), .container(.storage, "/dev/sdf1"),
                .incomplete(.mdev), .other("thought"),
            ])
    }

    @Test func `graphics are reached in one of libvirt's ways, and no password is told`() throws {
        let graphics = try Self.domain(
            """
            <graphics type='vnc' port='5901' autoport='no' listen='0.0.0.0' passwd='geheim12'>
              <listen type='address' address='0.0.0.0'/></graphics>
            <graphics type='vnc' port='-1' autoport='yes'/>
            <graphics type='spice' port='5902' tlsPort='5903' defaultMode='secure'/>
            <graphics type='rdp' port='3389'/>
            <graphics type='sdl'/>
            <graphics type='egl-headless'><gl rendernode='/dev/dri/renderD128'/></graphics>
            <graphics type='telepathy'/>
            """
        ).devices.graphics
        #expect(
            graphics.map(\.access) == [
                .vnc(port: 5901, webSocket: nil), .vnc(port: nil, webSocket: nil), .spice(port: 5902, tlsPort: 5903),
                .rdp(port: 3389), .window, .headless, .other("telepathy"),
            ])
        #expect(graphics[0].password == .present(length: 8))
        #expect(graphics[1].password == .absent)
        #expect(graphics[0].listens.first?.address == "0.0.0.0")
        graphics[0].visitFields { #expect($0.text != "geheim12") }
    }

    @Test(
        arguments: [
            ("<network/>", .isolated), ("<network><forward/></network>", .nat(device: nil)),
            ("<network><forward mode='nat' dev='eth0'/></network>", .nat(device: "eth0")),
            ("<network><forward mode='route'><interface dev='eth1'/></forward></network>", .route(device: "eth1")),
            ("<network><forward mode='open'/></network>", .open),
            ("<network><forward mode='bridge'/><bridge name='br0'/></network>", .bridge("br0")),
            (
                "<network><forward mode='bridge' dev='a'><interface dev='a'/><interface dev='b'/></forward></network>",
                .direct(.bridge, devices: ["a", "b"])
            ), ("<network><forward mode='vepa' dev='a'/></network>", .direct(.vepa, devices: ["a"])),
            (
                "<network><forward mode='hostdev'><pf dev='a'/></forward></network>",
                .hostdev(physicalFunction: "a", addresses: [])
            ),
            ("<network><forward mode='wormhole'/></network>", .other("wormhole")),
        ] as [(String, Network.Mode)]) func `a network reaches others in one of libvirt's modes`(
            xml: String, mode: Network.Mode
        ) throws
    {
        #expect(try #require(Network(XMLDocument(parsing: xml, name: "n.xml"))).mode == mode)
    }

    @Test func `a network's addresses, ranges and prefixes are read`() throws {
        let xml = """
            <network><name>n</name>
              <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
                <range start='192.168.122.2' end='192.168.122.254'><lease expiry='2' unit='hours'/></range>
                <host mac='52:54:00:00:00:01' name='a' ip='192.168.122.10'/></dhcp></ip>
              <ip family='ipv6' address='2001:db8::1' prefix='64'/>
              <ip address='10.1.1.1'/>
              <ip address='10.1.1.1' netmask='255.0.255.0'/>
              <ip family='ipv6' address='2001:db8::1'/>
              <route address='10.0.0.0' prefix='8' gateway='192.168.122.3'/>
              <vlan trunk='yes'><tag id='42' nativeMode='untagged'/><tag id='4096'/></vlan>
            </network>
            """
        let network = try #require(Network(XMLDocument(parsing: xml, name: "n.xml")))
        #expect(network.ips.map(\.effectivePrefix) == [24, 64, 8, nil, 64])
        #expect(network.ips[0].dhcp.ranges[0].end.value?.description == "192.168.122.254")
        #expect(network.ips[0].dhcp.ranges[0].lease.expiry == 2)
        #expect(network.ips[0].dhcp.hosts[0].ip.value?.description == "192.168.122.10")
        #expect(network.routes[0].gateway.value?.description == "192.168.122.3")
        #expect(network.vlan.tags.map(\.id.value) == [42, nil])
        #expect(network.malformedValues.map(\.text) == ["4096"])
    }

    /// One document for each of the fourteen types, as formatstorage.rst has them.
    @Test func `a pool is made of what its type says`() throws {
        func pool(_ type: String, _ rest: String) throws -> StoragePool {
            let xml = "<pool type='\(type)'>\(rest)</pool>"
            return try #require(StoragePool(XMLDocument(parsing: xml, name: "p.xml")))
        }
        let host = "<host name='h' port='3260'/>"
        #expect(try pool("dir", "<target><path>/p</path></target>").origin == .dir(path: "/p"))
        #expect(try pool("fs", "<source><device path='/dev/sdb1'/></source>").origin == .fs(device: "/dev/sdb1"))
        #expect(
            try pool("netfs", "<source>\(host)<dir path='/e'/></source>").origin == .netfs(host: "h", directory: "/e"))
        #expect(
            try pool("logical", "<name>vg</name><source><device path='/dev/a'/><device path='/dev/b'/></source>").origin
                == .logical(group: "vg", devices: ["/dev/a", "/dev/b"]))
        #expect(try pool("disk", "<source><device path='/dev/sdb'/></source>").origin == .disk(device: "/dev/sdb"))
        let iscsi = try pool("iscsi", "<source>\(host)<device path='iqn.2013-06.com.example:t'/></source>")
        #expect(iscsi.origin == .iscsi(hosts: iscsi.source.hosts, target: "iqn.2013-06.com.example:t"))
        #expect(iscsi.source.hosts.first?.port == 3260)
        let direct = try pool(
            "iscsi-direct", "<source>\(host)<device path='iqn.t'/><initiator><iqn name='iqn.i'/></initiator></source>")
        #expect(
            direct.origin
                == .iscsiDirect(
                    host: try #require(direct.source.hosts.first), target: "iqn.t", initiator: "iqn.i"))
        let scsi = try pool("scsi", "<source><adapter type='fc_host' wwnn='1' wwpn='2'/></source>")
        #expect(scsi.origin == .scsi(scsi.source.adapter))
        #expect(scsi.source.adapter.type == .fibreChannelHost)
        #expect(try pool("mpath", "").origin == .mpath)
        let rbd = try pool(
            "rbd", "<source><name>rbd</name>\(host)<auth type='ceph' username='u'><secret uuid='1'/></auth></source>")
        #expect(rbd.origin == .rbd(pool: "rbd", hosts: rbd.source.hosts))
        #expect(rbd.effectiveName == "rbd")
        #expect(rbd.malformedValues.map(\.xpath) == ["/pool/source/auth/secret/@uuid"])
        let sheepdog = try pool("sheepdog", "<source><name>s</name>\(host)</source>")
        #expect(sheepdog.origin == .sheepdog(name: "s", host: try #require(sheepdog.source.hosts.first)))
        let gluster = try pool("gluster", "<source><name>v</name>\(host)<dir path='/'/></source>")
        #expect(gluster.origin == .gluster(volume: "v", hosts: gluster.source.hosts, directory: "/"))
        #expect(try pool("zfs", "<source><name>tank</name></source>").origin == .zfs(pool: "tank", devices: []))
        #expect(try pool("vstorage", "<source><name>c</name></source>").origin == .vstorage(cluster: "c"))
        #expect(try pool("netfs", "").origin == .incomplete(.netfs))
        #expect(try pool("tape", "").origin == .other("tape"))
        #expect(StoragePool.Kind.allCases.count == 14)
    }

    @Test func `decimal elements and hexadecimal attributes of a node device are told apart`() throws {
        let xml = """
            <device><name>pci_0000_04_10_0</name><capability type='pci'>
              <domain>0</domain><bus>4</bus><slot>16</slot><function>0</function><product id='0x1515'>X540 VF</product>
              <capability type='phys_function'><address domain='0x0000' bus='0x04' slot='0x10' function='0x1'/></capability>
              <iommuGroup number='60'><address domain='0x0000' bus='0x04' slot='0x10' function='0x0'/></iommuGroup>
              <numa node='0'/><pci-express><link validity='cap' port='0' speed='5' width='8'/></pci-express>
            </capability></device>
            """
        let device = try #require(NodeDevice(XMLDocument(parsing: xml, name: "d.xml")))
        let pci = try #require(device.pci)
        #expect(try pci.pci()?.description == "0000:04:10.0")
        #expect(pci.productID == 0x1515)
        #expect(pci.iommuGroup == 60)
        #expect(pci.iommuGroupAddresses.count == 1)
        #expect(pci.capabilities.first?.type == .physicalFunction)
        #expect(try pci.capabilities.first?.addresses.first?.pci()?.description == "0000:04:10.1")
        #expect(pci.links.first?.speed == 5)
        #expect(device.malformedValues.isEmpty)
    }

    @Test func `domain capabilities answer what a device may be`() throws {
        let xml = """
            <domainCapabilities><path>/usr/bin/qemu</path><domain>kvm</domain><vcpu max='288'/>
              <cpu><mode name='host-passthrough' supported='yes'/><mode name='custom' supported='yes'>
                <model usable='no' vendor='AMD'>EPYC</model><model usable='yes'>qemu64</model></mode></cpu>
              <devices><disk supported='yes'><enum name='bus'><value>ide</value><value>virtio</value></enum></disk></devices>
              <features><sev supported='no'/></features></domainCapabilities>
            """
        let capabilities = try #require(DomainCapabilities(XMLDocument(parsing: xml, name: "c.xml")))
        #expect(capabilities.domain == .kvm)
        #expect(capabilities.maxVCPUs == 288)
        #expect(capabilities.device("disk").values(of: "bus") == ["ide", "virtio"])
        #expect(capabilities.device("disk").values(of: "model") == nil)
        #expect(capabilities.device("tpm").isSupported.value == nil)
        #expect(capabilities.feature("sev").isSupported == false)
        #expect(capabilities.cpuMode(.custom)?.models.map(\.usable.value?.known) == [.no, .yes])
        #expect(capabilities.cpuMode(.maximum) == nil)
    }
}
