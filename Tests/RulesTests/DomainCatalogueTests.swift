import Evidence
import Facts
import LibvirtXML
import Testing

@testable import Rules

/// One property for every rule about domains: its examples hold.
struct DomainCatalogueTests {
    @Test(arguments: DomainCatalogue.all.map(\.info.id))
    func `a fit domain passes`(id: String) throws {
        var domain = try #require(DomainFacts.sample)
        let rule = try #require(DomainCatalogue.all.first { $0.info.id == id })
        rule.holds(&domain)
        let decision = try rule.decide(domain)
        #expect(decision.verdict == .pass, "\(decision.message)")
    }

    @Test(arguments: DomainCatalogue.all.map(\.info.id))
    func `its violation fails, with a place and a remedy`(id: String) throws {
        var domain = try #require(DomainFacts.sample)
        let rule = try #require(DomainCatalogue.all.first { $0.info.id == id })
        rule.holds(&domain)
        rule.violates(&domain)
        let decision = try rule.decide(domain)
        #expect(decision.verdict == .fail, "\(decision.message)")
        #expect(decision.places.contains { $0.line != nil }, "no line to point to")
        let remedy = decision.remedy ?? rule.info.remedy
        #expect(!remedy.text.isEmpty || !remedy.commands.isEmpty, "a fault without a remedy")
    }

    @Test func `ids and slugs are unique and in style`() {
        let infos = DomainCatalogue.all.map(\.info)
        #expect(Set(infos.map(\.id)).count == infos.count)
        #expect(Set(infos.map(\.slug)).count == infos.count)
        for info in infos {
            #expect(info.id.wholeMatch(of: /KVD[0-9]{3}/) != nil, "\(info.id)")
            #expect(info.slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil, "\(info.slug)")
            #expect(!info.sources.isEmpty && info.rationale.hasSuffix("."), "\(info.id)")
        }
    }

    /// What cannot be answered from the definition alone must not be answered without the host.
    @Test(arguments: DomainCatalogue.all.map(\.info.id))
    func `of a definition from a file nothing is claimed that needs a host`(id: String) throws {
        var blind = try #require(DomainFacts(xml: DomainFacts.sampleXML))
        let rule = try #require(DomainCatalogue.all.first { $0.info.id == id })
        rule.holds(&blind)
        blind.host = HostFacts()
        blind.libvirt = .absent()
        blind.live = .absent()
        let verdict = (try? rule.decide(blind))?.verdict ?? .unknown
        #expect([.pass, .unknown, .notApplicable].contains(verdict))
    }
}
