internal import Evidence
internal import Facts
internal import LibvirtXML

/// What guests need to run well on their host, as the books on KVM have it. KVD260–KVD279.
enum DomainGuestRules {
    /// Those about the machine.
    static let machine: [Rule<DomainFacts>] = [
        acpiMissing, installerLeft, codeWritable, enlightenmentsMissing, windowsClock, kvmClockOff, balloonInert,
        unmanagedBound,
    ]
    /// Those about its processors.
    static let cpu: [Rule<DomainFacts>] = [widerThanNode, emulatorNotPinned, socketsUnused]
    /// Those about its memory.
    static let memory: [Rule<DomainFacts>] = [statisticsMissing, pagesNotMounted, nodeMemoryNotFree]
    /// Those about its interfaces.
    static let network: [Rule<DomainFacts>] = [vhostMissing]
    /// Those about its displays.
    static let consoles: [Rule<DomainFacts>] = [portOutOfRange]

    private static let format = Citation("libvirt docs/formatdomain.rst", "9.0 and 11.3")
    private static let book = "Mastering KVM Virtualization, 2nd ed."
    private static let tried = Citation("libvirt 9.0 and QEMU 7.2, virsh start", "2026")

    /// Whether the definition says that its guest is Windows.
    private static func isWindows(_ domain: DomainFacts) -> Bool {
        domain.definition.metadata.osID.value?.hasPrefix("http://microsoft.com/win/") ?? false
    }

    // MARK: - Machine

    static let acpiMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD260", "acpi-missing", "an x86 guest has ACPI", area: DomainMachineRules.area, severity: .warning,
            rationale: """
                Without <acpi/> the guest sees no power button, so that virsh shutdown does nothing, and no hot-plug; \
                Windows does not boot.
                """,
            sources: [format, Citation("libvirt docs/manpages/virsh.rst: shutdown", "9.0")],
            remedy: Remedy("add <acpi/> to <features>"), parent: "KVD158"),
        example: ("<acpi/>", ""),
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU, definition.isX86, !definition.features.hasACPI.isPresent else { return [] }
            return [Fault("no <acpi/>", at: definition.features.position)]
        })

    static let installerLeft = Rule<DomainFacts>(
        RuleInfo(
            "KVD261", "installer-kernel-left", "the guest boots its own kernel", area: DomainMachineRules.area,
            severity: .warning,
            rationale: """
                virt-install puts a kernel of the installer into the definition and takes it out at the end. One that is \
                left starts the installation anew, or is not there any more.
                """,
            sources: [Citation("virt-manager virtinst/install/urlfetcher.py: acquireFile, virtinst-", "4.1")],
            remedy: Remedy("take <kernel>, <initrd> and <cmdline> away")),
        example: (
            "<boot dev='hd'/>", "<kernel>/var/lib/libvirt/boot/virtinst-vmlinuz.k1x2</kernel><boot dev='hd'/>"
        ),
        faults: { domain in
            let kernel = domain.definition.os.kernel
            guard domain.definition.isQEMU, let path = kernel.value, path.contains("/virtinst-") else { return [] }
            return [Fault("boots \(path), which is of an installation", at: kernel.position)]
        })

    static let codeWritable = Rule<DomainFacts>(
        RuleInfo(
            "KVD262", "firmware-code-writable", "guests do not write the host's firmware",
            area: DomainMachineRules.area, severity: .warning,
            rationale: """
                Flash that is not read-only is the guest's to write: of an image below /usr/share all guests would share \
                the damage, and where QEMU may not write it the domain does not start.
                """,
            sources: [format, Citation("edk2 OvmfPkg/README", "2023")],
            remedy: Remedy("use readonly='yes' with <nvram>, or firmware='efi'")),
        example: (
            "<boot dev='hd'/>", "<loader readonly='no' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
        ),
        faults: { domain in
            let loader = domain.definition.os.loader
            guard domain.definition.isQEMU, loader.type == .pflash, loader.isReadOnly.value != true,
                let path = loader.path.value, path.hasPrefix("/usr/")
            else { return [] }
            return [Fault("\(path) is the guest's to write", at: loader.position)]
        })

    static let enlightenmentsMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD263", "windows-without-enlightenments", "Windows guests see Hyper-V's interfaces",
            area: DomainMachineRules.area, severity: .note,
            rationale: """
                Windows has drivers for Hyper-V's timers, interrupts and spin locks, and uses them with KVM too. Without \
                <hyperv> it works against emulated hardware.
                """,
            sources: [Citation("QEMU docs/system/i386/hyperv.rst", "7.2"), format],
            remedy: Remedy("add <hyperv> with relaxed, vapic and spinlocks to <features>")),
        violates: { $0.rewrite("<name>web1</name>", "<name>web1</name>\(windows)") },
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU, definition.isX86, isWindows(domain), !definition.features.hyperV.isPresent else {
                return []
            }
            return [Fault("a Windows guest without <hyperv>", at: definition.features.position)]
        })

    /// The start of a definition that says what system its guest is.
    private static let windows = """
        <metadata><libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
        <libosinfo:os id="http://microsoft.com/win/11"/></libosinfo:libosinfo></metadata>
        """

    static let windowsClock = Rule<DomainFacts>(
        RuleInfo(
            "KVD264", "windows-clock-utc", "the clock of a Windows guest shows local time",
            area: DomainMachineRules.area, severity: .note,
            rationale:
                "Windows takes its clock for local time: with UTC in it, it is off by the time zone until it synchronises.",
            sources: [Citation("libvirt docs/formatdomain.rst, time keeping: localtime", "9.0")],
            remedy: Remedy("use <clock offset='localtime'>")),
        violates: { $0.rewrite("<name>web1</name>", "<name>web1</name>\(windows)") },
        faults: { domain in
            let clock = domain.definition.clock
            guard domain.definition.isQEMU, isWindows(domain),
                (clock.offset.value ?? .known(.utc)) == .known(.utc)
            else { return [] }
            return [Fault("the clock of a Windows guest is UTC", at: clock.position)]
        })

    static let kvmClockOff = Rule<DomainFacts>(
        RuleInfo(
            "KVD265", "kvm-clock-off", "guests may use KVM's clock", area: DomainMachineRules.area, severity: .warning,
            rationale:
                "Without kvm-clock a guest whose TSC is not steady, or that migrates, falls back to slow emulated timers.",
            sources: [Citation("\(book), chapter 15: time keeping", "2020"), format],
            remedy: Remedy("take <timer name='kvmclock' present='no'/> away")),
        example: ("<clock offset='utc'/>", "<clock offset='utc'><timer name='kvmclock' present='no'/></clock>"),
        faults: { domain in
            guard domain.definition.type == .kvm, !isWindows(domain) else { return [] }
            return domain.definition.clock.timers.filter { $0.name == .kvmclock && $0.isThere.value == false }.map {
                Fault("kvm-clock is switched off", at: $0.position)
            }
        })

    static let balloonInert = Rule<DomainFacts>(
        RuleInfo(
            "KVD266", "balloon-with-passthrough", "a balloon can give memory back", area: DomainMachineRules.area,
            severity: .note,
            rationale: """
                All memory of a guest with a device of the host's is locked for the device: QEMU switches its balloon off, \
                and virsh setmem has no effect on the host.
                """,
            sources: [
                Citation(
                    "QEMU hw/virtio/virtio-balloon.c: virtio_balloon_inhibited, ram_block_discard_is_disabled", "7.2")
            ],
            remedy: Remedy("use <memballoon model='none'/>")),
        example: (
            "<emulator>",
            """
            <hostdev mode='subsystem' type='pci' managed='yes'>
            <source><address domain='0' bus='0x3b' slot='0' function='0'/></source></hostdev><emulator>
            """
        ),
        faults: { domain in
            let balloon = domain.definition.devices.memoryBalloon
            guard domain.definition.isQEMU, balloon.isPresent, balloon.model != .nothing,
                domain.definition.devices.hostDevices.contains(where: { $0.type == .pci })
            else { return [] }
            return [Fault("a balloon beside a PCI device of the host", at: balloon.position)]
        })

    static let unmanagedBound = Rule<DomainFacts>(
        RuleInfo(
            "KVD267", "passthrough-unmanaged-bound", "host devices are taken from the host before the start",
            area: DomainDeviceRules.area, severity: .error,
            rationale: """
                With managed='yes' libvirt takes the device from the host's driver itself. Without, whoever starts the \
                domain must have done it: while a driver of the host has the device, QEMU cannot open it.
                """,
            sources: [
                Citation("libvirt docs/formatdomain.rst, host device assignment: managed", "9.0"),
                Citation("Linux Documentation/driver-api/vfio.rst", "6.18"),
            ],
            remedy: Remedy("use managed='yes'"), parent: "KVD250"),
        violates: {
            $0.rewrite(
                "<emulator>",
                """
                <hostdev mode='subsystem' type='pci' managed='no'>
                <source><address domain='0' bus='0x3b' slot='0' function='0'/></source></hostdev><emulator>
                """)
        },
        faults: { domain throws(Undecided) in
            var faults: [Fault] = []
            for device in domain.definition.devices.hostDevices where domain.definition.isQEMU {
                guard device.isManaged.value != true, case .pci(let address) = device.device else { continue }
                let functions = try domain.host.iommu.groups.get(whenAbsent: []).flatMap(\.devices)
                guard let driver = functions.first(where: { $0.address == address.description })?.driver,
                    !driver.hasPrefix("vfio"), driver != "pci-stub"
                else { continue }
                faults.add("\(address) is not managed, and \(driver) of the host has it", at: device.position)
            }
            return faults
        })

    // MARK: - Processors

    static let widerThanNode = Rule<DomainFacts>(
        RuleInfo(
            "KVD268", "guest-wider-than-node", "a guest that is wider than a node of the host knows of nodes",
            area: DomainCPURules.area, severity: .warning,
            rationale: """
                More vCPUs than a node has processors must spread over nodes. A guest without nodes of its own cannot keep \
                memory near to the processors that use it.
                """,
            sources: [Citation("\(book), chapter 15: don't make VMs wider than a NUMA node", "2020")],
            remedy: Remedy("give it fewer vCPUs, or nodes in <cpu><numa> that are pinned to the host's"),
            parent: "KVD043"),
        violates: { $0.rewrite("<vcpu placement='static'>4</vcpu>", "<vcpu placement='static'>96</vcpu>") },
        faults: { domain throws(Undecided) in
            let vcpu = domain.definition.vcpu
            let count = vcpu.current.value ?? domain.vcpuMaximum
            guard domain.definition.isQEMU, count > 1, domain.definition.cpu.numaCells.isEmpty,
                let processors = try domain.host.memory.nodeProcessors.get(), processors.count > 1,
                let widest = processors.values.map(\.count).max(), count > widest
            else { return [] }
            return [Fault("\(count) vCPUs without nodes, and a node of the host has \(widest)", at: vcpu.position)]
        })

    static let emulatorNotPinned = Rule<DomainFacts>(
        RuleInfo(
            "KVD269", "emulator-not-pinned", "where vCPUs are pinned the emulator is too", area: DomainCPURules.area,
            severity: .note,
            rationale: "An emulator that is not pinned runs on any processor, those of pinned vCPUs included.",
            sources: [
                Citation("\(book), chapter 15: configure vcpupin, numatune and emulatorpin together", "2020"), format,
            ],
            remedy: Remedy("give the emulator processors of its own in <emulatorpin>")),
        example: ("<clock offset='utc'/>", "<clock offset='utc'/><cputune><vcpupin vcpu='0' cpuset='2'/></cputune>"),
        faults: { domain in
            let tuning = domain.definition.cpuTuning
            guard domain.definition.isQEMU, let pin = tuning.vcpuPins.first, !tuning.emulatorPin.isPresent,
                !domain.definition.vcpu.cpuSet.isPresent
            else { return [] }
            return [Fault("vCPUs are pinned, and the emulator is not", at: pin.position)]
        })

    static let socketsUnused = Rule<DomainFacts>(
        RuleInfo(
            "KVD270", "windows-sockets-unused", "Windows uses all the sockets that it gets", area: DomainCPURules.area,
            severity: .warning,
            rationale: """
                Without <topology> libvirt makes every vCPU a socket, and Windows for desktops uses two at most, four as Pro \
                for Workstations: further vCPUs stay idle.
                """,
            sources: [
                Citation("libvirt 9.0, virsh domxml-to-native: -smp 4,sockets=4,cores=1,threads=1", "2026"),
                Citation("blog.poly.nomial.co.uk, CPU socket and core count limits in Windows 10", "2022"),
            ],
            remedy: Remedy("use <topology sockets='1' cores='…' threads='1'/>")),
        violates: { domain in
            domain.replace(
                xml: DomainFacts.sampleXML.replacing(
                    "sockets='1' dies='1' cores='4'", with: "sockets='4' dies='1' cores='1'"
                )
                .replacing("<name>web1</name>", with: "<name>web1</name>\(windows)"))
        },
        faults: { domain in
            let desktops = ["win/xp", "win/vista", "win/7", "win/8", "win/8.1", "win/10", "win/11"]
            guard let system = domain.definition.metadata.osID.value,
                desktops.contains(where: { system == "http://microsoft.com/\($0)" })
            else { return [] }
            let topology = domain.definition.cpu.topology
            let sockets = topology.isPresent ? topology.sockets.value ?? 1 : domain.vcpuMaximum
            guard sockets > 2 else { return [] }
            return [
                Fault(
                    "\(sockets) sockets for Windows, which uses 2",
                    at: topology.isPresent ? topology.position : domain.definition.vcpu.position)
            ]
        })

    // MARK: - Memory

    static let statisticsMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD271", "balloon-without-statistics", "the balloon tells how much memory the guest uses",
            area: DomainMemoryRules.area, severity: .note,
            rationale: "virsh dommemstat shows what the guest uses only while <stats period=…> makes its balloon tell.",
            sources: [Citation("libvirt docs/formatdomain.rst, memory balloon device: stats", "9.0")],
            remedy: Remedy("add <stats period='10'/> to <memballoon>")),
        example: ("<stats period='10'/>", ""),
        faults: { domain in
            let balloon = domain.definition.devices.memoryBalloon
            guard domain.definition.isQEMU, balloon.model != .nothing, balloon.model != .xen,
                (balloon.statisticsPeriod.value ?? 0) == 0
            else { return [] }
            return [Fault("no <stats period> of the balloon", at: balloon.position)]
        })

    static let pagesNotMounted = Rule<DomainFacts>(
        RuleInfo(
            "KVD272", "hugepages-not-mounted", "huge pages are mounted for libvirt", area: DomainMemoryRules.area,
            severity: .error,
            rationale:
                "libvirt gives QEMU huge pages as files of hugetlbfs: without a mount of the size it does not start.",
            sources: [tried, Citation("\(book), chapter 15: huge pages", "2020")],
            remedy: Remedy("mount it", commands: ["systemctl start dev-hugepages.mount"]), parent: "KVD080",
            explains: [
                "hugetlbfs filesystem is not mounted or disabled by administrator config",
                "Unable to find any usable hugetlbfs mount for",
            ]),
        violates: {
            $0.rewrite("<clock offset='utc'/>", "<clock offset='utc'/><memoryBacking><hugepages/></memoryBacking>")
            $0.host.memory.hugePageMounts = .known([:])
        },
        faults: { domain throws(Undecided) in
            let backing = domain.definition.memoryBacking
            // Of memfd the kernel gives the pages without a mount.
            guard domain.definition.isQEMU, backing.usesHugePages.isPresent, backing.source != .memfd else { return [] }
            let mounts = try domain.host.memory.hugePageMounts.get(whenAbsent: [:])
            guard !mounts.isEmpty else {
                return [Fault("hugetlbfs is not mounted", at: backing.usesHugePages.position)]
            }
            let sizes = Set(mounts.keys.map { DomainSizes.bytes(kibibytes: $0) })
            return backing.hugePages.filter { page in
                page.size.value.map { $0 > DomainMemoryRules.smallPage && !sizes.contains($0) } ?? false
            }.map { page in
                Fault(
                    "no hugetlbfs with pages of \(ByteCount.text(page.size.value ?? 0)) is mounted", at: page.position
                )
            }
        })

    static let nodeMemoryNotFree = Rule<DomainFacts>(
        RuleInfo(
            "KVD273", "node-memory-not-free", "the nodes that memory is bound to have it free",
            area: DomainMemoryRules.area, severity: .warning,
            rationale: """
                Memory that is strictly bound comes from these nodes or not at all: where they are full the start fails, or \
                the kernel kills the guest later.
                """,
            sources: [Citation("\(book), chapter 15: numatune, strict", "2020"), format],
            remedy: Remedy("free memory there, or use mode='preferred' or 'interleave'"), parent: "KVD084"),
        violates: {
            $0.rewrite(
                "<memory unit='GiB'>4</memory>",
                "<memory unit='GiB'>120</memory><numatune><memory mode='strict' nodeset='0'/></numatune>")
        },
        faults: { domain throws(Undecided) in
            let tuning = domain.definition.numaTuning
            guard domain.definition.isQEMU, let bound = tuning.nodeSet.value, let memory = domain.startMemory,
                (tuning.mode.value ?? .known(.strict)) == .known(.strict),
                // Huge pages are set aside, and one that runs has its memory.
                !domain.definition.memoryBacking.usesHugePages.isPresent, try domain.live.get() == nil,
                let nodes = try domain.host.memory.nodes.get()
            else { return [] }
            let free = nodes.filter { bound.contains($0.id) }.reduce(into: UInt64(0)) { sum, node in
                sum = sum.addingReportingOverflow(DomainSizes.bytes(kibibytes: node.free)).partialValue
            }
            guard memory > free else { return [] }
            return [
                Fault(
                    "\(ByteCount.text(memory)) from node \(bound), which has \(ByteCount.text(free)) free",
                    at: tuning.nodeSet.position)
            ]
        })

    // MARK: - Network and displays

    static let vhostMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD274", "interface-vhost-missing", "the kernel has vhost-net for interfaces that ask for it",
            area: DomainNetworkRules.area, severity: .error,
            rationale: "With <driver name='vhost'> libvirt does not fall back to QEMU: it refuses to start.",
            sources: [tried, format],
            remedy: Remedy("load the module", commands: ["modprobe vhost_net"]),
            explains: ["vhost-net was requested for an interface, but is unavailable"]),
        violates: { $0.host.devices.vhostNet.node = .absent(from: .file("/dev/vhost-net")) },
        faults: { domain throws(Undecided) in
            let asking = domain.definition.qemuInterfaces.filter { interface in
                guard let kind = interface.type.value?.known else { return false }
                return domain.definition.type == .kvm && interface.isVirtio && interface.driver.name == .vhost
                    && [.network, .bridge, .ethernet, .direct].contains(kind)
            }
            guard !asking.isEmpty, try !domain.host.devices.vhostNet.node.isPresent() else { return [] }
            return asking.map {
                Fault("\($0.label) asks for vhost, and the host has none", at: $0.driver.name.position)
            }
        })

    static let portOutOfRange = Rule<DomainFacts>(
        RuleInfo(
            "KVD275", "graphics-port-out-of-range", "VNC has ports from 5900 on", area: DomainConsoleRules.area,
            severity: .error,
            rationale: "VNC's displays are numbered from port 5900 on: libvirt refuses to start with one below.",
            sources: [tried, Citation("libvirt docs/formatdomain.rst, graphical framebuffers: vnc", "9.0")],
            remedy: Remedy("use autoport='yes'"), explains: ["vnc port must be in range [5900,65535]"]),
        example: ("port='-1' autoport='yes'", "port='80' autoport='no'"),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            return domain.definition.devices.graphics.filter { graphics in
                graphics.type == .vnc && graphics.choosesPort.value != true
                    && (graphics.port.value.map { (1..<5900).contains($0) } ?? false)
            }.map { Fault("VNC on port \($0.port.value ?? 0)", at: $0.port.position) }
        })
}
