import Evidence
import Facts
import Glibc
import LinuxIO
import Testing

@testable import HostProbes

struct ControlGroupTests {
    /// This machine: Linux 6.18 in Firecracker, hybrid.
    static let firecracker = """
        23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """
    /// From cgroups(7) and proc(5): optional fields, an escaped space, an empty source.
    static let forms = """
        36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue
        50 35 0:44 / /run/x rw - tmpfs  rw
        51 35 0:45 / /mnt/control\\040groups rw shared:9 - cgroup2 cgroup2 rw,nsdelegate
        52 35 0:46 / /mnt/cpu rw shared:9 - cgroup cgroup rw,cpuacct,cpu,release_agent=/lib/x,clone_children
        """

    private func facts(_ nodes: [String: MemorySource.Node]) -> ControlGroupFacts {
        ControlGroupProbe.facts(from: MemorySource(nodes), answers: KernelAnswers())
    }

    @Test func `a hybrid layout has both versions`() throws {
        let mounts = try facts(["/proc/self/mountinfo": .text(Self.firecracker)]).mounts.get()
        #expect(
            mounts
                == ControlGroupMounts(
                    legacy: [
                        "cpu": "/sys/fs/cgroup/cpu", "cpuacct": "/sys/fs/cgroup/cpuacct",
                        "name=systemd": "/sys/fs/cgroup/systemd",
                    ], unified: "/sys/fs/cgroup/unified"))
    }

    @Test func `optional fields, escapes and empty sources are read`() throws {
        let mounts = try facts(["/proc/self/mountinfo": .text(Self.forms)]).mounts.get()
        #expect(
            mounts
                == ControlGroupMounts(
                    legacy: ["cpu": "/mnt/cpu", "cpuacct": "/mnt/cpu"], unified: "/mnt/control groups"))
    }

    @Test func `a capture that has only proc mounts is read by that`() throws {
        let facts = facts([
            "/proc/mounts": .text("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nsdelegate 0 0"),
            "/sys/fs/cgroup/cgroup.controllers": .text("cpuset cpu io memory hugetlb pids rdma misc\n"),
            "/sys/fs/cgroup/cgroup.subtree_control": .text("\n"),
        ])
        #expect(try facts.mounts.get()?.unified == "/sys/fs/cgroup")
        #expect(try facts.controllers.get() == ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"])
        #expect(try facts.enabledBelow.get() == [])
        #expect(try facts.machineSlice.get() == nil)
        #expect(try facts.isPartOfHierarchy.get() == false)
    }

    @Test func `without a table of mounts nothing is known`() {
        #expect(throws: Undecided.self) { try facts([:]).mounts.get() }
        #expect(throws: Undecided.self) { try facts([:]).controllers.get() }
    }

    @Test func `running machines are counted in machine slice`() throws {
        let slice = "/sys/fs/cgroup/machine.slice"
        let facts = facts([
            "/proc/self/mountinfo": .text("30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"),
            slice + "/cgroup.subtree_control": .text("cpu memory"),
            slice + "/machine-qemu\\x2d1\\x2dweb.scope": .directory(),
            slice + "/cgroup.procs": .text(""),
        ])
        #expect(
            try facts.machineSlice.get() == MachineSlice(path: slice, enabledBelow: ["cpu", "memory"], scopes: 1))
    }

    /// /proc/cgroups of Fedora 29 with cgroup v2, in the form of cgroups(7).
    @Test func `the kernel's own list is read`() throws {
        let facts = facts([
            "/proc/cgroups": .text("#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t0\t106\t1\nmemory\t0\t106\t0")
        ])
        #expect(
            try facts.kernelControllers.get()
                == [
                    KernelController(name: "cpu", isEnabled: true), KernelController(name: "memory", isEnabled: false),
                ])
    }

    static let garbage: [MemorySource.Node] = [
        .text(""), .text("one line of prose"), .text("a b c d e f"), .file([0, 1, 2, 0xff]), .directory(),
        .link("/proc/self/mountinfo"), .special(FileMetadata(kind: .fifo)), .text("1 2 3 4 5 6 - cgroup"),
        .file(Array(repeating: 0x41, count: 5 << 20)),
    ]

    @Test(arguments: garbage.indices) func `garbage in the place of a table is unknown`(index: Int) {
        let facts = facts([
            "/proc/self/mountinfo": Self.garbage[index], "/proc/mounts": Self.garbage[index],
            "/proc/cgroups": Self.garbage[index],
        ])
        #expect(throws: Undecided.self) { try facts.mounts.get() }
        #expect(throws: Undecided.self) { try facts.kernelControllers.get() }
    }

    @Test func `a table cut off at any byte is read or unknown, and nothing else`() throws {
        for text in [Self.firecracker, Self.forms] {
            let bytes = Array(text.utf8)
            for length in 0...bytes.count {
                let facts = facts(["/proc/self/mountinfo": .file(Array(bytes[..<length]))])
                if let mounts = try? facts.mounts.get() { #expect(mounts.legacy.count <= 3) }
                _ = try? facts.machineSlice.get()
            }
        }
    }

    @Test func `mount points with broken escapes do not trap`() throws {
        for field in ["/a\\", "/a\\0", "/a\\04", "/a\\999", "/a\\777", "/\\040"] {
            let text = "1 2 0:1 / \(field) rw - cgroup2 cgroup2 rw"
            #expect(try facts(["/proc/self/mountinfo": .text(text)]).mounts.get()?.unified?.hasPrefix("/") == true)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs CAP_NET_ADMIN"))
    func `bpf answers on the live machine's cgroup2`() throws {
        let mounts = try HostProbes.facts(from: TreeSource.live, answers: KernelAnswers()).controlGroups.mounts.get()
        let answer = try ControlGroupProbe.answers().deviceQuery.get()
        #expect((answer != nil) == (mounts?.unified != nil))
        if let answer { #expect([nil, "EINVAL", "ENOSYS"].contains(answer.errno)) }
    }

    @Test func `namespaces and fuse are seen, and unknown where proc and sys are not mounted`() throws {
        let source = MemorySource([
            "/proc/self/ns/ipc": .link("ipc:[4026531839]"), "/sys/fs/fuse/connections": .directory(),
        ])
        let facts = ContainerProbe.facts(from: source, answers: KernelAnswers())
        #expect(try facts.namespaces["ipc"]?.get() == true)
        #expect(try facts.namespaces["user"]?.get() == false)
        #expect(try facts.hasFUSE.get() == true)
        let bare = ContainerProbe.facts(from: MemorySource(), answers: KernelAnswers())
        #expect(throws: Undecided.self) { try bare.namespaces["ipc"]?.get() }
        #expect(throws: Undecided.self) { try bare.hasFUSE.get() }
    }
}
