@_spi(Probing) internal import Evidence
internal import Facts

/// Reads ``IOMMUFacts``.
enum IOMMUProbe {
    /// More groups than any machine has devices in a PCI segment and a half.
    private static let groupLimit = 8192
    /// More devices than a group of a real machine has.
    private static let deviceLimit = 1024
    /// The largest of these tables known are a few tens of kilobytes.
    private static let tableLimit = 1 << 20
    private static let tables = "/sys/firmware/acpi/tables"

    static func facts(from source: some Source, answers: KernelAnswers) -> IOMMUFacts {
        var facts = IOMMUFacts()
        facts.vendor = vendor(source)
        facts.tables = source.entries(tables)
        facts.dmar = table("DMAR", source, ACPITables.dmar)
        facts.ivrs = table("IVRS", source, ACPITables.ivrs)
        facts.iort = table("IORT", source, ACPITables.iort)
        facts.kernelArguments = source.possiblyEmptyText("/proc/cmdline").map(KernelCommandLine.parse)
        facts.bootConfigurations = BootConfigurations.read(
            from: source, release: source.text("/proc/sys/kernel/osrelease"))
        facts.units = source.entries("/sys/class/iommu")
        facts.groups = groups(source)
        facts.remapsInterrupts = remapsInterrupts(source)
        facts.allowsUnsafeInterrupts = allowsUnsafeInterrupts(source)
        facts.pciDevices = source.entries("/sys/bus/pci/devices")
        facts.vfioBound = vfioBound(source)
        facts.vfioClaimed = vfioClaimed(source, facts)
        return facts
    }

    private static func vendor(_ source: some Source) -> Observation<String> {
        CPUInfo.read(from: source).compactMap { info in
            // s390x has a vendor_id too, which is not CPUID's.
            info.architecture == "s390x" ? nil : info.first["vendor_id"]
        }
    }

    private static func table<Table: Sendable>(
        _ signature: String, _ source: some Source, _ parse: ([UInt8]) throws(MalformedTable) -> Table
    ) -> Observation<Table> {
        let path = "\(tables)/\(signature)"
        return source.read(path, limit: tableLimit).flatMap { bytes in
            do throws(MalformedTable) {
                return .known(try parse(bytes), from: .file(path))
            } catch {
                return .unknown(Obstacle(.malformed, path, error.reason), from: .file(path))
            }
        }
    }

    // MARK: - Groups

    private static func groups(_ source: some Source) -> Observation<[IOMMUGroup]> {
        let root = "/sys/kernel/iommu_groups"
        return deciding(from: root) { () throws(Undecided) in
            guard let names = try source.entries(root).get() else { return nil }
            guard names.count <= groupLimit else {
                throw Undecided(Obstacle(.tooLarge, root, "more than \(groupLimit) groups"))
            }
            var groups: [IOMMUGroup] = []
            for number in names.compactMap(Int.init).sorted() {
                groups.append(try group(number, at: "\(root)/\(number)", source))
            }
            return groups
        }
    }

    private static func group(
        _ number: Int, at path: String, _ source: some Source
    ) throws(Undecided) -> IOMMUGroup {
        let names = try source.entries("\(path)/devices").get() ?? []
        guard names.count <= deviceLimit else {
            throw Undecided(Obstacle(.tooLarge, "\(path)/devices", "more than \(deviceLimit) devices"))
        }
        var devices: [PCIFunction] = []
        for name in names { devices.append(try function(name, at: "\(path)/devices/\(name)", source)) }
        var group = IOMMUGroup(number, devices: devices)
        // The rest matters for what is given to guests; it is not read for the many groups of bridges and chipsets.
        guard devices.contains(where: { $0.passthroughKind != nil }) else { return group }
        group.type = source.text("\(path)/type", limit: 4096)
        // drivers/vfio/group.c, vfio_noiommu_group_alloc: the group is named so.
        group.isWithoutIOMMU = try source.text("\(path)/name", limit: 4096).get() == "vfio-noiommu"
        group.directRegions = source.possiblyEmptyText("\(path)/reserved_regions").map { regions in
            // Documentation/ABI/testing/sysfs-kernel-iommu_groups: start, end, type. `direct-relaxable` may be ignored.
            regions.lines.compactMap { line in
                let fields = line.words
                return fields.count == 3 && fields[2] == "direct" ? "\(fields[0])-\(fields[1])" : nil
            }
        }
        return group
    }

    private static func function(
        _ address: String, at path: String, _ source: some Source
    ) throws(Undecided) -> PCIFunction {
        var function = PCIFunction(address, deviceClass: try source.integer("\(path)/class").get())
        if function.deviceClass != nil, !function.isBridge {
            function.driver = try source.linkName("\(path)/driver").get()
        }
        return function
    }

    /// What came of several looks, of which each must have come to something.
    private static func deciding<Value: Sendable>(
        from path: String, _ body: () throws(Undecided) -> Value?
    ) -> Observation<Value> {
        do throws(Undecided) {
            return try body().map { .known($0, from: .file(path)) } ?? .absent(from: .file(path))
        } catch {
            return .unknown(error.obstacle, from: .file(path))
        }
    }

    // MARK: - Interrupts

    /// Interrupt chips of x86 are named `IR-…` where interrupts are remapped, by Intel's and AMD's drivers alike
    /// (arch/x86/kernel/apic/io_apic.c, `ioapic_ir_chip`); the IO-APIC serves the lowest interrupts.
    private static func remapsInterrupts(_ source: some Source) -> Observation<Bool> {
        let root = "/sys/kernel/irq"
        return source.entries(root).flatMap { names in
            for number in names.compactMap(Int.init).sorted().prefix(64) {
                let path = "\(root)/\(number)/chip_name"
                let name = source.possiblyEmptyText(path, limit: 4096)
                if let obstacle = name.obstacle { return .unknown(obstacle, from: name.provenance) }
                if name.known?.hasPrefix("IR-") == true { return .known(true, from: .file(path)) }
                if name.known == "IO-APIC" { return .known(false, from: .file(path)) }
            }
            return .absent(from: .file(root))
        }
    }

    // MARK: - VFIO

    /// VFIO's containers and IOMMUFD each have a switch of their own.
    private static func allowsUnsafeInterrupts(_ source: some Source) -> Observation<Bool> {
        let switches = ["vfio_iommu_type1", "iommufd"].map {
            source.boolean("/sys/module/\($0)/parameters/allow_unsafe_interrupts")
        }
        return switches.first { $0.known == true } ?? switches.first { $0.obstacle != nil }
            ?? switches.first { !$0.isAbsent } ?? .absent(from: .file("/sys/module/vfio_iommu_type1"))
    }

    private static func vfioBound(_ source: some Source) -> Observation<[String]> {
        let path = "/sys/bus/pci/drivers/vfio-pci"
        let names = source.entries(path)
        return names.isAbsent ? .known([], from: .file(path)) : names.map { $0.filter { $0.contains(":") } }
    }

    /// `vfio-pci.ids=VENDOR:DEVICE,…`; of several such arguments the last counts, as for every string parameter.
    private static func vfioClaimed(_ source: some Source, _ facts: IOMMUFacts) -> Observation<[PCIFunction]> {
        deciding(from: "/proc/cmdline") { () throws(Undecided) in
            let arguments = try facts.kernelArguments.get() ?? []
            let ids = arguments.last { $0.comparableName == "vfio_pci.ids" }?.values ?? []
            if ids.isEmpty { return nil }
            // Beyond vendor and device an id can have subsystem and class: those are left to the kernel.
            let wanted = Set(ids.map { $0.split(separator: ":").prefix(2).joined(separator: ":").lowercased() })
            var claimed: [PCIFunction] = []
            for address in try facts.pciDevices.get() ?? [] {
                let path = "/sys/bus/pci/devices/\(address)"
                guard let vendor = try source.text("\(path)/vendor", limit: 64).get(),
                    let device = try source.text("\(path)/device", limit: 64).get(),
                    wanted.contains("\(vendor.dropFirst(2)):\(device.dropFirst(2))")
                else { continue }
                claimed.append(try function(address, at: path, source))
            }
            return claimed
        }
    }
}
