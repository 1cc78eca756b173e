import Evidence
import Facts
import Testing

@testable import Rules

/// One property for every rule of the catalogue: its examples hold, and it never answers without having looked.
struct CatalogueTests {
    @Test(arguments: HostCatalogue.all.map(\.info.id))
    func `a fit host passes`(id: String) throws {
        var host = HostFacts.sample
        let rule = try #require(HostCatalogue.all.first { $0.info.id == id })
        rule.holds(&host)
        let decision = try rule.decide(host)
        #expect(decision.verdict == .pass, "\(decision.message)")
    }

    @Test(arguments: HostCatalogue.all.map(\.info.id))
    func `its violation fails`(id: String) throws {
        var host = HostFacts.sample
        let rule = try #require(HostCatalogue.all.first { $0.info.id == id })
        rule.holds(&host)
        rule.violates(&host)
        let decision = try rule.decide(host)
        #expect(decision.verdict == .fail, "\(decision.message)")
        #expect(!decision.message.isEmpty)
        let remedy = decision.remedy ?? rule.info.remedy
        #expect(!remedy.text.isEmpty || !remedy.commands.isEmpty, "a fault without a remedy")
    }

    @Test(arguments: HostCatalogue.all.map(\.info.id))
    func `of a host of which nothing is known it knows nothing`(id: String) throws {
        let rule = try #require(HostCatalogue.all.first { $0.info.id == id })
        #expect(throws: Undecided.self) { try rule.decide(HostFacts()) }
    }

    @Test func `ids and slugs are unique and in style`() {
        let infos = HostCatalogue.all.map(\.info)
        #expect(Set(infos.map(\.id)).count == infos.count)
        #expect(Set(infos.map(\.slug)).count == infos.count)
        for info in infos {
            #expect(info.id.wholeMatch(of: /KVH[0-9]{3}/) != nil, "\(info.id)")
            #expect(info.slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil, "\(info.slug)")
            #expect(!info.title.hasSuffix("."), "\(info.id): a full stop")
            #expect(!info.rationale.isEmpty && info.rationale.hasSuffix("."), "\(info.id): rationale")
            #expect(!info.sources.isEmpty, "\(info.id): no source")
        }
    }

    @Test func `a parent stands before its children`() {
        var seen: Set<String> = []
        for info in HostCatalogue.all.map(\.info) {
            if let parent = info.parent { #expect(seen.contains(parent), "\(info.id) before \(parent)") }
            seen.insert(info.id)
        }
    }
}
