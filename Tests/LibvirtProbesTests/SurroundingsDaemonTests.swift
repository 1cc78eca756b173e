import Evidence
import Facts
import Foundation
import KVMCheckKit
import Testing

/// What rules across objects say of a real libvirtd, and what libvirtd itself says.
extension DaemonTests {
    /// The faults of each object, by its name: ids and messages.
    private func faults(_ kind: DefinitionKind, _ select: [String]) throws -> [String: [String: String]] {
        var check = DefinitionCheck(kind)
        check.libvirt.connect = libvirt.uri(readOnly: true)
        check.select = select
        let reports = try check.run(on: []).reports
        return Dictionary(
            uniqueKeysWithValues: reports.map { report in
                let failed = report.findings.filter { $0.verdict == .fail }
                return (report.subject.name, Dictionary(uniqueKeysWithValues: failed.map { ($0.rule.id, $0.message) }))
            })
    }

    /// What virsh complains of; nil where it does not.
    private func refusal(_ arguments: [String]) -> String? {
        do {
            try libvirt.virsh(arguments)
            return nil
        } catch {
            return (error as? PrivateLibvirt.Failure)?.output ?? "\(error)"
        }
    }

    @Test func `domains in each other's way are faults where libvirt does not start the second`() throws {
        let folder = libvirt.folder.path
        let list = try libvirt.virsh("domiflist", "ontcg").split(separator: "\n").last ?? ""
        let mac = String(try #require(list.split(separator: " ").last))
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "\(folder)/images")
        let definitions = [
            // By a link, so that only the path's one name tells.
            "twin": libvirt.domain("twin", type: "qemu").replacing("images/twin.qcow2", with: "link/ontcg.qcow2")
                .replacing("<source network='apart'/>", with: "<mac address='\(mac)'/><source network='apart'/>"),
            "lost": libvirt.domain("lost", type: "qemu").replacing("network='apart'", with: "network='nosuch'")
                .replacing("images/lost.qcow2", with: "images/gone.qcow2"),
            "waiting": libvirt.domain("waiting", type: "qemu").replacing("network='apart'", with: "network='idle'"),
        ]
        defer {
            for name in definitions.keys { _ = try? libvirt.virsh("undefine", name) }
            _ = try? libvirt.virsh("desc", "ontcg", "--config", "")
            try? FileManager.default.removeItem(atPath: "\(folder)/link")
        }
        for (name, xml) in definitions {
            try Data(xml.utf8).write(to: libvirt.folder.appending(path: "\(name).xml"))
            try libvirt.virsh("define", "\(folder)/\(name).xml")
        }
        try Data().write(to: libvirt.folder.appending(path: "images/waiting.qcow2"))
        for name in ["twin", "waiting"] { try libvirt.virsh("autostart", name) }

        let rules = ["KVD4"]
        let before = try faults(.domain, rules)
        #expect(before["onkvm"] == [:], "a domain that is in nobody's way")
        #expect(before["ontcg"]?.keys.sorted() == ["KVD403", "KVD406"])
        #expect(before["twin"]?.keys.sorted() == ["KVD403", "KVD406"])
        #expect(before["twin"]?["KVD406"]?.contains("which ontcg has too") == true)
        #expect(before["twin"]?["KVD403"]?.contains(mac) == true)
        #expect(refusal(["start", "twin"])?.contains(#"Failed to get "write" lock"#) == true)

        #expect(before["lost"]?.keys.sorted() == ["KVD420", "KVD429"])
        #expect(refusal(["start", "lost"])?.contains("no network with matching name 'nosuch'") == true)
        // libvirt looks for the network first; the file is what it says next.
        try libvirt.virsh("detach-interface", "lost", "network", "--config")
        #expect(refusal(["start", "lost"])?.contains("gone.qcow2") == true)

        #expect(before["waiting"]?.keys.sorted() == ["KVD427"])
        #expect(refusal(["start", "waiting"])?.contains("network 'idle' is not active") == true)

        try libvirt.virsh("desc", "ontcg", "--config", "changed while it runs")
        let after = try faults(.domain, ["KVD44"])
        #expect(after["ontcg"]?.keys.sorted() == ["KVD441"])
        #expect(after["ontcg"]?["KVD441"]?.contains("description") == true)
        #expect(after["onkvm"] == [:])
    }

    @Test func `of two networks in one subnet libvirt does not start the second`() throws {
        let xml = """
            <network><name>beside</name><bridge name='kvmchk2'/><ip address='192.0.2.129' netmask='255.255.255.0'/></network>
            """
        let file = libvirt.folder.appending(path: "beside.xml")
        try Data(xml.utf8).write(to: file)
        defer { _ = try? libvirt.virsh("net-undefine", "beside") }
        try libvirt.virsh("net-define", file.path)
        #expect(try faults(.network, ["KVN06"])["beside"]?.keys.sorted() == ["KVN064"])
        try libvirt.virsh("net-autostart", "beside")
        let found = try faults(.network, ["KVN06"])
        #expect(found["beside"]?.keys.sorted() == ["KVN063"])
        #expect(found["apart"]?.keys.sorted() == ["KVN063"])
        #expect(found["idle"] == [:])
        #expect(refusal(["net-start", "beside"])?.contains("Network is already in use by interface kvmchk0") == true)
    }

    @Test func `a second pool in one place is one that libvirt does not see behind a link`() throws {
        let folder = libvirt.folder.path
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/pool2", withDestinationPath: "\(folder)/pool")
        defer {
            _ = try? libvirt.virsh("pool-undefine", "again")
            _ = try? libvirt.virsh("vol-delete", "over.qcow2", "--pool", "files")
            try? FileManager.default.removeItem(atPath: "\(folder)/pool2")
        }
        #expect(
            refusal(["pool-define-as", "again", "dir", "--target", "\(folder)/pool"])?
                .contains("Storage source conflict with pool: 'files'") == true)
        try libvirt.virsh("pool-define-as", "again", "dir", "--target", "\(folder)/pool2")
        try libvirt.virsh(
            "vol-create-as", "files", "over.qcow2", "32M", "--format", "qcow2", "--backing-vol", "a.qcow2",
            "--backing-vol-format", "qcow2")
        let before = try faults(.pool, ["KVP06"])
        #expect(before["files"]?.keys.sorted() == ["KVP064"])
        #expect(before["again"]?.keys.sorted() == ["KVP064"])
        try FileManager.default.moveItem(atPath: "\(folder)/pool/a.qcow2", toPath: "\(folder)/pool/moved.qcow2")
        defer {
            try? FileManager.default.moveItem(atPath: "\(folder)/pool/moved.qcow2", toPath: "\(folder)/pool/a.qcow2")
            _ = try? libvirt.virsh("pool-refresh", "files")
        }
        #expect(try faults(.pool, ["KVP065"])["files"]?["KVP065"]?.contains("a.qcow2 is not there") == true)
    }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String { replacingOccurrences(of: old, with: new) }
}
