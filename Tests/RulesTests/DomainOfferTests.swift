import Evidence
import Facts
import Foundation
import LibvirtXML
import Testing

@testable import Rules

/// What libvirt offered on the hosts of its own tests, where `KVMCHECK_CORPUS` names the folder that holds them: the
/// oracle for rules that ask for more than the definition.
@Suite(.enabled(if: DomainCorpus.root != nil, "KVMCHECK_CORPUS is not set"))
struct DomainOfferTests {
    private static func capabilities(_ name: String) throws -> DomainCapabilities {
        let root = try #require(DomainCorpus.root)
        let bytes = try [UInt8](Data(contentsOf: root.appending(path: "domaincapsdata/\(name).xml")))
        return try #require(DomainCapabilities(try XMLDocument(parsing: bytes, name: name)))
    }

    private static func domain(_ path: String) throws -> DomainFacts {
        let root = try #require(DomainCorpus.root)
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        return try #require(DomainFacts(xml: text))
    }

    private func fails(_ id: String, _ domain: DomainFacts) throws -> Bool {
        let rule = try #require(DomainCatalogue.all.first { $0.info.id == id })
        return try rule.decide(domain).verdict == .fail
    }

    /// `NAME.x86_64-latest.xml` is what libvirt makes of a definition with QEMU 10.0: nothing in it is amiss there.
    @Test func `what libvirt 11 3 takes with QEMU 10 is offered by its capabilities`() throws {
        let root = try #require(DomainCorpus.root)
        let folder = root.appending(path: "qemuxmlconfdata")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".x86_64-latest.xml")
        }
        // What libvirt refuses at the start only is there too.
        let refused = names.filter { name in
            let error = name.replacing(".xml", with: ".err")
            return FileManager.default.fileExists(atPath: folder.appending(path: error).path)
        }
        let kvm = try Self.capabilities("qemu_10.0.0.x86_64")
        let emulated = try Self.capabilities("qemu_10.0.0-tcg.x86_64")
        let rules = (DomainCapabilityRules.machine + DomainCapabilityRules.cpu).filter { $0.info.severity == .error }
        var judged = 0
        for name in Set(names).subtracting(refused).sorted() {
            var domain = try Self.domain("qemuxmlconfdata/\(name)")
            guard domain.definition.os.arch.value == "x86_64" else { continue }
            switch domain.definition.type.value {
            case .known(.kvm): domain.capabilities = .known(kvm)
            case .known(.qemu): domain.capabilities = .known(emulated)
            default: continue
            }
            judged += 1
            for rule in rules {
                guard let decision = try? rule.decide(domain), decision.verdict == .fail else { continue }
                // These are of i440fx; q35 has room for more.
                if rule.info.id == "KVD238", domain.definition.isQ35 { continue }
                // TPM 1.2 is what libvirt writes where no version is, whatever the host has.
                if rule.info.id == "KVD240", name == "x86_64-pc-default-models.x86_64-latest.xml" { continue }
                Issue.record("\(name): \(rule.info.id) \(decision.message)")
            }
        }
        #expect(judged > 300)
    }

    /// Those that the definition alone does not tell, each with the QEMU that libvirt's test refuses it with.
    @Test(arguments: [
        ("cpu-qemu-host-passthrough", "qemu_10.0.0-tcg.x86_64", "KVD231"),
        ("tpm-emulator", "qemu_10.0.0-tcg.x86_64", "KVD240"),
    ])
    func `what libvirt refuses is not among what it offers`(name: String, offer: String, id: String) throws {
        var domain = try Self.domain("qemuxmlconfdata/\(name).xml")
        domain.capabilities = .known(try Self.capabilities(offer))
        #expect(try fails(id, domain))
    }

    @Test(arguments: [
        ("machine-i8042-off", "6.2.0"), ("machine-i8042-on", "6.2.0"),
        ("disk-network-tlsx509-nbd-hostname", "6.2.0"), ("cpu-model-deprecated-features-off", "8.2.0"),
    ])
    func `an older QEMU does not know what newer ones do`(name: String, version: String) throws {
        var domain = try Self.domain("qemuxmlconfdata/\(name).xml")
        let path = try #require(domain.definition.devices.emulator.value)
        domain.host.stack.emulators = .known([path])
        domain.host.stack.qemuVersion = .known(try #require(SoftwareVersion(startOf: version)))
        #expect(try fails("KVD254", domain))
        domain.host.stack.qemuVersion = .known(SoftwareVersion(10, 0, 0))
        #expect(try !fails("KVD254", domain))
    }

    @Test func `what depends on the host is refused on one that lacks it`() throws {
        var lun = try Self.domain("qemuxmlconfdata/virtio-lun.xml")
        lun.host.stack.emulators = .known([try #require(lun.definition.devices.emulator.value)])
        lun.host.stack.qemuVersion = .known(SoftwareVersion(10, 0, 0))
        #expect(try fails("KVD255", lun))
        var hvf = try Self.domain("qemuxmlconfdata/hvf-x86_64-q35-headless.xml")
        hvf.rewriteHostCapabilities("", "")
        #expect(try fails("KVD230", hvf))
        var nodes = try Self.domain("qemuxmlconfdata/numatune-memnode-unavailable-strict.xml")
        nodes.host.memory.nodes = HostFacts.sample.memory.nodes
        #expect(try fails("KVD084", nodes))
    }
}
