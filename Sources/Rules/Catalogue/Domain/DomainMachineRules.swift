internal import Evidence
internal import Facts
internal import LibvirtXML

/// Machine type, firmware, devices and life cycle. KVD150–KVD199.
enum DomainMachineRules {
    static let area = "Machine"

    static let all: [Rule<DomainFacts>] = [
        emulated, foreignArchitecture, machineOld, conventionalPCI, secureBoot, firmwareRefused, firmwareTwice,
        variablesLost, acpiAndUEFI, crashLeftDown, agentMissing, randomnessMissing, watchdogMissing, pinnedToHost,
        transient, savedState, startedByHand,
    ]

    private static let format = Citation("libvirt docs/formatdomain.rst", "11.3")
    private static let validation = Citation("libvirt src/conf/domain_validate.c: virDomainDefOSValidate", "9.0")

    // MARK: - KVM

    static let emulated = Rule<DomainFacts>(
        RuleInfo(
            "KVD150", "emulated-although-kvm-works", "the domain uses KVM where the host has it", area: area,
            severity: .warning,
            rationale: "Domain type qemu emulates every instruction: ten times slower and more than with KVM.",
            sources: [format, Citation("QEMU docs/system/introduction.rst: accelerators", "10.2")],
            remedy: Remedy("use <domain type='kvm'>")),
        violates: { $0.rewrite("<domain type='kvm'>", "<domain type='qemu'>") },
        decide: { domain throws(Undecided) in
            let type = domain.definition.type
            guard type == .qemu else { return .pass() }
            guard let machine = try domain.host.system.machine.get() else {
                return .notApplicable("the host's architecture is not known")
            }
            guard isNative(domain.definition.os.arch.value ?? machine, on: machine) else {
                return .pass("another architecture than the host's")
            }
            guard try domain.host.kvm.answers.guest.get()?.isRight == true else {
                return .pass("KVM does not work here")
            }
            return .fail(
                "type 'qemu' on a host where KVM works", at: [domain.place(type.position)],
                remedy: Remedy("use <domain type='kvm'>", commands: [domain.editCommand]))
        })

    /// Whether KVM on a host runs guests of an architecture, by `uname -m` and libvirt's names.
    private static func isNative(_ guest: String, on host: String) -> Bool {
        switch host {
        case "x86_64": ["x86_64", "i686"].contains(guest)
        case "i386", "i486", "i586", "i686": guest == "i686"
        case "aarch64": ["aarch64", "armv7l"].contains(guest)
        case "ppc64", "ppc64le": ["ppc64", "ppc64le"].contains(guest)
        default: guest == host
        }
    }

    static let foreignArchitecture = Rule<DomainFacts>(
        RuleInfo(
            "KVD151", "kvm-of-another-architecture", "KVM runs guests of the host's architecture", area: area,
            severity: .error, rationale: "KVM executes on the host's own processor: another one must be emulated.",
            sources: [Citation("libvirt docs/drvqemu.rst: prerequisites", "11.3")],
            remedy: Remedy("use <domain type='qemu'>, or a host of that architecture"),
            explains: ["does not support virt type 'kvm'", "could not find capabilities for arch"]),
        violates: { $0.rewrite("arch='x86_64'", "arch='aarch64'") },
        decide: { domain throws(Undecided) in
            let arch = domain.definition.os.arch
            guard domain.definition.type == .kvm, let guest = arch.value else { return .pass() }
            guard let host = try domain.host.system.machine.get(), !isNative(guest, on: host) else { return .pass() }
            return .fail("type 'kvm' of \(guest) on a host of \(host)", at: [domain.place(arch.position)])
        })

    // MARK: - Machine type

    static let machineOld = Rule<DomainFacts>(
        RuleInfo(
            "KVD152", "machine-type-old", "the machine type is one that QEMU keeps", area: area, severity: .warning,
            rationale: """
                QEMU deprecates a versioned machine type after three years and removes it after six: pc-0 and pc-1 \
                are gone since 6.0, and a domain with such a type does not start after an upgrade.
                """,
            sources: [Citation("QEMU docs/about/deprecated.rst and removed-features.rst", "10.2")],
            remedy: Remedy("use a newer machine type"),
            explains: ["unsupported machine type", "does not support machine type"]),
        violates: { $0.rewrite("machine='pc-q35-7.2'", "machine='pc-1.0'") },
        decide: { domain throws(Undecided) in
            let machine = domain.definition.os.machine
            guard domain.definition.isQEMU, let name = machine.value, let major = majorVersion(name), major < 3 else {
                return .pass()
            }
            return .fail(
                "machine type '\(name)'", at: [domain.place(machine.position)],
                remedy: Remedy(
                    "take the newest of its kind, with the domain shut off; Windows may ask for activation",
                    commands: [
                        "virt-xml \(domain.nameWord) --edit --machine \(name.contains("q35") ? "q35" : "pc")"
                    ]))
        })

    /// The major version of QEMU that a machine type of x86 is of: `pc-1.0`, `pc-i440fx-2.4`, `pc-q35-7.2`.
    private static func majorVersion(_ machine: String) -> Int? {
        for prefix in ["pc-i440fx-", "pc-q35-", "pc-"] where machine.hasPrefix(prefix) {
            let parts = machine.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
            // Distributions append a word: pc-i440fx-2.8-debian.
            guard parts.count >= 2, let major = parts.first, major.count <= 2 else { return nil }
            return Int(major)
        }
        return nil
    }

    /// Whether a machine has a conventional PCI bus only.
    private static func isI440FX(_ machine: String) -> Bool {
        machine == "pc" || machine.hasPrefix("pc-i440fx-") || machine.hasPrefix("pc-0.") || machine.hasPrefix("pc-1.")
    }

    static let conventionalPCI = Rule<DomainFacts>(
        RuleInfo(
            "KVD153", "pci-express-device-on-i440fx", "PCI Express devices are passed to a PCI Express machine",
            area: area, severity: .note,
            rationale: """
                i440fx has a conventional bus: a device that is passed through loses its extended configuration \
                space, which drivers of graphics and network cards may need.
                """,
            sources: [Citation("libvirt docs/pci-hotplug.rst; QEMU docs/pcie.txt", "11.3")],
            remedy: Remedy("use machine type q35")),
        violates: {
            $0.rewrite(
                "machine='pc-q35-7.2'>hvm</type>",
                """
                machine='pc-i440fx-7.2'>hvm</type></os><devices><hostdev mode='subsystem' type='pci' managed='yes'>
                <source><address domain='0' bus='4' slot='0' function='0'/></source></hostdev></devices><os>
                """)
        },
        faults: { domain in
            var faults: [Fault] = []
            guard isI440FX(domain.definition.os.machine.value ?? "") else { return [] }
            for device in domain.definition.devices.hostDevices where device.type == .pci {
                faults.add("a host PCI device in a machine without PCI Express", at: device.position)
            }
            return faults
        })

    // MARK: - Firmware

    static let secureBoot = Rule<DomainFacts>(
        RuleInfo(
            "KVD154", "secure-boot-refused", "secure boot has what it needs", area: area, severity: .error,
            rationale: """
                A secure loader keeps its variables behind System Management Mode: libvirt takes it on x86_64, with \
                machine q35 and <smm state='on'/> only.
                """,
            sources: [Citation("libvirt src/qemu/qemu_validate.c: secure boot", "11.3"), format],
            remedy: Remedy("use q35 and <features><smm state='on'/></features>"),
            explains: [
                "Secure boot requires SMM feature enabled", "Secure boot is supported with q35 machine types only",
            ]),
        violates: {
            $0.rewrite(
                "<boot dev='hd'/>",
                "<loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>")
        },
        remedy: { domain in
            Remedy(
                "use q35 and <smm state='on'/>",
                commands: ["virt-xml \(domain.nameWord) --edit --features smm.state=on"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let os = domain.definition.os
            guard domain.definition.isQEMU, os.loader.isSecure.value == true else { return [] }
            let machine = os.machine.value ?? ""
            faults.add(
                "a secure loader in machine '\(machine)'", at: os.loader.isSecure.position,
                if: os.machine.isPresent && !machine.contains("q35"))
            faults.add(
                "a secure loader on \(os.arch.value ?? "")", at: os.loader.isSecure.position,
                if: os.arch.isPresent && os.arch.value != "x86_64")
            let smm = domain.definition.features
            faults.add(
                "a secure loader without <smm state='on'/>", at: os.loader.isSecure.position,
                if: !os.firmware.isPresent && (!smm.namesSMM.isPresent || smm.smm.value == false))
            return faults
        })

    static let firmwareRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD155", "firmware-refused", "loader and variables go together", area: area, severity: .error,
            rationale: """
                libvirt refuses variables of a BIOS, of a loader that is stateless or writable or a ROM, a loader \
                without a path, wishes of a firmware that it is not to choose, and one to choose that is writable: \
                it takes flash with variables apart.
                """,
            sources: [
                validation, Citation("libvirt src/qemu/qemu_firmware.c: qemuFirmwareMatchDomain", "9.2"),
                Citation("libvirt tests/qemuxmlconfdata/firmware-*.err", "11.3"),
            ],
            remedy: Remedy("let libvirt choose: <os firmware='efi'> without <loader> and <nvram>"),
            explains: [
                "NVRAM is not permitted when loader is", "NVRAM template is not permitted when loader is",
                "Only pflash loader type permits NVRAM", "Only EFI firmware permits NVRAM",
                "firmware type 'bios' does not support nvram",
                "no loader path specified and firmware auto selection disabled",
                "ROM loader type cannot be used as read/write",
                "Unable to find 'efi' firmware that is compatible with the current configuration",
            ]),
        violates: { $0.rewrite("<boot dev='hd'/>", "<boot dev='hd'/><loader readonly='yes' type='pflash'/>") },
        faults: { domain in
            var faults: [Fault] = []
            let os = domain.definition.os
            guard domain.definition.isQEMU else { return [] }
            let loader = os.loader
            let nvram = os.nvram
            if os.firmware.isPresent {
                faults.add(
                    "firmware that libvirt chooses, to be writable", at: loader.isReadOnly.position,
                    if: loader.isReadOnly.value == false)
                faults.add(
                    "variables of firmware '\(os.firmware.text ?? "")'", at: nvram.position,
                    if: nvram.isPresent && os.firmware != .efi)
                faults.add(
                    "firmware with enrolled keys and without secure boot", at: os.position,
                    if: os.firmwareFeatures.contains { $0.name == .enrolledKeys && $0.isEnabled.value == true }
                        && os.firmwareFeatures.contains { $0.name == .secureBoot && $0.isEnabled.value == false })
                faults.add(
                    "firmware that keeps state, and is not EFI", at: loader.isStateless.position,
                    if: loader.isStateless.value == false && os.firmware != .efi)
            } else {
                faults.add(
                    "features of a firmware that is not to be chosen", at: os.position, if: !os.firmwareFeatures.isEmpty
                )
                faults.add(
                    "a loader without a path, and no firmware to choose", at: loader.position,
                    if: loader.isPresent && (loader.path.value ?? "").isEmpty)
                faults.add(
                    "a loader that keeps state, and is no flash", at: loader.isStateless.position,
                    if: loader.isStateless.value == false && loader.type != .pflash)
            }
            faults.add(
                "a ROM that can be written", at: loader.isReadOnly.position,
                if: loader.type == .rom && loader.isReadOnly.value == false)
            faults.add(
                "variables of a loader that is stateless", at: nvram.position,
                if: loader.isStateless.value == true && nvram.isPresent)
            return faults
        })

    static let firmwareTwice = Rule<DomainFacts>(
        RuleInfo(
            "KVD156", "firmware-chosen-twice", "firmware is chosen by libvirt or by path, not both", area: area,
            severity: .warning,
            rationale: """
                libvirt 9.0 refuses <os firmware='efi'> together with the path of a loader, or whether it is writable; \
                11.3 accepts it where a description of firmware matches the path.
                """,
            sources: [
                Citation("libvirt 9.0, virsh define", "2026"),
                Citation("libvirt src/qemu/qemu_firmware.c: qemuFirmwareMatchesPaths", "11.3"),
            ],
            remedy: Remedy("drop the path, or firmware='efi'"),
            explains: [
                "loader path cannot be specified when firmware autoselection is enabled",
                "loader attribute 'readonly' cannot be specified when firmware autoselection is enabled",
            ]),
        violates: {
            $0.libvirt = .absent()
            $0.rewrite(
                "  <os>\n",
                "  <os firmware='efi'><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>\n")
        },
        faults: { domain in
            var faults: [Fault] = []
            let os = domain.definition.os
            faults.add(
                "firmware='\(os.firmware.text ?? "")' and the path of a loader", at: os.loader.position,
                if: domain.definition.isQEMU && os.firmware.isPresent && !(os.loader.path.value ?? "").isEmpty
                    // libvirt writes the path itself into what it has chosen.
                    && ((try? domain.libvirt.get()) ?? nil) == nil)
            return faults
        })

    static let variablesLost = Rule<DomainFacts>(
        RuleInfo(
            "KVD157", "firmware-variables-lost", "UEFI firmware keeps its variables", area: area, severity: .warning,
            rationale: """
                UEFI as a ROM, or as flash without variables of its own, forgets boot entries and keys with each \
                power cycle: installed systems may not boot.
                """,
            sources: [format, Citation("edk2 OvmfPkg/README", "2023")],
            remedy: Remedy("use type='pflash' readonly='yes' with <nvram>, or firmware='efi'")),
        violates: { $0.rewrite("<boot dev='hd'/>", "<boot dev='hd'/><loader>/usr/share/ovmf/OVMF.fd</loader>") },
        remedy: { domain in
            Remedy(
                "let libvirt choose the firmware; the domain gets fresh variables",
                commands: ["virt-xml \(domain.nameWord) --edit --boot uefi"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let os = domain.definition.os
            guard domain.definition.isQEMU, let path = os.loader.path.value else { return [] }
            let lower = path.lowercased()
            let isUEFI = ["ovmf", "edk2", "aavmf", "qemu_efi"].contains { lower.contains($0) }
            faults.add(
                "UEFI firmware as a ROM: \(path)", at: os.loader.position,
                if: isUEFI && !os.firmware.isPresent && (os.loader.type.value ?? .known(.rom)) == .known(.rom))
            return faults
        })

    static let acpiAndUEFI = Rule<DomainFacts>(
        RuleInfo(
            "KVD158", "uefi-without-acpi", "UEFI and ACPI are there together", area: area, severity: .error,
            rationale: "libvirt refuses UEFI without ACPI on x86, and ACPI without UEFI on aarch64.",
            sources: [
                Citation(
                    "libvirt tests/qemuxmlconfdata/firmware-manual-efi-noacpi-q35.err, …noefi-acpi-aarch64.err", "11.3")
            ],
            remedy: Remedy("add <acpi/>, or on aarch64 firmware='efi'"),
            explains: ["UEFI requires ACPI on this architecture", "ACPI requires UEFI on this architecture"]),
        violates: {
            $0.rewrite(
                """
                <boot dev='hd'/>
                  </os>
                  <features>
                    <acpi/>
                """,
                """
                <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
                </os><features>
                """)
        },
        faults: { domain in
            var faults: [Fault] = []
            let os = domain.definition.os
            guard domain.definition.isQEMU else { return [] }
            let hasUEFI = os.firmware == .efi || os.loader.type == .pflash
            let acpi = domain.definition.features.hasACPI
            faults.add("UEFI without ACPI", at: os.position, if: domain.definition.isX86 && hasUEFI && !acpi.isPresent)
            faults.add(
                "ACPI without UEFI on aarch64", at: acpi.position,
                if: os.arch.value == "aarch64" && acpi.isPresent && !hasUEFI)
            return faults
        })

    // MARK: - Life

    static let crashLeftDown = Rule<DomainFacts>(
        RuleInfo(
            "KVD160", "crash-leaves-down", "a guest that crashes starts again", area: area, severity: .note,
            rationale: "<on_crash> is destroy where it is absent: a guest that panics stays off until someone looks.",
            sources: [format], remedy: Remedy("use <on_crash>restart</on_crash>, or preserve to look into it")),
        violates: { $0.rewrite("<on_crash>restart</on_crash>", "<on_crash>destroy</on_crash>") },
        remedy: { domain in
            Remedy(
                "let it start again",
                commands: ["virt-xml \(domain.nameWord) --edit --events on_crash=restart"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let action = domain.definition.onCrash
            faults.add(
                action.isPresent
                    ? "a guest that crashes is destroyed" : "no <on_crash>: a guest that crashes is destroyed",
                at: action.position,
                if: domain.definition.isQEMU && (action.value ?? .known(.destroy)) == .known(.destroy))
            return faults
        })

    static let agentMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD161", "guest-agent-channel-missing", "the guest agent has its channel", area: area, severity: .note,
            rationale: """
                Without it snapshots are not consistent, shutdowns rest on ACPI alone, and addresses and file systems \
                of the guest cannot be seen.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, channel: org.qemu.guest_agent.0", "11.3")],
            remedy: Remedy("add the channel, and install qemu-guest-agent in the guest"),
            explains: ["QEMU guest agent is not configured"]),
        violates: { $0.rewrite("name='org.qemu.guest_agent.0'", "name='com.example.other'") },
        remedy: { domain in
            Remedy(
                "add it, and install qemu-guest-agent in the guest",
                commands: [
                    "virt-xml \(domain.nameWord) --add-device --channel unix,target.type=virtio,target.name=org.qemu.guest_agent.0"
                ])
        },
        faults: { domain in
            var faults: [Fault] = []
            let devices = domain.definition.devices
            faults.add(
                "no channel of the guest agent", at: devices.position,
                if: domain.definition.isQEMU && !devices.channels.contains(where: \.isGuestAgent))
            return faults
        })

    static let randomnessMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD162", "rng-missing", "the guest gets randomness from the host", area: area, severity: .note,
            rationale: "A guest without virtio-rng gathers entropy slowly at boot: keys are made late, or of little.",
            sources: [
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 15: virtio-rng", "2020"), format,
            ],
            remedy: Remedy("add <rng model='virtio'>")),
        violates: {
            $0.rewrite(
                "<rng model='virtio'>\n      <backend model='random'>/dev/urandom</backend>\n    </rng>", "")
        },
        remedy: { domain in
            Remedy(
                "add one", commands: ["virt-xml \(domain.nameWord) --add-device --rng /dev/urandom"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let devices = domain.definition.devices
            faults.add(
                "no <rng>", at: devices.position, if: domain.definition.isQEMU && devices.randomNumberGenerators.isEmpty
            )
            return faults
        })

    static let watchdogMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD163", "watchdog-missing", "a guest that hangs is noticed", area: area, severity: .note,
            rationale:
                "With a watchdog a guest that no longer answers is reset; without one it hangs until someone looks.",
            sources: [Citation("libvirt docs/formatdomain.rst, watchdog devices", "11.3")],
            remedy: Remedy("add a watchdog, and run a watchdog daemon in the guest")),
        violates: { $0.rewrite("<watchdog model='itco' action='reset'/>", "") },
        remedy: { domain in
            Remedy(
                "add one, and run a daemon in the guest that feeds it",
                commands: [
                    "virt-xml \(domain.nameWord) --add-device --watchdog model=i6300esb,action=reset"
                ])
        },
        faults: { domain in
            var faults: [Fault] = []
            let devices = domain.definition.devices
            faults.add("no <watchdog>", at: devices.position, if: domain.definition.isQEMU && devices.watchdogs.isEmpty)
            return faults
        })

    static let pinnedToHost = Rule<DomainFacts>(
        RuleInfo(
            "KVD164", "host-devices-pin", "the domain can move to another host", area: area, severity: .note,
            rationale: """
                A device of the host that a guest has makes all of its memory locked and its live migration \
                impossible, unless the device is unplugged first.
                """,
            sources: [
                Citation("libvirt src/qemu/qemu_migration.c: cannot migrate a domain with <hostdev>", "9.0"), format,
            ],
            remedy: Remedy("move it while it is shut off, or unplug the device first"),
            explains: ["cannot migrate a domain with <hostdev"]),
        violates: {
            $0.rewrite(
                "<emulator>",
                """
                <hostdev mode='subsystem' type='pci' managed='yes'>
                <source><address domain='0' bus='4' slot='0' function='0'/></source></hostdev><emulator>
                """)
        },
        faults: { domain in
            var faults: [Fault] = []
            for device in domain.definition.devices.hostDevices where domain.definition.isQEMU {
                // The other device of a team takes over while this one is unplugged.
                guard !device.teaming.isPresent else { continue }
                switch device.device {
                case .pci(let address): faults.add("has the host's PCI device \(address)", at: device.position)
                case .mdev(let uuid): faults.add("has the host's mediated device \(uuid)", at: device.position)
                default: faults.add("has a \(device.type.text ?? "") device of the host", at: device.position)
                }
            }
            return faults
        })

    static let transient = Rule<DomainFacts>(
        RuleInfo(
            "KVD165", "domain-transient", "the domain outlives its run", area: area, severity: .warning,
            rationale: "A transient domain was started without being defined: when it stops, its definition is gone.",
            sources: [Citation("libvirt docs: lifecycle of a domain", "11.3")],
            remedy: Remedy("define it"), explains: ["cannot set autostart for transient domain"]),
        violates: {
            var told = LibvirtDomainFacts(name: "web1")
            told.isPersistent = .known(false)
            $0.libvirt = .known(told)
        },
        decide: { domain throws(Undecided) in
            guard let told = try domain.libvirt.get() else { return .notApplicable("libvirt was not asked") }
            guard try told.isPersistent.get() == false else { return .pass() }
            return .fail(
                "the domain runs without being defined", at: [domain.place(domain.definition.position)],
                remedy: Remedy(
                    "define it from what runs",
                    commands: [
                        "virsh dumpxml --security-info \(domain.nameWord) > domain.xml && virsh define domain.xml"
                    ]))
        })

    static let savedState = Rule<DomainFacts>(
        RuleInfo(
            "KVD166", "managed-save-present", "the next start is a fresh one", area: area, severity: .note,
            rationale: """
                A saved state is resumed by the next start, with the definition and the clock of its time: changes \
                made since have no effect.
                """,
            sources: [Citation("libvirt docs/manpages/virsh.rst: managedsave", "11.3")],
            remedy: Remedy("start it, or drop the state")),
        violates: {
            var told = LibvirtDomainFacts(name: "web1")
            told.hasManagedSave = .known(true)
            $0.libvirt = .known(told)
        },
        decide: { domain throws(Undecided) in
            guard let told = try domain.libvirt.get() else { return .notApplicable("libvirt was not asked") }
            guard try told.hasManagedSave.get() == true else { return .pass() }
            return .fail(
                "a saved state waits to be resumed", at: [domain.place(domain.definition.position)],
                remedy: Remedy(
                    "start it; or drop the state, which is as pulling the plug at that time",
                    commands: ["virsh managedsave-remove \(domain.nameWord)"]))
        })

    static let startedByHand = Rule<DomainFacts>(
        RuleInfo(
            "KVD167", "autostart-off-while-running", "what runs starts again with the host", area: area,
            severity: .note,
            rationale: "A domain that runs and is not on autostart stays off after the host's next boot.",
            sources: [Citation("libvirt docs/manpages/virsh.rst: autostart", "11.3")],
            remedy: Remedy("put it on autostart")),
        violates: {
            var told = LibvirtDomainFacts(name: "web1")
            told.isPersistent = .known(true)
            told.autostart = .known(false)
            told.state = .known(.running)
            $0.libvirt = .known(told)
        },
        decide: { domain throws(Undecided) in
            guard let told = try domain.libvirt.get() else { return .notApplicable("libvirt was not asked") }
            guard try told.state.get() == .running, try told.isPersistent.get() != false,
                try told.autostart.get() == false
            else { return .pass() }
            return .fail(
                "it runs, and is not on autostart", at: [domain.place(domain.definition.position)],
                remedy: Remedy("put it on autostart", commands: ["virsh autostart \(domain.nameWord)"]))
        })
}
