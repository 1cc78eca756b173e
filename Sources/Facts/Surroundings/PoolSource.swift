internal import LibvirtXML

/// What a pool is made of, so that two pools of the same can be told.
public enum PoolSource: Sendable, Hashable {
    /// What libvirt compares, as it is written: a second pool of the same is refused. The corresponding function is
    /// `virStoragePoolObjSourceFindDuplicate`.
    case refused(String)
    /// What is the same thing, although libvirt does not see it: the folder of volumes by its one name, a volume group, a
    /// pool of Ceph.
    case same(String)

    /// Those of a pool.
    ///
    /// - Parameter targetPath: The one name of the folder where its volumes are; nil where it is known only as it is written.
    static func all(of pool: StoragePool, targetPath: String?) -> [PoolSource] {
        guard let kind = pool.type.value?.known else { return [] }
        var sources: [PoolSource] = []
        let hosts = pool.source.hosts.compactMap(\.name.value)
        let devices = pool.source.devices.compactMap(\.path.value)
        switch pool.origin {
        case .dir(let path): sources.append(.refused("folder \(path)"))
        case .fs, .disk: sources += devices.map { .refused("device \($0)") }
        case .logical(let group, _):
            sources += devices.map { .refused("device \($0)") } + [.same("volume group \(group)")]
        case .zfs(let name, _): sources += devices.map { .refused("device \($0)") } + [.same("ZFS pool \(name)")]
        case .netfs(let host, let directory): sources.append(.refused("\(host):\(directory)"))
        case .gluster(let volume, _, let directory):
            sources += hosts.prefix(1).map { .refused("Gluster volume \($0)/\(volume)\(directory ?? "")") }
        case .iscsi(_, let target):
            let initiator = pool.source.initiatorName.value.map { " by \($0)" } ?? ""
            sources += hosts.prefix(1).map { .refused("iSCSI target \(target) of \($0)\(initiator)") }
        case .mpath: sources.append(.refused("the multipath devices of the host"))
        case .vstorage(let cluster): sources.append(.refused("cluster \(cluster)"))
        case .rbd(let name, _):
            sources.append(.same("Ceph pool \(name) of \(hosts.sorted().joined(separator: ", "))"))
        case .iscsiDirect(_, let target, _):
            sources.append(.same("iSCSI target \(target) of \(hosts.joined(separator: ", "))"))
        case .scsi, .sheepdog, .incomplete, .other: break
        }
        // The folder of these is that of device nodes of the host, which all pools of disks have in common.
        if ![.iscsi, .scsi, .disk, .mpath, .logical, .zfs].contains(kind),
            let path = targetPath ?? pool.target.path.value
        {
            sources.append(.same("folder \(path)"))
        }
        return sources
    }
}
