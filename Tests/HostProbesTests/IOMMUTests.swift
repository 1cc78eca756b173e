import Evidence
import Facts
import Testing

@testable import HostProbes

struct IOMMUTests {
    /// A desktop like many in the VFIO community's questions: a graphics card whose slot shares a group with a SATA
    /// controller, a network card with firmware memory of its own, an NVMe drive alone. Made up, in sysfs's forms.
    private func desktop() -> MemorySource {
        var source = MemorySource([
            "/proc/cpuinfo": .text("processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx\n"),
            "/proc/cmdline": .text("BOOT_IMAGE=/vmlinuz ro intel_iommu=on vfio-pci.ids=10de:1B80,10de:10f0\n"),
            "/sys/firmware/acpi/tables/DMAR": .obstacle(Obstacle(.permissionDenied, "DMAR", "EACCES")),
            "/sys/firmware/acpi/tables/FACP": .obstacle(Obstacle(.permissionDenied, "FACP", "EACCES")),
            "/sys/class/iommu/dmar0": .link("../../devices/virtual/iommu/dmar0"),
            "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts": .text("N\n"),
        ])
        let devices: [(group: Int, address: String, ids: String, type: String, driver: String?)] = [
            (0, "0000:00:00.0", "8086:591f", "0x060000", nil),
            (1, "0000:00:01.0", "8086:1901", "0x060400", "pcieport"),
            (1, "0000:01:00.0", "10de:1b80", "0x030000", "nouveau"),
            (1, "0000:01:00.1", "10de:10f0", "0x040300", "vfio-pci"),
            (1, "0000:02:00.0", "1b21:0612", "0x010601", "ahci"),
            (2, "0000:00:1f.6", "8086:15b8", "0x020000", "e1000e"),
            (10, "0000:03:00.0", "144d:a808", "0x010802", "nvme"),
        ]
        for device in devices {
            let path = "/sys/bus/pci/devices/\(device.address)"
            source.insert(.text(device.type + "\n"), at: path + "/class")
            source.insert(.text("0x" + device.ids.prefix(4) + "\n"), at: path + "/vendor")
            source.insert(.text("0x" + device.ids.suffix(4) + "\n"), at: path + "/device")
            if let driver = device.driver {
                source.insert(.link("../../../bus/pci/drivers/\(driver)"), at: path + "/driver")
                source.insert(
                    .link("../../../../devices/\(device.address)"),
                    at: "/sys/bus/pci/drivers/\(driver)/\(device.address)")
            }
            let group = "/sys/kernel/iommu_groups/\(device.group)"
            source.insert(.link(path), at: group + "/devices/\(device.address)")
            source.insert(.text("DMA-FQ\n"), at: group + "/type")
            source.insert(.text("0x00000000fee00000 0x00000000feefffff msi\n"), at: group + "/reserved_regions")
        }
        source.insert(.text(""), at: "/sys/bus/pci/drivers/vfio-pci/bind")
        source.insert(
            .text(
                """
                0x00000000000a0000 0x00000000000bffff direct-relaxable
                0x00000000df7f5000 0x00000000df7fdfff direct
                0x00000000fee00000 0x00000000feefffff msi

                """), at: "/sys/kernel/iommu_groups/2/reserved_regions")
        for (number, chip) in [(0, "IR-IO-APIC"), (120, "DMAR-MSI"), (121, "IR-PCI-MSI-0000:00:1f.6")] {
            source.insert(.text(chip + "\n"), at: "/sys/kernel/irq/\(number)/chip_name")
        }
        return source
    }

    private func facts(_ source: MemorySource) -> IOMMUFacts {
        IOMMUProbe.facts(from: source, answers: KernelAnswers())
    }

    @Test func `a desktop's groups, devices and drivers`() throws {
        let facts = facts(desktop())
        let groups = try #require(try facts.groups.get())
        #expect(groups.map(\.number) == [0, 1, 2, 10])
        #expect(groups[1].devices.map(\.address) == ["0000:00:01.0", "0000:01:00.0", "0000:01:00.1", "0000:02:00.0"])
        #expect(groups[1].devices.map(\.isBridge) == [true, false, false, false])
        #expect(groups[1].devices.map(\.passthroughKind) == [nil, "GPU", nil, nil])
        #expect(groups[1].devices.last?.driver == "ahci")
        #expect(groups[3].devices[0].passthroughKind == "NVMe")
        #expect(try groups[2].directRegions.get() == ["0x00000000df7f5000-0x00000000df7fdfff"])
        #expect(try groups[3].directRegions.get() == [])
        #expect(try groups[3].type.get() == "DMA-FQ")
        #expect(!groups[3].isWithoutIOMMU)
        #expect(try facts.vendor.get() == "GenuineIntel")
        #expect(try facts.units.get() == ["dmar0"])
        #expect(try facts.tables.get() == ["DMAR", "FACP"])
        #expect(try facts.remapsInterrupts.get() == true)
        #expect(try facts.allowsUnsafeInterrupts.get() == false)
        #expect(try facts.vfioBound.get() == ["0000:01:00.1"])
    }

    @Test func `vfio-pci ids claim devices whatever their letters' case`() throws {
        let claimed = try #require(try facts(desktop()).vfioClaimed.get())
        #expect(claimed.map(\.address) == ["0000:01:00.0", "0000:01:00.1"])
        #expect(claimed.map(\.driver) == ["nouveau", "vfio-pci"])
    }

    @Test func `a table that only root may read is there, and its content unknown`() throws {
        let facts = facts(desktop())
        #expect(try facts.tables.get()?.contains("DMAR") == true)
        #expect(throws: Undecided.self) { try facts.dmar.get() }
        #expect(try facts.ivrs.get() == nil)
    }

    @Test func `VFIO's groups without an IOMMU are told by their name`() throws {
        let path = "/sys/kernel/iommu_groups/0"
        let source = MemorySource([
            "\(path)/name": .text("vfio-noiommu\n"), "\(path)/type": .text("unknown\n"),
            "\(path)/reserved_regions": .text(""), "\(path)/devices/0000:00:05.0": .link("/sys/devices/x"),
            "/sys/devices/x/class": .text("0x020000\n"),
        ])
        #expect(try facts(source).groups.get()?.first?.isWithoutIOMMU == true)
    }

    /// Measured here: Firecracker gives its guest an IO-APIC and no IOMMU.
    @Test func `this Firecracker guest has no groups and does not remap interrupts`() throws {
        let source = MemorySource([
            "/sys/kernel/iommu_groups": .directory(), "/sys/class/iommu": .directory(),
            "/sys/kernel/irq/24/chip_name": .text("IO-APIC\n"),
            "/sys/kernel/irq/28/chip_name": .text("PCI-MSIX-0000:00:01.0\n"),
        ])
        #expect(try facts(source).groups.get()?.isEmpty == true)
        #expect(try facts(source).remapsInterrupts.get() == false)
        #expect(try facts(source).units.get() == [])
    }

    @Test func `a chip that is unnamed, or no IO-APIC, tells nothing`() throws {
        let source = MemorySource([
            "/sys/kernel/irq/0/chip_name": .text(""), "/sys/kernel/irq/1/chip_name": .text("GICv3\n"),
        ])
        #expect(try facts(source).remapsInterrupts.get() == nil)
    }

    @Test func `an unreadable device makes the groups unknown, not smaller`() {
        var source = desktop()
        source.insert(.file([0xff, 0]), at: "/sys/bus/pci/devices/0000:02:00.0/class")
        #expect(throws: Undecided.self) { try facts(source).groups.get() }
    }

    @Test func `garbage in the place of a table is unknown and says why`() throws {
        for node in [
            MemorySource.Node.file([]), .file([UInt8](repeating: 0xff, count: 300)), .directory(),
            .special(FileMetadata(kind: .fifo)), .file([UInt8](repeating: 0, count: 2 << 20)),
        ] {
            let source = MemorySource(["/sys/firmware/acpi/tables/DMAR": node])
            #expect(throws: Undecided.self) { try facts(source).dmar.get() }
        }
    }

    @Test func `on s390x there is no vendor of CPUID`() throws {
        let source = MemorySource([
            "/proc/cpuinfo": .text("vendor_id       : IBM/S390\n# processors    : 2\nfeatures\t: esan3 zarch sie\n")
        ])
        #expect(try facts(source).vendor.get() == nil)
    }

    @Test func `a capture without these files knows nothing`() {
        let facts = facts(MemorySource([:], absence: .unproven))
        #expect(throws: Undecided.self) { try facts.groups.get() }
        #expect(throws: Undecided.self) { try facts.tables.get() }
        #expect(throws: Undecided.self) { try facts.dmar.get() }
        #expect(throws: Undecided.self) { try facts.bootConfigurations.get() }
        #expect(throws: Undecided.self) { try facts.remapsInterrupts.get() }
        #expect(throws: Undecided.self) { try facts.vfioClaimed.get() }
        #expect(throws: Undecided.self) { try facts.vfioBound.get() }
    }

    /// Read in a guest: Debian 12, Linux 6.1.0-56, QEMU 7.2, `-M q35 -device intel-iommu,intremap=on`, `intel_iommu=on`.
    @Test func `a Debian guest with a virtual VT-d`() throws {
        var source = MemorySource([
            "/proc/cpuinfo": .text("processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm hypervisor\n"),
            "/proc/cmdline": .text("console=ttyS0 quiet intel_iommu=on vfio-pci.ids=8086:10D3\n"),
            "/sys/class/iommu/dmar0": .directory(), "/sys/kernel/irq/0/chip_name": .text("IR-IO-APIC\n"),
            "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts": .text("N\n"),
            "/sys/bus/pci/drivers/vfio-pci/new_id": .text(""),
        ])
        for name in ["APIC", "DMAR", "DSDT", "FACP", "FACS", "HPET", "MCFG", "WAET"] {
            source.insert(.obstacle(Obstacle(.permissionDenied, name)), at: "/sys/firmware/acpi/tables/\(name)")
        }
        source.insert(.directory(), at: "/sys/firmware/acpi/tables/dynamic")
        let devices = [
            (0, "0000:00:00.0", "0x060000", "0x29c0"), (1, "0000:00:01.0", "0x030000", "0x1111"),
            (2, "0000:00:02.0", "0x020000", "0x10d3"), (3, "0000:00:1f.0", "0x060100", "0x2918"),
            (3, "0000:00:1f.2", "0x010601", "0x2922"), (3, "0000:00:1f.3", "0x0c0500", "0x2930"),
        ]
        for (group, address, type, id) in devices {
            let path = "/sys/devices/pci0000:00/\(address)"
            source.insert(.text(type + "\n"), at: path + "/class")
            source.insert(.text(group == 1 ? "0x1234\n" : "0x8086\n"), at: path + "/vendor")
            source.insert(.text(id + "\n"), at: path + "/device")
            source.insert(.link("../../../devices/pci0000:00/\(address)"), at: "/sys/bus/pci/devices/\(address)")
            source.insert(
                .link("../../../../devices/pci0000:00/\(address)"),
                at: "/sys/kernel/iommu_groups/\(group)/devices/\(address)")
            source.insert(.text("DMA-FQ\n"), at: "/sys/kernel/iommu_groups/\(group)/type")
            let relaxable = group == 3 ? "0x0000000000000000 0x0000000000ffffff direct-relaxable\n" : ""
            source.insert(
                .text(relaxable + "0x00000000fee00000 0x00000000feefffff msi\n"),
                at: "/sys/kernel/iommu_groups/\(group)/reserved_regions")
        }
        source.insert(
            .link("../../../bus/pci/drivers/e1000e"), at: "/sys/devices/pci0000:00/0000:00:02.0/driver")
        let facts = facts(source)
        let groups = try #require(try facts.groups.get())
        #expect(groups.map { $0.devices.count } == [1, 1, 1, 3])
        #expect(groups[2].devices[0] == PCIFunction("0000:00:02.0", deviceClass: 0x020000, driver: "e1000e"))
        #expect(try groups[2].directRegions.get() == [])
        #expect(try facts.units.get() == ["dmar0"])
        #expect(try facts.tables.get()?.contains("DMAR") == true)
        #expect(try facts.remapsInterrupts.get() == true)
        #expect(try facts.vfioBound.get() == [])
        #expect(try facts.vfioClaimed.get()?.map(\.address) == ["0000:00:02.0"])
    }
}
