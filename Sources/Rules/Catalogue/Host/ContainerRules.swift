internal import Evidence
internal import Facts

/// What LXC needs. KVH280–KVH299; only with `--driver lxc`.
enum ContainerRules {
    static let area = "LXC"
    private static let reference = Citation("libvirt tools/virt-host-validate-lxc.c", "9.0")
    private static let namespaces = Citation("namespaces(7)", "man-pages 6.03")

    static let all: [Rule<HostFacts>] = [
        kernelTooOld,
        namespace("KVH281", "ipc", .error, "IPC_NS"),
        namespace("KVH282", "mnt", .error, "NAMESPACES"),
        namespace("KVH283", "pid", .error, "PID_NS"),
        namespace("KVH284", "uts", .error, "UTS_NS"),
        namespace("KVH285", "net", .warning, "NET_NS"),
        namespace("KVH286", "user", .warning, "USER_NS"),
        ControlGroupRules.mounted(
            "KVH287", "lxc-control-groups-missing", area: area, severity: .error,
            rationale: "libvirt's LXC driver starts no container without control groups."),
        controller("KVH288", .cpu),
        controller("KVH289", .cpuacct),
        controller("KVH290", .cpuset),
        controller("KVH291", .memory),
        controller("KVH292", .devices),
        controller("KVH293", .freezer),
        controller("KVH294", .blkio),
        fuseMissing,
    ]

    static let kernelTooOld = Rule<HostFacts>(
        RuleInfo(
            "KVH280", "lxc-kernel-too-old", "the kernel is Linux 2.6.26 or later", area: area, severity: .error,
            rationale: "The namespaces that a container is made of are complete since then.",
            sources: [reference], remedy: Remedy("boot a newer kernel")),
        violates: { $0.system.kernelRelease = .known("2.6.25", from: .file("/proc/sys/kernel/osrelease")) },
        decide: { host throws(Undecided) in
            guard let release = try host.system.kernelRelease.get() else {
                return .notApplicable("no kernel release")
            }
            let path = "/proc/sys/kernel/osrelease"
            guard let kernel = KernelVersion(release) else {
                throw Undecided(Obstacle(.malformed, path, "\(release) is not a kernel's version"))
            }
            return kernel >= KernelVersion(2, 6, 26)
                ? .pass(nil, release) : .fail("the kernel is Linux \(release)", at: [Place(path)])
        })

    private static func namespace(
        _ id: String, _ name: String, _ severity: Severity, _ option: String
    ) -> Rule<HostFacts> {
        let path = "/proc/self/ns/\(name)"
        return Rule<HostFacts>(
            RuleInfo(
                id, "lxc-namespace-\(name)-missing", "the kernel has \(name) namespaces", area: area,
                severity: severity,
                rationale: severity == .error
                    ? "libvirt makes every container with one; without it none starts."
                    : "Containers start without one, and then share the host's.",
                sources: [reference, namespaces], remedy: Remedy("boot a kernel with CONFIG_\(option)"),
                explains: ["namespace \(name)", "namespace '\(name)'"]),
            violates: { $0.containers.namespaces[name] = .known(false, from: .file(path)) },
            decide: { host throws(Undecided) in
                try (host.containers.namespaces[name] ?? .notProbed).get(whenAbsent: false)
                    ? .pass()
                    : .fail("the kernel has no \(name) namespaces", ["\(path) does not exist"], at: [Place(path)])
            })
    }

    private static func controller(_ id: String, _ support: ControllerSupport) -> Rule<HostFacts> {
        ControlGroupRules.controller(
            id, "lxc-cgroup-\(support.name)-missing", support, area: area, severity: .error, parent: "KVH287")
    }

    static let fuseMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH295", "lxc-fuse-missing", "the kernel has FUSE", area: area, severity: .error,
            rationale: """
                libvirt lays files of its own over parts of a container's /proc, such as its memory limits, by FUSE.
                """,
            sources: [reference],
            remedy: Remedy("", commands: ["modprobe fuse"]),
            explains: ["device /sys/fs/fuse/connections exists"]),
        violates: { $0.containers.hasFUSE = .known(false, from: .file("/sys/fs/fuse/connections")) },
        decide: { host throws(Undecided) in
            try host.containers.hasFUSE.get(whenAbsent: false)
                ? .pass()
                : .fail(
                    "/sys/fs/fuse/connections does not exist", at: [Place("/sys/fs/fuse/connections")])
        })
}
