import Facts
import Foundation
import LibvirtXML
import Testing

@testable import Rules

/// What an expert says of the machines that books build: one disk three times, nothing of virtio after
/// `--os-variant generic`, an e1000e and no agent on a Windows guest.
struct BookMachineTests {
    private func found(in xml: String) throws -> Set<String> {
        let domain = try #require(DomainFacts(xml: xml))
        return Set(
            DomainCatalogue.all.filter { rule in
                (try? rule.decide(domain))?.verdict == .fail
            }.map(\.info.id))
    }

    private static func machine(_ devices: String, machine: String = "pc-i440fx-6.1") -> String {
        """
        <domain type='kvm'><name>deploy</name><memory>2097152</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='\(machine)'>hvm</type><boot dev='hd'/></os><features><acpi/><apic/></features>
        <cpu mode='host-passthrough'/><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>\(devices)</devices></domain>
        """
    }

    private static func disk(_ path: String, _ target: String, _ bus: String) -> String {
        """
        <disk type='file' device='disk'><driver name='qemu'/><source file='\(path)'/>
        <target dev='\(target)' bus='\(bus)'/></disk>
        """
    }

    private static func interface(_ model: String) -> String {
        "<interface type='network'><source network='default'/><model type='\(model)'/></interface>"
    }

    private static let agent = """
        <channel type='unix'><source mode='bind'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
        """

    // MARK: - In small

    @Test func `one disk three times is an error, with both repetitions`() throws {
        let disks = ["hda", "hdb", "hdc"].map { Self.disk("/var/lib/libvirt/images/centos2.qcow2", $0, "ide") }.joined()
        let xml = Self.machine(disks + Self.interface("e1000"))
        #expect(try found(in: xml).isSuperset(of: ["KVD001", "KVD013", "KVD025", "KVD101", "KVD161"]))
        let rule = try #require(DomainCatalogue.all.first { $0.info.id == "KVD013" })
        #expect(rule.info.severity == .error)
        let message = try rule.decide(#require(DomainFacts(xml: xml))).message
        #expect(message.contains("hda and hdb") && message.contains("hda and hdc"), "\(message)")
    }

    @Test func `a guest of an unknown system gets nothing of virtio`() throws {
        let generic = Self.machine(
            Self.disk("/var/lib/libvirt/images/centos1.qcow2", "hda", "ide") + Self.interface("e1000"))
        #expect(try found(in: generic).isSuperset(of: ["KVD025", "KVD101", "KVD161"]))
        let named = Self.machine(
            Self.disk("/var/lib/libvirt/images/centos1.qcow2", "vda", "virtio") + Self.interface("virtio") + Self.agent,
            machine: "q35")
        #expect(try found(in: named).isDisjoint(with: ["KVD025", "KVD100", "KVD101", "KVD161", "KVD013"]))
    }

    @Test func `a Windows guest with an e1000e and without an agent`() throws {
        let windows = Self.machine(
            Self.disk("/var/lib/libvirt/images/WS2019.qcow2", "vda", "virtio") + Self.interface("e1000e"),
            machine: "q35")
        let found = try found(in: windows)
        #expect(found.isSuperset(of: ["KVD101", "KVD161"]) && !found.contains("KVD025"))
    }

    // MARK: - The books' own

    /// `fixtures/domains` beside the corpus.
    static let folder = ProcessInfo.processInfo.environment["KVMCHECK_CORPUS"].map {
        URL(filePath: $0).appending(path: "../fixtures/domains").standardizedFileURL
    }.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }

    @Test(
        .enabled(if: folder != nil, "no ../fixtures/domains beside KVMCHECK_CORPUS"),
        arguments: [
            ("deploy-3.book-same-disk-3x.xml", ["KVD001", "KVD013", "KVD025", "KVD101", "KVD161"], []),
            ("deploy-1.book-generic.xml", ["KVD001", "KVD019", "KVD025", "KVD101", "KVD161"], ["KVD013"]),
            ("WS2019.book-install-phase.xml", ["KVD018", "KVD101", "KVD161"], ["KVD001", "KVD013", "KVD025"]),
            ("deploy-1.centos7.0.xml", ["KVD001", "KVD019"], ["KVD013", "KVD025", "KVD101", "KVD161"]),
            ("COS7Cloud.xml", ["KVD001", "KVD019"], ["KVD013", "KVD025", "KVD101", "KVD161"]),
        ])
    func `the books' own machines are found fault with as an expert would`(
        name: String, faults: [String], none: [String]
    ) throws {
        let path = try #require(Self.folder).appending(path: name)
        let found = try found(in: String(contentsOf: path, encoding: .utf8))
        #expect(found.isSuperset(of: faults), "not found: \(Set(faults).subtracting(found).sorted())")
        #expect(found.isDisjoint(with: none), "wrongly: \(found.intersection(none).sorted())")
    }
}
