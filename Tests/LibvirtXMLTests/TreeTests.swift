import LibvirtXML
import Testing

struct TreeTests {
    @Test func `names, values, text and places are read`() throws {
        let text = """
            <?xml version='1.0'?>
            <!-- one -->
            <domain type='kvm'
                    xmlns:q='urn:q'>
              <name>a&amp;b</name>
              <q:x y="1" z='&lt;2'/><![CDATA[<raw>]]>
            </domain>
            """
        let document = try XMLDocument(parsing: text, name: "a.xml")
        #expect(document.description == text)
        #expect(document.root.name == "domain")
        #expect(document.root["type"] == "kvm")
        #expect(document.root.first("name")?.text == "a&b")
        let x = try #require(document.root.first("q:x"))
        #expect(x.namespaceURI == "urn:q")
        #expect(x.position == XMLPosition(line: 6, column: 3, offset: 104))
        #expect(x["z"] == "<2")
        #expect(x.attribute("z")?.valuePosition.description == "6:17")
    }
}
