internal import Evidence
internal import Facts
internal import LibvirtXML

/// What the definition asks for against what the host has. KVD250–KVD269. Of a definition from a file they are not decided.
enum DomainHostRules {
    /// Those about the machine and its devices.
    static let machine: [Rule<DomainFacts>] = [
        passthroughWithoutIOMMU, groupShared, emulatorOfTPMMissing, tpmMissing, emulatorTooOld, lunOnVirtio,
    ]

    /// Those about its processors and their memory.
    static let cpu: [Rule<DomainFacts>] = [pinnedAcrossNodes, memoryFarFromCPUs]

    private static let area = DomainDeviceRules.area
    private static let format = Citation("libvirt docs/formatdomain.rst", "11.3")
    private static let tried = Citation("libvirt 9.0 and QEMU 7.2, virsh start", "2026")

    private static let passedThrough = """
        <hostdev mode='subsystem' type='pci' managed='yes'>
        <source><address domain='0' bus='0x3b' slot='0' function='0'/></source></hostdev><emulator>
        """

    // MARK: - Passed through

    /// The PCI devices of the host that a domain is given, with where they are named.
    private static func passed(_ domain: DomainFacts) -> [(address: PCIAddress, position: XMLPosition)] {
        guard domain.definition.isQEMU else { return [] }
        let devices = domain.definition.devices
        return devices.hostDevices.compactMap { device in
            if case .pci(let address) = device.device { (address, device.source.position) } else { nil }
        }
            + devices.interfaces.compactMap { interface in
                guard interface.type == .hostdev, let address = (try? interface.source.address.pci()) ?? nil else {
                    return nil
                }
                return (address, interface.source.position)
            }
    }

    static let passthroughWithoutIOMMU = Rule<DomainFacts>(
        RuleInfo(
            "KVD250", "passthrough-without-iommu", "a host that gives devices to guests has an IOMMU", area: area,
            severity: .error,
            rationale: "VFIO gives whole IOMMU groups to guests. A host without groups has none to give.",
            sources: [Citation("Linux Documentation/driver-api/vfio.rst", "6.18"), tried],
            remedy: Remedy("switch the IOMMU on", commands: ["kvmcheck host --profile passthrough"]),
            explains: ["host doesn't support passthrough of host PCI devices"]),
        violates: {
            $0.rewrite("<emulator>", passedThrough)
            $0.host.iommu.groups = .known([])
        },
        faults: { domain throws(Undecided) in
            let passed = passed(domain)
            guard !passed.isEmpty, try domain.host.iommu.groups.get(whenAbsent: []).isEmpty else { return [] }
            return passed.map { Fault("\($0.address) on a host without IOMMU groups", at: $0.position) }
        })

    static let groupShared = Rule<DomainFacts>(
        RuleInfo(
            "KVD251", "passthrough-group-shared", "the host uses nothing of the groups that guests are given",
            area: area, severity: .error,
            rationale: """
                Devices of one IOMMU group can reach each other behind the IOMMU's back. While a driver of the host has \
                one of them, VFIO gives none of them away; bridges do not count.
                """,
            sources: [
                Citation(
                    "Linux Documentation/driver-api/vfio.rst: groups; drivers/vfio/vfio_main.c: vfio_dev_viable", "6.1")
            ],
            remedy: Remedy("give the guest the others too, or take their drivers away"),
            parent: "KVD250",
            explains: [
                "group 15 is not viable",
                "Please ensure all devices within the iommu_group are bound to their vfio bus driver",
            ]),
        violates: {
            $0.rewrite("<emulator>", passedThrough)
            $0.host.iommu.groups = .known([
                IOMMUGroup(
                    15,
                    devices: [
                        PCIFunction("0000:3b:00.0", deviceClass: 0x030000, driver: "vfio-pci"),
                        PCIFunction("0000:3b:00.1", deviceClass: 0x040300, driver: "snd_hda_intel"),
                    ])
            ])
        },
        decide: { domain throws(Undecided) in
            let passed = passed(domain)
            guard !passed.isEmpty else { return .pass() }
            let groups = try domain.host.iommu.groups.get(whenAbsent: [])
            let own = Set(passed.map(\.address.description))
            var (faults, commands): ([Fault], [String]) = ([], [])
            for (address, position) in passed {
                guard let group = groups.first(where: { $0.devices.contains { $0.address == address.description } })
                else {
                    continue
                }
                for mate in group.devices where !own.contains(mate.address) && !mate.isBridge {
                    guard let driver = mate.driver, !driver.hasPrefix("vfio"), driver != "pci-stub" else { continue }
                    faults.add(
                        "\(address) shares IOMMU group \(group.number) with \(mate.address), which \(driver) of the host has",
                        at: position)
                    let name = mate.address.map { $0 == ":" || $0 == "." ? "_" : $0 }
                    commands.append("virsh nodedev-detach pci_\(String(name))")
                }
            }
            return faults.decision(
                on: domain,
                remedy: Remedy(
                    "give the guest the others too, or take their drivers away",
                    commands: [domain.editCommand] + commands))
        })

    // MARK: - TPM

    static let emulatorOfTPMMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD252", "tpm-emulator-without-swtpm", "the emulator of the guest's TPM is installed", area: area,
            severity: .error,
            rationale:
                "libvirt starts swtpm beside QEMU and makes its state with swtpm_setup: it refuses TPMs without.",
            sources: [Citation("libvirt src/util/virtpm.c: virTPMHasSwtpm", "9.0"), tried],
            remedy: Remedy("install them", commands: ["apt-get install swtpm swtpm-tools"]),
            explains: ["TPM version '2.0' is not supported", "Unable to find 'swtpm' binary"]),
        violates: {
            $0.rewrite("<emulator>", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm><emulator>")
            $0.host.stack.swtpm = .absent()
        },
        faults: { domain throws(Undecided) in
            var faults: [Fault] = []
            for tpm in domain.definition.devices.tpms where domain.definition.isQEMU && tpm.backend == .emulator {
                faults.add(
                    "an emulated TPM, and swtpm is not installed", at: tpm.position,
                    if: try !domain.host.stack.swtpm.isPresent())
                faults.add(
                    "an emulated TPM, and swtpm_setup is not installed", at: tpm.position,
                    if: try !domain.host.stack.swtpmSetup.isPresent())
            }
            return faults
        })

    static let tpmMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD253", "tpm-passthrough-without-tpm", "the host has the TPM that it gives to the guest", area: area,
            severity: .error,
            rationale: "libvirt opens the host's TPM for QEMU: without one the domain does not start.",
            sources: [tried, format], remedy: Remedy("use <backend type='emulator' version='2.0'>"),
            explains: ["Could not open TPM device /dev/tpm0: No such file or directory"]),
        violates: {
            $0.rewrite("<emulator>", "<tpm model='tpm-tis'><backend type='passthrough'/></tpm><emulator>")
            $0.host.devices.tpmVersion = .absent()
        },
        faults: { domain throws(Undecided) in
            var faults: [Fault] = []
            for tpm in domain.definition.devices.tpms where domain.definition.isQEMU && tpm.backend == .passthrough {
                guard (tpm.devicePath.value ?? "/dev/tpm0") == "/dev/tpm0" else { continue }
                faults.add(
                    "a TPM that is passed through, and the host has none", at: tpm.position,
                    if: try !domain.host.devices.tpmVersion.isPresent())
            }
            return faults
        })

    // MARK: - QEMU

    /// The version of the emulator that a domain names; nil where the host has none.
    private static func version(ofEmulatorOf domain: DomainFacts) throws(Undecided) -> SoftwareVersion? {
        let emulators = try domain.host.stack.emulators.get(whenAbsent: [])
        if let path = domain.definition.devices.emulator.value, !emulators.contains(path) {
            throw Undecided(Obstacle(.notAsked, path, "the version of this emulator"))
        }
        return try domain.host.stack.qemuVersion.get()
    }

    static let emulatorTooOld = Rule<DomainFacts>(
        RuleInfo(
            "KVD254", "qemu-too-old", "the installed QEMU knows what the definition asks for", area: area,
            severity: .error,
            rationale: """
                <ps2 state=…> and the name in a certificate of NBD's need QEMU 7.0, <cpu deprecated_features=…> on s390 \
                needs 9.1: libvirt refuses them with an older one.
                """,
            sources: [
                Citation("libvirt tests/qemuxmlconfdata/*.x86_64-6.2.0.err, *.s390x-8.2.0.err", "11.3"),
                Citation("libvirt tests/qemucapabilitiesdata/caps_7.0.0_x86_64.xml, caps_9.1.0_s390x.xml", "11.3"),
            ],
            remedy: Remedy("take the option away, or use a newer QEMU"),
            explains: [
                "'tlsHostname' field is not supported by this QEMU",
                "toggling deprecated features for CPU model is unsupported",
                "ps2 feature state cannot be controlled with this QEMU binary",
            ]),
        violates: {
            $0.rewrite("<apic/>", "<apic/><ps2 state='on'/>")
            $0.host.stack.qemuVersion = .known(SoftwareVersion(6, 2, 0))
        },
        faults: { domain throws(Undecided) in
            guard domain.definition.isQEMU else { return [] }
            var wishes: [(words: String, needs: SoftwareVersion, position: XMLPosition)] = []
            let ps2 = domain.definition.features.ps2
            if ps2.isPresent { wishes.append(("<ps2>", SoftwareVersion(7, 0), ps2.position)) }
            for disk in domain.definition.devices.disks {
                guard let name = disk.source.element?.attribute("tlsHostname") else { continue }
                wishes.append(("tlsHostname of \(disk.label)", SoftwareVersion(7, 0), name.position))
            }
            if let attribute = domain.definition.cpu.element?.attribute("deprecated_features") {
                wishes.append(("deprecated_features", SoftwareVersion(9, 1), attribute.position))
            }
            guard !wishes.isEmpty, let version = try version(ofEmulatorOf: domain) else { return [] }
            return wishes.filter { $0.needs > version }.map {
                Fault("\($0.words) needs QEMU \($0.needs), and \(version) is installed", at: $0.position)
            }
        })

    static let lunOnVirtio = Rule<DomainFacts>(
        RuleInfo(
            "KVD255", "disk-lun-on-virtio", "SCSI commands of guests go over a SCSI bus", area: area, severity: .error,
            rationale: """
                virtio 1.0 has no SCSI commands in its disks: QEMU refuses device='lun' on bus virtio since machine types \
                of 2.7, and 9.1 dropped it.
                """,
            sources: [
                Citation("QEMU hw/block/virtio-blk.c: virtio_blk_get_features; tried with machines pc and q35", "7.2"),
                Citation("libvirt tests/qemuxmlconfdata/virtio-lun.x86_64-latest.err", "11.3"),
            ],
            remedy: Remedy("use bus='scsi' with <controller type='scsi' model='virtio-scsi'/>"),
            explains: [
                "This QEMU doesn't support SCSI emulation with 'virtio-blk' device",
                "Please set scsi=off for virtio-blk devices in order to use virtio 1.0",
            ]),
        violates: {
            $0.rewrite(
                "<disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2'",
                "<disk type='block' device='lun'>\n      <driver name='qemu' type='raw'")
        },
        faults: { domain throws(Undecided) in
            let disks = domain.definition.qemuDisks.filter { $0.effectiveDevice == .lun && $0.isVirtio }
            guard !disks.isEmpty, let version = try version(ofEmulatorOf: domain) else { return [] }
            // Those that are virtio 0.9 only have it, as long as QEMU does.
            return disks.filter { $0.model != .virtioTransitional || version >= SoftwareVersion(9, 1) }.map {
                Fault("\($0.label) is a lun on bus virtio, with QEMU \(version)", at: $0.position)
            }
        })

    // MARK: - Nodes

    /// The nodes of the host that processors are on.
    private static func nodes(of set: CPUSet, _ processors: [Int: CPUList]) -> [Int] {
        let numbers = set.numbers
        return processors.filter { _, list in numbers.contains(where: list.contains) }.keys.sorted()
    }

    /// The processors that vCPUs are pinned to; nil where there is one that is not pinned.
    private static func pinned(_ numbers: [Int], of domain: DomainFacts) -> CPUSet? {
        let definition = domain.definition
        var pins: [Int: CPUSet] = [:]
        for pin in definition.cpuTuning.vcpuPins {
            if let vcpu = pin.vcpu.value, let set = pin.cpuSet.value { pins[vcpu] = set }
        }
        let others = definition.vcpu.cpuSet.value
        // Sets are few, and vCPUs may be many.
        var sets: Set<CPUSet> = []
        for number in numbers {
            guard let set = pins[number] ?? others else { return nil }
            sets.insert(set)
        }
        return sets.reduce(CPUSet([])) { $0.union($1) }
    }

    static let pinnedAcrossNodes = Rule<DomainFacts>(
        RuleInfo(
            "KVD256", "vcpus-across-nodes", "vCPUs that fit on one node are pinned to one", area: DomainCPURules.area,
            severity: .warning,
            rationale: """
                A guest without nodes of its own takes all memory for equally near. On two nodes of the host half of its \
                accesses go to the other one, over a slower link.
                """,
            sources: [
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 15: NUMA tuning", "2020"),
                Citation("Linux Documentation/mm/numa.rst", "6.18"),
            ],
            remedy: Remedy("pin them to the processors of one node, or give the guest nodes in <cpu><numa>")),
        violates: {
            $0.rewrite("<vcpu placement='static'>4</vcpu>", "<vcpu placement='static' cpuset='62-65'>4</vcpu>")
        },
        faults: { domain throws(Undecided) in
            let definition = domain.definition
            let cells = definition.cpu.numaCells
            let groups =
                cells.isEmpty
                ? [(0..<min(domain.vcpuMaximum, CPUSet.maximum)).map { $0 }]
                : cells.compactMap { $0.cpus.value?.numbers }
            let sets = groups.compactMap { numbers in pinned(numbers, of: domain).map { (numbers.count, $0) } }
            guard definition.isQEMU, !sets.isEmpty, let processors = try domain.host.memory.nodeProcessors.get(),
                processors.count > 1
            else { return [] }
            let memory = try domain.host.memory.nodes.get(whenAbsent: []).map { DomainSizes.bytes(kibibytes: $0.total) }
            var faults: [Fault] = []
            for (count, set) in sets {
                let spanned = nodes(of: set, processors)
                let fits =
                    processors.values.contains { $0.count >= count }
                    && memory.contains { $0 >= (cells.isEmpty ? domain.startMemory ?? 0 : 0) }
                faults.add(
                    "\(count) vCPUs are pinned across nodes \(CPUSet(spanned)) of the host",
                    at: definition.cpuTuning.vcpuPins.first?.position ?? definition.vcpu.cpuSet.position,
                    if: spanned.count > 1 && fits)
            }
            return faults
        })

    static let memoryFarFromCPUs = Rule<DomainFacts>(
        RuleInfo(
            "KVD257", "memory-far-from-vcpus", "memory is bound to the nodes that the vCPUs run on",
            area: DomainCPURules.area, severity: .warning,
            rationale: "A guest whose memory is on another node than its vCPUs waits for the link at every access.",
            sources: [
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 15: NUMA tuning", "2020"), format,
            ],
            remedy: Remedy("bind both to the same nodes")),
        violates: {
            $0.rewrite(
                "<vcpu placement='static'>4</vcpu>",
                """
                <vcpu placement='static' cpuset='0-3'>4</vcpu>
                <numatune><memory mode='strict' nodeset='1'/></numatune>
                """)
        },
        faults: { domain throws(Undecided) in
            let tuning = domain.definition.numaTuning
            let numbers = (0..<min(domain.vcpuMaximum, CPUSet.maximum)).map { $0 }
            guard domain.definition.isQEMU, let wanted = tuning.nodeSet.value, let set = pinned(numbers, of: domain),
                let processors = try domain.host.memory.nodeProcessors.get()
            else { return [] }
            let run = nodes(of: set, processors)
            guard !run.isEmpty, wanted.intersection(CPUSet(run)).isEmpty else { return [] }
            return [
                Fault(
                    "memory is on node \(wanted), and the vCPUs run on node \(CPUSet(run))", at: tuning.nodeSet.position
                )
            ]
        })
}
