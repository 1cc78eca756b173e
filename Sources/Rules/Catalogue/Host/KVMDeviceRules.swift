internal import Evidence
internal import Facts

/// `/dev/kvm`, from the node to a guest that ran. KVH001–KVH019.
enum KVMDeviceRules {
    static let area = "KVM"
    private static let api = Citation("Linux Documentation/virt/kvm/api.rst", "6.18")

    static let all: [Rule<HostFacts>] = [
        deviceMissing, deviceNotKVM, driverAbsent, qemuAccessDenied, accessDenied, openFailed, apiVersion, busy,
        vmNotCreated, vcpuNotCreated, runAreaNotMapped, guestWentWrong, flagHidden, moduleMissing, otherHypervisor,
        hostIsVirtual,
    ]

    static let deviceMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH001", "kvm-device-missing", "/dev/kvm exists", area: area, severity: .error,
            rationale: """
                QEMU reaches KVM through /dev/kvm alone. Without the node every guest is emulated by TCG, ten to a \
                hundred times slower, or does not start.
                """,
            sources: [api, Citation("Linux drivers/char/misc.c: the node appears with the kvm module", "6.18")],
            remedy: Remedy(
                """
                load the module of the processor's vendor; if it refuses, enable VT-x or SVM in the firmware, or, in a \
                VM, nested virtualization on its host
                """,
                commands: ["modprobe kvm_intel || modprobe kvm_amd", "dmesg | grep -i kvm"]),
            explains: [
                "Could not access KVM kernel module: No such file or directory",
                "Insufficient devices.kubevirt.io/kvm",
            ]),
        violates: { $0.kvm.node = .absent(from: .file(KVMDevicePath.path)) },
        decide: { host throws(Undecided) in
            guard try host.kvm.node.isPresent() else {
                return .fail("/dev/kvm is missing", try explanation(host), at: [Place(KVMDevicePath.path)])
            }
            return .pass()
        })

    /// What the processor and the modules say about a node that is not there.
    private static func explanation(_ host: HostFacts) throws(Undecided) -> [String] {
        var lines: [String] = []
        // Evidence only: where one of these cannot be read, the verdict stands without it.
        if let flag = try? host.kvm.virtualizationFlag.get() {
            lines.append("the processor shows \(flag)")
        } else if (try? host.kvm.isVirtualMachine.get()) == true {
            lines.append("the processor shows no vmx and no svm, and is itself virtual: its host may not nest")
        }
        if let modules = try? host.kvm.modules.get() {
            lines.append("/sys/module has " + (modules.isEmpty ? "no kvm module" : modules.joined(separator: ", ")))
        }
        return lines
    }

    static let deviceNotKVM = Rule<HostFacts>(
        RuleInfo(
            "KVH002", "kvm-device-not-kvm", "/dev/kvm is KVM's device", area: area, severity: .error,
            rationale: """
                A file or another device in the place of /dev/kvm satisfies every tool that only looks whether the \
                path exists. Only an answer to KVM_GET_API_VERSION shows that KVM is behind it.
                """,
            sources: [api, Citation("Linux include/linux/miscdevice.h, KVM_MINOR", "6.18")],
            remedy: Remedy(
                "make the node anew: character device 10:232",
                commands: ["rm /dev/kvm", "mknod -m 0660 /dev/kvm c 10 232", "chown root:kvm /dev/kvm"]),
            parent: "KVH001",
            explains: ["Inappropriate ioctl for device", "Could not access KVM kernel module: Inappropriate ioctl"]),
        violates: { $0.kvm.node = .known(FileMetadata(kind: .regular), from: .file(KVMDevicePath.path)) },
        decide: { host throws(Undecided) in
            let place = [Place(KVMDevicePath.path)]
            if let node = try host.kvm.node.get() {
                guard node.kind == .characterDevice else {
                    return .fail("/dev/kvm is \(node.kind.phrase)", at: place)
                }
                guard node.deviceMajor == 10, node.deviceMinor == 232 else {
                    let number = "\(node.deviceMajor):\(node.deviceMinor)"
                    return .fail("/dev/kvm is character device \(number), not 10:232", at: place)
                }
            }
            // A node without a driver is KVH004's; here it would be a second finding for one cause.
            if let errno = try host.kvm.answers.open.get()?.errno, ["ENODEV", "ENXIO"].contains(errno) {
                return .notApplicable("no driver is behind /dev/kvm")
            }
            if let errno = try host.kvm.answers.apiVersionCall.get()?.errno {
                return .fail("the device at /dev/kvm does not answer KVM_GET_API_VERSION", [errno], at: place)
            }
            return .pass()
        })

    static let driverAbsent = Rule<HostFacts>(
        RuleInfo(
            "KVH004", "kvm-driver-absent", "a driver is behind /dev/kvm", area: area, severity: .error,
            rationale: "The node can outlive the module, and containers bring their own: opening it then fails.",
            sources: [Citation("open(2), ENODEV and ENXIO", "man-pages 6.03")],
            remedy: Remedy(
                "load the module of the processor's vendor", commands: ["modprobe kvm_intel || modprobe kvm_amd"]),
            parent: "KVH001", explains: ["Could not access KVM kernel module: No such device"]),
        violates: { $0.kvm.answers.open = .known(CallResult(errno: "ENODEV")) },
        decide: { host throws(Undecided) in
            switch try host.kvm.answers.open.get()?.errno {
            case let errno? where ["ENODEV", "ENXIO"].contains(errno):
                return .fail(
                    "/dev/kvm has no driver behind it", ["open: \(errno)"] + (try explanation(host)),
                    at: [Place(KVMDevicePath.path)])
            case let errno? where ["EACCES", "EPERM"].contains(errno):
                // Who may not open it is turned away before a driver is asked.
                throw Undecided(Obstacle(.permissionDenied, "open \(KVMDevicePath.path)", errno))
            default: return .pass()
            }
        })

    static let qemuAccessDenied = Rule<HostFacts>(
        RuleInfo(
            "KVH005", "kvm-denied-to-qemu", "the user that libvirt runs QEMU as may open /dev/kvm", area: area,
            severity: .error,
            rationale: """
                libvirt runs QEMU as a user of its own (qemu.conf, `user`). Where that user may not open /dev/kvm, no \
                KVM domain of qemu:///system starts, although root sees a working device.
                """,
            sources: [Citation("libvirt docs/drvqemu.rst, POSIX users/groups", "11.3")],
            remedy: Remedy(""), parent: "KVH001",
            explains: [
                "Could not access KVM kernel module: Permission denied", "failed to initialize kvm: Permission denied",
            ]),
        violates: {
            $0.kvm.node = .known(
                FileMetadata(kind: .characterDevice, mode: 0o600, deviceMajor: 10, deviceMinor: 232),
                from: .file(KVMDevicePath.path))
        },
        decide: { host throws(Undecided) in
            guard let user = try host.kvm.qemuUser.get() else {
                return .notApplicable("libvirt's QEMU driver is not installed")
            }
            guard let node = try host.kvm.node.get() else { return .notApplicable("/dev/kvm is missing") }
            let group = (try? host.kvm.groupName.get()) ?? "\(node.group)"
            if user.mayReadAndWrite(node) { return .pass(nil, "\(user.name), \(access(host, node))") }
            // A list can give what the bits do not.
            if try host.kvm.answers.hasAccessList.get() == true {
                throw Undecided(Obstacle(.unsupported, "/dev/kvm", "its access control list is not read"))
            }
            // A device that belongs to root's group is given to kvm; one that has a group of its own keeps it.
            let isRoots = node.group == 0 || node.mode & 0o060 != 0o060
            let wanted = isRoots ? "kvm" : group
            let kvmGroup = (try? host.kvm.kvmGroup.get()) ?? nil
            let isMember = isRoots ? kvmGroup.map(user.groups.contains) ?? false : user.groups.contains(node.group)
            var commands = isRoots ? ["chown root:kvm /dev/kvm", "chmod 0660 /dev/kvm"] : []
            if !isMember { commands.append("usermod -a -G \(wanted.shellWord) \(user.name.shellWord)") }
            return .fail(
                "\(user.name), the user libvirt runs QEMU as, may not open /dev/kvm", [access(host, node)],
                at: [Place(KVMDevicePath.path)],
                remedy: Remedy(
                    isRoots ? "give it to group kvm; a udev rule of QEMU's package does so at boot" : "",
                    commands: commands))
        })

    /// Owner, group and mode of the node, as `ls -l` would show them.
    private static func access(_ host: HostFacts, _ node: FileMetadata) -> String {
        let owner = (try? host.kvm.ownerName.get()) ?? "\(node.owner)"
        let group = (try? host.kvm.groupName.get()) ?? "\(node.group)"
        return "\(KVMDevicePath.path) is \(owner):\(group) \(node.octalMode)"
    }

    static let accessDenied = Rule<HostFacts>(
        RuleInfo(
            "KVH006", "kvm-denied-to-user", "the invoking user may open /dev/kvm", area: area, severity: .warning,
            rationale: """
                qemu:///session, and QEMU started by hand, run as the invoking user. For qemu:///system it does not \
                matter; kvmcheck itself cannot prove KVM without it.
                """,
            sources: [Citation("open(2), EACCES", "man-pages 6.03")], remedy: Remedy("join the device's group"),
            parent: "KVH001"),
        violates: { $0.kvm.answers.open = .known(CallResult(errno: "EACCES")) },
        decide: { host throws(Undecided) in
            guard let open = try host.kvm.answers.open.get(), let errno = open.errno else { return .pass() }
            guard ["EACCES", "EPERM"].contains(errno) else { return .notApplicable("opening it failed with \(errno)") }
            guard let node = try host.kvm.node.get() else { return .notApplicable("/dev/kvm is missing") }
            let user = (try? host.kvm.invokingUser.get())?.name ?? "the invoking user"
            let group = (try? host.kvm.groupName.get()) ?? "\(node.group)"
            let member = (try? host.kvm.invokingUser.get())?.groups.contains(node.group) == true
            return .fail(
                "\(user) may not open /dev/kvm",
                [access(host, node), "\(user) is \(member ? "" : "not ")in group \(group)"],
                at: [Place(KVMDevicePath.path)],
                remedy: node.mode & 0o060 == 0o060 && !member
                    ? Remedy(
                        "join group \(group), then log in again",
                        commands: ["usermod -a -G \(group.shellWord) \(user.shellWord)"])
                    : Remedy(
                        "let the group read and write", commands: ["chown root:kvm /dev/kvm", "chmod 0660 /dev/kvm"]))
        })

    static let openFailed = Rule<HostFacts>(
        RuleInfo(
            "KVH007", "kvm-open-failed", "/dev/kvm opens", area: area, severity: .error,
            rationale: "What cannot be opened cannot run a guest, whatever the reason.",
            sources: [Citation("open(2)", "man-pages 6.03")],
            remedy: Remedy("look for the reason in the kernel's log", commands: ["dmesg | grep -i kvm"]),
            parent: "KVH001"),
        violates: { $0.kvm.answers.open = .known(CallResult(errno: "EIO")) },
        decide: { host throws(Undecided) in
            guard let open = try host.kvm.answers.open.get(), let errno = open.errno else { return .pass() }
            // These have findings of their own, with remedies of their own.
            if ["ENOENT", "ENODEV", "ENXIO", "EACCES", "EPERM", "EBUSY"].contains(errno) {
                return .notApplicable("\(errno) has a rule of its own")
            }
            return .fail("/dev/kvm cannot be opened", ["open: \(errno)"], at: [Place(KVMDevicePath.path)])
        })

    static let apiVersion = Rule<HostFacts>(
        RuleInfo(
            "KVH008", "kvm-api-version", "KVM_GET_API_VERSION answers 12", area: area, severity: .error,
            rationale: "12 is the one stable version of the interface; programs must refuse any other.",
            sources: [api], remedy: Remedy("boot a kernel of Linux 2.6.22 or later with its own kvm module"),
            parent: "KVH002"),
        violates: { $0.kvm.answers.apiVersion = .known(11) },
        decide: { host throws(Undecided) in
            guard let version = try host.kvm.answers.apiVersion.get() else {
                return .notApplicable("the device does not answer")
            }
            return version == 12
                ? .pass() : .fail("KVM's API version is \(version), not 12", at: [Place(KVMDevicePath.path)])
        })

    static let busy = Rule<HostFacts>(
        RuleInfo(
            "KVH009", "kvm-busy", "no other hypervisor holds VT-x or SVM", area: area, severity: .error,
            rationale: """
                VirtualBox and VMware switch VT-x on for themselves. While they do, KVM is there, and every VM fails \
                with EBUSY.
                """,
            sources: [
                Citation("Linux arch/x86/kvm/vmx/vmx.c, vmx_enable_virtualization_cpu: EBUSY", "6.18"),
                Citation("canonical/multipass issue 6, kubernetes/minikube issue 4913", "2018, 2019"),
            ],
            remedy: Remedy(
                "stop the other hypervisor's VMs and unload its modules",
                commands: ["rmmod vboxnetadp vboxnetflt vboxdrv", "rmmod vmmon"]),
            parent: "KVH002", explains: ["Device or resource busy", "ioctl(KVM_CREATE_VM) failed: 16"]),
        violates: { $0.kvm.answers.createVM = .known(CallResult(errno: "EBUSY")) },
        decide: { host throws(Undecided) in
            let others = (try? host.kvm.otherHypervisors.get()) ?? []
            for (call, result) in [
                ("open", host.kvm.answers.open), ("KVM_CREATE_VM", host.kvm.answers.createVM),
            ] {
                guard try result.get()?.errno == "EBUSY" else { continue }
                return .fail(
                    "another hypervisor holds VT-x or SVM",
                    ["\(call): EBUSY"] + (others.isEmpty ? [] : ["loaded: " + others.joined(separator: ", ")]),
                    at: [Place(KVMDevicePath.path)])
            }
            return .pass()
        })

    static let vmNotCreated = failing(
        "KVH010", "vm-not-created", "KVM_CREATE_VM makes a VM", "KVM_CREATE_VM", \.createVM, "KVH002")
    static let vcpuNotCreated = failing(
        "KVH011", "vcpu-not-created", "KVM_CREATE_VCPU makes a vCPU", "KVM_CREATE_VCPU", \.createVCPU, "KVH010")

    /// A call that must simply succeed.
    private static func failing(
        _ id: String, _ slug: String, _ title: String, _ call: String,
        _ result: any WritableKeyPath<KVMAnswers, Observation<CallResult>> & Sendable, _ parent: String
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, title, area: area, severity: .error,
                rationale: "A VM needs it before its first instruction; a device that opens does not show it.",
                sources: [api],
                remedy: Remedy("look for the reason in the kernel's log", commands: ["dmesg | grep -i kvm"]),
                parent: parent, explains: ["ioctl(\(call)) failed"]),
            violates: { $0.kvm.answers[keyPath: result] = .known(CallResult(errno: "ENOMEM")) },
            decide: { host throws(Undecided) in
                guard let errno = try host.kvm.answers[keyPath: result].get()?.errno else { return .pass() }
                if errno == "EBUSY" { return .notApplicable("EBUSY has a rule of its own") }
                return .fail("\(call) fails", [errno], at: [Place(KVMDevicePath.path)])
            })
    }

    static let runAreaNotMapped = Rule<HostFacts>(
        RuleInfo(
            "KVH012", "run-area-not-mapped", "the vCPU's run area can be mapped", area: area, severity: .error,
            rationale: "Exits are reported in memory shared with the vCPU; its size is the kernel's to say.",
            sources: [api], remedy: Remedy("look for the reason in the kernel's log", commands: ["dmesg | tail"]),
            parent: "KVH011"),
        violates: { $0.kvm.answers.runAreaSize = .known(100) },
        decide: { host throws(Undecided) in
            guard let size = try host.kvm.answers.runAreaSize.get() else { return .notApplicable("no vCPU") }
            guard size >= 4096, size % 4096 == 0 else {
                return .fail("KVM_GET_VCPU_MMAP_SIZE answers \(size), not a number of pages")
            }
            if let errno = try host.kvm.answers.mapRunArea.get()?.errno {
                return .fail("the vCPU's run area cannot be mapped", ["mmap: \(errno)"])
            }
            return .pass()
        })

    static let guestWentWrong = Rule<HostFacts>(
        RuleInfo(
            "KVH013", "guest-went-wrong", "a guest runs on /dev/kvm", area: area, severity: .error,
            rationale: """
                The proof: a guest of a few bytes writes to a port and halts. Flags, modules and nodes can all look \
                right while KVM_RUN fails, under broken nesting above all.
                """,
            sources: [api, Citation("firecracker-microvm/firecracker issue 668", "2018")],
            remedy: Remedy(
                "look for the reason in the kernel's log; in a VM, look at the nesting of its host",
                commands: ["dmesg | grep -i -e kvm -e vmx -e svm"]),
            parent: "KVH011", explains: ["KVM internal error. Suberror", "KVM: entry failed, hardware error"]),
        violates: {
            $0.kvm.answers.guest = .known(
                GuestRun(output: [], exits: ["FAIL_ENTRY"], isRight: false, microseconds: 900))
        },
        decide: { host throws(Undecided) in
            guard let run = try host.kvm.answers.guest.get() else { return .notApplicable("no vCPU") }
            let api = try host.kvm.answers.apiVersion.get().map { "API \($0)" } ?? ""
            let modules = ((try? host.kvm.modules.get()) ?? []).filter { $0 != "kvm" }
            let by = modules.isEmpty ? "" : ", by \(modules.joined(separator: ", "))"
            if run.isRight {
                let tenths = (run.microseconds + 50) / 100
                return .pass("a guest ran on /dev/kvm", "\(api), \(tenths / 10).\(tenths % 10) ms\(by)")
            }
            let exits = run.exits.isEmpty ? "none" : run.exits.joined(separator: ", ")
            return .fail(
                "a guest of a few bytes did not run as it must",
                ["exits: \(exits)"] + (run.errno.map { ["failed: \($0)"] } ?? []), at: [Place(KVMDevicePath.path)])
        })

    static let flagHidden = Rule<HostFacts>(
        RuleInfo(
            "KVH003", "virtualization-flag-hidden", "/proc/cpuinfo shows the processor's virtualization flag",
            area: area, severity: .note,
            rationale: """
                vmx and svm explain why KVM works or not; they do not decide it. A paravirtual KVM works without \
                them, and tools that look at flags alone then call a good host bad.
                """,
            sources: [
                Citation("libvirt tools/virt-host-validate-qemu.c", "11.3"), Citation("cpu-checker, kvm-ok", "0.7"),
            ],
            remedy: Remedy("nothing, where a guest ran; else enable VT-x or SVM in the firmware")),
        violates: { $0.kvm.virtualizationFlag = .absent(from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            let machine = try host.system.machine.get() ?? ""
            guard ["x86_64", "i686", "s390x"].contains(machine) else {
                return .notApplicable("no flag stands for virtualization on \(machine)")
            }
            if let flag = try host.kvm.virtualizationFlag.get() { return .pass(nil, flag) }
            let names = machine == "s390x" ? "sie is not" : "neither vmx nor svm is"
            var lines: [String] = []
            if let run = try? host.kvm.answers.guest.get(), run.isRight {
                let modules = ((try? host.kvm.modules.get()) ?? []).filter { $0 != "kvm" }.joined(separator: ", ")
                lines.append("KVM works all the same\(modules.isEmpty ? "" : ", by \(modules)")")
                lines.append("virt-host-validate and kvm-ok say that this host has no KVM")
            }
            return .fail("\(names) in /proc/cpuinfo", lines, at: [Place("/proc/cpuinfo")])
        })

    static let moduleMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH014", "kvm-module-missing", "a KVM module of the processor's vendor is loaded", area: area,
            severity: .note,
            rationale: "It explains a missing or dead /dev/kvm. Built-in modules are found too, by /sys/module.",
            sources: [Citation("Linux Documentation/ABI/stable/sysfs-module", "6.18")],
            remedy: Remedy("", commands: ["modprobe kvm_intel || modprobe kvm_amd"])),
        violates: { $0.kvm.modules = .known([], from: .file("/sys/module")) },
        decide: { host throws(Undecided) in
            let machine = try host.system.machine.get() ?? ""
            let modules = try host.kvm.modules.get() ?? []
            let isX86 = ["x86_64", "i686"].contains(machine)
            if modules.contains(where: { $0 != "kvm" }) || (!isX86 && modules.contains("kvm")) {
                return .pass(nil, modules.joined(separator: ", "))
            }
            return .fail(
                modules.isEmpty ? "no kvm module is loaded or built in" : "kvm is loaded without a vendor's module",
                at: [Place("/sys/module")])
        })

    static let otherHypervisor = Rule<HostFacts>(
        RuleInfo(
            "KVH015", "other-hypervisor-loaded", "no module of another hypervisor is loaded", area: area,
            severity: .warning,
            rationale: "As soon as one of its VMs runs, VT-x is taken and KVM answers EBUSY.",
            sources: [Citation("canonical/multipass issue 6", "2018")],
            remedy: Remedy("remove it, or do not run its VMs beside KVM's"), explains: ["vboxdrv", "vmmon"]),
        violates: { $0.kvm.otherHypervisors = .known(["vboxdrv"], from: .file("/sys/module")) },
        decide: { host throws(Undecided) in
            guard let others = try host.kvm.otherHypervisors.get(), !others.isEmpty else { return .pass() }
            return .fail(
                "\(others.joined(separator: " and ")) loaded", at: others.map { Place("/sys/module/\($0)") },
                remedy: Remedy("unload it, or do not run its VMs beside KVM's", commands: others.map { "rmmod \($0)" }))
        })

    static let hostIsVirtual = Rule<HostFacts>(
        RuleInfo(
            "KVH016", "host-is-virtual", "the host is not itself a VM", area: area, severity: .note,
            rationale: "Guests of a guest run, but slower, and cannot be given its devices.",
            sources: [Citation("Linux Documentation/virt/kvm/x86/running-nested-guests.rst", "6.18")],
            remedy: Remedy("for production use bare metal")),
        violates: { $0.kvm.isVirtualMachine = .known(true, from: .file("/proc/cpuinfo")) },
        decide: { host throws(Undecided) in
            try host.kvm.isVirtualMachine.get() == true
                ? .fail("the host is itself a VM", ["flag hypervisor"], at: [Place("/proc/cpuinfo")]) : .pass()
        })
}

/// The one device all these rules are about.
enum KVMDevicePath {
    static let path = "/dev/kvm"
}
