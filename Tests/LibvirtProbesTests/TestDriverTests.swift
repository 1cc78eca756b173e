@_spi(Probing) import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import LibvirtProbes

/// libvirt's own test driver: it runs in the library and needs no daemon. What its default host has is virsh's answer to
/// `list --all`, `net-list`, `pool-list` and so on.
struct TestDriverTests {
    private let facts: LibvirtFacts

    init() throws {
        let connection = try LibvirtConnection.open(LibvirtURI("test:///default"))
        facts = connection.inventory(host: MemorySource())
    }

    @Test func `the daemon's facts are there`() throws {
        #expect(facts.origin == .connection(uri: "test:///default"))
        #expect(try facts.daemon.driver.get() == "TEST")
        #expect(try facts.daemon.hypervisorVersion.get() == SoftwareVersion(0, 0, 2))
        #expect(try facts.daemon.libraryVersion.get() == facts.daemon.version.get())
        #expect(try facts.daemon.isSecure.get() == true)
        #expect(try facts.daemon.hostName.get()?.isEmpty == false)
        #expect(try facts.capabilitiesXML.get()?.contains("<capabilities>") == true)
    }

    @Test func `the domain is there with both documents`() throws {
        let domains = try #require(try facts.domains.get())
        #expect(domains.map(\.name) == ["test"])
        let domain = domains[0]
        #expect(try domain.state.get() == .running)
        #expect(try domain.id.get() == 1)
        #expect(try domain.uuid.get() == "6695eb01-f6a4-8304-79aa-97f2502e193f")
        #expect(try domain.isPersistent.get() == true)
        #expect(try domain.autostart.get() == false)
        #expect(try domain.hasManagedSave.get() == false)
        #expect(try domain.snapshots.get() == [])
        #expect(try domain.liveXML.get()?.contains("<domain type='test' id='1'>") == true)
        #expect(try domain.persistentXML.get()?.contains("<domain type='test'>") == true)
        // virsh domifaddr test
        let interface = try #require(try domain.leasedAddresses.get()?.first)
        #expect(interface.name == "testnet0")
        #expect(interface.hardwareAddress == "aa:bb:cc:dd:ee:ff")
        #expect(interface.addresses == [.init(address: "192.168.122.3", prefix: 24, isIPv6: false)])
        #expect(domain.process.obstacle?.kind == .unsupported)
    }

    @Test func `network, pool, interface and node device are there`() throws {
        let network = try #require(try facts.networks.get()?.first)
        #expect(network.name == "default")
        #expect(try network.isActive.get() == true)
        #expect(try network.bridge.get() == "virbr0")
        #expect(try network.liveXML.get()?.contains("<name>default</name>") == true)
        let pool = try #require(try facts.pools.get()?.first)
        #expect(pool.name == "default-pool")
        #expect(try pool.state.get() == .running)
        #expect(try pool.space.get()?.capacity == 100 << 30)
        #expect(try pool.volumes.get()?.isEmpty == true)
        #expect(try facts.interfaces.get()?.map(\.name) == ["eth1"])
        #expect(try facts.interfaces.get()?.first?.isActive.get() == true)
        #expect(try facts.nodeDevices.get()?.contains { $0.name == "computer" } == true)
    }

    @Test func `what the driver does not have is unknown, and does not stop the rest`() {
        #expect(facts.networkFilters.obstacle?.kind == .unsupported)
        #expect(facts.secrets.obstacle?.kind == .unsupported)
        #expect(facts.networks.known?.first?.leases.obstacle?.kind == .unsupported)
        // libvirt answers this over no read-only connection.
        #expect(facts.domainCapabilities.first?.xml.obstacle?.kind == .unsupported)
    }

    @Test(arguments: ["test", "1", "6695eb01-f6a4-8304-79aa-97f2502e193f"])
    func `a domain is found by name, by number and by UUID`(text: String) throws {
        let connection = try LibvirtConnection.open(LibvirtURI("test:///default"))
        var request = InventoryRequest.nothing
        request.domains = .named([text, "no-such-domain", "99", "00000000-0000-0000-0000-000000000000"])
        let facts = connection.inventory(request)
        #expect(try facts.domains.get()?.map(\.name) == ["test"])
        #expect(facts.notFound == ["no-such-domain", "99", "00000000-0000-0000-0000-000000000000"])
        #expect(facts.networks.obstacle?.kind == .notProbed)
    }

    @Test func `facts survive the way to a file and back`() throws {
        let data = try JSONEncoder().encode(facts)
        let read = try JSONDecoder().decode(LibvirtFacts.self, from: data)
        #expect(try read.domains.get()?.first?.liveXML.get() == facts.domains.get()?.first?.liveXML.get())
        #expect(read.secrets.obstacle == facts.secrets.obstacle)
    }
}
