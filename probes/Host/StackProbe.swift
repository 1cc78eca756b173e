@_spi(Probing) internal import Evidence
internal import Facts

/// Reads ``StackFacts``.
enum StackProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> StackFacts {
        var facts = StackFacts()
        let machine = SystemProbe.machine(from: source)
        emulators(source, machine, into: &facts)
        libvirt(source, machine, into: &facts)
        facts.dnsmasq = Programs.named("dnsmasq", in: Programs.system, of: source)
        facts.swtpm = Programs.named("swtpm", in: Programs.user, of: source)
        facts.swtpmSetup = Programs.named("swtpm_setup", in: Programs.user, of: source)
        facts.virtiofsd = Programs.first(
            of: ["/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/bin/virtiofsd"],
            in: source)
        facts.firmware = FirmwareImages.read(from: source)
        let units = ServiceUnits(from: source)
        facts.unitsAtBoot = units.atBoot
        facts.activeUnits = units.active
        facts.firewallsAtBoot = firewalls(source, units)
        facts.selinuxEnforces = source.boolean("/sys/fs/selinux/enforce")
        facts.appArmorEnabled = source.boolean("/sys/module/apparmor/parameters/enabled")
        software(source, into: &facts)
        return facts
    }

    private static func firewalls(_ source: some Source, _ units: ServiceUnits) -> Observation<[String]> {
        units.atBoot.flatMap { atBoot in
            var firewalls = ["firewalld", "nftables"].filter { atBoot.contains("\($0).service") }
            if atBoot.contains("ufw.service") {
                // Ubuntu enables the unit everywhere; the file says whether it does anything.
                let settings = KeyValueFile.read(["/etc/ufw/ufw.conf"], from: source)
                if let obstacle = settings.obstacle { return .unknown(obstacle, from: settings.provenance) }
                if settings.known?["ENABLED"]?.lowercased() == "yes" { firewalls.append("ufw") }
            }
            return .known(firewalls, from: units.atBoot.provenance)
        }
    }

    // MARK: - QEMU

    /// QEMU's name of the kernel's architecture: its `configure` and libvirt's `virQEMUCapsArchToString`.
    private static func qemuName(_ machine: String) -> String {
        switch machine {
        case "i386", "i486", "i586", "i686": "i386"
        case "armv6l", "armv7l", "armv7b", "armv8l": "arm"
        case "ppc64le": "ppc64"
        default: machine
        }
    }

    private static func emulators(_ source: some Source, _ machine: Observation<String>, into facts: inout StackFacts) {
        facts.emulators = machine.flatMap { machine in
            // libvirt takes `qemu-system-ARCH` from the PATH first, then the distributions' names
            // (`virQEMUCapsGetDefaultEmulator`).
            let paths =
                Programs.user.map { "\($0)/qemu-system-\(qemuName(machine))" }
                + ["/usr/libexec/qemu-kvm", "/usr/bin/qemu-kvm", "/usr/bin/kvm"]
            return Programs.all(of: paths, in: source)
        }
        facts.foreignEmulators = facts.emulators.flatMap { emulators in
            guard emulators.isEmpty else { return .known([], from: facts.emulators.provenance) }
            let names = ["x86_64", "i386", "aarch64", "arm", "ppc64", "s390x", "riscv64", "loongarch64"]
            return Programs.all(of: names.map { "/usr/bin/qemu-system-\($0)" }, in: source)
        }
        facts.qemuVersion = facts.emulators.flatMap { emulators in
            guard let emulator = emulators.first else { return .absent(from: facts.emulators.provenance) }
            let text = source.text(after: "QEMU emulator version ", in: emulator, limit: 64)
            // A wrapper script has no such text; that is not a QEMU without a version.
            guard !text.isAbsent else {
                return .unknown(Obstacle(.malformed, emulator, "no version in it"), from: .file(emulator))
            }
            return text.parsed(as: "a version") { SoftwareVersion(startOf: $0) }
        }
        facts.imageTool = Programs.named("qemu-img", in: Programs.user, of: source)
        let helper = source.metadata("/usr/lib/qemu/qemu-bridge-helper")
        facts.bridgeHelper = helper.isAbsent ? source.metadata("/usr/libexec/qemu-bridge-helper") : helper
        facts.bridgeAllowances = source.metadata("/etc/qemu/bridge.conf")
    }

    // MARK: - libvirt

    private static func libvirt(_ source: some Source, _ machine: Observation<String>, into facts: inout StackFacts) {
        facts.monolithicDaemon = Programs.named("libvirtd", in: Programs.system, of: source)
        facts.modularDaemon = Programs.named("virtqemud", in: Programs.system, of: source)
        facts.logDaemon = Programs.named("virtlogd", in: Programs.system, of: source)
        facts.libvirtSockets = DaemonSockets.read(from: source)
        facts.libvirtVersion = libraryVersion(source, machine)
        let configuration = source.possiblyEmptyText("/etc/libvirt/qemu.conf").map(LibvirtConfiguration.parse)
        facts.standardOutputHandler = configuration.compactMap { $0["stdio_handler"] }
        facts.securityDriver = configuration.compactMap { $0["security_driver"] }
        facts.daemonLog = daemonLog(source, facts)
        let networks = source.entries("/etc/libvirt/qemu/networks")
        facts.definedNetworks =
            networks.isAbsent
            ? .known([], from: networks.provenance)
            : networks.map { $0.filter { $0.hasSuffix(".xml") }.map { String($0.dropLast(4)) } }
        facts.guestsPolicy = KeyValueFile.read(
            ["/etc/default/libvirt-guests", "/etc/sysconfig/libvirt-guests"], from: source
        ).map { GuestsPolicy(onBoot: $0["ON_BOOT"], onShutdown: $0["ON_SHUTDOWN"]) }
    }

    private static func daemonLog(_ source: some Source, _ facts: StackFacts) -> Observation<DaemonLog> {
        let path = facts.monolithicDaemon.isAbsent ? "/etc/libvirt/virtqemud.conf" : "/etc/libvirt/libvirtd.conf"
        return source.possiblyEmptyText(path).map { text in
            let values = LibvirtConfiguration.parse(text)
            return DaemonLog(level: values["log_level"].flatMap { Int($0) }, filters: values["log_filters"])
        }
    }

    /// From the file that `libvirt.so.0` links to: libvirt writes `1000 × major + minor` and the micro number into its
    /// name (`src/meson.build`, `libvirt_age`).
    private static func libraryVersion(
        _ source: some Source, _ machine: Observation<String>
    ) -> Observation<SoftwareVersion> {
        machine.flatMap { machine in
            let triplet =
                switch qemuName(machine) {
                case "arm": "arm-linux-gnueabihf"
                case "ppc64": "powerpc64le-linux-gnu"
                default: "\(qemuName(machine))-linux-gnu"
                }
            for directory in ["/usr/lib/\(triplet)", "/usr/lib64", "/usr/lib"] {
                let target = source.linkName("\(directory)/libvirt.so.0")
                if target.isAbsent { continue }
                return target.parsed(as: "libvirt.so.0.AGE.MICRO") { version(ofLibrary: $0) }
            }
            return .absent(from: .file("/usr/lib/\(triplet)/libvirt.so.0"))
        }
    }

    static func version(ofLibrary name: String) -> SoftwareVersion? {
        let parts = name.split(separator: ".")
        guard parts.count == 5, name.hasPrefix("libvirt.so.0."), let age = Int(parts[3]), let micro = Int(parts[4]),
            (1...999_999).contains(age), (0...999).contains(micro)
        else { return nil }
        return SoftwareVersion(age / 1000, age % 1000, micro)
    }

    // MARK: - Kernels and modules

    private static func software(_ source: some Source, into facts: inout StackFacts) {
        facts.installedKernels = source.entries("/lib/modules").map { releases in
            releases.prefix(64).filter { release in
                source.exists("/boot/vmlinuz-\(release)").known == true
                    || source.exists("/lib/modules/\(release)/vmlinuz").known == true
            }
        }
        facts.runningKernelHasModules = source.possiblyEmptyText("/proc/modules").flatMap { modules in
            guard !modules.isEmpty else { return .absent(from: .file("/proc/modules")) }
            return source.text("/proc/sys/kernel/osrelease").flatMap { source.exists("/lib/modules/\($0)") }
        }
        facts.rebootRequired = source.exists("/run/reboot-required").flatMap { isThere in
            guard isThere else { return .absent(from: .file("/run/reboot-required")) }
            let packages = source.possiblyEmptyText("/run/reboot-required.pkgs")
            let names = (packages.known ?? "").lines.map(String.init)
            return .known(Array(Set(names)).sorted(), from: .file("/run/reboot-required"))
        }
        facts.modulesLoadedAtBoot = modulesLoadedAtBoot(source)
    }

    /// modules-load.d(5), as far as the administrator writes it.
    private static func modulesLoadedAtBoot(_ source: some Source) -> Observation<[String: String]> {
        let directory = source.entries("/etc/modules-load.d")
        if let obstacle = directory.obstacle { return .unknown(obstacle, from: directory.provenance) }
        let files = (directory.known ?? []).filter { $0.hasSuffix(".conf") }.prefix(64)
        var modules: [String: String] = [:]
        for path in ["/etc/modules"] + files.map({ "/etc/modules-load.d/\($0)" }) {
            let text = source.possiblyEmptyText(path, limit: 65536)
            if let obstacle = text.obstacle { return .unknown(obstacle, from: text.provenance) }
            for line in (text.known ?? "").lines where line.first != "#" && line.first != ";" {
                // A line of /etc/modules may go on with parameters.
                guard let name = line.words.first else { continue }
                modules[String(name.map { $0 == "-" ? "_" : $0 })] = path
            }
        }
        return .known(modules, from: .file("/etc/modules-load.d"))
    }
}
