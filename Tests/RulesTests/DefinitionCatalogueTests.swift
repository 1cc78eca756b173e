import Evidence
import Facts
import Testing

@testable import Rules

/// One property for every rule about definitions of libvirt's, whatever they define: its examples hold.
struct DefinitionCatalogueTests {
    private static let catalogues: [any DefinitionProperties] = [
        Catalogue(prefix: "KVD", rules: DomainCatalogue.all),
        Catalogue(prefix: "KVN", rules: NetworkCatalogue.all),
        Catalogue(prefix: "KVP", rules: PoolCatalogue.all),
    ]
    private static let ids = catalogues.flatMap { $0.infos.map(\.id) }

    private func catalogue(of id: String) throws -> any DefinitionProperties {
        try #require(Self.catalogues.first { catalogue in catalogue.infos.contains { $0.id == id } })
    }

    @Test(arguments: ids)
    func `a fit definition passes`(id: String) throws { try catalogue(of: id).passes(id) }

    @Test(arguments: ids)
    func `its violation fails, with a place and a remedy`(id: String) throws { try catalogue(of: id).fails(id) }

    @Test(arguments: ids)
    func `of a definition from a file nothing is claimed that needs a host`(id: String) throws {
        try catalogue(of: id).claimsNothingBlind(id)
    }

    @Test(arguments: catalogues.indices)
    func `ids and slugs are unique and in style`(index: Int) {
        let (prefix, infos) = (Self.catalogues[index].prefix, Self.catalogues[index].infos)
        #expect(Set(infos.map(\.id)).count == infos.count)
        #expect(Set(infos.map(\.slug)).count == infos.count)
        for info in infos {
            #expect(info.id.hasPrefix(prefix) && info.id.wholeMatch(of: /KV[A-Z][0-9]{3}/) != nil, "\(info.id)")
            #expect(info.slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil, "\(info.slug)")
            #expect(!info.sources.isEmpty && info.rationale.hasSuffix("."), "\(info.id)")
            #expect(!info.title.hasSuffix("."), "\(info.id)")
        }
    }
}

/// What holds for every rule of a catalogue.
private protocol DefinitionProperties: Sendable {
    var prefix: String { get }
    var infos: [RuleInfo] { get }
    func passes(_ id: String) throws
    func fails(_ id: String) throws
    func claimsNothingBlind(_ id: String) throws
}

private struct Catalogue<Subject: DefinitionSubject>: DefinitionProperties {
    let prefix: String
    let rules: [Rule<Subject>]

    var infos: [RuleInfo] { rules.map(\.info) }

    private func rule(_ id: String) throws -> Rule<Subject> {
        try #require(rules.first { $0.info.id == id })
    }

    func passes(_ id: String) throws {
        var subject = try #require(Subject.sample)
        let rule = try rule(id)
        rule.holds(&subject)
        let decision = try rule.decide(subject)
        #expect(decision.verdict == .pass, "\(decision.message)")
    }

    func fails(_ id: String) throws {
        var subject = try #require(Subject.sample)
        let rule = try rule(id)
        rule.holds(&subject)
        rule.violates(&subject)
        let decision = try rule.decide(subject)
        #expect(decision.verdict == .fail, "\(decision.message)")
        #expect(!decision.message.isEmpty)
        #expect(decision.places.contains { $0.line != nil }, "no line to point to")
        let remedy = decision.remedy ?? rule.info.remedy
        #expect(!remedy.text.isEmpty || !remedy.commands.isEmpty, "a fault without a remedy")
    }

    /// What cannot be answered from the definition alone must not be answered without the host: nothing is found fault
    /// with, and what fails where the host is known does not pass where it is not.
    func claimsNothingBlind(_ id: String) throws {
        let rule = try rule(id)
        var subject = try #require(Subject.sample)
        rule.holds(&subject)
        #expect(verdict(of: rule, onDefinitionOf: subject) != .fail)
        rule.violates(&subject)
        #expect(verdict(of: rule, onDefinitionOf: subject) != .pass)
    }

    private func verdict(of rule: Rule<Subject>, onDefinitionOf seen: Subject) -> Verdict {
        var blind = Subject(seen.definition)
        blind.libvirt = .absent()
        return (try? rule.decide(blind))?.verdict ?? .unknown
    }
}
