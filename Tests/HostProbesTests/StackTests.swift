import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import HostProbes

struct StackTests {
    private static let base: [String: MemorySource.Node] = [
        "/proc/sys/kernel/arch": .text("x86_64\n"),
        "/proc/sys/kernel/osrelease": .text("6.1.0-37-amd64\n"),
        "/proc/net/unix": .text(
            """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 18020 /run/systemd/private
            0000000000000000: 00000003 00000000 00000000 0001 03 18100
            """),
    ]

    private func facts(
        _ nodes: [String: MemorySource.Node], absence: MemorySource.Absence = .proven
    ) -> StackFacts {
        StackProbe.facts(
            from: MemorySource(Self.base.merging(nodes) { $1 }, absence: absence), answers: KernelAnswers())
    }

    private static let program = MemorySource.Node.file(Array("\u{7f}ELF".utf8), mode: 0o755)

    private static func qemu(_ version: String) -> MemorySource.Node {
        .file(Array("\u{7f}ELF\0QEMU emulator version \(version)\0%s".utf8), mode: 0o755)
    }

    // MARK: - QEMU

    @Test func `libvirt's order of emulators decides whose version is read`() throws {
        let stack = facts([
            "/usr/libexec/qemu-kvm": Self.qemu("9.0.0 (qemu-kvm-9.0.0-10.el9)"),
            "/usr/bin/qemu-system-x86_64": Self.qemu("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)"),
            "/usr/bin/kvm": .link("qemu-system-x86_64"),
        ])
        #expect(
            try stack.emulators.get()
                == ["/usr/bin/qemu-system-x86_64", "/usr/libexec/qemu-kvm", "/usr/bin/kvm"])
        #expect(try stack.qemuVersion.get() == SoftwareVersion(7, 2, 22))
    }

    @Test func `an emulator of another architecture is not one for this host`() throws {
        let stack = facts(["/usr/bin/qemu-system-aarch64": Self.qemu("8.0.0")])
        #expect(try stack.emulators.get() == [])
        #expect(try stack.foreignEmulators.get() == ["/usr/bin/qemu-system-aarch64"])
        #expect(try stack.qemuVersion.get() == nil)
    }

    @Test func `a directory or a file that cannot be executed is no emulator`() throws {
        let stack = facts([
            "/usr/bin/qemu-system-x86_64": .directory(), "/usr/libexec/qemu-kvm": .file([], mode: 0o644),
        ])
        #expect(try stack.emulators.get() == [])
    }

    @Test func `a wrapper script has no version to read, which is not the proof of none`() throws {
        let stack = facts([
            "/usr/bin/qemu-system-x86_64": .file(Array("#!/bin/sh\nexec /opt/qemu \"$@\"\n".utf8), mode: 0o755)
        ])
        #expect(throws: Undecided.self) { try stack.qemuVersion.get() }
    }

    @Test func `a path that may not be looked at leaves the emulators open`() {
        let denied = MemorySource.Node.obstacle(Obstacle(.permissionDenied, "/usr/local/bin"))
        let stack = facts(["/usr/local/bin": denied, "/usr/bin/qemu-system-x86_64": Self.qemu("8.0.0")])
        #expect(throws: Undecided.self) { try stack.emulators.get() }
    }

    /// The oracle is QEMU itself.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/qemu-system-x86_64")))
    func `the version in the program is the one it prints`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/qemu-system-x86_64")
        process.arguments = ["--version"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let version = try StackProbe.facts(from: TreeSource.live, answers: KernelAnswers()).qemuVersion.get()
        #expect(printed.contains("version \(try #require(version)) "))
    }

    // MARK: - libvirt

    @Test(arguments: [
        ("libvirt.so.0.9000.0", SoftwareVersion(9, 0, 0)), ("libvirt.so.0.11003.0", SoftwareVersion(11, 3, 0)),
        ("libvirt.so.0.8006.2", SoftwareVersion(8, 6, 2)),
    ])
    func `the library's file name tells libvirt's version`(name: String, version: SoftwareVersion) throws {
        let debian = facts(["/usr/lib/x86_64-linux-gnu/libvirt.so.0": .link(name)])
        #expect(try debian.libvirtVersion.get() == version)
        let fedora = facts(["/usr/lib64/libvirt.so.0": .link(name)])
        #expect(try fedora.libvirtVersion.get() == version)
    }

    @Test(arguments: ["libvirt.so.0", "libvirt.so.0.x.0", "libvirt.so.0.99999999999999999999.0", "libvirt.so.0.-1.0"])
    func `another name of the library tells nothing`(name: String) {
        let stack = facts(["/usr/lib64/libvirt.so.0": .link(name)])
        #expect(throws: Undecided.self) { try stack.libvirtVersion.get() }
    }

    private static let socket = MemorySource.Node.special(FileMetadata(kind: .socket, mode: 0o660, group: 108))

    /// The table is this machine's, with a libvirtd started by hand; old libvirt names its sockets below /var/run.
    @Test func `a socket counts when something listens on it`() throws {
        let stack = facts([
            "/run/libvirt/libvirt-sock": Self.socket, "/run/libvirt/virtlogd-sock": Self.socket,
            "/run/libvirt/virtqemud-sock": Self.socket,
            "/proc/net/unix": .text(
                """
                Num       RefCount Protocol Flags    Type St Inode Path
                00000000e91528b8: 00000003 00000000 00000000 0001 03  1452
                000000007a1e6d50: 00000002 00000000 00010000 0001 01 73514 /run/libvirt/libvirt-sock
                00000000f1f7b94e: 00000002 00000000 00010000 0001 01 73518 /var/run/libvirt/virtlogd-sock
                00000000f1f7b94f: 00000003 00000000 00000000 0001 03 73519 /run/libvirt/virtqemud-sock
                """),
        ])
        let sockets = try #require(try stack.libvirtSockets.get())
        #expect(sockets.count == 3)
        #expect(try sockets["libvirt-sock"]?.isListening.get() == true)
        #expect(try sockets["virtlogd-sock"]?.isListening.get() == true)
        // A connection that was accepted, and no listener.
        #expect(try sockets["virtqemud-sock"]?.isListening.get() == false)
    }

    @Test func `without the table of sockets nobody knows whether something listens`() throws {
        let stack = facts([
            "/run/libvirt/libvirt-sock": Self.socket, "/proc/net/unix": .file(Array("garbage".utf8)),
        ])
        let socket = try #require(try stack.libvirtSockets.get()?["libvirt-sock"])
        #expect(throws: Undecided.self) { try socket.isListening.get() }
    }

    @Test func `networks are the definitions in libvirt's directory`() throws {
        #expect(try facts([:]).definedNetworks.get() == [])
        let stack = facts([
            "/etc/libvirt/qemu/networks/default.xml": .text("<network/>"),
            "/etc/libvirt/qemu/networks/autostart": .directory(),
        ])
        #expect(try stack.definedNetworks.get() == ["default"])
    }

    /// Debian 12's /etc/default/libvirt-guests, changed as the book does in chapter 16.
    @Test func `the settings of libvirt-guests are read from where the distribution has them`() throws {
        let debian = facts([
            "/etc/default/libvirt-guests": .text("#URIS=default\n#ON_BOOT=ignore\nON_SHUTDOWN=suspend\n")
        ])
        #expect(try debian.guestsPolicy.get() == GuestsPolicy(onShutdown: "suspend"))
        let redHat = facts(["/etc/sysconfig/libvirt-guests": .text("ON_BOOT=start\nSTART_DELAY=0\n")])
        #expect(try redHat.guestsPolicy.get() == GuestsPolicy(onBoot: "start"))
        #expect(try facts([:]).guestsPolicy.get() == nil)
    }

    // MARK: - Units

    @Test func `what targets want is what the boot starts`() throws {
        let stack = facts([
            "/etc/systemd/system/multi-user.target.wants/libvirtd.service": .link(
                "/lib/systemd/system/libvirtd.service"),
            "/etc/systemd/system/sockets.target.wants/virtlogd.socket": .link("/lib/systemd/system/virtlogd.socket"),
            "/etc/systemd/system/getty.target.wants/getty@tty1.service": .link("/lib/systemd/system/getty@.service"),
            "/run/systemd/units/invocation:libvirtd.service": .link("0123456789abcdef0123456789abcdef"),
            "/run/systemd/units/log-level-max:dbus.service": .link("6"),
        ])
        #expect(try stack.unitsAtBoot.get() == ["libvirtd.service", "virtlogd.socket"])
        #expect(try stack.activeUnits.get() == ["libvirtd.service"])
    }

    @Test func `OpenRC's default runlevel is what the boot starts there`() throws {
        let stack = facts(["/etc/runlevels/default/libvirtd": .link("/etc/init.d/libvirtd")])
        #expect(try stack.unitsAtBoot.get() == ["libvirtd.service"])
        #expect(try stack.activeUnits.get() == nil)
    }

    @Test func `ufw counts where it is switched on`() throws {
        let unit = ["/etc/systemd/system/multi-user.target.wants/ufw.service": MemorySource.Node.link("/x")]
        let off = unit.merging(["/etc/ufw/ufw.conf": .text("# comment\nENABLED=no\nLOGLEVEL=low\n")]) { $1 }
        #expect(try facts(off).firewallsAtBoot.get() == [])
        let on = unit.merging(["/etc/ufw/ufw.conf": .text("ENABLED=yes\n")]) { $1 }
        #expect(try facts(on).firewallsAtBoot.get() == ["ufw"])
    }

    // MARK: - Firmware

    /// Debian 12, ovmf 2022.11-6+deb12u2: 40-edk2-x86_64-secure-enrolled.json.
    static let enrolled = """
        {
            "description": "UEFI firmware for x86_64, with Secure Boot and SMM, SB enabled, MS certs enrolled",
            "interface-types": [
                "uefi"
            ],
            "mapping": {
                "device": "flash",
                "executable": {
                    "filename": "/usr/share/OVMF/OVMF_CODE_4M.ms.fd",
                    "format": "raw"
                },
                "nvram-template": {
                    "filename": "/usr/share/OVMF/OVMF_VARS_4M.ms.fd",
                    "format": "raw"
                }
            },
            "targets": [
                {
                    "architecture": "x86_64",
                    "machines": [
                        "pc-q35-*"
                    ]
                }
            ],
            "features": [
                "acpi-s3",
                "amd-sev",
                "enrolled-keys",
                "requires-smm",
                "secure-boot",
                "verbose-dynamic"
            ],
            "tags": [

            ]
        }
        """

    @Test func `a firmware descriptor tells its images, architectures and features`() throws {
        let stack = facts([
            "/usr/share/qemu/firmware/40-edk2-x86_64-secure-enrolled.json": .text(Self.enrolled),
            "/usr/share/OVMF/OVMF_CODE_4M.ms.fd": .file([0]),
        ])
        #expect(
            try stack.firmware.get() == [
                Firmware(
                    descriptor: "/usr/share/qemu/firmware/40-edk2-x86_64-secure-enrolled.json",
                    files: ["/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"],
                    missing: ["/usr/share/OVMF/OVMF_VARS_4M.ms.fd"], architectures: ["x86_64"],
                    features: [
                        "acpi-s3", "amd-sev", "enrolled-keys", "requires-smm", "secure-boot", "verbose-dynamic",
                    ])
            ])
    }

    @Test func `an empty descriptor in etc switches off the one of the same name`() throws {
        let stack = facts([
            "/usr/share/qemu/firmware/40-a.json": .text(Self.enrolled), "/etc/qemu/firmware/40-a.json": .file([]),
        ])
        #expect(try stack.firmware.get() == [])
    }

    @Test func `where there are no descriptors known images are found`() throws {
        let stack = facts(["/usr/share/OVMF/OVMF_CODE.fd": .file([0])])
        #expect(try stack.firmware.get()?.map(\.files) == [["/usr/share/OVMF/OVMF_CODE.fd"]])
    }

    @Test(arguments: [
        "[]", "{", "{\"filename\": \"/a", "{}", "{\"filename\": \"\\", "null", "{\"filename\": \"x\"}}\"",
    ])
    func `what is no descriptor is unknown`(text: String) {
        let stack = facts(["/usr/share/qemu/firmware/10.json": .text(text)])
        #expect(throws: Undecided.self) { try stack.firmware.get() }
    }

    @Test func `every truncation of a descriptor is refused`() {
        let bytes = Array(Self.enrolled.utf8)
        for count in 0..<bytes.count {
            #expect(FirmwareDescriptor.parse(Array(bytes[..<count]), descriptor: "x") == nil)
        }
        #expect(FirmwareDescriptor.parse(bytes, descriptor: "x") != nil)
    }

    // MARK: - Kernels

    @Test func `an installed kernel has modules and an image`() throws {
        let stack = facts([
            "/lib/modules/6.1.0-37-amd64/modules.dep": .text("x"), "/boot/vmlinuz-6.1.0-37-amd64": .file([0]),
            "/lib/modules/6.9.5-200.fc40.x86_64/vmlinuz": .file([0]), "/lib/modules/5.10.0-1-amd64": .directory(),
            "/proc/modules": .text("kvm 1105920 0 - Live 0x0000000000000000\n"),
        ])
        #expect(try stack.installedKernels.get() == ["6.1.0-37-amd64", "6.9.5-200.fc40.x86_64"])
        #expect(try stack.runningKernelHasModules.get() == true)
    }

    @Test func `a kernel that has loaded nothing is not asked for its modules`() throws {
        #expect(try facts(["/proc/modules": .text("")]).runningKernelHasModules.get() == nil)
        #expect(try facts([:]).runningKernelHasModules.get() == nil)
        let gone = facts(["/proc/modules": .text("kvm 1105920 0 - Live 0x0\n")])
        #expect(try gone.runningKernelHasModules.get() == false)
    }

    /// Ubuntu's update-notifier writes a sentence into the one file and packages, some twice, into the other.
    @Test func `packages that ask for a reboot are named once`() throws {
        let stack = facts([
            "/run/reboot-required": .text("*** System restart required ***\n"),
            "/run/reboot-required.pkgs": .text("linux-image-6.8.0-35-generic\nlinux-base\nlinux-base\n"),
        ])
        #expect(try stack.rebootRequired.get() == ["linux-base", "linux-image-6.8.0-35-generic"])
        #expect(try facts([:]).rebootRequired.get() == nil)
    }

    /// The book's file, chapter 15.
    @Test func `modules that the boot loads are named with their file`() throws {
        let stack = facts([
            "/etc/modules-load.d/kvm-chrony.conf": .text("ptp_kvm\n"),
            "/etc/modules": .text("# /etc/modules\n\nvhost-net experimental_zcopytx=0\n"),
        ])
        #expect(
            try stack.modulesLoadedAtBoot.get()
                == ["ptp_kvm": "/etc/modules-load.d/kvm-chrony.conf", "vhost_net": "/etc/modules"])
    }

    // MARK: - Blindness

    @Test func `a capture without these files tells nothing of them`() {
        let stack = StackProbe.facts(from: MemorySource([:], absence: .unproven), answers: KernelAnswers())
        #expect(throws: Undecided.self) { try stack.emulators.get() }
        #expect(throws: Undecided.self) { try stack.monolithicDaemon.get() }
        #expect(throws: Undecided.self) { try stack.libvirtSockets.get() }
        #expect(throws: Undecided.self) { try stack.libvirtVersion.get() }
        #expect(throws: Undecided.self) { try stack.unitsAtBoot.get() }
        #expect(throws: Undecided.self) { try stack.firmware.get() }
        #expect(throws: Undecided.self) { try stack.rebootRequired.get() }
        #expect(throws: Undecided.self) { try stack.modulesLoadedAtBoot.get() }
        #expect(throws: Undecided.self) { try stack.installedKernels.get() }
    }
}
