internal import Evidence
internal import Facts

/// What the kernel was booted with, and what it will be booted with. KVH052–KVH057.
enum KernelArgumentRules {
    private static let area = IOMMURules.area
    private static let parameters = Citation("Linux Documentation/admin-guide/kernel-parameters.txt", "6.18")
    private static let commandLine = Place("/proc/cmdline")

    static let all: [Rule<HostFacts>] = [switchedOff, withoutEffect, contradicting, glued, pending, notPersistent]

    static let switchedOff = Rule<HostFacts>(
        RuleInfo(
            "KVH052", "iommu-switched-off", "no kernel argument switches the IOMMU off", area: area, severity: .note,
            rationale:
                "iommu=off, intel_iommu=off and amd_iommu=off each suffice; of intel_iommu's values the last counts.",
            sources: [
                parameters,
                Citation("Linux arch/x86/kernel/pci-dma.c, drivers/iommu/{amd/init,intel/iommu}.c", "6.18"),
            ],
            remedy: Remedy("take the argument off the kernel's command line")),
        violates: { set([KernelArgument("intel_iommu", "off")], in: &$0) },
        decide: { host throws(Undecided) in
            let off = try offArguments(host)
            guard let first = off.first else { return .pass() }
            return .fail(
                "\(off.map(\.text).joined(separator: ", ")) switches the IOMMU off", at: [commandLine],
                remedy: BootLoader.removing(first.text, on: host))
        })

    /// The arguments that switch this machine's IOMMU off.
    static func offArguments(_ host: HostFacts) throws(Undecided) -> [KernelArgument] {
        let arguments = try host.iommu.kernelArguments.get() ?? []
        let vendor = ProcessorVendor(try host.iommu.vendor.get() ?? "")
        var off = arguments.filter { $0.name == "iommu" && $0.values.contains("off") }
        if vendor == .amd { off += arguments.filter { $0.name == "amd_iommu" && $0.values.contains("off") } }
        if vendor == .intel {
            let last = arguments.last { argument in
                argument.name == "intel_iommu" && argument.values.contains { ["on", "off"].contains($0) }
            }
            if let last, last.values.last(where: { ["on", "off"].contains($0) }) == "off" { off.append(last) }
        }
        return off
    }

    static let withoutEffect = Rule<HostFacts>(
        RuleInfo(
            "KVH053", "iommu-argument-without-effect", "every IOMMU argument has an effect", area: area,
            severity: .note,
            rationale: """
                An argument for another vendor's IOMMU is passed over in silence, and AMD's driver knows no value on: \
                it is on unless told otherwise. Whoever added the argument believes in an effect that is not there.
                """,
            sources: [
                parameters,
                Citation("Linux drivers/iommu/amd/init.c, parse_amd_iommu_options: Unknown option", "6.18"),
                Citation("Linux arch/x86/kernel/pci-dma.c, iommu_setup", "6.18"),
            ],
            remedy: Remedy("take the argument off the kernel's command line")),
        violates: { set([KernelArgument("amd_iommu", "on")], in: &$0) },
        decide: { host throws(Undecided) in
            let idle = try idleArguments(host)
            guard let first = idle.first else { return .pass() }
            return .fail(
                "\(idle.map(\.argument.text).joined(separator: ", ")) has no effect",
                idle.map { "\($0.argument.text): \($0.reason)" }, at: [commandLine],
                remedy: BootLoader.removing(first.argument.text, on: host))
        })

    /// The IOMMU arguments that nothing reads on this machine.
    private static func idleArguments(
        _ host: HostFacts
    ) throws(Undecided) -> [(argument: KernelArgument, reason: String)] {
        let arguments = try host.iommu.kernelArguments.get() ?? []
        let cpuid = try host.iommu.vendor.get()
        let vendor = ProcessorVendor(cpuid ?? "")
        let name = cpuid ?? "a processor without CPUID"
        return arguments.compactMap { argument in
            switch argument.name {
            case "intel_iommu" where vendor == .amd || cpuid == nil:
                (argument, "read by Intel's driver alone; here is \(name)")
            case "amd_iommu" where vendor != .amd:
                (argument, "read by AMD's driver alone; here is \(name)")
            case "amd_iommu" where argument.values == ["on"]:
                (argument, "AMD's driver knows no value on; it is on unless told otherwise")
            case "iommu" where ["on", "1", "yes"].contains(argument.value ?? ""):
                (argument, "no value that the kernel knows")
            default: nil
            }
        }
    }

    static let contradicting = Rule<HostFacts>(
        RuleInfo(
            "KVH054", "kernel-arguments-contradict", "the kernel's arguments do not contradict each other", area: area,
            severity: .warning,
            rationale: """
                Of two values of a parameter the last counts, or the one that switches off: what was meant and what \
                is in force differ, and the next change of the boot loader's configuration can turn it round.
                """,
            sources: [parameters, Citation("Linux kernel/params.c, parse_args", "6.18")],
            remedy: Remedy("keep one of them")),
        violates: { set([KernelArgument("intel_iommu", "on"), KernelArgument("intel_iommu", "off")], in: &$0) },
        decide: { host throws(Undecided) in
            let arguments = try host.iommu.kernelArguments.get() ?? []
            let clashes = contradictions(among: arguments.filter { RelevantArguments.contains($0) })
            if clashes.isEmpty { return .pass() }
            return .fail("\(clashes.joined(separator: "; "))", at: [commandLine])
        })

    /// Pairs of values of one name, or of two, that cannot both be meant.
    private static func contradictions(among arguments: [KernelArgument]) -> [String] {
        var clashes: [String] = []
        for name in ["iommu", "intel_iommu", "amd_iommu"] {
            let values = arguments.filter { $0.name == name }.flatMap(\.values)
            for (one, other) in [("on", "off"), ("pt", "nopt"), ("pt", "off"), ("force", "off"), ("force", "noforce")]
            where values.contains(one) && values.contains(other) {
                clashes.append("\(name)=\(one) and \(name)=\(other)")
            }
        }
        if arguments.contains(where: { $0.name == "iommu" && $0.values.contains("off") }),
            arguments.contains(where: { $0.name == "intel_iommu" && $0.values.contains("on") })
        {
            clashes.append("intel_iommu=on and iommu=off")
        }
        let single = arguments.filter { RelevantArguments.hasOneValue($0) }
        var seen: [String: KernelArgument] = [:]
        for argument in single {
            if let earlier = seen[argument.comparableName], earlier.value != argument.value {
                clashes.append("\(earlier.text) and \(argument.text): the last counts")
            }
            seen[argument.comparableName] = argument
        }
        return clashes
    }

    static let glued = Rule<HostFacts>(
        RuleInfo(
            "KVH055", "kernel-arguments-glued", "a space stands before every kernel argument", area: area,
            severity: .warning,
            rationale: "An argument added without a space before it becomes part of the one before: both are lost.",
            sources: [Citation("Mastering KVM Virtualization, second edition, chapter 3", "2020"), parameters],
            remedy: Remedy("put the space in, write the boot loader's configuration anew, and reboot")),
        violates: { set([KernelArgument("quietintel_iommu", "on")], in: &$0) },
        decide: { host throws(Undecided) in
            func faults(_ arguments: [KernelArgument]) -> [(text: String, split: String)] {
                arguments.compactMap { argument in
                    RelevantArguments.gluedPart(of: argument.text).map { (argument.text, $0) }
                }
            }
            if let fault = faults(try host.iommu.kernelArguments.get() ?? []).first {
                return .fail("\(fault.text) hides \(fault.split)", at: [commandLine])
            }
            for configuration in try host.iommu.bootConfigurations.get() ?? [] {
                guard let fault = faults(configuration.arguments).first else { continue }
                let apart = "\(fault.text.dropLast(fault.split.count)) \(fault.split)"
                let path = configuration.place.path
                return .fail(
                    "\(fault.text) hides \(fault.split), from the next boot on", at: [configuration.place],
                    remedy: Remedy(
                        "put the space in, then write the boot loader's configuration anew",
                        commands: [fault.text, path].allSatisfy(BootLoader.isPlain)
                            ? ["sed -i 's|\(fault.text)|\(apart)|' \(path)", BootLoader.regenerate(on: host)] : []))
            }
            return .pass()
        })

    static let pending = Rule<HostFacts>(
        RuleInfo(
            "KVH056", "kernel-argument-pending", "the running kernel has the arguments that are configured",
            area: area, severity: .warning,
            rationale: """
                An edit of /etc/default/grub takes effect when GRUB's configuration is written anew and the host is \
                booted; on hosts with boot loader entries it may never.
                """,
            sources: [
                Citation("GRUB manual, section 6.1, GRUB_CMDLINE_LINUX", "2.12"),
                Citation("The Boot Loader Specification, uapi-group.org", "1.0"),
                Citation("Mastering KVM Virtualization, second edition, chapters 3 and 4", "2020"),
            ],
            remedy: Remedy("write the boot loader's configuration anew and reboot")),
        violates: {
            $0.iommu.bootConfigurations = .known([
                BootConfiguration(
                    .grubDefaults, at: Place("/etc/default/grub", line: 10), [KernelArgument("hugepages", "512")])
            ])
        },
        decide: { host throws(Undecided) in
            let configurations = try considered(host)
            if configurations.isEmpty { return .notApplicable("no boot loader configuration that kvmcheck knows") }
            let current = Set((try host.iommu.kernelArguments.get() ?? []).map(comparable))
            var waiting: [String] = []
            var places: [Place] = []
            var kinds: Set<BootConfiguration.Kind> = []
            for configuration in configurations {
                let new = configuration.arguments.filter {
                    RelevantArguments.contains($0) && !current.contains(comparable($0)) && !waiting.contains($0.text)
                }
                if new.isEmpty { continue }
                waiting += new.map(\.text)
                places.append(configuration.place)
                kinds.insert(configuration.kind)
            }
            if waiting.isEmpty { return .pass() }
            return .fail(
                "\(waiting.joined(separator: ", ")) is configured and not in force", at: places,
                remedy: Remedy(
                    "",
                    commands: kinds == [.loaderEntry]
                        ? ["reboot"] : [BootLoader.regenerate(on: host), "reboot"]))
        })

    static let notPersistent = Rule<HostFacts>(
        RuleInfo(
            "KVH057", "kernel-argument-not-persistent", "the running kernel's arguments are configured to stay",
            area: area, severity: .note,
            rationale:
                "An argument that was typed at boot, or written into a generated file, is lost at the next boot.",
            sources: [
                Citation("GRUB manual, section 6.1, GRUB_CMDLINE_LINUX", "2.12"),
                Citation("The Boot Loader Specification, uapi-group.org", "1.0"),
            ],
            remedy: Remedy("add the argument to the boot loader's configuration")),
        violates: {
            $0.iommu.bootConfigurations = .known([
                BootConfiguration(.grubDefaults, at: Place("/etc/default/grub", line: 10), [KernelArgument("quiet")])
            ])
        },
        decide: { host throws(Undecided) in
            let configurations = try considered(host)
            if configurations.isEmpty { return .notApplicable("no boot loader configuration that kvmcheck knows") }
            let configured = Set(configurations.flatMap(\.arguments).map(comparable))
            // What has no effect, or does harm, need not stay: KVH052 and KVH053.
            let unwanted = try idleArguments(host).map(\.argument) + offArguments(host)
            let lost = (try host.iommu.kernelArguments.get() ?? []).filter {
                RelevantArguments.contains($0) && !configured.contains(comparable($0)) && !unwanted.contains($0)
            }
            guard !lost.isEmpty else { return .pass() }
            if let open = configurations.first(where: { !$0.isComplete }) {
                throw Undecided(Obstacle(.unsupported, open.place.path, "has variables whose values are not known"))
            }
            let text = lost.map(\.text).joined(separator: " ")
            return .fail(
                "\(text) is in force and not configured", at: [commandLine] + configurations.map(\.place),
                remedy: BootLoader.adding(text, on: host))
        })

    /// Where boot loader entries of the running kernel are known, what kernel-install would write is beside the point.
    private static func considered(_ host: HostFacts) throws(Undecided) -> [BootConfiguration] {
        let all = try host.iommu.bootConfigurations.get() ?? []
        let hasEntries = all.contains { $0.kind == .loaderEntry }
        return all.filter { !(hasEntries && $0.kind == .kernelInstall) }
    }

    private static func comparable(_ argument: KernelArgument) -> KernelArgument {
        KernelArgument(argument.comparableName, argument.value)
    }

    /// Boots the example with other arguments for the IOMMU.
    private static func set(_ arguments: [KernelArgument], in host: inout HostFacts) {
        host.iommu.kernelArguments = .known(arguments, from: .file("/proc/cmdline"))
    }
}

/// The kernel arguments that decide something about virtual machines.
enum RelevantArguments {
    private static let names: Set<String> = [
        "iommu", "intel_iommu", "amd_iommu", "intremap", "nointremap", "hugepages", "hugepagesz",
        "default_hugepagesz", "transparent_hugepage", "isolcpus", "nohz_full", "rcu_nocbs", "mitigations", "nosmt",
        "l1tf", "mem_encrypt", "pci", "pcie_acs_override", "systemd.unified_cgroup_hierarchy", "cgroup_enable",
        "cgroup_disable", "swapaccount", "prot_virt", "numa_balancing",
    ]
    private static let prefixes = ["iommu.", "kvm.", "kvm_", "vfio", "pci_stub.", "arm_smmu"]
    /// Names so long that they cannot end another word by chance.
    private static let telling = [
        "intel_iommu=", "amd_iommu=", "iommu=pt", "iommu=off", "vfio-pci.ids=", "default_hugepagesz=", "hugepagesz=",
        "hugepages=", "isolcpus=", "mitigations=", "kvm_intel.", "kvm_amd.", "kvm-intel.", "kvm-amd.",
    ]

    static func contains(_ argument: KernelArgument) -> Bool {
        let name = argument.comparableName
        return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    /// Whether only the last of several such arguments counts.
    static func hasOneValue(_ argument: KernelArgument) -> Bool {
        let name = argument.comparableName
        return ["default_hugepagesz", "mitigations", "isolcpus", "nohz_full", "transparent_hugepage"].contains(name)
            || ["iommu.", "kvm.", "kvm_", "vfio"].contains { name.hasPrefix($0) }
    }

    /// The argument that stands inside another one without a space before it: `quietintel_iommu=on`.
    static func gluedPart(of text: String) -> String? {
        for name in telling {
            guard let range = text.place(of: name), range.lowerBound > text.startIndex else { continue }
            let before = text[text.index(before: range.lowerBound)]
            if before.isLetter || before.isNumber { return String(text[range.lowerBound...]) }
        }
        return nil
    }
}
