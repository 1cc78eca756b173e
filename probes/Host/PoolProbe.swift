@_spi(Probing) public import Evidence
public import Facts
internal import LinuxIO

extension HostProbes {
    /// What the running machine has for one storage pool.
    ///
    /// A network file system whose server is gone does not answer: what is asked of the target has a deadline.
    ///
    /// - Parameters:
    ///   - type: libvirt's word for the pool's type.
    ///   - target: The path of the target, where there is one.
    ///   - group: The name of the source: a volume group.
    ///   - format: The format of the source, which says what mounts it.
    ///   - devices: The paths of the source's devices.
    ///   - source: The live root.
    ///   - deadline: How long the target may take to answer.
    public static func pool(
        type: String, target: String?, group: String?, format: String?, devices: [String], from source: some Source,
        deadline: Duration = .seconds(10)
    ) -> PoolHostFacts {
        var facts = PoolHostFacts()
        facts.backend = PoolProbe.backend(of: type, source)
        if let program = PoolProbe.program(of: type, format) {
            facts.program = Programs.named(program, in: PoolProbe.programFolders, of: source)
        }
        if let target, target.hasPrefix("/"), ["dir", "fs", "netfs", "vstorage"].contains(type) {
            // A `/` at the end is no part of a name; the kernel's tables have none.
            let path = target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
            facts.target = PoolProbe.ask(path, within: deadline) { source.metadata(path) }
            facts.space =
                facts.target.isAbsent
                ? .absent(from: facts.target.provenance)
                : PoolProbe.ask(path, within: deadline) { CapacityProbe.space(path) }
            let mounts = source.text("/proc/self/mounts").parsed(as: "a table of mounts", MountTable.parse)
            facts.mount = mounts.compactMap { MountTable.mount(holding: path, in: $0) }
            let table = source.possiblyEmptyText("/etc/fstab").parsed(as: "fstab(5)", MountTable.parse)
            facts.plannedMount = table.compactMap { lines in
                MountTable.mount(holding: path, in: lines.filter { $0.point != "/" })
            }
        }
        if ["fs", "disk", "logical", "zfs"].contains(type) {
            for path in devices where path.hasPrefix("/") { facts.devices[path] = source.metadata(path) }
        }
        switch type {
        case "disk":
            for path in devices where path.hasPrefix("/") {
                let link = source.linkName(path)
                facts.kernelNames[path] =
                    link.isAbsent
                    ? .known(path.split(separator: "/").last.map(String.init) ?? path, from: link.provenance) : link
            }
            facts.mountedSources = source.text("/proc/self/mounts").parsed(as: "a table of mounts", MountTable.parse)
                .map { $0.map(\.source) }
        case "logical":
            if let group { facts.volumeGroup = PoolProbe.volumeGroup(group, source) }
        case "zfs": facts.zfsPools = PoolProbe.zfsPools(source)
        case "mpath": facts.multipathMaps = PoolProbe.multipathMaps(source)
        case "scsi":
            let hosts = source.entries("/sys/class/scsi_host")
            facts.scsiHosts = hosts.isAbsent ? .known([], from: hosts.provenance) : hosts
            facts.fibreChannelHosts = PoolProbe.fibreChannelHosts(source)
        case "iscsi":
            facts.initiatorName = source.text("/etc/iscsi/initiatorname.iscsi").compactMap {
                KeyValueFile.parse($0)["InitiatorName"]
            }
        default: break
        }
        return facts
    }
}

/// What ``HostProbes/pool(type:target:group:format:devices:from:deadline:)`` looks at.
enum PoolProbe {
    /// Where libvirt finds the programs it runs.
    static let programFolders = Programs.system + ["/sbin", "/bin"]

    /// A look at a path that may never come back.
    static func ask<Value: Sendable>(
        _ path: String, within deadline: Duration, _ look: @escaping @Sendable () -> Observation<Value>
    ) -> Observation<Value> {
        do {
            return try DeadlineCall.run(within: deadline, look)
                ?? .unknown(Obstacle(.timedOut, path, "no answer in \(deadline)"), from: .file(path))
        } catch {
            return .unknown(error.obstacle, from: .file(path))
        }
    }

    /// Where distributions put libvirt's modules: Red Hat and SUSE, Arch and Alpine, then Debian's folders of
    /// architectures.
    static func backend(of type: String, _ source: some Source) -> Observation<String> {
        let name =
            switch type {
            case "dir", "fs", "netfs": "fs"
            default: type
            }
        var folders = ["/usr/lib64", "/usr/lib"]
        folders += (source.entries("/usr/lib").known ?? []).filter { $0.hasSuffix("-linux-gnu") }.map {
            "/usr/lib/\($0)"
        }
        for folder in folders.map({ $0 + "/libvirt/storage-backend" }) where source.exists(folder).known == true {
            let path = "\(folder)/libvirt_storage_backend_\(name).so"
            return source.metadata(path).map { _ in path }
        }
        return .unknown(Obstacle(.unsupported, "libvirt's modules", "not where they are looked for"))
    }

    /// The program that libvirt cannot do without for a type.
    static func program(of type: String, _ format: String?) -> String? {
        switch (type, format) {
        case ("netfs", "glusterfs"): "mount.glusterfs"
        case ("netfs", "cifs"): "mount.cifs"
        case ("netfs", _): "mount.nfs"
        case ("iscsi", _): "iscsiadm"
        case ("logical", _): "vgchange"
        case ("disk", _): "parted"
        case ("zfs", _): "zpool"
        case ("vstorage", _): "vstorage-mount"
        default: nil
        }
    }

    // MARK: - Volume groups and pools

    /// More block devices than a host has.
    private static let deviceLimit = 16384

    /// A group shows itself by its folder of devices while a volume of it is active, and by what udev's database has of
    /// its physical volumes and logical ones: `LVM_VG_NAME_COMPLETE` (69-dm-lvm.rules), `DM_VG_NAME`. The database may
    /// be read by anyone; LVM's own files may not.
    static func volumeGroup(_ name: String, _ source: some Source) -> Observation<Place> {
        guard !name.contains("/"), !name.isEmpty else { return .absent() }
        let folder = source.metadata("/dev/\(name)")
        if folder.known?.kind == .directory { return .known(Place("/dev/\(name)"), from: .file("/dev/\(name)")) }
        let database = "/run/udev/data"
        let entries = source.entries(database)
        guard let files = entries.known else {
            return .unknown(
                entries.obstacle ?? Obstacle(.unsupported, database, "udev does not run"), from: .file(database))
        }
        var isSomeoneUnnamed = false
        for file in files.filter({ $0.hasPrefix("b") }).prefix(deviceLimit) {
            let text = source.text("\(database)/\(file)")
            if text.isAbsent { continue }
            guard let lines = text.known?.lines else {
                return .unknown(text.obstacle ?? Obstacle(.malformed, file), from: text.provenance)
            }
            var names: Set<String> = []
            var isPhysicalVolume = false
            for line in lines where line.hasPrefix("E:") {
                guard let (key, value) = line.dropFirst(2).cut(at: "=") else { continue }
                switch key {
                case "ID_FS_TYPE": isPhysicalVolume = value == "LVM2_member"
                case "DM_VG_NAME", "LVM_VG_NAME_COMPLETE", "LVM_VG_NAME_INCOMPLETE": names.insert(String(value))
                default: break
                }
            }
            if names.contains(name) { return .known(Place("\(database)/\(file)"), from: text.provenance) }
            if isPhysicalVolume, names.isEmpty { isSomeoneUnnamed = true }
        }
        return isSomeoneUnnamed
            ? .unknown(Obstacle(.unsupported, database, "a physical volume whose group udev does not know"))
            : .absent(from: .file(database))
    }

    /// OpenZFS shows a folder for each imported pool.
    static func zfsPools(_ source: some Source) -> Observation<[String]> {
        let folder = "/proc/spl/kstat/zfs"
        let entries = source.entries(folder)
        // Without the module no pool is imported.
        if entries.isAbsent { return .known([], from: .file(folder)) }
        return entries.map { names in
            names.filter { source.metadata("\(folder)/\($0)").known?.kind == .directory }
        }
    }

    /// Devices of device-mapper whose identifier multipathd made.
    static func multipathMaps(_ source: some Source) -> Observation<[String]> {
        source.entries("/sys/block").flatMap { names in
            names.filter { $0.hasPrefix("dm-") }.observe(from: .file("/sys/block")) { name in
                source.text("/sys/block/\(name)/dm/uuid", limit: 4096).flatMap { uuid in
                    uuid.hasPrefix("mpath-")
                        ? source.text("/sys/block/\(name)/dm/name", limit: 4096) : .absent(from: .file("/sys/block"))
                }
            }
        }
    }

    // MARK: - Adapters

    static func fibreChannelHosts(_ source: some Source) -> Observation<[FibreChannelHost]> {
        let folder = "/sys/class/fc_host"
        let names = source.entries(folder)
        if names.isAbsent { return .known([], from: .file(folder)) }
        return names.flatMap { names in
            names.observe(from: .file(folder)) { name in
                let path = "\(folder)/\(name)"
                return source.text(path + "/node_name", limit: 4096).flatMap { node in
                    source.text(path + "/port_name", limit: 4096).flatMap { port in
                        source.text(path + "/port_state", limit: 4096).flatMap { state in
                            source.exists(path + "/vport_create").map { canMakePorts in
                                FibreChannelHost(
                                    name: name, nodeName: digits(node), portName: digits(port), state: state,
                                    canMakePorts: canMakePorts)
                            }
                        }
                    }
                }
            }
        }
    }

    /// A World Wide Name as libvirt writes it: `0x` taken off.
    private static func digits(_ name: String) -> String {
        (name.hasPrefix("0x") ? String(name.dropFirst(2)) : name).lowercased()
    }
}
