/// A row in the table of differences from virt-host-validate.
struct Difference: Sendable {
    /// The driver's check as virt-host-validate prints it, after "Checking".
    var check: String
    /// For which drivers.
    var drivers: [String]
    /// What it says; `–` where it prints no such line.
    var theirs: String
    /// What kvmcheck says; `–` where the question does not arise.
    var ours: String
    /// The rules that stand for the check.
    var rules: String
    /// On what host, in words.
    var host: String
    /// In which scenarios; nil for whichever.
    var scenarios: [String]?
    var reason: String

    init(
        _ check: String, _ drivers: [String] = ["qemu"], theirs: String, ours: String, rules: String, on host: String,
        in scenarios: [String]? = nil, because reason: String
    ) {
        self.check = check
        self.drivers = drivers
        self.theirs = theirs
        self.ours = ours
        self.rules = rules
        self.host = host
        self.scenarios = scenarios
        self.reason = reason
    }

    /// Whether the row is about a mismatch in one scenario.
    func explains(_ mismatch: ParityTests.Mismatch, in scenario: String) -> Bool {
        mismatch.check == check && drivers.contains(mismatch.driver) && mismatch.theirs == theirs
            && mismatch.ours == ours && (scenarios?.contains(scenario) ?? true)
    }

    /// As a line of a Markdown table.
    var markdown: String {
        "| \(drivers.joined(separator: ", ")) | \(check) | \(host) | \(theirs) | \(ours) | \(rules) | \(reason) |"
    }

    /// All rows as a Markdown table, and what is no verdict as a list.
    static var document: String {
        let heading = """
            | driver | check | host | virt-host-validate | kvmcheck | rule | why |
            | --- | --- | --- | --- | --- | --- | --- |
            """
        return heading + "\n" + all.map { $0.markdown + "\n" }.joined() + "\n"
            + manners.map { "- " + $0 + "\n" }.joined()
    }

    /// Differences that are not about the verdict on a host; tried with virt-host-validate 9.0; later
    /// releases by libvirt's NEWS.
    private static let manners = [
        "The exit statuses in the table are of these checks alone; kvmcheck asks more of a host.",
        "`virt-host-validate -q` prints nothing at all, failures included; `kvmcheck host --quiet` prints what does not hold.",
        """
        Its exit status is 1 for a FAIL and for wrong use alike; kvmcheck's is 1 for findings, 2 for wrong use, 3 where \
        nothing failed but something of that severity could not be decided.
        """,
        """
        Where control groups cannot be used at all it says so on standard error and leaves the lines about controllers \
        out; kvmcheck has a finding for it (KVH100, KVH287).
        """,
        """
        It checks for the drivers it was built with, and takes a second argument without a word; \
        `--driver qemu|lxc|ch` is there in every build.
        """,
        """
        Its checks have no names and its texts change between releases and languages; kvmcheck's have ids, and JSON.
        """,
        """
        The table is of libvirt 9.0. Later releases look for Arm's IORT (11.3), know the freezer of version 2 (12.4), and \
        tell SEV, SEV-ES, SEV-SNP and TDX apart (12.8).
        """,
    ]

    static let all: [Difference] = kvm + iommu + secureGuests + controlGroups + containers

    private static let kvm: [Difference] = [
        Difference(
            "for hardware virtualization", ["qemu", "ch"], theirs: "FAIL", ours: "NOTE", rules: "KVH003",
            on: "neither vmx, svm nor sie in /proc/cpuinfo",
            in: ["paravirtual-kvm", "no-virtualization", "virtual-iommu", "s390x-without-sie"],
            because: """
                a flag explains why KVM works or not and does not decide it: with a paravirtual KVM VMs run without one. \
                Where there is no KVM, KVH001 says FAIL
                """),
        Difference(
            "for hardware virtualization", ["qemu", "ch"], theirs: "PASS", ours: "–", rules: "KVH003",
            on: "ppc64 (QEMU), aarch64 (CH)",
            in: ["ppc64le", "ppc64le-without-module", "ppc64le-without-iommu-groups", "aarch64"],
            because: "no flag stands for virtualization there; theirs passes without looking. KVH013 runs a guest"),
        Difference(
            "if device /dev/kvm exists", ["qemu", "ch"], theirs: "–", ours: "FAIL", rules: "KVH001",
            on: "no flag and no /dev/kvm", in: ["no-virtualization"],
            because: "theirs does not look for the device where the flag is missing"),
        Difference(
            "if device /dev/kvm exists", ["qemu", "ch"], theirs: "PASS", ours: "FAIL", rules: "KVH002",
            on: "/dev/null or a regular file in the place of /dev/kvm", in: ["kvm-is-null", "kvm-is-a-file"],
            because: "theirs never opens it; here it must answer KVM_GET_API_VERSION and run a guest"),
        Difference(
            "if device /dev/kvm exists", ["qemu", "ch"], theirs: "PASS", ours: "UNKNOWN", rules: "KVH002",
            on: "/dev/kvm that the user may not open", in: ["kvm-denied"],
            because: "that it exists is seen (KVH001 passes); that it is KVM cannot be proven without opening it"),
        Difference(
            "if device /dev/kvm is accessible", ["qemu", "ch"], theirs: "FAIL", ours: "WARN", rules: "KVH006",
            on: "/dev/kvm that the invoking user may not open", in: ["kvm-denied"],
            because: """
                qemu:///system runs QEMU as a user of its own, whom KVH005 asks about with severity error; that the \
                invoking user may not open it matters to qemu:///session
                """),
        Difference(
            "for PowerPC KVM module loaded", theirs: "WARN", ours: "NOTE", rules: "KVH014",
            on: "ppc64 without kvm_hv", in: ["ppc64le-without-module"],
            because: "a module explains a missing device, which is an error of its own (KVH001)"),
        Difference(
            "for PowerPC KVM module loaded", theirs: "–", ours: "NOTE", rules: "KVH014",
            on: "x86 without a vendor's module", in: ["no-virtualization"],
            because: "theirs looks for a module on ppc64 alone"),
        Difference(
            "if device /dev/vhost-net exists", theirs: "PASS", ours: "UNKNOWN", rules: "KVH037",
            on: "/dev/vhost-net that the user may not open", in: ["kvm-denied", "v2-nobody", "v1-nobody"],
            because: "the node can be there before the module is; that it works is seen by opening it, which needs root"
        ),
        Difference(
            "for hardware virtualization", ["qemu", "ch"], theirs: "–", ours: "UNKNOWN", rules: "KVH003",
            on: "no /proc/cpuinfo", in: ["no-cpuinfo"],
            because: "theirs ends without a line; what cannot be read is unknown here, and the rest is judged"),
        Difference(
            "exit status", ["qemu", "ch"], theirs: "1", ours: "0", rules: "KVH013", on: "no /proc/cpuinfo",
            in: ["no-cpuinfo"], because: "no rule of severity error rests on it: a guest ran"),
        Difference(
            "exit status", ["qemu", "ch"], theirs: "1", ours: "0", rules: "KVH013",
            on: "KVM without a flag in /proc/cpuinfo", in: ["paravirtual-kvm", "virtual-iommu", "s390x-without-sie"],
            because: "VMs run there"),
        Difference(
            "exit status", ["qemu", "ch"], theirs: "0", ours: "1", rules: "KVH002",
            on: "/dev/null or a regular file in the place of /dev/kvm", in: ["kvm-is-null", "kvm-is-a-file"],
            because: "no VM runs there"),
        Difference(
            "exit status", ["qemu", "ch"], theirs: "1", ours: "3", rules: "KVH002",
            on: "/dev/kvm that the user may not open", in: ["kvm-denied"],
            because: "not being allowed to look is no answer: 3 stands for \"not decided\""),
    ]

    private static let iommu: [Difference] = [
        Difference(
            "for device assignment IOMMU support", theirs: "WARN", ours: "NOTE", rules: "KVH050",
            on: "no DMAR or IVRS table", in: ["intel-no-dmar", "amd-no-ivrs", "paravirtual-kvm", "no-virtualization"],
            because: "only passing devices on needs one; profiles passthrough and sriov raise it"),
        Difference(
            "for device assignment IOMMU support", theirs: "WARN", ours: "PASS", rules: "KVH050",
            on: "an IOMMU, and no vmx or svm: a VM with a virtual one, aarch64", in: ["virtual-iommu", "aarch64"],
            because: "which table to look for follows from the processor's vendor, not from vmx and svm; Arm's is IORT"),
        Difference(
            "for device assignment IOMMU support", theirs: "NOTE", ours: "–", rules: "KVH050",
            on: "s390x without PCI devices", in: ["s390x-without-pci"], because: "the question does not arise"),
        Difference(
            "for device assignment IOMMU support", theirs: "–", ours: "UNKNOWN", rules: "KVH050",
            on: "no /proc/cpuinfo", in: ["no-cpuinfo"], because: "theirs ends without a line"),
        Difference(
            "if IOMMU is enabled by kernel", theirs: "WARN", ours: "NOTE", rules: "KVH051",
            on: "an IOMMU that the kernel does not use",
            in: ["intel-iommu-off", "amd-iommu-off", "ppc64le-without-iommu-groups"],
            because: """
                only passing devices on needs it; and AMD's needs no \"iommu=pt iommu=1\", which theirs advises: it is on \
                unless amd_iommu=off switches it off
                """),
        Difference(
            "if IOMMU is enabled by kernel", theirs: "–", ours: "NOTE", rules: "KVH051",
            on: "a kernel without /sys/kernel/iommu_groups", in: ["intel-no-iommu-groups"],
            because: "theirs ends there without a word"),
    ]

    private static let secureGuests: [Difference] = [
        Difference(
            "for secure guest support", theirs: "WARN", ours: "NOTE", rules: "KVH190",
            on: "no SEV, TDX or Secure Execution",
            because: "most hosts do without; profile confidential raises it, and names the step that is missing"),
        Difference(
            "for secure guest support", theirs: "WARN", ours: "–", rules: "KVH190", on: "aarch64, ppc64",
            in: ["aarch64", "ppc64le", "ppc64le-without-module", "ppc64le-without-iommu-groups"],
            because: "theirs says \"Unknown if this platform has Secure Guest support\"; there is nothing to put right"),
        Difference(
            "for secure guest support", theirs: "–", ours: "UNKNOWN", rules: "KVH190", on: "no /proc/cpuinfo",
            in: ["no-cpuinfo"], because: "theirs ends without a line"),
    ]

    private static let controlGroups: [Difference] = [
        Difference(
            "for cgroup 'devices' controller support", theirs: "WARN", ours: "UNKNOWN", rules: "KVH105",
            on: "cgroup v2, not root", in: ["v2-nobody", "kvm-denied"],
            because: "bpf(BPF_PROG_QUERY) needs CAP_NET_ADMIN; theirs says \"Enable 'devices' in kernel Kconfig file\""),
        Difference(
            "for cgroup 'devices' controller support", ["lxc"], theirs: "FAIL", ours: "UNKNOWN", rules: "KVH292",
            on: "cgroup v2, not root", in: ["v2-nobody"],
            because: "bpf(BPF_PROG_QUERY) needs CAP_NET_ADMIN; theirs says \"Enable 'devices' in kernel Kconfig file\""),
        Difference(
            "for cgroup 'freezer' controller support", ["lxc"], theirs: "FAIL", ours: "PASS", rules: "KVH293",
            on: "cgroup v2, Linux 5.2 or later",
            because: """
                every group of version 2 has cgroup.freeze, without a controller; libvirt's own check knows it only \
                since 12.4
                """),
        Difference(
            "exit status", ["lxc"], theirs: "1", ours: "0", rules: "KVH293", on: "cgroup v2, nothing else wrong",
            in: ["intel-v2", "without-net-namespace", "without-user-namespace"], because: "the freezer again"),
        Difference(
            "exit status", ["lxc"], theirs: "1", ours: "3", rules: "KVH292, KVH280",
            on: "cgroup v2 and not root; a kernel whose release is no number",
            in: ["v2-nobody", "kernel-without-version"], because: "not decided is not failed"),
    ]

    private static let containers: [Difference] = [
        Difference(
            "for Linux >= 2.6.26", ["lxc"], theirs: "PASS", ours: "FAIL", rules: "KVH280", on: "Linux 2.6.25",
            in: ["old-kernel"],
            because: """
                theirs compares 2006025 (major × 1000000 + minor × 1000 + micro) with 0x2061a (one byte each), so that \
                every version from 0.133 on passes
                """),
        Difference(
            "for Linux >= 2.6.26", ["lxc"], theirs: "FAIL", ours: "UNKNOWN", rules: "KVH280",
            on: "a kernel whose release is no number", in: ["kernel-without-version"],
            because: "a version that cannot be read is not an old one"),
        Difference(
            "exit status", ["lxc"], theirs: "0", ours: "1", rules: "KVH280", on: "Linux 2.6.25", in: ["old-kernel"],
            because: "see above"),
    ]
}
