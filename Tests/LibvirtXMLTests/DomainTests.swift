import LibvirtXML
import Testing

struct DomainTests {
    static let small = """
        <domain type='kvm' id='7'>
          <!-- kept -->
          <name>web &amp; mail</name>
          <uuid>C7A5FDBD-EDAF-9455-926A-D65C16DB1809</uuid>
          <memory unit='GiB'>2</memory>
          <vcpu placement='static' cpuset='0-3,^2' current='1'>4</vcpu>
          <os>
            <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
          </os>
          <devices>
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2' cache='none' io='native'/>
              <source file='/srv/a.qcow2'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <disk type='block' device='cdrom'>
              <target dev='sda' bus='tomorrow'/>
              <readonly/>
            </disk>
            <interface type='network'>
              <mac address='52:54:00:AB:cd:01'/>
              <source network='default'/>
              <model type='virtio'/>
            </interface>
          </devices>
        </domain>
        """

    static func read(_ text: String) throws -> Domain {
        try #require(Domain(XMLDocument(parsing: text, name: "a.xml")))
    }

    @Test func `a domain tells its name, memory, CPUs, system, disks and interfaces`() throws {
        let domain = try Self.read(Self.small)
        #expect(domain.type == .kvm)
        #expect(domain.id == 7)
        #expect(domain.name == "web & mail")
        #expect(domain.uuid.value?.description == "c7a5fdbd-edaf-9455-926a-d65c16db1809")
        #expect(try domain.memory.get() == 2 << 30)
        #expect(try domain.currentMemory.get() == nil)
        #expect(domain.vcpu.count == 4)
        #expect(domain.vcpu.current == 1)
        #expect(domain.vcpu.cpuSet.value?.numbers == [0, 1, 3])
        #expect(domain.os.type == .hvm)
        #expect(domain.os.machine == "pc-q35-7.2")
        let disks = domain.devices.disks
        #expect(disks.count == 2)
        #expect(disks[0].driver.cache == .nothing)
        #expect(disks[0].driver.io == .native)
        #expect(disks[0].source.location == .file("/srv/a.qcow2"))
        #expect(disks[0].target.bus == .virtio)
        #expect(disks[0].isReadOnly == false)
        #expect(disks[1].driver.isPresent == false)
        #expect(disks[1].driver.cache.value == nil)
        #expect(disks[1].source.location == .empty)
        #expect(disks[1].target.bus.value == .other("tomorrow"))
        #expect(disks[1].isReadOnly == true)
        let interface = try #require(domain.devices.interfaces.first)
        #expect(interface.mac.value?.description == "52:54:00:ab:cd:01")
        #expect(interface.connection == .network("default", portGroup: nil))
        #expect(interface.model == .virtio)
        #expect(domain.malformedValues.isEmpty)
    }

    @Test func `a value tells where it stands, and an absent one where it would`() throws {
        let disks = try Self.read(Self.small).devices.disks
        #expect(disks[0].driver.cache.position.description == "12:40")
        #expect(disks[0].driver.cache.xpath == "/domain/devices/disk[1]/driver/@cache")
        #expect(disks[1].driver.cache.position.description == "16:5")
        #expect(disks[1].driver.cache.xpath == "/domain/devices/disk[2]/driver/@cache")
    }

    @Test func `setting a value changes that value only`() throws {
        var document = try XMLDocument(parsing: Self.small, name: "a.xml")
        let domain = try #require(Domain(document))
        try document.set(domain.memory, to: 3 << 30)
        #expect(document.description == Self.small.replacing("'GiB'>2<", with: "'GiB'>3<"))
        try document.set(domain.memory, to: 1 << 20)
        #expect(document.description == Self.small.replacing("'GiB'>2<", with: "'KiB'>1024<"))
        try document.set(domain.memory, to: 2 << 30)
        try document.set(domain.memory, to: nil)
        #expect(document.description == Self.small.replacing("  <memory unit='GiB'>2</memory>\n", with: ""))
    }

    @Test func `setting what is absent makes it where libvirt writes it`() throws {
        var document = try XMLDocument(parsing: Self.small, name: "a.xml")
        let domain = try #require(Domain(document))
        try document.set(domain.devices.disks[1].driver.cache, to: .unsafe)
        try document.set(domain.currentMemory, to: 1 << 30)
        let wanted = Self.small
            .replacing("'cdrom'>\n", with: "'cdrom'>\n      <driver cache='unsafe'/>\n")
            .replacing("</memory>\n", with: "</memory>\n  <currentMemory>1048576</currentMemory>\n")
        #expect(document.description == wanted)
        try document.set(domain.devices.disks[1].isReadOnly, to: false)
        #expect(document.description == wanted.replacing("      <readonly/>\n", with: ""))
    }
}
