import Facts
import Testing

@testable import Rules

struct ProfileTests {
    @Test(arguments: Profile.all.map(\.name))
    func `every entry of a profile names a rule`(name: String) throws {
        let profile = try #require(Profile.all.first { $0.name == name })
        let ids = HostCatalogue.all.map(\.info.id)
        for pattern in profile.selects { #expect(ids.contains { $0.hasPrefix(pattern) }, "\(pattern)") }
        for id in profile.severities.keys {
            #expect(ids.contains(id), "\(id)")
            #expect(profile.selects.contains(where: id.hasPrefix), "\(id) has a severity and is not selected")
        }
        #expect(!profile.summary.isEmpty)
    }

    @Test(arguments: Profile.all.map(\.name))
    func `a child is never asked without its parent`(name: String) throws {
        let profile = try #require(Profile.all.first { $0.name == name })
        let selected = HostCatalogue.all.map(\.info).filter { info in profile.selects.contains(where: info.id.hasPrefix)
        }
        let ids = Set(selected.map(\.id))
        for info in selected {
            if let parent = info.parent, !ids.contains(parent) { Issue.record("\(info.id) without \(parent)") }
        }
    }

    @Test func `every rule is in a profile or a driver`() {
        let patterns = Profile.all.flatMap(\.selects) + Driver.allCases.flatMap(\.selects)
        var unreached: [String] = []
        for id in HostCatalogue.all.map(\.info.id) where !patterns.contains(where: id.hasPrefix) {
            unreached.append(id)
        }
        // Conveniences that most hosts rightly lack: for who asks.
        #expect(unreached == ["KVH038", "KVH039", "KVH230", "KVH239"])
    }

    @Test func `a fit host is ready for the default profile, and finds nothing to warn of`() throws {
        let profile = try #require(Profile.all.first { $0.name == "kvm" })
        let rules = HostCatalogue.all.filter { rule in profile.selects.contains(where: rule.info.id.hasPrefix) }
        let findings = Engine.evaluate(rules, on: .sample, severities: profile.severities)
        #expect(findings.filter { $0.verdict == .unknown }.map(\.rule.id).isEmpty)
        #expect(findings.filter { $0.verdict == .fail && $0.severity > .note }.map(\.rule.id).isEmpty)
    }
}
