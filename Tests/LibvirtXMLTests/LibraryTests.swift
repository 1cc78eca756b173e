import Foundation
import LibvirtXML
import Testing

/// libxml2 as it is opened at run time.
struct LibraryTests {
    private static let headers = "/usr/include/libxml2"
    private static let compiler = "/usr/bin/cc"
    private static let hasHeaders =
        FileManager.default.fileExists(atPath: headers + "/libxml/parser.h")
        && FileManager.default.fileExists(atPath: compiler)

    /// The structures are declared by hand in clibxml2.h, since the real headers cannot be reached without linking.
    @Test(.enabled(if: hasHeaders)) func `the structures are laid out as libxml2's own headers say`() throws {
        let ours = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/CLibXML2/clibxml2.h").path
        var text = """
            #include <stddef.h>
            #include <libxml/parser.h>
            #include <libxml/relaxng.h>
            #include "\(ours)"
            #define SAME(a, b, f) _Static_assert(offsetof(struct a, f) == offsetof(b, f) \\
                && sizeof(((struct a *)0)->f) == sizeof(((b *)0)->f), #f)

            """
        let fields: [(String, String, [String])] = [
            (
                "kvmcheck_xml_error", "xmlError",
                [
                    "domain", "code", "message", "level", "file", "line", "str1", "str2", "str3", "int1", "int2",
                    "ctxt", "node",
                ]
            ),
            (
                "kvmcheck_xml_sax", "xmlSAXHandler",
                [
                    "internalSubset", "isStandalone", "hasInternalSubset", "hasExternalSubset", "resolveEntity",
                    "getEntity",
                    "entityDecl", "notationDecl", "attributeDecl", "elementDecl", "unparsedEntityDecl",
                    "setDocumentLocator",
                    "startDocument", "endDocument", "startElement", "endElement", "reference", "characters",
                    "ignorableWhitespace", "processingInstruction", "comment", "warning", "error", "fatalError",
                    "getParameterEntity", "cdataBlock", "externalSubset", "initialized", "_private", "startElementNs",
                    "endElementNs", "serror",
                ]
            ),
            ("kvmcheck_xml_parser", "xmlParserCtxt", ["sax", "userData", "myDoc", "wellFormed"]),
            (
                "kvmcheck_xml_node", "xmlNode",
                ["_private", "type", "name", "children", "last", "parent", "next", "prev"]
            ),
            ("kvmcheck_xml_node", "xmlAttr", ["_private", "type", "name", "parent"]),
        ]
        for (mine, theirs, names) in fields {
            for name in names { text += "SAME(\(mine), \(theirs), \(name));\n" }
        }
        text += """
            _Static_assert(sizeof(struct kvmcheck_xml_sax) == sizeof(xmlSAXHandler), "sax");
            _Static_assert(sizeof(struct kvmcheck_xml_error) == sizeof(xmlError), "error");
            _Static_assert(XML_SAX2_MAGIC == 0xDEEDBEAF, "magic");
            _Static_assert(XML_PARSE_NONET == 1 << 11 && XML_PARSE_IGNORE_ENC == 1 << 21, "options");
            _Static_assert(XML_PARSE_NOERROR == 1 << 5 && XML_PARSE_NOWARNING == 1 << 6, "options");
            _Static_assert(XML_ERR_FATAL == 3 && XML_ELEMENT_NODE == 1 && XML_ATTRIBUTE_NODE == 2, "numbers");
            _Static_assert(XML_CHAR_ENCODING_NONE == 0 && XML_CHAR_ENCODING_UTF8 == 1, "encodings");

            """
        let result = try Foreign.run(
            Self.compiler, ["-std=c11", "-fsyntax-only", "-I", Self.headers, "-x", "c", "-"], input: Array(text.utf8))
        #expect(result.status == 0, "\(result.error)")
    }

    @Test func `documents are read in many threads at once`() async throws {
        let texts = (0..<200).map { number in
            "<domain><name>n\(number)</name>" + String(repeating: "<a b='c'>d</a>\n", count: number) + "</domain>"
        }
        let counts = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for (number, text) in texts.enumerated() {
                group.addTask {
                    let document = try XMLDocument(parsing: text, name: "\(number)")
                    _ = try? XMLDocument(parsing: text + "<", name: "broken")
                    let latin =
                        Array("<?xml version='1.0' encoding='ISO-8859-1'?><a>".utf8) + [0xe9] + Array("</a>".utf8)
                    #expect(try XMLDocument(parsing: latin, name: "latin").root.text == "é")
                    return (number, document.root.elements.count)
                }
            }
            return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
        }
        for number in 0..<200 { #expect(counts[number] == number + 1) }
    }

    @Test func `an error says where, shows the line, and gives libxml2's words`() {
        do {
            _ = try XMLDocument(parsing: "<domain>\n  <name>a</nam>\n</domain>\n", name: "/tmp/d.xml")
            Issue.record("read")
        } catch {
            #expect(
                error.description == """
                    xml: not well-formed XML
                    ├─ where:   /tmp/d.xml, line 2, column 16
                    ├─ line:      <name>a</nam>
                    └─ libxml2: Opening and ending tag mismatch: name line 2 and nam
                    """)
        }
    }
}
