import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import KVMCheckKit

/// Documents that are given together stand around each other.
struct SurroundingsTests {
    /// What the rules of some ids come to, by the name of the object and the id.
    private func verdicts(
        _ kind: DefinitionKind, _ select: [String], _ documents: [String]
    ) throws -> [String: [String: Finding]] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (index, document) in documents.enumerated() {
            try Data(document.utf8).write(to: folder.appending(path: "\(index).xml"))
        }
        var check = DefinitionCheck(kind)
        check.select = select
        let result = try check.run(on: [folder.path])
        #expect(result.problems.isEmpty)
        return Dictionary(
            result.reports.map { report in
                (report.subject.name, Dictionary(uniqueKeysWithValues: report.findings.map { ($0.rule.id, $0) }))
            }, uniquingKeysWith: { first, _ in first })
    }

    private func domain(_ name: String, uuid: String? = nil, _ devices: String = "") -> String {
        """
        <domain type='kvm'><name>\(name)</name>\(uuid.map { "<uuid>\($0)</uuid>" } ?? "")<memory>65536</memory>
        <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>\(devices)</devices></domain>
        """
    }

    private func disk(_ path: String, _ rest: String = "", device: String = "disk") -> String {
        """
        <disk type='file' device='\(device)'><driver name='qemu' type='raw'/><source file='\(path)'/>
        <target dev='sda' bus='sata'/>\(rest)</disk>
        """
    }

    private func interface(_ mac: String, _ network: String) -> String {
        "<interface type='network'><mac address='\(mac)'/><source network='\(network)'/></interface>"
    }

    private let uuid = "6b1d7e0a-9d0f-4f0d-8a6a-111111111111"

    @Test func `one document alone says nothing of others`() throws {
        let found = try verdicts(
            .domain, ["KVD4"], [domain("a", uuid: uuid, interface("52:54:00:00:00:01", "x") + disk("/srv/a"))])
        for id in ["KVD400", "KVD401", "KVD403", "KVD404", "KVD406", "KVD407", "KVD420", "KVD429"] {
            #expect(found["a"]?[id]?.verdict == .unknown, "\(id)")
        }
    }

    @Test func `one hardware address on one network is a warning where nobody tells what runs`() throws {
        let found = try verdicts(
            .domain, ["KVD40"],
            [
                domain("a", interface("52:54:00:00:00:01", "x")), domain("b", interface("52:54:0:0:0:1", "x")),
                domain("c", interface("52:54:00:00:00:02", "x")), domain("d", interface("52:54:00:00:00:02", "y")),
                domain("e", interface("52:54:00:00:00:03", "x")),
            ])
        for name in ["a", "b"] {
            #expect(found[name]?["KVD404"]?.verdict == .fail)
            #expect(found[name]?["KVD403"]?.verdict == .unknown)
            #expect(found[name]?["KVD405"]?.verdict == .pass)
        }
        #expect(found["a"]?["KVD404"]?.message.contains("address of b too") == true)
        for name in ["c", "d"] {
            #expect(found[name]?["KVD404"]?.verdict == .pass)
            #expect(found[name]?["KVD405"]?.verdict == .fail)
        }
        for id in ["KVD403", "KVD404", "KVD405"] { #expect(found["e"]?[id]?.verdict == .pass, "\(id)") }
    }

    /// What `virsh define` says of the second of two such documents, with libvirt 9.0.
    @Test func `a name and a UUID belong to one domain`() throws {
        let other = "6b1d7e0a-9d0f-4f0d-8a6a-222222222222"
        func fails(_ first: String, _ second: String) throws -> [String] {
            let found = try verdicts(.domain, ["KVD400", "KVD401", "KVD402"], [first, second]).values.first
            return (found ?? [:]).values.filter { $0.verdict == .fail }.map(\.rule.id).sorted()
        }
        #expect(try fails(domain("a", uuid: uuid), domain("b", uuid: other)) == [])
        // error: operation failed: domain 'a' already exists with uuid …
        #expect(try fails(domain("a", uuid: uuid), domain("a", uuid: other)) == ["KVD400"])
        #expect(try fails(domain("a", uuid: uuid), domain("a")) == ["KVD400"])
        // error: operation failed: domain 'a' is already defined with uuid …
        #expect(try fails(domain("a", uuid: uuid), domain("b", uuid: uuid.uppercased())) == ["KVD401"])
        #expect(try fails(domain("a", uuid: uuid), domain("a", uuid: uuid)) == ["KVD402"])
    }

    @Test(arguments: [
        ("", "", true), ("<readonly/>", "<readonly/>", false), ("<shareable/>", "<shareable/>", false),
        ("<shareable/>", "", true), ("<readonly/>", "", true), ("<readonly/>", "<shareable/>", true),
    ])
    func `a disk that one writes is a fault of both, unless both share it`(
        first: String, second: String, isFault: Bool
    ) throws {
        let found = try verdicts(
            .domain, ["KVD407"],
            [domain("a", disk("/srv/d.img", first)), domain("b", disk("/srv//./d.img", second)), domain("c")])
        for name in ["a", "b"] { #expect(found[name]?["KVD407"]?.verdict == (isFault ? .fail : .pass), "\(name)") }
        #expect(found["c"]?["KVD407"]?.verdict == .pass)
    }

    @Test func `one medium in many drives is none, one seed is`() throws {
        let found = try verdicts(
            .domain, ["KVD407", "KVD414"],
            [
                domain("a", disk("/iso/debian.iso", device: "cdrom")),
                domain("b", disk("/iso/debian.iso", device: "cdrom")),
                domain("c", disk("/iso/seed.iso", device: "cdrom")),
                domain("d", disk("/iso/seed.iso", device: "cdrom")),
            ])
        for name in ["a", "b", "c", "d"] { #expect(found[name]?["KVD407"]?.verdict == .pass, "\(name)") }
        for name in ["a", "b"] { #expect(found[name]?["KVD414"]?.verdict == .pass, "\(name)") }
        for name in ["c", "d"] { #expect(found[name]?["KVD414"]?.verdict == .fail, "\(name)") }
    }

    @Test func `a base is one that another domain must not write`() throws {
        let backing = """
            <backingStore type='file'><format type='raw'/><source file='/srv/base.img'/><backingStore/></backingStore>
            """
        let found = try verdicts(
            .domain, ["KVD407", "KVD409"],
            [
                domain("base", disk("/srv/base.img")), domain("one", disk("/srv/one.qcow2", backing)),
                domain("two", disk("/srv/two.qcow2", backing)), domain("apart", disk("/srv/three.img")),
            ])
        for name in ["base", "one", "two"] { #expect(found[name]?["KVD409"]?.verdict == .fail, "\(name)") }
        #expect(found["apart"]?["KVD409"]?.verdict == .pass)
        #expect(found["base"]?["KVD409"]?.message.contains("one, two") == true)
        // Overlays of one base do not hurt each other.
        let alone = try verdicts(
            .domain, ["KVD409"],
            [domain("one", disk("/srv/one.qcow2", backing)), domain("two", disk("/srv/two.qcow2", backing))])
        for name in ["one", "two"] { #expect(alone[name]?["KVD409"]?.verdict == .pass, "\(name)") }
    }

    @Test func `a network of another document is known, one of none is not`() throws {
        let network = "<network><name>x</name><portgroup name='lan'/></network>"
        func port(_ name: String) -> String {
            "<interface type='network'><source network='x' portgroup='\(name)'/></interface>"
        }
        let found = try verdicts(
            .domain, ["KVD420", "KVD421"],
            [
                network, domain("a", interface("52:54:00:00:00:01", "x")),
                domain("b", interface("52:54:00:00:00:02", "y")),
                domain("c", port("lan")), domain("d", port("wan")),
            ])
        #expect(found["a"]?["KVD420"]?.verdict == .pass)
        #expect(found["b"]?["KVD420"]?.verdict == .unknown)
        #expect(found["c"]?["KVD421"]?.verdict == .pass)
        #expect(found["d"]?["KVD421"]?.verdict == .fail)
    }

    @Test func `networks meet in subnets and bridges`() throws {
        func network(_ name: String, _ bridge: String, _ ip: String, _ mode: String = "") -> String {
            "<network><name>\(name)</name>\(mode)<bridge name='\(bridge)'/>\(ip)</network>"
        }
        func ip(_ address: String, _ prefix: Int) -> String { "<ip address='\(address)' prefix='\(prefix)'/>" }
        let found = try verdicts(
            .network, ["KVN063", "KVN064", "KVN065"],
            [
                network("a", "br-a", ip("192.0.2.1", 25)), network("b", "br-b", ip("192.0.2.9", 25)),
                network("c", "br-c", ip("192.0.2.200", 25)), network("d", "br-d", ip("198.51.100.1", 24)),
                network("e", "br-e", ip("198.51.100.129", 26)), network("f", "br-e", ""),
                network("g", "br-a", "", "<forward mode='bridge'/>"),
            ])
        func failing(_ id: String) -> [String] { found.filter { $0.value[id]?.verdict == .fail }.keys.sorted() }
        #expect(failing("KVN064") == ["a", "b", "d", "e"])
        // Of one subnet libvirt refuses to start the second, if both are started.
        #expect(found.filter { $0.value["KVN063"]?.verdict == .unknown }.keys.sorted() == ["a", "b"])
        // In mode bridge libvirt takes the name of another network's bridge.
        #expect(failing("KVN065") == ["e", "f"])
    }

    /// As `virsh pool-define` of libvirt 9.0 has it: `Storage source conflict with pool: 'a'`.
    @Test func `pools meet in what they are made of`() throws {
        func pool(_ name: String, _ type: String, _ rest: String) -> String {
            "<pool type='\(type)'><name>\(name)</name>\(rest)</pool>"
        }
        let target = "<target><path>/srv/a</path></target>"
        let found = try verdicts(
            .pool, ["KVP063", "KVP064"],
            [
                pool("a", "dir", target), pool("b", "dir", target),
                pool("c", "fs", "<source><device path='/dev/vdz'/></source>\(target)"),
                pool("d", "logical", "<source><name>vg</name></source>"),
                pool("e", "logical", "<source><name>vg</name></source>"),
                pool("f", "netfs", "<source><host name='h'/><dir path='/x'/></source><target><path>/f</path></target>"),
                pool("g", "netfs", "<source><host name='h'/><dir path='/x'/></source><target><path>/g</path></target>"),
                pool("h", "netfs", "<source><host name='i'/><dir path='/x'/></source><target><path>/h</path></target>"),
            ])
        func failing(_ id: String) -> [String] { found.filter { $0.value[id]?.verdict == .fail }.keys.sorted() }
        #expect(failing("KVP063") == ["a", "b", "f", "g"])
        #expect(failing("KVP064") == ["c", "d", "e"])
    }

    // MARK: - Paths

    @Test func `a path has one name, links followed, as realpath prints it`() throws {
        let tree = MemorySource([
            "/srv/images/a.img": .text("x"), "/vm": .link("srv/images"), "/a": .link("/vm/../images/a.img"),
            "/loop": .link("loop"), "/up": .link("srv/images/.."), "/dev/mapper/vg-a": .link("../dm-0"),
            "/dev/dm-0": .special(FileMetadata(kind: .blockDevice, deviceMajor: 253)),
        ])
        var reader = HostFileReader(tree)
        func name(_ path: String) -> String? { reader.look(at: path)?.canonicalPath }
        #expect(name("/srv/images/a.img") == "/srv/images/a.img")
        #expect(name("/vm/a.img") == "/srv/images/a.img")
        #expect(name("//vm/./a.img") == "/srv/images/a.img")
        // `..` behind a link is above what the link leads to.
        #expect(name("/a") == "/srv/images/a.img")
        #expect(name("/vm/../x") == "/srv/x")
        #expect(name("/up/images/new.img") == "/srv/images/new.img")
        #expect(name("/dev/mapper/vg-a") == "/dev/block/253:0")
        #expect(name("/loop/x") != nil)
        #expect(name("relative.img") == nil)
        #expect(try reader.look(at: "/vm/gone.img")?.kind.isPresent() == false)
        #expect(try reader.look(at: "/vm/a.img")?.kind.get() == .regular)
    }

    @Test func `an image's chain is its header's, and a raw disk has none whatever is in it`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func make(_ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/qemu-img")
            process.arguments = ["create", "-q"] + arguments
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
        try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/qemu-img"))
        let (base, middle, top) = ("\(folder.path)/base.raw", "\(folder.path)/middle.qcow2", "\(folder.path)/top.qcow2")
        try make(["-f", "raw", base, "1M"])
        try make(["-f", "qcow2", "-b", "base.raw", "-F", "raw", middle])
        try make(["-f", "qcow2", "-b", middle, "-F", "qcow2", top])
        var reader = HostFileReader(TreeSource.live)
        func chain(_ path: String, _ format: String?) throws -> [String: Bool?] {
            reader.look(atImage: path, format: format, pools: [])
            let layers = try reader.look(at: path)?.chain.get() ?? []
            return Dictionary(
                uniqueKeysWithValues: try layers.map {
                    ($0.canonicalPath.split(separator: "/").last.map(String.init) ?? "", try $0.isThere.get())
                })
        }
        #expect(try chain(top, "qcow2") == ["middle.qcow2": true, "base.raw": true])
        #expect(try chain(base, "raw") == [:])
        try FileManager.default.removeItem(atPath: base)
        #expect(try chain(middle, "qcow2") == ["base.raw": false])
        reader = HostFileReader(TreeSource.live)
        #expect(try chain(top, nil) == [:])
    }
}
