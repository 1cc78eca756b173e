@_spi(Probing) import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import LibvirtProbes

/// What only a full connection is told, by a real libvirtd; a guest agent by a real one in a guest that boots for it.
extension DaemonTests {
    @Test func `domain capabilities are those that virsh tells`() throws {
        var request = InventoryRequest.nothing
        request.domainCapabilities = [
            .init(), .init(architecture: "x86_64", machine: "pc", virtualizationType: "qemu"),
            .init(emulator: "/usr/bin/qemu-system-x86_64", architecture: "x86_64"), .init(architecture: "vax"),
        ]
        let told = try libvirt.connect(.full).inventory(request).domainCapabilities
        let commands = [
            ["domcapabilities"], ["domcapabilities", "--arch", "x86_64", "--machine", "pc", "--virttype", "qemu"],
            ["domcapabilities", "--emulatorbin", "/usr/bin/qemu-system-x86_64", "--arch", "x86_64"],
        ]
        for (answer, command) in zip(told, commands) {
            let theirs = try libvirt.run(
                "/usr/bin/virsh", ["--quiet", "--connect", libvirt.uri(readOnly: false)] + command)
            #expect(
                try answer.xml.get()?.trimmingCharacters(in: .whitespacesAndNewlines)
                    == theirs.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        #expect(told.last?.xml.obstacle != nil)
    }

    /// A kernel with its modules, and what ``agent-guest`` needs; nil where something is missing.
    private static let kernel: String? = {
        let files = FileManager.default
        guard
            ["/bin/busybox", "/usr/sbin/qemu-ga", "/usr/bin/cpio"].allSatisfy(files.isExecutableFile)
        else { return nil }
        return try? files.contentsOfDirectory(atPath: "/lib/modules").first {
            files.isReadableFile(atPath: "/boot/vmlinuz-\($0)")
                && files.fileExists(atPath: "/lib/modules/\($0)/kernel/drivers/char/virtio_console.ko")
        }
    }()

    @Test(.enabled(if: kernel != nil, "no kernel, busybox-static, qemu-guest-agent or cpio"))
    func `a real guest agent tells the system and the host name, on a full connection and on no other`() throws {
        let kernel = try #require(Self.kernel)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "agent-guest").path
        let initramfs = libvirt.folder.appending(path: "agent.gz").path
        try libvirt.run("/bin/bash", [script, kernel, initramfs])
        let file = libvirt.folder.appending(path: "agent.xml")
        try Data(
            """
            <domain type='qemu'><name>agent</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
            <os><type arch='x86_64' machine='pc'>hvm</type><kernel>/boot/vmlinuz-\(kernel)</kernel>
            <initrd>\(initramfs)</initrd><cmdline>console=ttyS0 panic=-1 quiet</cmdline></os>
            <features><acpi/><apic/></features>
            <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
            <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
            </devices></domain>
            """.utf8
        ).write(to: file)
        try libvirt.virsh("create", file.path)
        defer { _ = try? libvirt.virsh("destroy", "agent") }

        var request = InventoryRequest.nothing
        request.domains = .named(["agent"])
        request.agent = true
        let connection = try libvirt.connect(.full)
        // It boots under TCG, on a machine that may have more to do.
        var agent = GuestAgentFacts()
        for _ in 0..<120 {
            agent = try #require(try connection.inventory(request).domains.get()?.first?.agent)
            if agent.information.known != nil { break }
            usleep(500_000)
        }
        let told = try #require(agent.information.known, "\(agent.information.obstacle?.description ?? "")")
        #expect(told["os.pretty-name"] == "Testlinux 7 (agent)")
        #expect(told["os.kernel-release"] == kernel)
        #expect(try agent.hostName.get() == "agentguest")
        #expect(
            try agent.addresses.get()?.first { $0.name == "lo" }?.addresses.map(\.address).contains("127.0.0.1") == true
        )
        for line in try libvirt.virsh("guestinfo", "agent", "--os").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(told[parts[0]] == parts[1])
        }

        let refused = try #require(try libvirt.connect().inventory(request).domains.get()?.first?.agent)
        #expect(refused.information.obstacle?.kind == .unsupported)
    }
}
