import LibvirtXML
import Testing

/// Views of what libvirt's own documents hold rarely or not at all.
struct ModelRareTests {
    private func domain(_ body: String) throws -> Domain {
        try #require(Domain(XMLDocument(parsing: "<domain>\(body)</domain>", name: "d.xml")))
    }

    @Test(arguments: ["qemu", "ns0"]) func `QEMU's own arguments are told by the namespace, whatever its prefix`(
        prefix: String
    ) throws {
        let text = """
            <domain xmlns:\(prefix)='http://libvirt.org/schemas/domain/qemu/1.0'><\(prefix):commandline>
            <\(prefix):arg value='-S'/><\(prefix):env name='A' value='b'/></\(prefix):commandline></domain>
            """
        let commandLine = try #require(Domain(XMLDocument(parsing: text, name: "d.xml"))).qemuCommandLine
        #expect(commandLine.arguments.map(\.value.value) == ["-S"])
        #expect(commandLine.environment.map(\.name.value) == ["A"])
    }

    @Test func `an element of another namespace is not QEMU's, though its prefix is`() throws {
        let text = "<domain xmlns:qemu='urn:x'><qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>"
        let commandLine = try #require(Domain(XMLDocument(parsing: text, name: "d.xml"))).qemuCommandLine
        #expect(!commandLine.isPresent && commandLine.arguments.isEmpty)
    }

    // formatdomain.rst, "Launch Security".
    @Test func `what each technique of launch security is given is read`() throws {
        let snp = try domain(
            """
            <launchSecurity type='sev-snp' authorKey='yes' vcek='no'><policy>0x00030000</policy><idBlock>aWQ=</idBlock>
            <idAuth>YXV0aA==</idAuth><hostData>aG9zdA==</hostData></launchSecurity>
            """
        ).launchSecurity
        #expect(snp.type == .sevSNP && snp.policy == 0x30000)
        #expect(snp.hasAuthorKey == true && snp.usesVCEK == false)
        #expect(snp.idBlock == "aWQ=" && snp.idAuthentication == "YXV0aA==" && snp.hostData == "aG9zdA==")
        let tdx = try domain(
            """
            <launchSecurity type='tdx'><policy>0x10000001</policy><mrOwner>b3du</mrOwner>
            <quoteGenerationService path='/run/qgs.socket'/></launchSecurity>
            """
        ).launchSecurity
        #expect(tdx.type == .tdx && tdx.mrOwner == "b3du" && tdx.quoteGenerationSocket == "/run/qgs.socket")
    }

    @Test func `memory for the traces of a crash has a path and a size in bytes`() throws {
        let devices = try domain(
            """
            <devices><pstore backend='acpi-erst'><path>/var/lib/p</path><size unit='KiB'>8</size></pstore>
            <crypto model='virtio' type='qemu'><backend model='lkcf' queues='2'/></crypto>
            <redirfilter><usbdev class='0x08' vendor='-1' version='2.00' allow='yes'/><usbdev allow='no'/></redirfilter></devices>
            """
        ).devices
        #expect(devices.persistentStore.path == "/var/lib/p" && devices.persistentStore.size == 8192)
        #expect(devices.cryptos.first?.backend == .lkcf && devices.cryptos.first?.queues == 2)
        #expect(devices.redirectionFilter.devices.map(\.isAllowed.value) == [true, false])
    }

    @Test func `users of a container, latencies and bandwidths between nodes are read with their units`() throws {
        let domain = try domain(
            """
            <idmap><uid start='0' target='1000' count='10'/><gid start='0' target='2000' count='5'/></idmap>
            <cpu><numa><interconnects><latency initiator='0' target='1' type='access' value='20'/>
            <bandwidth initiator='0' target='1' cache='1' type='write' value='200' unit='MiB'/></interconnects></numa></cpu>
            """)
        #expect(domain.userMappings.first?.target == 1000 && domain.groupMappings.first?.count == 5)
        #expect(domain.cpu.latencies.first?.value == 20)
        #expect(domain.cpu.bandwidths.first?.value == 200 << 20)
    }

    // formatnode.html, "vpd".
    @Test func `vital product data of a PCI device is read`() throws {
        let text = """
            <device><name>pci_0000_03_00_0</name><capability type='pci'><capability type='vpd'><name>BlueField</name>
            <fields access='readonly'><change_level>B1</change_level><part_number>MBF2</part_number>
            <serial_number>MT21</serial_number><vendor_field index='0'>PCIe</vendor_field></fields>
            <fields access='readwrite'><asset_tag>inventory 7</asset_tag><system_field index='B'>x</system_field></fields>
            </capability></capability></device>
            """
        let device = try #require(NodeDevice(XMLDocument(parsing: text, name: "d.xml")))
        let data = try #require(device.capabilities.first?.capabilities.first)
        #expect(data.type == .vpd && data.productName == "BlueField")
        #expect(data.readOnlyFields.partNumber == "MBF2" && data.readOnlyFields.serialNumber == "MT21")
        #expect(data.readOnlyFields.vendorFields.first?.value == "PCIe")
        #expect(data.readWriteFields.assetTag == "inventory 7" && data.readWriteFields.systemFields.first?.index == "B")
    }

    @Test func `what is set in a device that is not there makes it, and nothing else`() throws {
        var document = try XMLDocument(parsing: "<domain><devices><disk/></devices></domain>", name: "d.xml")
        try document.set(try #require(Domain(document)).devices.persistentStore.size, to: 65536)
        #expect(document.description == "<domain><devices><disk/><pstore><size>64</size></pstore></devices></domain>")
    }
}
