internal import Evidence
internal import Facts
internal import LibvirtXML

extension StoragePool {
    /// The folder in which volumes are files; nil of types whose volumes are none.
    var folder: String? {
        switch type.value?.known {
        case .dir, .fs, .netfs, .vstorage: target.path.value
        default: nil
        }
    }

    /// The path without a `/` at its end, as the kernel's tables have it.
    static func trimmed(_ path: String) -> String {
        path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}

extension PoolDefinitionFacts {
    /// The name as a word of a shell.
    var nameWord: String { (definition.effectiveName ?? "POOL").shellWord }

    /// An example: a pool of a type with a source, in the place of the sample.
    static func example(
        _ type: String, _ source: String, rest: String = "<target><path>/dev/disk/by-path</path></target>",
        site: @escaping @Sendable (inout PoolHostFacts) -> Void = { _ in }
    ) -> @Sendable (inout PoolDefinitionFacts) -> Void {
        { subject in
            subject.replace(xml: "<pool type='\(type)'><name>a</name><source>\(source)</source>\(rest)</pool>")
            site(&subject.site)
        }
    }
}

extension Rule<PoolDefinitionFacts> {
    /// The same rule for pools of some types only.
    ///
    /// - Parameter fit: Makes a fit pool of one of the types.
    func only(_ kinds: Set<StoragePool.Kind>, fit: @escaping @Sendable (inout PoolDefinitionFacts) -> Void) -> Rule {
        only(
            fit: fit,
            unless: { subject in
                guard let kind = subject.definition.type.value?.known, !kinds.contains(kind) else { return nil }
                return "the pool is of type \(kind.rawValue)"
            })
    }
}

/// Fit pools of the types, for the examples of rules.
enum FitPool {
    static let netfs = PoolDefinitionFacts.example(
        "netfs", "<host name='nas'/><dir path='/export'/><format type='nfs'/>",
        rest: "<target><path>/var/lib/libvirt/images</path></target>"
    ) {
        $0.mount = .known(
            Mount(
                source: "nas:/export", point: "/var/lib/libvirt/images", type: "nfs4",
                options: ["rw", "hard", "vers=4.2", "rsize=1048576", "wsize=1048576", "local_lock=none"]))
    }
    static let iscsi = PoolDefinitionFacts.example(
        "iscsi",
        "<host name='san'/><device path='iqn.2020-01.com.example:disks'/><auth type='chap' username='a'><secret usage='b'/></auth>"
    )
    static let rbd = PoolDefinitionFacts.example(
        "rbd",
        "<name>vms</name><host name='mon1'/><host name='mon2'/><auth type='ceph' username='a'><secret usage='b'/></auth>",
        rest: "")
    static let scsi = PoolDefinitionFacts.example("scsi", "<adapter type='scsi_host' name='scsi_host0'/>")
    static let fibreChannel = PoolDefinitionFacts.example(
        "scsi", "<adapter type='fc_host' wwnn='20000000c9831b4c' wwpn='10000000c9831b4c'/>")
    static let disk = PoolDefinitionFacts.example("disk", "<device path='/dev/sdb'/><format type='gpt'/>")
    @Sendable static func dosDisk(_ subject: inout PoolDefinitionFacts) {
        PoolDefinitionFacts.example("disk", "<device path='/dev/sdb'/><format type='dos'/>")(&subject)
        subject.host.capacity.disks = .known(["sdb": 1 << 40])
    }
    static let gluster = PoolDefinitionFacts.example(
        "netfs", "<host name='gluster1'/><dir path='/kvm'/><format type='glusterfs'/>",
        rest: "<target><path>/var/lib/libvirt/images</path></target>")
    static let logical = PoolDefinitionFacts.example(
        "logical", "<name>vg0</name>", rest: "<target><path>/dev/vg0</path></target>")
    static let zfs = PoolDefinitionFacts.example("zfs", "<name>tank</name>", rest: "")
    static let multipath = PoolDefinitionFacts.example("mpath", "", rest: "<target><path>/dev/mapper</path></target>")
}
