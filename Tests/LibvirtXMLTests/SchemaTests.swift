import Foundation
import LibvirtXML
import Testing

/// Whether libvirt's schemas are on this machine (libvirt0), and xmllint to compare with.
private let isInstalled =
    FileManager.default.fileExists(atPath: XMLSchemas.installedFolder + "/domain.rng")
    && FileManager.default.fileExists(atPath: "/usr/bin/xmllint")

struct SchemaTests {
    private func document(_ text: String) throws -> XMLDocument { try XMLDocument(parsing: text, name: "x.xml") }

    @Test(.enabled(if: isInstalled)) func `a network that libvirt documents is valid`() throws {
        let network = try document(
            "<network><name>default</name><bridge name='virbr0'/><forward mode='nat'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>"
        )
        #expect(try XMLSchemas().validate(network) == .valid)
    }

    @Test(.enabled(if: isInstalled)) func `what the schema refuses is refused at its own line and column`() throws {
        let network = try document(
            "<network>\n  <name>default</name>\n  <forward\n     mode='warp'/>\n</network>\n")
        guard case .invalid(let errors) = try XMLSchemas().validate(network) else {
            Issue.record("a forward mode that does not exist is valid")
            return
        }
        #expect(!errors.isEmpty)
        for error in errors {
            #expect(error.kind == .againstSchema)
            #expect(error.libraryMessage?.isEmpty == false)
        }
        #expect(errors.contains { $0.line == 3 && $0.column == 3 || $0.line == 4 && $0.column == 6 }, "\(errors)")
    }

    @Test func `schemas that are not installed are said to be missing`() throws {
        let schemas = XMLSchemas(folder: "/nonexistent")
        #expect(try schemas.validate(document("<domain/>")) == .notInstalled(file: "/nonexistent/domain.rng"))
    }

    @Test func `a root element that libvirt has no schema for is told`() throws {
        #expect(try XMLSchemas().validate(document("<html/>")) == .noSchema(root: "html"))
    }

    @Test func `a schema that does not compile is an error of its own`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("<grammar xmlns='http://relaxng.org/ns/structure/1.0'><start><ref name='x'/></start></grammar>".utf8)
            .write(to: folder.appending(path: "domain.rng"))
        try Data("no xml".utf8).write(to: folder.appending(path: "network.rng"))
        for root in ["domain", "network"] {
            #expect {
                try XMLSchemas(folder: folder.path).validate(document("<\(root)/>"))
            } throws: {
                ($0 as? XMLError)?.kind == .schemaUnusable
            }
        }
    }

    @Test(.enabled(if: isInstalled)) func `every schema that is named is installed`() {
        for file in XMLSchemas.files.values {
            #expect(FileManager.default.fileExists(atPath: XMLSchemas.installedFolder + "/" + file), "\(file)")
        }
    }

    /// xmllint is asked the same, with the same installed schemas: those of the corpus's own version are newer.
    @Test(.enabled(if: isInstalled && Corpus.isThere)) func `over the corpus the verdicts are those of xmllint`() throws
    {
        let schemas = XMLSchemas()
        let corpus = try #require(Corpus.folder)
        var ours: [String: [String: Bool]] = [:]
        for entry in try Corpus.entries() {
            let path = corpus.appending(path: entry.path).path
            guard let document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: path),
                let file = XMLSchemas.files[document.root.localName]
            else { continue }
            switch try schemas.validate(document) {
            case .valid: ours[file, default: [:]][path] = true
            case .invalid(let errors):
                ours[file, default: [:]][path] = false
                #expect(errors.allSatisfy { $0.line != nil && $0.column != nil })
            case .noSchema, .notInstalled: Issue.record("\(path): no verdict")
            }
        }
        var (valid, invalid) = (0, 0)
        for (file, verdicts) in ours {
            let paths = verdicts.keys.sorted()
            for start in stride(from: 0, to: paths.count, by: 300) {
                let batch = paths[start..<min(start + 300, paths.count)]
                let result = try Foreign.run(
                    "/usr/bin/xmllint",
                    ["--nonet", "--noout", "--relaxng", XMLSchemas.installedFolder + "/" + file] + batch)
                let refused = Set(
                    result.error.split(separator: "\n").filter { $0.hasSuffix(" fails to validate") }
                        .map { String($0.dropLast(" fails to validate".count)) })
                for path in batch {
                    #expect(verdicts[path] == !refused.contains(path), "\(file): \(path)")
                    if refused.contains(path) { invalid += 1 } else { valid += 1 }
                }
            }
        }
        #expect(valid > 1000 && invalid > 10)
        print("schemas: \(valid) valid, \(invalid) refused, as xmllint says")
    }
}
