@_spi(Probing) import Evidence
import Facts
import Testing

@testable import LibvirtProbes

/// libvirt's files without a daemon, in a tree in memory.
struct ConfigurationInventoryTests {
    private let tree = MemorySource([
        "/etc/libvirt/qemu/web.xml": .text(
            "<domain type='kvm'>\n<graphics type='vnc' passwd='geheim' port='-1'/></domain>"),
        "/etc/libvirt/qemu/db.xml": .text("<domain type='kvm'><name>db</name></domain>"),
        "/etc/libvirt/qemu/autostart/db.xml": .link("/etc/libvirt/qemu/db.xml"),
        "/etc/libvirt/qemu/networks/default.xml": .text("<network><name>default</name></network>"),
        "/etc/libvirt/qemu/networks/autostart/default.xml": .link("/etc/libvirt/qemu/networks/default.xml"),
        "/etc/libvirt/storage/images.xml": .text("<pool type='dir'/>"),
        "/etc/libvirt/nwfilter/clean-traffic.xml": .text("<filter name='clean-traffic'/>"),
        "/etc/libvirt/secrets": .obstacle(Obstacle(.permissionDenied, "/etc/libvirt/secrets", "EACCES")),
        "/var/lib/libvirt/qemu/save/web.save": .file([1]),
        "/var/lib/libvirt/qemu/snapshot/db/before.xml": .text("<domainsnapshot/>"),
        "/proc/1/cmdline": .file(Array("/sbin/init\u{0}".utf8)),
    ])

    @Test func `definitions, autostart, saved states and snapshots are there`() throws {
        let facts = ConfigurationInventory(source: tree).facts()
        #expect(facts.origin == .configuration(directory: "/etc/libvirt"))
        let domains = try #require(try facts.domains.get())
        #expect(domains.map(\.name) == ["db", "web"])
        #expect(try domains.map { try $0.autostart.get() } == [true, false])
        #expect(try domains.map { try $0.hasManagedSave.get() } == [false, true])
        #expect(try domains.map { try $0.snapshots.get() } == [["before"], []])
        #expect(try domains[0].persistentXML.get() == "<domain type='kvm'><name>db</name></domain>")
        #expect(domains[0].persistentXML.provenance.place == Place("/etc/libvirt/qemu/db.xml"))
        #expect(try facts.networks.get()?.first?.autostart.get() == true)
        #expect(try facts.pools.get()?.first?.autostart.get() == false)
        #expect(try facts.networkFilters.get()?.map(\.name) == ["clean-traffic"])
    }

    @Test func `what only a daemon tells is unknown`() throws {
        let facts = ConfigurationInventory(source: tree).facts()
        let domain = try #require(try facts.domains.get()?.first)
        #expect(domain.state.obstacle?.kind == .notCaptured)
        #expect(domain.liveXML.obstacle?.kind == .notCaptured)
        #expect(domain.process.obstacle != nil)
        #expect(facts.pools.known?.first?.volumes.obstacle?.kind == .notCaptured)
        #expect(facts.nodeDevices.obstacle?.kind == .notProbed)
    }

    @Test func `a folder that this user may not read is unknown, and not empty`() {
        let facts = ConfigurationInventory(source: tree).facts()
        #expect(facts.secrets.obstacle?.kind == .permissionDenied)
    }

    @Test func `a folder that is not there has no definitions`() throws {
        let facts = ConfigurationInventory(source: MemorySource()).facts()
        #expect(try facts.domains.get()?.isEmpty == true)
        let unproven = ConfigurationInventory(source: MemorySource([:], absence: .unproven)).facts()
        #expect(unproven.domains.obstacle?.kind == .notCaptured)
    }

    @Test func `passwords of consoles are not kept, and nothing moves`() throws {
        let domains = try #require(try ConfigurationInventory(source: tree).facts().domains.get())
        #expect(
            try domains[1].persistentXML.get()
                == "<domain type='kvm'>\n<graphics type='vnc' passwd='******' port='-1'/></domain>")
    }

    @Test(arguments: [
        ("<g passwd = \"a'b\" x='passwd'/>", "<g passwd = \"***\" x='passwd'/>"),
        ("passwd", "passwd"), ("passwd=", "passwd="), ("passwd='", "passwd='"), ("passwd='ab", "passwd='**"),
        ("<passwd>x</passwd>", "<passwd>x</passwd>"), ("passwdValidTo='2'", "passwdValidTo='2'"),
        ("passwd='\u{e9}'passwd='b'", "passwd='**'passwd='*'"),
    ])
    func `passwords are found where they may stand`(text: String, expected: String) {
        #expect(ConfigurationInventory.withoutPasswords(text) == expected)
    }
}
