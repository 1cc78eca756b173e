import Foundation
import LibvirtXML
import Testing

/// Whether libvirt's schemas are on this machine (libvirt0), and xmllint to compare with.
private let isInstalled =
    FileManager.default.fileExists(atPath: XMLSchemas.installedFolder + "/domain.rng")
    && FileManager.default.fileExists(atPath: "/usr/bin/xmllint")

struct SchemaTests {
    private func document(_ text: String) throws -> XMLDocument { try XMLDocument(parsing: text, name: "x.xml") }

    @Test(.enabled(if: isInstalled)) func `a network that libvirt documents is valid`() throws {
        let network = try document(
            "<network><name>default</name><bridge name='virbr0'/><forward mode='nat'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>"
        )
        #expect(try XMLSchemas().validate(network) == .valid)
    }

    @Test(.enabled(if: isInstalled)) func `what the schema refuses is refused at its own line and column`() throws {
        let network = try document(
            "<network>\n  <name>default</name>\n  <forward\n     mode='warp'/>\n</network>\n")
        guard case .invalid(let errors) = try XMLSchemas().validate(network) else {
            Issue.record("a forward mode that does not exist is valid")
            return
        }
        #expect(!errors.isEmpty)
        for error in errors {
            #expect(error.kind == .againstSchema)
            #expect(error.libraryMessage?.isEmpty == false)
        }
        #expect(errors.contains { $0.line == 3 && $0.column == 3 || $0.line == 4 && $0.column == 6 }, "\(errors)")
    }

    /// A domain, and a piece of it that is changed: what becomes of it, and the path that is to blame.
    private static let wrong: [(old: String, new: String, path: String)] = [
        ("cache='none'", "cache='fast'", "/domain/devices/disk/driver/@cache"),
        ("<vcpu>", "<vcpu colour='red'>", "/domain/vcpu/@colour"),
        ("<memory unit='GiB'>", "<memory unit='GiX'>", "/domain/memory/@unit"),
        ("<memory unit='GiB'>4</memory>", "<memory unit='GiB'>viel</memory>", "/domain/memory"),
        ("<interface type='network'>", "<interface type='netwrok'>", "/domain/devices/interface"),
        ("<target dev='vda' bus='virtio'/>", "", "/domain/devices/disk"),
        ("<qemu:arg value='-x'/>", "<qemu:argument value='-x'/>", "/domain/qemu:commandline/qemu:argument"),
        ("<rng model='virtio'>", "<rgn model='virtio'/><rng model='virtio'>", "/domain/devices/rgn"),
    ]
    private static let domain = """
        <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>web1</name>
          <metadata><x:anything xmlns:x='http://example.org/x' at='all'><x:here/></x:anything></metadata>
          <memory unit='GiB'>4</memory>
          <vcpu>4</vcpu>
          <os><type arch='x86_64' machine='q35'>hvm</type></os>
          <devices>
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2' cache='none'/>
              <source file='/var/lib/libvirt/images/web1.qcow2'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <interface type='network'><source network='default'/><model type='virtio'/></interface>
            <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
          </devices>
          <qemu:commandline><qemu:arg value='-x'/></qemu:commandline>
        </domain>
        """

    private func refusals(_ text: String) throws -> [XMLRefusal] {
        guard case .refusals(let refusals) = try XMLSchemas().refusals(of: document(text)) else { return [] }
        return refusals
    }

    /// Whether xmllint takes a document, by the same schema.
    private func isTaken(_ text: String) throws -> Bool {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).xml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let schema = XMLSchemas.installedFolder + "/domain.rng"
        return try Foreign.run("/usr/bin/xmllint", ["--nonet", "--noout", "--relaxng", schema, file.path]).error
            .contains(" validates")
    }

    @Test(.enabled(if: isInstalled), arguments: wrong.indices)
    func `what the schema refuses is blamed by its own path`(index: Int) throws {
        let (old, new, path) = Self.wrong[index]
        let text = Self.domain.replacingOccurrences(of: old, with: new)
        #expect(try isTaken(Self.domain) && !isTaken(text))
        let refusals = try refusals(text)
        #expect(refusals.count == 1)
        let position = try #require(refusals.first?.position)
        #expect(try document(text).spot(at: position).xpath == path)
    }

    @Test(.enabled(if: isInstalled))
    func `what is wrong in an element that the schema asks for is blamed, not the element`()
        throws
    {
        let pool = try document(
            "<pool type='dir'><name>x</name><target><path>/a</path><permisions><mode>0700</mode></permisions></target></pool>"
        )
        guard case .refusals(let refusals) = try XMLSchemas().refusals(of: pool) else {
            Issue.record("not held against a schema")
            return
        }
        #expect(refusals.map { pool.spot(at: $0.position).xpath } == ["/pool/target/permisions"])
    }

    @Test(.enabled(if: isInstalled)) func `all of several faults are blamed, in the order of the document`() throws {
        var text = Self.domain
        for (old, new, _) in Self.wrong where !new.isEmpty && !new.contains("viel") {
            text = text.replacingOccurrences(of: old, with: new)
        }
        let document = try document(text)
        let paths = try refusals(text).map { document.spot(at: $0.position).xpath }
        #expect(
            paths == [
                "/domain/memory/@unit", "/domain/vcpu/@colour", "/domain/devices/disk/driver/@cache",
                "/domain/devices/interface", "/domain/devices/rgn", "/domain/qemu:commandline/qemu:argument",
            ])
    }

    @Test(.enabled(if: isInstalled))
    func `nothing is refused of a valid domain with foreign metadata and QEMU arguments`()
        throws
    {
        #expect(try refusals(Self.domain).isEmpty)
    }

    @Test(.enabled(if: isInstalled)) func `a password that the schema refuses is not quoted`() throws {
        let text = Self.domain.replacingOccurrences(of: "<vcpu>", with: "<vcpu passwd='geheim'>")
        #expect(try refusals(text).map(\.words) == ["passwd='***' of <vcpu>"])
    }

    @Test(.enabled(if: isInstalled)) func `a thousand wrong documents cost a bounded number of questions`() throws {
        let schemas = XMLSchemas()
        let wrong = try document(Self.domain.replacingOccurrences(of: "cache='none'", with: "cache='fast'"))
        let clock = ContinuousClock()
        let time = try clock.measure { for _ in 0..<1000 { _ = try schemas.refusals(of: wrong) } }
        // 6,000 questions and 1,000 validations at a fraction of a millisecond each; unbounded it would be 20,000.
        #expect(time < .seconds(20))
        guard case .refusals(let last) = try schemas.refusals(of: wrong) else {
            Issue.record("not refused")
            return
        }
        #expect(!last.isEmpty)
    }

    @Test func `schemas that are not installed are said to be missing`() throws {
        let schemas = XMLSchemas(folder: "/nonexistent")
        #expect(try schemas.validate(document("<domain/>")) == .notInstalled(file: "/nonexistent/domain.rng"))
    }

    @Test func `a root element that libvirt has no schema for is told`() throws {
        #expect(try XMLSchemas().validate(document("<html/>")) == .noSchema(root: "html"))
    }

    @Test func `a schema that does not compile is an error of its own`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("<grammar xmlns='http://relaxng.org/ns/structure/1.0'><start><ref name='x'/></start></grammar>".utf8)
            .write(to: folder.appending(path: "domain.rng"))
        try Data("no xml".utf8).write(to: folder.appending(path: "network.rng"))
        for root in ["domain", "network"] {
            #expect {
                try XMLSchemas(folder: folder.path).validate(document("<\(root)/>"))
            } throws: {
                ($0 as? XMLError)?.kind == .schemaUnusable
            }
        }
    }

    @Test(.enabled(if: isInstalled)) func `every schema that is named is installed`() {
        for file in XMLSchemas.files.values {
            #expect(FileManager.default.fileExists(atPath: XMLSchemas.installedFolder + "/" + file), "\(file)")
        }
    }

    /// xmllint is asked the same, with the same installed schemas: those of the corpus's own version are newer.
    @Test(.enabled(if: isInstalled && Corpus.isThere)) func `over the corpus the verdicts are those of xmllint`() throws
    {
        let schemas = XMLSchemas()
        let corpus = try #require(Corpus.folder)
        var ours: [String: [String: Bool]] = [:]
        for entry in try Corpus.entries() {
            let path = corpus.appending(path: entry.path).path
            guard let document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: path),
                let file = XMLSchemas.files[document.root.localName]
            else { continue }
            switch try schemas.validate(document) {
            case .valid: ours[file, default: [:]][path] = true
            case .invalid(let errors):
                ours[file, default: [:]][path] = false
                #expect(errors.allSatisfy { $0.line != nil && $0.column != nil })
            case .noSchema, .notInstalled: Issue.record("\(path): no verdict")
            }
        }
        var (valid, invalid) = (0, 0)
        for (file, verdicts) in ours {
            let paths = verdicts.keys.sorted()
            for start in stride(from: 0, to: paths.count, by: 300) {
                let batch = paths[start..<min(start + 300, paths.count)]
                let result = try Foreign.run(
                    "/usr/bin/xmllint",
                    ["--nonet", "--noout", "--relaxng", XMLSchemas.installedFolder + "/" + file] + batch)
                let refused = Set(
                    result.error.split(separator: "\n").filter { $0.hasSuffix(" fails to validate") }
                        .map { String($0.dropLast(" fails to validate".count)) })
                for path in batch {
                    #expect(verdicts[path] == !refused.contains(path), "\(file): \(path)")
                    if refused.contains(path) { invalid += 1 } else { valid += 1 }
                }
            }
        }
        #expect(valid > 1000 && invalid > 10)
        print("schemas: \(valid) valid, \(invalid) refused, as xmllint says")
    }
}
