@_spi(Probing) internal import Evidence
internal import Facts

/// `/dev/kvm` and what explains its answers.
enum KVMProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> KVMFacts {
        var facts = KVMFacts()
        let accounts = Accounts(from: source)
        facts.answers = answers.kvm
        facts.node = source.metadata(KVMDevice.path)
        if let node = facts.node.known {
            facts.ownerName = accounts.userName(node.owner)
            facts.groupName = accounts.groupName(node.group)
        }
        facts.kvmGroup = accounts.group(named: "kvm")
        facts.invokingUser = invokingUser(answers.process, accounts)
        facts.qemuUser = qemuUser(source, accounts)
        facts.modules = modules(source) { $0 == "kvm" || $0.hasPrefix("kvm_") || $0.hasPrefix("kvm-") }
        facts.otherHypervisors = modules(source) { ["vboxdrv", "vmmon"].contains($0) }
        let cpu = CPUInfo.read(from: source)
        facts.virtualizationFlag = cpu.compactMap(\.virtualizationFlag)
        facts.isVirtualMachine = cpu.map { $0.flags.contains("hypervisor") }
        facts.hostLevel = cpu.compactMap(\.level)
        facts.nested = nested(source, modules: facts.modules)
        return facts
    }

    private static func invokingUser(_ process: ProcessAnswers, _ accounts: Accounts) -> Observation<Account> {
        process.user.flatMap { user in
            process.groups.map { groups in
                Account(name: accounts.userName(user).known ?? "\(user)", user: user, groups: groups)
            }
        }
    }

    /// The `user` of `/etc/libvirt/qemu.conf`, or the distribution's default where libvirt's QEMU driver is installed.
    private static func qemuUser(_ source: some Source, _ accounts: Accounts) -> Observation<Account> {
        source.possiblyEmptyText("/etc/libvirt/qemu.conf").flatMap { text in
            if let configured = LibvirtConfiguration.parse(text)["user"] {
                // libvirt takes a name, or a number with or without `+`.
                let number = UInt32(configured.hasPrefix("+") ? String(configured.dropFirst()) : configured)
                return number.map { accounts.account(numbered: $0) } ?? accounts.account(named: configured)
            }
            let debian = accounts.account(named: "libvirt-qemu")
            return debian.isAbsent ? accounts.account(named: "qemu") : debian
        }
    }

    /// `/sys/module` has built-in modules too, as far as they have parameters or a version.
    private static func modules(_ source: some Source, _ isMeant: (String) -> Bool) -> Observation<[String]> {
        let names = source.entries("/sys/module")
        // Every kernel with sysfs has the directory: without it nothing is known of modules.
        return names.isAbsent
            ? .unknown(Obstacle(.unsupported, "/sys/module", "sysfs is not mounted"), from: names.provenance)
            : names.map { $0.filter(isMeant) }
    }

    private static func nested(_ source: some Source, modules: Observation<[String]>) -> Observation<Bool> {
        modules.flatMap { modules in
            guard let vendor = ["kvm_intel", "kvm_amd", "kvm_pvm"].first(where: modules.contains) else {
                return .absent(from: .file("/sys/module"))
            }
            return source.boolean("/sys/module/\(vendor)/parameters/nested")
        }
    }
}
