import Evidence
import Facts
import Testing

@testable import Rules

/// What the examples in the rules themselves leave open.
struct NetworkRulesTests {
    private func verdict(_ id: String, _ change: (inout HostFacts) -> Void = { _ in }) throws -> Finding {
        var host = HostFacts.sample
        change(&host)
        let rule = try #require(HostCatalogue.all.first { $0.info.id == id })
        return try #require(Engine.evaluate([rule], on: host).first)
    }

    private func interface(
        _ name: String, _ kind: NetworkInterface.Kind, master: String? = nil
    ) -> NetworkInterface {
        var interface = NetworkInterface(name, kind)
        interface.master = master.map { .known($0) } ?? .absent()
        interface.lower = .known([])
        interface.mtu = .known(1500)
        interface.state = .known("up")
        interface.duplex = .known("full")
        interface.speed = .known(1000)
        return interface
    }

    /// One wireless interface with the default route, libvirt's NAT network, Docker: and bridge-nf-call, by Docker.
    private func laptop(_ host: inout HostFacts) {
        host.network.interfaces = .known([
            interface("docker0", .bridge), interface("virbr0", .bridge), interface("wlp2s0", .wireless),
        ])
        host.network.routes = .known([Route("wlp2s0", network: "0/0", isDefault: true, isDirect: false)])
        host.network.bonds = .known([])
        host.network.bridgeCallsIPTables = .known(true)
        host.network.bridgeCallsIP6Tables = .known(true)
        host.network.bridgeCallsARPTables = .known(true)
    }

    @Test func `a laptop with Docker and libvirt has notes and no warning`() throws {
        // The rules of the default purpose.
        let ids = [260, 261, 263, 264, 266, 267, 269, 270, 271, 273, 274, 275, 276, 278, 279].map { "KVH\($0)" }
        var host = HostFacts.sample
        laptop(&host)
        let findings = Engine.evaluate(HostCatalogue.all.filter { ids.contains($0.info.id) }, on: host)
        #expect(findings.filter { $0.verdict == .fail }.map(\.rule.id).sorted() == ["KVH264", "KVH273"])
        #expect(findings.allSatisfy { $0.verdict != .unknown })
        #expect(findings.allSatisfy { $0.verdict != .fail || $0.severity == .note })
    }

    @Test func `bridged packets are judged only where a bridge leads out`() throws {
        #expect(try verdict("KVH263") { laptop(&$0) }.verdict == .notApplicable)
        let finding = try verdict("KVH263") { $0.network.bridgeCallsIP6Tables = .known(true) }
        #expect(finding.verdict == .fail)
        #expect(finding.remedy?.commands == ["sysctl -w net.bridge.bridge-nf-call-ip6tables=0"])
    }

    @Test func `forwarding is not missed before libvirt needs it`() throws {
        let finding = try verdict("KVH261") {
            $0.network.interfaces = .known([interface("eth0", .physical)])
            $0.network.forwardsIPv4 = .known(false)
        }
        #expect(finding.verdict == .notApplicable)
    }

    @Test func `without a list of modules nobody says that the bridge is missing`() throws {
        let finding = try verdict("KVH260") {
            $0.network.bridgeModule = .unknown(Obstacle(.unsupported, "/lib/modules/6.1"))
        }
        #expect(finding.verdict == .unknown)
    }

    @Test func `a guest's port with a smaller MTU is no fault of the bridge`() throws {
        let finding = try verdict("KVH271") { host in
            var tap = interface("vnet0", .virtual(nil), master: "br0")
            tap.mtu = .known(1400)
            host.network.interfaces = .known(((try? host.network.interfaces.get()) ?? []) + [tap])
        }
        #expect(finding.verdict == .pass)
    }

    @Test func `the strictest of all and own reverse path filter counts, and loose is above strict`() throws {
        let routes: [Route] = ["a", "b"].map { Route($0, network: "0/0", isDefault: true, isDirect: false) }
        for (all, own, isFault) in [(0, 0, false), (1, 0, true), (0, 1, true), (2, 1, false), (1, 2, false)] {
            let finding = try verdict("KVH266") {
                $0.network.routes = .known(routes)
                $0.network.reversePathFilter = ["all": .known(all), "a": .known(own), "b": .known(own)]
            }
            #expect((finding.verdict == .fail) == isFault, "all \(all), own \(own)")
        }
    }

    @Test func `a setting that was not read leaves the question open`() throws {
        let routes: [Route] = ["a", "b"].map { Route($0, network: "0/0", isDefault: true, isDirect: false) }
        #expect(try verdict("KVH266") { $0.network.routes = .known(routes) }.verdict == .unknown)
        let shared: [Route] = ["a", "b"].map { Route($0, network: "1/2", isDefault: false, isDirect: true) }
        #expect(try verdict("KVH267") { $0.network.routes = .known(shared) }.verdict == .unknown)
        let advertised = Route("a", network: "0/0", isDefault: true, isDirect: false, isAdvertised: true)
        #expect(try verdict("KVH275") { $0.network.routes6 = .known([advertised]) }.verdict == .unknown)
    }

    @Test func `everybody's link-local network is no shared subnet`() throws {
        let routes = ["a", "b"].map { Route($0, network: "0000FEA9/0000FFFF", isDefault: false, isDirect: true) }
        #expect(try verdict("KVH267") { $0.network.routes = .known(routes) }.verdict == .pass)
    }

    @Test func `advertised routes are at risk by libvirt's own condition`() throws {
        let route = Route("a", network: "0/0", isDefault: true, isDirect: false, isAdvertised: true)
        for (all, own, isFault) in [(0, 0, false), (1, 0, true), (0, 1, true), (0, 2, false), (1, 2, false)] {
            let finding = try verdict("KVH275") {
                $0.network.routes6 = .known([route])
                $0.network.acceptsAdvertisements = ["all": .known(all), "a": .known(own)]
            }
            #expect((finding.verdict == .fail) == isFault, "all \(all), own \(own)")
        }
    }

    @Test func `an interface's dots are slashes in a sysctl key`() throws {
        let finding = try verdict("KVH275") {
            $0.network.routes6 = .known([
                Route("eth0.7", network: "0/0", isDefault: true, isDirect: false, isAdvertised: true)
            ])
            $0.network.acceptsAdvertisements = ["all": .known(1), "eth0.7": .known(1)]
        }
        #expect(finding.remedy?.commands == ["sysctl -w net.ipv6.conf.eth0/7.accept_ra=2"])
    }

    @Test func `a card that is down has no duplex to judge`() throws {
        let finding = try verdict("KVH278") {
            var card = interface("eno9", .physical)
            card.duplex = .absent()
            $0.network.interfaces = .known([card])
        }
        #expect(finding.verdict == .pass)
    }

    @Test func `a bond's port that is down is not also said to be in another aggregator`() throws {
        let finding = try verdict("KVH279") {
            $0.network.bonds = .known([
                Bond(
                    name: "bond0", mode: "IEEE 802.3ad Dynamic link aggregation", interval: 100,
                    ports: [
                        .init(name: "a", isUp: true, aggregator: 1), .init(name: "b", isUp: false, aggregator: 2),
                    ])
            ])
        }
        #expect(finding.verdict == .pass)
    }
}

struct ShellWordTests {
    @Test(arguments: [
        ("eth0", "eth0"), ("eth0.7@x", "eth0.7@x"),
        ("/sys/bus/pci/devices/0000:01:00.0", "/sys/bus/pci/devices/0000:01:00.0"),
        ("", "''"), ("a b", "'a b'"), ("$(reboot)", "'$(reboot)'"), ("it's", "'it'\\''s'"), ("a;b", "'a;b'"),
        ("a\nb", "'a\nb'"), ("é", "'é'"),
    ]) func `a name becomes one word that the shell takes as it is`(text: String, word: String) {
        #expect(text.shellWord == word)
    }

    @Test func `an interface of a captured tree cannot put a command into a remedy`() throws {
        var host = HostFacts.sample
        var card = NetworkInterface("$(id)", .physical)
        card.duplex = .known("half")
        host.network.interfaces = .known([card])
        let rule = try #require(HostCatalogue.all.first { $0.info.id == "KVH278" })
        let finding = try #require(Engine.evaluate([rule], on: host).first)
        #expect(finding.remedy?.commands == ["ethtool -s '$(id)' autoneg on"])
    }
}
