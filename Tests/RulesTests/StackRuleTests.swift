import Evidence
import Facts
import Testing

@testable import Rules

struct StackRuleTests {
    private func findings(_ host: HostFacts) -> [String: Finding] {
        Dictionary(uniqueKeysWithValues: Engine.evaluate(StackRules.all, on: host).map { ($0.rule.id, $0) })
    }

    @Test func `a host without QEMU and libvirt is told so twice, and no more of what they need`() {
        var host = HostFacts.sample
        host.stack.emulators = .known([])
        host.stack.qemuVersion = .absent()
        host.stack.imageTool = .absent()
        host.stack.monolithicDaemon = .absent()
        host.stack.libvirtVersion = .absent()
        host.stack.libvirtSockets = .known([:])
        host.stack.logDaemon = .absent()
        host.stack.dnsmasq = .absent()
        host.stack.swtpm = .absent()
        host.stack.virtiofsd = .absent()
        host.stack.firmware = .known([])
        host.stack.unitsAtBoot = .known(["chrony.service"])
        let failed = findings(host).values.filter { $0.verdict == .fail }.map(\.rule.id).sorted()
        #expect(failed == ["KVH210", "KVH213"])
    }

    @Test(arguments: [
        ("debian", "apt-get install qemu-system-x86"), ("rocky", "dnf install qemu-kvm"),
        ("opensuse-leap", "zypper install qemu-x86"), ("arch", "pacman -S qemu-base"),
    ])
    func `the remedy speaks the distribution's language`(id: String, command: String) {
        var host = HostFacts.sample
        // Rocky Linux 9: ID="rocky" ID_LIKE="rhel centos fedora".
        host.system.distribution = .known(id == "rocky" ? [id, "rhel", "centos", "fedora"] : [id])
        host.stack.emulators = .known([])
        #expect(findings(host)["KVH210"]?.remedy?.commands == [command])
    }

    @Test func `modular daemons alone are reached by their own socket, not by the proxy's`() throws {
        var host = HostFacts.sample
        host.stack.monolithicDaemon = .absent()
        host.stack.modularDaemon = .known("/usr/sbin/virtqemud")
        host.stack.unitsAtBoot = .known(["virtqemud.socket", "virtproxyd.socket", "libvirt-guests.service"])
        let proxy = try #require(findings(host)["KVH214"])
        #expect(proxy.verdict == .fail)
        #expect(proxy.remedy?.commands == ["systemctl enable --now virtqemud.socket"])
        host.stack.libvirtSockets = .known([
            "virtqemud-sock": DaemonSocket(
                path: "/run/libvirt/virtqemud-sock", metadata: FileMetadata(kind: .socket, mode: 0o666),
                isListening: .known(true))
        ])
        #expect(findings(host)["KVH214"]?.verdict == .pass)
        #expect(findings(host)["KVH215"]?.verdict == .pass)
        #expect(findings(host)["KVH216"]?.verdict == .pass)
    }

    @Test func `a service that does not run is fine while its socket listens`() {
        var host = HostFacts.sample
        host.stack.activeUnits = .known([])
        #expect(findings(host)["KVH214"]?.verdict == .pass)
    }

    @Test func `a socket whose listeners cannot be seen leaves it open`() {
        var host = HostFacts.sample
        host.stack.libvirtSockets = .known([
            "libvirt-sock": DaemonSocket(
                path: "/run/libvirt/libvirt-sock", metadata: FileMetadata(kind: .socket), isListening: .notProbed)
        ])
        #expect(findings(host)["KVH214"]?.verdict == .unknown)
    }

    @Test func `an unprivileged user who cannot read qemu conf gets no failure from it`() {
        var host = HostFacts.sample
        let denied = Obstacle(.permissionDenied, "/etc/libvirt/qemu.conf")
        host.stack.securityDriver = .unknown(denied)
        host.stack.standardOutputHandler = .unknown(denied)
        host.stack.definedNetworks = .unknown(Obstacle(.permissionDenied, "/etc/libvirt/qemu/networks"))
        let findings = findings(host)
        #expect(findings["KVH224"]?.verdict == .unknown)
        // What is installed needs no configuration to be fine.
        #expect(findings["KVH217"]?.verdict == .pass)
        #expect(findings["KVH219"]?.verdict == .pass)
        #expect(!findings.values.contains { $0.verdict == .fail })
    }

    @Test(arguments: [
        // Debian, Ubuntu, Fedora, RHEL; from the archives of the distributions.
        ("6.1.0-37-amd64", "6.1.0-35-amd64", true), ("6.1.0-9-amd64", "6.1.0-35-amd64", false),
        ("6.8.0-35-generic", "6.8.0-31-generic", true), ("6.9.5-200.fc40.x86_64", "6.8.11-300.fc40.x86_64", true),
        ("6.10.3-200.fc40.x86_64", "6.9.5-200.fc40.x86_64", true),
        ("5.14.0-427.18.1.el9_4.x86_64", "5.14.0-427.16.1.el9_4.x86_64", true),
        // Other flavours have no order.
        ("6.1.0-40-cloud-amd64", "6.1.0-37-amd64", false), ("6.1.0-40-rt-amd64", "6.1.0-37-amd64", false),
        ("6.8.0-40-lowlatency", "6.8.0-31-generic", false), ("6.1.0-37-amd64", "6.1.0-37-amd64", false),
        ("99999999999999999999", "1", false), ("", "6.1", false),
    ])
    func `kernel releases of one flavour have an order`(one: String, two: String, isNewer: Bool) {
        #expect(KernelRelease.isNewer(one, than: two) == isNewer)
    }

    @Test func `a kernel that was not installed here has no newer one`() {
        var host = HostFacts.sample
        host.system.kernelRelease = .known("6.18.44")
        #expect(findings(host)["KVH243"]?.verdict == .notApplicable)
    }

    @Test func `an unsynchronised clock names the service that should keep it`() {
        var host = HostFacts.sample
        host.time.answers.isSynchronised = .known(false)
        host.time.daemonsAtBoot = .known(["systemd-timesyncd.service"])
        #expect(findings(host)["KVH240"]?.remedy?.commands.contains("timedatectl timesync-status") == true)
        host.time.daemonsAtBoot = .known([])
        #expect(findings(host)["KVH240"]?.remedy?.commands == ["apt-get install chrony"])
    }

    @Test(arguments: [
        (DaemonLog(), Verdict.pass), (DaemonLog(level: 3), .pass), (DaemonLog(level: 1), .fail),
        // The book's filters, chapter 16, and libvirt's own advice for a quiet log.
        (DaemonLog(filters: "1:qemu 1:libvirt 4:object 4:json 4:event 1:util"), .fail),
        (DaemonLog(filters: "3:remote 4:event"), .pass),
    ])
    func `a filter of level 1 is debugging`(log: DaemonLog, expected: Verdict) {
        var host = HostFacts.sample
        host.stack.daemonLog = .known(log)
        #expect(findings(host)["KVH235"]?.verdict == expected)
    }

    @Test func `libvirt's minimum is that of the last release on record`() {
        var host = HostFacts.sample
        host.stack.qemuVersion = .known(SoftwareVersion(5, 2))
        for (libvirt, expected) in [
            (SoftwareVersion(8, 0), Verdict.notApplicable), (SoftwareVersion(10, 10), .pass),
            (SoftwareVersion(11, 1, 9), .pass), (SoftwareVersion(11, 2), .fail), (SoftwareVersion(12, 0), .fail),
        ] {
            host.stack.libvirtVersion = .known(libvirt)
            #expect(findings(host)["KVH211"]?.verdict == expected, "\(libvirt)")
        }
    }

    @Test func `ptp_kvm may be loaded in a VM`() {
        var host = HostFacts.sample
        host.stack.modulesLoadedAtBoot = .known(["ptp_kvm": "/etc/modules-load.d/ptp.conf"])
        host.kvm.isVirtualMachine = .known(true)
        #expect(findings(host)["KVH242"]?.verdict == .pass)
    }
}
