public import Evidence

/// The IOMMU: firmware tables, kernel arguments, groups, interrupt remapping.
public struct IOMMUFacts: Sendable {
    /// Who made the processor, as CPUID says it, such as `GenuineIntel`; absent on architectures without CPUID.
    public var vendor: Observation<String> = .notProbed
    /// The signatures of the firmware's ACPI tables; absent where the firmware has no ACPI.
    public var tables: Observation<[String]> = .notProbed
    /// Intel's table of IOMMUs; absent where there is none. Only root may read it.
    public var dmar: Observation<DMARTable> = .notProbed
    /// AMD's table of IOMMUs; absent where there is none. Only root may read it.
    public var ivrs: Observation<IVRSTable> = .notProbed
    /// Arm's table of IOMMUs and interrupt controllers; absent where there is none. Only root may read it.
    public var iort: Observation<IORTTable> = .notProbed

    /// The arguments the kernel was booted with, up to `--`.
    public var kernelArguments: Observation<[KernelArgument]> = .notProbed
    /// What the boot loader is configured to give the kernel; empty where no configuration is known.
    public var bootConfigurations: Observation<[BootConfiguration]> = .notProbed

    /// The IOMMUs that the kernel drives, such as `dmar0`, `ivhd0`, `smmu3.0x…`.
    public var units: Observation<[String]> = .notProbed
    /// The IOMMU groups; absent where the kernel has no support for them.
    public var groups: Observation<[IOMMUGroup]> = .notProbed
    /// Whether the kernel remaps interrupts: an interrupt chip named `IR-…`, or an IO-APIC that is not; absent where
    /// no chip tells.
    public var remapsInterrupts: Observation<Bool> = .notProbed
    /// Whether VFIO is told to assign devices without interrupt remapping; absent where VFIO is not loaded.
    public var allowsUnsafeInterrupts: Observation<Bool> = .notProbed
    /// The addresses of all PCI devices.
    public var pciDevices: Observation<[String]> = .notProbed
    /// The addresses of the devices that vfio-pci drives; empty where it is not loaded.
    public var vfioBound: Observation<[String]> = .notProbed
    /// The devices that `vfio-pci.ids=` on the kernel's command line names; absent without such an argument.
    public var vfioClaimed: Observation<[PCIFunction]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// The DMA Remapping Table: Intel VT-d specification, section 8.1.
public struct DMARTable: Sendable, Hashable {
    /// Whether the platform can remap interrupts: flag INTR_REMAP.
    public var remapsInterrupts: Bool
    /// How many IOMMUs (DRHD) it describes.
    public var unitCount: Int
    /// How many regions of memory devices keep using (RMRR).
    public var reservedRegionCount: Int

    /// Makes a table; see the properties.
    public init(remapsInterrupts: Bool, unitCount: Int, reservedRegionCount: Int) {
        self.remapsInterrupts = remapsInterrupts
        self.unitCount = unitCount
        self.reservedRegionCount = reservedRegionCount
    }
}

/// The I/O Virtualization Reporting Structure: AMD I/O Virtualization Technology specification (48882), section 5.2.
public struct IVRSTable: Sendable, Hashable {
    /// How many IOMMUs it describes, by the type of block (IVHD): newer types repeat what older ones say.
    public var unitCounts: [UInt8: Int]
    /// How many regions of memory devices keep using (IVMD).
    public var reservedRegionCount: Int

    /// Makes a table; see the properties.
    public init(unitCounts: [UInt8: Int], reservedRegionCount: Int) {
        self.unitCounts = unitCounts
        self.reservedRegionCount = reservedRegionCount
    }

    /// How many IOMMUs there are.
    public var unitCount: Int { unitCounts.values.max() ?? 0 }
}

/// The IO Remapping Table: Arm DEN 0049.
public struct IORTTable: Sendable, Hashable {
    /// How many nodes describe an SMMU, of version 1 or 2, or 3.
    public var smmuCount: Int

    /// Makes a table; see the properties.
    public init(smmuCount: Int) {
        self.smmuCount = smmuCount
    }
}

/// One argument on a kernel's command line.
public struct KernelArgument: Sendable, Hashable {
    /// The name, before the first `=`.
    public var name: String
    /// The value, without quotes; nil where there is no `=`.
    public var value: String?

    /// Makes an argument from its name and value.
    public init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }

    /// As it is written on the command line.
    public var text: String { value.map { "\(name)=\($0)" } ?? name }

    /// The name as the kernel compares it: `-` and `_` are the same (kernel/params.c, `parameq`).
    public var comparableName: String { String(name.map { $0 == "-" ? "_" : $0 }) }

    /// The parts of the value between commas.
    public var values: [String] {
        (value ?? "").split(separator: ",", omittingEmptySubsequences: true).map(String.init)
    }
}

/// What one file of a boot loader's configuration will give the kernel.
public struct BootConfiguration: Sendable, Hashable {
    /// The kinds of files, which take effect in different ways.
    public enum Kind: String, Sendable, Hashable {
        /// `/boot/loader/entries/*.conf`: taken at the next boot.
        case loaderEntry
        /// `/etc/default/grub` and what stands beside it: taken when GRUB's configuration is generated.
        case grubDefaults
        /// `/etc/kernel/cmdline`: taken when a kernel is installed.
        case kernelInstall
    }

    /// What kind of file it is.
    public var kind: Kind
    /// The file and the line.
    public var place: Place
    /// The arguments.
    public var arguments: [KernelArgument]
    /// Whether these are all arguments; false where a variable stands for others.
    public var isComplete: Bool

    /// Makes a configuration; see the properties.
    public init(_ kind: Kind, at place: Place, _ arguments: [KernelArgument], isComplete: Bool = true) {
        self.kind = kind
        self.place = place
        self.arguments = arguments
        self.isComplete = isComplete
    }
}

/// The smallest set of devices that an IOMMU can tell apart from others; only whole groups are given to guests.
public struct IOMMUGroup: Sendable {
    /// The number, the name of its directory.
    public var number: Int
    /// The type of its default domain: `DMA`, `DMA-FQ`, `identity`; not looked at where it has no candidate.
    public var type: Observation<String>
    /// Whether VFIO made it up for a device without an IOMMU.
    public var isWithoutIOMMU: Bool
    /// The regions, `START-END`, that devices of it use without asking and that cannot be taken from them; not looked
    /// at where it has no candidate.
    public var directRegions: Observation<[String]>
    /// All its devices.
    public var devices: [PCIFunction]

    /// Makes a group; see the properties.
    public init(
        _ number: Int, type: Observation<String> = .notProbed, isWithoutIOMMU: Bool = false,
        directRegions: Observation<[String]> = .notProbed, devices: [PCIFunction]
    ) {
        self.number = number
        self.type = type
        self.isWithoutIOMMU = isWithoutIOMMU
        self.directRegions = directRegions
        self.devices = devices
    }
}

/// A device in an IOMMU group; on Arm it need not be a PCI device.
public struct PCIFunction: Sendable, Hashable {
    /// The address, such as `0000:3b:00.0`, or the name of another kind of device.
    public var address: String
    /// The class, subclass and programming interface, such as 0x020000; nil where it is not a PCI device.
    public var deviceClass: Int?
    /// The driver; nil where none is bound.
    public var driver: String?

    /// Makes a device; see the properties.
    public init(_ address: String, deviceClass: Int?, driver: String? = nil) {
        self.address = address
        self.deviceClass = deviceClass
        self.driver = driver
    }

    /// Whether both are functions of one card: all of the address but the function is the same, and it is not on bus
    /// 00, where the functions of one number are unrelated parts of the chipset.
    public func isOfOneCard(with other: PCIFunction) -> Bool {
        let slot = address.prefix { $0 != "." }
        if slot != other.address.prefix(while: { $0 != "." }) { return false }
        let parts = slot.split(separator: ":")
        return address == other.address || !(parts.count == 3 && parts[1] == "00")
    }

    /// Whether it is a bridge, which stays with the host: PCI Code and ID Assignment specification, class 06h.
    public var isBridge: Bool { deviceClass.map { $0 >> 16 == 0x06 } ?? false }

    /// What guests are commonly given: `GPU`, `NIC` or `NVMe`; nil for other devices.
    public var passthroughKind: String? {
        guard let deviceClass else { return nil }
        return switch deviceClass >> 8 {
        case 0x0300...0x03ff, 0x1200: "GPU"
        case 0x0200...0x02ff: "NIC"
        case 0x0108: "NVMe"
        default: nil
        }
    }
}

extension IOMMUFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: IOMMUFacts {
        var facts = IOMMUFacts()
        facts.vendor = .known("GenuineIntel", from: .file("/proc/cpuinfo"))
        facts.tables = .known(["APIC", "DMAR", "DSDT", "FACP", "MCFG"], from: .file("/sys/firmware/acpi/tables"))
        facts.dmar = .known(
            DMARTable(remapsInterrupts: true, unitCount: 8, reservedRegionCount: 1),
            from: .file("/sys/firmware/acpi/tables/DMAR"))
        facts.ivrs = .absent(from: .file("/sys/firmware/acpi/tables/IVRS"))
        facts.iort = .absent(from: .file("/sys/firmware/acpi/tables/IORT"))
        let arguments = [KernelArgument("quiet"), KernelArgument("intel_iommu", "on"), KernelArgument("iommu", "pt")]
        facts.kernelArguments = .known(
            [KernelArgument("BOOT_IMAGE", "/vmlinuz-6.1.0-37-amd64"), KernelArgument("ro")] + arguments,
            from: .file("/proc/cmdline"))
        facts.bootConfigurations = .known([
            BootConfiguration(.grubDefaults, at: Place("/etc/default/grub", line: 10), arguments)
        ])
        facts.units = .known((0..<8).map { "dmar\($0)" }, from: .file("/sys/class/iommu"))
        facts.groups = .known(
            [
                IOMMUGroup(0, devices: [PCIFunction("0000:3a:00.0", deviceClass: 0x060400)]),
                card(1, "0000:3b:00.0"), card(2, "0000:3b:00.1"),
            ], from: .file("/sys/kernel/iommu_groups"))
        facts.remapsInterrupts = .known(true, from: .file("/sys/kernel/irq/9/chip_name"))
        facts.allowsUnsafeInterrupts = .known(
            false, from: .file("/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"))
        facts.pciDevices = .known(
            ["0000:3a:00.0", "0000:3b:00.0", "0000:3b:00.1"], from: .file("/sys/bus/pci/devices"))
        facts.vfioBound = .known([], from: .file("/sys/bus/pci/drivers/vfio-pci"))
        facts.vfioClaimed = .absent(from: .file("/proc/cmdline"))
        return facts
    }

    /// A network card alone in its group.
    private static func card(_ number: Int, _ address: String) -> IOMMUGroup {
        IOMMUGroup(
            number, type: .known("identity"), directRegions: .known([]),
            devices: [PCIFunction(address, deviceClass: 0x020000, driver: "mlx5_core")])
    }
}
