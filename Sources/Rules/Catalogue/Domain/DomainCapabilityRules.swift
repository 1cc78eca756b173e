internal import Evidence
internal import Facts
internal import LibvirtXML

/// What the definition asks for against what libvirt offers on its host. KVD230–KVD249. Of a definition from a file they
/// are not decided.
enum DomainCapabilityRules {
    /// Those about the machine.
    static let machine: [Rule<DomainFacts>] = [
        hypervisorMissing, machineUnknown, machineDeprecated, firmwareUnavailable, deviceUnavailable,
        featureUnavailable,
    ]

    /// Those about its processors.
    static let cpu: [Rule<DomainFacts>] = [
        modeUnsupported, modelUnknown, modelReplaced, modelUnusable, modelDeprecated, cpusBeyondMachine,
    ]

    private static let format = Citation("libvirt docs/formatdomaincaps.rst", "9.0 and 11.3")
    private static let tried = Citation("libvirt 9.0 and QEMU 7.2: virsh domcapabilities, define and start", "2026")

    // MARK: - Hypervisor and machine

    /// What libvirt can run of the definition's architecture; nil where it tells of no machine.
    private static func guest(
        of domain: DomainFacts
    ) throws(Undecided) -> (hypervisors: [Capabilities.Hypervisor], machines: [Capabilities.Machine])? {
        guard let offered = try domain.hostCapabilities.get() else { return nil }
        let architecture = domain.definition.os.arch.value ?? offered.host.arch.value
        let guests = offered.guests.filter {
            $0.arch.value == architecture && ($0.osType.value ?? .known(.hvm)) == .known(.hvm)
        }
        guard !guests.isEmpty else { return nil }
        let hypervisors = guests.flatMap(\.domains)
        let own = hypervisors.filter { $0.type.value == domain.definition.type.value }.flatMap(\.machines)
        return (hypervisors, own.isEmpty ? guests.flatMap(\.machines) : own)
    }

    static let hypervisorMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD230", "hypervisor-not-offered", "libvirt offers the hypervisor on this host",
            area: DomainMachineRules.area, severity: .error,
            rationale: """
                Type kvm needs a host whose KVM QEMU can open, hvf is of macOS: where the emulator does not offer the type \
                libvirt refuses the domain.
                """,
            sources: [Citation("libvirt docs/formatcaps.rst: guest capabilities", "9.0"), tried],
            remedy: Remedy("see why KVM is not there, or use <domain type='qemu'>", commands: ["kvmcheck host"]),
            parent: "KVD151",
            explains: [
                "Emulator '/usr/bin/qemu-system-x86_64' does not support virt type 'hvf'",
                "Emulator '/usr/bin/qemu-system-x86_64' does not support virt type 'kvm'",
            ]),
        violates: { $0.rewriteHostCapabilities("<domain type='kvm'/>", "") },
        faults: { domain throws(Undecided) in
            let type = domain.definition.type
            guard domain.definition.isQEMU, let guest = try guest(of: domain), !guest.hypervisors.isEmpty else {
                return []
            }
            let offered = guest.hypervisors.compactMap(\.type.text)
            return offered.contains(type.text ?? "")
                ? [] : [Fault("type '\(type.text ?? "")', and libvirt offers \(list(offered))", at: type.position)]
        })

    static let machineUnknown = Rule<DomainFacts>(
        RuleInfo(
            "KVD236", "machine-not-offered", "the installed QEMU has the machine type", area: DomainMachineRules.area,
            severity: .error,
            rationale: "QEMU drops old machine types and each host has its own: libvirt refuses one that is not there.",
            sources: [Citation("libvirt docs/formatcaps.rst: guest capabilities", "9.0"), tried],
            remedy: Remedy("use a machine type of this host", commands: ["virsh capabilities | grep '<machine'"]),
            parent: "KVD230",
            explains: ["Emulator '/usr/bin/qemu-system-x86_64' does not support machine type 'pc-q35-2.3'"]),
        violates: { $0.rewrite("machine='pc-q35-7.2'", "machine='pc-q35-2.3'") },
        faults: { domain throws(Undecided) in
            let machine = domain.definition.os.machine
            guard domain.definition.isQEMU, let name = machine.value, let guest = try guest(of: domain),
                !guest.machines.isEmpty
            else { return [] }
            return guest.machines.contains { $0.name.value == name || $0.canonical.value == name }
                ? []
                : [
                    Fault(
                        "machine type '\(name)' is none of the \(guest.machines.count) of QEMU here",
                        at: machine.position)
                ]
        })

    static let machineDeprecated = Rule<DomainFacts>(
        RuleInfo(
            "KVD237", "machine-deprecated", "the machine type is not to be dropped by QEMU",
            area: DomainMachineRules.area, severity: .warning,
            rationale: "QEMU marks machine types that one of its next versions drops: the domain does not start then.",
            sources: [Citation("QEMU docs/about/deprecated.rst", "10.2"), tried],
            remedy: Remedy("use a newer machine type; Windows may ask for activation"), parent: "KVD236"),
        violates: { $0.rewrite("machine='pc-q35-7.2'", "machine='pc-i440fx-2.4'") },
        faults: { domain throws(Undecided) in
            let machine = domain.definition.os.machine
            guard domain.definition.isQEMU, let name = machine.value, let guest = try guest(of: domain) else {
                return []
            }
            return guest.machines.contains { $0.name.value == name && $0.isDeprecated.value == true }
                ? [Fault("machine type '\(name)' is deprecated", at: machine.position)] : []
        })

    // MARK: - CPU

    static let modeUnsupported = Rule<DomainFacts>(
        RuleInfo(
            "KVD231", "cpu-mode-not-offered", "libvirt offers the CPU mode on this host", area: DomainCPURules.area,
            severity: .error,
            rationale:
                "host-passthrough needs KVM, and host-model an architecture that has it: libvirt refuses the start.",
            sources: [format, tried], remedy: Remedy("use mode='custom' or 'maximum'"),
            parent: "KVD041",
            explains: [
                "CPU mode 'host-passthrough' for x86_64 qemu domain on x86_64 host is not supported by hypervisor"
            ]),
        violates: {
            $0.rewrite("<cpu mode='custom' match='exact'>", "<cpu mode='host-model'>")
            $0.rewriteCapabilities("'host-model' supported='yes'", "'host-model' supported='no'")
        },
        faultsOfOffer: { domain, offer in
            let mode = domain.definition.cpu.mode
            guard let known = mode.value?.known, let told = offer.cpuMode(known), told.isSupported.value == false else {
                return []
            }
            return [Fault("cpu mode '\(known.rawValue)', which libvirt does not offer here", at: mode.position)]
        })

    /// A model that is chosen by name, with what libvirt tells of models; nil where none is, or nothing is told.
    private static func model(
        _ domain: DomainFacts, _ offer: DomainCapabilities
    ) -> (name: String, told: DomainCapabilities.Model?, mode: DomainCapabilities.CPUMode)? {
        let cpu = domain.definition.cpu
        guard (cpu.mode.value ?? .known(.custom)) == .known(.custom), let name = cpu.model.value,
            let mode = offer.cpuMode(.custom), !mode.models.isEmpty
        else { return nil }
        return (name, mode.models.first { $0.name.value == name || $0.canonical.value == name }, mode)
    }

    static let modelUnknown = Rule<DomainFacts>(
        RuleInfo(
            "KVD232", "cpu-model-not-offered", "libvirt and QEMU here know the CPU model", area: DomainCPURules.area,
            severity: .error,
            rationale: "With fallback='forbid' the domain does not start where QEMU does not have exactly this model.",
            sources: [format, tried],
            remedy: Remedy("use a model of this host", commands: ["virsh domcapabilities | grep '<model usable=.yes'"]),
            parent: "KVD231",
            explains: ["CPU model Icelake-Client is not supported by hypervisor", "Unknown CPU model Nehalem-XYZ"]),
        violates: { $0.rewrite("<model>Nehalem</model>", "<model fallback='forbid'>Nehalem-XYZ</model>") },
        faultsOfOffer: { domain, offer in
            let cpu = domain.definition.cpu
            guard cpu.fallback == .forbid, let model = model(domain, offer), model.told == nil else { return [] }
            return [Fault("CPU model '\(model.name)' is none of those here", at: cpu.model.position)]
        })

    static let modelReplaced = Rule<DomainFacts>(
        RuleInfo(
            "KVD233", "cpu-model-replaced", "the guest gets the CPU model that it names", area: DomainCPURules.area,
            severity: .warning,
            rationale: """
                Where QEMU does not have a model, libvirt takes the nearest that it does have; where libvirt does not know \
                the name either, the domain does not start.
                """,
            sources: [format, tried],
            remedy: Remedy("use a model of this host", commands: ["virsh domcapabilities | grep '<model usable=.yes'"]),
            parent: "KVD232", explains: ["Unknown CPU model x86-64-v2"]),
        violates: { $0.rewrite("<model>Nehalem</model>", "<model>Icelake-Client</model>") },
        faultsOfOffer: { domain, offer in
            let cpu = domain.definition.cpu
            guard cpu.fallback != .forbid, let model = model(domain, offer), model.told == nil else { return [] }
            return [Fault("CPU model '\(model.name)' is none of those here", at: cpu.model.position)]
        })

    static let modelUnusable = Rule<DomainFacts>(
        RuleInfo(
            "KVD234", "cpu-model-not-usable", "the host's CPU has what the CPU model has", area: DomainCPURules.area,
            severity: .warning,
            rationale: """
                KVM shows a guest nothing that the host's processor has not: libvirt refuses to start a domain whose model \
                needs more, or QEMU leaves the features out.
                """,
            sources: [format, tried],
            remedy: Remedy(
                "use mode='host-model' or a model that is usable here, or disable the features by <feature policy='disable'>",
                commands: ["virsh domcapabilities | grep '<model usable=.yes'"]),
            parent: "KVD232",
            explains: [
                "the CPU is incompatible with host CPU: Host CPU does not provide required features: hle, rtm, mpx",
                "guest CPU doesn't match specification",
            ]),
        violates: { $0.rewrite("<model>Nehalem</model>", "<model>SapphireRapids</model>") },
        faultsOfOffer: { domain, offer in
            let cpu = domain.definition.cpu
            // Of an emulated domain libvirt does not compare the features.
            guard domain.definition.type == .kvm, cpu.check != .nothing, let model = model(domain, offer),
                model.told?.usable == .no
            else { return [] }
            let disabled = Set(
                cpu.features.filter { $0.policy == .disable || $0.policy == .forbid || $0.policy == .optional }
                    .compactMap(\.name.value))
            let blockers = model.mode.blockers.first { $0.model.value == model.name }?.features.compactMap(\.name.value)
            guard let blockers, !blockers.isEmpty else {
                // Which features are lacking libvirt does not tell: those that are disabled may be all of them.
                return disabled.isEmpty
                    ? [Fault("CPU model '\(model.name)' is not usable on this host", at: cpu.model.position)] : []
            }
            let missing = blockers.filter { !disabled.contains($0) }
            return missing.isEmpty
                ? []
                : [
                    Fault(
                        "CPU model '\(model.name)' needs \(list(missing)), which this host lacks",
                        at: cpu.model.position)
                ]
        })

    static let modelDeprecated = Rule<DomainFacts>(
        RuleInfo(
            "KVD235", "cpu-model-deprecated", "the CPU model is not to be dropped by QEMU", area: DomainCPURules.area,
            severity: .note,
            rationale:
                "QEMU marks CPU models that should not be used any more, and that one of its next versions may drop.",
            sources: [format, Citation("QEMU docs/about/deprecated.rst", "10.2")],
            remedy: Remedy("use mode='host-model', or another model"), parent: "KVD232"),
        violates: { $0.rewrite("<model>Nehalem</model>", "<model>qemu64</model>") },
        faultsOfOffer: { domain, offer in
            guard let model = model(domain, offer), model.told?.isDeprecated.value == true else { return [] }
            return [Fault("CPU model '\(model.name)' is deprecated", at: domain.definition.cpu.model.position)]
        })

    static let cpusBeyondMachine = Rule<DomainFacts>(
        RuleInfo(
            "KVD238", "vcpus-beyond-machine", "the machine type has room for the vCPUs", area: DomainCPURules.area,
            severity: .error,
            rationale:
                "Each machine type has a most of vCPUs, 255 of i440fx and 288 and more of q35: libvirt refuses more.",
            sources: [format, tried], remedy: Remedy("give it fewer vCPUs, or use a newer machine type q35"),
            explains: ["Maximum CPUs greater than specified machine type limit 288"]),
        violates: { $0.rewrite("<vcpu placement='static'>4</vcpu>", "<vcpu placement='static'>300</vcpu>") },
        faultsOfOffer: { domain, offer in
            guard let limit = offer.maxVCPUs.value, limit > 0, domain.vcpuMaximum > limit else { return [] }
            return [
                Fault(
                    "\(domain.vcpuMaximum) vCPUs, and the machine takes \(limit)", at: domain.definition.vcpu.position)
            ]
        })

    // MARK: - Firmware, devices, features

    static let firmwareUnavailable = Rule<DomainFacts>(
        RuleInfo(
            "KVD239", "firmware-not-offered", "the host has the firmware that is asked for",
            area: DomainMachineRules.area, severity: .error,
            rationale:
                "libvirt chooses firmware among the descriptions that are installed: with none that fits it refuses.",
            sources: [format, Citation("libvirt src/qemu/qemu_firmware.c: qemuFirmwareFillDomain", "9.0")],
            remedy: Remedy("install firmware for guests", commands: ["apt-get install ovmf"]),
            explains: [
                "Unable to find any firmware to satisfy 'efi'",
                "Unable to find 'efi' firmware that is compatible with the current configuration",
            ]),
        violates: {
            $0.rewrite("  <os>\n", "  <os firmware='efi'>\n")
            $0.rewriteCapabilities("<value>efi</value>", "")
        },
        faultsOfOffer: { domain, offer in
            let os = domain.definition.os
            var faults: [Fault] = []
            let wishes: [(words: String, wish: String?, offered: [String]?, position: XMLPosition)] = [
                ("firmware", os.firmware.text, offer.os.values(of: "firmware"), os.firmware.position),
                ("a loader of type", os.loader.type.text, offer.loader.values(of: "type"), os.loader.type.position),
            ]
            for (words, wish, offered, position) in wishes {
                guard let wish, let offered, !offered.contains(wish), wish != "none" else { continue }
                faults.add("\(words) '\(wish)', and libvirt offers \(list(offered))", at: position)
            }
            return faults
        })

    static let deviceUnavailable = Rule<DomainFacts>(
        RuleInfo(
            "KVD240", "device-not-offered", "the installed QEMU has the devices", area: DomainDeviceRules.area,
            severity: .error,
            rationale: """
                Distributions build QEMU without SPICE, QXL or others, and a TPM emulator needs swtpm: libvirt refuses \
                devices that QEMU here does not have.
                """,
            sources: [format, tried],
            remedy: Remedy(
                "use one that is offered, or install QEMU's module for it", commands: ["virsh domcapabilities"]),
            explains: [
                "TPM version '2.0' is not supported", "TPM version '1.2' is not supported",
                "spice graphics are not supported with this QEMU",
                "domain configuration does not support video model 'qxl'",
            ]),
        violates: { $0.rewrite("<video>\n      <model type='virtio'/>", "<video>\n      <model type='qxl'/>") },
        faultsOfOffer: { domain, offer in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            func look(_ kind: String, _ name: String, _ wish: String?, _ position: XMLPosition) {
                guard let wish, let offered = offer.device(kind).values(of: name), !offered.contains(wish) else {
                    return
                }
                faults.add("\(kind) '\(wish)', and libvirt offers \(list(offered))", at: position)
            }
            let devices = domain.definition.devices
            for disk in devices.disks {
                // Which buses a controller can make libvirt tells in part only; what is not there at all is sure.
                look("disk", "diskDevice", disk.device.text, disk.device.position)
            }
            for graphics in devices.graphics { look("graphics", "type", graphics.type.text, graphics.type.position) }
            for video in devices.videos { look("video", "modelType", video.model.text, video.model.position) }
            for generator in devices.randomNumberGenerators {
                look("rng", "backendModel", generator.backend.text, generator.backend.position)
            }
            for tpm in devices.tpms {
                look("tpm", "model", tpm.model.text, tpm.model.position)
                look("tpm", "backendModel", tpm.backend.text, tpm.backend.position)
                guard tpm.backend == .emulator else { continue }
                look("tpm", "backendVersion", tpm.version.value, tpm.version.position)
            }
            let source = domain.definition.memoryBacking.source
            if let wish = source.text, let offered = offer.memoryBacking.values(of: "sourceType"),
                !offered.contains(wish)
            {
                faults.add("memory of '\(wish)', and libvirt offers \(list(offered))", at: source.position)
            }
            return faults
        })

    static let featureUnavailable = Rule<DomainFacts>(
        RuleInfo(
            "KVD241", "feature-not-offered", "the installed QEMU and the host have the features",
            area: DomainDeviceRules.area, severity: .error,
            rationale: "libvirt refuses features that this QEMU, this machine or this host's KVM does not have.",
            sources: [format, tried], remedy: Remedy("take the feature away", commands: ["virsh domcapabilities"]),
            explains: [
                "ps2 feature state cannot be controlled with this QEMU binary",
                "SEV launch security is not supported with this QEMU binary", "host doesn't support hyperv",
            ]),
        violates: {
            $0.rewrite("<apic/>", "<apic/><ps2 state='off'/>")
            $0.rewriteCapabilities("<ps2 supported='yes'/>", "<ps2 supported='no'/>")
        },
        faultsOfOffer: { domain, offer in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let features = domain.definition.features
            faults.add(
                "<ps2>, which libvirt does not offer here", at: features.ps2.position,
                if: features.ps2.isPresent && offer.feature("ps2").isSupported.value == false)
            let security = domain.definition.launchSecurity
            faults.add(
                "launch security SEV, which this host does not have", at: security.position,
                if: security.type == .sev && offer.feature("sev").isSupported.value == false)
            let enlightenments = offer.feature("hyperv")
            guard enlightenments.isSupported.value == true, let offered = enlightenments.values(of: "features") else {
                return faults
            }
            for feature in features.hyperV.element?.elements.map({ $0 }) ?? [] where feature["state"] == "on" {
                faults.add(
                    "Hyper-V's \(feature.name), and libvirt offers \(list(offered))", at: feature.position,
                    if: !offered.contains(feature.name))
            }
            return faults
        })

    /// Names for a message: `a, b and 5 more`.
    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "none" }
        let shown = names.prefix(6).joined(separator: ", ")
        return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
    }
}

extension Rule<DomainFacts> {
    /// A rule about what libvirt offers to domains of this kind on its host.
    ///
    /// - Parameter faults: Finds them, given what libvirt offers.
    fileprivate init(
        _ info: RuleInfo, violates: @escaping @Sendable (inout DomainFacts) -> Void,
        faultsOfOffer faults: @escaping @Sendable (DomainFacts, DomainCapabilities) -> [Fault]
    ) {
        self.init(
            info, violates: violates,
            decide: { domain throws(Undecided) in
                guard let offer = try domain.capabilities.get() else {
                    return .notApplicable("libvirt does not tell what it offers")
                }
                return faults(domain, offer).decision(
                    on: domain,
                    remedy: Remedy(info.remedy.text, commands: [domain.editCommand] + info.remedy.commands))
            })
    }
}
