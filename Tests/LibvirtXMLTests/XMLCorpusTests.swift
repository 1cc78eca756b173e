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
}
