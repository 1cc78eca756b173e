internal import Evidence
internal import Facts
internal import LibvirtXML

/// What libvirt refuses of controllers, host devices, TPMs and the like. KVD170–KVD199.
enum DomainDeviceRules {
    static let area = "Machine"

    static let all: [Rule<DomainFacts>] = [
        rootController, controllerTwice, usbRefused, hostDeviceTwice, mediatedRefused, tpmRefused, iommuRefused,
        sharedMemoryRefused, labelTwice, timerRefused, smmMemoryRefused,
        controllerRefused, addressRefused,
    ]

    private static let format = Citation("libvirt docs/formatdomain.rst", "11.3")

    private static func refusals(_ names: String) -> Citation {
        Citation("libvirt tests/qemuxmlconfdata/\(names).err", "11.3")
    }

    private static func insert(_ text: String, into domain: inout DomainFacts) {
        domain.rewrite("<emulator>", text + "<emulator>")
    }

    static let rootController = Rule<DomainFacts>(
        RuleInfo(
            "KVD170", "pci-root-refused", "the root of the PCI bus is that of the machine", area: area,
            severity: .error,
            rationale: "q35 has pcie-root, i440fx pci-root, with index 0 and no address: libvirt refuses others.",
            sources: [refusals("q35-wrong-root"), refusals("440fx-wrong-root"), refusals("pci-root-address")],
            remedy: Remedy("drop the controllers of type pci: libvirt adds those that are needed"),
            explains: [
                "The PCI controller with index='0' must be model=", "pci-root and pcie-root controllers should",
            ]),
        violates: { insert("<controller type='pci' index='0' model='pci-root'/>", into: &$0) },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let machine = domain.definition.os.machine.value ?? ""
            let isQ35 = machine == "q35" || machine.hasPrefix("pc-q35-")
            let isI440FX = machine == "pc" || machine.hasPrefix("pc-i440fx-")
            for controller in domain.definition.devices.controllers where controller.type == .pci {
                let model = controller.model.value ?? ""
                if model == "pci-root" || model == "pcie-root" {
                    // POWER has several roots.
                    let isPOWER = (domain.definition.os.arch.value ?? "").hasPrefix("ppc64")
                    faults.add(
                        "\(model) with index \(controller.index.value ?? 0)", at: controller.index.position,
                        if: !isPOWER && (controller.index.value ?? 0) != 0)
                    faults.add(
                        "\(model) with an address", at: controller.address.position, if: controller.address.isPresent)
                }
                faults.add(
                    "the root of machine '\(machine)' is \(model)", at: controller.position,
                    if: controller.index.value == 0
                        && ((isQ35 && model == "pci-root") || (isI440FX && model == "pcie-root")))
            }
            return faults
        })

    static let controllerTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD171", "controller-twice", "each controller has a number of its own", area: area, severity: .error,
            rationale: "libvirt refuses two controllers of one type with one index, but for companions of USB 2.",
            sources: [refusals("pci-bridge-duplicate-index")], remedy: Remedy("number them anew"),
            explains: ["Multiple 'pci' controllers with index"]),
        violates: {
            insert(
                "<controller type='scsi' index='0'/><controller type='scsi' index='0' model='virtio-scsi'/>", into: &$0)
        },
        faults: { domain in
            var faults: [Fault] = []
            var seen: Set<String> = []
            for controller in domain.definition.devices.controllers {
                guard let type = controller.type.value, type != .usb, let index = controller.index.value else {
                    continue
                }
                faults.add(
                    "a second \(type.text) controller with index \(index)", at: controller.position,
                    if: !seen.insert("\(type.text) \(index)").inserted)
            }
            return faults
        })

    static let usbRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD172", "usb-refused", "USB devices have a bus", area: area, severity: .error,
            rationale: "libvirt refuses USB devices where the bus is switched off, and xHCI with more than 15 ports.",
            sources: [refusals("usb-none-hub"), refusals("usb-controller-qemu-xhci-limit")],
            remedy: Remedy("drop the devices, or <controller type='usb' model='none'/>"),
            explains: [
                "USB is disabled for this domain", "USB bus is disabled", "controller only supports up to '15' ports",
            ]),
        violates: {
            insert("<controller type='usb' model='none'/><input type='tablet' bus='usb'/>", into: &$0)
        },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let devices = domain.definition.devices
            let controllers = devices.controllers.filter { $0.type == .usb }
            for controller in controllers {
                guard ["qemu-xhci", "nec-xhci"].contains(controller.model.value ?? ""),
                    let ports = controller.ports.value, ports > 15
                else { continue }
                faults.add("an xHCI controller with \(ports) ports, of at most 15", at: controller.ports.position)
            }
            guard controllers.contains(where: { $0.model.value == "none" }) else { return faults }
            for hub in devices.hubs { faults.add("a USB hub without USB", at: hub.position) }
            for input in devices.inputs where input.bus == .usb {
                faults.add("a USB \(input.type.text ?? "input") without USB", at: input.position)
            }
            return faults
        })

    static let hostDeviceTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD173", "host-device-twice", "a host device is given once", area: area, severity: .error,
            rationale: "libvirt refuses a device of the host that is named twice.",
            sources: [refusals("hostdev-pci-duplicate"), refusals("hostdev-usb-duplicate")],
            remedy: Remedy("drop one of them"), explains: ["Hostdev already exists in the domain configuration"]),
        violates: {
            let device = """
                <hostdev mode='subsystem' type='pci' managed='yes'>
                <source><address domain='0' bus='4' slot='0' function='0'/></source></hostdev>
                """
            insert(device + device, into: &$0)
        },
        faults: { domain in
            var faults: [Fault] = []
            var seen: Set<Domain.HostDevice.Device> = []
            for device in domain.definition.devices.hostDevices {
                let identity = device.device
                switch identity {
                case .incomplete, .other, .container: continue
                default: break
                }
                faults.add(
                    "a \(device.type.text ?? "") device of the host a second time", at: device.position,
                    if: !seen.insert(identity).inserted)
            }
            return faults
        })

    static let mediatedRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD174", "mediated-device-refused", "mediated devices have what they need", area: area,
            severity: .error,
            rationale: "libvirt refuses display='on' without a display, two ramfb, and booting from vfio-ap.",
            sources: [
                refusals("hostdev-mdev-display-missing-graphics"), refusals("hostdev-mdev-display-ramfb-multiple"),
            ],
            remedy: Remedy("add <graphics>, or drop display='on'"),
            explains: [
                "graphics device is needed for attribute value 'display=on'",
                "Only one vgpu device can have 'ramfb' enabled",
                "booting from assigned devices is not supported by mediated devices",
            ]),
        violates: {
            let device = """
                <hostdev mode='subsystem' type='mdev' model='vfio-pci' display='on' ramfb='on'>
                <source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1d'/></source></hostdev>
                """
            insert(device + device, into: &$0)
        },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let devices = domain.definition.devices
            var framebuffers = 0
            for device in devices.hostDevices where device.type == .mdev {
                faults.add(
                    "display='on' without <graphics>", at: device.isDisplay.position,
                    if: device.isDisplay.value == true && devices.graphics.isEmpty)
                if device.hasRAMFramebuffer.value == true { framebuffers += 1 }
                faults.add(
                    "a second ramfb", at: device.hasRAMFramebuffer.position,
                    if: device.hasRAMFramebuffer.value == true && framebuffers > 1)
                faults.add(
                    "booting from vfio-ap", at: device.position,
                    if: device.model == .ap && device.bootOrder.isPresent)
            }
            return faults
        })

    static let tpmRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD175", "tpm-refused", "the TPM is one that the machine can have", area: area, severity: .error,
            rationale: """
                libvirt takes one TPM (and on POWER a proxy beside it), with a backend; TPM 1.2 neither as CRB nor on \
                Arm and POWER; tpm-spapr on POWER only.
                """,
            sources: [
                refusals("aarch64-tpm-wrong-model"), refusals("ppc64-tpm-double"),
                Citation("libvirt src/qemu/qemu_validate.c: TPM", "11.3"),
            ],
            remedy: Remedy("use <tpm model='tpm-crb'> with version 2.0"),
            explains: [
                "TPM 1.2 is not supported", "only a single TPM non-proxy device is supported",
                "missing TPM device backend",
            ]),
        violates: { insert("<tpm model='tpm-crb'><backend type='emulator' version='1.2'/></tpm>", into: &$0) },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let arch = domain.definition.os.arch.value ?? ""
            let tpms = domain.definition.devices.tpms
            let plain = tpms.filter { $0.model != .spaprProxy }
            if plain.count > 1, let last = plain.last { faults.add("\(plain.count) TPMs", at: last.position) }
            for tpm in tpms {
                let isOld = tpm.version.value == "1.2" && tpm.backend == .emulator
                faults.add("a TPM without a backend", at: tpm.position, if: !tpm.backend.isPresent)
                faults.add("TPM 1.2 with a CRB interface", at: tpm.model.position, if: isOld && tpm.model == .crb)
                faults.add(
                    "TPM 1.2 on \(arch)", at: tpm.version.position,
                    if: isOld && (arch == "aarch64" || tpm.model == .spapr))
                faults.add(
                    "\(tpm.model.text ?? "") on \(arch)", at: tpm.model.position,
                    if: (tpm.model == .spapr || tpm.model == .spaprProxy) && !arch.isEmpty && !arch.hasPrefix("ppc64"))
            }
            return faults
        })

    static let iommuRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD176", "guest-iommu-refused", "the guest's IOMMU has what it needs", area: area, severity: .error,
            rationale: "virtio-iommu is a PCI device that ACPI describes: libvirt refuses it without.",
            sources: [refusals("virtio-iommu-no-acpi"), refusals("virtio-iommu-invalid-address-type")],
            remedy: Remedy("add <acpi/> and drop the address"),
            explains: ["IOMMU device: 'virtio' requires ACPI", "IOMMU device: 'virtio' needs a PCI address"]),
        violates: {
            let text = DomainFacts.sampleXML.replacing("<acpi/>", with: "")
                .replacing("<emulator>", with: "<iommu model='virtio'/><emulator>")
            $0.replace(xml: text)
        },
        faults: { domain in
            var faults: [Fault] = []
            let iommu = domain.definition.devices.iommu
            guard domain.definition.isQEMU, iommu.model == .virtio else { return [] }
            faults.add(
                "virtio-iommu without ACPI", at: iommu.position, if: !domain.definition.features.hasACPI.isPresent)
            faults.add(
                "virtio-iommu that is no PCI device", at: iommu.address.position,
                if: iommu.address.isPresent && iommu.address.type.isPresent && iommu.address.type != .pci)
            return faults
        })

    static let sharedMemoryRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD177", "shared-memory-refused", "shared memory is a power of two of at least 1 MiB", area: area,
            severity: .error, rationale: "It is the size of a PCI region: libvirt refuses others, and any other bus.",
            sources: [refusals("shmem-small-size"), refusals("shmem-invalid-address")],
            remedy: Remedy("round the size up"),
            explains: ["shmem size must be a power of 2", "are supported for the shared memory device"]),
        violates: {
            insert("<shmem name='a'><model type='ivshmem-plain'/><size unit='KiB'>512</size></shmem>", into: &$0)
        },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            for memory in domain.definition.devices.sharedMemories {
                if let size = memory.size.value, size > 0, size < 1 << 20 || size.nonzeroBitCount != 1 {
                    faults.add("shared memory of \(ByteCount.text(size))", at: memory.size.position)
                }
                faults.add(
                    "shared memory that is no PCI device", at: memory.address.position,
                    if: memory.address.type.isPresent && memory.address.type != .pci)
            }
            return faults
        })

    static let labelTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD178", "security-label-twice", "each security driver labels once", area: area, severity: .error,
            rationale: "libvirt refuses two labels of one driver.", sources: [refusals("seclabel-multiple")],
            remedy: Remedy("drop one of them"), explains: ["seclabel for model", "is already provided"]),
        violates: {
            let label = "<seclabel type='dynamic' model='selinux' relabel='yes'/>"
            $0.rewrite("<clock offset='utc'/>", "<clock offset='utc'/>" + label + label)
        },
        faults: { domain in
            var faults: [Fault] = []
            var seen: Set<String> = []
            for label in domain.definition.securityLabels {
                guard let model = label.model.value else { continue }
                faults.add(
                    "a second label of \(model)", at: label.position, if: !seen.insert(model).inserted)
            }
            return faults
        })

    static let timerRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD179", "timer-of-another-architecture", "timers are those of the architecture", area: area,
            severity: .error, rationale: "tsc, kvmclock and hypervclock are of x86: libvirt refuses them elsewhere.",
            sources: [refusals("non-x86_64-timer-error")], remedy: Remedy("drop the timer"),
            explains: ["timer is not supported for virtType"]),
        violates: {
            let text = DomainFacts.sampleXML.replacing("arch='x86_64'", with: "arch='s390x'")
                .replacing(
                    "<clock offset='utc'/>", with: "<clock offset='utc'><timer name='tsc' present='yes'/></clock>")
            $0.replace(xml: text)
        },
        faults: { domain in
            guard domain.definition.isQEMU, let arch = domain.definition.os.arch.value, !domain.definition.isX86 else {
                return []
            }
            var faults: [Fault] = []
            for timer in domain.definition.clock.timers where timer.isThere.value != false {
                faults.add(
                    "timer \(timer.name.text ?? "") on \(arch)", at: timer.position,
                    if: timer.name == .tsc || timer.name == .kvmclock || timer.name == .hypervclock)
            }
            return faults
        })

    static let smmMemoryRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD180", "smm-memory-refused", "the memory of system management mode is whole MiB", area: area,
            severity: .error, rationale: "QEMU takes the size in MiB: libvirt refuses a fraction.",
            sources: [refusals("tseg-invalid-size")], remedy: Remedy("round it up to whole MiB"),
            explains: ["SMM TSEG size must be divisible by 1 MiB"]),
        violates: {
            $0.rewrite("<acpi/>", "<acpi/><smm state='on'><tseg unit='KiB'>24</tseg></smm>")
        },
        faults: { domain in
            var faults: [Fault] = []
            let size = domain.definition.features.smmMemory
            if domain.definition.isQEMU, let bytes = size.value, bytes % (1 << 20) != 0 {
                faults.add("\(ByteCount.text(bytes)) for system management mode", at: size.position)
            }
            return faults
        })

    static let controllerRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD181", "controller-refused", "controllers have options that they know, and nodes that exist",
            area: area, severity: .error,
            rationale: """
                libvirt refuses an I/O thread of a controller other than virtio-scsi, an expander bus of a guest node \
                that does not exist, a node of the first bus, and more than 31 roots on POWER.
                """,
            sources: [
                refusals("controller-virtio-serial-iothread"), refusals("pci-expander-bus-bad-node"),
                refusals("pseries-default-phb-numa-node"),
            ],
            remedy: Remedy("drop the option"),
            explains: [
                "'iothread' attribute only supported for virtio scsi controllers",
                "can't be associated with a NUMA node", "is configured for a NUMA node", "PCI controller target index",
            ]),
        violates: {
            insert("<controller type='virtio-serial' index='0'><driver iothread='1'/></controller>", into: &$0)
        },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let cells = domain.definition.cpu.numaCells.enumerated().map { $1.id.value ?? $0 }
            for controller in domain.definition.devices.controllers {
                faults.add(
                    "an I/O thread of a \(controller.type.text ?? "") controller", at: controller.driver.position,
                    if: controller.driver.ioThread.isPresent && controller.type != .scsi)
                guard controller.type == .pci else { continue }
                let target = controller.target
                if let node = target.node.value {
                    faults.add(
                        "the first PCI bus in a guest node", at: target.node.position,
                        if: controller.index.value == 0)
                    faults.add(
                        "a PCI bus in guest node \(node), which does not exist", at: target.node.position,
                        if: !cells.contains(node))
                }
                if let index = target.index.value {
                    faults.add(
                        "a PCI root with target \(index), of at most 30", at: target.index.position, if: index > 30)
                }
            }
            return faults
        })

    static let addressRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD182", "device-address-refused", "devices are on buses that they can be on", area: area,
            severity: .error,
            rationale: """
                libvirt refuses an address of POWER's and s390's panic device, pvpanic and vfio-ccw on a bus not \
                theirs, parallel ports on POWER, and TLS as a protocol of serial \
                lines.
                """,
            sources: [
                refusals("pseries-panic-address"), refusals("pvpanic-pci-invalid-address-aarch64"),
                refusals("serial-tcp-chardev-telnets"),
            ],
            remedy: Remedy("drop the address: libvirt gives one that fits"),
            explains: [
                "setting the panic device address is not supported for model", "pvpanic is supported only with PCI",
                "parallel ports are not supported", "tcp chardev protocol",
            ]),
        violates: {
            insert("<panic model='pvpanic'><address type='isa' iobase='0x505'/></panic>", into: &$0)
        },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let devices = domain.definition.devices
            let arch = domain.definition.os.arch.value ?? ""
            for panic in devices.panics where panic.address.isPresent {
                let isPlatforms =
                    panic.model == .pseries || panic.model == .s390
                    || (!panic.model.isPresent && (arch.hasPrefix("ppc64") || arch == "s390x"))
                faults.add(
                    "a panic device of the platform with an address", at: panic.address.position, if: isPlatforms)
                faults.add(
                    "a pvpanic that is no PCI device", at: panic.address.position,
                    if: panic.model == .pvpanic && panic.address.type.isPresent && panic.address.type != .pci)
            }
            for device in devices.hostDevices {
                let address = device.address
                faults.add(
                    "a vfio-ccw device on a PCI bus", at: address.position,
                    if: device.type == .mdev && device.model == .ccw && address.type == .pci)
            }
            if let port = devices.parallels.first, arch.hasPrefix("ppc64") || arch == "s390x" {
                faults.add("a parallel port on \(arch)", at: port.position)
            }
            for device in devices.serials + devices.consoles + devices.channels + devices.parallels {
                guard device.type == .tcp, let transport = device.transport.value else { continue }
                faults.add(
                    "a line over \(transport)", at: device.transport.position,
                    if: transport == "tls" || transport == "telnets")
            }
            return faults
        })
}
