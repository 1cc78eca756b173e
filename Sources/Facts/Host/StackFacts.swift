public import Evidence

/// The software above KVM: QEMU, libvirt, firmware images, services, security modules.
public struct StackFacts: Sendable {
    /// The QEMU system emulators for the host's own architecture, in the order in which libvirt looks for them.
    public var emulators: Observation<[String]> = .notProbed
    /// QEMU system emulators of other architectures; looked for only where there is none for the host's own.
    public var foreignEmulators: Observation<[String]> = .notProbed
    /// The version in the read-only data of the first emulator; the program is not run.
    public var qemuVersion: Observation<SoftwareVersion> = .notProbed
    /// Where `qemu-img` is.
    public var imageTool: Observation<String> = .notProbed

    /// The program that makes taps for users' own guests.
    public var bridgeHelper: Observation<FileMetadata> = .notProbed
    /// The file that says which bridges it may use.
    public var bridgeAllowances: Observation<FileMetadata> = .notProbed

    /// Where the monolithic daemon `libvirtd` is.
    public var monolithicDaemon: Observation<String> = .notProbed
    /// Where the modular daemon of the QEMU driver, `virtqemud`, is.
    public var modularDaemon: Observation<String> = .notProbed
    /// The sockets of libvirt's daemons, by their names in `/run/libvirt`; those that are not there are left out.
    public var libvirtSockets: Observation<[String: DaemonSocket]> = .notProbed
    /// The version of libvirt, from the name of the file behind `libvirt.so.0`: `libvirt.so.0.9000.0` is 9.0.0. The
    /// library is not loaded: that takes as long as all the rest of kvmcheck.
    public var libvirtVersion: Observation<SoftwareVersion> = .notProbed
    /// The `stdio_handler` of qemu.conf; absent where it is not set, which means `logd`.
    public var standardOutputHandler: Observation<String> = .notProbed
    /// The `security_driver` of qemu.conf, where it is one name; absent where it is not set or is a list.
    public var securityDriver: Observation<String> = .notProbed
    /// What the configuration of the daemon, `libvirtd.conf` or `virtqemud.conf`, says about its log; absent where there
    /// is no such file.
    public var daemonLog: Observation<DaemonLog> = .notProbed
    /// Where the daemon that holds the guests' logs, `virtlogd`, is.
    public var logDaemon: Observation<String> = .notProbed
    /// The names of the networks defined in `/etc/libvirt/qemu/networks`.
    public var definedNetworks: Observation<[String]> = .notProbed
    /// What libvirt-guests does with guests when the host stops and starts.
    public var guestsPolicy: Observation<GuestsPolicy> = .notProbed

    /// Where `dnsmasq` is.
    public var dnsmasq: Observation<String> = .notProbed
    /// Where the TPM emulator `swtpm` is.
    public var swtpm: Observation<String> = .notProbed
    /// Where the program that makes a TPM's first state, `swtpm_setup`, is.
    public var swtpmSetup: Observation<String> = .notProbed
    /// Where `virtiofsd` is.
    public var virtiofsd: Observation<String> = .notProbed
    /// The UEFI firmware images that descriptors of QEMU's firmware interface name.
    public var firmware: Observation<[Firmware]> = .notProbed

    /// Services and sockets that the boot starts, by unit name; of OpenRC services too, as `NAME.service`.
    public var unitsAtBoot: Observation<Set<String>> = .notProbed
    /// Services that run, by unit name; absent where systemd does not run the host.
    public var activeUnits: Observation<Set<String>> = .notProbed
    /// The firewalls that the boot starts: `firewalld`, `nftables`, and `ufw` where it is switched on.
    public var firewallsAtBoot: Observation<[String]> = .notProbed
    /// Whether SELinux enforces; absent where the kernel does not have it switched on.
    public var selinuxEnforces: Observation<Bool> = .notProbed
    /// Whether AppArmor is switched on; absent where the kernel does not have it.
    public var appArmorEnabled: Observation<Bool> = .notProbed

    /// Kernels with modules and an image on this host, by release.
    public var installedKernels: Observation<[String]> = .notProbed
    /// Whether the modules of the running kernel are on this host; absent where the running kernel has loaded none, as
    /// one that the outside of a VM provides.
    public var runningKernelHasModules: Observation<Bool> = .notProbed
    /// Packages that ask for a reboot (`/run/reboot-required`), as far as they are named; absent where none does.
    public var rebootRequired: Observation<[String]> = .notProbed
    /// Modules that the boot loads by `/etc/modules` and `/etc/modules-load.d`, and the file that names each.
    public var modulesLoadedAtBoot: Observation<[String: String]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// A Unix socket of a daemon.
public struct DaemonSocket: Sendable {
    /// Where it is.
    public var path: String
    /// Who may use it.
    public var metadata: FileMetadata
    /// Whether something listens on it.
    public var isListening: Observation<Bool>

    /// Makes a socket; see the properties.
    public init(path: String, metadata: FileMetadata, isListening: Observation<Bool>) {
        self.path = path
        self.metadata = metadata
        self.isListening = isListening
    }
}

/// The settings of a daemon's log; nil where the file does not set them.
public struct DaemonLog: Sendable, Hashable {
    /// 1 is debug, 4 only errors; deprecated since libvirt 4.4.
    public var level: Int?
    /// What is logged from which level on: `1:qemu 3:util`.
    public var filters: String?

    /// Makes the settings; see the properties.
    public init(level: Int? = nil, filters: String? = nil) {
        self.level = level
        self.filters = filters
    }
}

/// The settings of libvirt-guests; nil where the file does not set them.
public struct GuestsPolicy: Sendable, Hashable {
    /// `start` or `ignore`.
    public var onBoot: String?
    /// `suspend` or `shutdown`.
    public var onShutdown: String?

    /// Makes a policy; see the properties.
    public init(onBoot: String? = nil, onShutdown: String? = nil) {
        self.onBoot = onBoot
        self.onShutdown = onShutdown
    }
}

/// A firmware image as its descriptor tells it; QEMU `docs/interop/firmware.json`.
public struct Firmware: Sendable, Hashable {
    /// The descriptor, or the image itself where one is known without a descriptor.
    public var descriptor: String
    /// The images it names: the code, and the template of the variables.
    public var files: [String]
    /// Those of the images that are not there.
    public var missing: [String]
    /// The architectures of guests it is for, by QEMU's names.
    public var architectures: [String]
    /// Its features, such as `secure-boot` and `enrolled-keys`.
    public var features: [String]

    /// Makes a firmware; see the properties.
    public init(
        descriptor: String, files: [String], missing: [String] = [], architectures: [String], features: [String] = []
    ) {
        self.descriptor = descriptor
        self.files = files
        self.missing = missing
        self.architectures = architectures
        self.features = features
    }
}

extension StackFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: StackFacts {
        var facts = StackFacts()
        facts.emulators = .known(["/usr/bin/qemu-system-x86_64", "/usr/bin/kvm"])
        facts.foreignEmulators = .known([])
        facts.qemuVersion = .known(
            SoftwareVersion(8, 2, 2), from: Provenance(place: Place("/usr/bin/qemu-system-x86_64", offset: 0x4c_0000)))
        facts.imageTool = .known("/usr/bin/qemu-img")
        facts.bridgeHelper = .known(
            FileMetadata(kind: .regular, mode: 0o4755), from: .file("/usr/lib/qemu/qemu-bridge-helper"))
        facts.bridgeAllowances = .known(FileMetadata(kind: .regular), from: .file("/etc/qemu/bridge.conf"))
        facts.daemonLog = .known(DaemonLog(), from: .file("/etc/libvirt/libvirtd.conf"))
        facts.monolithicDaemon = .known("/usr/sbin/libvirtd")
        facts.modularDaemon = .absent(from: .file("/usr/sbin/virtqemud"))
        facts.libvirtSockets = .known(
            Dictionary(
                uniqueKeysWithValues: ["libvirt-sock", "virtlogd-sock"].map { name in
                    (
                        name,
                        DaemonSocket(
                            path: "/run/libvirt/\(name)",
                            metadata: FileMetadata(kind: .socket, mode: 0o770, group: 108),
                            isListening: .known(true, from: .file("/proc/net/unix")))
                    )
                }))
        facts.libvirtVersion = .known(SoftwareVersion(10, 0, 0), from: .file("/usr/lib/x86_64-linux-gnu/libvirt.so.0"))
        facts.standardOutputHandler = .absent(from: .file("/etc/libvirt/qemu.conf"))
        facts.securityDriver = .absent(from: .file("/etc/libvirt/qemu.conf"))
        facts.logDaemon = .known("/usr/sbin/virtlogd")
        facts.definedNetworks = .known(["default"])
        facts.guestsPolicy = .known(GuestsPolicy(), from: .file("/etc/default/libvirt-guests"))
        facts.dnsmasq = .known("/usr/sbin/dnsmasq")
        facts.swtpm = .known("/usr/bin/swtpm")
        facts.swtpmSetup = .known("/usr/bin/swtpm_setup")
        facts.virtiofsd = .known("/usr/lib/qemu/virtiofsd")
        facts.firmware = .known([
            Firmware(
                descriptor: "/usr/share/qemu/firmware/50-edk2-x86_64-secure.json",
                files: ["/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"],
                architectures: ["x86_64"], features: ["secure-boot", "requires-smm"])
        ])
        facts.unitsAtBoot = .known([
            "libvirtd.service", "libvirtd.socket", "virtlogd.socket", "libvirt-guests.service", "chrony.service",
        ])
        facts.activeUnits = .known(["libvirtd.service", "chrony.service", "libvirt-guests.service"])
        facts.selinuxEnforces = .absent(from: .file("/sys/fs/selinux/enforce"))
        facts.appArmorEnabled = .known(true, from: .file("/sys/module/apparmor/parameters/enabled"))
        facts.installedKernels = .known(["6.1.0-35-amd64", "6.1.0-37-amd64"])
        facts.firewallsAtBoot = .known(["nftables"])
        facts.runningKernelHasModules = .known(true, from: .file("/lib/modules/6.1.0-37-amd64"))
        facts.rebootRequired = .absent(from: .file("/run/reboot-required"))
        facts.modulesLoadedAtBoot = .known([:], from: .file("/etc/modules-load.d"))
        return facts
    }
}
