import Evidence
import Facts
import Testing

@testable import HostProbes

struct KernelCommandLineTests {
    @Test func `this Firecracker guest's command line ends at the arguments of its init`() {
        let arguments = KernelCommandLine.parse(
            """
            mitigations=auto,no_guest_host,no_guest_guest console=ttyS0 quiet nomodule nested_pvm=1 \
            rdinit=/process_api -- --firecracker-init --addr 0.0.0.0:2024 intel_iommu=off
            """)
        #expect(arguments.map(\.name) == ["mitigations", "console", "quiet", "nomodule", "nested_pvm", "rdinit"])
        #expect(arguments[0].values == ["auto", "no_guest_host", "no_guest_guest"])
        #expect(arguments[2].value == nil)
    }

    /// lib/cmdline.c, `next_arg`: a space between double quotes belongs to the value.
    @Test func `a quoted value may hold spaces`() {
        let arguments = KernelCommandLine.parse(#"dyndbg="file drivers/usb/* +p" "foo=a b" intel_iommu=on"#)
        #expect(
            arguments == [
                KernelArgument("dyndbg", "file drivers/usb/* +p"), KernelArgument("foo", "a b"),
                KernelArgument("intel_iommu", "on"),
            ])
    }

    @Test func `a quote that is never closed ends with the line`() {
        #expect(KernelCommandLine.parse(#"a="b c"#) == [KernelArgument("a", "b c")])
        #expect(KernelCommandLine.parse(#"""#) == [KernelArgument("")])
        #expect(KernelCommandLine.parse("=") == [KernelArgument("", "")])
        #expect(KernelCommandLine.parse("  \n\t") == [])
    }

    @Test func `dashes and underscores are the same to the kernel`() {
        #expect(KernelArgument("vfio-pci.ids").comparableName == KernelArgument("vfio_pci.ids").comparableName)
    }
}

struct BootConfigurationsTests {
    private func read(_ files: [String: MemorySource.Node], release: String = "6.1.0-37-amd64") throws
        -> [BootConfiguration]
    {
        try #require(
            try BootConfigurations.read(from: MemorySource(files), release: .known(release)).get())
    }

    /// The two files of a Debian 12 cloud image, as far as they set arguments.
    @Test func `Debian's GRUB defaults are added up over grub d`() throws {
        let found = try read([
            "/etc/default/grub": .text(
                """
                GRUB_DEFAULT=0
                GRUB_TIMEOUT=5
                GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
                GRUB_CMDLINE_LINUX_DEFAULT="quiet"
                #GRUB_CMDLINE_LINUX="hugepages=9"
                GRUB_CMDLINE_LINUX="intel_iommu=on iommu=pt"
                """),
            "/etc/default/grub.d/10_cloud.cfg": .text(
                """
                # Cloud Image specific Grub settings for Debian cloud-image
                GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX console=tty0 console=ttyS0,115200 earlyprintk=ttyS0,115200"
                """),
            "/etc/default/grub.d/README": .text("GRUB_CMDLINE_LINUX=no"),
        ])
        #expect(found.count == 2)
        #expect(
            found[0].arguments.map(\.text) == [
                "intel_iommu=on", "iommu=pt", "console=tty0", "console=ttyS0,115200", "earlyprintk=ttyS0,115200",
            ])
        #expect(found[0].place == Place("/etc/default/grub.d/10_cloud.cfg", line: 2))
        #expect(found[1].arguments.map(\.text) == ["quiet"])
        #expect(found[1].place == Place("/etc/default/grub", line: 4))
        #expect(found.allSatisfy { $0.isComplete && $0.kind == .grubDefaults })
    }

    @Test func `shell's plus-equals appends, and single quotes are quotes`() throws {
        let found = try read([
            "/etc/default/grub": .text("GRUB_CMDLINE_LINUX='a=1'\nGRUB_CMDLINE_LINUX+=\" hugepages=4\"\n")
        ])
        #expect(found[0].arguments.map(\.text) == ["a=1", "hugepages=4"])
    }

    @Test func `what a command would answer is not known`() throws {
        let found = try read(["/etc/default/grub": .text("GRUB_CMDLINE_LINUX=\"quiet $(cat /etc/args) iommu=pt\"\n")])
        #expect(found[0].isComplete == false)
        #expect(found[0].arguments.contains(KernelArgument("iommu", "pt")))
    }

    /// The form that Fedora's kernel-install writes; only the entry of the running kernel counts.
    @Test func `of boot loader entries the running kernel's counts`() throws {
        let entry = """
            title Fedora Linux (6.8.5-301.fc40.x86_64) 40 (Server Edition)
            version 6.8.5-301.fc40.x86_64
            linux /vmlinuz-6.8.5-301.fc40.x86_64
            initrd /initramfs-6.8.5-301.fc40.x86_64.img
            options root=UUID=3f ro rhgb quiet intel_iommu=on
            grub_users $grub_users
            """
        let found = try read(
            [
                "/boot/loader/entries/a-6.8.5-301.fc40.x86_64.conf": .text(entry),
                "/boot/loader/entries/a-0-rescue.conf": .text(
                    "title rescue\nversion 0-rescue-a\nlinux /vmlinuz-0-rescue-a\noptions ro hugepages=1"),
                "/etc/kernel/cmdline": .text("root=UUID=3f ro rhgb quiet"),
            ], release: "6.8.5-301.fc40.x86_64")
        #expect(found.map(\.kind) == [.loaderEntry, .kernelInstall])
        #expect(found[0].arguments.last == KernelArgument("intel_iommu", "on"))
        #expect(found[0].place.line == 5)
        #expect(found[0].isComplete)
    }

    /// RHEL 8: `options $kernelopts $tuned_params`, the first of which is in GRUB's environment block.
    @Test func `RHEL 8 keeps the arguments in GRUB's environment block`() throws {
        let found = try read(
            [
                "/boot/loader/entries/a.conf": .text(
                    "version 4.18.0-553.el8.x86_64\noptions $kernelopts $tuned_params\n"),
                "/boot/grub2/grubenv": .text(
                    "# GRUB Environment Block\nsaved_entry=a\nkernelopts=root=/dev/sda1 ro intel_iommu=on \n#####"),
            ], release: "4.18.0-553.el8.x86_64")
        #expect(found[0].arguments.map(\.text) == ["root=/dev/sda1", "ro", "intel_iommu=on"])
        #expect(found[0].isComplete == false, "tuned's variable is not known")
    }

    @Test func `systemd-boot's entries on the EFI partition count where there is no GRUB`() throws {
        let entry = MemorySource.Node.text("linux /m/6.1.0-37-amd64/linux-6.1.0-37-amd64\noptions\tiommu=pt\n")
        #expect(try read(["/efi/loader/entries/x.conf": entry]).first?.arguments == [KernelArgument("iommu", "pt")])
        let obstacle = MemorySource.Node.obstacle(Obstacle(.permissionDenied, "/boot/efi"))
        // An EFI partition that only root may read makes nothing unknown where GRUB is set up.
        #expect(
            try read(["/boot/efi": obstacle, "/etc/default/grub": .text("GRUB_CMDLINE_LINUX=\"a\"")]).count == 1)
        let blind = BootConfigurations.read(from: MemorySource(["/boot/efi": obstacle]), release: .known("6"))
        #expect(throws: Undecided.self) { try blind.get() }
    }

    @Test func `no configuration at all is none, not an obstacle`() throws {
        #expect(try read([:]).isEmpty)
    }

    @Test(arguments: [
        MemorySource.Node.file([0, 1, 2]), .directory(), .link("/etc/default/grub"),
        .special(FileMetadata(kind: .fifo)), .file([UInt8](repeating: 0x61, count: 2 << 20)),
        .obstacle(Obstacle(.permissionDenied, "/etc/default/grub")),
    ])
    func `garbage in the place of GRUB's defaults is unknown`(node: MemorySource.Node) {
        let source = MemorySource(["/etc/default/grub": node])
        #expect(throws: Undecided.self) { try BootConfigurations.read(from: source, release: .known("6")).get() }
    }

    /// Each line doubles the last: forty of them would be a terabyte.
    @Test func `a configuration that grows without end is unknown, and soon`() {
        let lines =
            ["GRUB_CMDLINE_LINUX=\"iommu=pt\""]
            + Array(repeating: "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX\"", count: 40)
        let source = MemorySource(["/etc/default/grub": .text(lines.joined(separator: "\n"))])
        #expect(throws: Undecided.self) { try BootConfigurations.read(from: source, release: .known("6")).get() }
    }

    @Test func `one variable written a thousand times does not multiply without end`() throws {
        let found = try read([
            "/etc/default/grub": .text(
                """
                GRUB_CMDLINE_LINUX="\(Array(repeating: "a", count: 5000).joined(separator: " "))"
                GRUB_CMDLINE_LINUX_DEFAULT="\(Array(repeating: "$GRUB_CMDLINE_LINUX", count: 700).joined(separator: " "))"
                """)
        ])
        #expect(found.allSatisfy { $0.arguments.count < 10000 && !$0.isComplete })
    }
}
