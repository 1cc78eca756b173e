/// `<domain>`: a virtual machine.
///
/// Source of names and values, here and below: libvirt's formatdomain.rst and domaincommon.rng (9.0, and later additions
/// where said).
public struct Domain: PlacedView, DocumentView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The domain that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "domain") }

    /// The domain that an element holds, as in a snapshot; nil where it is something else.
    public init?(_ element: XMLElement) {
        guard element.isNamed("domain") || element.isNamed("inactiveDomain") else { return nil }
        self.init(place: XMLPlace(element))
    }

    /// The hypervisor.
    public enum VirtualizationType: String, LibvirtEnumeration {
        case qemu, kqemu, kvm, xen, lxc, uml, openvz, test, vmware, hyperv, vbox, phyp, vz, bhyve, hvf, xenparavirt
    }

    /// What happens when the guest ends.
    public enum LifecycleAction: String, LibvirtEnumeration {
        case destroy, restart, preserve
        case renameRestart = "rename-restart"
        case coredumpDestroy = "coredump-destroy"
        case coredumpRestart = "coredump-restart"
    }

    /// What happens when the lock of a resource is lost.
    public enum LockFailureAction: String, LibvirtEnumeration {
        case poweroff, restart, pause, ignore
    }

    // MARK: Who it is

    /// The hypervisor.
    public var type: Field<Open<VirtualizationType>> { attribute("type") }
    /// The number of the running domain; -1 or absent where it does not run.
    public var id: Field<Int> { attribute("id", .signed) }
    /// The name, unique on its host.
    public var name: Field<String> { child("name") }
    /// The UUID.
    public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
    /// The UUID that the guest's hardware shows, where it is another.
    public var hardwareUUID: Field<UUIDValue> { child("hwuuid", .uuid) }
    /// The generation identifier that the guest sees.
    public var generationID: Field<String> { child("genid") }
    /// A title, one line.
    public var title: Field<String> { child("title") }
    /// A description.
    public var summary: Field<String> { child("description") }
    /// What management tools keep in it.
    public var metadata: Metadata { view("metadata") }

    // MARK: What it has

    /// The most memory it can grow to by plugging, with its number of slots.
    public var maxMemory: MaxMemory { view("maxMemory") }
    /// The memory it starts with, in bytes.
    public var memory: Field<UInt64> { bytes("memory", .kibibyte) }
    /// Whether the memory is in the core dump.
    public var dumpsCore: Field<Bool> { attribute("dumpCore", of: "memory", .onOff) }
    /// The memory it has now, which ballooning can make less, in bytes.
    public var currentMemory: Field<UInt64> { bytes("currentMemory", .kibibyte) }
    /// Limits of memory on the host.
    public var memoryTuning: MemoryTuning { view("memtune") }
    /// What its memory is made of.
    public var memoryBacking: MemoryBacking { view("memoryBacking") }
    /// From which nodes its memory comes.
    public var numaTuning: NUMATuning { view("numatune") }
    /// Weights and limits of disk traffic.
    public var blockIOTuning: BlockIOTuning { view("blkiotune") }
    /// The number of virtual CPUs.
    public var vcpu: VCPU { view("vcpu") }
    /// Each virtual CPU.
    public var vcpus: [VCPUState] { views("vcpus", "vcpu") }
    /// The number of I/O threads.
    public var ioThreads: Field<Int> { child("iothreads", .count) }
    /// Each I/O thread.
    public var ioThreadIDs: [IOThread] { views("iothreadids", "iothread") }
    /// The thread pool of the main loop.
    public var defaultIOThread: IOThreadPool { view("defaultiothread") }
    /// Where its threads run, and how much.
    public var cpuTuning: CPUTuning { view("cputune") }
    /// The control group it is in, such as `/machine`.
    public var resourcePartition: Field<String> {
        Field(place.child("resource"), "partition", .text, .string)
    }
    /// What the firmware tells the guest of its hardware.
    public var systemInformation: [SystemInformation] { views("sysinfo") }
    /// The boot loader of a paravirtual Xen guest.
    public var bootloader: Field<String> { child("bootloader") }
    /// What it boots, and by what firmware.
    public var os: OperatingSystem { view("os") }
    /// What the machine can do.
    public var features: Features { view("features") }
    /// The CPU that the guest sees.
    public var cpu: CPU { view("cpu") }
    /// How time passes.
    public var clock: Clock { view("clock") }
    /// When the guest powers off.
    public var onPoweroff: Field<Open<LifecycleAction>> { child("on_poweroff") }
    /// When the guest reboots.
    public var onReboot: Field<Open<LifecycleAction>> { child("on_reboot") }
    /// When the guest crashes.
    public var onCrash: Field<Open<LifecycleAction>> { child("on_crash") }
    /// When a lock is lost.
    public var onLockFailure: Field<Open<LockFailureAction>> { child("on_lockfailure") }
    /// Whether the guest may suspend to memory.
    public var suspendsToMemory: Field<Bool> {
        Field(place.child("pm").child("suspend-to-mem"), .attribute("enabled"), .yesNo)
    }
    /// Whether the guest may suspend to disk.
    public var suspendsToDisk: Field<Bool> {
        Field(place.child("pm").child("suspend-to-disk"), .attribute("enabled"), .yesNo)
    }
    /// Performance counters.
    public var perfEvents: [PerfEvent] { views("perf", "event") }
    /// Its devices.
    public var devices: Devices { view("devices") }
    /// Labels of security drivers.
    public var securityLabels: [SecurityLabel] { views("seclabel") }
    /// Confidential computing.
    public var launchSecurity: LaunchSecurity { view("launchSecurity") }
    /// Arguments passed to QEMU past libvirt.
    public var qemuCommandLine: QEMUCommandLine { view("commandline", in: .qemu) }
    /// Users of a container as the host has them.
    public var userMappings: [IDMapping] { views("idmap", "uid") }
    /// Groups of a container as the host has them.
    public var groupMappings: [IDMapping] { views("idmap", "gid") }
    /// Keys that only the guest can use.
    public var keyWrapCiphers: [KeyWrapCipher] { views("keywrap", "cipher") }
    /// What the boot loader of a paravirtual Xen guest is given.
    public var bootloaderArguments: Field<String> { child("bootloader_args") }
    /// What Fibre Channel switches know it by.
    public var fibreChannelAppID: Field<String> {
        Field(place.child("resource"), "fibrechannel", .attribute("appid"), .string)
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            type, id, name, uuid, hardwareUUID, generationID, title, summary, metadata, maxMemory, memory, dumpsCore,
            currentMemory, memoryTuning, memoryBacking, numaTuning, blockIOTuning, vcpu, vcpus, ioThreads, ioThreadIDs,
            defaultIOThread, cpuTuning, resourcePartition, systemInformation, bootloader, os, features, cpu, clock,
            onPoweroff, onReboot, onCrash, onLockFailure, suspendsToMemory, suspendsToDisk, perfEvents, devices,
            securityLabels, launchSecurity, qemuCommandLine, userMappings, groupMappings, keyWrapCiphers,
            bootloaderArguments, fibreChannelAppID, to: visit)
    }
}

extension Domain {
    /// `<maxMemory>`: what memory can be plugged up to.
    public struct MaxMemory: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The most memory, in bytes.
        public var size: Field<UInt64> { ownBytes(.kibibyte) }
        /// The number of slots for plugged memory.
        public var slots: Field<Int> { attribute("slots", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(size, slots, to: visit)
        }
    }

    /// `<vcpu>`: the number of virtual CPUs.
    public struct VCPU: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Who chooses the host CPUs.
        public enum Placement: String, LibvirtEnumeration {
            case `static`, auto
        }

        /// The most virtual CPUs.
        public var count: Field<Int> { own(.integer(1...Int(UInt16.max))) }
        /// How many are there at the start, where fewer.
        public var current: Field<Int> { attribute("current", .integer(1...Int(UInt16.max))) }
        /// Who chooses the host CPUs.
        public var placement: Field<Open<Placement>> { attribute("placement") }
        /// The host CPUs that threads without a pinning of their own may use.
        public var cpuSet: Field<CPUSet> { attribute("cpuset", .cpuSet) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(count, current, placement, cpuSet, to: visit)
        }
    }

    /// `<vcpus><vcpu>`: one virtual CPU.
    public struct VCPUState: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// Whether the guest has it.
        public var isEnabled: Field<Bool> { attribute("enabled", .yesNo) }
        /// Whether it can be taken away.
        public var isHotpluggable: Field<Bool> { attribute("hotpluggable", .yesNo) }
        /// Its place in the order of adding.
        public var order: Field<Int> { attribute("order", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, isEnabled, isHotpluggable, order, to: visit)
        }
    }

    /// `<iothreadids><iothread>`: a thread for disk traffic.
    public struct IOThread: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// The fewest worker threads.
        public var threadPoolMinimum: Field<Int> { attribute("thread_pool_min", .count) }
        /// The most worker threads.
        public var threadPoolMaximum: Field<Int> { attribute("thread_pool_max", .count) }
        /// Polling before sleeping.
        public var poll: IOThreadPolling { view("poll") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, threadPoolMinimum, threadPoolMaximum, poll, to: visit)
        }
    }

    /// `<poll>` of an I/O thread (libvirt 9.4), in nanoseconds.
    public struct IOThreadPolling: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The longest polling.
        public var maximum: Field<UInt64> { attribute("max", .large) }
        /// How fast it grows.
        public var grow: Field<UInt64> { attribute("grow", .large) }
        /// How fast it shrinks.
        public var shrink: Field<UInt64> { attribute("shrink", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(maximum, grow, shrink, to: visit)
        }
    }

    /// `<defaultiothread>`: the worker threads of the main loop.
    public struct IOThreadPool: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The fewest worker threads.
        public var threadPoolMinimum: Field<Int> { attribute("thread_pool_min", .count) }
        /// The most worker threads.
        public var threadPoolMaximum: Field<Int> { attribute("thread_pool_max", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(threadPoolMinimum, threadPoolMaximum, to: visit)
        }
    }

    /// `<perf><event>`: a performance counter.
    public struct PerfEvent: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its name, such as `cache_misses`.
        public var name: Field<String> { attribute("name") }
        /// Whether it is counted.
        public var isEnabled: Field<Bool> { attribute("enabled", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, isEnabled, to: visit)
        }
    }

    /// `<metadata>`: what management tools keep; any element of a namespace of its own.
    public struct Metadata: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The operating system in libosinfo's words: `http://debian.org/debian/12`.
        public var osID: Field<String> {
            let osinfo = element?.elements.first { $0.namespaceURI == Self.osinfo } ?? nil
            let root = osinfo.map { XMLPlace($0) } ?? place.child("libosinfo:libosinfo")
            let prefix = osinfo?.prefix.map { $0 + ":" } ?? (osinfo == nil ? "libosinfo:" : "")
            return Field(root.child(prefix + "os"), .attribute("id"), .string)
        }

        /// The namespaces of what is kept, such as OpenStack's `http://openstack.org/xmlns/libvirt/nova/1.1`.
        public var namespaces: [String] { element?.elements.compactMap(\.namespaceURI) ?? [] }

        private static let osinfo = "http://libosinfo.org/xmlns/libvirt/domain/1.0"

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(osID, to: visit)
        }
    }

    /// `<qemu:commandline>`: arguments that libvirt passes to QEMU unseen.
    public struct QEMUCommandLine: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The arguments.
        public var arguments: [Argument] { views("arg", in: .qemu) }
        /// The environment.
        public var environment: [EnvironmentVariable] { views("env", in: .qemu) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(arguments, environment, to: visit)
        }

        /// `<qemu:arg>`.
        public struct Argument: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The argument.
            public var value: Field<String> { attribute("value") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(value, to: visit)
            }
        }

        /// `<qemu:env>`.
        public struct EnvironmentVariable: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The name.
            public var name: Field<String> { attribute("name") }
            /// The value.
            public var value: Field<String> { attribute("value") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, value, to: visit)
            }
        }
    }

    /// `<seclabel>`: how a security driver labels the domain, or one of its disks.
    public struct SecurityLabel: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Who makes the label.
        public enum LabelType: String, LibvirtEnumeration {
            case `static`, dynamic
            case nothing = "none"
        }

        /// Who makes the label.
        public var type: Field<Open<LabelType>> { attribute("type") }
        /// The driver: `selinux`, `apparmor`, `dac`.
        public var model: Field<String> { attribute("model") }
        /// Whether files are labelled.
        public var relabels: Field<Bool> { attribute("relabel", .yesNo) }
        /// The label of the process.
        public var label: Field<String> { child("label") }
        /// What a dynamic label starts from.
        public var baseLabel: Field<String> { child("baselabel") }
        /// The label of files.
        public var imageLabel: Field<String> { child("imagelabel") }
        /// Whether it was left out of labelling; written by libvirt.
        public var isSkipped: Field<Bool> { attribute("labelskip", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, model, relabels, label, baseLabel, imageLabel, isSkipped, to: visit)
        }
    }

    /// `<launchSecurity>`: memory that the host cannot read.
    public struct LaunchSecurity: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The technique.
        public enum Technique: String, LibvirtEnumeration {
            case sev
            case sevSNP = "sev-snp"
            case s390PV = "s390-pv"
            case tdx
        }

        /// The technique.
        public var type: Field<Open<Technique>> { attribute("type") }
        /// Whether the kernel is measured too.
        public var measuresKernel: Field<Bool> { attribute("kernelHashes", .yesNo) }
        /// The bit of an address that means encrypted.
        public var cBitPosition: Field<Int> { child("cbitpos", .count) }
        /// By how much physical addresses are shorter.
        public var reducedPhysicalBits: Field<Int> { child("reducedPhysBits", .count) }
        /// What the guest demands, as bits.
        public var policy: Field<UInt64> { child("policy", .cLarge) }
        /// The guest owner's Diffie-Hellman key, in Base64, of SEV.
        public var diffieHellmanCertificate: Field<String> { child("dhCert") }
        /// The guest owner's session, in Base64, of SEV.
        public var session: Field<String> { child("session") }
        /// Whether the author signed the key of the identity, of SEV-SNP (libvirt 10.5).
        public var hasAuthorKey: Field<Bool> { attribute("authorKey", .yesNo) }
        /// Whether the chip signs with the key of its version, of SEV-SNP.
        public var usesVCEK: Field<Bool> { attribute("vcek", .yesNo) }
        /// What works around faults of the guest, in Base64, of SEV-SNP.
        public var guestVisibleWorkarounds: Field<String> { child("guestVisibleWorkarounds") }
        /// The identity that is measured, in Base64, of SEV-SNP.
        public var idBlock: Field<String> { child("idBlock") }
        /// What proves the identity, in Base64, of SEV-SNP.
        public var idAuthentication: Field<String> { child("idAuth") }
        /// What the host tells the guest, in Base64, of SEV-SNP.
        public var hostData: Field<String> { child("hostData") }
        /// What says how the guest was set up, in Base64, of TDX (libvirt 11.6).
        public var mrConfigID: Field<String> { child("mrConfigId") }
        /// What says whose the guest is, in Base64, of TDX.
        public var mrOwner: Field<String> { child("mrOwner") }
        /// What says how its owner set it up, in Base64, of TDX.
        public var mrOwnerConfig: Field<String> { child("mrOwnerConfig") }
        /// The socket of the service that signs quotes, of TDX.
        public var quoteGenerationSocket: Field<String> { attribute("path", of: "quoteGenerationService") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, measuresKernel, cBitPosition, reducedPhysicalBits, policy, diffieHellmanCertificate, session,
                hasAuthorKey, usesVCEK, guestVisibleWorkarounds, idBlock, idAuthentication, hostData, mrConfigID,
                mrOwner, mrOwnerConfig, quoteGenerationSocket, to: visit)
        }
    }

    /// `<sysinfo>`: what SMBIOS or the firmware configuration device tells the guest.
    public struct SystemInformation: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which device tells it.
        public enum Kind: String, LibvirtEnumeration {
            case smbios, fwcfg
        }

        /// Which device tells it.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// Of the BIOS.
        public var bios: [Entry] { views("bios", "entry") }
        /// Of the system: `manufacturer`, `product`, `serial`, `uuid` …
        public var system: [Entry] { views("system", "entry") }
        /// Of the base board.
        public var baseBoard: [Entry] { views("baseBoard", "entry") }
        /// Of the chassis.
        public var chassis: [Entry] { views("chassis", "entry") }
        /// Free strings.
        public var oemStrings: [Entry] { views("oemStrings", "entry") }
        /// Of the firmware configuration device.
        public var entries: [Entry] { views("entry") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, bios, system, baseBoard, chassis, oemStrings, entries, to: visit)
        }

        /// `<entry>`: a name and a value.
        public struct Entry: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The name.
            public var name: Field<String> { attribute("name") }
            /// The file that holds the value.
            public var file: Field<String> { attribute("file") }
            /// The value.
            public var value: Field<String> { ownText }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, file, value, to: visit)
            }
        }
    }
}
