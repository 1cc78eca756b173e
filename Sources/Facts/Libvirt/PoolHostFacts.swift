public import Evidence

/// What the host has for one storage pool.
///
/// It is asked for the pools at hand only: some of it takes a call on a file system whose server may be gone. What the
/// pool's type has no use for stays `notProbed`.
public struct PoolHostFacts: Sendable {
    /// What stands at the target; absent where nothing does.
    public var target: Observation<FileMetadata> = .notProbed
    /// The room of the file system that the target is in, as statvfs(3) tells it; absent where there is no target.
    public var space: Observation<FileSystemSpace> = .notProbed
    /// The mount that the target is in, of those in `/proc/self/mounts` the last with the longest path.
    public var mount: Observation<Mount> = .notProbed
    /// The line of `/etc/fstab` with the longest path that the target is in, `/` left out; absent where there is none.
    public var plannedMount: Observation<Mount> = .notProbed
    /// Sources of all mounts: devices, servers' folders.
    public var mountedSources: Observation<[String]> = .notProbed
    /// What stands at the paths of source devices, by path.
    public var devices: [String: Observation<FileMetadata>] = [:]
    /// The kernel's names of source devices, such as `sdb`, by path: links of udev's followed.
    public var kernelNames: [String: Observation<String>] = [:]
    /// The module of libvirt's that serves the type; absent where it is not installed.
    public var backend: Observation<String> = .notProbed
    /// The program that libvirt runs for the type, where there is one; absent where it is not installed.
    public var program: Observation<String> = .notProbed
    /// A sign of the volume group; absent where udev knows all physical volumes and none is of the group.
    public var volumeGroup: Observation<Place> = .notProbed
    /// The pools of ZFS that are imported.
    public var zfsPools: Observation<[String]> = .notProbed
    /// The names of multipath devices.
    public var multipathMaps: Observation<[String]> = .notProbed
    /// The SCSI hosts: `host0`, ….
    public var scsiHosts: Observation<[String]> = .notProbed
    /// The Fibre Channel hosts.
    public var fibreChannelHosts: Observation<[FibreChannelHost]> = .notProbed
    /// The name of the host's iSCSI initiator; absent where it has none.
    public var initiatorName: Observation<String> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// A mounted file system, or one that fstab(5) says is to be mounted.
public struct Mount: Sendable, Hashable {
    /// What is mounted: a device, a server's folder, or a word.
    public var source: String
    /// Where.
    public var point: String
    /// The type of the file system: `ext4`, `nfs4`, `fuse.glusterfs`.
    public var type: String
    /// The options, as written.
    public var options: [String]

    /// Makes a mount; see the properties.
    public init(source: String, point: String, type: String, options: [String] = []) {
        self.source = source
        self.point = point
        self.type = type
        self.options = options
    }

    /// What follows `name=` among the options; nil where the option is not there.
    public func value(of name: String) -> String? {
        options.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
}

/// A Fibre Channel host, as Linux `drivers/scsi/scsi_transport_fc.c` shows it below `/sys/class/fc_host`.
public struct FibreChannelHost: Sendable, Hashable {
    /// The name: `host5`.
    public var name: String
    /// The World Wide Node Name, 16 hexadecimal digits in lower case.
    public var nodeName: String
    /// The World Wide Port Name, 16 hexadecimal digits in lower case.
    public var portName: String
    /// The state in the kernel's words: `Online`, `Linkdown`, ….
    public var state: String
    /// Whether virtual hosts can be made of it.
    public var canMakePorts: Bool

    /// Makes a host; see the properties.
    public init(name: String, nodeName: String, portName: String, state: String, canMakePorts: Bool) {
        self.name = name
        self.nodeName = nodeName
        self.portName = portName
        self.state = state
        self.canMakePorts = canMakePorts
    }
}

extension PoolHostFacts {
    /// What the fit host has, for a pool of any type; see ``PoolDefinitionFacts/sample``.
    public static var sample: PoolHostFacts {
        var facts = PoolHostFacts()
        facts.target = .known(
            FileMetadata(kind: .directory, mode: 0o711), from: .file("/var/lib/libvirt/images"))
        facts.space = .known(FileSystemSpace(total: 1 << 40, available: 3 << 38))
        facts.mount = .known(
            Mount(source: "/dev/nvme0n1p2", point: "/", type: "ext4", options: ["rw", "relatime"]),
            from: .file("/proc/self/mounts"))
        facts.plannedMount = .absent(from: .file("/etc/fstab"))
        facts.mountedSources = .known(["/dev/nvme0n1p2"], from: .file("/proc/self/mounts"))
        facts.devices = ["/dev/sdb": .known(FileMetadata(kind: .blockDevice, mode: 0o660))]
        facts.kernelNames = ["/dev/sdb": .known("sdb", from: .file("/dev/sdb"))]
        facts.backend = .known("/usr/lib/x86_64-linux-gnu/libvirt/storage-backend/libvirt_storage_backend_fs.so")
        facts.program = .known("/usr/sbin/mount.nfs")
        facts.volumeGroup = .known(Place("/run/udev/data/b8:16"))
        facts.zfsPools = .known(["tank"], from: .file("/proc/spl/kstat/zfs"))
        facts.multipathMaps = .known(["mpatha"], from: .file("/sys/block"))
        facts.scsiHosts = .known(["host0", "host5"], from: .file("/sys/class/scsi_host"))
        facts.fibreChannelHosts = .known(
            [
                FibreChannelHost(
                    name: "host5", nodeName: "20000000c9831b4b", portName: "10000000c9831b4b", state: "Online",
                    canMakePorts: true)
            ], from: .file("/sys/class/fc_host"))
        facts.initiatorName = .known("iqn.1993-08.org.debian:01:a1b2c3", from: .file("/etc/iscsi/initiatorname.iscsi"))
        return facts
    }
}
