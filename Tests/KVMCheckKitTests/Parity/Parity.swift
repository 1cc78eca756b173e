import Evidence
import Facts
import Rules

/// What each check of virt-host-validate is in kvmcheck.
enum Parity {
    static let kvmChecks = [
        "for hardware virtualization", "if device /dev/kvm exists", "if device /dev/kvm is accessible",
    ]
    private static let kvm: [(check: String, rules: [String])] = [
        (kvmChecks[0], ["KVH003"]), (kvmChecks[1], ["KVH001", "KVH002", "KVH004"]), (kvmChecks[2], ["KVH006"]),
    ]

    /// The rules that stand for a check, for each driver; the worst of them is compared.
    static let checks: [String: [(check: String, rules: [String])]] = [
        "qemu": kvm + [
            ("for PowerPC KVM module loaded", ["KVH014"]),
            ("if device /dev/vhost-net exists", ["KVH030", "KVH036", "KVH037"]),
            ("if device /dev/net/tun exists", ["KVH031", "KVH032", "KVH033"]),
            ("to initialize cgroups", ["KVH100"]),
            ("for cgroup 'cpu' controller support", ["KVH101"]),
            ("for cgroup 'cpuacct' controller support", ["KVH102"]),
            ("for cgroup 'cpuset' controller support", ["KVH103"]),
            ("for cgroup 'memory' controller support", ["KVH104"]),
            ("for cgroup 'devices' controller support", ["KVH105"]),
            ("for cgroup 'blkio' controller support", ["KVH106"]),
            ("for device assignment IOMMU support", ["KVH050"]),
            ("if IOMMU is enabled by kernel", ["KVH051"]),
            ("for secure guest support", ["KVH190"]),
        ],
        "lxc": [
            ("for Linux >= 2.6.26", ["KVH280"]),
            ("for namespace ipc", ["KVH281"]), ("for namespace mnt", ["KVH282"]), ("for namespace pid", ["KVH283"]),
            ("for namespace uts", ["KVH284"]), ("for namespace net", ["KVH285"]), ("for namespace user", ["KVH286"]),
            ("to initialize cgroups", ["KVH287"]),
            ("for cgroup 'cpu' controller support", ["KVH288"]),
            ("for cgroup 'cpuacct' controller support", ["KVH289"]),
            ("for cgroup 'cpuset' controller support", ["KVH290"]),
            ("for cgroup 'memory' controller support", ["KVH291"]),
            ("for cgroup 'devices' controller support", ["KVH292"]),
            ("for cgroup 'freezer' controller support", ["KVH293"]),
            ("for cgroup 'blkio' controller support", ["KVH294"]),
            ("if device /sys/fs/fuse/connections exists", ["KVH295"]),
        ],
        "ch": kvm,
    ]

    /// How kvmcheck prints what it comes to.
    static func word(_ finding: Finding) -> String {
        switch finding.verdict {
        case .pass: "PASS"
        case .notApplicable: "–"
        case .unknown: "UNKNOWN"
        case .fail:
            switch finding.severity {
            case .error: "FAIL"
            case .warning: "WARN"
            case .note: "NOTE"
            }
        }
    }

    /// The worst of several words.
    static func worst(_ words: [String]) -> String {
        ["FAIL", "WARN", "NOTE", "UNKNOWN", "PASS"].first(where: words.contains) ?? "–"
    }

    /// The exit status that kvmcheck would have with `--fail-on error`, if it had only these findings.
    static func status(_ findings: [Finding]) -> Int {
        let errors = findings.filter { $0.severity == .error }
        if errors.contains(where: { $0.verdict == .fail }) { return 1 }
        return errors.contains { $0.verdict == .unknown } ? 3 : 0
    }
}
