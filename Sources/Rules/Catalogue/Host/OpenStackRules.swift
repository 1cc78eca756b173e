internal import Evidence
internal import Facts

/// An OpenStack compute node. KVH310–KVH317.
enum OpenStackRules {
    static let all: [Rule<HostFacts>] = [
        libvirtTooOld, qemuTooOld, hostnameOnLoopback, rootSmall, linkModulesMissing, networkManager, emulated,
    ]

    private static let book = Citation("Mastering KVM Virtualization, chapter 12", "2nd edition, 2020")

    /// What nova asks for: `MIN_LIBVIRT_VERSION` and `MIN_QEMU_VERSION`.
    private static let minimum = (libvirt: SoftwareVersion(8, 0), qemu: SoftwareVersion(6, 2))
    private static let driver = Citation("nova/virt/libvirt/driver.py, MIN_LIBVIRT_VERSION, MIN_QEMU_VERSION", "2025")

    static let libvirtTooOld = Rule<HostFacts>(
        RuleInfo(
            "KVH310", "libvirt-too-old-for-nova", "nova takes this libvirt", area: DeploymentRules.area,
            severity: .error, rationale: "nova-compute does not start with a libvirt older than its minimum.",
            sources: [driver], remedy: Remedy("install libvirt \(minimum.libvirt) or later"), parent: "KVH213",
            explains: ["Nova requires libvirt version"]),
        violates: { $0.stack.libvirtVersion = .known(SoftwareVersion(6, 0), from: .file("/usr/lib64/libvirt.so.0")) },
        decide: { host throws(Undecided) in
            guard let version = try host.stack.libvirtVersion.get() else {
                return .notApplicable("libvirt's library is not installed")
            }
            if version >= minimum.libvirt { return .pass(nil, "libvirt \(version)") }
            return .fail(
                "libvirt is \(version), nova asks for \(minimum.libvirt)", at: host.stack.libvirtVersion.places)
        })

    static let qemuTooOld = Rule<HostFacts>(
        RuleInfo(
            "KVH311", "qemu-too-old-for-nova", "nova takes this QEMU", area: DeploymentRules.area, severity: .error,
            rationale: "nova-compute does not start with a QEMU older than its minimum.", sources: [driver],
            remedy: Remedy("install QEMU \(minimum.qemu) or later"), parent: "KVH210",
            explains: ["Nova requires QEMU version"]),
        violates: { $0.stack.qemuVersion = .known(SoftwareVersion(5, 2), from: .file("/usr/bin/qemu-system-x86_64")) },
        decide: { host throws(Undecided) in
            guard let version = try host.stack.qemuVersion.get() else { return .notApplicable("no QEMU") }
            if version >= minimum.qemu { return .pass(nil, "QEMU \(version)") }
            return .fail("QEMU is \(version), nova asks for \(minimum.qemu)", at: host.stack.qemuVersion.places)
        })

    static let hostnameOnLoopback = Rule<HostFacts>(
        RuleInfo(
            "KVH312", "hostname-on-loopback", "/etc/hosts gives the host's name no loopback address",
            area: DeploymentRules.area, severity: .warning,
            rationale: """
                Services that bind to, or announce, the address of the host's own name then do so on loopback, and the \
                other nodes do not reach them. Debian's and Ubuntu's installers write such a line.
                """,
            sources: [Citation("OpenStack-Ansible deployment guide, \"Target hosts\"", "2025"), book],
            remedy: Remedy("give the name the address of the management network instead")),
        violates: {
            $0.capacity.loopbackNames = .known([LoopbackName(address: "127.0.1.1", line: 2)], from: .file("/etc/hosts"))
        },
        decide: { host throws(Undecided) in
            let lines = try host.capacity.loopbackNames.get(whenAbsent: [])
            guard let first = lines.first else { return .pass() }
            let name = (try? host.system.hostname.get()) ?? "the host's name"
            return .fail(
                "/etc/hosts gives \(name) the address \(first.address)",
                at: lines.map { Place("/etc/hosts", line: $0.line) })
        })

    static let rootSmall = Rule<HostFacts>(
        RuleInfo(
            "KVH313", "root-file-system-small", "the root file system has 100 GB", area: DeploymentRules.area,
            severity: .note,
            rationale: "100 GB are asked of infrastructure nodes; images and instances of a compute node need more.",
            sources: [book], remedy: Remedy("give / or /var more room")),
        violates: {
            $0.capacity.answers.root = .known(
                FileSystemSpace(total: 40_000_000_000, available: 20_000_000_000), from: .call("statvfs", on: "/"))
        },
        decide: { host throws(Undecided) in
            guard let space = try host.capacity.answers.root.get() else { return .notApplicable("no file system") }
            let text = "\(DeploymentRules.gigabytes(space.total)), \(DeploymentRules.gigabytes(space.available)) free"
            // A file system on a disk of 100 GB is smaller by what it needs for itself.
            if space.total >= 90_000_000_000 { return .pass(nil, text) }
            return .fail("the root file system has \(text)", at: [Place("/")])
        })

    static let linkModulesMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH314", "link-modules-missing", "the kernel has bonding and 8021q", area: DeploymentRules.area,
            severity: .warning,
            rationale: "Bonded links and VLANs are how OpenStack's networks reach a node.", sources: [book],
            remedy: Remedy("install the kernel's package of extra modules, then load them")),
        violates: { $0.capacity.linkModules = .known(["bonding": true, "8021q": false]) },
        decide: { host throws(Undecided) in
            let modules = try host.capacity.linkModules.get(whenAbsent: [:])
            let missing = modules.filter { !$0.value }.keys.sorted()
            if missing.isEmpty { return .pass() }
            return .fail(
                "the kernel has no \(missing.joined(separator: ", no "))", at: host.capacity.linkModules.places,
                remedy: Remedy(
                    "install the kernel's package of extra modules, then load them",
                    commands: missing.map { "modprobe \($0)" }))
        })

    static let networkManager = Rule<HostFacts>(
        RuleInfo(
            "KVH315", "network-manager-at-boot", "NetworkManager does not manage the node", area: DeploymentRules.area,
            severity: .note,
            rationale: "packstack warns that OpenStack networking does not work beside NetworkManager.",
            sources: [book],
            remedy: Remedy(
                "where packstack installs, hand the interfaces to network-scripts first",
                commands: ["systemctl disable --now NetworkManager.service"])),
        violates: { $0.stack.unitsAtBoot = .known(["NetworkManager.service"], from: .file("/etc/systemd/system")) },
        decide: { host throws(Undecided) in
            guard let units = try host.stack.unitsAtBoot.get() else {
                return .notApplicable("neither systemd nor OpenRC starts this host")
            }
            return units.contains("NetworkManager.service")
                ? .fail("the boot starts NetworkManager", at: host.stack.unitsAtBoot.places) : .pass()
        })

    static let emulated = Rule<HostFacts>(
        RuleInfo(
            "KVH316", "nova-emulates", "nova uses KVM", area: DeploymentRules.area, severity: .warning,
            rationale: """
                With virt_type = qemu nova runs its instances without KVM, ten to a hundred times slower. Installers \
                set it when they find no vmx or svm, and it stays when KVM is there.
                """,
            sources: [Citation("nova configuration reference, [libvirt] virt_type", "2025"), book],
            remedy: Remedy("set virt_type = kvm in [libvirt] and restart nova-compute")),
        holds: { $0.capacity.novaVirtType = .known("kvm", from: .file("/etc/nova/nova.conf")) },
        violates: { $0.capacity.novaVirtType = .known("qemu", from: .file("/etc/nova/nova.conf")) },
        decide: { host throws(Undecided) in
            guard let type = try host.capacity.novaVirtType.get() else {
                return .notApplicable("nova is not configured here, or leaves virt_type at kvm")
            }
            guard type == "qemu" else { return .pass(nil, "virt_type = \(type)") }
            guard let run = try host.kvm.answers.guest.get(), run.isRight else {
                return .notApplicable("virt_type is qemu, and KVM does not work here")
            }
            return .fail("virt_type is qemu, and KVM works here", at: host.capacity.novaVirtType.places)
        })
}
