import Foundation
import LibvirtXML
import Testing

/// Documents that are not libvirt's own test data: what its test driver prints, what its packages install, and mutants.
struct ForeignDocumentTests {
    /// A domain that libvirt's test driver is made to print again: comments, CDATA and another's elements in it.
    private static let node = """
        <?xml version='1.0'?>
        <node>
          <domain type='test' xmlns:other='urn:other'>
            <name>b&amp;c</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid><title>a "b" &lt;c&gt;</title>
            <description><![CDATA[<not a tag> & so on]]></description>
            <metadata><!-- kept --><other:note other:by="me">é😀<?do it?></other:note></metadata>
            <memory unit='GiB'>1</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os>
            <devices><disk type='file' device='disk'><source file='/a b.img'/><target dev='vda'/></disk>
            <interface type='network'><mac address='52:54:00:01:02:03'/><source network='n'/></interface></devices>
          </domain>
          <network><name>n</name><forward mode='nat'/><ip address='10.0.0.1' netmask='255.255.255.0'/></network>
          <pool type='dir'><name>p</name><target><path>/tmp</path></target></pool>
        </node>
        """

    /// What libvirt's test driver prints of its objects and of ours, with what makes it.
    private static func printed() throws -> [(what: String, bytes: [UInt8])] {
        let file = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString).xml")
        try Data(node.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let asked = [
            ("test:///default", ["capabilities", "dumpxml test", "net-dumpxml default", "pool-dumpxml default-pool"]),
            ("test:///default", ["iface-dumpxml eth1"]),
            ("test://\(file.path)", ["dumpxml b&c", "dumpxml --inactive b&c", "net-dumpxml n", "pool-dumpxml p"]),
        ]
        var documents: [(String, [UInt8])] = []
        for (uri, commands) in asked {
            for command in commands {
                let result = try Foreign.run(
                    "/usr/bin/virsh", ["-q", "-c", uri] + command.split(separator: " ").map(String.init))
                #expect(result.status == 0, "\(command): \(result.error)")
                // virsh adds an empty line.
                documents.append((command, result.output))
            }
        }
        return documents
    }

    private static func installed() throws -> [(what: String, bytes: [UInt8])] {
        let files = FileManager.default.enumerator(atPath: "/usr/share/libvirt")?.compactMap { $0 as? String } ?? []
        return try files.filter { $0.hasSuffix(".xml") }.sorted().map {
            ($0, try [UInt8](Data(contentsOf: URL(filePath: "/usr/share/libvirt/" + $0))))
        }
    }

    /// How many there are of each kind of thing, and how many bytes of text and of values.
    private static func counts(_ document: XMLDocument) -> [Int] {
        var counts = [Int](repeating: 0, count: 7)
        func visit(_ node: XMLNode) {
            switch node.kind {
            case .declaration: break
            case .text, .cdata:
                counts[5] += node.text.utf8.count
                if node.kind == .cdata { counts[4] += 1 }
            case .comment: counts[2] += 1
            case .instruction: counts[3] += 1
            case .element:
                guard let element = node.element else { return }
                counts[0] += 1
                for attribute in element.attributes + element.namespaceDeclarations {
                    counts[1] += 1
                    counts[6] += attribute.value.utf8.count
                }
                for child in element.children { visit(child) }
            }
        }
        for node in document.children { visit(node) }
        return counts
    }

    private static let counter = """
        import sys, xml.parsers.expat
        for path in sys.stdin.read().splitlines():
            n = [0] * 7
            parser = xml.parsers.expat.ParserCreate()
            def start(name, attributes):
                n[0] += 1; n[1] += len(attributes); n[6] += sum(len(v.encode()) for v in attributes.values())
            def add(index):
                def handler(*arguments): n[index] += 1
                return handler
            def text(data): n[5] += len(data.encode())
            parser.StartElementHandler = start
            parser.CommentHandler, parser.ProcessingInstructionHandler = add(2), add(3)
            parser.StartCdataSectionHandler, parser.CharacterDataHandler = add(4), text
            with open(path, "rb") as file: parser.ParseFile(file)
            print(*n)
        """

    /// Without the corpus the documents are the others alone.
    @Test func `expat counts as many elements, attributes, comments, instructions, CDATA sections and bytes as we`()
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var documents = try Self.printed() + Self.installed()
        documents.append(("node", Array(Self.node.utf8)))
        for entry in try Corpus.entries() { documents.append((entry.path, try Corpus.bytes(entry.path))) }
        var (ours, names, paths) = ([String](), [String](), "")
        for (what, bytes) in documents {
            guard let document = try? XMLDocument(parsing: bytes, name: what) else { continue }
            #expect(document.bytes == bytes, "\(what)")
            let path = folder.appending(path: "\(ours.count).xml").path
            try Data(bytes).write(to: URL(filePath: path))
            paths += path + "\n"
            ours.append(Self.counts(document).map(String.init).joined(separator: " "))
            names.append(what)
        }
        #expect(ours.count >= documents.count - 2)
        let result = try Foreign.run("/usr/bin/python3", ["-c", Self.counter], input: Array(paths.utf8))
        #expect(result.status == 0, "\(result.error)")
        let theirs = String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(theirs.count == ours.count)
        for (index, pair) in zip(ours, theirs).enumerated() where pair.0 != pair.1 {
            Issue.record("\(names[index]): we \(pair.0), expat \(pair.1)")
        }
        print("counted: \(ours.count) documents")
    }

    @Test func `what libvirt's test driver prints goes through its views and back unchanged`() throws {
        for (what, bytes) in try Self.printed() {
            var document = try XMLDocument(parsing: bytes, name: what)
            let view = try #require(LibvirtObject(document).view, "\(what)")
            #expect(view.malformedValues.isEmpty, "\(what): \(view.malformedValues)")
            var fields: [XMLField] = []
            view.visitFields { fields.append($0) }
            #expect(fields.count > 2, "\(what)")
            for field in fields {
                #expect(field.isSpelledFaithfully, "\(what): \(field.xpath)")
                try field.keep(in: &document)
            }
            #expect(document.bytes == bytes, "\(what)")
        }
    }

    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// The document with one thing in it changed: a value, a name, an element taken away or put where none belongs.
    private static func mutant(of document: XMLDocument, _ dice: inout Dice) throws -> XMLDocument {
        var document = document
        let element = try #require(document.allElements.dropFirst().randomElement(using: &dice))
        let attribute = element.attributes.randomElement(using: &dice)
        switch (Int.random(in: 0..<6, using: &dice), attribute) {
        case (0, let attribute?): try document.setAttribute(attribute.name, to: "zzz", of: element)
        case (1, let attribute?): try document.setAttribute(attribute.name, to: nil, of: element)
        case (2, _): try document.setAttribute("unheard", to: "of", of: element)
        case (3, _): try document.append(XMLNewElement("unheard"), to: element)
        case (4, _): try document.remove(element)
        default: try document.append(XMLNewElement(element.name), to: element)
        }
        return document
    }

    /// xmllint is asked the same of the same files.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: XMLSchemas.installedFolder)))
    func `of mutants of running objects, those that xmllint refuses are refused with a line, and no others`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sources = try Self.printed() + [("live", Array(RunningDomain.live.utf8))]
        let schemas = XMLSchemas()
        var (dice, paths, refused) = (Dice(state: 11), [String: [String]](), Set<String>())
        for (index, source) in sources.enumerated() {
            let document = try XMLDocument(parsing: source.bytes, name: source.what)
            let file = try #require(XMLSchemas.files[document.root.name])
            for number in 0..<25 {
                let mutant = number == 0 ? document : try Self.mutant(of: document, &dice)
                let path = folder.appending(path: "\(index)-\(number).xml").path
                try Data(mutant.bytes).write(to: URL(filePath: path))
                paths[file, default: []].append(path)
                switch try schemas.refusals(of: XMLDocument(parsing: mutant.bytes, name: path)) {
                case .refusals(let found):
                    if !found.isEmpty { refused.insert(path) }
                    #expect(found.allSatisfy { $0.position.line > 0 && $0.position.column > 0 && !$0.words.isEmpty })
                case .noSchema, .notInstalled: Issue.record("\(path): no verdict")
                }
            }
        }
        var theirs: Set<String> = []
        for (file, paths) in paths {
            let result = try Foreign.run(
                "/usr/bin/xmllint",
                ["--nonet", "--noout", "--relaxng", XMLSchemas.installedFolder + "/" + file] + paths)
            for line in result.error.split(separator: "\n") where line.hasSuffix(" fails to validate") {
                theirs.insert(String(line.dropLast(" fails to validate".count)))
            }
        }
        #expect(refused.symmetricDifference(theirs).isEmpty)
        #expect(theirs.count > 100)
        print("mutants: \(theirs.count) of \(paths.values.map(\.count).reduce(0, +)) refused, as xmllint says")
    }
}
