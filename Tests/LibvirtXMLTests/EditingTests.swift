import LibvirtXML
import Testing

/// Edits change what they name, and nothing else.
struct EditingTests {
    private let text = """
        <?xml version='1.0'?>
        <!-- mine -->
        <domain type="kvm">
          <name>a</name>   <!-- the name -->
          <memory   unit='GiB'>1</memory>
          <os/>
          <devices>
            <disk type='file'>
              <target dev='vda'/>
            </disk>
            <odd:thing xmlns:odd='urn:odd'/>
          </devices>
        </domain>

        """

    private func document() throws -> XMLDocument { try XMLDocument(parsing: text, name: "d.xml") }

    @Test func `an attribute's value changes in its quotes`() throws {
        var document = try document()
        try document.setAttribute("type", to: "it's \"q\" <&>\n", of: document.root)
        #expect(
            document.description == text.replacing("\"kvm\"", with: "\"it's &quot;q&quot; &lt;&amp;>&#10;\""))
        #expect(document.root["type"] == "it's \"q\" <&>\n")
    }

    @Test func `an attribute comes and goes`() throws {
        var document = try document()
        let memory = try #require(document.root.first("memory"))
        try document.setAttribute("dumpCore", to: "off", of: memory)
        #expect(document.description == text.replacing("unit='GiB'", with: "unit='GiB' dumpCore='off'"))
        try document.setAttribute("dumpCore", to: nil, of: memory)
        #expect(document.description == text)
        try document.setAttribute("x", to: "1", of: document.root.path("os")!)
        #expect(document.description == text.replacing("<os/>", with: "<os x='1'/>"))
    }

    @Test func `text changes, also in an element of one tag`() throws {
        var document = try document()
        try document.setText("b & c", of: document.root.first("name")!)
        #expect(document.description == text.replacing("<name>a<", with: "<name>b &amp; c<"))
        try document.setText("hvm", of: document.root.first("os")!)
        #expect(document.root.first("os")?.text == "hvm")
        try document.setText("", of: document.root.first("os")!)
        #expect(document.root.first("os")?.source == "<os></os>")
    }

    @Test func `an element is added as its siblings are indented`() throws {
        var document = try document()
        let disk = try #require(document.root.path("devices/disk"))
        let driver = try document.append(
            XMLNewElement("driver", [.init("name", "qemu"), .init("type", "raw")]), to: disk)
        #expect(driver.source == "<driver name='qemu' type='raw'/>")
        #expect(
            document.description
                == text.replacing(
                    "<target dev='vda'/>\n", with: "<target dev='vda'/>\n      <driver name='qemu' type='raw'/>\n"))
        try document.remove(driver)
        #expect(document.description == text)
        let rng = XMLNewElement(
            "rng", [.init("model", "virtio")], .elements([XMLNewElement("backend", [], .text("/dev/urandom"))]))
        let added = try document.insert(rng, before: disk)
        #expect(added.source == "<rng model='virtio'>\n      <backend>/dev/urandom</backend>\n    </rng>")
        #expect(document.root.path("devices")?.elements.map(\.name) == ["rng", "disk", "odd:thing"])
        try document.remove(added)
        #expect(document.description == text)
    }

    @Test func `the first element in another opens it`() throws {
        var document = try document()
        try document.append(XMLNewElement("type", [], .text("hvm")), to: document.root.first("os")!)
        #expect(document.description == text.replacing("<os/>", with: "<os>\n    <type>hvm</type>\n  </os>"))
        var short = try XMLDocument(parsing: "<a><b/></a>", name: "s.xml")
        try short.append(XMLNewElement("c"), to: short.root.first("b")!)
        #expect(short.description == "<a><b><c/></b></a>")
        try short.append(XMLNewElement("d"), to: short.root)
        #expect(short.description == "<a><b><c/></b><d/></a>")
    }

    @Test func `what is not there on the way is added`() throws {
        var document = try document()
        let topology = try document.ensure("cpu/topology", in: document.root)
        try document.setAttribute("sockets", to: "2", of: topology)
        #expect(
            document.description
                == text.replacing(
                    "  </devices>\n", with: "  </devices>\n  <cpu>\n    <topology sockets='2'/>\n  </cpu>\n"))
        #expect(try document.ensure("devices/disk", in: document.root)["type"] == "file")
    }

    @Test func `handles of before an edit are found again, and removed ones are told`() throws {
        var document = try document()
        let (name, disk, thing) = (
            document.root.first("name")!, document.root.path("devices/disk")!, document.root.path("devices/odd:thing")!
        )
        try document.append(XMLNewElement("new", [], .elements([XMLNewElement("x")])), to: document.root.first("os")!)
        try document.setText("zz", of: name)
        try document.remove(disk)
        #expect(try document.current(thing).source == "<odd:thing xmlns:odd='urn:odd'/>")
        #expect(try document.current(name).text == "zz")
        #expect(throws: XMLError.self) { try document.current(disk) }
        #expect(throws: XMLError.self) { try document.current(disk.first("target")!) }
        let other = try XMLDocument(parsing: text, name: "other.xml")
        #expect(throws: XMLError.self) { try document.current(other.root) }
    }

    @Test func `a copy that is edited leaves the other as it was`() throws {
        let first = try document()
        var second = first
        try second.setText("other", of: second.root.first("name")!)
        #expect(first.root.first("name")?.text == "a")
        #expect(second.root.first("name")?.text == "other")
    }

    @Test func `what XML cannot hold is refused and changes nothing`() throws {
        var document = try document()
        #expect(throws: XMLError.self) { try document.setText("a\u{0}", of: document.root) }
        #expect(throws: XMLError.self) { try document.setText("a\u{1b}", of: document.root) }
        #expect(throws: XMLError.self) { try document.setAttribute("a b", to: "1", of: document.root) }
        #expect(throws: XMLError.self) { try document.setAttribute("", to: "1", of: document.root) }
        #expect(throws: XMLError.self) { try document.append(XMLNewElement("a><b"), to: document.root) }
        #expect(throws: XMLError.self) { try document.remove(document.root) }
        #expect(document.description == text)
    }

    /// Numbers that look random and are the same each run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ (state << 31)
        }
    }

    @Test(arguments: 0..<20) func `after any edits every other element is what it was`(seed: Int) throws {
        var dice = Dice(state: UInt64(seed) &* 7919 &+ 1)
        var document = try XMLDocument(
            parsing: seed.isMultiple(of: 2) ? text : "<a>x<b/>y<c>z<d/></c><!--k--><e>\n  <f/> <g/>\n</e></a>",
            name: "r.xml")
        for step in 0..<60 {
            let elements = document.allElements
            let element = elements.randomElement(using: &dice)!
            let before = elements.map { ($0, $0.name, $0.attributes.map(\.source)) }
            var removed: Set<XMLElement> = []
            let what = Int.random(in: 0..<6, using: &dice)
            let isRoot = element.parent == nil
            switch what {
            case 0: try document.setAttribute("k\(step)", to: "v", of: element)
            case 1 where element.elements.isEmpty:
                try document.setText(step.isMultiple(of: 3) ? "" : "t\(step)", of: element)
            case 2: try document.append(XMLNewElement("n\(step)", [], .text("x")), to: element)
            case 3 where !isRoot:
                try document.insert(XMLNewElement("n\(step)", [], .elements([XMLNewElement("m")])), before: element)
            case 4 where !isRoot: try document.insert(XMLNewElement("n\(step)"), after: element)
            case 5 where !isRoot && elements.count > 3:
                removed = Set([element] + element.descendants)
                try document.remove(element)
            default: continue
            }
            for (old, name, attributes) in before {
                if removed.contains(old) {
                    #expect(throws: XMLError.self) { try document.current(old) }
                } else {
                    let new = try document.current(old)
                    #expect(new.name == name, "step \(step), edit \(what)")
                    #expect(new.attributes.map(\.source).starts(with: attributes), "step \(step), edit \(what)")
                }
            }
        }
    }
}
