import Foundation
import LibvirtXML
import Testing

/// Documents that nobody means well with: a clear error or a right parse, in bounded time.
struct HostileTests {
    private func error(_ bytes: [UInt8]) -> XMLError? {
        do {
            _ = try XMLDocument(parsing: bytes, name: "hostile.xml")
            return nil
        } catch { return error }
    }

    private func error(_ text: String) -> XMLError? { error(Array(text.utf8)) }

    private func root(_ bytes: [UInt8]) throws -> XMLElement { try XMLDocument(parsing: bytes, name: "x.xml").root }

    @Test func `an entity bomb is refused at its document type, unexpanded`() {
        var bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE a [\n<!ENTITY a0 \"ha\">\n"
        for level in 1...40 { bomb += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">\n" }
        bomb += "]>\n<a>&a40;</a>"
        let clock = ContinuousClock.now
        let fault = error(bomb)
        #expect(fault?.kind == .documentType)
        #expect(fault?.line == 2)
        #expect(fault?.column == 1)
        #expect(ContinuousClock.now - clock < .milliseconds(200))
    }

    @Test(arguments: [
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a PUBLIC '-//x' 'http://127.0.0.1:9/x.dtd'><a/>", "<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'> %p;]><a/>",
    ])
    func `a document type declaration is refused`(text: String) { #expect(error(text)?.kind == .documentType) }

    @Test func `an undeclared entity is refused`() {
        let fault = error("<a>\n  &passwd;</a>")
        #expect(fault?.kind == .notWellFormed)
        #expect(fault?.line == 2)
        #expect(fault?.libraryMessage?.contains("passwd") == true)
    }

    @Test func `depth is allowed to 256 and refused beyond, to 100,000`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(error(nested(256)) == nil)
        for depth in [257, 1000, 100_000] {
            let fault = error(nested(depth))
            #expect(fault?.kind == .tooDeep)
            #expect(fault?.column == 256 * 3 + 1)
        }
        #expect(error(String(repeating: "<a>", count: 100_000))?.kind == .tooDeep)
    }

    @Test func `megabyte attributes, names and texts are read or refused, never cut`() throws {
        let long = String(repeating: "x", count: 3 << 20)
        let element = try root(Array("<a b='\(long)' c='1'>\(long)</a>".utf8))
        #expect(element["b"]?.utf8.count == 3 << 20)
        #expect(element["c"] == "1")
        #expect(element.attribute("c")?.position.column == (3 << 20) + 9)
        #expect(element.text.utf8.count == 3 << 20)
        #expect(error("<\(long)/>")?.kind == .notWellFormed)
        let many = (0..<50_000).map { " a\($0)='\($0)'" }.joined()
        #expect(try root(Array("<a\(many)/>".utf8)).attributes.count == 50_000)
    }

    @Test func `many places in one long line are found in bounded time`() throws {
        let document = try XMLDocument(
            parsing: "<a>" + String(repeating: "<é/>", count: 200_000) + "</a>", name: "line.xml")
        let clock = ContinuousClock.now
        var (expected, wrong) = (4, 0)
        for element in document.root.elements {
            if element.position.column != expected { wrong += 1 }
            expected += 4
        }
        #expect(wrong == 0)
        #expect(ContinuousClock.now - clock < .seconds(10))
    }

    @Test func `more than 16 MiB is refused before it is read`() {
        let text = [UInt8]("<a>".utf8) + [UInt8](repeating: 0x20, count: 16 << 20) + [UInt8]("</a>".utf8)
        #expect(error(text)?.kind == .tooLarge)
        #expect(error([UInt8](repeating: 0x3c, count: 17 << 20))?.kind == .tooLarge)
        // UTF-16 of half the size is more as UTF-8 where every character takes three bytes.
        let wide = [0xff, 0xfe] + [UInt8]("<\0a\0>\0".utf8) + [UInt8](repeating: 0x4e, count: 15 << 20)
        #expect(error(wide)?.kind == .tooLarge)
    }

    @Test func `just under 16 MiB in many elements is read`() throws {
        let text = "<a>" + String(repeating: "<b c='d'>e</b>\n", count: 1_000_000) + "</a>"
        #expect(try root(Array(text.utf8)).elements.count == 1_000_000)
    }

    @Test(arguments: [
        "<a>", "</a>", "<a/><b/>", "<a></b>", "<a", "<a b>", "<a b=c/>", "<a b='1' b='2'/>", "<a b='<'/>", "<", "<!",
        "<?",
        "<!-", "<!--", "<a><![CDATA[</a>", "<a>]]></a>", "x", "<a/>x", "x<a/>", "<a>&</a>", "<a>&#0;</a>",
        "<a>&#x110000;</a>",
        "<a>&#xd800;</a>", "<a>&#99999999999;</a>", "<1/>", "< a/>", "<a/ >", "<a><!-- -- --></a>",
        "<a><?xml version='1.0'?></a>",
        " <?xml version='1.0'?><a/>", "<a b='1'c='2'/>", "<?xml version='1.0'?>", "<!-- only -->", "<a>\u{1}</a>",
        "<a>\u{fffe}</a>",
        "<a b='&x;'/>", "<a b='&'/>", "<?xml?><a/>", "<?xml version='1.0' encoding='nonsense-1'?><a/>", "<a =''/>",
        "<a ''/>", "<!X><a/>",
        "<a><!ELEMENT b></a>", "<![CDATA[x]]><a/>", "<a/><![CDATA[x]]>", "<a/>&#32;", "<a></a b='1'>", "<a/></a>",
    ])
    func `what is against XML is refused with a line`(text: String) {
        let fault = error(text)
        #expect(fault != nil)
        #expect([.notWellFormed, .encoding].contains(fault?.kind), "\(String(describing: fault))")
        #expect(fault?.line == 1)
        #expect(fault?.description.contains("hostile.xml, line 1") == true)
    }

    @Test func `nothing is empty`() {
        for text in ["", " ", "\n\t\r\n", "\u{feff}"] { #expect(error(text)?.kind == .empty) }
    }

    @Test func `a NUL is refused wherever it stands`() {
        let text = Array("<?xml version='1.0'?><!--c--><a b='c'>d<![CDATA[e]]></a>".utf8)
        for place in text.indices {
            var bytes = text
            bytes.insert(0, at: place)
            #expect(error(bytes)?.kind == .notWellFormed, "at \(place)")
            #expect(error(bytes)?.column == place + 1)
        }
    }

    @Test func `broken UTF-8 is refused with a line`() {
        let broken: [[UInt8]] = [
            [0xff], [0xc0, 0x80], [0xe2, 0x82], [0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
            [0xf0, 0x80, 0x80, 0x80],
        ]
        for bytes in broken {
            for (before, behind) in [("<a>\n", "</a>"), ("<a\nb='", "'/>"), ("<a>\n<!--", "--></a>"), ("\n<", "/>")] {
                let fault = error(Array(before.utf8) + bytes + Array(behind.utf8))
                #expect(
                    fault != nil && fault?.kind != .internalFault,
                    "\(before)\(bytes)\(behind): \(String(describing: fault))")
                #expect(fault?.line == 2, "\(before)\(bytes)\(behind): \(String(describing: fault))")
            }
        }
    }

    @Test func `UTF-16 of either order, with and without mark, and others are read as UTF-8`() throws {
        let text = "<?xml version='1.0' encoding='UTF-16'?><é x='ü€😀'>ß</é>"
        let units = Array(text.utf16)
        let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let big = units.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        for bytes in [[0xff, 0xfe] + little, [0xfe, 0xff] + big, little, big] {
            let document = try XMLDocument(parsing: bytes, name: "utf16.xml")
            #expect(document.root.name == "é")
            #expect(document.root["x"] == "ü€😀")
            #expect(document.root.attribute("x")?.position.column == 43)
            // The declaration tells the truth again, and the result is read as it stands.
            #expect(document.description == text.replacing("UTF-16", with: "UTF-8"))
            #expect(try XMLDocument(parsing: document.bytes, name: "again.xml").root.text == "ß")
        }
        let latin = Array("<?xml version='1.0' encoding=\"ISO-8859-1\"?><a>".utf8) + [0xe9] + Array("</a>".utf8)
        #expect(try root(latin).text == "é")
        let windows = Array("<?xml version='1.0' encoding='windows-1252'?><a>".utf8) + [0x80] + Array("</a>".utf8)
        #expect(try root(windows).text == "€")
        let japanese = Array("<?xml version='1.0' encoding='EUC-JP'?><a>".utf8) + [0xc6, 0xfc] + Array("</a>".utf8)
        #expect(try root(japanese).text == "日")
        let marked = try XMLDocument(parsing: [0xef, 0xbb, 0xbf] + Array("<a b='1'/>".utf8), name: "bom.xml")
        #expect(marked.root.position == XMLPosition(line: 1, column: 1, offset: 3))
        #expect(marked.bytes.prefix(3) == [0xef, 0xbb, 0xbf])
    }

    @Test func `bytes that are not of the encoding they claim are refused`() {
        let claims: [[UInt8]] = [
            Array("<?xml version='1.0' encoding='UTF-16'?><a/>".utf8),
            Array("<?xml version='1.0' encoding='EUC-JP'?><a>".utf8) + [0xff, 0xff] + Array("</a>".utf8),
            [0xff, 0xfe, 0x3c, 0x00, 0x61], [0xff, 0xfe, 0x00, 0xd8, 0x3c, 0x00], [0xff, 0xfe],
        ]
        for bytes in claims { #expect(error(bytes) != nil, "\(bytes)") }
    }

    /// libxml2 says so, and goes on: Namespaces in XML is a layer of its own above XML.
    @Test func `names that are no names with prefixes are attributes like any other`() throws {
        let element = try root(Array("<d xmlns:-='1' xmlns:='2' :a='3' b:c:d='4' xmlns:e='' e:f='5' g:h='6'/>".utf8))
        #expect(element.attributes.map(\.value) == ["1", "2", "3", "4", "5", "6"])
        #expect(element.namespaceDeclarations.map(\.name) == ["xmlns:e"])
        #expect(element.attribute("e:f")?.namespaceURI == nil)
    }

    /// A document with one of everything.
    static let everything = """
        <?xml version='1.0' encoding='UTF-8'?>\r
        <!-- ä --><?pi  some data?>
        <domain type='kvm' xmlns:q="urn:q" id = '7'>
        \t<name>a&amp;b&#x41;&lt;</name><![CDATA[ <x> ]]><![CDATA[]]>
          <q:e q:a='1&#10;2\t3' b="'"/><empty></empty>\r\n  text € 😀 ]] > <!-- - --><?x?>
        </domain>
        <!-- end -->

        """

    @Test func `a document cut at any byte is refused or whole, never another`() throws {
        let bytes = Array(Self.everything.utf8)
        let whole = try XMLDocument(parsing: bytes, name: "whole.xml")
        let rootEnd = whole.root.endPosition.offset
        for count in 0..<bytes.count {
            let fault = error(Array(bytes[..<count]))
            #expect(fault?.kind != .internalFault, "\(count): \(String(describing: fault))")
            if count < rootEnd { #expect(fault != nil, "cut at \(count)") }
        }
    }

    @Test func `any byte changed to any of the markup's own is an error or agreed upon by both readings`() {
        let bytes = Array(Self.everything.utf8)
        let marks: [UInt8] = Array("<>&'\"/?!-[]= :;\r\n\tx".utf8) + [0, 0x80, 0xc3, 0xff]
        var (read, refused) = (0, 0)
        for index in bytes.indices {
            for mark in marks where bytes[index] != mark {
                var changed = bytes
                changed[index] = mark
                switch error(changed) {
                case nil: read += 1
                case let fault?:
                    refused += 1
                    if fault.kind == .internalFault {
                        Issue.record("\(index) \(mark): \(fault)")
                        return
                    }
                }
            }
        }
        #expect(read > 1000 && refused > 1000)
    }
}
