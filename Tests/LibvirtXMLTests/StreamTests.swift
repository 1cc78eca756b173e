import LibvirtXML
import Testing

/// Several documents in one file.
struct StreamTests {
    private func documents(_ text: String) -> [Result<XMLDocument, XMLError>] {
        XMLDocument.documents(in: Array(text.utf8), name: "all.xml")
    }

    @Test func `two documents, as two runs of virsh dumpxml print them, have the lines of the file`() throws {
        let results = documents("<domain>\n  <name>a</name>\n</domain>\n\n<domain>\n  <name>b</name>\n</domain>\n\n")
        #expect(results.count == 2)
        #expect(try results[0].get().root.first("name")?.position.description == "2:3")
        let second = try results[1].get()
        #expect(second.root.position == XMLPosition(line: 5, column: 1, offset: 37))
        #expect(second.root.first("name")?.position.description == "6:3")
        #expect(second.line(6) == "  <name>b</name>")
    }

    @Test func `documents on one line have the columns of the line`() throws {
        let results = documents("<a/><b x='1'/> <c/>")
        #expect(results.map { try? $0.get().root.position.column } == [1, 5, 16])
    }

    @Test func `a comment belongs to what follows it, and the last to what precedes it`() throws {
        let results = documents("<!-- 1 -->\n<a/>\n<!-- 2 -->\n<b/>\n<!-- 3 -->\n")
        #expect(results.map { try? $0.get().children.count(where: { $0.kind == .comment }) } == [1, 2])
    }

    @Test func `a declaration starts a document though the last is not closed`() throws {
        let results = documents("<?xml version='1.0'?>\n<a><b></a>\n<?xml version='1.0'?>\n<c/>")
        #expect(results.count == 2)
        #expect(throws: XMLError.self) { try results[0].get() }
        #expect(try results[1].get().root.position.line == 4)
    }

    @Test func `words between documents are a fault of their own, with their line`() throws {
        let results = documents("<a/>\nerror: failed to get domain 'x'\n<b/>")
        #expect(results.count == 3)
        #expect(throws: Never.self) { try results[0].get() }
        guard case .failure(let error) = results[1] else {
            Issue.record("words are read")
            return
        }
        #expect(error.line == 2)
        #expect(try results[2].get().root.name == "b")
    }

    @Test func `markup in comments, CDATA and quotes ends nothing`() throws {
        let results = documents("<a x='/>'><!-- </a><?xml ?> --><![CDATA[</a><b>]]></a><b/>")
        #expect(results.count == 2)
        for result in results { #expect(throws: Never.self) { try result.get() } }
    }

    @Test func `nothing is one fault`() {
        for text in ["", " \n\n", "\u{feff}"] {
            let results = documents(text)
            #expect(results.count == 1)
            guard case .failure(let error) = results.first else {
                Issue.record("nothing is read")
                return
            }
            #expect(error.kind == .empty)
        }
    }

    @Test func `a stream of a hundred thousand scraps on one line ends soon`() {
        let results = documents(String(repeating: "x<a/>", count: 100_000))
        #expect(results.count == 100_001)
    }
}
