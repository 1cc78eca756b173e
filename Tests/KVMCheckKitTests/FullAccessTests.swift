@_spi(Probing) import Evidence
import Facts
import LibvirtProbes
import Testing

@testable import KVMCheckKit

/// Who is asked for what on a connection that could change things.
struct FullAccessTests {
    @Test(
        arguments: [
            ("qemu:///system", 0, false, true), ("qemu:///system", 1000, false, false),
            ("qemu:///system", 1000, true, true), ("qemu:///session", 1000, false, true),
            ("test:///default", 1000, false, true), ("qemu+ssh://node7/system", 0, false, false),
            ("qemu+ssh://node7/system", 0, true, true), ("qemu+ssh://node7/session", 0, false, false),
        ] as [(String, UInt32, Bool, Bool)])
    func `domain capabilities are asked for where nobody can be asked for a password`(
        uri: String, user: UInt32, agents: Bool, asks: Bool
    ) throws {
        let access = FullAccess(uri: try LibvirtURI(uri), user: user, askingAgents: agents)
        #expect(access.asksCapabilities == asks)
    }

    private func facts(emulator: String) -> LibvirtFacts {
        var facts = LibvirtFacts(origin: .connection(uri: "test:///default"))
        var domain = LibvirtDomainFacts(name: "a")
        domain.isActive = .known(false)
        domain.liveXML = .absent()
        domain.persistentXML = .known(
            """
            <domain type='test'><name>a</name><os><type arch='i686'>hvm</type></os>
            <devices><emulator>\(emulator)</emulator></devices></domain>
            """)
        facts.domains = .known([domain])
        facts.capabilitiesXML = .known(
            """
            <capabilities><guest><os_type>hvm</os_type><arch name='i686'><emulator>/usr/bin/named</emulator>
            </arch></guest></capabilities>
            """)
        return facts
    }

    @Test func `a program that only a definition names is not asked about, for libvirt would run it`() throws {
        let access = FullAccess(uri: try LibvirtURI("test:///default"), user: 0, askingAgents: false)
        var facts = facts(emulator: "/tmp/anything")
        access.complete(&facts, about: .all)
        #expect(facts.domainCapabilities.count == 1)
        let obstacle = facts.domainCapabilities.first?.xml.obstacle
        #expect(obstacle?.kind == .notAsked)
        #expect(obstacle?.detail.contains("/tmp/anything") == true)
    }

    @Test func `without the right to ask, each question is open and says why`() throws {
        let access = FullAccess(uri: try LibvirtURI("qemu:///system"), user: 1000, askingAgents: false)
        var facts = facts(emulator: "/usr/bin/named")
        access.complete(&facts, about: .all)
        #expect(facts.domainCapabilities.map(\.xml.obstacle?.kind) == [.notAsked])
        #expect(facts.domainCapabilities.first?.question.emulator == "/usr/bin/named")
        access.complete(&facts, about: .named(["other"]))
        #expect(facts.domainCapabilities.isEmpty)
    }
}
