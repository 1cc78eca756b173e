import Evidence
import Facts
import Foundation
import LibvirtXML
import Testing

@testable import Rules

/// Rules about domains over libvirt's own documents, where `KVMCHECK_CORPUS` names the folder that holds them.
@Suite(.enabled(if: DomainCorpus.root != nil, "KVMCHECK_CORPUS is not set"))
struct DomainCorpusTests {
    @Test func `no document that libvirt takes is reported as an error`() throws {
        var wrong: [String] = []
        for document in try DomainCorpus.documents(of: "valid") {
            for error in document.errors { wrong.append("\(document.path): \(error)") }
        }
        #expect(wrong.isEmpty, "\(wrong.count):\n\(wrong.joined(separator: "\n"))")
    }

    /// The score of issue 3. It may grow; it must not shrink.
    @Test func `documents that libvirt refuses for their meaning are reported`() throws {
        let documents = try DomainCorpus.documents(of: "semantic-error")
        let found = documents.filter { !$0.errors.isEmpty }
        print("semantic-error: \(found.count) of \(documents.count) are reported as errors")
        if ProcessInfo.processInfo.environment["KVMCHECK_VERBOSE"] != nil {
            for document in documents where document.errors.isEmpty { print("  missed: \(document.path)") }
            for document in found { print("  found: \(document.path): \(document.errors[0])") }
        }
        #expect(found.count >= DomainCorpus.leastFound)
    }
}

enum DomainCorpus {
    static let leastFound = 80

    static let root = ProcessInfo.processInfo.environment["KVMCHECK_CORPUS"].map {
        URL(filePath: $0).appending(path: "libvirt")
    }

    struct Document {
        var path: String
        /// What rules of severity error say of it, where nothing is known of the host.
        var errors: [String]
    }

    /// The documents of domains of a class of the manifest.
    static func documents(of wanted: String) throws -> [Document] {
        guard let root else { return [] }
        let manifest = try String(contentsOf: root.appending(path: "MANIFEST.csv"), encoding: .utf8)
        let rules = DomainCatalogue.all.filter { $0.info.severity == .error }
        return try manifest.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 5, fields[1] == "domain", fields[5] == wanted else { return nil }
            let path = String(fields[0])
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            guard var facts = DomainFacts(xml: text) else { return nil }
            facts.libvirt = .absent()
            facts.live = .absent()
            let errors = rules.compactMap { rule -> String? in
                guard let decision = try? rule.decide(facts), decision.verdict == .fail else { return nil }
                return "\(rule.info.id) \(decision.message)"
            }
            return Document(path: path, errors: errors)
        }
    }
}
