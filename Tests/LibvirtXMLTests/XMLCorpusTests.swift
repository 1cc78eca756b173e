import Foundation
import LibvirtXML
import Testing

/// Over libvirt's own documents.
@Suite(.enabled(if: Corpus.isThere)) struct XMLCorpusTests {
    @Test func `every well-formed document loads, keeps its bytes, and the others are refused with a line`() throws {
        var (loaded, refused) = (0, 0)
        for entry in try Corpus.entries() {
            let bytes = try Corpus.bytes(entry.path)
            do {
                let document = try XMLDocument(parsing: bytes, name: entry.path)
                #expect(entry.kind != "not-well-formed", "\(entry.path)")
                #expect(document.root.localName == entry.root, "\(entry.path)")
                #expect(document.bytes == bytes, "\(entry.path)")
                loaded += 1
            } catch {
                #expect(entry.kind == "not-well-formed", "\(entry.path): \(error)")
                #expect(error.line != nil)
                refused += 1
            }
        }
        #expect(loaded > 2000)
        print("corpus: \(loaded) documents loaded, \(refused) refused")
    }

    @Test func `every position is where its node is written`() throws {
        for entry in try Corpus.entries() {
            let bytes = try Corpus.bytes(entry.path)
            guard let document = try? XMLDocument(parsing: bytes, name: entry.path) else { continue }
            let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            func text(_ position: XMLPosition, is wanted: String) -> Bool {
                let scalars = lines[position.line - 1].unicodeScalars.dropFirst(position.column - 1)
                return String(String.UnicodeScalarView(scalars)).hasPrefix(wanted)
            }
            for element in document.allElements {
                #expect(text(element.position, is: "<" + element.name), "\(entry.path) \(element.xpath)")
                for attribute in element.attributes + element.namespaceDeclarations {
                    #expect(text(attribute.position, is: attribute.name), "\(entry.path) \(attribute.xpath)")
                }
            }
        }
    }

    /// What the tree says is written anew from nothing but its public reading interface, and xmllint's canonical form of
    /// that must be the canonical form of the original: nothing is lost, nothing comes in.
    /// expat, through Python, is a parser that has nothing to do with libxml2 or with us.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3")))
    func `expat finds every element at the same line, column and byte`() throws {
        let script = """
            import sys, xml.parsers.expat
            for path in sys.stdin.read().splitlines():
                parser = xml.parsers.expat.ParserCreate()
                def start(name, attributes):
                    print(name, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, parser.CurrentByteIndex, len(attributes))
                parser.StartElementHandler = start
                print("file", path)
                with open(path, "rb") as file:
                    parser.ParseFile(file)
            """
        let corpus = try #require(Corpus.folder)
        var (expected, paths) = ("", "")
        for entry in try Corpus.entries() {
            guard let document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path) else { continue }
            let path = corpus.appending(path: entry.path).path
            paths += path + "\n"
            expected += "file \(path)\n"
            for element in document.allElements {
                let place = element.position
                let count = element.attributes.count + element.namespaceDeclarations.count
                expected += "\(element.name) \(place.line) \(place.column) \(place.offset) \(count)\n"
            }
        }
        let result = try Foreign.run("/usr/bin/python3", ["-c", script], input: Array(paths.utf8))
        #expect(result.status == 0, "\(result.error)")
        let theirs = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        let ours = expected.split(separator: "\n")
        #expect(theirs.count == ours.count)
        for (first, second) in zip(theirs, ours) where first != second {
            Issue.record("expat: \(first), we: \(second)")
            return
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/xmllint")))
    func `a document written anew from its tree is the same to xmllint --c14n`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let corpus = try #require(Corpus.folder)
        // Many files in one run of xmllint; where a batch differs, one by one.
        var pairs: [(String, String)] = []
        for entry in try Corpus.entries() {
            guard let document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path) else { continue }
            let copy = folder.appending(path: "\(pairs.count).xml")
            try Data(Rewriting.text(of: document).utf8).write(to: copy)
            pairs.append((corpus.appending(path: entry.path).path, copy.path))
        }
        var compared = 0
        for start in stride(from: 0, to: pairs.count, by: 200) {
            let batch = pairs[start..<min(start + 200, pairs.count)]
            let original = try Foreign.run("/usr/bin/xmllint", ["--nonet", "--c14n"] + batch.map(\.0))
            let ours = try Foreign.run("/usr/bin/xmllint", ["--nonet", "--c14n"] + batch.map(\.1))
            if original.output == ours.output, !ours.output.isEmpty {
                compared += batch.count
                continue
            }
            for (first, second) in batch {
                let original = try Foreign.run("/usr/bin/xmllint", ["--nonet", "--c14n", first])
                let ours = try Foreign.run("/usr/bin/xmllint", ["--nonet", "--c14n", second])
                #expect(original.output == ours.output, "\(first)")
            }
        }
        #expect(compared > 2000)
    }
}

/// A document from what can be asked of its tree.
enum Rewriting {
    static func text(of document: XMLDocument) -> String {
        var text = ""
        for node in document.children where node.kind != .declaration { write(node, to: &text) }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("\r", with: "&#13;")
    }

    private static func write(_ node: XMLNode, to text: inout String) {
        switch node.kind {
        case .declaration: break
        case .text: text += escaped(node.text)
        case .cdata: text += "<![CDATA[\(node.text)]]>"
        case .comment: text += "<!--\(node.text)-->"
        case .instruction: text += "<?\(node.name ?? "") \(node.text)?>"
        case .element:
            guard let element = node.element else { return }
            text += "<" + element.name
            for attribute in element.namespaceDeclarations + element.attributes {
                let value = escaped(attribute.value).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;")
                text += " \(attribute.name)=\"\(value)\""
            }
            text += ">"
            for child in element.children { write(child, to: &text) }
            text += "</\(element.name)>"
        }
    }
}
