internal import Evidence
internal import Facts
internal import LibvirtXML

/// Where pools are, and what libvirt tells of them. KVP025–KVP037, KVP084, KVP094–KVP096, KVP103.
enum PoolTargetRules {
    static let all: [Rule<PoolDefinitionFacts>] = [
        pathMissing, pathRelative, pathVolatile, pathOfSystem,
        pathUnstable.only([.iscsi, .scsi], fit: FitPool.iscsi), worldWritable, modeMalformed, autostartOff,
        spaceLow, overAllocated, notStarted, transient, inaccessible, ownerMalformed,
        targetIgnored.only([.logical, .zfs, .mpath], fit: FitPool.logical),
    ]

    private static let area = PoolSourceRules.area
    private static let parser = Citation("libvirt src/conf/storage_conf.c: virStoragePoolDefParseXML", "9.0")
    private static let manual = Citation("libvirt docs/formatstorage.rst, target elements", "9.0")

    private static let path = "/var/lib/libvirt/images"

    /// Whether a path is a folder or something in it.
    private static func isBelow(_ path: String, _ folder: String) -> Bool {
        path == folder || path.hasPrefix(folder + "/")
    }

    static let pathMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP025", "pool-target-missing", "the pool has a target", area: area, severity: .error,
            rationale: "libvirt refuses a pool whose volumes have paths without the folder they are in.",
            sources: [parser], remedy: Remedy("add <target><path>/…</path></target>"),
            explains: ["missing storage pool target path"]),
        example: ("<path>/var/lib/libvirt/images</path>", ""),
        faults: { subject in
            let pool = subject.definition
            let kinds: Set<StoragePool.Kind> = [.dir, .fs, .netfs, .disk, .iscsi, .scsi, .mpath, .vstorage]
            guard let kind = pool.type.value?.known, kinds.contains(kind), !pool.target.path.isPresent else {
                return []
            }
            return [Fault("a pool of type \(kind.rawValue) without a target path", at: pool.position)]
        })

    static let pathRelative = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP026", "pool-target-relative", "the target is an absolute path", area: area, severity: .warning,
            rationale:
                "A relative path is looked up below the daemon's working directory, not yours, and libvirt's schema refuses it.",
            sources: [Citation("libvirt docs/schemas/storagepool.rng: absFilePath", "9.0")],
            remedy: Remedy("write the path from / on")),
        example: (path, "images"),
        faults: { subject in
            let field = subject.definition.target.path
            guard let path = field.value, !path.hasPrefix("/") else { return [] }
            return [Fault("the target is \(path)", at: field.position)]
        })

    static let pathVolatile = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP027", "pool-target-volatile", "the target outlives a boot", area: area, severity: .warning,
            rationale:
                "What is below /tmp, /run or /dev/shm is gone after a boot or a cleaning, and anyone may write in /tmp.",
            sources: [Citation("Filesystem Hierarchy Standard 3.0, /tmp and /run", "2015")],
            remedy: Remedy("keep images below /var/lib/libvirt/images")),
        example: (path, "/tmp/images"),
        faults: { subject in
            guard let path = subject.definition.folder,
                ["/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm"].contains(where: { isBelow(path, $0) })
            else { return [] }
            return [Fault("the target is \(path)", at: subject.definition.target.path.position)]
        })

    static let pathOfSystem = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP028", "pool-target-of-system", "the target is no folder of the system's", area: area,
            severity: .warning,
            rationale: "Building, refreshing and deleting work on every file of the folder: of the system's own, too.",
            sources: [Citation("virsh(1), pool-build, pool-delete, vol-delete", "9.0")],
            remedy: Remedy("keep images in a folder of their own")),
        example: (path, "/etc/images"),
        faults: { subject in
            guard let path = subject.definition.folder,
                path == "/"
                    || ["/dev", "/proc", "/sys", "/etc", "/boot", "/bin", "/sbin", "/lib", "/usr/bin", "/usr/lib"]
                        .contains(where: { isBelow(path, $0) }) && !isBelow(path, "/dev/shm")
            else { return [] }
            return [Fault("the target is \(path)", at: subject.definition.target.path.position)]
        })

    static let pathUnstable = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP029", "pool-target-unstable", "volumes have names that last", area: area, severity: .warning,
            rationale:
                "With target /dev volumes are called /dev/sdb and so on, which the kernel gives out anew at every boot.",
            sources: [manual], remedy: Remedy("use /dev/disk/by-path, by-id or by-uuid as the target")),
        violates: { subject in
            let text =
                "<pool type='iscsi'><name>a</name><source><host name='b'/></source><target><path>/dev</path></target></pool>"
            subject.replace(xml: text)
        },
        faults: { subject in
            let pool = subject.definition
            guard pool.type == .iscsi || pool.type == .scsi, let path = pool.target.path.value,
                path == "/dev" || path == "/dev/"
            else { return [] }
            return [Fault("the target is \(path)", at: pool.target.path.position)]
        })

    static let worldWritable = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP030", "pool-world-writable", "not everyone may write in the pool", area: area, severity: .warning,
            rationale:
                "libvirt makes the folder with this mode: whoever may write in it exchanges images under running guests.",
            sources: [manual], remedy: Remedy("use mode 0711, and give the folder to who needs it")),
        example: ("<mode>0711</mode>", "<mode>0777</mode>"),
        faults: { subject in
            let field = subject.definition.target.permissions.mode
            guard let mode = field.value, mode & 0o002 != 0 else { return [] }
            return [Fault("mode \(field.text ?? "") lets everyone write", at: field.position)]
        })

    static let modeMalformed = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP031", "pool-mode-malformed", "the mode is octal", area: area, severity: .error,
            rationale: "libvirt refuses a mode that is not octal digits up to 0777.",
            sources: [Citation("libvirt src/conf/storage_conf.c: virStorageDefParsePerms; virsh pool-define", "9.0")],
            remedy: Remedy("write the mode as 0711"), explains: ["malformed octal mode"]),
        example: ("<mode>0711</mode>", "<mode>rwx--x--x</mode>"),
        faults: { subject in
            let field = subject.definition.target.permissions.mode
            guard let text = field.text, !text.isEmpty, field.value.map({ $0 & ~0o777 != 0 }) ?? true else { return [] }
            return [Fault("mode \(field.text ?? "")", at: field.position)]
        })

    static let autostartOff = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP035", "pool-autostart-off", "the pool starts with the host", area: area, severity: .warning,
            rationale: "After the next boot the pool is off: guests with volumes of it do not start.",
            sources: [Citation("virsh(1), pool-autostart", "9.0")],
            remedy: Remedy("run virsh pool-autostart with its name")),
        violates: { $0.tell { $0.autostart = .known(false) } },
        remedy: {
            Remedy("let it start with the host", commands: ["virsh pool-autostart \($0.nameWord)"])
        },
        faultsOfTold: { subject, told throws(Undecided) in
            guard try told.isPersistent.get(whenAbsent: false),
                try told.state.get() != .inactive, try !told.autostart.get(whenAbsent: false)
            else { return [] }
            return [Fault("pool \(told.name) is on and does not start with the host", at: subject.definition.position)]
        })

    static let spaceLow = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP036", "pool-space-low", "the pool has room", area: area, severity: .warning,
            rationale: "A guest whose thin image cannot grow is paused at its next write.",
            sources: [
                Citation("libvirt docs/formatdomain.rst, error_policy; virsh(1), pool-info", "9.0"),
                Citation("statvfs(3)", "Linux man-pages 6.03"),
            ],
            remedy: Remedy("delete what is not needed, or add storage", commands: ["virsh pool-list --details"])),
        violates: {
            $0.tell { told in
                told.space = .known(.init(capacity: 1 << 40, allocation: (1 << 40) - (1 << 30), available: 1 << 30))
            }
        },
        faultsOfTold: { subject, told throws(Undecided) in
            // Pools of whole disks and volume groups are full as they should be.
            guard subject.definition.folder != nil else { return [] }
            // Of a pool that is off, libvirt does not tell.
            var space = try told.space.get().map { (total: $0.capacity, available: $0.available) }
            if space == nil { space = try subject.site.space.get().map { ($0.total, $0.available) } }
            guard let space, space.total > 0, space.available < space.total / 20 else { return [] }
            return [
                Fault(
                    "\(space.available >> 30) GiB of \(space.total >> 30) GiB are free",
                    at: subject.definition.position)
            ]
        })

    static let overAllocated = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP037", "pool-over-allocated", "the pool holds what its volumes may grow to", area: area,
            severity: .note,
            rationale: "The volumes together promise guests more than the pool has: as they fill, it runs out.",
            sources: [Citation("Mastering KVM Virtualization, 2nd ed., chapter 5, thin images", "2020")],
            remedy: Remedy("watch the free space, or add storage", commands: ["virsh vol-list --details --pool POOL"])),
        violates: {
            $0.tell { told in
                var volume = LibvirtVolumeFacts(name: "web1.qcow2")
                volume.information = .known(.init(kind: .file, capacity: 1 << 41, allocation: 1 << 30))
                told.volumes = .known([volume])
            }
        },
        faultsOfTold: { subject, told throws(Undecided) in
            guard subject.definition.folder != nil, let space = try told.space.get() else { return [] }
            var promised: UInt64 = 0
            for volume in try told.volumes.get(whenAbsent: []) {
                promised = promised.addingReportingOverflow(try volume.information.get()?.capacity ?? 0).partialValue
            }
            guard promised > space.capacity else { return [] }
            return [
                Fault(
                    "volumes of \(promised >> 30) GiB in a pool of \(space.capacity >> 30) GiB",
                    at: subject.definition.position)
            ]
        })

    static let notStarted = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP094", "pool-not-started", "pools that are to run do", area: area, severity: .warning,
            rationale:
                "A pool that starts with the host, or is called default, and is not on: guests with volumes of it do not start.",
            sources: [Citation("virsh(1), pool-start, pool-autostart", "9.0")], remedy: Remedy("start it")),
        violates: { $0.tell { $0.state = .known(.inactive) } },
        remedy: {
            Remedy(
                "start it; the error that libvirt gives is what is wrong", commands: ["virsh pool-start \($0.nameWord)"]
            )
        },
        faultsOfTold: { subject, told throws(Undecided) in
            guard try told.isPersistent.get(whenAbsent: false), try told.state.get() == .inactive,
                try told.autostart.get(whenAbsent: false) || told.name == "default"
            else { return [] }
            return [Fault("pool \(told.name) is not started", at: subject.definition.position)]
        })

    static let transient = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP095", "pool-transient", "the pool outlives its run", area: area, severity: .note,
            rationale: "A pool without a definition is gone when it is stopped, and after the host's next boot.",
            sources: [Citation("virsh(1), pool-create", "9.0")], remedy: Remedy("define it")),
        violates: { $0.tell { $0.isPersistent = .known(false) } },
        remedy: { subject in
            let file = "\(subject.definition.effectiveName ?? "POOL").xml".shellWord
            return Remedy(
                "define what runs",
                commands: ["virsh pool-dumpxml \(subject.nameWord) > \(file)", "virsh pool-define \(file)"])
        },
        faultsOfTold: { subject, told throws(Undecided) in
            guard try !told.isPersistent.get(whenAbsent: true) else { return [] }
            return [Fault("pool \(told.name) has no definition", at: subject.definition.position)]
        })

    static let inaccessible = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP096", "pool-inaccessible", "the pool is whole", area: area, severity: .error,
            rationale: "libvirt holds the pool for broken: its volumes cannot be reached, or not all of them.",
            sources: [Citation("libvirt include/libvirt/libvirt-storage.h: virStoragePoolState", "9.0")],
            remedy: Remedy("see what is wrong below it")),
        violates: { $0.tell { $0.state = .known(.inaccessible) } },
        remedy: {
            Remedy("see what is wrong below it, then refresh it", commands: ["virsh pool-refresh \($0.nameWord)"])
        },
        faultsOfTold: { subject, told throws(Undecided) in
            let state = try told.state.get()
            guard state == .degraded || state == .inaccessible else { return [] }
            return [Fault("pool \(told.name) is \(state?.rawValue ?? "")", at: subject.definition.position)]
        })

    static let ownerMalformed = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP084", "pool-owner-malformed", "owner and group are numbers", area: area, severity: .error,
            rationale: "libvirt refuses an owner or group by name, and a negative one but -1, which is the default.",
            sources: [Citation("libvirt src/conf/storage_conf.c: virStorageDefParsePerms; virsh pool-define", "9.0")],
            remedy: Remedy("write the number", commands: ["id -u libvirt-qemu"]),
            explains: ["malformed owner element", "malformed group element"]),
        example: ("<owner>0</owner>", "<owner>root</owner>"),
        faults: { subject in
            let permissions = subject.definition.target.permissions
            return [("owner", permissions.owner), ("group", permissions.group)].compactMap { name, field in
                guard let text = field.text, !text.isEmpty, field.value.map({ $0 < -1 }) ?? true else { return nil }
                return Fault("\(name) \(text)", at: field.position)
            }
        })

    static let targetIgnored = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP103", "pool-target-ignored", "the target is where volumes are", area: area, severity: .note,
            rationale:
                "Volumes of a volume group are in /dev/GROUP, of ZFS in /dev/zvol/POOL, multipath devices in /dev/mapper: libvirt puts that in the place of the target.",
            sources: [Citation("libvirt as the reference notes tried it: virsh pool-define and pool-dumpxml", "9.0")],
            remedy: Remedy("leave the path out, or write the one that counts")),
        violates: { subject in
            subject.replace(
                xml: "<pool type='logical'><name>vg0</name><target><path>/srv/vms</path></target></pool>")
        },
        faults: { subject in
            let pool = subject.definition
            guard let path = pool.target.path.value, let name = pool.effectiveSourceName else { return [] }
            let counts: String? =
                switch pool.type.value?.known {
                case .logical: "/dev/\(name)"
                case .zfs: "/dev/zvol/\(name)"
                case .mpath: "/dev/mapper"
                default: nil
                }
            guard let counts, StoragePool.trimmed(path) != counts else { return [] }
            return [Fault("the target is \(path), volumes are in \(counts)", at: pool.target.path.position)]
        })
}
