internal import Evidence
internal import Facts

/// libvirt's daemons and what they need. KVH213–KVH222, KVH234, KVH235, KVH237.
enum LibvirtRules {
    static let all: [Rule<HostFacts>] = [
        libvirtMissing, notReachable, notAtBoot, daemonsConflict, logDaemonMissing, logDaemonNotReachable,
        dnsmasqMissing, socketDenied, guestsServiceOff, guestsSettingUnknown, plainTCP, debugLog, noRoom,
    ]

    private static let daemons = Citation("libvirt docs/daemons.rst", "11.3")
    private static let guests = Citation("libvirt-guests(8)", "9.0")

    static let libvirtMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH213", "libvirt-missing", "libvirt's QEMU driver is installed", area: StackRules.area,
            severity: .warning,
            rationale: """
                virsh, virt-manager, nova and the rest reach QEMU through libvirt's daemon: libvirtd, or virtqemud \
                where the daemons are modular. Firecracker, Cloud Hypervisor and QEMU by hand do without.
                """,
            sources: [daemons], remedy: Remedy("install libvirt's daemon with its QEMU driver"),
            explains: ["Failed to connect socket to '/run/libvirt/virtqemud-sock': No such file or directory"]),
        violates: { $0.stack.monolithicDaemon = .absent(from: .file("/usr/sbin/libvirtd")) },
        decide: { host throws(Undecided) in
            let monolithic = try host.stack.monolithicDaemon.get()
            let modular = try host.stack.modularDaemon.get()
            if let daemon = monolithic ?? modular {
                let version = (try? host.stack.libvirtVersion.get()).map { ", libvirt \($0)" } ?? ""
                return .pass(nil, daemon + version)
            }
            return .fail(
                "libvirt's QEMU driver is not installed", ["neither libvirtd nor virtqemud"],
                remedy: Packages.remedy(.libvirt, on: host, "install libvirt's daemon with its QEMU driver"))
        })

    /// The daemon of the QEMU driver that this host is meant to run: the one the boot starts, else the one installed.
    private static func daemon(_ host: HostFacts) -> String {
        let atBoot = (try? host.stack.unitsAtBoot.get()) ?? []
        if !atBoot.isDisjoint(with: modularUnits) { return "virtqemud" }
        if !atBoot.isDisjoint(with: monolithicUnits) { return "libvirtd" }
        let monolithic = (try? host.stack.monolithicDaemon.get()) ?? nil
        return monolithic == nil ? "virtqemud" : "libvirtd"
    }

    private static let monolithicUnits: Set = ["libvirtd.service", "libvirtd.socket"]
    private static let modularUnits: Set = ["virtqemud.service", "virtqemud.socket"]

    /// How to start a daemon, with systemd or without.
    private static func start(_ daemon: String, _ host: HostFacts) -> [String] {
        // Only a proof that systemd does not run the host takes systemctl away.
        if let units = try? host.stack.activeUnits.isPresent(), !units { return ["\(daemon) --daemon"] }
        return ["systemctl enable --now \(daemon).socket"]
    }

    static let notReachable = Rule<HostFacts>(
        RuleInfo(
            "KVH214", "libvirt-not-reachable", "libvirt's daemon can be reached", area: StackRules.area,
            severity: .warning,
            rationale: """
                Clients of qemu:///system connect to a socket in /run/libvirt. A service that is not running is fine \
                as long as systemd listens on its socket: the first client starts it.
                """,
            sources: [daemons, Citation("proc(5), /proc/net/unix", "man-pages 6.03")],
            remedy: Remedy("start libvirt's daemon", commands: ["systemctl enable --now libvirtd.socket"]),
            parent: "KVH213",
            explains: ["Failed to connect socket to '/var/run/libvirt/libvirt-sock'", "Connection refused"]),
        violates: { $0.stack.libvirtSockets = .known([:], from: .file("/run/libvirt")) },
        decide: { host throws(Undecided) in
            let sockets = try host.stack.libvirtSockets.get(whenAbsent: [:])
            // virtproxyd has libvirt-sock too; behind it the QEMU driver need not be.
            let names =
                try host.stack.monolithicDaemon.isPresent() ? ["virtqemud-sock", "libvirt-sock"] : ["virtqemud-sock"]
            var deaf: [DaemonSocket] = []
            for socket in names.compactMap({ sockets[$0] }) {
                if try socket.isListening.get() == true { return .pass(nil, socket.path) }
                deaf.append(socket)
            }
            let daemon = daemon(host)
            let remedy = Remedy("start \(daemon)", commands: start(daemon, host))
            guard let socket = deaf.first else {
                return .fail(
                    "no socket of libvirt's QEMU driver is there",
                    ["looked for " + names.map { "/run/libvirt/\($0)" }.joined(separator: ", ")],
                    at: [Place("/run/libvirt")], remedy: remedy)
            }
            return .fail(
                "nothing listens on \(socket.path)", ["not in /proc/net/unix of this network namespace"],
                at: [Place(socket.path)], remedy: remedy)
        })

    static let notAtBoot = Rule<HostFacts>(
        RuleInfo(
            "KVH215", "libvirt-not-at-boot", "the boot starts libvirt", area: StackRules.area, severity: .warning,
            rationale: "Without it no guest is started after a reboot, not even those marked autostart.",
            sources: [daemons, Citation("Mastering KVM Virtualization, chapter 16", "2nd edition, 2020")],
            remedy: Remedy("let the boot start it", commands: ["systemctl enable libvirtd.service"]),
            parent: "KVH213"),
        violates: { $0.stack.unitsAtBoot = .known([], from: .file("/etc/systemd/system")) },
        decide: { host throws(Undecided) in
            guard let units = try host.stack.unitsAtBoot.get() else {
                return .notApplicable("neither systemd nor OpenRC starts this host")
            }
            let enabled = units.intersection(monolithicUnits.union(modularUnits))
            if !enabled.isEmpty { return .pass(nil, enabled.sorted().joined(separator: ", ")) }
            let daemon = daemon(host)
            return .fail(
                "the boot does not start \(daemon)", at: host.stack.unitsAtBoot.places,
                remedy: Remedy(
                    "let the boot start it", commands: ["systemctl enable \(daemon).service \(daemon).socket"]))
        })

    static let daemonsConflict = Rule<HostFacts>(
        RuleInfo(
            "KVH216", "libvirt-daemons-conflict", "the boot starts libvirtd or the modular daemons, not both",
            area: StackRules.area, severity: .warning,
            rationale: """
                libvirtd and virtqemud keep the same state directories and refuse to run together. Which of them a \
                client reaches then depends on which came first.
                """,
            sources: [daemons],
            remedy: Remedy(
                "keep the modular daemons and switch off libvirtd",
                commands: [
                    "systemctl disable --now libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket"
                ]),
            parent: "KVH213"),
        violates: { $0.stack.unitsAtBoot = .known(["libvirtd.service", "virtqemud.socket"]) },
        decide: { host throws(Undecided) in
            guard let units = try host.stack.unitsAtBoot.get() else {
                return .notApplicable("neither systemd nor OpenRC starts this host")
            }
            let monolithic = units.intersection(monolithicUnits)
            let modular = units.intersection(modularUnits)
            if monolithic.isEmpty || modular.isEmpty { return .pass() }
            return .fail(
                "the boot starts both libvirtd and virtqemud",
                [monolithic.union(modular).sorted().joined(separator: ", ")],
                at: host.stack.unitsAtBoot.places)
        })

    static let logDaemonMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH217", "virtlogd-missing", "virtlogd is installed", area: StackRules.area, severity: .error,
            rationale: """
                libvirt hands each guest's output to virtlogd (stdio_handler = "logd", the default), and does not \
                start a guest when it cannot.
                """,
            sources: [Citation("libvirt src/qemu/qemu.conf.in, stdio_handler", "9.0")],
            remedy: Remedy("install virtlogd"), parent: "KVH213",
            explains: ["Failed to connect socket to '/var/run/libvirt/virtlogd-sock'"]),
        violates: { $0.stack.logDaemon = .absent(from: .file("/usr/sbin/virtlogd")) },
        decide: { host throws(Undecided) in
            if let path = try host.stack.logDaemon.get() { return .pass(nil, path) }
            if try host.stack.standardOutputHandler.get() == "file" {
                return .notApplicable("qemu.conf sets stdio_handler = \"file\"")
            }
            return .fail(
                "virtlogd is not installed", remedy: Packages.remedy(.virtlogd, on: host, "install it with libvirt"))
        })

    static let logDaemonNotReachable = Rule<HostFacts>(
        RuleInfo(
            "KVH218", "virtlogd-not-reachable", "virtlogd can be reached", area: StackRules.area, severity: .warning,
            rationale: "A running libvirt daemon does not start a guest while nothing listens on virtlogd's socket.",
            sources: [Citation("libvirt src/qemu/qemu.conf.in, stdio_handler", "9.0"), daemons],
            remedy: Remedy("start it", commands: ["systemctl enable --now virtlogd.socket"]), parent: "KVH214",
            explains: ["Failed to connect socket to '/var/run/libvirt/virtlogd-sock'"]),
        violates: { $0.stack.libvirtSockets = .known([:], from: .file("/run/libvirt")) },
        decide: { host throws(Undecided) in
            let sockets = try host.stack.libvirtSockets.get(whenAbsent: [:])
            if let socket = sockets["virtlogd-sock"], try socket.isListening.get() == true {
                return .pass(nil, socket.path)
            }
            if try host.stack.standardOutputHandler.get() == "file" {
                return .notApplicable("qemu.conf sets stdio_handler = \"file\"")
            }
            return .fail(
                "nothing listens on /run/libvirt/virtlogd-sock", at: [Place("/run/libvirt/virtlogd-sock")],
                remedy: Remedy("start it", commands: start("virtlogd", host)))
        })

    static let dnsmasqMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH219", "dnsmasq-missing", "dnsmasq is installed for libvirt's networks", area: StackRules.area,
            severity: .warning,
            rationale: "Networks with forward mode nat or route, and isolated ones, get DHCP and DNS from dnsmasq.",
            sources: [Citation("libvirt docs/formatnetwork.rst", "11.3")], remedy: Remedy("install dnsmasq"),
            parent: "KVH213",
            explains: ["Cannot check dnsmasq binary /usr/sbin/dnsmasq: No such file or directory"]),
        violates: { $0.stack.dnsmasq = .absent(from: .file("/usr/sbin/dnsmasq")) },
        decide: { host throws(Undecided) in
            if let path = try host.stack.dnsmasq.get() { return .pass(nil, path) }
            let networks = try host.stack.definedNetworks.get(whenAbsent: [])
            if networks.isEmpty { return .notApplicable("libvirt has no networks") }
            return .fail(
                "dnsmasq is not installed", ["networks: \(networks.joined(separator: ", "))"],
                remedy: Packages.remedy(
                    .dnsmasq, on: host, "install it; the program is enough, its service is not needed"))
        })

    static let socketDenied = Rule<HostFacts>(
        RuleInfo(
            "KVH220", "libvirt-socket-denied", "the invoking user may use libvirt's socket", area: StackRules.area,
            severity: .note,
            rationale: "Without it virsh asks for a password for qemu:///system, or falls back to qemu:///session.",
            sources: [Citation("libvirt docs/auth.rst, \"UNIX socket permissions/group\"", "11.3")],
            remedy: Remedy("put the user into the socket's group"), parent: "KVH214",
            explains: ["authentication unavailable: no polkit agent available to authenticate action"]),
        violates: { host in
            host.kvm.invokingUser = .known(Account(name: "anna", user: 1000, groups: [1000]))
        },
        decide: { host throws(Undecided) in
            guard let user = try host.kvm.invokingUser.get() else { return .notApplicable("no user") }
            let sockets = try host.stack.libvirtSockets.get(whenAbsent: [:])
            guard let socket = sockets["virtqemud-sock"] ?? sockets["libvirt-sock"] else {
                return .notApplicable("there is no socket")
            }
            if user.mayReadAndWrite(socket.metadata) { return .pass() }
            return .fail(
                "\(user.name) may not use \(socket.path)",
                ["owner \(socket.metadata.owner), group \(socket.metadata.group), mode \(socket.metadata.octalMode)"],
                at: [Place(socket.path)],
                remedy: Remedy(
                    "put \(user.name) into its group, and log in anew",
                    commands: ["usermod -a -G $(stat -c %G \(socket.path)) \(user.name)"]))
        })

    static let guestsServiceOff = Rule<HostFacts>(
        RuleInfo(
            "KVH221", "libvirt-guests-off", "libvirt-guests takes care of guests when the host stops",
            area: StackRules.area, severity: .note,
            rationale: """
                Without it guests are killed when the host shuts down, and those that ran do not come back unless \
                they are marked autostart.
                """,
            sources: [guests, Citation("Mastering KVM Virtualization, chapter 16", "2nd edition, 2020")],
            remedy: Remedy(
                "let it run, and choose what it does in its configuration",
                commands: ["systemctl enable --now libvirt-guests.service"]),
            parent: "KVH213"),
        violates: { $0.stack.unitsAtBoot = .known(["libvirtd.service"], from: .file("/etc/systemd/system")) },
        decide: { host throws(Undecided) in
            guard let units = try host.stack.unitsAtBoot.get() else {
                return .notApplicable("neither systemd nor OpenRC starts this host")
            }
            guard units.contains("libvirt-guests.service") else {
                return .fail("libvirt-guests is not enabled", at: host.stack.unitsAtBoot.places)
            }
            return .pass(nil, policy(host))
        })

    /// The policy in force. Debian's defaults differ from upstream's.
    private static func policy(_ host: HostFacts) -> String {
        let settings = (try? host.stack.guestsPolicy.get()) ?? GuestsPolicy()
        let isDebian = ((try? host.system.distribution.get()) ?? []).contains("debian")
        let onBoot = settings.onBoot ?? (isDebian ? "ignore" : "start")
        let onShutdown = settings.onShutdown ?? (isDebian ? "shutdown" : "suspend")
        return "on shutdown \(onShutdown), on boot \(onBoot)"
    }

    static let guestsSettingUnknown = Rule<HostFacts>(
        RuleInfo(
            "KVH222", "libvirt-guests-setting-unknown", "the settings of libvirt-guests are ones it knows",
            area: StackRules.area, severity: .warning,
            rationale: "libvirt-guests knows start and ignore for ON_BOOT, suspend and shutdown for ON_SHUTDOWN.",
            sources: [guests], remedy: Remedy("correct the value, then restart libvirt-guests"), parent: "KVH213"),
        violates: {
            $0.stack.guestsPolicy = .known(GuestsPolicy(onBoot: "resume"), from: .file("/etc/default/libvirt-guests"))
        },
        decide: { host throws(Undecided) in
            guard let policy = try host.stack.guestsPolicy.get() else {
                return .notApplicable("libvirt-guests has no configuration")
            }
            var wrong: [String] = []
            if let value = policy.onBoot, !["start", "ignore"].contains(value) { wrong.append("ON_BOOT=\(value)") }
            if let value = policy.onShutdown, !["suspend", "shutdown"].contains(value) {
                wrong.append("ON_SHUTDOWN=\(value)")
            }
            if wrong.isEmpty { return .pass() }
            return .fail(
                "libvirt-guests does not know \(wrong.joined(separator: ", "))", at: host.stack.guestsPolicy.places)
        })

    static let plainTCP = Rule<HostFacts>(
        RuleInfo(
            "KVH234", "libvirt-on-plain-tcp", "libvirt does not listen on TCP without TLS", area: StackRules.area,
            severity: .warning,
            rationale: """
                Port 16509 is not encrypted, and who may use libvirt's socket is root on this host. TLS (16514) and \
                qemu+ssh:// do the same safely.
                """,
            sources: [Citation("libvirt docs/remote.rst, \"tcp\"", "11.3")],
            remedy: Remedy(
                "use TLS or ssh",
                commands: ["systemctl disable --now libvirtd-tcp.socket virtproxyd-tcp.socket"]),
            parent: "KVH213"),
        violates: { $0.stack.unitsAtBoot = .known(["libvirtd-tcp.socket"], from: .file("/etc/systemd/system")) },
        decide: { host throws(Undecided) in
            guard let units = try host.stack.unitsAtBoot.get() else {
                return .notApplicable("neither systemd nor OpenRC starts this host")
            }
            let open = units.intersection(["libvirtd-tcp.socket", "virtproxyd-tcp.socket"]).sorted()
            guard !open.isEmpty else { return .pass() }
            return .fail(
                "the boot starts \(open.joined(separator: " and "))", at: host.stack.unitsAtBoot.places,
                remedy: Remedy("use TLS or ssh", commands: open.map { "systemctl disable --now \($0)" }))
        })

    static let debugLog = Rule<HostFacts>(
        RuleInfo(
            "KVH235", "libvirt-logs-debug", "libvirt's daemon does not log for debugging", area: StackRules.area,
            severity: .note,
            rationale: """
                Level 1 writes gigabytes and slows the daemon; it is for a session of debugging, and better set by \
                virt-admin, which forgets it at the next start.
                """,
            sources: [
                Citation("libvirt src/remote/libvirtd.conf.in, log_level, log_filters", "9.0"),
                Citation("Mastering KVM Virtualization, chapter 16, \"Logging\"", "2nd edition, 2020"),
            ],
            remedy: Remedy("take the setting out and restart the daemon"), parent: "KVH213"),
        violates: { $0.stack.daemonLog = .known(DaemonLog(level: 1), from: .file("/etc/libvirt/libvirtd.conf")) },
        decide: { host throws(Undecided) in
            guard let log = try host.stack.daemonLog.get() else {
                return .notApplicable("the daemon has no configuration")
            }
            var settings: [String] = []
            if let level = log.level, level <= 1 { settings.append("log_level = \(level)") }
            if let filters = log.filters, filters.words.contains(where: { $0.hasPrefix("1:") }) {
                settings.append("log_filters = \"\(filters)\"")
            }
            if settings.isEmpty { return .pass() }
            return .fail("the daemon logs for debugging", settings, at: host.stack.daemonLog.places)
        })

    static let noRoom = Rule<HostFacts>(
        RuleInfo(
            "KVH237", "no-room-for-disks", "there is room on the file system of /var", area: StackRules.area,
            severity: .warning,
            rationale: """
                Disks in /var/lib/libvirt/images grow as guests write. When no block is left, QEMU pauses the guest \
                with an I/O error, and the host's own logs stop too.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, error_policy, rerror_policy", "11.3")],
            remedy: Remedy("make room", commands: ["du -xh --max-depth=2 /var | sort -h | tail"]), parent: "KVH213",
            explains: ["block I/O error in device: No space left on device (28)"]),
        violates: {
            $0.capacity.answers.variable = .known(
                FileSystemSpace(total: 100_000_000_000, available: 200_000_000), from: .call("statvfs", on: "/var"))
        },
        decide: { host throws(Undecided) in
            guard let space = try host.capacity.answers.variable.get() else {
                return .notApplicable("there is no /var")
            }
            let text = "\(DeploymentRules.gigabytes(space.available)) of \(DeploymentRules.gigabytes(space.total)) free"
            // Less than any guest's installation needs, whatever the size of the file system.
            if space.available >= 1_000_000_000 { return .pass(nil, text) }
            return .fail("less than 1 GB is free in /var", [text], at: [Place("/var")])
        })
}
