internal import Evidence
internal import Facts

/// The host's clock, which guests take theirs from. KVH240–KVH242.
enum TimeRules {
    static let area = "Time"

    static let all: [Rule<HostFacts>] = [unsynchronised, daemonsCompete, ptpOnHost]

    private static let book = Citation("Mastering KVM Virtualization, chapter 15, \"KVM guest time-keeping\"", "2020")

    static let unsynchronised = Rule<HostFacts>(
        RuleInfo(
            "KVH240", "clock-unsynchronised", "the host's clock is synchronised", area: area, severity: .warning,
            rationale: """
                Guests read their clock from the host's. Where nothing keeps it, they drift together, and certificates, \
                clusters and migration between hosts suffer.
                """,
            sources: [Citation("adjtimex(2), STA_UNSYNC", "man-pages 6.03"), book],
            remedy: Remedy("run one of chrony, ntpd, systemd-timesyncd")),
        violates: { $0.time.answers.isSynchronised = .known(false, from: .call("adjtimex")) },
        decide: { host throws(Undecided) in
            if try host.time.answers.isSynchronised.get() == true {
                let error = (try? host.time.answers.maximumError.get()) ?? 0
                return .pass(nil, "error at most \(error / 1000) ms")
            }
            // Which daemon there is explains it; the verdict stands without.
            guard let daemons = try? host.time.daemonsAtBoot.get(), let daemon = daemons.first else {
                return .fail(
                    "the kernel's clock is not synchronised", ["no service that sets the clock is started at boot"],
                    remedy: Packages.remedy(.chrony, on: host, "install a service that keeps the clock"))
            }
            let command =
                switch daemon {
                case "chrony.service", "chronyd.service": "chronyc sources"
                case "systemd-timesyncd.service": "timedatectl timesync-status"
                case "phc2sys.service": "systemctl status phc2sys.service"
                default: "ntpq -p"
                }
            return .fail(
                "the kernel's clock is not synchronised", ["the boot starts \(daemon)"],
                remedy: Remedy(
                    "see whether it runs and reaches its servers", commands: ["systemctl status \(daemon)", command]))
        })

    static let daemonsCompete = Rule<HostFacts>(
        RuleInfo(
            "KVH241", "time-daemons-compete", "at most one service sets the clock", area: area, severity: .warning,
            rationale: "Two services that steer the same clock pull it to and fro; neither sees why it fails.",
            sources: [
                Citation("chrony FAQ, \"Can chronyd and ntpd run on the same system?\"", "4.3"), book,
            ],
            remedy: Remedy("keep one of them")),
        violates: { $0.time.activeDaemons = .known(["chronyd.service", "systemd-timesyncd.service"]) },
        decide: { host throws(Undecided) in
            // What runs decides; where systemd does not say, what the boot starts.
            let running = try host.time.activeDaemons.get()
            let atBoot = running == nil ? try host.time.daemonsAtBoot.get(whenAbsent: []) : []
            let daemons = running ?? atBoot
            if daemons.count < 2 { return .pass(nil, daemons.first ?? "none") }
            return .fail(
                "\(daemons.joined(separator: " and ")) \(running == nil ? "are started at boot" : "run")",
                remedy: Remedy(
                    "keep one of them", commands: daemons.dropFirst().map { "systemctl disable --now \($0)" }))
        })

    static let ptpOnHost = Rule<HostFacts>(
        RuleInfo(
            "KVH242", "ptp-kvm-on-host", "ptp_kvm is loaded in guests, not on hosts", area: area, severity: .note,
            rationale: """
                ptp_kvm asks the hypervisor below for its clock. On bare metal there is none, and loading it fails at \
                every boot; some books and guides put it on the host all the same.
                """,
            sources: [Citation("Linux drivers/ptp/ptp_kvm_x86.c: -EOPNOTSUPP without kvm_para_available()", "6.18")],
            remedy: Remedy("take it out here, and load it inside guests")),
        violates: {
            $0.stack.modulesLoadedAtBoot = .known(
                ["ptp_kvm": "/etc/modules-load.d/kvm-chrony.conf"], from: .file("/etc/modules-load.d"))
        },
        decide: { host throws(Undecided) in
            guard let file = try host.stack.modulesLoadedAtBoot.get(whenAbsent: [:])["ptp_kvm"] else { return .pass() }
            if try host.kvm.isVirtualMachine.get() == true { return .pass("ptp_kvm is loaded, and the host is a VM") }
            return .fail("\(file) loads ptp_kvm on bare metal", at: [Place(file)])
        })
}
