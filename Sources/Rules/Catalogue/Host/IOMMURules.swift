internal import Evidence
internal import Facts

/// Device assignment: firmware, kernel, groups, interrupts. KVH050–KVH069, with ``KernelArgumentRules``.
enum IOMMURules {
    static let area = "IOMMU"

    static let all: [Rule<HostFacts>] =
        [notDescribed, notEnabled] + KernelArgumentRules.all + [
            interruptsNotRemapped, unsafeInterrupts, notIsolated, reservedRegions, withoutIOMMU, claimedNotBound,
            translated,
        ]

    private static let validate = Citation("libvirt tools/virt-host-validate-common.c, virHostValidateIOMMU", "11.3")
    private static let vfio = Citation("Linux Documentation/driver-api/vfio.rst", "6.18")
    private static let groupsABI = Citation("Linux Documentation/ABI/testing/sysfs-kernel-iommu_groups", "6.18")

    // MARK: - Firmware and kernel

    static let notDescribed = Rule<HostFacts>(
        RuleInfo(
            "KVH050", "iommu-not-described", "the firmware describes an IOMMU", area: area, severity: .note,
            rationale: """
                Without an IOMMU no device of the host can be given to a guest; guests with virtual devices do not \
                need one. Which table it stands in follows from who made the processor, not from vmx and svm.
                """,
            sources: [
                validate, Citation("Intel VT-d specification, section 8.1", "D51397"),
                Citation("AMD I/O Virtualization Technology specification, section 5.2", "48882"),
                Citation("Arm IO Remapping Table, DEN 0049", "E.f"),
            ],
            remedy: Remedy("enable the IOMMU (VT-d, AMD-Vi, SMMU) in the firmware, where devices are to be assigned"),
            explains: [
                "No ACPI DMAR table found", "No ACPI IVRS table found", "Unknown if this platform has IOMMU support",
            ]),
        violates: { $0.iommu.tables = .known(["APIC", "DSDT"], from: .file(tables)) },
        decide: { host throws(Undecided) in
            let machine = try host.system.machine.get() ?? ""
            switch machine {
            case "x86_64", "i686": return try describedOnX86(host)
            case "aarch64", "armv7l": return try describedOnArm(host)
            case _ where machine.hasPrefix("ppc64"): return .pass("an IOMMU is part of every POWER machine")
            case "s390x":
                return try host.iommu.pciDevices.get()?.isEmpty == false
                    ? .pass("an IOMMU is part of every s390 PCI function") : .notApplicable("no PCI devices")
            default: return .notApplicable("no table of IOMMUs is known for \(machine)")
            }
        })

    private static let tables = "/sys/firmware/acpi/tables"

    private static func describedOnX86(_ host: HostFacts) throws(Undecided) -> Decision {
        let vendor = try host.iommu.vendor.get() ?? ""
        guard let tables = try host.iommu.tables.get() else {
            return .fail("the firmware has no ACPI tables", at: [Place(Self.tables)], remedy: enabling(host))
        }
        // Zhaoxin's and VIA's processors have Intel's table; Hygon's have AMD's.
        let wanted = ProcessorVendor(vendor) == .amd ? "IVRS" : "DMAR"
        if tables.contains(wanted) { return .pass(nil, described(host, wanted)) }
        // The Virtual I/O Translation table, ACPI 6.5 section 5.2.34, describes virtio-iommu.
        if tables.contains("VIOT") { return .pass(nil, "VIOT: virtio-iommu") }
        return .fail(
            "no ACPI \(wanted) table", vendor.isEmpty ? [] : ["processor: \(vendor)"],
            at: [Place("\(Self.tables)/\(wanted)")], remedy: enabling(host))
    }

    /// What the table says, where it may be read.
    private static func described(_ host: HostFacts, _ table: String) -> String {
        let units: Int? =
            switch table {
            case "DMAR": (try? host.iommu.dmar.get())?.unitCount
            default: (try? host.iommu.ivrs.get())?.unitCount
            }
        return units.map { "\(table): \($0) IOMMU\($0 == 1 ? "" : "s")" } ?? table
    }

    private static func describedOnArm(_ host: HostFacts) throws(Undecided) -> Decision {
        // A device tree describes SMMUs too, and only root may read the table: one that is driven is proof enough.
        if let units = try host.iommu.units.get(), let first = units.first { return .pass(nil, first) }
        guard try host.iommu.tables.get()?.contains("IORT") == true, let table = try host.iommu.iort.get() else {
            return .fail("no ACPI IORT table, and no IOMMU of a device tree", at: [Place("\(tables)/IORT")])
        }
        return table.smmuCount > 0
            ? .pass(nil, "IORT: \(table.smmuCount) SMMU")
            : .fail("the ACPI IORT table has no SMMU", at: [Place("\(tables)/IORT")])
    }

    /// In a VM, its host decides; else the firmware does.
    private static func enabling(_ host: HostFacts) -> Remedy? {
        guard (try? host.kvm.isVirtualMachine.get()) == true else { return nil }
        let vendor = (try? host.iommu.vendor.get()).flatMap { ProcessorVendor($0) }
        let model =
            vendor == .intel
            ? "<iommu model='intel'><driver intremap='on' caching_mode='on'/></iommu>" : "<iommu model='virtio'/>"
        return Remedy("only where devices are to be given on to guests of this VM: on its host, give the VM \(model)")
    }

    static let notEnabled = Rule<HostFacts>(
        RuleInfo(
            "KVH051", "iommu-not-enabled", "the kernel uses the IOMMU", area: area, severity: .note,
            rationale: """
                The kernel groups devices as soon as it drives an IOMMU. A table without groups means that it was \
                told not to, or, on Intel with some distributions' kernels, that it was not told to.
                """,
            sources: [
                validate, groupsABI,
                Citation("Linux Documentation/admin-guide/kernel-parameters.txt, intel_iommu, amd_iommu", "6.18"),
            ],
            remedy: Remedy("boot a kernel with IOMMU support"), parent: "KVH050",
            explains: [
                "IOMMU appears to be disabled in kernel", "host doesn't support passthrough of host PCI devices",
                "IOMMU capability not compiled into kernel",
            ]),
        violates: { $0.iommu.groups = .known([], from: .file("/sys/kernel/iommu_groups")) },
        decide: { host throws(Undecided) in
            let place = [Place("/sys/kernel/iommu_groups")]
            guard let groups = try host.iommu.groups.get() else {
                return .fail("this kernel has no IOMMU support", at: place)
            }
            let real = groups.filter { !$0.isWithoutIOMMU }
            if !real.isEmpty {
                let units = (try? host.iommu.units.get())?.count ?? 0
                let virtual = (try? host.kvm.isVirtualMachine.get()) == true ? ", virtual" : ""
                return .pass(
                    nil,
                    "\(real.count) groups"
                        + (units > 0 ? ", \(units) IOMMU\(units == 1 ? "" : "s")\(virtual)" : virtual))
            }
            // Of two findings with one cause, both have the remedy that helps.
            if let off = try? KernelArgumentRules.offArguments(host), let first = off.first {
                return .fail(
                    "there is an IOMMU, and \(first.text) switches it off", at: [Place("/proc/cmdline")],
                    remedy: BootLoader.removing(first.text, on: host))
            }
            let vendor = ProcessorVendor(try host.iommu.vendor.get() ?? "")
            let remedy: Remedy? =
                switch vendor {
                case .intel: BootLoader.adding("intel_iommu=on", on: host)
                case .amd:
                    Remedy(
                        "AMD's driver is on unless told otherwise: look for the reason",
                        commands: ["dmesg | grep -i -e AMD-Vi -e iommu"])
                case .other: nil
                }
            return .fail("there is an IOMMU, and no IOMMU group", at: place, remedy: remedy)
        })

    // MARK: - Interrupts

    static let interruptsNotRemapped = Rule<HostFacts>(
        RuleInfo(
            "KVH058", "interrupts-not-remapped", "interrupts are remapped", area: area, severity: .note,
            rationale: """
                Without interrupt remapping a guest can make its device raise any interrupt of the host. VFIO \
                refuses to assign devices then.
                """,
            sources: [
                Citation("Linux drivers/vfio/vfio_iommu_type1.c, allow_unsafe_interrupts", "6.18"),
                Citation("Linux arch/x86/kernel/apic/io_apic.c, ioapic_ir_chip; ABI/testing/sysfs-kernel-irq", "6.18"),
            ],
            remedy: Remedy(
                "take intremap=off off the kernel's command line; enable interrupt remapping or x2APIC in the firmware",
                commands: ["dmesg | grep -i -e remapping -e x2apic"]),
            parent: "KVH051",
            explains: [
                "No interrupt remapping support", "vfio: failed to set iommu for container: Operation not permitted",
            ]),
        violates: { $0.iommu.remapsInterrupts = .known(false, from: .file("/sys/kernel/irq/9/chip_name")) },
        decide: { host throws(Undecided) in
            let machine = try host.system.machine.get() ?? ""
            guard ["x86_64", "i686"].contains(machine) else {
                return .notApplicable("\(machine) isolates interrupts by its interrupt controller")
            }
            guard let isRemapped = try host.iommu.remapsInterrupts.get() else {
                throw Undecided(Obstacle(.unsupported, "/sys/kernel/irq", "no IO-APIC and no chip that tells"))
            }
            if isRemapped { return .pass() }
            var evidence = ["the IO-APIC's interrupts go past the IOMMU"]
            if let table = try? host.iommu.dmar.get() {
                evidence.append("DMAR: INTR_REMAP is \(table.remapsInterrupts ? "set: the platform can" : "not set")")
            }
            return .fail("interrupts are not remapped", evidence, at: host.iommu.remapsInterrupts.places)
        })

    static let unsafeInterrupts = Rule<HostFacts>(
        RuleInfo(
            "KVH059", "unsafe-interrupts-allowed", "VFIO insists on interrupt remapping", area: area,
            severity: .warning,
            rationale:
                "With allow_unsafe_interrupts a guest with a device of the host can raise the host's interrupts.",
            sources: [Citation("Linux drivers/vfio/vfio_iommu_type1.c, allow_unsafe_interrupts", "6.18")],
            remedy: Remedy(
                "",
                commands: [
                    "grep -r allow_unsafe_interrupts /etc/modprobe.d",
                    "echo 0 > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
                ])),
        violates: { $0.iommu.allowsUnsafeInterrupts = .known(true) },
        decide: { host throws(Undecided) in
            guard let isAllowed = try host.iommu.allowsUnsafeInterrupts.get() else {
                return .notApplicable("VFIO is not loaded")
            }
            return isAllowed
                ? .fail("VFIO is told to do without interrupt remapping", at: host.iommu.allowsUnsafeInterrupts.places)
                : .pass()
        })

    // MARK: - Groups

    static let notIsolated = Rule<HostFacts>(
        RuleInfo(
            "KVH060", "iommu-group-shared", "GPUs, NICs and NVMe drives are alone in their IOMMU groups", area: area,
            severity: .note,
            rationale: """
                A group is given whole: all its devices but bridges leave the host together. A card's own functions \
                belong together anyway; those of the chipset, on bus 00, do not.
                """,
            sources: [vfio, groupsABI],
            remedy: Remedy(
                """
                put the card into another slot, enable ACS in the firmware, or give the whole group to one guest; a \
                kernel patched with pcie_acs_override only hides that the devices can reach each other
                """),
            parent: "KVH051",
            explains: [
                "is not viable",
                "Please ensure all devices within the iommu_group are bound to their vfio bus driver",
            ]),
        violates: {
            $0.iommu.groups = .known([
                IOMMUGroup(
                    7,
                    devices: [
                        PCIFunction("0000:3b:00.0", deviceClass: 0x020000),
                        PCIFunction("0000:00:1f.2", deviceClass: 0x010601),
                    ])
            ])
        },
        decide: { host throws(Undecided) in
            let groups = try candidates(host)
            if groups.isEmpty { return .notApplicable("no GPU, NIC or NVMe drive is in an IOMMU group") }
            var shared: [String] = []
            var count = 0
            for group in groups {
                for device in group.devices {
                    guard let kind = device.passthroughKind else { continue }
                    count += 1
                    let peers = group.devices.filter { !$0.isBridge && !$0.isOfOneCard(with: device) }
                    if peers.isEmpty { continue }
                    let names = peers.prefix(4).map { "\($0.address)\($0.driver.map { " (\($0))" } ?? "")" }
                    let more = peers.count > 4 ? " and \(peers.count - 4) more" : ""
                    shared.append(
                        "\(kind) \(device.address), group \(group.number), with \(names.joined(separator: ", "))\(more)"
                    )
                }
            }
            if shared.isEmpty { return .pass(nil, "\(count) devices") }
            let shown = shared.prefix(8) + (shared.count > 8 ? ["… and \(shared.count - 8) more"] : [])
            return .fail(
                "\(shared.count) of \(count) GPUs, NICs and NVMe drives share their IOMMU groups", Array(shown),
                at: [Place("/sys/kernel/iommu_groups")])
        })

    static let reservedRegions = Rule<HostFacts>(
        RuleInfo(
            "KVH061", "device-memory-reserved", "no GPU, NIC or NVMe drive keeps memory of the firmware's", area: area,
            severity: .note,
            rationale: """
                Where the firmware reserves memory for a device (RMRR on Intel, unity maps on AMD), the kernel keeps \
                it mapped and refuses to give the device to a guest.
                """,
            sources: [groupsABI, Citation("Linux drivers/iommu/intel/iommu.c, device_rmrr_is_relaxable", "6.18")],
            remedy: Remedy("switch the firmware's use of the device off: HP's shared memory, its management features"),
            parent: "KVH051",
            explains: ["Device is ineligible for IOMMU domain attach due to platform RMRR requirement"]),
        violates: {
            $0.iommu.groups = .known([
                IOMMUGroup(
                    3, directRegions: .known(["0x00000000df7f5000-0x00000000df7fdfff"]),
                    devices: [PCIFunction("0000:02:00.0", deviceClass: 0x020000)])
            ])
        },
        decide: { host throws(Undecided) in
            let groups = try candidates(host)
            if groups.isEmpty { return .notApplicable("no GPU, NIC or NVMe drive is in an IOMMU group") }
            var kept: [String] = []
            for group in groups {
                guard let region = try group.directRegions.get(whenAbsent: []).first else { continue }
                let devices = group.devices.filter { $0.passthroughKind != nil }.map(\.address)
                kept.append("\(devices.joined(separator: ", ")), group \(group.number): \(region)")
            }
            if kept.isEmpty { return .pass() }
            return .fail(
                "\(kept.count) IOMMU groups keep memory that the firmware reserved", Array(kept.prefix(8)),
                at: [Place("/sys/kernel/iommu_groups")])
        })

    /// Groups with a device that guests are commonly given.
    private static func candidates(_ host: HostFacts) throws(Undecided) -> [IOMMUGroup] {
        (try host.iommu.groups.get() ?? []).filter { group in
            !group.isWithoutIOMMU && group.devices.contains { $0.passthroughKind != nil }
        }
    }

    static let withoutIOMMU = Rule<HostFacts>(
        RuleInfo(
            "KVH062", "vfio-without-iommu", "VFIO drives no device without an IOMMU", area: area, severity: .warning,
            rationale: """
                enable_unsafe_noiommu_mode lets programs of the host (DPDK) program devices that can write anywhere \
                in memory. QEMU cannot use such devices, and the kernel is tainted.
                """,
            sources: [Citation("Linux drivers/vfio/Kconfig, VFIO_NOIOMMU; drivers/vfio/group.c", "6.18")],
            remedy: Remedy("", commands: ["echo 0 > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode"])),
        violates: {
            $0.iommu.groups = .known([
                IOMMUGroup(0, isWithoutIOMMU: true, devices: [PCIFunction("0000:00:05.0", deviceClass: 0x020000)])
            ])
        },
        decide: { host throws(Undecided) in
            let groups = (try host.iommu.groups.get() ?? []).filter(\.isWithoutIOMMU)
            if groups.isEmpty { return .pass() }
            let names = groups.flatMap(\.devices).map(\.address).joined(separator: ", ")
            return .fail("\(names) in VFIO's mode without an IOMMU", at: [Place("/sys/kernel/iommu_groups")])
        })

    static let claimedNotBound = Rule<HostFacts>(
        RuleInfo(
            "KVH063", "vfio-ids-not-bound", "the devices of vfio-pci.ids are bound to vfio-pci", area: area,
            severity: .warning,
            rationale: """
                Another driver that loads before vfio-pci takes the device, and the guest that wants it does not \
                start, or takes it from the host while it is in use.
                """,
            sources: [Citation("Linux drivers/vfio/pci/vfio_pci.c, ids", "6.18"), vfio],
            remedy: Remedy("make vfio-pci load before the other driver")),
        holds: {
            $0.iommu.vfioClaimed = .known([PCIFunction("0000:5e:00.0", deviceClass: 0x030000, driver: "vfio-pci")])
        },
        violates: {
            $0.iommu.vfioClaimed = .known([PCIFunction("0000:5e:00.0", deviceClass: 0x030000, driver: "nouveau")])
        },
        decide: { host throws(Undecided) in
            guard let claimed = try host.iommu.vfioClaimed.get() else {
                return .notApplicable("no vfio-pci.ids on the kernel's command line")
            }
            if claimed.isEmpty { return .fail("no device has an id of vfio-pci.ids", at: [Place("/proc/cmdline")]) }
            // Bridges are in a card's list of ids by mistake or by habit; VFIO leaves them.
            let others = claimed.filter { !$0.isBridge && $0.driver != "vfio-pci" }
            if others.isEmpty { return .pass(nil, claimed.map(\.address).joined(separator: ", ")) }
            let drivers = Set(others.compactMap(\.driver)).sorted().filter(BootLoader.isPlain)
            return .fail(
                "\(others.map(\.address).joined(separator: ", ")) not bound to vfio-pci",
                others.map { "\($0.address): \($0.driver ?? "no driver")" }, at: [Place("/proc/cmdline")],
                remedy: Remedy(
                    "make vfio-pci load before the other driver, in the initramfs too",
                    commands: drivers.map { "echo softdep \($0) pre: vfio-pci >> /etc/modprobe.d/vfio.conf" }
                        + [BootLoader.rebuildInitramfs(on: host)]))
        })

    static let translated = Rule<HostFacts>(
        RuleInfo(
            "KVH064", "host-dma-translated", "the host's own devices pass the IOMMU untranslated", area: area,
            severity: .note,
            rationale: """
                Each transfer of the host's own cards then costs a mapping and a flush, which fast network cards and \
                drives feel. With iommu=pt only assigned devices are translated; the host is then not protected \
                from its own devices.
                """,
            sources: [
                groupsABI, Citation("Linux Documentation/admin-guide/kernel-parameters.txt, iommu.passthrough", "6.18"),
            ],
            remedy: Remedy("add iommu=pt to the kernel's command line, where throughput matters"), parent: "KVH051"),
        violates: {
            $0.iommu.groups = .known([
                IOMMUGroup(1, type: .known("DMA-FQ"), devices: [PCIFunction("0000:3b:00.0", deviceClass: 0x020000)])
            ])
        },
        decide: { host throws(Undecided) in
            let groups = try candidates(host)
            if groups.isEmpty { return .notApplicable("no GPU, NIC or NVMe drive is in an IOMMU group") }
            var translated = 0
            for group in groups where try group.type.get(whenAbsent: "").hasPrefix("DMA") { translated += 1 }
            if translated == 0 { return .pass() }
            return .fail(
                "\(translated) of \(groups.count) groups with GPUs, NICs and NVMe drives are translated",
                at: [Place("/sys/kernel/iommu_groups")], remedy: BootLoader.adding("iommu=pt", on: host))
        })
}

/// Who made the processor, as far as it decides which IOMMU there is.
enum ProcessorVendor {
    case intel, amd, other

    /// From CPUID's vendor.
    init(_ name: String) {
        self =
            switch name {
            // VIA and Zhaoxin build VT-d.
            case "GenuineIntel", "CentaurHauls", "Shanghai", "  Shanghai  ": .intel
            case "AuthenticAMD", "HygonGenuine": .amd
            default: .other
            }
    }
}
