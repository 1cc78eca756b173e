@_spi(Probing) import Evidence
import Facts
import Foundation
import LibvirtXML
import LinuxIO
import Rules
import Testing

@testable import LibvirtProbes

/// What people make VMs with.
extension DaemonTests {
    @Test(arguments: [("generic", true), ("debian11", false)])
    func `a domain that virt-install makes is read and judged`(system: String, isSlow: Bool) throws {
        let disk = "\(libvirt.folder.path)/images/installed.qcow2"
        try libvirt.run("/usr/bin/qemu-img", ["create", "-q", "-f", "qcow2", disk, "64M"])
        let printed = try libvirt.run(
            "/usr/bin/virt-install",
            [
                "--connect", libvirt.uri(readOnly: false), "--virt-type", "qemu", "--name", "installed", "--memory",
                "512",
                "--vcpus", "2", "--disk", "path=\(disk)", "--import", "--osinfo", system, "--network", "network=apart",
                "--graphics", "vnc,listen=127.0.0.1", "--print-xml",
            ])
        // Warnings stand before it.
        let start = try #require(printed.range(of: "<domain")).lowerBound
        let file = libvirt.folder.appending(path: "installed.xml")
        try Data(printed[start...].utf8).write(to: file)
        try libvirt.virsh("define", file.path)
        defer { _ = try? libvirt.virsh("undefine", "installed") }

        var request = InventoryRequest.nothing
        request.domains = .named(["installed"])
        let told = try libvirt.connect().inventory(request, host: TreeSource.live).domains.get()
        let text = try #require(try told?.first?.persistentXML.get())
        let definition = try #require(Domain(try XMLDocument(parsing: text, name: "installed")))
        #expect(definition.vcpu.count.value == 2)
        #expect(definition.memory.value == 512 << 20)
        #expect(definition.devices.interfaces.first?.mac.isPresent == true)
        guard case .file(disk) = definition.devices.disks.first?.source.location else {
            Issue.record("the disk is \(String(describing: definition.devices.disks.first?.source.location))")
            return
        }
        let findings = Engine.evaluate(DomainCatalogue.all, on: DomainFacts(definition)).filter { $0.verdict == .fail }
        // libvirt has taken it.
        #expect(findings.filter { $0.severity == .error }.map(\.rule.id) == [])
        // Without knowing the system virt-install gives it neither a virtio disk nor a virtio card.
        let slow = findings.map(\.rule.id).filter { ["KVD025", "KVD101"].contains($0) }
        #expect(slow == (isSlow ? ["KVD025", "KVD101"] : []))
    }
}
