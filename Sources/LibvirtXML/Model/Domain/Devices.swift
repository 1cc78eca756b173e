extension Domain {
    /// `<devices>`.
    public struct Devices: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The hypervisor's program.
        public var emulator: Field<String> { child("emulator") }
        /// Disks and drives.
        public var disks: [Disk] { views("disk") }
        /// Controllers.
        public var controllers: [Controller] { views("controller") }
        /// Locks that are held.
        public var leases: [Lease] { views("lease") }
        /// Folders of the host.
        public var filesystems: [Filesystem] { views("filesystem") }
        /// Network devices.
        public var interfaces: [Interface] { views("interface") }
        /// Smart cards.
        public var smartcards: [CharacterDevice] { views("smartcard") }
        /// Serial ports.
        public var serials: [CharacterDevice] { views("serial") }
        /// Parallel ports.
        public var parallels: [CharacterDevice] { views("parallel") }
        /// Consoles.
        public var consoles: [CharacterDevice] { views("console") }
        /// Channels, such as the guest agent's.
        public var channels: [CharacterDevice] { views("channel") }
        /// Keyboards, mice and tablets.
        public var inputs: [Input] { views("input") }
        /// Trusted platform modules.
        public var tpms: [TPM] { views("tpm") }
        /// Displays, as they are reached from outside.
        public var graphics: [Graphics] { views("graphics") }
        /// Displays, as the guest sees them.
        public var videos: [Video] { views("video") }
        /// Sound cards.
        public var sounds: [Sound] { views("sound") }
        /// Where sound goes.
        public var audios: [Audio] { views("audio") }
        /// Devices of the host.
        public var hostDevices: [HostDevice] { views("hostdev") }
        /// USB devices of who looks on.
        public var redirections: [CharacterDevice] { views("redirdev") }
        /// USB hubs.
        public var hubs: [Hub] { views("hub") }
        /// Watchdogs.
        public var watchdogs: [Watchdog] { views("watchdog") }
        /// The balloon; a default of the hypervisor's where absent.
        public var memoryBalloon: MemoryBalloon { view("memballoon") }
        /// Sources of randomness.
        public var randomNumberGenerators: [RandomNumberGenerator] { views("rng") }
        /// How a panic is told.
        public var panics: [Panic] { views("panic") }
        /// Memory shared between domains.
        public var sharedMemories: [SharedMemory] { views("shmem") }
        /// Plugged memory.
        public var memories: [MemoryModule] { views("memory") }
        /// The guest's IOMMU.
        public var iommu: IOMMU { view("iommu") }
        /// The socket to the host.
        public var vsock: VSock { view("vsock") }
        /// Which USB devices may be redirected.
        public var redirectionFilter: RedirectionFilter { view("redirfilter") }
        /// Devices that encrypt.
        public var cryptos: [Crypto] { views("crypto") }
        /// Memory that a crash leaves its traces in.
        public var persistentStore: PersistentStore { view("pstore") }
        /// POWER's variables of the firmware.
        public var nvram: NVRAMDevice { view("nvram") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                emulator, disks, controllers, leases, filesystems, interfaces, smartcards, serials, parallels, consoles,
                channels, inputs, tpms, graphics, videos, sounds, audios, hostDevices, redirections, hubs, watchdogs,
                memoryBalloon, randomNumberGenerators, panics, sharedMemories, memories, iommu, vsock,
                redirectionFilter, cryptos, persistentStore, nvram, to: visit)
        }
    }

    /// `<controller>`.
    public struct Controller: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What is plugged into it.
        public enum Kind: String, LibvirtEnumeration {
            case pci, usb, scsi, sata, ide, fdc, ccid, isa, xenbus, nvme
            case virtioSerial = "virtio-serial"
        }

        /// What is plugged into it.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// Its number among those of its type.
        public var index: Field<Int> { attribute("index", .count) }
        /// Its model, such as `virtio-scsi`, `pcie-root-port`, `qemu-xhci`.
        public var model: Field<String> { attribute("model") }
        /// The number of ports, of USB and serial ports.
        public var ports: Field<Int> { attribute("ports", .count) }
        /// The number of interrupts, of serial ports.
        public var vectors: Field<Int> { attribute("vectors", .signed) }
        /// The first port of the controller that it accompanies, of USB.
        public var masterStartPort: Field<Int> { attribute("startport", of: "master", .count) }
        /// How the host handles it.
        public var driver: Driver { view("driver") }
        /// The device that QEMU makes, of PCI.
        public var modelName: Field<String> { attribute("name", of: "model") }
        /// Where it is in the tree of PCI.
        public var target: Target { view("target") }
        /// The memory above 4 GiB that PCI devices get, in bytes.
        public var pciHole64: Field<UInt64> { bytes("pcihole64", .kibibyte) }
        /// The most frames of grants, of Xen.
        public var maximumGrantFrames: Field<Int> { attribute("maxGrantFrames", .count) }
        /// The most event channels, of Xen.
        public var maximumEventChannels: Field<Int> { attribute("maxEventChannels", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, index, model, ports, vectors, masterStartPort, driver, modelName, target, pciHole64,
                maximumGrantFrames, maximumEventChannels, to: visit)
            visitDeviceParts(visit)
        }

        /// `<driver>`.
        public struct Driver: PlacedView, VirtioDriver {
            /// Where it stands.
            public let place: XMLPlace

            /// The number of queues.
            public var queues: Field<Int> { attribute("queues", .count) }
            /// The requests to a disk at a time.
            public var commandsPerLUN: Field<Int> { attribute("cmd_per_lun", .count) }
            /// The sectors of a request.
            public var maxSectors: Field<Int> { attribute("max_sectors", .count) }
            /// Whether the guest's requests are handled beside the virtual CPU.
            public var usesIOEventFD: Field<Bool> { attribute("ioeventfd", .onOff) }
            /// The I/O thread that handles it.
            public var ioThread: Field<Int> { attribute("iothread", .count) }

            /// The I/O threads that handle it (libvirt 11.3).
            public var ioThreads: [Disk.Driver.IOThreadMapping] { views("iothreads", "iothread") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(queues, commandsPerLUN, maxSectors, usesIOEventFD, ioThread, ioThreads, to: visit)
                visitVirtioParts(visit)
            }
        }

        /// `<target>`: where a PCI controller is in the tree.
        public struct Target: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The chassis of a bridge.
            public var chassisNumber: Field<Int> { attribute("chassisNr", .cInteger(0...255, digits: 1)) }
            /// The chassis of a port.
            public var chassis: Field<Int> { attribute("chassis", .cInteger(0...255, digits: 1)) }
            /// The port.
            public var port: Field<Int> { attribute("port", .cInteger(0...255, digits: 1)) }
            /// The bus, of an expander.
            public var busNumber: Field<Int> { attribute("busNr", .cInteger(0...255, digits: 1)) }
            /// The number, of POWER.
            public var index: Field<Int> { attribute("index", .cInteger(0...255, digits: 1)) }
            /// Whether devices can be plugged while the guest runs.
            public var isHotpluggable: Field<Bool> { attribute("hotplug", .onOff) }
            /// The guest's node.
            public var node: Field<Int> { child("node", .count) }
            /// The memory set aside behind a port for devices, in KiB.
            public var reservedMemory: Field<Int> { attribute("memReserve", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(chassisNumber, chassis, port, busNumber, index, isHotpluggable, node, reservedMemory, to: visit)
            }
        }
    }

    /// `<lease>`: a lock that is held while the domain runs.
    public struct Lease: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Whose lock.
        public var lockspace: Field<String> { child("lockspace") }
        /// What is locked.
        public var key: Field<String> { child("key") }
        /// The file.
        public var targetPath: Field<String> { attribute("path", of: "target") }
        /// Where in the file, in bytes.
        public var targetOffset: Field<UInt64> { attribute("offset", of: "target", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(lockspace, key, targetPath, targetOffset, to: visit)
        }
    }

    /// `<filesystem>`: a folder of the host.
    public struct Filesystem: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What is shown.
        public enum Kind: String, LibvirtEnumeration {
            case mount, file, block, template, ram, bind, volume
        }

        /// How users of the guest are those of the host.
        public enum AccessMode: String, LibvirtEnumeration {
            case passthrough, mapped, squash
        }

        /// What is shown; `mount` where absent.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// How users of the guest are those of the host.
        public var accessMode: Field<Open<AccessMode>> { attribute("accessmode") }
        /// The virtio model.
        public var model: Field<Open<Disk.Model>> { attribute("model") }
        /// What is done about several devices below the folder: `default`, `remap`, `forbid`, `warn`.
        public var multipleDevices: Field<String> { attribute("multidevs") }
        /// Who shares it: `path`, `handle`, `loop`, `nbd`, `ploop`, `virtiofs`, `mtp`.
        public var driverType: Field<String> { attribute("type", of: "driver") }
        /// The image's format.
        public var driverFormat: Field<String> { attribute("format", of: "driver") }
        /// The size of the queue.
        public var queue: Field<Int> { attribute("queue", of: "driver", .count) }
        /// The folder of the host.
        public var sourceDirectory: Field<String> { attribute("dir", of: "source") }
        /// The image of the host.
        public var sourceFile: Field<String> { attribute("file", of: "source") }
        /// The device of the host.
        public var sourceDevice: Field<String> { attribute("dev", of: "source") }
        /// The socket of a daemon that runs already.
        public var sourceSocket: Field<String> { attribute("socket", of: "source") }
        /// The template, or the volume's pool is beside it.
        public var sourceName: Field<String> { attribute("name", of: "source") }
        /// The folder of the guest, or a tag.
        public var target: Field<String> { attribute("dir", of: "target") }
        /// The daemon's program.
        public var binary: Field<String> { attribute("path", of: "binary") }
        /// Whether the guest cannot write.
        public var isReadOnly: Field<Bool> { presence("readonly") }

        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }
        /// What is done with what the guest writes: `immediate`.
        public var writePolicy: Field<String> { attribute("wrpolicy", of: "driver") }
        /// The mode of new folders, in octal digits, of access mode `mapped`.
        public var directoryMode: Field<Int> { attribute("dmode", .octal) }
        /// The mode of new files, in octal digits, of access mode `mapped`.
        public var fileMode: Field<Int> { attribute("fmode", .octal) }
        /// The size of memory, of type `ram`, in bytes.
        public var sourceSize: Field<UInt64> {
            Field(place, "source", .scaledAttribute("usage", unit: "units"), .bytes(.kibibyte))
        }
        /// Whether the daemon keeps extended attributes.
        public var keepsExtendedAttributes: Field<Bool> { attribute("xattr", of: "binary", .onOff) }
        /// How the daemon caches: `none`, `always`.
        public var cacheMode: Field<String> { Field(place.child("binary"), "cache", .attribute("mode"), .string) }
        /// How the daemon is shut in: `namespace`, `chroot`.
        public var sandbox: Field<String> { Field(place.child("binary"), "sandbox", .attribute("mode"), .string) }
        /// The number of the daemon's threads.
        public var threadPoolSize: Field<Int> {
            Field(place.child("binary"), "thread_pool", .attribute("size"), .count)
        }
        /// The most files that the daemon opens.
        public var maximumOpenFiles: Field<Int> { Field(place.child("binary"), "openfiles", .attribute("max"), .count) }
        /// Users of the guest as the host has them.
        public var userMappings: [IDMapping] { views("idmap", "uid") }
        /// Groups of the guest as the host has them.
        public var groupMappings: [IDMapping] { views("idmap", "gid") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, accessMode, model, multipleDevices, driverType, driverFormat, queue, sourceDirectory, sourceFile,
                sourceDevice, sourceSocket, sourceName, target, binary, isReadOnly, virtioDriver, writePolicy,
                directoryMode, fileMode, sourceSize, keepsExtendedAttributes, cacheMode, sandbox, threadPoolSize,
                maximumOpenFiles, userMappings, groupMappings, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<input>`.
    public struct Input: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What it is.
        public enum Kind: String, LibvirtEnumeration {
            case tablet, mouse, keyboard, passthrough, evdev
        }

        /// What it is on.
        public enum Bus: String, LibvirtEnumeration {
            case ps2, usb, xen, parallels, virtio
            case nothing = "none"
        }

        /// What it is.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// What it is on.
        public var bus: Field<Open<Bus>> { attribute("bus") }
        /// The virtio model.
        public var model: Field<Open<Disk.Model>> { attribute("model") }
        /// The host's device, of type `passthrough`.
        public var sourceEventDevice: Field<String> { attribute("evdev", of: "source") }
        /// The host's device, of type `evdev`.
        public var sourceDevice: Field<String> { attribute("dev", of: "source") }

        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }
        /// Whether all devices are taken with it: `all`.
        public var grab: Field<String> { attribute("grab", of: "source") }
        /// The keys that give it back to the host, such as `ctrl-ctrl`.
        public var grabToggle: Field<String> { attribute("grabToggle", of: "source") }
        /// Whether keys that are held repeat.
        public var repeats: Field<Bool> { attribute("repeat", of: "source", .onOff) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, bus, model, sourceEventDevice, sourceDevice, virtioDriver, grab, grabToggle, repeats, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<hub>`.
    public struct Hub: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What it is: `usb`.
        public var type: Field<String> { attribute("type") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<tpm>`.
    public struct TPM: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest sees.
        public enum Model: String, LibvirtEnumeration {
            case tis = "tpm-tis"
            case crb = "tpm-crb"
            case spapr = "tpm-spapr"
            case spaprProxy = "spapr-tpm-proxy"
        }

        /// What is behind it.
        public enum Backend: String, LibvirtEnumeration {
            case passthrough, emulator, external
        }

        /// What the guest sees.
        public var model: Field<Open<Model>> { attribute("model") }
        /// What is behind it.
        public var backend: Field<Open<Backend>> { attribute("type", of: "backend") }
        /// The version: `1.2`, `2.0`.
        public var version: Field<String> { attribute("version", of: "backend") }
        /// Whether the state of a transient domain is kept.
        public var keepsState: Field<Bool> { attribute("persistent_state", of: "backend", .yesNo) }
        /// The host's device.
        public var devicePath: Field<String> {
            Field(place.child("backend"), "device", .attribute("path"), .string)
        }
        /// The secret that encrypts the state.
        public var encryptionSecret: Field<UUIDValue> {
            Field(place.child("backend"), "encryption", .attribute("secret"), .uuid)
        }
        /// Where the state is kept (libvirt 10.10).
        public var statePath: Field<String> {
            Field(place.child("backend"), "source", .attribute("path"), .string)
        }
        /// The profile of its state, such as `default-v2` (libvirt 10.10).
        public var profileName: Field<String> { Field(place.child("backend"), "profile", .attribute("name"), .string) }
        /// What the profile was made from.
        public var profileSource: Field<String> {
            Field(place.child("backend"), "profile", .attribute("source"), .string)
        }
        /// What is taken away where it is not to be had: `check`, `fips-host`.
        public var removedFromProfile: Field<String> {
            Field(place.child("backend"), "profile", .attribute("removeDisabled"), .string)
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                model, backend, version, keepsState, devicePath, encryptionSecret, statePath, profileName,
                profileSource, removedFromProfile, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<sound>`.
    public struct Sound: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// The card, such as `ich9`.
        public var model: Field<String> { attribute("model") }
        /// The number of the audio backend.
        public var audioID: Field<Int> { attribute("id", of: "audio", .count) }
        /// Whether there are more than two channels, of USB.
        public var isMultichannel: Field<Bool> { attribute("multichannel", .yesNo) }
        /// What an HDA card talks to.
        public var codecs: [SoundCodec] { views("codec") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, audioID, isMultichannel, codecs, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<watchdog>`.
    public struct Watchdog: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest sees.
        public enum Model: String, LibvirtEnumeration {
            case i6300esb, ib700, diag288, itco
        }

        /// What is done when the guest is silent.
        public enum Action: String, LibvirtEnumeration {
            case reset, shutdown, poweroff, pause, dump
            case injectNMI = "inject-nmi"
            case nothing = "none"
        }

        /// What the guest sees.
        public var model: Field<Open<Model>> { attribute("model") }
        /// What is done when the guest is silent; `reset` where absent.
        public var action: Field<Open<Action>> { attribute("action") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, action, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<memballoon>`.
    public struct MemoryBalloon: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest sees; `nothing` is libvirt's `none`.
        public enum Model: String, LibvirtEnumeration {
            case virtio, xen
            case virtioTransitional = "virtio-transitional"
            case virtioNonTransitional = "virtio-non-transitional"
            case nothing = "none"
        }

        /// What the guest sees.
        public var model: Field<Open<Model>> { attribute("model") }
        /// Whether the guest gets memory back before it kills processes.
        public var deflatesOnOOM: Field<Bool> { attribute("autodeflate", .onOff) }
        /// Whether free pages go back to the host.
        public var reportsFreePages: Field<Bool> { attribute("freePageReporting", .onOff) }
        /// Every how many seconds the guest tells its use of memory.
        public var statisticsPeriod: Field<Int> { attribute("period", of: "stats", .count) }

        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, deflatesOnOOM, reportsFreePages, statisticsPeriod, virtioDriver, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<rng>`: a source of randomness.
    public struct RandomNumberGenerator: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// Where randomness comes from.
        public enum Backend: String, LibvirtEnumeration {
            case random, egd, builtin
        }

        /// What the guest sees.
        public var model: Field<Open<Disk.Model>> { attribute("model") }
        /// Where randomness comes from.
        public var backend: Field<Open<Backend>> { attribute("model", of: "backend") }
        /// The device, of backend `random`, such as `/dev/urandom`.
        public var backendDevice: Field<String> {
            Field(place, "backend", .textIfAny, .string)
        }
        /// The bytes of a period.
        public var rateBytes: Field<Int> { attribute("bytes", of: "rate", .count) }
        /// The period in milliseconds.
        public var ratePeriod: Field<Int> { attribute("period", of: "rate", .count) }

        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }
        /// What stands behind backend `egd`, as of a character device.
        public var backendType: Field<Open<CharacterDevice.Kind>> { attribute("type", of: "backend") }
        /// The other end, of backend `egd`.
        public var backendSources: [CharacterDevice.Source] { views("backend", "source") }
        /// What is spoken, of backend `egd`.
        public var backendTransport: Field<String> {
            Field(place.child("backend"), "protocol", .attribute("type"), .string)
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                model, backend, backendDevice, rateBytes, ratePeriod, virtioDriver, backendType, backendSources,
                backendTransport, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<panic>`: how a panic is told.
    public struct Panic: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// How it is told.
        public enum Model: String, LibvirtEnumeration {
            case isa, pseries, hyperv, s390, pvpanic
        }

        /// How it is told.
        public var model: Field<Open<Model>> { attribute("model") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<shmem>`: memory shared between domains.
    public struct SharedMemory: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// Its name on the host.
        public var name: Field<String> { attribute("name") }
        /// Whether it moves with the domain: `master`, `peer`.
        public var role: Field<String> { attribute("role") }
        /// The device: `ivshmem`, `ivshmem-plain`, `ivshmem-doorbell`.
        public var model: Field<String> { attribute("type", of: "model") }
        /// Its size, in bytes.
        public var size: Field<UInt64> { bytes("size", .mebibyte) }
        /// The server's socket.
        public var serverPath: Field<String> { attribute("path", of: "server") }
        /// Whether the server interrupts the guest by messages (MSI).
        public var usesMSI: Field<Bool> { presence("msi") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, role, model, size, serverPath, usesMSI, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<memory>` among the devices: plugged memory.
    public struct MemoryModule: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest sees.
        public enum Model: String, LibvirtEnumeration {
            case dimm, nvdimm
            case virtioPMEM = "virtio-pmem"
            case virtioMEM = "virtio-mem"
            case sgxEPC = "sgx-epc"
        }

        /// What the guest sees.
        public var model: Field<Open<Model>> { attribute("model") }
        /// Who else may see it.
        public var access: Field<Open<MemoryBacking.Access>> { attribute("access") }
        /// Whether its contents are thrown away at the end.
        public var isDiscarded: Field<Bool> { attribute("discard", .yesNo) }
        /// The size, in bytes.
        public var size: Field<UInt64> {
            Field(place.child("target"), "size", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// How much the guest is to use, in bytes.
        public var requested: Field<UInt64> {
            Field(place.child("target"), "requested", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// The size of a block, in bytes.
        public var blockSize: Field<UInt64> {
            Field(place.child("target"), "block", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// The guest's node.
        public var node: Field<Int> {
            Field(place.child("target"), "node", .text, .count)
        }
        /// Where it is in the guest's memory.
        public var targetAddress: Field<UInt64> {
            Field(place.child("target"), "address", .attribute("base"), .cLarge)
        }
        /// The file.
        public var sourcePath: Field<String> {
            Field(place.child("source"), "path", .text, .string)
        }
        /// The host's nodes.
        public var sourceNodes: Field<CPUSet> {
            Field(place.child("source"), "nodemask", .text, .cpuSet)
        }
        /// The size of a page, in bytes.
        public var pageSize: Field<UInt64> {
            Field(place.child("source"), "pagesize", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// The UUID, of NVDIMM on POWER.
        public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
        /// The size of the label, in bytes, of NVDIMM.
        public var labelSize: Field<UInt64> {
            Field(place.child("target").child("label"), "size", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// Whether the guest cannot write, of NVDIMM.
        public var isReadOnly: Field<Bool> { Field(place.child("target"), "readonly", .presence, .presence) }
        /// Whether the host keeps it over a loss of power.
        public var isPersistentMemory: Field<Bool> { Field(place.child("source"), "pmem", .presence, .presence) }
        /// What its place is a multiple of, in bytes.
        public var alignment: Field<UInt64> {
            Field(place.child("source"), "alignsize", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// Whether slots of memory are made as they are needed, of virtio-mem (libvirt 10.1).
        public var hasDynamicSlots: Field<Bool> { attribute("dynamicMemslots", of: "target", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                model, access, isDiscarded, size, requested, blockSize, node, targetAddress, sourcePath, sourceNodes,
                pageSize, uuid, labelSize, isReadOnly, isPersistentMemory, alignment, hasDynamicSlots, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<iommu>`: the guest's IOMMU.
    public struct IOMMU: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// Which one.
        public enum Model: String, LibvirtEnumeration {
            case intel, smmuv3, virtio, amd
        }

        /// Which one.
        public var model: Field<Open<Model>> { attribute("model") }
        /// Whether interrupts are remapped.
        public var remapsInterrupts: Field<Bool> { attribute("intremap", of: "driver", .onOff) }
        /// Whether the host is told of each mapping, which passed-through devices need.
        public var cachingMode: Field<Bool> { attribute("caching_mode", of: "driver", .onOff) }
        /// Whether interrupts go to more than 255 CPUs.
        public var extendedInterrupts: Field<Bool> { attribute("eim", of: "driver", .onOff) }
        /// Whether vhost may cache translations.
        public var iotlb: Field<Bool> { attribute("iotlb", of: "driver", .onOff) }
        /// The bits of an address.
        public var addressBits: Field<Int> { attribute("aw_bits", of: "driver", .integer(0...255)) }
        /// Whether devices of the guest go through it.
        public var translatesDMA: Field<Bool> { attribute("dma_translation", of: "driver", .onOff) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, remapsInterrupts, cachingMode, extendedInterrupts, iotlb, addressBits, translatesDMA, to: visit)
            visitDeviceParts(visit)
        }
    }

    /// `<vsock>`: the socket to the host.
    public struct VSock: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest sees.
        public var model: Field<Open<Disk.Model>> { attribute("model") }
        /// Whether libvirt chooses the number.
        public var isAutomatic: Field<Bool> { attribute("auto", of: "cid", .yesNo) }
        /// The guest's number.
        public var cid: Field<Int> { attribute("address", of: "cid", .count) }

        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, isAutomatic, cid, virtioDriver, to: visit)
            visitDeviceParts(visit)
        }
    }
}
