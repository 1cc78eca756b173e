internal import Evidence
internal import Facts
internal import LibvirtXML

/// Where pools are on their host, and what libvirt tells of them. KVP025–KVP049.
enum PoolTargetRules {
    static let all: [Rule<PoolDefinitionFacts>] = [
        pathMissing, pathRelative, pathVolatile, pathOfSystem, pathUnstable, worldWritable, modeMalformed, autostartOff,
        spaceLow, overAllocated,
    ]

    private static let area = PoolSourceRules.area
    private static let parser = Citation("libvirt src/conf/storage_conf.c: virStoragePoolDefParseXML", "9.0")
    private static let manual = Citation("libvirt docs/formatstorage.rst, target elements", "9.0")

    private static let path = "/var/lib/libvirt/images"

    /// The folder in which volumes are files; nil of types whose volumes are none.
    private static func folder(_ pool: StoragePool) -> String? {
        switch pool.type.value?.known {
        case .dir, .fs, .netfs, .vstorage: pool.target.path.value
        default: nil
        }
    }

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
            guard let path = folder(subject.definition),
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
            guard let path = folder(subject.definition),
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
            sources: [Citation("libvirt src/conf/storage_conf.c: virStorageDefParsePerms", "9.0")],
            remedy: Remedy("write the mode as 0711"), explains: ["malformed octal mode"]),
        example: ("<mode>0711</mode>", "<mode>rwx--x--x</mode>"),
        faults: { subject in
            let field = subject.definition.target.permissions.mode
            guard field.isPresent, field.value.map({ $0 & ~0o777 != 0 }) ?? true else { return [] }
            return [Fault("mode \(field.text ?? "")", at: field.position)]
        })

    static let autostartOff = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP035", "pool-autostart-off", "the pool starts with the host", area: area, severity: .warning,
            rationale: "After the next boot the pool is off: guests with volumes of it do not start.",
            sources: [Citation("virsh(1), pool-autostart", "9.0")],
            remedy: Remedy("run virsh pool-autostart with its name")),
        violates: { $0.tell { $0.autostart = .known(false) } },
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
            sources: [Citation("libvirt docs/formatdomain.rst, error_policy; virsh(1), pool-info", "9.0")],
            remedy: Remedy("delete what is not needed, or add storage", commands: ["virsh pool-list --details"])),
        violates: {
            $0.tell { told in
                told.space = .known(.init(capacity: 1 << 40, allocation: (1 << 40) - (1 << 30), available: 1 << 30))
            }
        },
        faultsOfTold: { subject, told throws(Undecided) in
            // Pools of whole disks and volume groups are full as they should be.
            guard folder(subject.definition) != nil, let space = try told.space.get(),
                space.capacity > 0, space.available < space.capacity / 20
            else { return [] }
            return [
                Fault(
                    "\(space.available >> 30) GiB of \(space.capacity >> 30) GiB are free",
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
            guard folder(subject.definition) != nil, let space = try told.space.get() else { return [] }
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
}
