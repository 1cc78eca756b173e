internal import Evidence
internal import Facts
internal import LibvirtXML

/// What libvirt refuses of features, disks, inputs and the like that do not go together. KVD210–KVD229.
enum DomainFeatureRules {
    static let all: [Rule<DomainFacts>] = [
        foreignFeature, ps2Off, formatUnsupported, encryptionTwice, lunRefused, diskOptionRefused, inputRefused,
        messagesWithoutServer, tapUnsupported, bootOrderRefused, aliasTwice, memoryDeviceRefused, filesystemRefused,
        audioRefused, interfaceOptionRefused,
    ]

    private static let area = DomainDeviceRules.area
    private static let tried = Citation("libvirt 9.0, virsh define, of each case", "2026")

    private static func refusals(_ names: String) -> Citation {
        Citation("libvirt tests/qemuxmlconfdata/\(names).err", "11.3")
    }

    private static func function(_ names: String) -> Citation {
        Citation("libvirt src/conf/domain_validate.c: \(names)", "9.0")
    }

    // MARK: - Features

    static let foreignFeature = Rule<DomainFacts>(
        RuleInfo(
            "KVD210", "feature-of-another-machine", "features are those of the architecture and machine", area: area,
            severity: .error,
            rationale: """
                <gic> is of Arm's virt machines, <ioapic> and <pvspinlock> of x86, <hpt>, <htm>, <nested-hv> and their \
                like of POWER's pseries: libvirt refuses them on others.
                """,
            sources: [
                Citation("libvirt src/qemu/qemu_validate.c: qemuValidateDomainDefFeatures", "9.0"),
                refusals("aarch64-gic-not-arm"),
            ],
            remedy: Remedy("take the feature away"),
            explains: ["The 'gic' feature is not supported for architecture 'ppc64' or machine type 'pseries'"]),
        example: ("<apic/>", "<gic version='3'/>"),
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU, let architecture = definition.os.arch.value,
                let features = definition.features.element
            else { return [] }
            let machine = definition.os.machine.value ?? ""
            let isArm = ["aarch64", "armv7l", "armv6l"].contains(architecture)
            let isArmVirt = isArm && (machine.isEmpty || machine == "virt" || machine.hasPrefix("virt-"))
            let isPSeries = architecture.hasPrefix("ppc64") && (machine.isEmpty || machine.hasPrefix("pseries"))
            return features.elements.filter { feature in
                switch feature.name {
                case "gic": !isArmVirt
                case "ioapic", "pvspinlock": !definition.isX86
                case "hpt", "htm", "nested-hv", "ccf-assist", "cfpc", "sbbc", "ibs": !isPSeries
                default: false
                }
            }.map { Fault("<\($0.name)> on \(architecture), machine '\(machine)'", at: $0.position) }
        })

    static let ps2Off = Rule<DomainFacts>(
        RuleInfo(
            "KVD211", "ps2-needed-while-off", "nothing needs the PS/2 controller where it is off", area: area,
            severity: .error, rationale: "PS/2 inputs and vmport hang on the controller: libvirt refuses them without.",
            sources: [refusals("machine-i8042-off-explicit-ps2-inputs"), refusals("machine-i8042-off-vmport-on")],
            remedy: Remedy("take <ps2 state='off'/> away, or use USB or virtio inputs and <vmport state='off'/>"),
            explains: [
                "ps2 bus inputs require the ps2 feature not to be disabled",
                "vmport feature requires the ps2 feature not to be disabled",
            ]),
        example: ("<apic/>", "<apic/><ps2 state='off'/><vmport state='on'/>"),
        faults: { domain in
            let features = domain.definition.features
            guard domain.definition.isQEMU, features.ps2.value == false else { return [] }
            var faults: [Fault] = []
            faults.add("vmport without PS/2", at: features.vmport.position, if: features.vmport.value == true)
            for input in domain.definition.devices.inputs where input.bus == .ps2 {
                faults.add("a PS/2 \(input.type.text ?? "input") without PS/2", at: input.position)
            }
            return faults
        })

    // MARK: - Disks

    static let formatUnsupported = Rule<DomainFacts>(
        RuleInfo(
            "KVD212", "disk-format-unsupported", "disks are of formats that QEMU reads", area: area, severity: .error,
            rationale: "libvirt knows more formats than QEMU: it refuses directories, ISO, cow and others as a format.",
            sources: [refusals("disk-fmt-dir"), tried],
            remedy: Remedy(
                "use type='raw' for an ISO, <disk type='dir'> for a directory; convert others with qemu-img"),
            explains: [
                "'directory' storage format is not directly supported by QEMU, use 'dir' disk type instead",
                "storage format 'iso' is not directly supported by QEMU, use 'raw' instead",
                "'cow' storage format is not supported",
            ]),
        example: ("type='qcow2'", "type='dir'"),
        faults: { domain in
            domain.definition.qemuDisks.filter { ["dir", "iso", "cow"].contains($0.driver.type.text ?? "") }.map {
                Fault("\($0.label) is of format \($0.driver.type.text ?? "")", at: $0.driver.type.position)
            }
        })

    static let encryptionTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD213", "disk-encryption-twice", "a disk has one <encryption>", area: area, severity: .error,
            rationale: "<encryption> goes into <source>, or beside it as of old: libvirt refuses both.",
            sources: [refusals("luks-disks-source-both"), tried], remedy: Remedy("keep the one in <source>"),
            explains: ["an <encryption> definition already found for disk source"]),
        example: (
            "<source file='/var/lib/libvirt/images/web1.qcow2'/>",
            """
            <source file='/var/lib/libvirt/images/web1.qcow2'><encryption format='luks'/></source>
            <encryption format='luks'/>
            """
        ),
        faults: { domain in
            domain.definition.qemuDisks.filter { $0.encryption.isPresent && $0.source.encryption.isPresent }.map {
                Fault("\($0.label) has two", at: $0.encryption.position)
            }
        })

    static let lunRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD214", "disk-lun-refused", "disks of device='lun' are raw block devices", area: area, severity: .error,
            rationale: """
                A lun passes the guest's SCSI commands to a device of the host or of iSCSI: libvirt refuses it for a file or \
                another protocol, and raw I/O and reservations for anything but a lun.
                """,
            sources: [function("virDomainDiskDefSourceLUNValidate, virDomainDiskDefValidate"), tried],
            remedy: Remedy("use device='disk', or a block device"),
            explains: [
                "disk device='lun' is only valid for block type disk source",
                "rawio can be used only with device='lun'",
                "disk device 'lun' must use 'raw' format",
            ]),
        example: ("<disk type='file' device='disk'>", "<disk type='file' device='lun'>"),
        faults: { domain in
            var faults: [Fault] = []
            for disk in domain.definition.qemuDisks {
                guard disk.effectiveDevice == .lun else {
                    faults.add(
                        "\(disk.label) has rawio and is no lun", at: disk.usesRawIO.position,
                        if: disk.usesRawIO.isPresent)
                    faults.add(
                        "\(disk.label) has reservations and is no lun", at: disk.source.position,
                        if: disk.source.managesReservations.isPresent)
                    continue
                }
                switch disk.source.location {
                case .network(let access, _, _):
                    faults.add(
                        "\(disk.label) is a lun over \(access.text)", at: disk.source.position, if: access != .iscsi)
                case .file(let path): faults.add("\(disk.label) is a lun, and \(path) a file", at: disk.source.position)
                default: break
                }
                faults.add(
                    "\(disk.label) is a lun of format \(disk.driver.type.text ?? "")", at: disk.driver.type.position,
                    if: disk.driver.type.isPresent && disk.driver.type != .raw)
            }
            return faults
        })

    static let diskOptionRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD215", "disk-option-refused", "options of disks are those of their bus and device", area: area,
            severity: .error,
            rationale: """
                libvirt refuses virtio's options on other buses, removable but on USB, a tray and startupPolicy='requisite' \
                but of drives with media, and a vendor longer than 8 or a product longer than 16 characters.
                """,
            sources: [function("virDomainDiskDefValidate, virDomainDiskDefValidateStartupPolicy"), tried],
            remedy: Remedy("take the option away"),
            explains: [
                "disk ioeventfd mode supported only for virtio bus", "removable is only valid for usb disks",
                "tray is only valid for cdrom and floppy",
                "disk startupPolicy 'requisite' is allowed only for cdrom or floppy",
                "disk vendor is more than 8 characters", "disk product is more than 16 characters",
                "disk model 'virtio-transitional' not supported for bus 'sata'",
            ]),
        example: ("<target dev='vda' bus='virtio'/>", "<target dev='vda' bus='virtio' removable='on'/>"),
        faults: { domain in
            var faults: [Fault] = []
            for disk in domain.definition.qemuDisks {
                if let bus = disk.effectiveBus, bus != .known(.virtio) {
                    for (name, field) in [
                        ("ioeventfd", disk.driver.usesIOEventFD), ("event_idx", disk.driver.usesEventIndex),
                        ("iommu", disk.driver.usesIOMMU), ("ats", disk.driver.usesATS),
                        ("packed", disk.driver.usesPackedQueues), ("page_per_vq", disk.driver.hasPagePerQueue),
                    ] where field.isPresent {
                        faults.add("\(disk.label) on bus \(bus.text) has \(name)", at: field.position)
                    }
                    faults.add(
                        "\(disk.label) on bus \(bus.text) has model '\(disk.model.text ?? "")'",
                        at: disk.model.position, if: disk.model.text?.hasPrefix("virtio") == true)
                }
                faults.add(
                    "\(disk.label) on bus \(disk.effectiveBus?.text ?? "") is removable",
                    at: disk.target.isRemovable.position,
                    if: disk.target.isRemovable.isPresent && disk.effectiveBus.map { $0 != .known(.usb) } ?? false)
                faults.add(
                    "\(disk.label) is a disk with an open tray", at: disk.target.tray.position,
                    if: disk.isHardDisk && disk.target.tray == .open)
                faults.add(
                    "\(disk.label) is a disk with startupPolicy='requisite'", at: disk.source.startupPolicy.position,
                    if: disk.isHardDisk && disk.source.startupPolicy == .requisite)
                for (name, field, limit) in [("vendor", disk.vendor, 8), ("product", disk.product, 16)] {
                    guard let text = field.value, text.utf8.count > limit else { continue }
                    faults.add("\(disk.label) has a \(name) of \(text.utf8.count) characters", at: field.position)
                }
            }
            return faults
        })

    // MARK: - Devices

    static let inputRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD216", "input-refused", "inputs are on buses that have them", area: area, severity: .error,
            rationale: """
                PS/2 has a mouse and a keyboard only; a virtio model is of the virtio bus; of virtio inputs only those that \
                are passed through are transitional or not: libvirt refuses the rest.
                """,
            sources: [
                function("virDomainInputDefValidate"), refusals("virtio-transitional-not-supported"), tried,
            ],
            remedy: Remedy("take the model away, or use bus='usb'"),
            explains: [
                "ps2 bus does not support tablet input device",
                "only bus 'virtio' is supported for input model 'virtio'",
                "virtio (non-)transitional models are not supported for input type=keyboard",
            ]),
        example: ("<emulator>", "<input type='tablet' bus='ps2'/><emulator>"),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            for input in domain.definition.devices.inputs {
                let type = input.type.text ?? "input"
                faults.add(
                    "a \(type) on PS/2", at: input.position,
                    if: input.bus == .ps2 && input.type != .mouse && input.type != .keyboard)
                faults.add(
                    "a \(type) of model '\(input.model.text ?? "")' on bus \(input.bus.text ?? "")",
                    at: input.model.position, if: input.model.isPresent && input.bus.isPresent && input.bus != .virtio)
                faults.add(
                    "a \(type) of model '\(input.model.text ?? "")'", at: input.model.position,
                    if: input.type != .passthrough
                        && (input.model == .virtioTransitional || input.model == .virtioNonTransitional))
            }
            return faults
        })

    static let messagesWithoutServer = Rule<DomainFacts>(
        RuleInfo(
            "KVD217", "shared-memory-msi-without-server", "shared memory with interrupts has a server", area: area,
            severity: .error,
            rationale: "Interrupts of ivshmem come from its server: libvirt refuses <msi/> without <server>.",
            sources: [refusals("shmem-msi-only"), tried], remedy: Remedy("take <msi/> away, or add <server path=…>"),
            explains: ["msi option is only supported with a server"]),
        example: (
            "<emulator>",
            "<shmem name='a'><model type='ivshmem-plain'/><size unit='M'>4</size><msi/></shmem><emulator>"
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            return domain.definition.devices.sharedMemories.filter {
                $0.usesMSI.isPresent && $0.element?.first("server") == nil
            }.map { Fault("shared memory \($0.name.value ?? "") has <msi/> and no server", at: $0.usesMSI.position) }
        })

    static let memoryDeviceRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD218", "memory-device-refused", "memory devices have what their model needs", area: area,
            severity: .error,
            rationale: """
                nvdimm and virtio-pmem are files of the host; virtio-mem hands out blocks of a power of two, at most all of \
                its size: libvirt refuses the rest.
                """,
            sources: [function("virDomainMemoryDefValidate"), tried],
            remedy: Remedy("name the file in <source><path>, and let <requested> be whole blocks of <size>"),
            explains: [
                "path is required for model 'nvdimm'", "requested size must be smaller than or equal to @size",
                "block size must be a power of two", "requested size must be an integer multiple of block size",
            ]),
        example: (
            "<emulator>",
            "<memory model='nvdimm'><target><size unit='MiB'>128</size><node>0</node></target></memory><emulator>"
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            for memory in domain.definition.devices.memories {
                faults.add(
                    "\(memory.model.text ?? "") without a file", at: memory.position,
                    if: (memory.model == .nvdimm || memory.model == .virtioPMEM) && !memory.sourcePath.isPresent)
                guard memory.model == .virtioMEM else { continue }
                if let size = memory.size.value, let requested = memory.requested.value, requested > size {
                    faults.add(
                        "\(ByteCount.text(requested)) requested of \(ByteCount.text(size))",
                        at: memory.requested.position)
                }
                guard let block = memory.blockSize.value, block > 0 else { continue }
                faults.add(
                    "blocks of \(ByteCount.text(block))", at: memory.blockSize.position,
                    if: block.nonzeroBitCount != 1)
                faults.add(
                    "a requested size that is not whole blocks", at: memory.requested.position,
                    if: (memory.requested.value ?? 0) % block != 0)
            }
            return faults
        })

    static let filesystemRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD219", "virtiofs-refused", "virtiofs has shared memory and a tag of its own", area: area,
            severity: .error,
            rationale: """
                virtiofsd maps the guest's memory: libvirt refuses virtiofs where that is not shared, and one tag for two \
                file systems.
                """,
            sources: [
                Citation("libvirt docs/kbase/virtiofs.rst", "9.0"), function("virDomainDefFSValidate"), tried,
            ],
            remedy: Remedy("add <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"),
            explains: ["'virtiofs' requires shared memory", "filesystem target 'a' specified twice"]),
        example: (
            "<emulator>",
            """
            <filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target dir='a'/></filesystem><emulator>
            """
        ),
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU else { return [] }
            let filesystems = definition.devices.filesystems.filter { $0.driverType.value == "virtiofs" }
            let cells = definition.cpu.numaCells
            let isShared =
                definition.memoryBacking.access == .shared
                || (!cells.isEmpty && cells.allSatisfy { $0.memoryAccess == .shared })
                // s390 shares its memory with vhost-user devices in another way.
                || definition.os.arch.value == "s390x"
            var faults: [Fault] = []
            for filesystem in filesystems where !isShared {
                faults.add("virtiofs '\(filesystem.target.value ?? "")' without shared memory", at: filesystem.position)
            }
            for (_, again) in filesystems.repeated(by: \.target.value) {
                faults.add("virtiofs '\(again.target.value ?? "")' a second time", at: again.target.position)
            }
            return faults
        })

    static let tapUnsupported = Rule<DomainFacts>(
        RuleInfo(
            "KVD220", "interface-tap-unsupported", "a tap device is named for interfaces that have one", area: area,
            severity: .error,
            rationale: "A vhost-user interface is a socket and has no tap: libvirt refuses <backend tap=…>.",
            sources: [refusals("net-vhostuser-fail")], remedy: Remedy("take tap away from <backend>"),
            explains: ["custom tap device path is not supported for network interfaces of type vhostuser"]),
        example: (
            "<emulator>",
            """
            <interface type='vhostuser'><source type='unix' path='/run/a.sock' mode='server'/><model type='virtio'/>
            <backend tap='/dev/net/tun'/></interface><emulator>
            """
        ),
        faults: { domain in
            domain.definition.qemuInterfaces.filter { $0.type == .vhostuser && $0.tapDevice.isPresent }.map {
                Fault("\($0.label) of type vhostuser names a tap device", at: $0.tapDevice.position)
            }
        })

    static let interfaceOptionRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD221", "interface-option-refused", "options of interfaces are those of their type", area: area,
            severity: .error,
            rationale: """
                Ports are isolated on Linux bridges only, and an interface of type user has no MTU; the transient one of a \
                team names the persistent one: libvirt refuses the rest.
                """,
            sources: [function("virDomainNetDefValidate, virDomainNetDefValidatePortOptions"), tried],
            remedy: Remedy("take the option away"),
            explains: [
                "<port isolated='yes'/> is not supported for network interfaces with type='user'",
                "setting MTU on interface type user is not supported yet",
                "teaming persistent attribute must be set if teaming type is 'transient'",
            ]),
        example: ("<emulator>", "<interface type='user'><mtu size='1400'/></interface><emulator>"),
        faults: { domain in
            var faults: [Fault] = []
            for interface in domain.definition.qemuInterfaces {
                let type = interface.type.text ?? ""
                let isPlainBridge = (interface.type == .network || interface.type == .bridge)
                faults.add(
                    "\(interface.label) of type \(type) is isolated", at: interface.isIsolated.position,
                    if: interface.isIsolated.value == true && !(isPlainBridge && !interface.virtualPort.type.isPresent))
                faults.add(
                    "\(interface.label) of type user has an MTU", at: interface.mtu.position,
                    if: interface.type == .user && (interface.mtu.value ?? 0) != 0)
                faults.add(
                    "\(interface.label) is transient, and of no team", at: interface.teaming.position,
                    if: interface.teaming.role == .transient && !interface.teaming.persistentAlias.isPresent)
            }
            return faults
        })

    static let audioRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD222", "audio-id-refused", "sound goes to audio backends that are there, each once", area: area,
            severity: .error,
            rationale: "libvirt refuses two <audio> of one id, and a sound card of an id that is none's.",
            sources: [function("virDomainAudioDefValidate, virDomainEnsureAudioID"), tried],
            remedy: Remedy("number <audio> anew"),
            explains: ["audio ID 1 is used multiple times", "no audio device with ID 7"]),
        example: ("<emulator>", "<sound model='ich9'><audio id='7'/></sound><emulator>"),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            let devices = domain.definition.devices
            var faults: [Fault] = []
            for (_, again) in devices.audios.repeated(by: \.id.value) {
                faults.add("audio \(again.id.value ?? 0) a second time", at: again.id.position)
            }
            let known = Set(devices.audios.compactMap(\.id.value))
            let users = devices.sounds.map(\.audioID) + devices.graphics.map(\.audioID)
            for id in users {
                guard let number = id.value, number != 0, !known.contains(number) else { continue }
                faults.add("audio \(number) is not there", at: id.position)
            }
            return faults
        })

    // MARK: - The whole

    static let bootOrderRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD223", "boot-order-refused", "the order of booting is one", area: area, severity: .error,
            rationale: """
                libvirt refuses one <boot order=…> on two devices, and orders of devices beside <boot dev=…> of <os>.
                """,
            sources: [
                Citation("libvirt src/conf/domain_postparse.c: virDomainDefBootOrderPostParse", "11.3"), tried,
            ],
            remedy: Remedy("number the devices from 1, each once, and take <boot dev=…> away"),
            explains: [
                "boot order '1' used for more than one device",
                "per-device boot elements cannot be used together with os/boot elements",
            ]),
        example: ("<target dev='vda' bus='virtio'/>", "<target dev='vda' bus='virtio'/><boot order='1'/>"),
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU else { return [] }
            let orders = definition.devices.element?.elements.compactMap { $0.first("boot")?.attribute("order") } ?? []
            var faults: [Fault] = []
            if !orders.isEmpty, let boot = definition.os.boot.first {
                faults.add("a device has a boot order, and <os> has <boot dev>", at: boot.position)
            }
            for (_, again) in orders.repeated(by: \.value) {
                faults.add("boot order \(again.value) a second time", at: again.position)
            }
            return faults
        })

    static let aliasTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD224", "device-alias-twice", "aliases that users give are unique", area: area, severity: .error,
            rationale: "libvirt keeps aliases that start with ua-, and refuses one of them on two devices.",
            sources: [function("virDomainDefValidateAliases"), tried], remedy: Remedy("rename one of them"),
            explains: ["non unique alias detected: ua-x"]),
        example: (
            "<target dev='vda' bus='virtio'/>",
            """
            <target dev='vda' bus='virtio'/><alias name='ua-a'/></disk>
            <disk type='file' device='disk'><driver type='raw'/><source file='/b'/><target dev='vdb'/><alias name='ua-a'/>
            """
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            // The first console is the first serial port once more, with its alias.
            let console = domain.definition.devices.consoles.first?.element
            let aliases =
                domain.definition.devices.element?.elements.compactMap { device in
                    device == console ? nil : device.first("alias")?.attribute("name")
                } ?? []
            return aliases.filter { $0.value.hasPrefix("ua-") }.repeated(by: \.value).map {
                Fault("alias '\($1.value)' a second time", at: $1.position)
            }
        })
}
