internal import Evidence
internal import Facts
internal import LibvirtXML

/// What pools are made of. KVP001–KVP017, KVP082, KVP083, KVP090, KVP092, KVP093, KVP101, KVP104.
enum PoolSourceRules {
    static let area = "Storage"

    static let all: [Rule<PoolDefinitionFacts>] = [
        hostMissing.only([.netfs, .iscsi, .iscsiDirect, .rbd, .sheepdog, .gluster], fit: FitPool.netfs),
        directoryMissing.only([.netfs], fit: FitPool.netfs),
        deviceMissing.only([.fs, .disk, .iscsi, .iscsiDirect], fit: FitPool.disk),
        initiatorMissing.only([.iscsiDirect], fit: directISCSI), initiatorDropped,
        nameForm.only([.iscsi, .iscsiDirect], fit: FitPool.iscsi),
        nameCase.only([.iscsi, .iscsiDirect], fit: FitPool.iscsi), authIncomplete,
        iscsiOpen.only([.iscsi, .iscsiDirect], fit: FitPool.iscsi), rbdName.only([.rbd], fit: FitPool.rbd),
        rbdOpen.only([.rbd], fit: FitPool.rbd), adapterIncomplete.only([.scsi], fit: FitPool.scsi), nameInvalid,
        typeUnknown, typeGone, formatUnknown, versionUnsupported.only([.netfs], fit: FitPool.netfs),
        sourcesMany.only([.netfs, .iscsi, .fs], fit: FitPool.netfs), adapterRefused.only([.scsi], fit: FitPool.scsi),
        authKind.only([.iscsi, .iscsiDirect], fit: FitPool.iscsi), userPrefixed.only([.rbd], fit: FitPool.rbd),
        oneMonitor.only([.rbd], fit: FitPool.rbd), exportRelative.only([.netfs], fit: FitPool.netfs),
        glusterNative.only([.gluster, .netfs], fit: FitPool.gluster),
    ]

    private static let directISCSI = PoolDefinitionFacts.example(
        "iscsi-direct", iscsi + "<initiator><iqn name='iqn.2020-01.com.example:host'/></initiator>", rest: "")

    private static let parser = Citation("libvirt src/conf/storage_conf.c: virStoragePoolDefParseXML", "9.0")
    private static let manual = Citation("libvirt docs/formatstorage.rst, docs/storage.rst", "9.0")

    private static let iscsi = "<host name='san'/><device path='iqn.2020-01.com.example:disks'/>"

    /// What is wrong where a type needs a part that is not there.
    private static func missing(
        _ part: String, of kinds: Set<StoragePool.Kind>, in pool: StoragePool, _ isThere: Bool
    ) -> [Fault] {
        guard let kind = pool.type.value?.known, kinds.contains(kind), !isThere else { return [] }
        return [Fault("a pool of type \(kind.rawValue) without \(part)", at: pool.source.position)]
    }

    static let hostMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP001", "pool-host-missing", "pools on the network name a server", area: area, severity: .error,
            rationale:
                "libvirt refuses a pool of type netfs, iscsi, iscsi-direct, rbd, sheepdog or gluster without a server with a name.",
            sources: [parser], remedy: Remedy("add <host name='…'/> to <source>"),
            explains: ["missing storage pool source host name", "missing storage pool host name"]),
        violates: PoolDefinitionFacts.example("netfs", "<dir path='/export'/>"),
        faults: { subject in
            let hosts = subject.definition.source.hosts
            return missing(
                "a server", of: [.netfs, .iscsi, .iscsiDirect, .rbd, .sheepdog, .gluster], in: subject.definition,
                !hosts.isEmpty && hosts.allSatisfy(\.name.isPresent))
        })

    static let directoryMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP002", "pool-directory-missing", "network file systems name the exported folder", area: area,
            severity: .error, rationale: "libvirt refuses a pool of type netfs without the folder of the server.",
            sources: [parser], remedy: Remedy("add <dir path='/…'/> to <source>"),
            explains: ["missing storage pool source path"]),
        violates: PoolDefinitionFacts.example("netfs", "<host name='nas'/>"),
        faults: { subject in
            missing("a folder", of: [.netfs], in: subject.definition, subject.definition.source.directory.isPresent)
        })

    static let deviceMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP003", "pool-device-missing", "pools on a device name it", area: area, severity: .error,
            rationale:
                "libvirt refuses a pool of type fs or disk without a device, and does not start an iSCSI pool without a target.",
            sources: [
                parser, Citation("libvirt src/storage/storage_backend_iscsi.c, storage_backend_iscsi_direct.c", "9.0"),
            ],
            remedy: Remedy("add <device path='…'/> to <source>: of iSCSI the target's name"),
            explains: ["missing storage pool source device name", "missing source device"]),
        violates: PoolDefinitionFacts.example("iscsi", "<host name='san'/>"),
        faults: { subject in
            let devices = subject.definition.source.devices
            return missing(
                "a device", of: [.fs, .disk, .iscsi, .iscsiDirect], in: subject.definition,
                !devices.isEmpty && devices.allSatisfy(\.path.isPresent))
        })

    static let initiatorMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP004", "pool-initiator-missing", "pools of type iscsi-direct name an initiator", area: area,
            severity: .error,
            rationale:
                "The library that reaches the target has no name of its own as the host's initiator has; libvirt refuses the pool without one.",
            sources: [Citation("libvirt as the reference notes tried it: virsh pool-define", "9.0"), manual],
            remedy: Remedy("add <initiator><iqn name='…'/></initiator> to <source>"),
            explains: ["missing initiator IQN"]),
        violates: PoolDefinitionFacts.example("iscsi-direct", iscsi, rest: ""),
        faults: { subject in
            missing(
                "an initiator", of: [.iscsiDirect], in: subject.definition,
                subject.definition.source.initiatorName.isPresent)
        })

    static let initiatorDropped = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP005", "pool-initiator-dropped", "the initiator stands inside <source>", area: area, severity: .warning,
            rationale:
                "libvirt drops an <initiator> outside <source> without a word and logs in by the host's own name.",
            sources: [
                Citation("libvirt as the reference notes tried it: virsh pool-define and pool-dumpxml", "9.0"), manual,
            ],
            remedy: Remedy("move <initiator> into <source>")),
        violates: PoolDefinitionFacts.example(
            "iscsi", iscsi, rest: "<initiator><iqn name='iqn.2020-01.com.example:host'/></initiator>"),
        faults: { subject in
            guard let initiator = subject.definition.element?.first("initiator") else { return [] }
            return [Fault("<initiator> outside <source>", at: initiator.position)]
        })

    /// The iSCSI names in a pool, with the fields that hold them.
    private static func names(_ pool: StoragePool) -> [(name: String, field: Field<String>)] {
        guard pool.type == .iscsi || pool.type == .iscsiDirect else { return [] }
        return (pool.source.devices.map(\.path) + [pool.source.initiatorName]).compactMap { field in
            field.value.map { ($0, field) }
        }
    }

    static let nameForm = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP006", "pool-iqn-form", "iSCSI names are of their form", area: area, severity: .warning,
            rationale:
                "A name is iqn., a year and month, a domain backwards and a text, or eui. or naa. and a number: no target or initiator has another.",
            sources: [Citation("RFC 7143, section 4.2.7", "2014")],
            remedy: Remedy("write the name as the target tells it", commands: ["iscsiadm -m discovery -t st -p SERVER"])
        ),
        violates: PoolDefinitionFacts.example("iscsi", "<host name='san'/><device path='iqn.com.example:disks'/>"),
        faults: { subject in
            names(subject.definition).filter { !isName($0.name.lowercased()) }.map {
                Fault("\($0.name) is no iSCSI name", at: $0.field.position)
            }
        })

    /// Whether a name in lower case is of one of the three forms.
    @Sendable private static func isName(_ name: String) -> Bool {
        if name.hasPrefix("eui.") || name.hasPrefix("naa.") {
            return name.utf8.dropFirst(4).count >= 16 && name.dropFirst(4).allSatisfy(\.isHexDigit)
        }
        let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "iqn", !parts[2].isEmpty else { return false }
        let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 2, date[0].utf8.count == 4, date[1].utf8.count == 2, Int(date[0]) != nil,
            let month = Int(date[1])
        else { return false }
        return (1...12).contains(month)
    }

    static let nameCase = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP007", "pool-iqn-case", "iSCSI names are in lower case", area: area, severity: .warning,
            rationale:
                "Names are compared in lower case by the standard; targets that store them so and compare bytes refuse the login.",
            sources: [Citation("RFC 7143, section 4.2.7; RFC 3722", "2014")],
            remedy: Remedy("write the name in lower case, here and where the target grants access")),
        violates: PoolDefinitionFacts.example(
            "iscsi", "<host name='san'/><device path='iqn.2020-01.com.example:Disks'/>"),
        faults: { subject in
            names(subject.definition).filter { $0.name != $0.name.lowercased() }.map {
                Fault("\($0.name) has capitals", at: $0.field.position)
            }
        })

    static let authIncomplete = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP008", "pool-auth-incomplete", "credentials are whole", area: area, severity: .error,
            rationale:
                "libvirt refuses <auth> without a type that it knows, a user, or a secret that is named by UUID or usage and not by both.",
            sources: [
                Citation("libvirt src/conf/storage_source_conf.c: virStorageAuthDefParse; virsh pool-define", "9.0")
            ],
            remedy: Remedy("add <secret usage='…'/>, and define the secret", commands: ["virsh secret-list"]),
            explains: [
                "Missing <secret> element in auth", "missing username for auth", "storage pool missing auth type",
                "missing secret uuid or usage attribute", "either secret uuid or usage expected",
                "invalid secret uuid 'x'", "unknown auth type 'x'",
            ]),
        violates: PoolDefinitionFacts.example("iscsi", iscsi + "<auth type='chap' username='a'/>"),
        faults: { subject in
            let auth = subject.definition.source.authentication
            guard auth.isPresent else { return [] }
            var missing: [String] = []
            if !["none", "chap", "ceph"].contains(auth.type.value) { missing.append("a type that libvirt knows") }
            if !auth.username.isPresent { missing.append("a user") }
            let secret = auth.secret
            if !secret.isPresent {
                missing.append("a secret")
            } else if secret.uuid.isPresent == secret.usage.isPresent {
                missing.append("either a UUID or a usage of its secret")
            } else if secret.uuid.isPresent, secret.uuid.value == nil {
                missing.append("a UUID of the form that UUIDs have")
            }
            return missing.isEmpty
                ? [] : [Fault("<auth> without \(missing.joined(separator: ", "))", at: auth.position)]
        })

    static let iscsiOpen = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP009", "pool-iscsi-no-chap", "iSCSI targets ask for a password", area: area, severity: .note,
            rationale:
                "Without CHAP whoever reaches the target and claims the initiator's name reads and writes the disks.",
            sources: [Citation("RFC 7143, section 9.2", "2014"), manual],
            remedy: Remedy("set up CHAP on the target, and add <auth type='chap' …> with a secret")),
        violates: PoolDefinitionFacts.example("iscsi", iscsi),
        faults: { subject in
            let pool = subject.definition
            guard pool.type == .iscsi || pool.type == .iscsiDirect, !pool.source.authentication.isPresent else {
                return []
            }
            return [Fault("no <auth>", at: pool.source.position)]
        })

    static let rbdName = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP010", "pool-rbd-name-missing", "pools of type rbd name Ceph's pool", area: area, severity: .error,
            rationale: "libvirt refuses a pool of type rbd without the name of Ceph's pool.", sources: [parser],
            remedy: Remedy("add <name>…</name> to <source>"),
            explains: ["element 'name' is mandatory for RBD pool"]),
        violates: PoolDefinitionFacts.example("rbd", "<host name='mon1'/>", rest: ""),
        faults: { subject in
            missing("Ceph's pool", of: [.rbd], in: subject.definition, subject.definition.source.name.isPresent)
        })

    static let rbdOpen = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP011", "pool-rbd-no-auth", "Ceph is told who asks", area: area, severity: .note,
            rationale: "Without <auth> the cluster must have cephx off, which is not its default.", sources: [manual],
            remedy: Remedy("add <auth type='ceph' …> with a secret")),
        violates: PoolDefinitionFacts.example("rbd", "<name>vms</name><host name='mon1'/>", rest: ""),
        faults: { subject in
            let pool = subject.definition
            guard pool.type == .rbd, !pool.source.authentication.isPresent else { return [] }
            return [Fault("no <auth>", at: pool.source.position)]
        })

    static let adapterIncomplete = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP012", "pool-adapter-incomplete", "pools of type scsi name an adapter", area: area, severity: .error,
            rationale:
                "libvirt refuses an adapter without what finds it: the name or PCI address of a SCSI host, WWNN and WWPN of Fibre Channel.",
            sources: [
                Citation(
                    "libvirt src/conf/storage_adapter_conf.c: virStorageAdapterValidate; virsh pool-define", "9.0"),
                parser,
            ],
            remedy: Remedy(
                "add <adapter type='scsi_host' name='scsi_host0'/> to <source>",
                commands: ["virsh nodedev-list scsi_host"]),
            explains: [
                "missing storage pool source adapter",
                "Either 'name' or 'parent' must be specified for the 'scsi_host' adapter",
                "'wwnn' and 'wwpn' must be specified for adapter type 'fchost'",
            ]),
        violates: PoolDefinitionFacts.example("scsi", ""),
        faults: { subject in
            let (pool, adapter) = (subject.definition, subject.definition.source.adapter)
            guard pool.type == .scsi else { return [] }
            guard adapter.isPresent else { return [Fault("no <adapter>", at: pool.source.position)] }
            if adapter.type == .fibreChannelHost {
                return adapter.wwnn.isPresent && adapter.wwpn.isPresent
                    ? [] : [Fault("a Fibre Channel adapter without WWNN and WWPN", at: adapter.position)]
            }
            return adapter.name.isPresent || adapter.parentAddress.isPresent
                ? [] : [Fault("an adapter without a name", at: adapter.position)]
        })

    static let nameInvalid = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP013", "pool-name-invalid", "the pool has a name that can be a file's", area: area, severity: .error,
            rationale: "libvirt keeps the definition in a file of the name: it refuses none, and a slash.",
            sources: [parser], remedy: Remedy("write a name without a slash"),
            explains: ["missing pool source name element", "name a/b cannot contain '/'"]),
        example: ("<name>default</name>", "<name>vm/images</name>"),
        faults: { subject in
            let pool = subject.definition
            let sourceNames: Set<StoragePool.Kind> = [.logical, .rbd, .sheepdog, .gluster, .zfs, .vstorage]
            var name = pool.name.value
            if name == nil, let kind = pool.type.value?.known, sourceNames.contains(kind) {
                name = pool.source.name.value
            }
            guard let name else { return [Fault("the pool has no name", at: pool.position)] }
            return name.utf8.contains(UInt8(ascii: "/"))
                ? [Fault("the name \(name) has a slash", at: pool.name.position)] : []
        })

    static let typeUnknown = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP014", "pool-type-unknown", "the pool's type is one that is known", area: area, severity: .note,
            rationale:
                "kvmcheck knows the fourteen types of libvirt 9.0 to 11; what another type needs it cannot tell.",
            sources: [manual],
            remedy: Remedy("see that the type is spelled right", commands: ["virsh pool-capabilities"]),
            explains: ["unknown storage pool type folder"]),
        example: ("type='dir'", "type='folder'"),
        faults: { subject in
            guard subject.definition.type.value?.known == nil else { return [] }
            return [Fault("type \(subject.definition.type.text ?? "is missing")", at: subject.definition.type.position)]
        })

    static let typeGone = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP015", "pool-type-gone", "the pool's type is one that libvirt still has", area: area,
            severity: .warning, rationale: "libvirt 8.8 dropped Sheepdog: a newer one cannot start the pool.",
            sources: [Citation("libvirt NEWS.rst", "8.8.0")], remedy: Remedy("move the volumes to other storage")),
        violates: PoolDefinitionFacts.example("sheepdog", "<name>a</name><host name='b'/>", rest: ""),
        faults: { subject in
            guard subject.definition.type == .sheepdog else { return [] }
            return [Fault("a pool of type sheepdog", at: subject.definition.type.position)]
        })

    static let formatUnknown = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP016", "pool-format-unknown", "the source's format is one of the type's", area: area, severity: .error,
            rationale: "libvirt refuses a format that the type does not have.",
            sources: [Citation("virsh pool-capabilities of libvirt 9.0; storage_conf.c", "9.0")],
            remedy: Remedy("leave <format> out, or choose one of the type's", commands: ["virsh pool-capabilities"]),
            explains: ["unknown pool format type btrfs"]),
        violates: PoolDefinitionFacts.example("netfs", "<host name='nas'/><dir path='/export'/><format type='nfs4'/>"),
        faults: { subject in
            let (pool, format) = (subject.definition, subject.definition.source.format)
            guard let name = format.value, let kind = pool.type.value?.known, let known = formats[kind],
                !known.contains(name)
            else { return [] }
            return [Fault("format \(name) of a pool of type \(kind.rawValue)", at: format.position)]
        })

    /// The formats of the types that have any.
    private static let formats: [StoragePool.Kind: Set<String>] = [
        .fs: [
            "auto", "ext2", "ext3", "ext4", "ufs", "iso9660", "udf", "gfs", "gfs2", "vfat", "hfs+", "xfs", "ocfs2",
            "vmfs",
        ],
        .netfs: ["auto", "nfs", "glusterfs", "cifs"], .logical: ["unknown", "lvm2"],
        .disk: ["unknown", "dos", "dvh", "gpt", "mac", "bsd", "pc98", "sun", "lvm2"],
    ]

    static let versionUnsupported = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP017", "pool-protocol-version", "only NFS is given a version", area: area, severity: .error,
            rationale: "libvirt refuses <protocol ver=…> with another format than nfs or auto, and with a comma in it.",
            sources: [parser], remedy: Remedy("take <protocol> away"),
            explains: ["storage pool protocol ver unsupported for pool type 'cifs'"]),
        violates: PoolDefinitionFacts.example(
            "netfs", "<host name='nas'/><dir path='a'/><format type='cifs'/><protocol ver='3.0'/>"),
        faults: { subject in
            let source = subject.definition.source
            guard subject.definition.type == .netfs, let version = source.protocolVersion.value else { return [] }
            let isNFS = source.format.value.map { $0 == "nfs" || $0 == "auto" } ?? true
            guard !isNFS || version.utf8.contains(UInt8(ascii: ",")) else { return [] }
            return [
                Fault("version \(version) of \(source.format.value ?? "auto")", at: source.protocolVersion.position)
            ]
        })

    static let sourcesMany = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP082", "pool-sources-many", "pools with one source name one", area: area, severity: .error,
            rationale:
                "A pool of type netfs or iscsi with several servers, or of type fs or iscsi with several devices, does not start.",
            sources: [
                Citation(
                    "libvirt src/storage/storage_backend_fs.c: virStorageBackendFileSystemIsValid; storage_backend_iscsi.c; virsh pool-start",
                    "9.0")
            ],
            remedy: Remedy("keep one, and make a pool for each other"),
            explains: ["expected exactly 1 host for the storage pool", "missing source device"]),
        violates: PoolDefinitionFacts.example("netfs", "<host name='a'/><host name='b'/><dir path='/export'/>"),
        faults: { subject in
            let (type, source) = (subject.definition.type, subject.definition.source)
            var faults: [Fault] = []
            for host in source.hosts.dropFirst().prefix(1) where [.netfs, .iscsi].contains(type.value?.known) {
                faults.add("\(source.hosts.count) servers", at: host.position)
            }
            for device in source.devices.dropFirst().prefix(1) where [.fs, .iscsi].contains(type.value?.known) {
                faults.add("\(source.devices.count) devices", at: device.position)
            }
            return faults
        })

    static let adapterRefused = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP083", "pool-adapter-refused", "adapters are named in their form", area: area, severity: .error,
            rationale:
                "libvirt refuses a World Wide Name that is not 16 hexadecimal digits, a SCSI host by name and by PCI address at once, and an address without the number of the host on it; a pool with another name than hostN does not start.",
            sources: [
                Citation(
                    "libvirt src/conf/storage_adapter_conf.c: virStorageAdapterParseXML; src/util/virutil.c: virValidateWWN; virsh pool-define",
                    "9.0")
            ],
            remedy: Remedy(
                "write the name as libvirt tells it",
                commands: ["virsh nodedev-list --cap fc_host", "virsh nodedev-list --cap scsi_host"]),
            explains: [
                "Malformed wwn: 2000", "Invalid adapter name 'sda' for SCSI pool",
                "Both 'name' and 'parent' cannot be specified for the 'scsi_host' adapter",
                "Missing or invalid scsi adapter 'unique_id' value",
            ]),
        violates: PoolDefinitionFacts.example(
            "scsi", "<adapter type='fc_host' wwnn='20:00:00:00:c9:83:1b:4b' wwpn='10000000c9831b4b'/>"),
        faults: { subject in
            let adapter = subject.definition.source.adapter
            guard subject.definition.type == .scsi, adapter.isPresent else { return [] }
            var faults: [Fault] = []
            for field in [adapter.wwnn, adapter.wwpn, adapter.parentWWNN, adapter.parentWWPN, adapter.parentFabricWWN] {
                guard let name = field.value else { continue }
                let digits = name.hasPrefix("0x") ? name.dropFirst(2) : name[...]
                faults.add(
                    "\(name) is no World Wide Name", at: field.position,
                    if: digits.utf8.count != 16 || !digits.allSatisfy(\.isHexDigit))
            }
            guard adapter.type != .fibreChannelHost else { return faults }
            let hasAddress = adapter.element?.first("parentaddr") != nil
            if let name = adapter.name.value {
                let isForm = ["scsi_host", "fc_host", "host"].contains { prefix in
                    name.hasPrefix(prefix) && UInt32(name.dropFirst(prefix.utf8.count)) != nil
                }
                faults.add("adapter \(name)", at: adapter.name.position, if: !isForm)
                faults.add("a name and a PCI address", at: adapter.position, if: hasAddress)
            } else if hasAddress {
                faults.add(
                    "a PCI address without unique_id", at: adapter.position, if: adapter.parentUniqueID.value == nil)
            }
            return faults
        })

    static let authKind = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP090", "pool-auth-kind", "credentials are of the pool's kind", area: area, severity: .error,
            rationale: "iSCSI knows CHAP only: with another type of <auth> the pool does not start.",
            sources: [
                Citation(
                    "libvirt src/storage/storage_backend_iscsi.c: virStorageBackendISCSISetAuth; storage_backend_iscsi_direct.c",
                    "9.0")
            ],
            remedy: Remedy("write type='chap'"),
            explains: [
                "iscsi pool only supports 'chap' auth type", "iscsi-direct pool only supports 'chap' auth type",
            ]),
        violates: PoolDefinitionFacts.example(
            "iscsi", iscsi + "<auth type='ceph' username='a'><secret usage='b'/></auth>"),
        faults: { subject in
            let (type, auth) = (subject.definition.type, subject.definition.source.authentication)
            guard type == .iscsi || type == .iscsiDirect, let kind = auth.type.value, kind != "chap" else {
                return []
            }
            return [Fault("<auth> of type \(kind)", at: auth.type.position)]
        })

    static let userPrefixed = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP093", "pool-rbd-user-prefix", "Ceph's user is named as the cluster has it", area: area,
            severity: .error,
            rationale:
                "librados puts client. before the name: a user client.vms asks the cluster as client.client.vms, and is refused.",
            sources: [Citation("Ceph src/include/rados/librados.h: rados_create, id", "17")],
            remedy: Remedy("write the name without client.", commands: ["ceph auth ls"])),
        violates: PoolDefinitionFacts.example(
            "rbd",
            "<name>vms</name><host name='mon1'/><auth type='ceph' username='client.vms'><secret usage='b'/></auth>",
            rest: ""),
        faults: { subject in
            let user = subject.definition.source.authentication.username
            guard subject.definition.type == .rbd, let name = user.value, name.hasPrefix("client.") else { return [] }
            return [Fault("user \(name)", at: user.position)]
        })

    static let oneMonitor = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP092", "pool-rbd-one-monitor", "more than one monitor of Ceph is named", area: area, severity: .note,
            rationale: "While the one monitor is away the pool does not start, though the cluster runs.",
            sources: [Citation("Ceph documentation, Monitor Config Reference, mon host", "17"), manual],
            remedy: Remedy("add a <host> for each monitor")),
        violates: PoolDefinitionFacts.example("rbd", "<name>vms</name><host name='mon1'/>", rest: ""),
        faults: { subject in
            let hosts = subject.definition.source.hosts
            guard subject.definition.type == .rbd, hosts.count == 1, let host = hosts.first else { return [] }
            return [Fault("one monitor, \(host.name.text ?? "")", at: host.position)]
        })

    static let exportRelative = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP104", "pool-export-relative", "the folder of an NFS server is an absolute path", area: area,
            severity: .warning,
            rationale:
                "Servers export absolute paths: with another mount(8) finds nothing, and the pool does not start.",
            sources: [Citation("exports(5), nfs(5)", "nfs-utils 2.6")], remedy: Remedy("write the path from / on")),
        violates: PoolDefinitionFacts.example("netfs", "<host name='nas'/><dir path='export'/><format type='nfs'/>"),
        faults: { subject in
            let source = subject.definition.source
            guard subject.definition.type == .netfs, source.format.value == "nfs",
                let path = source.directory.value, !path.hasPrefix("/")
            else { return [] }
            return [Fault("the folder \(path)", at: source.directory.position)]
        })

    static let glusterNative = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP101", "pool-gluster-native", "GlusterFS is mounted", area: area, severity: .note,
            rationale:
                "Disks on a pool of type gluster are opened by QEMU's own driver, which QEMU deprecates from version 9.2; on a mount of GlusterFS they are files.",
            sources: [
                Citation("QEMU docs/about/deprecated.rst, gluster backend", "9.2"),
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 5, GlusterFS as a directory", "2020"),
            ],
            remedy: Remedy("use a pool of type netfs with <format type='glusterfs'/>")),
        violates: PoolDefinitionFacts.example("gluster", "<name>kvm</name><host name='gluster1'/>", rest: ""),
        faults: { subject in
            guard subject.definition.type == .gluster else { return [] }
            return [Fault("a pool of type gluster", at: subject.definition.type.position)]
        })
}
