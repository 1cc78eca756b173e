/// `<pool>`: a place for volumes.
///
/// Source of names and values: libvirt's formatstorage.rst and storagepool.rng (9.0).
public struct StoragePool: PlacedView, DocumentView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The pool that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "pool") }

    /// The pool that an element holds; nil where it is something else.
    public init?(_ element: XMLElement) { self.init(element, named: "pool") }

    /// The fourteen types.
    public enum Kind: String, LibvirtEnumeration {
        case dir, fs, netfs, logical, disk, iscsi, scsi, mpath, rbd, sheepdog, gluster, zfs, vstorage
        case iscsiDirect = "iscsi-direct"
    }

    /// What the pool is made of, as one of libvirt's types.
    public enum Origin: Sendable, Hashable {
        /// A folder.
        case dir(path: String)
        /// A file system on a device.
        case fs(device: String)
        /// A file system of a server.
        case netfs(host: String, directory: String)
        /// A volume group.
        case logical(group: String, devices: [String])
        /// A disk with partitions.
        case disk(device: String)
        /// The disks of an iSCSI target, through the host's kernel.
        case iscsi(hosts: [Source.Host], target: String)
        /// The disks of an iSCSI target, through a library.
        case iscsiDirect(host: Source.Host, target: String, initiator: String?)
        /// The disks of an adapter.
        case scsi(Adapter)
        /// The multipath devices of the host.
        case mpath
        /// A pool of Ceph.
        case rbd(pool: String, hosts: [Source.Host])
        /// A cluster of Sheepdog.
        case sheepdog(name: String, host: Source.Host)
        /// A volume of Gluster.
        case gluster(volume: String, hosts: [Source.Host], directory: String?)
        /// A pool of ZFS.
        case zfs(pool: String, devices: [String])
        /// A cluster of Virtuozzo.
        case vstorage(cluster: String)
        /// A type of which what it needs is absent or malformed.
        case incomplete(Kind)
        /// A type of tomorrow.
        case other(String)
    }

    /// The type.
    public var type: Field<Open<Kind>> { attribute("type") }
    /// The name, unique on its host; of some types the source's name where absent.
    public var name: Field<String> { child("name") }
    /// The UUID.
    public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
    /// The size, in bytes; written by libvirt.
    public var capacity: Field<UInt64> { bytes("capacity", .byte) }
    /// How much volumes take, in bytes; written by libvirt.
    public var allocation: Field<UInt64> { bytes("allocation", .byte) }
    /// How much is left, in bytes; written by libvirt.
    public var available: Field<UInt64> { bytes("available", .byte) }
    /// Whether files are copied on write (libvirt 6.6).
    public var copiesOnWrite: Field<Bool> {
        Field(place.child("features"), "cow", .attribute("state"), .yesNo)
    }
    /// What it is made of.
    public var source: Source { view("source") }
    /// Where its volumes are on the host.
    public var target: Target { view("target") }
    /// How allocations are found out: `default`, `capacity`.
    public var refreshAllocation: Field<String> {
        Field(place.child("refresh"), "volume", .attribute("allocation"), .string)
    }
    /// Options of mounting.
    public var mountOptions: [Option] { views("mount_opts", "option", in: .fs) }
    /// Options of Ceph.
    public var cephOptions: [Option] { views("config_opts", "option", in: .rbd) }

    /// The name, where it is absent that of the source, as libvirt takes it.
    public var effectiveName: String? { name.value ?? source.name.value }

    /// The name of the source, where it is absent that of the pool, as libvirt takes it for a volume group, a pool of ZFS and
    /// the like.
    public var effectiveSourceName: String? { source.name.value ?? name.value }

    /// What the pool is made of.
    public var origin: Origin {
        guard let kind = type.value?.known else { return .other(type.value?.text ?? "") }
        let hosts = source.hosts
        let (device, devices) = (source.devices.first?.path.value, source.devices.compactMap(\.path.value))
        switch kind {
        case .dir: return target.path.value.map { .dir(path: $0) } ?? .incomplete(kind)
        case .fs: return device.map { .fs(device: $0) } ?? .incomplete(kind)
        case .netfs:
            guard let host = hosts.first?.name.value, let directory = source.directory.value else {
                return .incomplete(kind)
            }
            return .netfs(host: host, directory: directory)
        case .logical:
            return (source.name.value ?? name.value).map { .logical(group: $0, devices: devices) } ?? .incomplete(kind)
        case .disk: return device.map { .disk(device: $0) } ?? .incomplete(kind)
        case .iscsi: return device.map { .iscsi(hosts: hosts, target: $0) } ?? .incomplete(kind)
        case .iscsiDirect:
            guard let host = hosts.first, let device else { return .incomplete(kind) }
            return .iscsiDirect(host: host, target: device, initiator: source.initiatorName.value)
        case .scsi: return source.adapter.isPresent ? .scsi(source.adapter) : .incomplete(kind)
        case .mpath: return .mpath
        case .rbd: return source.name.value.map { .rbd(pool: $0, hosts: hosts) } ?? .incomplete(kind)
        case .sheepdog:
            guard let name = source.name.value, let host = hosts.first else { return .incomplete(kind) }
            return .sheepdog(name: name, host: host)
        case .gluster:
            return source.name.value.map { .gluster(volume: $0, hosts: hosts, directory: source.directory.value) }
                ?? .incomplete(kind)
        case .zfs: return source.name.value.map { .zfs(pool: $0, devices: devices) } ?? .incomplete(kind)
        case .vstorage: return source.name.value.map { .vstorage(cluster: $0) } ?? .incomplete(kind)
        }
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            type, name, uuid, capacity, allocation, available, copiesOnWrite, source, target, refreshAllocation,
            mountOptions, cephOptions, to: visit)
    }

    /// `<source>`: what the pool is made of.
    public struct Source: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The servers.
        public var hosts: [Host] { views("host") }
        /// The devices, of iSCSI the target's name.
        public var devices: [Device] { views("device") }
        /// The folder of the server.
        public var directory: Field<String> { attribute("path", of: "dir") }
        /// The adapter, of type `scsi`.
        public var adapter: Adapter { view("adapter") }
        /// The name of the volume group, Ceph pool, Gluster volume, ZFS pool or cluster.
        public var name: Field<String> { child("name") }
        /// The iSCSI initiator's name.
        public var initiatorName: Field<String> {
            Field(place.child("initiator"), "iqn", .attribute("name"), .string)
        }
        /// Credentials.
        public var authentication: Authentication { view("auth") }
        /// The format of the file system, disk or volume group, such as `nfs`, `gpt`, `lvm2`.
        public var format: Field<String> { attribute("type", of: "format") }
        /// The version of NFS.
        public var protocolVersion: Field<String> { attribute("ver", of: "protocol") }
        /// The manufacturer.
        public var vendor: Field<String> { attribute("name", of: "vendor") }
        /// The product.
        public var product: Field<String> { attribute("name", of: "product") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                hosts, devices, directory, adapter, name, initiatorName, authentication, format, protocolVersion,
                vendor, product, to: visit)
        }

        /// `<host>`.
        public struct Host: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Its name or address.
            public var name: Field<String> { attribute("name") }
            /// Its port.
            public var port: Field<Int> { attribute("port", .integer(0...65535)) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, port, to: visit)
            }
        }

        /// `<device>`.
        public struct Device: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Its path, or of iSCSI the target's name.
            public var path: Field<String> { attribute("path") }
            /// Whether a `p` stands before a partition's number.
            public var hasPartSeparator: Field<Bool> { attribute("part_separator", .yesNo) }
            /// What is free; written by libvirt.
            public var freeExtents: [Extent] { views("freeExtent") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(path, hasPartSeparator, freeExtents, to: visit)
            }
        }
    }

    /// `<freeExtent>`, or `<extent>` of a volume, in bytes.
    public struct Extent: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where it starts.
        public var start: Field<UInt64> { attribute("start", .large) }
        /// Where it ends.
        public var end: Field<UInt64> { attribute("end", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(start, end, to: visit)
        }
    }

    /// `<adapter>`, of type `scsi`.
    public struct Adapter: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What kind.
        public enum Kind: String, LibvirtEnumeration {
            case scsiHost = "scsi_host"
            case fibreChannelHost = "fc_host"
        }

        /// What kind.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// Its name, such as `scsi_host0`.
        public var name: Field<String> { attribute("name") }
        /// Its World Wide Node Name.
        public var wwnn: Field<String> { attribute("wwnn") }
        /// Its World Wide Port Name.
        public var wwpn: Field<String> { attribute("wwpn") }
        /// The adapter that it is made of.
        public var parent: Field<String> { attribute("parent") }
        /// That adapter's World Wide Node Name.
        public var parentWWNN: Field<String> { attribute("parent_wwnn") }
        /// That adapter's World Wide Port Name.
        public var parentWWPN: Field<String> { attribute("parent_wwpn") }
        /// The fabric of that adapter.
        public var parentFabricWWN: Field<String> { attribute("parent_fabric_wwn") }
        /// Whether libvirt takes it away at the end.
        public var isManaged: Field<Bool> { attribute("managed", .yesNo) }
        /// The number of the PCI device's adapter.
        public var parentUniqueID: Field<Int> { attribute("unique_id", of: "parentaddr", .count) }
        /// The PCI device.
        public var parentAddress: DeviceAddress { DeviceAddress(place: place.child("parentaddr").child("address")) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, name, wwnn, wwpn, parent, parentWWNN, parentWWPN, parentFabricWWN, isManaged, parentUniqueID,
                parentAddress, to: visit)
        }
    }

    /// `<target>`: where volumes are on the host.
    public struct Target: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The folder.
        public var path: Field<String> { child("path") }
        /// Who may do what in it.
        public var permissions: Permissions { view("permissions") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(path, permissions, to: visit)
        }
    }

    /// `<option>`.
    public struct Option: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The name.
        public var name: Field<String> { attribute("name") }
        /// The value.
        public var value: Field<String> { attribute("value") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, value, to: visit)
        }
    }
}

/// `<permissions>` of a pool's folder or of a volume.
public struct Permissions: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// The mode, in octal digits, as a number.
    public var mode: Field<Int> { child("mode", .octal) }
    /// The owner's number; -1 is the default.
    public var owner: Field<Int> { child("owner", .signed) }
    /// The group's number; -1 is the default.
    public var group: Field<Int> { child("group", .signed) }
    /// The label of the security driver.
    public var label: Field<String> { child("label") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(mode, owner, group, label, to: visit)
    }
}
