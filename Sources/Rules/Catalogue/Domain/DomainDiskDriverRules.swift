internal import Evidence
internal import Facts
internal import LibvirtXML

/// How the host reads and writes disks: cache, threads, queues, limits. KVD003–KVD012.
enum DomainDiskDriverRules {
    static let all: [Rule<DomainFacts>] = [
        nativeWithCache, detectZeroes, discardIgnored, threadUndefined, threadBus, limitsContradict, queuesAboveCPUs,
        queuesBus, encryptionFormat, shareableFormat,
    ]

    private static let area = DomainDiskRules.area
    private static let manual = Citation("libvirt docs/formatdomain.rst, hard drives: driver", "9.0")

    static let nativeWithCache = Rule<DomainFacts>(
        RuleInfo(
            "KVD003", "disk-native-io-with-cache", "io='native' goes with cache='none' or 'directsync'", area: area,
            severity: .error,
            rationale: """
                Linux's native asynchronous I/O works past the host's cache only: libvirt refuses it with another cache, at \
                the definition, or as of old at the start.
                """,
            sources: [
                Citation(
                    "libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefDiskFrontend; virsh define", "9.0")
            ],
            remedy: Remedy("set cache='none', or take io='native' away"),
            explains: [
                "native I/O needs either no disk cache or directsync cache mode, QEMU will fallback to aio=threads",
                "io='native' needs either no disk cache or directsync cache mode",
            ]),
        example: ("cache='none' io='native'", "cache='writeback' io='native'"),
        faults: { domain in
            domain.definition.qemuDisks.filter {
                $0.driver.io == .native && $0.driver.cache != .nothing && $0.driver.cache != .directsync
            }.map {
                Fault(
                    "\($0.label) has io='native' with cache='\($0.driver.cache.text ?? "default")'",
                    at: $0.driver.io.position)
            }
        })

    static let detectZeroes = Rule<DomainFacts>(
        RuleInfo(
            "KVD004", "disk-detect-zeroes-without-discard", "detect_zeroes='unmap' goes with discard='unmap'",
            area: area, severity: .note,
            rationale: "Without discard='unmap' QEMU treats detect_zeroes='unmap' as 'on': no space is given back.",
            sources: [manual], remedy: Remedy("add discard='unmap'")),
        example: ("discard='unmap'", "detect_zeroes='unmap'"),
        faults: { domain in
            domain.definition.qemuDisks.filter {
                $0.driver.detectZeroes == .unmap && $0.driver.discard != .unmap
            }.map {
                Fault(
                    "\($0.label) has detect_zeroes='unmap' without discard='unmap'",
                    at: $0.driver.detectZeroes.position)
            }
        })

    static let discardIgnored = Rule<DomainFacts>(
        RuleInfo(
            "KVD005", "disk-discard-ignored", "thin images get back what guests discard", area: area, severity: .note,
            rationale: """
                Without discard='unmap' a thin image only grows: what the guest deletes and trims stays allocated on the \
                host.
                """,
            sources: [manual], remedy: Remedy("add discard='unmap' to <driver>")),
        example: (" discard='unmap'", ""),
        faults: { domain in
            domain.definition.qemuDisks.filter { disk in
                disk.effectiveDevice == .disk && disk.driver.type == .qcow2 && disk.driver.discard != .unmap
                    && !disk.isEffectivelyReadOnly
            }.map { Fault("\($0.label) ignores what the guest discards", at: $0.driver.position) }
        })

    static let threadUndefined = Rule<DomainFacts>(
        RuleInfo(
            "KVD006", "disk-iothread-undefined", "I/O threads that disks and controllers name are there", area: area,
            severity: .error,
            rationale:
                "A device that names an I/O thread which the domain does not have keeps the domain from starting.",
            sources: [
                Citation(
                    "libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefDiskIOThreads; qemuxmlconfdata/*.err",
                    "9.0")
            ],
            remedy: Remedy("raise <iothreads>, or add the thread to <iothreadids>"),
            explains: ["Disk iothread '2' not defined in iothreadid", "Cannot find 'iothread' : 2"]),
        example: ("queues='4'/>", "queues='4' iothread='2'/>"),
        faults: { domain in
            let definition = domain.definition
            guard definition.isQEMU else { return [] }
            let numbers = definition.ioThreadNumbers
            var faults: [Fault] = []
            func look(_ id: Field<Int>, _ label: String) {
                // 0 means none.
                guard let number = id.value, number != 0, !numbers.contains(number) else { return }
                faults.append(
                    Fault("\(label) names I/O thread \(number), which the domain does not have", at: id.position))
            }
            for disk in definition.devices.disks {
                look(disk.driver.ioThread, disk.label)
                for mapping in disk.driver.ioThreads { look(mapping.id, disk.label) }
            }
            for controller in definition.devices.controllers {
                let label = "\(controller.type.text ?? "") controller \(controller.index.text ?? "")"
                look(controller.driver.ioThread, label)
                for mapping in controller.driver.ioThreads { look(mapping.id, label) }
            }
            return faults
        })

    static let threadBus = Rule<DomainFacts>(
        RuleInfo(
            "KVD007", "disk-iothread-not-virtio", "I/O threads are given to virtio disks and controllers only",
            area: area, severity: .error,
            rationale: """
                libvirt refuses an I/O thread on a disk of another bus than virtio; SCSI disks get theirs from their \
                virtio-scsi controller.
                """,
            sources: [
                Citation(
                    "libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefDiskIOThreads; qemuxmlconfdata/*.err",
                    "9.0")
            ],
            remedy: Remedy("use bus='virtio', or give the thread to the virtio-scsi controller"),
            explains: [
                "IOThreads not available for bus sata target sda",
                "'iothread' attribute only supported for virtio scsi controllers",
            ]),
        example: (
            "queues='4'/>",
            "/></disk><disk device='disk'><driver iothread='1'/><source file='/a'/><target dev='sda' bus='sata'/></disk><disk>"
        ),
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            let disks = domain.definition.devices.disks.filter { disk in
                guard disk.driver.ioThread.isPresent || !disk.driver.ioThreads.isEmpty,
                    let bus = disk.effectiveBus?.known
                else { return false }
                return [.ide, .sata, .usb, .fdc, .sd, .scsi].contains(bus)
            }
            let controllers = domain.definition.devices.controllers.filter {
                $0.driver.ioThread.isPresent
                    && ($0.type != .scsi || $0.model.value.map { !$0.hasPrefix("virtio") } ?? false)
            }
            return disks.map {
                Fault("\($0.label) on bus \($0.effectiveBus?.text ?? "") has an I/O thread", at: $0.driver.position)
            }
                + controllers.map {
                    Fault(
                        "\($0.model.value ?? $0.type.text ?? "") controller has an I/O thread",
                        at: $0.driver.ioThread.position)
                }
        })

    static let limitsContradict = Rule<DomainFacts>(
        RuleInfo(
            "KVD008", "disk-limits-contradict", "limits of a disk are total, or for reading and writing", area: area,
            severity: .error,
            rationale: "libvirt refuses a total limit together with one of reading or writing of the same kind.",
            sources: [
                Citation("libvirt src/conf/domain_validate.c: virDomainDiskDefValidate; virsh define", "9.0")
            ],
            remedy: Remedy("keep either total_… or read_… and write_…"),
            explains: [
                "total and read/write bytes_sec cannot be set at the same time",
                "total and read/write iops_sec cannot be set at the same time",
            ]),
        example: (
            "</disk>",
            "<iotune><total_iops_sec>200</total_iops_sec><read_iops_sec>100</read_iops_sec></iotune></disk>"
        ),
        faults: { domain in
            domain.definition.devices.disks.flatMap { disk in
                let tuning = disk.ioTuning
                let kinds: [(String, Field<UInt64>, Field<UInt64>, Field<UInt64>)] = [
                    ("bytes_sec", tuning.totalBytes, tuning.readBytes, tuning.writeBytes),
                    ("iops_sec", tuning.totalOperations, tuning.readOperations, tuning.writeOperations),
                    ("bytes_sec_max", tuning.totalBytesMaximum, tuning.readBytesMaximum, tuning.writeBytesMaximum),
                    (
                        "iops_sec_max", tuning.totalOperationsMaximum, tuning.readOperationsMaximum,
                        tuning.writeOperationsMaximum
                    ),
                ]
                // 0 is no limit.
                return kinds.filter { _, total, read, write in
                    (total.value ?? 0) > 0 && ((read.value ?? 0) > 0 || (write.value ?? 0) > 0)
                }.map { name, total, _, _ in
                    Fault("\(disk.label) has total_\(name) beside read_ or write_\(name)", at: total.position)
                }
            }
        })

    static let queuesAboveCPUs = Rule<DomainFacts>(
        RuleInfo(
            "KVD009", "disk-queues-above-vcpus", "disks have no more queues than the guest has CPUs", area: area,
            severity: .note,
            rationale: "Linux uses at most one queue of a virtio disk for each CPU; the others only take memory.",
            sources: [
                Citation("Linux drivers/block/virtio_blk.c: init_vq, min(nr_cpu_ids, num_vqs)", "6.1"), manual,
            ],
            remedy: Remedy("set queues to the number of virtual CPUs, or leave it out")),
        example: ("queues='4'/>", "queues='16'/>"),
        faults: { domain in
            domain.queuesAboveCPUs(domain.definition.qemuDisks.map { ($0.label, $0.driver.queues) })
        })

    static let queuesBus = Rule<DomainFacts>(
        RuleInfo(
            "KVD010", "disk-queues-not-virtio", "only virtio disks have queues", area: area, severity: .error,
            rationale: "libvirt refuses queues on a disk of another bus than virtio.",
            sources: [Citation("libvirt src/conf/domain_validate.c: virDomainDiskDefValidate", "9.0")],
            remedy: Remedy("take queues away; of SCSI disks it belongs to the controller's <driver>"),
            explains: ["queues attribute in disk driver element is only supported by virtio-blk"]),
        example: ("bus='virtio'/>", "bus='sata'/>"),
        faults: { domain in
            domain.definition.devices.disks.filter {
                ($0.driver.queues.value ?? 0) > 0 && $0.effectiveBus.map { $0 != .virtio } ?? false
            }.map {
                Fault("\($0.label) has queues on bus \($0.effectiveBus?.text ?? "")", at: $0.driver.queues.position)
            }
        })

    static let encryptionFormat = Rule<DomainFacts>(
        RuleInfo(
            "KVD011", "disk-encryption-format", "encrypted disks are raw or qcow2", area: area, severity: .error,
            rationale: "QEMU opens encryption in raw (LUKS) and qcow2 images only; libvirt refuses it elsewhere.",
            sources: [Citation("libvirt tests/qemuxmlconfdata/disk-encryption-wrong.err", "11")],
            remedy: Remedy("convert the image to qcow2 or LUKS"),
            explains: ["encryption is supported only with 'raw' and 'qcow2' image format"]),
        example: (
            "type='qcow2' cache='none' io='native' discard='unmap' queues='4'/>",
            "type='vmdk'/><encryption format='luks'/>"
        ),
        faults: { domain in
            domain.definition.qemuDisks.filter { disk in
                // Ceph decrypts by itself, whatever is in the image.
                guard disk.type != .network, let format = disk.driver.type.value?.known else { return false }
                return (disk.encryption.isPresent || disk.source.encryption.isPresent)
                    && ![.raw, .qcow2, .luks].contains(format)
            }.map {
                Fault("\($0.label) is encrypted and of format \($0.driver.type.text ?? "")", at: $0.driver.position)
            }
        })

    static let shareableFormat = Rule<DomainFacts>(
        RuleInfo(
            "KVD012", "disk-shareable-format", "disks that several guests write are raw", area: area, severity: .error,
            rationale: """
                A qcow2 image keeps its own map: two writers destroy it. libvirt refuses <shareable/> with any format but \
                raw.
                """,
            sources: [Citation("libvirt tests/qemuxmlconfdata/disk-shared-qcow.err", "11")],
            remedy: Remedy("convert the image to raw, or take <shareable/> away"),
            explains: ["shared access for disk 'hda' requires use of supported storage format"]),
        example: ("</disk>", "<shareable/></disk>"),
        faults: { domain in
            domain.definition.qemuDisks.filter { disk in
                disk.isShareable.value == true && !disk.isEffectivelyReadOnly
                    && disk.driver.type.value.map { $0 != .raw } ?? false
            }.map {
                Fault(
                    "\($0.label) is shareable and of format \($0.driver.type.text ?? "")", at: $0.isShareable.position)
            }
        })
}
