import Evidence
import Facts
import Testing

@testable import Rules

struct IOMMURulesTests {
    private func decide(_ rule: Rule<HostFacts>, _ change: (inout HostFacts) -> Void) throws -> Decision {
        var host = HostFacts.sample
        change(&host)
        return try rule.decide(host)
    }

    private func arguments(_ texts: String...) -> Observation<[KernelArgument]> {
        .known(
            texts.map { text in
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                return KernelArgument(parts[0], parts.count > 1 ? parts[1] : nil)
            })
    }

    // MARK: - virt-host-validate's two lines

    @Test func `the vendor follows from vendor_id, so a hidden svm does not hide the IOMMU`() throws {
        let decision = try decide(IOMMURules.notDescribed) {
            $0.kvm.virtualizationFlag = .absent()
            $0.iommu.vendor = .known("AuthenticAMD")
            $0.iommu.tables = .known(["IVRS"])
        }
        #expect(decision.verdict == .pass)
    }

    @Test(arguments: [
        ("GenuineIntel", "DMAR", true), ("GenuineIntel", "IVRS", false), ("AuthenticAMD", "IVRS", true),
        ("AuthenticAMD", "DMAR", false), ("HygonGenuine", "IVRS", true), ("CentaurHauls", "DMAR", true),
        ("AuthenticAMD", "VIOT", true), ("GenuineIntel", "APIC", false),
    ])
    func `each vendor has its own table`(vendor: String, table: String, passes: Bool) throws {
        let decision = try decide(IOMMURules.notDescribed) {
            $0.iommu.vendor = .known(vendor)
            $0.iommu.tables = .known(["FACP", table])
        }
        #expect(decision.verdict == (passes ? .pass : .fail))
    }

    @Test func `POWER always has one, s390x where it has PCI devices`() throws {
        let rule = IOMMURules.notDescribed
        #expect(try decide(rule) { $0.system.machine = .known("ppc64le") }.verdict == .pass)
        #expect(try decide(rule) { $0.system.machine = .known("s390x") }.verdict == .pass)
        #expect(
            try decide(rule) {
                $0.system.machine = .known("s390x")
                $0.iommu.pciDevices = .known([])
            }.verdict == .notApplicable)
    }

    @Test func `on Arm an SMMU must be in the IORT, or be driven`() throws {
        let rule = IOMMURules.notDescribed
        func arm(_ host: inout HostFacts) {
            host.system.machine = .known("aarch64")
            host.iommu.units = .known([])
            host.iommu.tables = .known(["IORT"])
        }
        #expect(
            try decide(rule) {
                arm(&$0)
                $0.iommu.iort = .known(IORTTable(smmuCount: 1))
            }.verdict == .pass)
        #expect(
            try decide(rule) {
                arm(&$0)
                $0.iommu.iort = .known(IORTTable(smmuCount: 0))
            }.verdict == .fail)
        #expect(throws: Undecided.self) {
            try decide(rule) {
                arm(&$0)
                $0.iommu.iort = .unknown(Obstacle(.permissionDenied, "IORT"))
            }
        }
        #expect(
            try decide(rule) {
                arm(&$0)
                $0.iommu.units = .known(["smmu3.0x0000000002b400000"])
                $0.iommu.iort = .unknown(Obstacle(.permissionDenied, "IORT"))
            }.verdict == .pass)
    }

    @Test func `groups of VFIO's mode without an IOMMU are no sign of one`() throws {
        let decision = try decide(IOMMURules.notEnabled) {
            $0.iommu.groups = .known([
                IOMMUGroup(0, isWithoutIOMMU: true, devices: [PCIFunction("0000:00:05.0", deviceClass: 0x020000)])
            ])
        }
        #expect(decision.verdict == .fail)
    }

    @Test func `the remedy is the vendor's and the distribution's`() throws {
        func remedy(_ distribution: String) throws -> [String] {
            try decide(IOMMURules.notEnabled) {
                $0.iommu.groups = .known([])
                $0.system.distribution = .known([distribution])
            }.remedy?.commands ?? []
        }
        #expect(try remedy("fedora") == ["grubby --update-kernel=ALL --args=\"intel_iommu=on\""])
        #expect(try remedy("debian").last == "update-grub")
        let amd = try decide(IOMMURules.notEnabled) {
            $0.iommu.groups = .known([])
            $0.iommu.vendor = .known("AuthenticAMD")
        }
        #expect(amd.remedy?.commands.contains { $0.contains("intel_iommu") } == false)
    }

    // MARK: - Groups

    @Test func `bridges and a card's own functions do not spoil a group`() throws {
        let decision = try decide(IOMMURules.notIsolated) {
            $0.iommu.groups = .known([
                IOMMUGroup(
                    1,
                    devices: [
                        PCIFunction("0000:00:01.0", deviceClass: 0x060400),
                        PCIFunction("0000:01:00.0", deviceClass: 0x030000),
                        PCIFunction("0000:01:00.1", deviceClass: 0x040300),
                    ])
            ])
        }
        #expect(decision.verdict == .pass)
    }

    @Test func `another card does, and is named with its driver`() throws {
        let decision = try decide(IOMMURules.notIsolated) {
            $0.iommu.groups = .known([
                IOMMUGroup(
                    1,
                    devices: [
                        PCIFunction("0000:01:00.0", deviceClass: 0x030000),
                        PCIFunction("0000:02:00.0", deviceClass: 0x010601, driver: "ahci"),
                    ])
            ])
        }
        #expect(decision.verdict == .fail)
        #expect(decision.evidence == ["GPU 0000:01:00.0, group 1, with 0000:02:00.0 (ahci)"])
    }

    @Test func `where no chip tells, interrupt remapping is unknown`() throws {
        #expect(throws: Undecided.self) {
            try decide(IOMMURules.interruptsNotRemapped) { $0.iommu.remapsInterrupts = .absent() }
        }
        #expect(
            try decide(IOMMURules.interruptsNotRemapped) { $0.system.machine = .known("aarch64") }.verdict
                == .notApplicable)
    }

    // MARK: - Kernel arguments

    @Test(arguments: [
        ("GenuineIntel", ["intel_iommu=off"], true), ("GenuineIntel", ["intel_iommu=off", "intel_iommu=on"], false),
        ("GenuineIntel", ["intel_iommu=on,off"], true),
        ("GenuineIntel", ["intel_iommu=off", "intel_iommu=sm_on"], true),
        ("GenuineIntel", ["amd_iommu=off"], false), ("AuthenticAMD", ["amd_iommu=off"], true),
        ("AuthenticAMD", ["intel_iommu=off"], false), ("AuthenticAMD", ["iommu=off"], true),
        ("GenuineIntel", ["iommu=pt"], false), ("AuthenticAMD", ["amd_iommu=off", "amd_iommu=on"], true),
    ])
    func `what switches an IOMMU off`(vendor: String, texts: [String], isOff: Bool) throws {
        let decision = try decide(KernelArgumentRules.switchedOff) { host in
            host.iommu.vendor = .known(vendor)
            host.iommu.kernelArguments = .known(
                texts.map { KernelArgument(String($0.split(separator: "=")[0]), String($0.split(separator: "=")[1])) })
        }
        #expect(decision.verdict == (isOff ? .fail : .pass))
    }

    @Test func `arguments without effect are named with the reason`() throws {
        let rule = KernelArgumentRules.withoutEffect
        let amd = try decide(rule) {
            $0.iommu.vendor = .known("AuthenticAMD")
            $0.iommu.kernelArguments = arguments("intel_iommu=on", "amd_iommu=on", "iommu=pt")
        }
        #expect(amd.message == "intel_iommu=on, amd_iommu=on has no effect")
        #expect(try decide(rule) { $0.iommu.kernelArguments = arguments("iommu=1") }.verdict == .fail)
        #expect(
            try decide(rule) {
                $0.iommu.vendor = .known("AuthenticAMD")
                $0.iommu.kernelArguments = arguments("amd_iommu=pgtbl_v2", "iommu=pt")
            }.verdict == .pass)
        #expect(
            try decide(rule) {
                $0.iommu.vendor = .absent()
                $0.iommu.kernelArguments = arguments("intel_iommu=on")
            }.verdict == .fail)
    }

    @Test func `contradictions and harmless repetitions`() throws {
        let rule = KernelArgumentRules.contradicting
        for texts in [
            ["iommu=pt", "iommu=off"], ["vfio-pci.ids=1:2", "vfio_pci.ids=3:4"], ["intel_iommu=on", "iommu=off"],
        ] {
            let decision = try decide(rule) { host in
                host.iommu.kernelArguments = .known(
                    texts.map {
                        KernelArgument(String($0.split(separator: "=")[0]), String($0.split(separator: "=")[1]))
                    })
            }
            #expect(decision.verdict == .fail, "\(texts)")
        }
        let fine = try decide(rule) {
            $0.iommu.kernelArguments = arguments(
                "intel_iommu=on", "intel_iommu=sm_on", "intel_iommu=on", "hugepagesz=1G", "hugepages=4",
                "hugepagesz=2M", "hugepages=512", "console=tty0", "console=ttyS0")
        }
        #expect(fine.verdict == .pass)
    }

    @Test(arguments: [
        ("quietintel_iommu=on", "intel_iommu=on"), ("console=ttyS0intel_iommu=on", "intel_iommu=on"),
        ("rhgbdefault_hugepagesz=1G", "default_hugepagesz=1G"), ("roiommu=pt", "iommu=pt"),
    ])
    func `an argument glued to the one before`(text: String, part: String) {
        #expect(RelevantArguments.gluedPart(of: text) == part)
    }

    @Test(arguments: [
        "intel_iommu=on", "default_hugepagesz=1G", "hugepagesz=2M", "rd.vfio-pci.ids=1:2", "amd_iommu=off", "iommu=pt",
        "mitigations=auto", "kvm_intel.nested=1",
    ])
    func `ordinary arguments are not glued`(text: String) {
        #expect(RelevantArguments.gluedPart(of: text) == nil)
    }

    @Test func `pending and unkept arguments are told from each other`() throws {
        let both: (inout HostFacts) -> Void = {
            $0.iommu.kernelArguments = arguments("quiet", "hugepages=8")
            $0.iommu.bootConfigurations = .known([
                BootConfiguration(
                    .grubDefaults, at: Place("/etc/default/grub", line: 9),
                    [
                        KernelArgument("quiet"), KernelArgument("vfio_pci.ids", "1:2"),
                    ])
            ])
        }
        let pending = try decide(KernelArgumentRules.pending, both)
        #expect(pending.message == "vfio_pci.ids=1:2 is configured and not in force")
        #expect(pending.places == [Place("/etc/default/grub", line: 9)])
        let unkept = try decide(KernelArgumentRules.notPersistent, both)
        #expect(unkept.message == "hugepages=8 is in force and not configured")
    }

    @Test func `a configuration with variables does not show that an argument is lost`() throws {
        #expect(throws: Undecided.self) {
            try decide(KernelArgumentRules.notPersistent) {
                $0.iommu.bootConfigurations = .known([
                    BootConfiguration(.loaderEntry, at: Place("/boot/loader/entries/a.conf"), [], isComplete: false)
                ])
            }
        }
    }

    @Test func `a host whose boot loader is unknown has nothing pending`() throws {
        #expect(
            try decide(KernelArgumentRules.pending) { $0.iommu.bootConfigurations = .known([]) }.verdict
                == .notApplicable)
    }

    @Test func `functions of the chipset are not one card`() {
        let network = PCIFunction("0000:00:1f.6", deviceClass: 0x020000)
        #expect(!network.isOfOneCard(with: PCIFunction("0000:00:1f.3", deviceClass: 0x040300)))
        #expect(network.isOfOneCard(with: network))
        let port = PCIFunction("0000:3b:00.0", deviceClass: 0x020000)
        #expect(port.isOfOneCard(with: PCIFunction("0000:3b:00.1", deviceClass: 0x020000)))
        #expect(!port.isOfOneCard(with: PCIFunction("0001:3b:00.1", deviceClass: 0x020000)))
    }

    /// A captured tree can come from anyone, and commands are there to be pasted.
    @Test(arguments: [
        "a=$(reboot)", "a='; reboot #", "a=`reboot`", "a=\u{1b}[2J", "a=x|e reboot", "a=\"b", "a=\\x", "a=é",
    ])
    func `no command is made of a text that a shell reads`(text: String) throws {
        let decision = try decide(KernelArgumentRules.notPersistent) {
            $0.iommu.kernelArguments = .known([KernelArgument("hugepages", String(text.dropFirst(2)))])
        }
        #expect(decision.verdict == .fail)
        #expect(decision.remedy?.commands == [])
        #expect(decision.remedy?.text.isEmpty == false)
    }

    @Test func `what switches the IOMMU off is the remedy of its absence, and is not to be kept`() throws {
        let off: (inout HostFacts) -> Void = {
            $0.iommu.groups = .known([])
            $0.iommu.kernelArguments = arguments("intel_iommu=on", "iommu=off", "amd_iommu=on")
            $0.iommu.bootConfigurations = .known([
                BootConfiguration(.grubDefaults, at: Place("/etc/default/grub"), [KernelArgument("quiet")])
            ])
        }
        let absent = try decide(IOMMURules.notEnabled, off)
        #expect(absent.message == "there is an IOMMU, and iommu=off switches it off")
        #expect(absent.remedy?.commands.first == "sed -i 's| *iommu=off||' /etc/default/grub")
        let unkept = try decide(KernelArgumentRules.notPersistent, off)
        #expect(unkept.message == "intel_iommu=on is in force and not configured")
    }
}
