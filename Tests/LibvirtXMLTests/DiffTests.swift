import Foundation
import LibvirtXML
import Testing

/// What differs in meaning, and what does not.
struct DiffTests {
    private func changes(_ first: String, _ second: String) throws -> [String] {
        try XMLDiff.compare(
            XMLDocument(parsing: first, name: "a.xml"), XMLDocument(parsing: second, name: "b.xml")
        ).map(\.description)
    }

    @Test(arguments: [
        ("<domain type='kvm' id='1'/>", "<domain  id=\"1\"\n type = 'kvm'></domain>"),
        (
            "<domain><name>a</name><memory unit='GiB'>1</memory></domain>",
            "<domain>\n <memory>1048576</memory>\n <name> a </name></domain>"
        ),
        (
            "<domain><memory unit='KiB'>1048576</memory></domain>",
            "<domain><memory unit='b'>1073741824</memory></domain>"
        ),
        ("<domain><memory unit='KB'>1024</memory></domain>", "<domain><memory unit='bytes'>1024000</memory></domain>"),
        ("<volume><capacity unit='G'>1</capacity></volume>", "<volume><capacity>1073741824</capacity></volume>"),
        (
            "<domain><cpu><numa><cell id='0' memory='1' unit='GiB'/></numa></cpu></domain>",
            "<domain><cpu><numa><cell id='0' memory='1048576'/></numa></cpu></domain>"
        ),
        ("<a slot='0x10'/>", "<a slot='16'/>"), ("<a slot='0x0a'/>", "<a slot='0xA'/>"),
        ("<a x='yes'/>", "<a x='on'/>"),
        ("<a x='no'/>", "<a x='off'/>"),
        (
            "<domain><uuid>2A1E65DA-0000-4000-8000-0123456789AB</uuid></domain>",
            "<domain><uuid>2a1e65da0000400080000123456789ab</uuid></domain>"
        ),
        ("<a><!-- one --><b/></a>", "<?pi?><a>\n<b/><!-- two -->\n</a>"),
        ("<a>x &amp; y</a>", "<a><![CDATA[x & y]]></a>"),
        ("<a xmlns:q='urn:q'><q:b q:c='1'/></a>", "<a xmlns:z='urn:q'><z:b z:c='1'/></a>"),
        ("<a><b/><c/><b x='1'/></a>", "<a><b/><b x='1'/><c/></a>"),
        (
            "<domain><devices><disk><target dev='vda'/></disk><disk><target dev='vdb'/></disk></devices></domain>",
            "<domain><devices><disk><target dev='vdb'/></disk><disk><target dev='vda'/></disk></devices></domain>"
        ),
        (
            "<domain><devices><interface><mac address='52:54:00:AB:CD:EF'/></interface></devices></domain>",
            "<domain><devices><interface><mac address='52:54:00:ab:cd:ef'/></interface></devices></domain>"
        ),
        ("<domain><vcpu cpuset='0-3,^2'>4</vcpu></domain>", "<domain><vcpu cpuset='0,1,3'>4</vcpu></domain>"),
        (
            "<domain><cpu><numa><cell id='0' cpus='0-1'/></numa></cpu></domain>",
            "<domain><cpu><numa><cell id='0' cpus='0,1'/></numa></cpu></domain>"
        ),
        (
            "<network><ip address='fd00::1' prefix='64'/></network>",
            "<network><ip address='FD00:0:0::1' prefix='64'/></network>"
        ),
        (
            "<pool><target><permissions><mode>0711</mode></permissions></target></pool>",
            "<pool><target><permissions><mode>711</mode></permissions></target></pool>"
        ),
        (
            "<domain><devices><disk device='disk' type='file'/></devices></domain>",
            "<domain><devices><disk type='file'/></devices></domain>"
        ),
        (
            "<domain><devices><disk><address type='pci' slot='0x05'/></disk></devices></domain>",
            "<domain><devices><disk><address type='pci' domain='0x0000' bus='0x00' slot='5' function='0x0'/></disk></devices></domain>"
        ),
        (
            "<network><forward/><bridge name='b'/></network>",
            "<network><forward mode='nat'/><bridge name='b' stp='on' delay='0'/></network>"
        ),
        (
            "<cpu><feature name='a' policy='require'/><feature name='b' policy='disable'/></cpu>",
            "<cpu><feature name='b' policy='disable'/><feature name='a' policy='require'/></cpu>"
        ),
    ])
    func `what means the same is no change`(first: String, second: String) throws {
        #expect(try changes(first, second).isEmpty)
        #expect(try changes(second, first).isEmpty)
    }

    @Test(arguments: [
        ("<domain><name>0x10</name></domain>", "<domain><name>16</name></domain>", "changed /domain/name: 0x10 → 16"),
        ("<a x='010'/>", "<a x='10'/>", "changed /a/@x: 010 → 10"),
        (
            "<domain><devices><disk/></devices></domain>", "<domain><devices><disk device='cdrom'/></devices></domain>",
            "added /domain/devices/disk/@device: cdrom"
        ),
        (
            "<domain><vcpu cpuset='0-3'>4</vcpu></domain>", "<domain><vcpu cpuset='0,1,2'>4</vcpu></domain>",
            "changed /domain/vcpu/@cpuset: 0-3 → 0,1,2"
        ),
        (
            "<network><forward mode='route'/></network>", "<network><forward/></network>",
            "removed /network/forward/@mode: route"
        ),
        ("<a x='18446744073709551616'/>", "<a x='0'/>", "changed /a/@x: 18446744073709551616 → 0"),
        (
            "<domain><memory unit='GiB'>1</memory></domain>", "<domain><memory unit='MiB'>1</memory></domain>",
            "changed /domain/memory: 1 GiB → 1 MiB"
        ),
        (
            "<domain><memory unit='EiB'>99999999999999</memory></domain>",
            "<domain><memory unit='EiB'>3</memory></domain>",
            "changed /domain/memory: 99999999999999 EiB → 3 EiB"
        ),
        ("<a/>", "<a x=''/>", "added /a/@x: "), ("<a x='1'/>", "<a/>", "removed /a/@x: 1"),
        ("<a>x</a>", "<a/>", "removed /a: x"), ("<a/>", "<b/>", "changed /b: <a> → <b>"),
        (
            "<os><boot dev='hd'/><boot dev='cdrom'/></os>", "<os><boot dev='hd'/></os>",
            "removed /os/boot[2]: <boot dev='cdrom'>"
        ),
        (
            "<domain><devices><graphics type='vnc' passwd='abc'/></devices></domain>",
            "<domain><devices><graphics type='vnc' passwd='xyz'/></devices></domain>",
            "changed /domain/devices/graphics[@type='vnc']/@passwd: (secret) → (secret)"
        ),
        ("<a xmlns='urn:1'/>", "<a xmlns='urn:2'/>", "changed /a: <a> → <a>"),
    ])
    func `what means another thing is one change`(first: String, second: String, expected: String) throws {
        #expect(try changes(first, second) == [expected])
    }

    private func domain(_ disks: [String], interfaces: [String] = []) -> String {
        let disks = disks.map {
            "<disk type='file'>\n<source file='/\($0).qcow2'/>\n<target dev='\($0)' bus='virtio'/>\n<address type='pci' slot='0x05'/></disk>"
        }
        let cards = interfaces.map { "<interface type='network'><mac address='52:54:00:00:00:\($0)'/></interface>" }
        return "<domain><devices>\n\((disks + cards).joined(separator: "\n"))\n</devices></domain>"
    }

    @Test func `a disk that was put in is one change, with its place`() throws {
        let first = try XMLDocument(parsing: domain(["vda", "vdc"]), name: "a.xml")
        let second = try XMLDocument(parsing: domain(["vda", "vdb", "vdc"]), name: "b.xml")
        let change = try #require(XMLDiff.compare(first, second).first)
        #expect(XMLDiff.compare(first, second).count == 1)
        #expect(change.kind == .added)
        #expect(change.subject == .element)
        #expect(change.path == "/domain/devices/disk[2]")
        #expect(change.label == "/domain/devices/disk[target/@dev='vdb']")
        #expect(change.newPosition?.line == 6)
        #expect(change.oldPosition == nil)
        #expect(second.element(atPath: change.path)?.first("target")?["dev"] == "vdb")
        #expect(XMLDiff.compare(second, first).map(\.kind) == [.removed])
    }

    @Test func `a change in a disk among many is told by its target`() throws {
        let first = domain(["vda", "vdb"])
        let second = domain(["vdb", "vda"]).replacing("/vdb.qcow2", with: "/new.qcow2")
        #expect(
            try changes(first, second) == [
                "changed /domain/devices/disk[target/@dev='vdb']/source/@file: /vdb.qcow2 → /new.qcow2"
            ])
    }

    @Test func `interfaces in another order are said to have moved, as few as can be`() throws {
        let first = domain([], interfaces: ["01", "02", "03", "04"])
        let second = domain([], interfaces: ["01", "03", "04", "02"])
        #expect(
            try changes(first, second) == ["moved /domain/devices/interface[mac/@address='52:54:00:00:00:02']"])
    }

    @Test func `a running domain and its definition differ in nothing that was defined`() throws {
        let live = try XMLDocument(parsing: RunningDomain.live, name: "live")
        let inactive = try XMLDocument(parsing: RunningDomain.inactive, name: "inactive")
        #expect(XMLDiff.compare(live, inactive).count > 20)
        #expect(XMLDiff.compare(inactive, live, ignoringRuntime: true).map(\.description).isEmpty)
        #expect(XMLDiff.compare(live, inactive, ignoringRuntime: true).map(\.description).isEmpty)
    }

    @Test func `what was changed in the definition of a running domain is all that is told`() throws {
        let live = try XMLDocument(parsing: RunningDomain.live, name: "live")
        var inactive = try XMLDocument(parsing: RunningDomain.inactive, name: "inactive")
        try inactive.setText("131072", of: inactive.root.first("memory")!)
        try inactive.append(
            XMLNewElement("disk", [.init("type", "file")], .elements([XMLNewElement("target", [.init("dev", "vdb")])])),
            to: inactive.root.first("devices")!)
        try inactive.setAttribute("type", to: "e1000", of: inactive.root.path("devices/interface/model")!)
        #expect(
            Set(XMLDiff.compare(live, inactive, ignoringRuntime: true).map(\.description)) == [
                "changed /domain/memory: 65536 KiB → 131072 KiB",
                "added /domain/devices/disk[target/@dev='vdb']: <disk type='file'>",
                "changed /domain/devices/interface[mac/@address='\(live.root.path("devices/interface/mac")!["address"]!)']/model/@type: virtio → e1000",
            ])
    }

    @Test func `elements without a key are lined up by what is alike`() throws {
        func rules(_ numbers: [Int]) -> String {
            "<filter>" + numbers.map { "<rule priority='\($0)'><tcp/></rule>" }.joined() + "</filter>"
        }
        #expect(try changes(rules([1, 2, 3]), rules([1, 7, 2, 3])) == ["added /filter/rule[2]: <rule priority='7'>"])
        #expect(try changes(rules([1, 2, 3]), rules([1, 9, 3])) == ["changed /filter/rule[2]/@priority: 2 → 9"])
        #expect(try changes(rules([1, 2, 3]), rules([2, 3])) == ["removed /filter/rule[1]: <rule priority='1'>"])
        #expect(try changes(rules([1, 2]), rules([2, 1])).count == 2)
    }

    @Test func `two disks at one target are lined up in order`() throws {
        let first = domain(["vda", "vda"])
        #expect(try changes(first, first).isEmpty)
        #expect(try changes(first, domain(["vda", "vda", "vda"])).count == 1)
    }

    @Test func `fifty thousand elements that all changed end soon`() throws {
        func text(_ value: Int) -> String {
            "<a>" + (0..<50_000).map { "<b c='\($0 * 2 + value)'/>" }.joined() + "</a>"
        }
        let clock = ContinuousClock.now
        #expect(try changes(text(0), text(1)).count == 50_000)
        #expect(ContinuousClock.now - clock < .seconds(30))
    }

    @Test(.enabled(if: Corpus.isThere))
    func `a document of the corpus does not differ from itself with its attributes turned round`() throws {
        var compared = 0
        for entry in try Corpus.entries() {
            guard let document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path) else { continue }
            let turned = try XMLDocument(parsing: Turning.text(of: document), name: entry.path)
            let changes = XMLDiff.compare(document, turned)
            #expect(changes.isEmpty, "\(entry.path): \(changes.first.map(\.description) ?? "")")
            compared += 1
        }
        #expect(compared > 2000)
    }

    @Test(.enabled(if: Corpus.isThere)) func `one value changed in a document of the corpus is found`() throws {
        var (changed, kinds) = (0, Set<String>())
        for (number, entry) in try Corpus.entries().enumerated() {
            guard var document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path) else { continue }
            let attributes = document.allElements.flatMap(\.attributes).filter { $0.name != "unit" }
            guard !attributes.isEmpty else { continue }
            let original = document
            let attribute = attributes[number * 7919 % attributes.count]
            try document.setAttribute(attribute.name, to: "zz-other", of: attribute.element)
            let changes = XMLDiff.compare(original, document)
            #expect(!changes.isEmpty, "\(entry.path) \(attribute.xpath)")
            // A key that changes makes another element of it; all else is one change.
            #expect(changes.count <= 2, "\(entry.path) \(attribute.xpath): \(changes.map(\.description))")
            changed += 1
            kinds.formUnion(changes.map { "\($0.kind) \($0.subject)" })
        }
        #expect(changed > 1900)
        #expect(kinds.contains("changed attribute"))
    }
}

/// A document with its attributes in the opposite order, its comments gone and other white space.
private enum Turning {
    static func text(of document: XMLDocument) -> String {
        var text = ""
        write(document.root, to: &text)
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("'", with: "&#39;")
    }

    private static func write(_ element: XMLElement, to text: inout String) {
        text += "<" + element.name
        for attribute in (element.namespaceDeclarations + element.attributes).reversed() {
            text += "\n\t\(attribute.name) = '\(escaped(attribute.value).replacing("\n", with: "&#10;"))'"
        }
        text += ">"
        if element.elements.isEmpty {
            text += escaped(element.text)
        } else if !element.trimmedText.isEmpty {
            text += escaped(element.text)
        }
        for child in element.elements { write(child, to: &text) }
        text += "</\(element.name)>"
    }
}
