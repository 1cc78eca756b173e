import Evidence
import Facts
import Reporting

/// Reports made by hand: every verdict and severity, and text that a hostile or foreign machine could hold.
enum SampleReports {
    static func rule(
        _ id: String, _ slug: String, _ title: String, area: String, _ severity: Severity, parent: String? = nil,
        explains: [String] = []
    ) -> RuleInfo {
        RuleInfo(
            id, slug, title, area: area, severity: severity, rationale: "It matters. It does.",
            sources: [Citation("a document", "2026-01-02"), Citation("a page without a date", "")],
            remedy: Remedy("put it right", commands: ["put --right"]), parent: parent, explains: explains)
    }

    private static let pass = Finding(
        rule: rule("KVH901", "kvm-missing", "/dev/kvm exists", area: "KVM", .error), severity: .error, verdict: .pass,
        message: "/dev/kvm exists")
    private static let passWithEvidence = Finding(
        rule: rule("KVH902", "guest-failed", "a guest runs", area: "KVM", .error), severity: .error, verdict: .pass,
        message: "a guest ran on /dev/kvm", evidence: ["API 12, 2.8 ms, by kvm_pvm", "3 exits"])
    private static let error = Finding(
        rule: rule("KVH903", "qemu-denied", "QEMU's user may open /dev/kvm", area: "KVM", .error), severity: .error,
        verdict: .fail, message: "libvirt-qemu, the user libvirt runs QEMU as, may not open /dev/kvm",
        evidence: [
            "/dev/kvm is root:root 0600",
            """
            a line of evidence that is so long that no terminal of an ordinary width can hold it, so that it has to \
            be broken and its rest has to stand deeper than its beginning
            """,
        ],
        places: [Place("/etc/libvirt/qemu.conf", line: 3), Place("/sys/firmware/acpi/tables/DMAR", offset: 48)],
        remedy: Remedy(
            "give it to group kvm",
            commands: [
                "chown root:kvm /dev/kvm", #"echo 'KERNEL=="kvm", GROUP="kvm"' > /etc/udev/rules.d/65-kvm.rules"#,
            ]))
    private static let warning = Finding(
        rule: rule("KVH910", "vhost-net-missing", "/dev/vhost-net exists", area: "Devices", .note), severity: .warning,
        verdict: .fail, message: "/dev/vhost-net is missing", places: [Place("/dev/vhost-net")],
        remedy: Remedy("", commands: ["modprobe vhost_net"]))
    private static let hostileNote = Finding(
        rule: rule("KVH911", "odd-name", "names are ordinary", area: "Devices", .note), severity: .note, verdict: .fail,
        message: "the name \u{1b}[2J\"quoted\\\" and\tüñí¢ødé 你好 \u{202e}drawkcab\u{7f}\u{9b}31m",
        evidence: ["first\nsecond\r\u{0}end", "a/b </script>"], places: [Place("/etc/\u{1b}]0;title\u{7}")],
        remedy: Remedy("rename \u{1b}[31mit", commands: ["mv \u{1b}x y"]))
    private static let skipped = Finding(
        rule: rule("KVH912", "vfio-missing", "/dev/vfio/vfio exists", area: "Devices", .warning, parent: "KVH910"),
        severity: .warning, verdict: .notApplicable, message: "needs KVH910: /dev/vhost-net is missing")

    private static func undecided(
        _ id: String, _ slug: String, _ severity: Severity, _ obstacle: Obstacle
    ) -> Finding {
        let rule = rule(id, slug, "\(slug) is not so", area: "Memory", severity)
        return Finding(rule: rule, severity: severity, verdict: .unknown, message: rule.title, obstacle: obstacle)
    }

    private static let undecidedWarnings = [
        undecided("KVH920", "a-secret", .warning, Obstacle(.permissionDenied, "open /proc/kpageflags", "EACCES")),
        undecided("KVH921", "b-secret", .note, Obstacle(.permissionDenied, "open /proc/kcore", "EACCES")),
        undecided("KVH922", "c-secret", .note, Obstacle(.permissionDenied, "open /proc/kcore", "EACCES")),
        undecided("KVH923", "d-garbled", .warning, Obstacle(.malformed, "/sys/x", "not a \u{1b}number")),
    ]
    private static let undecidedErrors = [
        undecided("KVH930", "e-ioctl", .error, Obstacle(.notCaptured, "KVM_GET_API_VERSION", "")),
        undecided("KVH931", "f-ioctl", .error, Obstacle(.notCaptured, "KVM_CREATE_VM", "")),
    ]

    private static func report(_ name: String, source: String, _ findings: [Finding]) -> Report {
        Report(
            toolVersion: "9.8.7", generatedAt: "2026-11-20T16:14:15Z",
            subjects: [
                SubjectReport(
                    subject: Subject(
                        kind: .host, name: name, source: source,
                        headline: ["Debian 12", "Linux 6.18.44", "x86_64", "AMD EPYC, 2 CPUs, 24 GiB"]),
                    findings: findings)
            ])
    }

    /// Fit, with a warning and something that could not be decided below the threshold.
    static let ready = report("node7", source: "live", [pass, passWithEvidence, warning, skipped] + undecidedWarnings)
    /// Not fit; the name, a finding and the source are hostile.
    static let blocked = report(
        "knö\u{1b}[31mten-7", source: "/captures/\u{9b}1m.tar.gz",
        [pass, passWithEvidence, error, warning, hostileNote, skipped] + undecidedWarnings)
    /// A capture without the kernel's answers.
    static let undetermined = report(
        "node8", source: "/captures/node8.tar", [pass] + undecidedErrors + undecidedWarnings)
}
