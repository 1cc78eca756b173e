import LibvirtXML
import Testing

/// Every setter changes what it names: expectations are the document's text with one replacement in it.
struct ModelSettingTests {
    private static let domain = """
        <?xml version="1.0"?>
        <!-- by hand -->
        <domain type="kvm" xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
        \t<name>a</name>
        \t<memory   unit = 'MiB' dumpCore='off' >2048</memory>
        \t<vcpu current="1">2</vcpu>
        \t<os><type arch='x86_64' machine='pc'>hvm</type></os>
        \t<unknown:thing xmlns:unknown='urn:x' a='1'/>
        \t<devices>
        \t\t<disk type='file'><driver name='qemu'/><source file="/a&amp;b"/><target dev='hda' bus='ide'/></disk>
        \t\t<interface type='network'>
        \t\t\t<source network='default'/>
        \t\t</interface>
        \t</devices>
        \t<qemu:commandline><qemu:arg value='-s'/></qemu:commandline>
        </domain>

        """

    private static func edit(
        _ text: String, _ edit: (inout XMLDocument) throws -> Void, becomes replacements: (String, String)...
    ) throws {
        var document = try XMLDocument(parsing: text, name: "a.xml")
        try edit(&document)
        var wanted = text
        for (old, new) in replacements {
            #expect(wanted.contains(old), "\(old)")
            wanted = wanted.replacing(old, with: new)
        }
        #expect(document.description == wanted)
    }

    @Test func `a domain's own values are set`() throws {
        let domain = try #require(Domain(XMLDocument(parsing: Self.domain, name: "a.xml")))
        #expect(domain.qemuCommandLine.arguments.first?.value == "-s")
        try Self.edit(
            Self.domain, { try $0.set(Domain($0)!.name, to: "b & <c>") }, becomes: (">a<", ">b &amp; &lt;c&gt;<"))
        try Self.edit(Self.domain, { try $0.set(Domain($0)!.memory, to: 4 << 30) }, becomes: (">2048<", ">4096<"))
        try Self.edit(Self.domain, { try $0.set(Domain($0)!.memory, to: 2 << 30) })
        try Self.edit(Self.domain, { try $0.set(Domain($0)!.vcpu.count, to: 4) }, becomes: (">2</vcpu", ">4</vcpu"))
        try Self.edit(
            Self.domain, { try $0.set(Domain($0)!.vcpu.cpuSet, to: CPUSet([0, 1, 2, 5])) },
            becomes: ("current=\"1\"", "current=\"1\" cpuset='0-2,5'"))
        try Self.edit(
            Self.domain, { try $0.set(Domain($0)!.os.machine, to: "pc-q35-7.2") }, becomes: ("'pc'", "'pc-q35-7.2'"))
        try Self.edit(
            Self.domain, { try $0.set(Domain($0)!.uuid, to: UUIDValue("c7a5fdbdedaf9455926ad65c16db1809")) },
            becomes: ("</name>\n", "</name>\n\t<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>\n"))
        try Self.edit(
            Self.domain, { try $0.set(Domain($0)!.cpu.mode, to: .hostModel) },
            becomes: ("</os>\n", "</os>\n\t<cpu mode='host-model'/>\n"))
    }

    @Test func `devices' values are set`() throws {
        func disk(_ document: XMLDocument) -> Domain.Disk { Domain(document)!.devices.disks[0] }
        func interface(_ document: XMLDocument) -> Domain.Interface { Domain(document)!.devices.interfaces[0] }
        try Self.edit(Self.domain, { try $0.set(disk($0).target.bus, to: .virtio) }, becomes: ("'ide'", "'virtio'"))
        try Self.edit(Self.domain, { try $0.set(disk($0).target.device, to: "vda") }, becomes: ("'hda'", "'vda'"))
        try Self.edit(
            Self.domain,
            {
                try $0.set(disk($0).driver.type, to: .qcow2)
                try $0.set(disk($0).driver.cache, to: .nothing)
                try $0.set(disk($0).driver.io, to: .native)
            }, becomes: ("name='qemu'", "name='qemu' type='qcow2' cache='none' io='native'"))
        try Self.edit(
            Self.domain, { try $0.set(disk($0).source.file, to: "/it's \"new\"") },
            becomes: ("/a&amp;b", "/it's &quot;new&quot;"))
        try Self.edit(
            Self.domain, { try $0.set(disk($0).isShareable, to: true) },
            becomes: ("bus='ide'/>", "bus='ide'/><shareable/>"))
        try Self.edit(
            Self.domain,
            {
                try $0.set(interface($0).model, to: .virtio)
                try $0.set(interface($0).mac, to: MACAddress("52:54:00:00:00:01"))
            },
            becomes: (
                "\t\t\t<source network='default'/>\n",
                "\t\t\t<mac address='52:54:00:00:00:01'/>\n\t\t\t<source network='default'/>\n\t\t\t<model type='virtio'/>\n"
            ))
    }

    @Test func `one view serves for several settings, whatever they did to the document`() throws {
        var document = try XMLDocument(parsing: Self.domain, name: "a.xml")
        let domain = try #require(Domain(document))
        let (disk, interface) = (domain.devices.disks[0], domain.devices.interfaces[0])
        try document.set(domain.memory, to: nil)
        try document.set(disk.ioTuning.totalBytes, to: 1000)
        try document.set(disk.ioTuning.groupName, to: "g")
        try document.set(interface.driver.queues, to: 4)
        try document.set(interface.driver.name, to: .vhost)
        let now = try #require(Domain(document))
        #expect(now.memory.text == nil)
        #expect(now.devices.disks[0].ioTuning.totalBytes == 1000)
        #expect(now.devices.disks[0].ioTuning.groupName == "g")
        #expect(now.devices.interfaces[0].driver.queues == 4)
        #expect(now.devices.interfaces[0].driver.name == .vhost)
        #expect(document.allElements.filter { $0.isNamed("driver") }.count == 2)
        try document.remove(try #require(disk.element))
        #expect(throws: XMLError.self) { try document.set(disk.target.bus, to: .scsi) }
    }

    @Test func `nothing is written for what cannot be written`() throws {
        var document = try XMLDocument(parsing: Self.domain, name: "a.xml")
        let domain = try #require(Domain(document))
        #expect(throws: XMLError.self) { try document.set(domain.name, to: "a\u{0}b") }
        #expect(document.description == Self.domain)
        let other = try #require(Domain(XMLDocument(parsing: Self.domain, name: "b.xml")))
        #expect(throws: XMLError.self) { try document.set(other.name, to: "b") }
        #expect(document.description == Self.domain)
    }

    @Test func `a malformed value is set right`() throws {
        try Self.edit(
            "<domain><memory unit='parsec'>-1</memory></domain>", { try $0.set(Domain($0)!.memory, to: 1 << 30) },
            becomes: ("'parsec'>-1", "'KiB'>1048576"))
        try Self.edit(
            "<domain><memory>1</memory></domain>", { try $0.set(Domain($0)!.memory, to: 1000) },
            becomes: ("<memory>1", "<memory unit='bytes'>1000"))
    }

    @Test func `a file's name is not the white space around a source`() throws {
        let text = """
            <domain><os><loader readonly='yes'/><nvram type='file'>
              <source file='/n'/>
            </nvram></os></domain>
            """
        let os = try #require(Domain(XMLDocument(parsing: text, name: "a.xml"))).os
        #expect(os.loader.path.value == nil)
        #expect(os.nvram.path.value == nil)
        #expect(os.nvram.source.location == .file("/n"))
        try Self.edit(text, { try $0.set(Domain($0)!.os.nvram.path, to: nil) })
        try Self.edit(
            text, { try $0.set(Domain($0)!.os.loader.path, to: "/l") },
            becomes: ("<loader readonly='yes'/>", "<loader readonly='yes'>/l</loader>"))
    }

    @Test func `a network's values are set`() throws {
        let text = """
            <network>
              <name>n</name>
              <bridge name='virbr1' stp='on'/>
            </network>
            """
        try Self.edit(
            text,
            {
                try $0.set(Network($0)!.forward.mode, to: .nat)
                try $0.set(Network($0)!.bridge.name, to: "virbr2")
                try $0.set(Network($0)!.bridge.delay, to: 0)
                let ip = try $0.add(XMLNewElement("ip"), to: Network($0)!)
                #expect(ip.name == "ip")
                try $0.set(Network($0)!.ips[0].address, to: IPAddress("192.168.5.1"))
                try $0.set(Network($0)!.ips[0].prefix, to: 24)
                try $0.add(XMLNewElement("range"), to: Network($0)!.ips[0].dhcp)
                try $0.set(Network($0)!.ips[0].dhcp.ranges[0].start, to: IPAddress("192.168.5.2"))
                try $0.set(Network($0)!.ips[0].dhcp.ranges[0].end, to: IPAddress("192.168.5.9"))
            },
            becomes: ("</name>\n", "</name>\n  <forward mode='nat'/>\n"),
            (
                "'virbr1' stp='on'/>\n",
                """
                'virbr2' stp='on' delay='0'/>
                  <ip address='192.168.5.1' prefix='24'>
                    <dhcp>
                      <range start='192.168.5.2' end='192.168.5.9'/>
                    </dhcp>
                  </ip>

                """
            ))
        try Self.edit(
            text, { try $0.set(Network($0)!.bridge.stp, to: nil) }, becomes: (" stp='on'", ""))
    }

    @Test func `a pool's and a volume's values are set`() throws {
        try Self.edit(
            "<pool type='dir'><name>p</name><target><path>/a</path></target></pool>",
            {
                try $0.set(StoragePool($0)!.target.path, to: "/b")
                try $0.set(StoragePool($0)!.target.permissions.mode, to: 0o750)
            }, becomes: ("<path>/a</path>", "<path>/b</path><permissions><mode>0750</mode></permissions>"))
        try Self.edit(
            "<volume>\n <name>v</name>\n <capacity unit='G'>8</capacity>\n</volume>",
            {
                try $0.set(StorageVolume($0)!.capacity, to: 10 << 30)
                try $0.set(StorageVolume($0)!.target.format, to: .qcow2)
            },
            becomes: ("8</capacity>", "10</capacity>\n <target>\n  <format type='qcow2'/>\n </target>"))
        try Self.edit(
            "<volume><capacity unit='G'>8</capacity></volume>", { try $0.set(StorageVolume($0)!.capacity, to: 4097) },
            becomes: ("unit='G'>8", "unit='bytes'>4097"))
    }
}
