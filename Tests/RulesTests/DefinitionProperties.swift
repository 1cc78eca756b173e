import Evidence
import Facts
import Testing

@testable import Rules

/// What holds for every rule about a definition of libvirt's, whatever it defines.
struct DefinitionProperties<Subject: Sendable> {
    let catalogue: [Rule<Subject>]
    let sample: Subject
    /// The sample as a file holds it: nothing is known of a host, and libvirt tells nothing.
    let blind: Subject

    func rule(_ id: String) throws -> Rule<Subject> {
        try #require(catalogue.first { $0.info.id == id })
    }

    func passes(_ id: String) throws {
        var subject = sample
        let rule = try rule(id)
        rule.holds(&subject)
        let decision = try rule.decide(subject)
        #expect(decision.verdict == .pass, "\(decision.message)")
    }

    func fails(_ id: String) throws {
        var subject = sample
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

    /// What cannot be answered from the definition alone must not be answered without the host.
    func claimsNothingBlind(_ id: String) throws {
        let rule = try rule(id)
        var subject = blind
        // Examples that change the host would show what a blind one cannot.
        let verdict = (try? rule.decide(subject))?.verdict ?? .unknown
        #expect([.pass, .unknown, .notApplicable].contains(verdict))
        rule.violates(&subject)
        _ = try? rule.decide(subject)
    }

    func isInStyle(_ prefix: String) {
        let infos = catalogue.map(\.info)
        #expect(Set(infos.map(\.id)).count == infos.count)
        #expect(Set(infos.map(\.slug)).count == infos.count)
        for info in infos {
            #expect(info.id.hasPrefix(prefix) && info.id.wholeMatch(of: /KV[A-Z][0-9]{3}/) != nil, "\(info.id)")
            #expect(info.slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil, "\(info.slug)")
            #expect(!info.sources.isEmpty && info.rationale.hasSuffix("."), "\(info.id)")
            #expect(!info.title.hasSuffix(".") && !info.remedy.text.isEmpty, "\(info.id)")
        }
    }
}
