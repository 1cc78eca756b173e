internal import Evidence
internal import Facts

/// Device nodes that guests need. KVH030–KVH049.
enum DeviceRules {
    static let area = "Devices"

    static let all: [Rule<HostFacts>] = [
        tunMissing, tunWrong, tunDriverless, tunWithoutTap, tunWithoutHeaders, tunWithoutQueues,
        vhostNetMissing, vhostNetWrong, vhostNetDriverless, vhostVsockUnusable, vhostSCSIUnusable,
        vfioMissing, iommufdMissing, postcopyBlocked, tpmMissing,
    ]

    private static let misc = Citation("Linux include/linux/miscdevice.h and drivers/char/misc.c", "6.18")
    private static let validate = Citation("libvirt tools/virt-host-validate-qemu.c", "11.3")
    private static let tunSource = Citation("Linux Documentation/networking/tuntap.rst; drivers/net/tun.c", "6.18")
    private static let vhostSource = Citation(
        "Linux include/uapi/linux/vhost.h; drivers/vhost/{net,vsock,scsi}.c", "6.18")

    // MARK: - tun

    private static let tun = GuestNode(
        path: "/dev/net/tun", device: \.devices.tun, module: "tun", request: "TUNGETFEATURES",
        remake: ["mkdir -p /dev/net", "rm -f /dev/net/tun", "mknod -m 0666 /dev/net/tun c 10 200"])

    static let tunMissing = tun.missing(
        RuleInfo(
            "KVH031", "tun-missing", "/dev/net/tun exists", area: area, severity: .error,
            rationale: """
                Every tap device of a guest is made through /dev/net/tun. Without it no guest with a network \
                interface on a bridge or a libvirt network starts.
                """,
            sources: [validate, tunSource],
            remedy: Remedy("load the module, or give the container the node", commands: ["modprobe tun"]),
            explains: [
                "Unable to open /dev/net/tun, is tun module loaded?",
                "could not open /dev/net/tun: No such file or directory",
            ]))

    static let tunWrong = tun.wrong(
        RuleInfo(
            "KVH032", "tun-not-tun", "/dev/net/tun is tun's device", area: area, severity: .error,
            rationale: """
                A file or another device in its place satisfies every tool that only looks whether the path exists; \
                libvirt's first guest fails on it.
                """,
            sources: [misc, tunSource], remedy: Remedy("make the node anew: character device 10:200"),
            parent: "KVH031"))

    static let tunDriverless = tun.driverless(
        RuleInfo(
            "KVH033", "tun-driver-absent", "a driver is behind /dev/net/tun", area: area, severity: .error,
            rationale: "Containers and static nodes have the node without the driver: opening it then fails.",
            sources: [Citation("open(2), ENODEV and ENXIO", "man-pages 6.03"), tunSource],
            remedy: Remedy("load the module", commands: ["modprobe tun"]), parent: "KVH032",
            explains: ["could not open /dev/net/tun: No such device"]))

    static let tunWithoutTap = tunFeature(
        RuleInfo(
            "KVH034", "tun-without-tap", "tun makes tap devices", area: area, severity: .error,
            rationale: "Guests send Ethernet frames; only a tap device (IFF_TAP) carries them.",
            sources: [tunSource], remedy: Remedy("boot a distribution's kernel"), parent: "KVH033"),
        flag: 0x0002, name: "IFF_TAP")

    static let tunWithoutHeaders = tunFeature(
        RuleInfo(
            "KVH035", "tun-without-vnet-header", "tun passes offload headers on", area: area, severity: .warning,
            rationale: """
                Without IFF_VNET_HDR neither checksums nor segmentation can be left to the network card, and vhost-net \
                cannot be used: a guest's network is several times slower.
                """,
            sources: [tunSource], remedy: Remedy("boot a kernel of Linux 2.6.27 or later"), parent: "KVH033"),
        flag: 0x4000, name: "IFF_VNET_HDR")

    static let tunWithoutQueues = tunFeature(
        RuleInfo(
            "KVH044", "tun-without-multi-queue", "tun has several queues", area: area, severity: .note,
            rationale: "`<driver queues='N'/>` of a guest's interface needs IFF_MULTI_QUEUE.",
            sources: [tunSource], remedy: Remedy("boot a kernel of Linux 3.8 or later"), parent: "KVH033"),
        flag: 0x0100, name: "IFF_MULTI_QUEUE")

    /// A flag of TUNGETFEATURES, include/uapi/linux/if_tun.h.
    private static func tunFeature(_ info: RuleInfo, flag: UInt64, name: String) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info, violates: { $0.devices.tun.answer.features = .known(0x7133 & ~flag) },
            decide: { host throws(Undecided) in
                guard let features = try host.devices.tun.answer.features.get() else {
                    return .notApplicable("/dev/net/tun does not answer")
                }
                let shown = "TUNGETFEATURES: 0x\(String(features, radix: 16))"
                if features & flag != 0, name == "IFF_TAP", let isModule = try? host.devices.tunIsModule.get() {
                    return .pass(nil, "\(shown), tun is \(isModule ? "a module" : "built in")")
                }
                return features & flag != 0
                    ? .pass(nil, shown) : .fail("tun has no \(name)", [shown], at: [Place("/dev/net/tun")])
            })
    }

    // MARK: - vhost

    private static let vhostNet = GuestNode(
        path: "/dev/vhost-net", device: \.devices.vhostNet, module: "vhost_net", request: "VHOST_GET_FEATURES",
        remake: ["rm -f /dev/vhost-net", "mknod -m 0600 /dev/vhost-net c 10 238"])

    static let vhostNetMissing = vhostNet.missing(
        RuleInfo(
            "KVH030", "vhost-net-missing", "/dev/vhost-net exists", area: area, severity: .warning,
            rationale: """
                vhost-net moves virtio-net's data path into the host's kernel. Without it libvirt silently falls back \
                to QEMU, at a multiple of the processor time, and a guest that asks for it by name does not start. \
                libvirtd opens it as root, so its mode does not matter to qemu:///system.
                """,
            sources: [validate, vhostSource, Citation("libvirt docs/formatdomain.rst, driver name='vhost'", "11.3")],
            remedy: Remedy(
                "", commands: ["modprobe vhost_net", "echo vhost_net > /etc/modules-load.d/vhost_net.conf"]),
            explains: ["vhost-net was requested for an interface, but is unavailable"]))

    static let vhostNetWrong = vhostNet.wrong(
        RuleInfo(
            "KVH036", "vhost-net-not-vhost", "/dev/vhost-net is vhost-net's device", area: area, severity: .warning,
            rationale: "A file or another device in its place satisfies tools that only look whether the path exists.",
            sources: [misc, vhostSource], remedy: Remedy("make the node anew: character device 10:238"),
            parent: "KVH030"))

    static let vhostNetDriverless = vhostNet.driverless(
        RuleInfo(
            "KVH037", "vhost-net-driver-absent", "a driver is behind /dev/vhost-net", area: area, severity: .warning,
            rationale: """
                systemd makes the node at boot from the module's alias, so it stands there although the module cannot \
                be loaded: only opening it shows that.
                """,
            sources: [Citation("kmod-static-nodes, `kmod static-nodes`", "kmod 30"), vhostSource],
            remedy: Remedy("load the module", commands: ["modprobe vhost_net"]), parent: "KVH036"))

    static let vhostVsockUnusable = GuestNode(
        path: "/dev/vhost-vsock", device: \.devices.vhostVsock, module: "vhost_vsock", request: "VHOST_GET_FEATURES",
        remake: ["rm -f /dev/vhost-vsock", "mknod -m 0600 /dev/vhost-vsock c 10 241"]
    ).unusable(
        RuleInfo(
            "KVH038", "vhost-vsock-unusable", "/dev/vhost-vsock answers", area: area, severity: .note,
            rationale: """
                Guests with `<vsock>` (Kata Containers, systemd's notify and ssh over vsock) need it. Firecracker and \
                Cloud Hypervisor bring a vsock of their own.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, Vsock", "11.3"), vhostSource],
            remedy: Remedy("where guests use vsock, load the module", commands: ["modprobe vhost_vsock"]),
            explains: ["vhost-vsock: failed to open vhost device", "unable to open vhost-vsock device"]))

    static let vhostSCSIUnusable = GuestNode(
        path: "/dev/vhost-scsi", device: \.devices.vhostSCSI, module: "vhost_scsi", request: "VHOST_GET_FEATURES",
        remake: []
    ).unusable(
        RuleInfo(
            "KVH039", "vhost-scsi-unusable", "/dev/vhost-scsi answers", area: area, severity: .note,
            rationale: "Only guests whose disks are LIO targets of the host (`<hostdev type='scsi_host'>`) need it.",
            sources: [Citation("libvirt docs/formatdomain.rst, scsi_host", "11.3"), vhostSource],
            remedy: Remedy("where guests use vhost-scsi, load the module", commands: ["modprobe vhost_scsi"])))

    // MARK: - Assignment of devices

    static let vfioMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH040", "vfio-missing", "/dev/vfio/vfio exists", area: area, severity: .note,
            rationale: "QEMU is given host devices through VFIO; the node comes with the vfio module.",
            sources: [Citation("Linux Documentation/driver-api/vfio.rst", "6.18")],
            remedy: Remedy("where devices are assigned to guests, load the module", commands: ["modprobe vfio-pci"]),
            explains: ["Could not open '/dev/vfio/vfio'", "host doesn't support passthrough of host PCI devices"]),
        violates: { $0.devices.vfio = .absent(from: .file("/dev/vfio/vfio")) },
        decide: { host throws(Undecided) in
            guard let node = try host.devices.vfio.get() else {
                return .fail("/dev/vfio/vfio is missing", at: [Place("/dev/vfio/vfio")])
            }
            guard node.kind == .characterDevice else {
                return .fail("/dev/vfio/vfio is \(node.kind.phrase)", at: [Place("/dev/vfio/vfio")])
            }
            guard let bound = try? host.iommu.vfioBound.get(), !bound.isEmpty else { return .pass() }
            return .pass(nil, "bound to vfio-pci: \(bound.prefix(8).joined(separator: ", "))")
        })

    static let iommufdMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH041", "iommufd-missing", "/dev/iommu exists", area: area, severity: .note,
            rationale: "IOMMUFD replaces VFIO's containers; QEMU 9.0 and later can use it, and nothing has to yet.",
            sources: [Citation("Linux Documentation/userspace-api/iommufd.rst", "6.18")],
            remedy: Remedy("load the module; Linux 6.2 or later has it", commands: ["modprobe iommufd"])),
        violates: { $0.devices.iommufd = .absent(from: .file("/dev/iommu")) },
        decide: { host throws(Undecided) in
            try host.devices.iommufd.isPresent()
                ? .pass() : .fail("/dev/iommu is missing", at: [Place("/dev/iommu")])
        })

    // MARK: - Migration, TPM

    static let postcopyBlocked = Rule<HostFacts>(
        RuleInfo(
            "KVH042", "postcopy-blocked", "QEMU's user may use userfaultfd", area: area, severity: .note,
            rationale: """
                Post-copy migration fetches the guest's pages on demand: QEMU must handle faults that the kernel takes \
                for the guest. An ordinary user may do so only with vm.unprivileged_userfaultfd = 1, or, from QEMU 8.0 \
                on, through /dev/userfaultfd.
                """,
            sources: [
                Citation("Linux Documentation/admin-guide/sysctl/vm.rst, unprivileged_userfaultfd", "6.18"),
                Citation("Linux Documentation/admin-guide/mm/userfaultfd.rst, Creating a userfaultfd", "6.18"),
            ],
            remedy: Remedy(
                "where post-copy migration is wanted",
                commands: [
                    "sysctl -w vm.unprivileged_userfaultfd=1",
                    "echo vm.unprivileged_userfaultfd = 1 > /etc/sysctl.d/60-qemu-postcopy-migration.conf",
                ]),
            explains: ["Postcopy is not supported", "userfaultfd not available"]),
        violates: { $0.devices.unprivilegedUserfaultfd = .known(false) },
        decide: { host throws(Undecided) in
            let place = [Place("/proc/sys/vm/unprivileged_userfaultfd")]
            guard let anyUser = try host.devices.unprivilegedUserfaultfd.get() else {
                // Before Linux 5.2 any user might, without a switch; such kernels have no node either.
                return .fail("this kernel has no vm.unprivileged_userfaultfd", at: place)
            }
            if anyUser { return .pass(nil, "vm.unprivileged_userfaultfd = 1") }
            guard let user = try host.kvm.qemuUser.get() else {
                return .notApplicable("libvirt's QEMU driver is not installed")
            }
            if user.user == 0 { return .pass(nil, "QEMU runs as root") }
            if let node = try host.devices.userfaultfd.get(), user.mayReadAndWrite(node) {
                return .pass(nil, "\(user.name) may open /dev/userfaultfd")
            }
            return .fail(
                "\(user.name) may not handle the kernel's page faults", ["vm.unprivileged_userfaultfd = 0"], at: place)
        })

    static let tpmMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH043", "tpm-missing", "the host has a TPM 2.0", area: area, severity: .note,
            rationale: """
                A TPM measures the host's own boot and can be passed to one guest. Guests' virtual TPMs come from \
                swtpm and need none.
                """,
            sources: [
                Citation("Linux Documentation/ABI/stable/sysfs-class-tpm", "6.18"),
                Citation("libvirt docs/formatdomain.rst, TPM device", "11.3"),
            ],
            remedy: Remedy("where it is needed, enable the TPM in the firmware")),
        violates: { $0.devices.tpmVersion = .absent(from: .file("/sys/class/tpm")) },
        decide: { host throws(Undecided) in
            let place = [Place("/sys/class/tpm")]
            guard let version = try host.devices.tpmVersion.get() else { return .fail("no TPM", at: place) }
            guard version >= 2 else { return .fail("the TPM is of version 1.2", at: place) }
            let managed = (try? host.devices.tpmResourceManager.isPresent()) == true
            return .pass(nil, managed ? "TPM \(version).0, /dev/tpmrm0" : "TPM \(version).0")
        })
}
