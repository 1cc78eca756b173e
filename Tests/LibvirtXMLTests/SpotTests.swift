import Foundation
import LibvirtXML
import Testing

/// What a position and a path lead to, and the lines that are shown of it.
struct SpotTests {
    static let text = """
        <?xml version='1.0'?>
        <!-- Grüße -->
        <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>grün &amp; blau</name>
          <devices>
            <disk type='file'><source file='/a'/><target dev='vda'/></disk>
            <disk
                type='file'
                device='disk'>
              <driver name='qemu' cache='unsafe'/>
            </disk>
            <graphics type='vnc' passwd='geheim' listen='0.0.0.0'/>
          </devices>
          <qemu:commandline>
            <qemu:arg value='secret,id=a,data=geheim'/>
          </qemu:commandline>
        </domain>
        """

    private func document(_ text: String = Self.text) throws -> XMLDocument {
        try XMLDocument(parsing: text, name: "x.xml")
    }

    @Test func `a position of each element and attribute leads to it, and its path leads back`() throws {
        let document = try document()
        for element in document.allElements {
            let spot = document.spot(at: element.position)
            #expect(spot.xpath == element.xpath)
            #expect(document.spot(atPath: spot.xpath)?.position == element.position)
            for attribute in element.attributes {
                for position in [attribute.position, attribute.valuePosition] {
                    #expect(document.spot(at: position).xpath == attribute.xpath)
                }
                #expect(document.spot(atPath: attribute.xpath)?.position == attribute.position)
            }
        }
        #expect(document.spot(atPath: "/domain/devices/disk[3]") == nil)
        #expect(document.spot(atPath: "/domain/@none") == nil)
    }

    @Test func `a line and column are the position that they were printed for`() throws {
        let document = try document()
        for element in document.allElements {
            let position = element.position
            #expect(document.position(line: position.line, column: position.column) == position)
        }
        #expect(document.position(line: 9999, column: 9999).line == 17)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/xmllint"), "no xmllint"))
    func `xmllint finds the same value at the path of each attribute`() throws {
        let document = try document()
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).xml")
        try Data(Self.text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        for attribute in document.allElements.flatMap(\.attributes) where attribute.element.prefix == nil {
            let path = document.spot(at: attribute.position).xpath
            // xmllint knows no prefix of the document's.
            let plain = path.split(separator: "/").map { $0.contains(":") ? "*[name()='\($0)']" : String($0) }
            let result = try Foreign.run(
                "/usr/bin/xmllint", ["--xpath", "string(/\(plain.joined(separator: "/")))", file.path])
            #expect(
                String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .newlines) == attribute.value,
                "\(path)")
        }
    }

    // MARK: - Excerpts

    private func excerpt(_ path: String, in text: String = Self.text) throws -> [XMLExcerpt.Line] {
        XMLExcerpt(try #require(try document(text).spot(atPath: path))).lines
    }

    @Test func `an attribute is marked in its line, with a line before and behind`() throws {
        let lines = try excerpt("/domain/devices/disk[2]/driver/@cache")
        #expect(lines.map(\.number) == [9, 10, 11])
        #expect(lines.map(\.marked) == ["", "cache='unsafe'", ""])
        #expect(lines[1].before == "      <driver name='qemu' ")
        #expect(lines[1].after == "/>")
        let source = Self.text.split(separator: "\n").map(String.init)
        for line in lines { #expect(line.before + line.marked + line.after == source[line.number - 1]) }
    }

    @Test func `a start tag over several lines is marked in all of them`() throws {
        let lines = try excerpt("/domain/devices/disk[2]")
        #expect(lines.map(\.marked) == ["", "<disk", "        type='file'", "        device='disk'>", ""])
    }

    @Test func `no password is shown, whether or not it is what is marked`() throws {
        for path in [
            "/domain/devices/graphics", "/domain/devices/graphics/@passwd", "/domain/devices/graphics/@listen",
        ] {
            let text = try excerpt(path).map { $0.before + $0.marked + $0.after }.joined(separator: "\n")
            #expect(!text.contains("geheim"))
            #expect(text.contains("passwd='***' listen='0.0.0.0'"))
        }
        let argument = try excerpt("/domain/qemu:commandline/qemu:arg/@value")
        #expect(argument[1].marked == "value='***'")
        let cookie = try excerpt(
            "/disk/source/cookies",
            in: "<disk><source><cookies><cookie name='a'>geheim</cookie></cookies></source></disk>")
        #expect(
            cookie[0].before + cookie[0].marked + cookie[0].after
                == "<disk><source><cookies><cookie name='a'>***</cookie></cookies></source></disk>")
    }

    @Test(arguments: [
        "<a b='\(String(repeating: "ü", count: 1 << 20))'/>", "<a \(String(repeating: "\n", count: 5000))b='1'/>",
    ])
    func `what is shown is bounded, however long the document`(text: String) throws {
        let lines = try excerpt("/a", in: text)
        #expect(lines.count <= 7)
        for line in lines { #expect((line.before + line.marked + line.after).utf8.count < 1000) }
        #expect(!lines.contains { ($0.before + $0.marked + $0.after).contains("\u{fffd}") })
    }
}
