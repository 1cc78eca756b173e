internal import Evidence
internal import Facts

/// A host of Firecracker microVMs, beyond what is asked of any KVM host. KVH320–KVH326.
enum FirecrackerRules {
    static let all: [Rule<HostFacts>] = [
        kernelTooOld, kernelNotTested, timerPeriod, hugePageWorkaround, dynamicModifications, consoleNoise, plainMemory,
    ]

    private static let setup = Citation("Firecracker docs/prod-host-setup.md", "2026-08-21")
    private static let policy = Citation("Firecracker docs/kernel-policy.md", "2026-08-21")
    /// The series that Firecracker is tested on, as of its release 1.13.
    private static let tested = ["5.10", "6.1", "6.18"]

    private static func kernel(_ host: HostFacts) throws(Undecided) -> SoftwareVersion {
        let release = try host.system.kernelRelease.get(whenAbsent: "")
        guard let version = SoftwareVersion(startOf: release) else {
            throw Undecided(Obstacle(.malformed, "/proc/sys/kernel/osrelease", "not a release: \(release)"))
        }
        return version
    }

    static let kernelTooOld = Rule<HostFacts>(
        RuleInfo(
            "KVH320", "kernel-too-old-for-firecracker", "the kernel is Linux 5.10 or later", area: DeploymentRules.area,
            severity: .error, rationale: "Firecracker supports no older host kernel.",
            sources: [policy, Citation("firecracker-microvm/firecracker pull request 4689", "2024")],
            remedy: Remedy("boot one of the kernels it is tested on: \(tested.joined(separator: ", "))")),
        violates: { $0.system.kernelRelease = .known("4.14.336", from: .file("/proc/sys/kernel/osrelease")) },
        decide: { host throws(Undecided) in
            let version = try kernel(host)
            if version >= SoftwareVersion(5, 10) { return .pass(nil, "Linux \(version)") }
            return .fail("Linux is \(version), Firecracker asks for 5.10", at: host.system.kernelRelease.places)
        })

    static let kernelNotTested = Rule<HostFacts>(
        RuleInfo(
            "KVH321", "kernel-not-tested-with-firecracker", "Firecracker is tested on this kernel",
            area: DeploymentRules.area, severity: .note,
            rationale: "Other kernels from 5.10 on usually work; Firecracker's own tests run on these series.",
            sources: [policy], remedy: Remedy("prefer one of \(tested.joined(separator: ", "))"), parent: "KVH320"),
        violates: { $0.system.kernelRelease = .known("6.8.0-31-generic", from: .file("/proc/sys/kernel/osrelease")) },
        decide: { host throws(Undecided) in
            let version = try kernel(host)
            let series = "\(version.numbers[0]).\(version.numbers[1])"
            if tested.contains(series) { return .pass(nil, "Linux \(version)") }
            return .fail(
                "Linux \(series) is not one of \(tested.joined(separator: ", "))", at: host.system.kernelRelease.places)
        })

    static let timerPeriod = Rule<HostFacts>(
        RuleInfo(
            "KVH322", "kvm-timer-period-default", "kvm limits the timers that guests inject",
            area: DeploymentRules.area, severity: .note,
            rationale: """
                A guest that injects timer interrupts as fast as kvm lets it burns host time outside its cgroup, in \
                kvm-pit. kvm.min_timer_period_us is the limit; the kernel's default is 200 µs.
                """,
            sources: [setup, Citation("Linux arch/x86/kvm/x86.c, min_timer_period_us", "6.18")],
            remedy: Remedy(
                "set a longer period when kvm is loaded",
                commands: ["echo 'options kvm min_timer_period_us=500' > /etc/modprobe.d/kvm-timer.conf"])),
        violates: {
            $0.capacity.kvmTimerPeriod = .known(200, from: .file("/sys/module/kvm/parameters/min_timer_period_us"))
        },
        decide: { host throws(Undecided) in
            guard let period = try host.capacity.kvmTimerPeriod.get() else {
                return .notApplicable("kvm has no such parameter here")
            }
            if period > 200 { return .pass(nil, "\(period) µs") }
            return .fail("kvm.min_timer_period_us is \(period), the default", at: host.capacity.kvmTimerPeriod.places)
        })

    static let hugePageWorkaround = Rule<HostFacts>(
        RuleInfo(
            "KVH323", "nx-huge-pages-not-never", "kvm keeps no worker for a flaw that the processor does not have",
            area: DeploymentRules.area, severity: .note,
            rationale: """
                From Linux 6.1 on, kvm starts a thread per VM for the mitigation of iTLB multihit, and waiting for it \
                slows each microVM's start. Where the processor is not affected, nx_huge_pages=never saves it.
                """,
            sources: [setup],
            remedy: Remedy(
                "set it when kvm is loaded",
                commands: ["echo 'options kvm nx_huge_pages=never' > /etc/modprobe.d/kvm-nx.conf"])),
        holds: { $0.cpu.vulnerabilities = .known(["itlb_multihit": "Not affected"]) },
        violates: {
            $0.capacity.nxHugePages = .known("N", from: .file("/sys/module/kvm/parameters/nx_huge_pages"))
        },
        decide: { host throws(Undecided) in
            guard try kernel(host) >= SoftwareVersion(6, 1) else { return .notApplicable("before Linux 6.1") }
            guard let value = try host.capacity.nxHugePages.get() else {
                return .notApplicable("kvm has no such parameter here")
            }
            if value == "never" { return .pass() }
            guard try host.cpu.vulnerabilities.get()?["itlb_multihit"] == "Not affected" else {
                return .notApplicable("the processor has the flaw")
            }
            return .fail(
                "kvm.nx_huge_pages is \(value), and the processor is not affected",
                at: host.capacity.nxHugePages.places)
        })

    static let dynamicModifications = Rule<HostFacts>(
        RuleInfo(
            "KVH324", "cgroup-not-favordynmods", "the cgroup hierarchy is mounted with favordynmods",
            area: DeploymentRules.area, severity: .note,
            rationale: """
                From Linux 6.1 on, moving a thread between cgroups waits for an RCU grace period; each microVM that \
                the jailer starts pays for it. favordynmods takes the wait away.
                """,
            sources: [setup, Citation("Linux Documentation/admin-guide/cgroup-v2.rst, favordynmods", "6.18")],
            remedy: Remedy("", commands: ["mount -o remount,favordynmods /sys/fs/cgroup"])),
        violates: { $0.capacity.favorsDynamicModifications = .known(false, from: .file("/proc/self/mounts")) },
        decide: { host throws(Undecided) in
            guard try kernel(host) >= SoftwareVersion(6, 1) else { return .notApplicable("before Linux 6.1") }
            guard let favors = try host.capacity.favorsDynamicModifications.get() else {
                return .notApplicable("no cgroup v2 is mounted")
            }
            return favors
                ? .pass()
                : .fail(
                    "cgroup v2 is mounted without favordynmods", at: host.capacity.favorsDynamicModifications.places)
        })

    static let consoleNoise = Rule<HostFacts>(
        RuleInfo(
            "KVH325", "console-log-level-high", "guests cannot flood the host's console", area: DeploymentRules.area,
            severity: .note,
            rationale: "Guests can make kvm log; each message that goes to a slow console stops a processor meanwhile.",
            sources: [setup, Citation("proc(5), /proc/sys/kernel/printk", "man-pages 6.03")],
            remedy: Remedy(
                "and put quiet loglevel=1 on the kernel's command line", commands: ["sysctl -w kernel.printk=1"])),
        violates: { $0.capacity.consoleLogLevel = .known(7, from: .file("/proc/sys/kernel/printk")) },
        decide: { host throws(Undecided) in
            guard let level = try host.capacity.consoleLogLevel.get() else { return .notApplicable("no such setting") }
            if level <= 1 { return .pass(nil, "level \(level)") }
            return .fail(
                "kernel messages below level \(level) go to the console", at: host.capacity.consoleLogLevel.places)
        })

    static let plainMemory = Rule<HostFacts>(
        RuleInfo(
            "KVH326", "memory-without-ecc", "memory has error correction", area: DeploymentRules.area, severity: .note,
            rationale: """
                ECC with target row refresh makes Rowhammer between tenants hard. Only a driver can say that there is \
                ECC: no memory controller in EDAC can also mean that the driver is not loaded.
                """,
            sources: [setup, Citation("Linux Documentation/admin-guide/ras.rst", "6.18")],
            remedy: Remedy("see what the firmware says", commands: ["dmidecode -t memory | grep -i 'error correction'"])
        ),
        violates: { $0.capacity.memoryControllers = .known([], from: .file("/sys/devices/system/edac/mc")) },
        decide: { host throws(Undecided) in
            let controllers = try host.capacity.memoryControllers.get(whenAbsent: [])
            if !controllers.isEmpty { return .pass(nil, controllers.joined(separator: ", ")) }
            if try host.kvm.isVirtualMachine.get() == true { return .notApplicable("a VM does not see it") }
            return .fail(
                "no memory controller reports errors", at: host.capacity.memoryControllers.places)
        })
}
