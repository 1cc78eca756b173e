internal import Evidence
internal import Facts
internal import LibvirtXML

/// What pools need of their host: backends, programs, folders, mounts, devices. KVP038–KVP049, KVP080, KVP081,
/// KVP085–KVP089, KVP091, KVP097–KVP100. Of a definition from a file they are unknown.
enum PoolHostRules {
    static let all: [Rule<PoolDefinitionFacts>] = [
        backendMissing,
        programMissing.only([.netfs, .iscsi, .logical, .disk, .zfs, .vstorage], fit: FitPool.netfs),
        targetAbsent.only(files, fit: { _ in }), notMounted.only([.netfs, .fs], fit: FitPool.netfs),
        plannedMountMissing.only([.dir], fit: { _ in }), readOnly.only(files, fit: { _ in }),
        permissionsDiffer.only(fit: { _ in }, unless: isWithoutPermissions), notSearchable.only(files, fit: { _ in }),
        worldWritable.only(files, fit: { _ in }), copyOnWrite.only(files, fit: { _ in }),
        softMount.only(fit: FitPool.netfs, unless: isNoShare), lockless.only(fit: FitPool.netfs, unless: isNoShare),
        oldNFS.only(fit: FitPool.netfs, unless: isNoShare), smallTransfers.only(fit: FitPool.netfs, unless: isNoShare),
        deviceAbsent.only([.fs, .disk, .logical, .zfs], fit: FitPool.disk),
        groupAbsent.only([.logical], fit: FitPool.logical), datasetAbsent.only([.zfs], fit: FitPool.zfs),
        multipathIdle.only([.mpath], fit: FitPool.multipath), diskMounted.only([.disk], fit: FitPool.disk),
        diskTooLarge.only(fit: FitPool.dosDisk, unless: isNoDOSDisk),
        hostAbsent.only(fit: FitPool.scsi, unless: isNoSCSIHost),
        fibreChannelRefused.only(fit: FitPool.fibreChannel, unless: isNoFibreChannel),
        fibreChannelOffline.only(fit: FitPool.fibreChannel, unless: isNoFibreChannel),
        initiatorUnnamed.only([.iscsi], fit: FitPool.iscsi),
    ]

    /// The types whose volumes are files.
    private static let files: Set<StoragePool.Kind> = [.dir, .fs, .netfs, .vstorage]

    @Sendable private static func isNoShare(_ subject: PoolDefinitionFacts) throws(Undecided) -> String? {
        if folder(subject) == nil { return "the pool has no folder" }
        return try share(subject) == nil ? "the folder is not on NFS" : nil
    }

    @Sendable private static func isWithoutPermissions(_ subject: PoolDefinitionFacts) -> String? {
        folder(subject) != nil && subject.definition.target.permissions.isPresent
            ? nil : "the definition does not say how the folder is"
    }

    @Sendable private static func isNoDOSDisk(_ subject: PoolDefinitionFacts) -> String? {
        subject.definition.type == .disk && subject.definition.source.format.value == "dos"
            ? nil : "the pool is no disk of format dos"
    }

    @Sendable private static func isNoSCSIHost(_ subject: PoolDefinitionFacts) -> String? {
        subject.definition.type == .scsi && subject.definition.source.adapter.name.isPresent
            ? nil : "the pool names no SCSI host"
    }

    @Sendable private static func isNoFibreChannel(_ subject: PoolDefinitionFacts) -> String? {
        subject.definition.type == .scsi && subject.definition.source.adapter.type == .fibreChannelHost
            ? nil : "the pool is not of Fibre Channel"
    }

    private static let area = PoolSourceRules.area
    private static let images = "/var/lib/libvirt/images"

    /// What was tried on a daemon.
    private static func tried(_ source: String) -> Citation { Citation("libvirt \(source); virsh pool-start", "9.0") }

    // MARK: - Software

    static let backendMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP038", "pool-backend-missing", "libvirt has the pool's type", area: area, severity: .error,
            rationale:
                "The types of pools are modules of libvirt that come in packages of their own: without it libvirt refuses the definition.",
            sources: [
                Citation("libvirt src/storage/storage_backend.c: virStorageBackendForType; virsh pool-define", "9.0")
            ],
            remedy: Remedy(
                "install the module",
                commands: ["virsh pool-capabilities", "apt-get install libvirt-daemon-driver-storage-TYPE"]),
            explains: ["missing backend for pool type 12 (zfs)"]),
        violates: PoolDefinitionFacts.example("zfs", "<name>tank</name>", rest: "") { $0.backend = .absent() },
        remedy: { subject in
            let type = subject.definition.type.value?.text ?? "TYPE"
            // Debian's name; the packages of Red Hat's have the same after libvirt-daemon-driver-storage.
            return Remedy(
                "install the module",
                commands: [
                    "apt-get install \("libvirt-daemon-driver-storage-\(type)".shellWord)", "virsh pool-capabilities",
                ])
        },
        faults: { subject throws(Undecided) in
            guard let kind = subject.definition.type.value?.known, kind != .sheepdog else { return [] }
            return try subject.site.backend.isPresent()
                ? []
                : [
                    Fault(
                        "libvirt's module for type \(kind.rawValue) is not installed",
                        at: subject.definition.type.position)
                ]
        })

    static let programMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP039", "pool-program-missing", "the program that libvirt runs for the pool is installed", area: area,
            severity: .error,
            rationale:
                "libvirt mounts, logs in and activates by the host's own programs: without them the pool does not start.",
            sources: [tried("src/storage/storage_util.c, storage_backend_iscsi.c, storage_backend_logical.c")],
            remedy: Remedy("install the program's package"),
            explains: [
                "unknown filesystem type 'nfs'", "/usr/bin/iscsiadm failed new mode for target",
            ]),
        violates: PoolDefinitionFacts.example(
            "iscsi", "<host name='san'/><device path='iqn.2020-01.com.example:disks'/>"
        ) { $0.program = .absent() },
        remedy: { subject in
            let packages: [StoragePool.Kind: String] = [
                .iscsi: "open-iscsi", .logical: "lvm2", .disk: "parted", .zfs: "zfsutils-linux",
            ]
            let mounts = ["glusterfs": "glusterfs-client", "cifs": "cifs-utils"]
            let package =
                subject.definition.type.value?.known.flatMap { packages[$0] }
                ?? mounts[subject.definition.source.format.value ?? ""] ?? "nfs-common"
            return Remedy("install it", commands: ["apt-get install \(package)"])
        },
        faults: { subject throws(Undecided) in
            let programs: [StoragePool.Kind: String] = [
                .netfs: "the mount program of \(subject.definition.source.format.value ?? "nfs")",
                .iscsi: "iscsiadm", .logical: "vgchange", .disk: "parted", .zfs: "zpool", .vstorage: "vstorage-mount",
            ]
            guard let kind = subject.definition.type.value?.known, let program = programs[kind] else { return [] }
            return try subject.site.program.isPresent()
                ? [] : [Fault("the host has not \(program)", at: subject.definition.type.position)]
        })

    // MARK: - Folders

    /// The folder of a pool, with the field that names it; nil of types without one.
    private static func folder(_ subject: PoolDefinitionFacts) -> (path: String, position: XMLPosition)? {
        guard let path = subject.definition.folder, path.hasPrefix("/") else { return nil }
        return (StoragePool.trimmed(path), subject.definition.target.path.position)
    }

    static let targetAbsent = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP040", "pool-target-absent", "the target is a folder that is there", area: area, severity: .error,
            rationale:
                "libvirt makes the folder when the pool is built, not when it is started: without it, or with a file in its place, the pool does not start.",
            sources: [tried("src/storage/storage_util.c: virStorageBackendRefreshLocal")],
            remedy: Remedy("build the pool"),
            explains: [
                "cannot open directory '/data/images': No such file or directory", "mount point does not exist",
            ]),
        violates: { $0.site.target = .absent() },
        remedy: {
            Remedy("build the pool", commands: ["virsh pool-build \($0.nameWord)", "virsh pool-start \($0.nameWord)"])
        },
        faults: { subject throws(Undecided) in
            guard let folder = folder(subject) else { return [] }
            guard let target = try subject.site.target.get() else {
                return [Fault("\(folder.path) is not there", at: folder.position)]
            }
            return target.kind == .directory
                ? [] : [Fault("\(folder.path) is \(target.kind.phrase)", at: folder.position)]
        })

    static let notMounted = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP041", "pool-not-mounted", "the pool's file system is mounted", area: area, severity: .error,
            rationale: """
                While the pool is on and its file system is not mounted, volumes are looked for, and made, in the folder \
                below: on the host's own disk.
                """,
            sources: [
                Citation("libvirt src/storage/storage_backend_fs.c: virStorageBackendFileSystemIsMounted", "9.0")
            ],
            remedy: Remedy("start the pool anew")),
        violates: { $0.site.mount = PoolHostFacts.sample.mount },
        remedy: {
            Remedy(
                "stop the guests on it and start the pool anew",
                commands: ["virsh pool-destroy \($0.nameWord)", "virsh pool-start \($0.nameWord)", "findmnt"])
        },
        faultsOfTold: { subject, told throws(Undecided) in
            guard subject.definition.type == .netfs || subject.definition.type == .fs, let folder = folder(subject),
                try told.state.get() == .running
            else { return [] }
            let mount = try subject.site.mount.get()
            return mount?.point == folder.path
                ? [] : [Fault("nothing is mounted at \(folder.path)", at: folder.position)]
        })

    static let plannedMountMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP042", "pool-planned-mount-missing", "the file system that fstab has for the folder is mounted",
            area: area, severity: .error,
            rationale:
                "libvirt takes the folder as it is: where the file system that should be on it is not, volumes are missing, and new ones land on the host's own disk.",
            sources: [
                Citation("fstab(5)", "util-linux 2.38"),
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 5, GlusterFS as a directory", "2020"),
            ],
            remedy: Remedy("mount it, then refresh the pool", commands: ["mount -a"])),
        violates: {
            $0.site.plannedMount = .known(Mount(source: "gluster1:/kvm", point: images, type: "glusterfs"))
        },
        remedy: { subject in
            let point = (try? subject.site.plannedMount.get())?.point ?? "/"
            return Remedy(
                "mount it, then refresh the pool",
                commands: ["mount \(point.shellWord)", "virsh pool-refresh \(subject.nameWord)"])
        },
        faults: { subject throws(Undecided) in
            guard let folder = folder(subject), subject.definition.type == .dir,
                let planned = try subject.site.plannedMount.get()
            else { return [] }
            let point = StoragePool.trimmed(planned.point)
            let mounted = try subject.site.mount.get()?.point ?? "/"
            return mounted.utf8.count >= point.utf8.count
                ? [] : [Fault("\(planned.source) is not mounted at \(point)", at: folder.position)]
        })

    static let readOnly = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP043", "pool-read-only", "the pool's folder can be written", area: area, severity: .warning,
            rationale:
                "On a file system that is mounted to be read only, no volume is made and no guest writes. Right for a pool of ISO images.",
            sources: [Citation("mount(8), ro", "util-linux 2.38")],
            remedy: Remedy("mount it to be written", commands: ["findmnt", "mount -o remount,rw MOUNT"])),
        violates: {
            $0.site.mount = .known(Mount(source: "/dev/sdb1", point: images, type: "ext4", options: ["ro"]))
        },
        remedy: { subject in
            let point = (try? subject.site.mount.get())?.point ?? "MOUNT"
            return Remedy(
                "find out why, the kernel does so to a file system with errors, then mount it to be written",
                commands: ["journalctl -k | grep -i remount", "mount -o remount,rw \(point.shellWord)"])
        },
        faults: { subject throws(Undecided) in
            guard let folder = folder(subject), let mount = try subject.site.mount.get(),
                mount.options.contains("ro")
            else { return [] }
            return [Fault("\(mount.point) is mounted ro", at: folder.position)]
        })

    static let permissionsDiffer = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP044", "pool-permissions-differ", "the folder is as the definition says", area: area, severity: .note,
            rationale:
                "libvirt sets owner and mode when the pool is built and never again; the definition tells of another folder.",
            sources: [Citation("libvirt docs/formatstorage.rst, target elements, permissions", "9.0")],
            remedy: Remedy("change the folder, or the definition")),
        violates: { $0.site.target = .known(FileMetadata(kind: .directory, mode: 0o755, owner: 0)) },
        faults: { subject throws(Undecided) in
            let permissions = subject.definition.target.permissions
            guard folder(subject) != nil, permissions.isPresent, let target = try subject.site.target.get(),
                target.kind == .directory
            else { return [] }
            var faults: [Fault] = []
            if let mode = permissions.mode.value, mode & 0o777 != Int(target.mode) & 0o777 {
                faults.add("the folder's mode is \(target.octalMode)", at: permissions.mode.position)
            }
            if let owner = permissions.owner.value, owner >= 0, owner != Int(target.owner) {
                faults.add("the folder's owner is \(target.owner)", at: permissions.owner.position)
            }
            if let group = permissions.group.value, group >= 0, group != Int(target.group) {
                faults.add("the folder's group is \(target.group)", at: permissions.group.position)
            }
            return faults
        })

    static let notSearchable = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP045", "pool-not-searchable", "QEMU's user can reach what is in the folder", area: area,
            severity: .warning,
            rationale:
                "libvirt gives an image to QEMU's user, but not the folders above it: without x for it the guest does not start, unless QEMU runs as root.",
            sources: [
                Citation("libvirt src/qemu/qemu.conf.in, user, group, dynamic_ownership", "9.0"),
                Citation("path_resolution(7)", "Linux man-pages 6.03"),
            ],
            remedy: Remedy("let everyone search the folder"),
            explains: ["Could not open '/data/images/a.qcow2': Permission denied"]),
        violates: { $0.site.target = .known(FileMetadata(kind: .directory, mode: 0o700)) },
        remedy: {
            Remedy("let everyone search the folder", commands: ["chmod o+x \(($0.definition.folder ?? "").shellWord)"])
        },
        faults: { subject throws(Undecided) in
            guard let folder = folder(subject), let target = try subject.site.target.get(), target.kind == .directory,
                target.owner == 0, target.mode & 0o001 == 0, target.group == 0 || target.mode & 0o010 == 0
            else { return [] }
            return [Fault("\(folder.path) is root's, with mode \(target.octalMode)", at: folder.position)]
        })

    static let worldWritable = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP098", "pool-folder-world-writable", "not everyone may write in the folder", area: area,
            severity: .warning, rationale: "Whoever may write in the folder exchanges images under running guests.",
            sources: [Citation("inode(7), the sticky bit", "Linux man-pages 6.03")],
            remedy: Remedy("take the right away")),
        violates: { $0.site.target = .known(FileMetadata(kind: .directory, mode: 0o777)) },
        remedy: { Remedy("take the right away", commands: ["chmod o-w \(($0.definition.folder ?? "").shellWord)"]) },
        faults: { subject throws(Undecided) in
            guard let folder = folder(subject), let target = try subject.site.target.get(), target.kind == .directory,
                target.mode & 0o002 != 0, target.mode & 0o1000 == 0
            else { return [] }
            return [Fault("\(folder.path) has mode \(target.octalMode)", at: folder.position)]
        })

    static let copyOnWrite = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP091", "pool-btrfs-cow", "images on Btrfs are not copied on write", area: area, severity: .note,
            rationale:
                "Random writes to an image that Btrfs copies on write scatter it into small pieces; libvirt switches that off when it builds a pool that says so.",
            sources: [
                Citation("libvirt docs/formatstorage.rst, features, cow", "6.6"),
                Citation("btrfs(5), nodatacow", "btrfs-progs 6.2"),
            ],
            remedy: Remedy("add <features><cow state='no'/></features> and build the pool in an empty folder")),
        violates: {
            $0.site.mount = .known(Mount(source: "/dev/sdb1", point: "/", type: "btrfs", options: ["rw"]))
        },
        faults: { subject throws(Undecided) in
            guard let folder = folder(subject), subject.definition.copiesOnWrite.value != false,
                let mount = try subject.site.mount.get(), mount.type == "btrfs",
                !mount.options.contains("nodatacow")
            else { return [] }
            return [Fault("\(folder.path) is on Btrfs", at: folder.position)]
        })

    // MARK: - NFS

    /// The NFS mount that the pool's folder is on.
    private static func share(
        _ subject: PoolDefinitionFacts
    ) throws(Undecided) -> (mount: Mount, position: XMLPosition)? {
        guard let folder = folder(subject), let mount = try subject.site.mount.get(),
            mount.type == "nfs" || mount.type == "nfs4"
        else { return nil }
        return (mount, folder.position)
    }

    private static func violating(_ options: String) -> @Sendable (inout PoolDefinitionFacts) -> Void {
        let options = options.split(separator: ",").map(String.init)
        return {
            $0.site.mount = .known(Mount(source: "nas:/export", point: images, type: "nfs4", options: options))
        }
    }

    private static let nfs = Citation("nfs(5)", "nfs-utils 2.6")

    static let softMount = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP046", "pool-nfs-soft", "NFS waits for its server", area: area, severity: .warning,
            rationale:
                "With soft a server that is slow for a while makes writes of guests fail: their file systems are damaged or go read-only. hard waits.",
            sources: [nfs], remedy: Remedy("mount with hard, which is the default")),
        violates: violating("rw,soft,vers=4.2"),
        faults: { subject throws(Undecided) in
            guard let (mount, position) = try share(subject),
                mount.options.contains(where: { $0 == "soft" || $0 == "softerr" })
            else { return [] }
            return [Fault("\(mount.source) is mounted soft", at: position)]
        })

    static let lockless = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP047", "pool-nfs-nolock", "locks on NFS hold on all hosts", area: area, severity: .warning,
            rationale:
                "QEMU locks its images so that no two write one. With nolock or local_lock the lock is this host's only, and a guest on another host writes the same image.",
            sources: [nfs, Citation("QEMU docs/system/qemu-block-drivers.rst.inc, disk image file locking", "7.2")],
            remedy: Remedy("mount without nolock and local_lock")),
        violates: violating("rw,hard,nolock,vers=3"),
        faults: { subject throws(Undecided) in
            guard let (mount, position) = try share(subject) else { return [] }
            let local = mount.value(of: "local_lock") ?? "none"
            guard mount.options.contains("nolock") || ["all", "posix", "flock"].contains(local) else { return [] }
            return [Fault("\(mount.source) is mounted with locks of this host only", at: position)]
        })

    static let oldNFS = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP048", "pool-nfs-version", "NFS knows of holes", area: area, severity: .note,
            rationale:
                "Before version 4.2 NFS has no operations for holes and space: discard in guests frees nothing, and images are copied whole.",
            sources: [Citation("RFC 7862, sections 5 and 15", "2016")],
            remedy: Remedy("mount with vers=4.2, of a pool of type netfs by <protocol ver='4.2'/>")),
        violates: violating("rw,hard,vers=4.1"),
        faults: { subject throws(Undecided) in
            guard let (mount, position) = try share(subject),
                let version = mount.value(of: "vers") ?? mount.value(of: "nfsvers")
            else { return [] }
            let parts = version.split(separator: ".").compactMap { Int($0) }
            guard let major = parts.first, (major, parts.dropFirst().first ?? 0) < (4, 2) else { return [] }
            return [Fault("\(mount.source) is mounted with version \(version)", at: position)]
        })

    static let smallTransfers = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP049", "pool-nfs-transfers-small", "NFS moves much at once", area: area, severity: .warning,
            rationale:
                "With rsize or wsize below 64 KiB each request of a guest becomes many of NFS: throughput drops to a part. Client and server agree on the most by themselves.",
            sources: [nfs], remedy: Remedy("mount without rsize and wsize")),
        violates: violating("rw,hard,vers=4.2,rsize=8192,wsize=8192"),
        faults: { subject throws(Undecided) in
            guard let (mount, position) = try share(subject) else { return [] }
            return ["rsize", "wsize"].compactMap { name in
                guard let size = mount.value(of: name).flatMap({ Int($0) }), size > 0, size < 65536 else { return nil }
                return Fault("\(mount.source) is mounted with \(name)=\(size)", at: position)
            }
        })

    // MARK: - Devices, groups and pools

    static let deviceAbsent = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP080", "pool-device-absent", "the devices that the pool is made of are there", area: area,
            severity: .error, rationale: "A pool of type fs, disk, logical or zfs does not start without its devices.",
            sources: [tried("src/storage/storage_backend_disk.c: virStorageBackendDiskStartPool")],
            remedy: Remedy("name the device by a path that lasts", commands: ["ls -l /dev/disk/by-id"]),
            explains: ["device path '/dev/nosuch' doesn't exist", "special device /dev/nosuch does not exist"]),
        violates: PoolDefinitionFacts.example("disk", "<device path='/dev/sdz'/>") {
            $0.devices = ["/dev/sdz": .absent()]
        },
        faults: { subject throws(Undecided) in
            let kinds: Set<StoragePool.Kind> = [.fs, .disk, .logical, .zfs]
            guard let kind = subject.definition.type.value?.known, kinds.contains(kind) else { return [] }
            var faults: [Fault] = []
            for device in subject.definition.source.devices {
                guard let path = device.path.value, path.hasPrefix("/") else { continue }
                guard let metadata = try (subject.site.devices[path] ?? .notProbed).get() else {
                    faults.add("\(path) is not there", at: device.path.position)
                    continue
                }
                // A file system can be in a file that mount(8) makes a loop device of.
                faults.add(
                    "\(path) is \(metadata.kind.phrase)", at: device.path.position,
                    if: metadata.kind != .blockDevice && !(kind == .fs && metadata.kind == .regular))
            }
            return faults
        })

    static let groupAbsent = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP081", "pool-volume-group-absent", "the volume group is there", area: area, severity: .error,
            rationale:
                "libvirt activates the volume group when the pool starts, and refuses where there is none of the name.",
            sources: [tried("src/storage/storage_backend_logical.c: virStorageBackendLogicalStartPool")],
            remedy: Remedy("make the group, or name the one that is there", commands: ["vgs", "pvs"]),
            explains: ["cannot find logical volume group name 'vg0'"]),
        violates: PoolDefinitionFacts.example("logical", "<name>vg0</name>") { $0.volumeGroup = .absent() },
        faults: { subject throws(Undecided) in
            guard subject.definition.type == .logical, let name = subject.definition.effectiveSourceName else {
                return []
            }
            return try subject.site.volumeGroup.isPresent()
                ? [] : [Fault("the host has no volume group \(name)", at: subject.definition.source.name.position)]
        })

    static let datasetAbsent = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP085", "pool-zfs-absent", "the pool of ZFS is imported", area: area, severity: .error,
            rationale: "libvirt asks zpool for the pool when it starts its own, and refuses where it is not imported.",
            sources: [Citation("libvirt src/storage/storage_backend_zfs.c: virStorageBackendZFSRefreshPool", "9.0")],
            remedy: Remedy("import the pool", commands: ["zpool import", "zpool list"])),
        violates: PoolDefinitionFacts.example("zfs", "<name>tank/vms</name>", rest: "") { $0.zfsPools = .known([]) },
        faults: { subject throws(Undecided) in
            guard subject.definition.type == .zfs,
                let name = subject.definition.effectiveSourceName?.split(separator: "/").first
            else { return [] }
            return try subject.site.zfsPools.get(whenAbsent: []).contains(String(name))
                ? [] : [Fault("ZFS has no pool \(name)", at: subject.definition.source.name.position)]
        })

    static let multipathIdle = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP086", "pool-multipath-idle", "there are multipath devices for the pool", area: area,
            severity: .warning,
            rationale:
                "A pool of type mpath shows the multipath devices that multipathd has made; without it the pool starts and is empty.",
            sources: [tried("src/storage/storage_backend_mpath.c: virStorageBackendMpathRefreshPool")],
            remedy: Remedy(
                "set up and start multipathd",
                commands: ["systemctl enable --now multipathd", "multipath -ll"])),
        violates: PoolDefinitionFacts.example("mpath", "", rest: "<target><path>/dev/mapper</path></target>") {
            $0.multipathMaps = .known([])
        },
        faults: { subject throws(Undecided) in
            guard subject.definition.type == .mpath, try subject.site.multipathMaps.get(whenAbsent: []).isEmpty else {
                return []
            }
            let units = try subject.host.stack.activeUnits.get()
            let runs = units?.contains("multipathd.service") ?? true
            return [
                Fault(
                    runs ? "the host has no multipath devices" : "multipathd does not run",
                    at: subject.definition.type.position)
            ]
        })

    /// The kernel's path of a pool's disk: `/dev/sdb`, also where the definition has a link of udev's.
    private static func disk(_ subject: PoolDefinitionFacts) throws(Undecided) -> String? {
        guard let path = subject.definition.source.devices.first?.path.value, path.hasPrefix("/") else { return nil }
        return try (subject.site.kernelNames[path] ?? .notProbed).get().map { "/dev/\($0)" }
    }

    static let diskMounted = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP099", "pool-disk-mounted", "the disk is the pool's alone", area: area, severity: .warning,
            rationale: "Volumes of the pool are partitions: whoever deletes one deletes what the host has mounted.",
            sources: [
                Citation("libvirt docs/storage.rst, disk pool; virsh(1), vol-delete, pool-build --overwrite", "9.0")
            ],
            remedy: Remedy("use a disk of the pool's own", commands: ["lsblk"])),
        violates: PoolDefinitionFacts.example("disk", "<device path='/dev/sdb'/>") {
            $0.mountedSources = .known(["/dev/sdb1"])
        },
        faults: { subject throws(Undecided) in
            guard subject.definition.type == .disk, let device = subject.definition.source.devices.first,
                let path = try disk(subject)
            else { return [] }
            let mounted = try subject.site.mountedSources.get(whenAbsent: []).first { source in
                guard source.hasPrefix(path) else { return false }
                // /dev/sdb1 is of /dev/sdb; /dev/nvme0n1p2 is of /dev/nvme0n1, and /dev/nvme0n12 another disk.
                let rest = source.dropFirst(path.count)
                if rest.isEmpty { return true }
                let isSeparated = path.last?.isNumber == true
                let number = isSeparated ? rest.dropFirst() : rest
                return (!isSeparated || rest.first == "p") && !number.isEmpty && number.allSatisfy(\.isNumber)
            }
            return mounted.map { [Fault("\($0) is mounted", at: device.path.position)] } ?? []
        })

    static let diskTooLarge = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP100", "pool-disk-dos-too-large", "the partition table reaches the disk's end", area: area,
            severity: .warning,
            rationale:
                "A table of format dos counts sectors in 32 bits: beyond 2 TiB, on disks with sectors of 512 bytes, no partition can be.",
            sources: [Citation("UEFI specification 2.10, section 5.2.1, legacy MBR", "2022")],
            remedy: Remedy("use <format type='gpt'/> on an empty disk")),
        violates: { subject in
            PoolDefinitionFacts.example("disk", "<device path='/dev/sdb'/><format type='dos'/>")(&subject)
            subject.host.capacity.disks = .known(["sdb": 4 << 40])
        },
        faults: { subject throws(Undecided) in
            let source = subject.definition.source
            guard subject.definition.type == .disk, source.format.value == "dos",
                let path = try disk(subject),
                let size = try subject.host.capacity.disks.get(whenAbsent: [:])[String(path.dropFirst(5))],
                size > 2 << 40
            else { return [] }
            return [Fault("\(path) has \(size >> 40) TiB and format dos", at: source.format.position)]
        })

    // MARK: - Adapters and initiators

    static let hostAbsent = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP087", "pool-scsi-host-absent", "the SCSI host is there", area: area, severity: .error,
            rationale:
                "libvirt has the host scanned when the pool starts; where there is none of the number it does not start.",
            sources: [tried("src/storage/storage_backend_scsi.c: virStorageBackendSCSITriggerRescan")],
            remedy: Remedy(
                "name a host that is there, better by <parentaddr>: the numbers change from boot to boot",
                commands: ["virsh nodedev-list scsi_host"]),
            explains: [
                "Could not open '/sys/class/scsi_host/host99/scan' to trigger host scan: No such file or directory"
            ]
        ),
        violates: PoolDefinitionFacts.example("scsi", "<adapter type='scsi_host' name='scsi_host99'/>"),
        faults: { subject throws(Undecided) in
            let adapter = subject.definition.source.adapter
            guard subject.definition.type == .scsi, adapter.isPresent, adapter.type != .fibreChannelHost,
                let name = adapter.name.value, let number = hostNumber(name)
            else { return [] }
            return try subject.site.scsiHosts.get(whenAbsent: []).contains("host\(number)")
                ? [] : [Fault("the machine has no SCSI host \(number)", at: adapter.name.position)]
        })

    /// `host5`, `scsi_host5` and `fc_host5` are host 5, as `virSCSIHostGetNumber` reads them.
    private static func hostNumber(_ name: String) -> Int? {
        for prefix in ["scsi_host", "fc_host", "host"] where name.hasPrefix(prefix) {
            return Int(name.dropFirst(prefix.utf8.count))
        }
        return nil
    }

    static let fibreChannelRefused = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP088", "pool-fibre-channel-refused", "a virtual Fibre Channel host can be made", area: area,
            severity: .error,
            rationale:
                "libvirt makes a virtual host with the pool's names of a real one that can: it refuses a parent that is not there, and the names of the real one itself.",
            sources: [
                Citation(
                    "libvirt src/conf/node_device_conf.c: virNodeDeviceCreateVport, checkName; virsh pool-start", "9.0")
            ],
            remedy: Remedy(
                "name a parent that can make ports, and names of the pool's own",
                commands: ["virsh nodedev-list --cap vports", "virsh nodedev-list --cap fc_host"]),
            explains: [
                "'parent' for vHBA not specified, and cannot find one on this host",
                "parent 'scsi_host99' specified for vHBA does not exist",
                "the wwnn/wwpn for 'host5' are assigned to an HBA",
            ]),
        violates: PoolDefinitionFacts.example(
            "scsi", "<adapter type='fc_host' parent='scsi_host99' wwnn='20000000c9831b4c' wwpn='10000000c9831b4c'/>"),
        faults: { subject throws(Undecided) in
            let adapter = subject.definition.source.adapter
            guard subject.definition.type == .scsi, adapter.type == .fibreChannelHost,
                let node = adapter.wwnn.value, let port = adapter.wwpn.value
            else { return [] }
            let hosts = try subject.site.fibreChannelHosts.get(whenAbsent: [])
            if let own = hosts.first(where: { $0.nodeName == node.lowercased() && $0.portName == port.lowercased() }) {
                return own.canMakePorts
                    ? [Fault("\(own.name) is the card itself", at: adapter.wwpn.position)] : []
            }
            if let parent = adapter.parent.value, let number = hostNumber(parent) {
                return try subject.site.scsiHosts.get(whenAbsent: []).contains("host\(number)")
                    ? [] : [Fault("the machine has no host \(parent)", at: adapter.parent.position)]
            }
            return hosts.contains(where: \.canMakePorts)
                ? [] : [Fault("no Fibre Channel host of the machine can make virtual ones", at: adapter.position)]
        })

    static let fibreChannelOffline = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP089", "pool-fibre-channel-offline", "the Fibre Channel hosts are online", area: area,
            severity: .warning, rationale: "Over a port without a link no disk of the fabric is seen.",
            sources: [Citation("Linux drivers/scsi/scsi_transport_fc.c: port_state", "6.1")],
            remedy: Remedy(
                "see to the cable and the switch's zones", commands: ["grep . /sys/class/fc_host/*/port_state"])),
        violates: PoolDefinitionFacts.example(
            "scsi", "<adapter type='fc_host' wwnn='20000000c9831b4c' wwpn='10000000c9831b4c'/>"
        ) {
            $0.fibreChannelHosts = .known([
                FibreChannelHost(
                    name: "host5", nodeName: "20000000c9831b4b", portName: "10000000c9831b4b", state: "Linkdown",
                    canMakePorts: true)
            ])
        },
        faults: { subject throws(Undecided) in
            let adapter = subject.definition.source.adapter
            guard subject.definition.type == .scsi, adapter.type == .fibreChannelHost else { return [] }
            let parent = adapter.parent.value.flatMap(hostNumber).map { "host\($0)" }
            let used = try subject.site.fibreChannelHosts.get(whenAbsent: []).filter {
                parent == nil ? $0.canMakePorts : $0.name == parent
            }
            guard !used.isEmpty, !used.contains(where: { $0.state == "Online" }) else { return [] }
            return used.map { Fault("\($0.name) is \($0.state)", at: adapter.position) }
        })

    static let initiatorUnnamed = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP097", "pool-initiator-unnamed", "the host's iSCSI initiator has a name", area: area,
            severity: .warning,
            rationale:
                "Without a name of its own in the pool the host logs in by that in its configuration: where there is none it cannot.",
            sources: [Citation("iscsid(8), /etc/iscsi/initiatorname.iscsi", "2.1")],
            remedy: Remedy(
                "give the host a name that no other has",
                commands: ["echo InitiatorName=$(iscsi-iname) > /etc/iscsi/initiatorname.iscsi"])),
        violates: PoolDefinitionFacts.example(
            "iscsi", "<host name='san'/><device path='iqn.2020-01.com.example:disks'/>"
        ) { $0.initiatorName = .absent() },
        faults: { subject throws(Undecided) in
            let source = subject.definition.source
            guard subject.definition.type == .iscsi, !source.initiatorName.isPresent else { return [] }
            return try subject.site.initiatorName.isPresent()
                ? [] : [Fault("the host has no initiator's name", at: source.position)]
        })
}
