import Evidence
import Facts
import Foundation
import LibvirtXML
import Testing

@testable import Rules

/// libvirt's own documents, where KVMCHECK_CORPUS names the folder that holds them: what libvirt takes is no error.
struct DefinitionCorpusTests {
    static var folder: URL? {
        ProcessInfo.processInfo.environment["KVMCHECK_CORPUS"].map { URL(filePath: $0).appending(path: "libvirt") }
    }

    /// The documents of a root element and a class of the manifest: name and content.
    private static func documents(_ root: String, _ kind: String) throws -> [(path: String, document: XMLDocument)] {
        guard let folder else { return [] }
        let manifest = try String(contentsOf: folder.appending(path: "MANIFEST.csv"), encoding: .utf8)
        return try manifest.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
            // Only the last column, libvirt's error, is ever quoted.
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 5, fields[1] == root, fields[5] == kind else { return nil }
            let path = String(fields[0])
            let bytes = try [UInt8](Data(contentsOf: folder.appending(path: path)))
            return (path, try XMLDocument(parsing: bytes, name: path))
        }
    }

    private static func errors<Subject>(_ rules: [Rule<Subject>], _ subject: Subject) -> [String] {
        rules.filter { $0.info.severity == .error }.compactMap { rule in
            guard let decision = try? rule.decide(subject), decision.verdict == .fail else { return nil }
            return "\(rule.info.id): \(decision.message)"
        }
    }

    @Test(.enabled(if: folder != nil)) func `networks that libvirt takes have no errors`() throws {
        let documents = try Self.documents("network", "valid")
        #expect(documents.count > 60)
        for (path, document) in documents {
            let subject = NetworkDefinitionFacts(try #require(Network(document)))
            #expect(Self.errors(NetworkCatalogue.all, subject) == [], "\(path)")
        }
    }

    @Test(.enabled(if: folder != nil)) func `pools that libvirt takes have no errors`() throws {
        let documents = try Self.documents("pool", "valid")
        #expect(documents.count > 35)
        for (path, document) in documents {
            let subject = PoolDefinitionFacts(try #require(StoragePool(document)))
            #expect(Self.errors(PoolCatalogue.all, subject) == [], "\(path)")
        }
    }

    static let deviceRules = DomainDiskRules.all + DomainNetworkRules.all

    @Test(.enabled(if: folder != nil)) func `disks and interfaces that libvirt takes have no errors`() throws {
        let documents = try Self.documents("domain", "valid")
        #expect(documents.count > 1200)
        for (path, document) in documents {
            let subject = DomainFacts(try #require(Domain(document)))
            #expect(Self.errors(Self.deviceRules, subject) == [], "\(path)")
        }
    }

    /// Of the documents that libvirt refuses for their meaning, those that it refuses for a disk or an interface.
    @Test(.enabled(if: folder != nil)) func `disks and interfaces that libvirt refuses are errors`() throws {
        let refused = try Self.documents("domain", "semantic-error").filter { _, document in
            guard let domain = Domain(document) else { return false }
            return !Self.errors(Self.deviceRules, DomainFacts(domain)).isEmpty
        }.map(\.path)
        print("refused by disk and interface rules: \(refused.count)")
        for name in [
            "disk-same-targets", "disk-attaching-partition-nosupport", "disk-network-sheepdog", "disk-shared-qcow",
            "disk-encryption-wrong", "net-virtio-rxqueuesize-invalid-size",
        ] {
            #expect(refused.contains { $0.hasSuffix("/\(name).xml") }, "\(name)")
        }
    }
}
