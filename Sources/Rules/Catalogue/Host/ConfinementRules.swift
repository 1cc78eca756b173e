internal import Evidence
internal import Facts

/// What holds QEMU in, and what filters its traffic. KVH223, KVH224, KVH231, KVH232, KVH236.
enum ConfinementRules {
    static let all: [Rule<HostFacts>] = [
        selinuxPermissive, qemuUnconfined, securityDriverOff, qemuIsRoot, firewallsCompete,
    ]

    private static let sVirt = Citation("libvirt docs/drvqemu.rst, \"sVirt\"", "11.3")

    static let selinuxPermissive = Rule<HostFacts>(
        RuleInfo(
            "KVH232", "selinux-permissive", "SELinux enforces where it is on", area: StackRules.area, severity: .note,
            rationale: "In permissive mode sVirt labels guests and their disks, and holds nobody to the labels.",
            sources: [sVirt, Citation("selinux(8)", "3.4")],
            remedy: Remedy(
                "look for denials first, then enforce, and set it in /etc/selinux/config",
                commands: ["ausearch -m avc -ts recent", "setenforce 1"]),
            parent: "KVH213"),
        holds: { $0.stack.selinuxEnforces = .known(true, from: .file("/sys/fs/selinux/enforce")) },
        violates: { $0.stack.selinuxEnforces = .known(false, from: .file("/sys/fs/selinux/enforce")) },
        decide: { host throws(Undecided) in
            guard let enforces = try host.stack.selinuxEnforces.get() else { return .notApplicable("SELinux is off") }
            return enforces ? .pass() : .fail("SELinux is permissive", at: host.stack.selinuxEnforces.places)
        })

    static let qemuUnconfined = Rule<HostFacts>(
        RuleInfo(
            "KVH223", "qemu-unconfined", "SELinux or AppArmor confines QEMU", area: StackRules.area, severity: .note,
            rationale: """
                With one of them each guest's QEMU reaches its own disks and nothing else (sVirt). Without, a guest \
                that breaks out of QEMU has all that QEMU's user has, the other guests' disks above all.
                """,
            sources: [sVirt],
            remedy: Remedy("switch AppArmor or SELinux on at boot: security=apparmor, or the distribution's SELinux"),
            parent: "KVH213"),
        violates: { host in
            host.stack.selinuxEnforces = .absent(from: .file("/sys/fs/selinux/enforce"))
            host.stack.appArmorEnabled = .absent(from: .file("/sys/module/apparmor/parameters/enabled"))
        },
        decide: { host throws(Undecided) in
            if let enforces = try host.stack.selinuxEnforces.get() {
                return enforces ? .pass(nil, "SELinux") : .notApplicable("SELinux is permissive, see KVH232")
            }
            if try host.stack.appArmorEnabled.get() == true { return .pass(nil, "AppArmor") }
            return .fail(
                "neither SELinux nor AppArmor is on",
                at: host.stack.selinuxEnforces.places + host.stack.appArmorEnabled.places)
        })

    static let securityDriverOff = Rule<HostFacts>(
        RuleInfo(
            "KVH224", "security-driver-off", "qemu.conf does not switch the security driver off", area: StackRules.area,
            severity: .warning,
            rationale: "security_driver = \"none\" takes away sVirt on a host that has SELinux or AppArmor.",
            sources: [Citation("libvirt src/qemu/qemu.conf.in, security_driver", "9.0")],
            remedy: Remedy("take security_driver = \"none\" out of /etc/libvirt/qemu.conf and restart the daemon"),
            parent: "KVH213"),
        violates: { $0.stack.securityDriver = .known("none", from: .file("/etc/libvirt/qemu.conf")) },
        decide: { host throws(Undecided) in
            guard try host.stack.securityDriver.get() == "none" else { return .pass() }
            return .fail("security_driver is \"none\"", at: host.stack.securityDriver.places)
        })

    static let qemuIsRoot = Rule<HostFacts>(
        RuleInfo(
            "KVH236", "qemu-runs-as-root", "libvirt runs QEMU as a user of its own", area: StackRules.area,
            severity: .warning,
            rationale: "With user = \"root\" in qemu.conf a guest that breaks out of QEMU is root on the host.",
            sources: [Citation("libvirt docs/drvqemu.rst, \"POSIX users/groups\"", "11.3")],
            remedy: Remedy("take user = \"root\" out of /etc/libvirt/qemu.conf and restart the daemon"),
            parent: "KVH213"),
        violates: {
            $0.kvm.qemuUser = .known(
                Account(name: "root", user: 0, groups: [0]), from: .file("/etc/libvirt/qemu.conf"))
        },
        decide: { host throws(Undecided) in
            guard let user = try host.kvm.qemuUser.get() else { return .notApplicable("QEMU's user is not known here") }
            if user.user != 0 { return .pass(nil, user.name) }
            return .fail("libvirt runs QEMU as root", at: host.kvm.qemuUser.places)
        })

    static let firewallsCompete = Rule<HostFacts>(
        RuleInfo(
            "KVH231", "firewalls-compete", "at most one firewall is started at boot", area: StackRules.area,
            severity: .warning,
            rationale: """
                firewalld, nftables.service and ufw each rewrite the rules as if they were alone; the one that comes \
                later drops what the others, and libvirt, have put in.
                """,
            sources: [
                Citation("libvirt docs/firewall.rst", "11.3"),
                Citation("nftables.service: \"flush ruleset\" in /etc/nftables.conf", "Debian 12"),
            ],
            remedy: Remedy("keep one of them"), parent: "KVH213"),
        violates: { $0.stack.firewallsAtBoot = .known(["firewalld", "nftables"], from: .file("/etc/systemd/system")) },
        decide: { host throws(Undecided) in
            guard let firewalls = try host.stack.firewallsAtBoot.get() else {
                return .notApplicable("neither systemd nor OpenRC starts this host")
            }
            if firewalls.count < 2 { return .pass(nil, firewalls.first ?? "none") }
            return .fail(
                "the boot starts \(firewalls.joined(separator: " and "))", at: host.stack.firewallsAtBoot.places,
                remedy: Remedy(
                    "keep one of them", commands: firewalls.dropFirst().map { "systemctl disable --now \($0).service" })
            )
        })
}
