import Evidence
import Facts
import Glibc
import LinuxIO
import Testing

@testable import HostProbes

/// What is looked at for a storage pool; the texts are of real machines, named where they are from.
struct PoolProbeTests {
    private func pool(
        _ type: String, target: String? = nil, group: String? = nil, devices: [String] = [],
        _ nodes: [String: MemorySource.Node]
    ) -> PoolHostFacts {
        HostProbes.pool(
            type: type, target: target, group: group, format: nil, devices: devices, from: MemorySource(nodes))
    }

    /// A Debian 12 client with a share of an NFS server; the space in a name is proc's `\040`.
    private static let mounts = """
        /dev/vda1 / ext4 rw,relatime,errors=remount-ro 0 0
        nas:/export /srv/vm\\040images nfs4 rw,relatime,vers=4.1,rsize=8192,wsize=8192,namlen=255,soft,proto=tcp,local_lock=none 0 0
        /dev/sdb1 /srv ext4 rw 0 0
        """

    @Test func `the mount of a folder is the longest that it is in`() throws {
        let mounts = try #require(MountTable.parse(Self.mounts))
        let share = try #require(MountTable.mount(holding: "/srv/vm images/web", in: mounts))
        #expect(share.source == "nas:/export" && share.type == "nfs4")
        #expect(share.value(of: "vers") == "4.1" && share.value(of: "rsize") == "8192")
        #expect(share.options.contains("soft") && share.value(of: "soft") == nil)
        #expect(MountTable.mount(holding: "/srv/vm images2", in: mounts)?.source == "/dev/sdb1")
        #expect(MountTable.mount(holding: "/var", in: mounts)?.source == "/dev/vda1")
        #expect(MountTable.mount(holding: "relative", in: mounts) == nil)
    }

    @Test func `of two mounts on one folder the last counts`() throws {
        let mounts = try #require(MountTable.parse("a /mnt ext4 rw 0 0\nb /mnt xfs ro 0 0"))
        #expect(MountTable.mount(holding: "/mnt", in: mounts)?.source == "b")
    }

    @Test func `fstab has comments, and lines without options`() throws {
        let text = "# <file system>\n\nUUID=1 / ext4 errors=remount-ro 0 1\ngluster1:/kvm /srv/vms glusterfs\n"
        let facts = pool(
            "dir", target: "/srv/vms/",
            [
                "/srv/vms": .directory(), "/proc/self/mounts": .text("/dev/vda1 / ext4 rw 0 0"),
                "/etc/fstab": .text(text),
            ])
        #expect(try facts.plannedMount.get()?.source == "gluster1:/kvm")
        #expect(try facts.mount.get()?.point == "/")
        #expect(try facts.target.get()?.kind == .directory)
    }

    @Test(arguments: ["", "nonsense", "one two"]) func `what is no table of mounts is unknown`(text: String) throws {
        let facts = pool("dir", target: "/srv", ["/srv": .directory(), "/proc/self/mounts": .text(text)])
        #expect(throws: Undecided.self) { try facts.mount.get() }
    }

    /// What udev 252 writes for a partition with a physical volume, and for a logical volume on it.
    private func database(_ group: String?) -> [String: MemorySource.Node] {
        [
            "/run/udev/data/b8:17": .text(
                "S:disk/by-id/lvm-pv-uuid-Zs0\nE:ID_FS_TYPE=LVM2_member\nE:ID_FS_USAGE=raw"
                    + (group.map { "\nE:LVM_VG_NAME_COMPLETE=\($0)" } ?? "")),
            "/run/udev/data/b8:1": .text("E:ID_FS_TYPE=ext4"), "/run/udev/data/n2": .text("E:ID_BUS=pci"),
        ]
    }

    @Test func `a volume group is there, is not, or is not known of`() throws {
        #expect(try pool("logical", group: "vg0", database("vg0")).volumeGroup.isPresent())
        #expect(try !pool("logical", group: "vg1", database("vg0")).volumeGroup.isPresent())
        #expect(throws: Undecided.self) { try pool("logical", group: "vg1", database(nil)).volumeGroup.get() }
        #expect(throws: Undecided.self) { try pool("logical", group: "vg1", [:]).volumeGroup.get() }
        #expect(try pool("logical", group: "vg1", ["/dev/vg1/root": .link("../dm-0")]).volumeGroup.isPresent())
        #expect(try !pool("logical", group: "../etc", ["/etc/a": .text("a")]).volumeGroup.isPresent())
    }

    @Test func `a disk has the kernel's name, by whatever link it is named`() throws {
        let path = "/dev/disk/by-id/wwn-0x5000"
        let facts = pool(
            "disk", devices: [path, "/dev/sdc"],
            [
                path: .link("../../sdb"), "/dev/sdb": .special(FileMetadata(kind: .blockDevice)),
                "/dev/sdc": .special(FileMetadata(kind: .blockDevice)),
            ])
        #expect(try facts.kernelNames[path]?.get() == "sdb")
        #expect(try facts.kernelNames["/dev/sdc"]?.get() == "sdc")
        #expect(try facts.devices[path]?.get()?.kind == .blockDevice)
    }

    @Test func `pools of ZFS are folders of its statistics`() throws {
        let facts = pool(
            "zfs",
            ["/proc/spl/kstat/zfs/tank/io": .text("a"), "/proc/spl/kstat/zfs/arcstats": .text("a")])
        #expect(try facts.zfsPools.get() == ["tank"])
        #expect(try pool("zfs", ["/proc/spl": .directory()]).zfsPools.get() == [])
    }

    @Test func `multipath devices are those that multipathd made`() throws {
        let facts = pool(
            "mpath",
            [
                "/sys/block/dm-0/dm/uuid": .text("mpath-360000000000000000e00000000010001\n"),
                "/sys/block/dm-0/dm/name": .text("mpatha\n"),
                "/sys/block/dm-1/dm/uuid": .text("LVM-Zs0\n"), "/sys/block/dm-1/dm/name": .text("vg0-root\n"),
                "/sys/block/sda/size": .text("1"),
            ])
        #expect(try facts.multipathMaps.get() == ["mpatha"])
    }

    @Test func `a Fibre Channel host has its names without 0x`() throws {
        let folder = "/sys/class/fc_host/host5"
        let facts = pool(
            "scsi",
            [
                "\(folder)/node_name": .text("0x20000000C9831B4B\n"),
                "\(folder)/port_name": .text("0x10000000c9831b4b\n"),
                "\(folder)/port_state": .text("Online\n"), "\(folder)/vport_create": .text(""),
                "/sys/class/scsi_host/host5/state": .text("running"),
            ])
        #expect(
            try facts.fibreChannelHosts.get() == [
                FibreChannelHost(
                    name: "host5", nodeName: "20000000c9831b4b", portName: "10000000c9831b4b", state: "Online",
                    canMakePorts: true)
            ])
        #expect(try facts.scsiHosts.get() == ["host5"])
        #expect(try pool("scsi", ["/sys/class": .directory()]).fibreChannelHosts.get() == [])
    }

    @Test func `a module is missing only where libvirt's others are`() throws {
        let folder = "/usr/lib/x86_64-linux-gnu/libvirt/storage-backend"
        let nodes: [String: MemorySource.Node] = ["\(folder)/libvirt_storage_backend_fs.so": .text("ELF")]
        #expect(try pool("netfs", nodes).backend.isPresent())
        #expect(try !pool("rbd", nodes).backend.isPresent())
        #expect(throws: Undecided.self) { try pool("rbd", [:]).backend.get() }
    }

    @Test func `a target that does not answer is unknown`() throws {
        let facts: Observation<Int> = PoolProbe.ask("/srv", within: .milliseconds(1)) {
            usleep(200_000)
            return .known(1)
        }
        let undecided = #expect(throws: Undecided.self) { try facts.get() }
        #expect(undecided?.obstacle.kind == .timedOut)
    }
}
