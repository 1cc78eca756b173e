internal import Evidence
internal import Facts

/// QEMU and the programs beside it. KVH210–KVH212, KVH229, KVH230, KVH239.
enum QEMURules {
    static let all: [Rule<HostFacts>] = [
        qemuMissing, tooOldForLibvirt, imageToolMissing, swtpmMissing, virtiofsdMissing, bridgeHelper,
    ]

    static let qemuMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH210", "qemu-missing", "a QEMU for the host's architecture is installed", area: StackRules.area,
            severity: .warning,
            rationale: """
                KVM alone runs nothing: libvirt starts a QEMU for each VM, and only the one for the host's own \
                architecture can use KVM.
                """,
            sources: [
                Citation("libvirt src/qemu/qemu_capabilities.c, virQEMUCapsGetDefaultEmulator", "11.3"),
                Citation("Mastering KVM Virtualization, chapter 2, \"QEMU\"", "2nd edition, 2020"),
            ],
            remedy: Remedy("install QEMU's system emulator for this architecture"),
            explains: ["No emulator found for arch", "Cannot find suitable emulator"]),
        violates: { host in
            host.stack.emulators = .known([])
            host.stack.foreignEmulators = .known(["/usr/bin/qemu-system-arm"])
        },
        decide: { host throws(Undecided) in
            let emulators = try host.stack.emulators.get(whenAbsent: [])
            if let emulator = emulators.first {
                let version = (try? host.stack.qemuVersion.get()).map { ", QEMU \($0)" } ?? ""
                return .pass(nil, emulator + version)
            }
            let machine = try host.system.machine.get() ?? "this architecture"
            let foreign = (try? host.stack.foreignEmulators.get()) ?? []
            return .fail(
                "no QEMU for \(machine) is installed",
                foreign.isEmpty ? [] : ["for other architectures: \(foreign.joined(separator: ", "))"],
                remedy: Packages.remedy(.qemu, on: host, "install QEMU's system emulator for \(machine)"))
        })

    /// The oldest QEMU that a libvirt takes. Releases before the first one here are not on record; those in between ask
    /// for at least what the one before them asks for.
    private static let minimumQEMU: [(libvirt: SoftwareVersion, qemu: SoftwareVersion)] = [
        (SoftwareVersion(9, 0, 0), SoftwareVersion(4, 2, 0)), (SoftwareVersion(11, 2, 0), SoftwareVersion(6, 2, 0)),
    ]

    static let tooOldForLibvirt = Rule<HostFacts>(
        RuleInfo(
            "KVH211", "qemu-too-old-for-libvirt", "libvirt takes this QEMU", area: StackRules.area, severity: .error,
            rationale: """
                libvirt refuses a QEMU older than the oldest it was written for, and then offers no KVM guests at \
                all. It happens where one of the two comes from elsewhere than the distribution.
                """,
            sources: [
                Citation("libvirt NEWS, \"bump to qemu-6.2\"", "11.2.0, 2025-04-01"),
                Citation("libvirt src/qemu/qemu_capabilities.c, \"QEMU version >= … is required\"", "9.0"),
            ],
            remedy: Remedy("install the QEMU of the same distribution release as libvirt"), parent: "KVH210",
            explains: ["QEMU version >= 6.2.0 is required, but"]),
        holds: { $0.stack.libvirtVersion = .known(SoftwareVersion(11, 3, 0)) },
        violates: { $0.stack.qemuVersion = .known(SoftwareVersion(5, 2, 0), from: .file("/usr/bin/qemu-kvm")) },
        decide: { host throws(Undecided) in
            guard let libvirt = try host.stack.libvirtVersion.get() else {
                return .notApplicable("libvirt is not installed")
            }
            guard let qemu = try host.stack.qemuVersion.get() else { return .notApplicable("QEMU is not installed") }
            guard let minimum = minimumQEMU.last(where: { $0.libvirt <= libvirt })?.qemu else {
                return .notApplicable("kvmcheck has no minimum on record for libvirt \(libvirt)")
            }
            if qemu >= minimum { return .pass(nil, "QEMU \(qemu), libvirt \(libvirt)") }
            return .fail(
                "QEMU \(qemu) is older than \(minimum), the oldest that libvirt \(libvirt) takes",
                at: host.stack.qemuVersion.places)
        })

    static let imageToolMissing = missing(
        "KVH212", "qemu-img-missing", "qemu-img", \.imageTool, .qemuImg, severity: .warning,
        rationale: """
            libvirt makes, copies and examines qcow2 volumes with qemu-img; virt-install, nova and every export of an \
            image need it too.
            """,
        sources: [Citation("libvirt src/storage/storage_util.c, virFindFileInPath(\"qemu-img\")", "11.3")],
        explains: ["unable to find qemu-img", "creation of non-raw file images is not supported without qemu-img"])

    static let swtpmMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH229", "swtpm-missing", "guests can be given a TPM", area: StackRules.area, severity: .note,
            rationale: "Windows 11 and measured boot ask for a TPM; libvirt emulates one with swtpm and swtpm_setup.",
            sources: [Citation("libvirt docs/formatdomain.rst, \"TPM device\"", "11.3")],
            remedy: Remedy("install swtpm"), parent: "KVH210",
            explains: ["Unable to find 'swtpm_setup' binary in $PATH", "Unable to find 'swtpm' binary in $PATH"]),
        violates: { $0.stack.swtpmSetup = .absent(from: .file("/usr/bin/swtpm_setup")) },
        decide: { host throws(Undecided) in
            var missing: [String] = []
            if try !host.stack.swtpm.isPresent() { missing.append("swtpm") }
            if try !host.stack.swtpmSetup.isPresent() { missing.append("swtpm_setup") }
            if missing.isEmpty { return .pass() }
            let verb = missing.count == 1 ? "is" : "are"
            return .fail(
                "\(missing.joined(separator: " and ")) \(verb) not installed",
                remedy: Packages.remedy(.swtpm, on: host, "for guests with a TPM, Windows 11 above all, install swtpm"))
        })

    static let virtiofsdMissing = missing(
        "KVH230", "virtiofsd-missing", "virtiofsd", \.virtiofsd, .virtiofsd, severity: .note,
        rationale: "Directories are shared with guests by virtiofs, and virtiofsd serves it.",
        sources: [Citation("libvirt docs/kbase/virtiofs.rst", "11.3")],
        explains: ["Unable to find a satisfying virtiofsd"])

    static let bridgeHelper = Rule<HostFacts>(
        RuleInfo(
            "KVH239", "bridge-helper-unprivileged", "guests of qemu:///session can use a bridge", area: StackRules.area,
            severity: .note,
            rationale: """
                A user's own QEMU may not make a tap on a bridge; qemu-bridge-helper does it, if it is setuid root and \
                /etc/qemu/bridge.conf allows the bridge. Guests of qemu:///system do not need it.
                """,
            sources: [Citation("QEMU docs, qemu-bridge-helper in \"Network options\"", "7.2")],
            remedy: Remedy("make the helper setuid root, and allow the bridge"), parent: "KVH210",
            explains: ["failed to create tun device: Operation not permitted: Transport endpoint is not connected"]),
        violates: {
            $0.stack.bridgeHelper = .known(
                FileMetadata(kind: .regular, mode: 0o755), from: .file("/usr/lib/qemu/qemu-bridge-helper"))
        },
        decide: { host throws(Undecided) in
            guard let helper = try host.stack.bridgeHelper.get() else {
                return .fail(
                    "qemu-bridge-helper is not installed", remedy: Packages.remedy(.qemu, on: host, "install it"))
            }
            let path = host.stack.bridgeHelper.places.first?.path ?? "qemu-bridge-helper"
            guard helper.mode & 0o4000 != 0, helper.owner == 0 else {
                return .fail(
                    "\(path) is not setuid root", ["mode \(helper.octalMode)"], at: host.stack.bridgeHelper.places,
                    remedy: Remedy(
                        "and allow the bridge in /etc/qemu/bridge.conf",
                        commands: ["chmod u+s \(path)"] + allowance(host)))
            }
            guard try host.stack.bridgeAllowances.isPresent() else {
                return .fail(
                    "/etc/qemu/bridge.conf is missing", at: host.stack.bridgeAllowances.places,
                    remedy: Remedy("allow the bridge", commands: allowance(host)))
            }
            return .pass(nil, path)
        })

    /// Allows the bridge of libvirt's network `default`, or what it is called where nobody has changed it.
    private static func allowance(_ host: HostFacts) -> [String] {
        let bridge = (try? host.network.defaultNetworkBridge.get()) ?? "virbr0"
        return ["mkdir -p /etc/qemu", "echo 'allow \(bridge)' >> /etc/qemu/bridge.conf"]
    }

    /// A program that must simply be there.
    private static func missing(
        _ id: String, _ slug: String, _ program: String,
        _ path: any WritableKeyPath<StackFacts, Observation<String>> & Sendable, _ component: Packages.Component,
        severity: Severity, rationale: String, sources: [Citation], explains: [String]
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, "\(program) is installed", area: StackRules.area, severity: severity, rationale: rationale,
                sources: sources, remedy: Remedy("install \(program)"), parent: "KVH210", explains: explains),
            violates: { $0.stack[keyPath: path] = .absent(from: .file("/usr/bin/\(program)")) },
            decide: { host throws(Undecided) in
                if let path = try host.stack[keyPath: path].get() { return .pass(nil, path) }
                return .fail(
                    "\(program) is not installed", remedy: Packages.remedy(component, on: host, "install \(program)"))
            })
    }
}
