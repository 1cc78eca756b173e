@_spi(Probing) import Evidence
import Facts
import Testing

@testable import LibvirtProbes

/// Processes as they stood in `/proc` of a Debian 12 with libvirt 9.0 and QEMU 7.2, in a tree in memory.
struct QEMUProcessTests {
    private static let uuid = "2264dc76-a3e5-46fd-b570-19f80134c3c8"
    private static let commandLine = [
        "/usr/bin/qemu-system-x86_64", "-name", "guest=web,,1,debug-threads=on", "-S", "-machine",
        "pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram", "-accel", "kvm", "-cpu",
        "qemu64,svm=off", "-m", "64", "-uuid", uuid, "-msg", "timestamp=on", "",
    ]
    private static let status = """
        Name:\tqemu-system-x86
        VmRSS:\t   40532 kB
        VmSwap:\t     128 kB
        HugetlbPages:\t 1048576 kB
        Threads:\t5
        """

    private func machine(_ links: [String], pid: Int = 4711, arguments: [String] = commandLine) -> MemorySource {
        var tree = MemorySource()
        tree.insert(.text("\(pid)"), at: "/run/libvirt/qemu/web,1.pid")
        tree.insert(.file(Array(arguments.joined(separator: "\0").utf8)), at: "/proc/\(pid)/cmdline")
        tree.insert(.text(Self.status), at: "/proc/\(pid)/status")
        tree.insert(.directory(), at: "/proc/\(pid)/fd")
        for (number, link) in links.enumerated() { tree.insert(.link(link), at: "/proc/\(pid)/fd/\(number)") }
        return tree
    }

    private static let onKVM = [
        "/dev/null", "/dev/kvm", "anon_inode:kvm-vm", "anon_inode:kvm-vcpu:1", "anon_inode:kvm-vcpu:0",
        "anon_inode:kvm-vcpu:10", "/dev/vhost-net", "/dev/vhost-net", "socket:[12]", "anon_inode:[eventfd]",
    ]

    private func process(_ source: MemorySource, uuid: String? = uuid) -> Observation<QEMUProcessFacts> {
        QEMUProcesses(source: source, directory: "/run/libvirt/qemu").process(name: "web,1", uuid: uuid)
    }

    @Test func `a process on KVM holds its machine and its processors`() throws {
        let facts = try #require(try process(machine(Self.onKVM)).get())
        #expect(facts.pid == 4711)
        #expect(try facts.usesKVM.get() == true)
        #expect(try facts.virtualCPUs.get() == [0, 1, 10])
        #expect(try facts.vhostDevices.get() == ["/dev/vhost-net", "/dev/vhost-net"])
        #expect(try facts.accelerators.get() == ["kvm"])
        #expect(try facts.cpuModel.get() == "qemu64,svm=off")
        #expect(try facts.machine.get() == "pc-i440fx-7.2")
        #expect(try facts.swapped.get() == 128 << 10)
        #expect(try facts.hugePages.get() == 1 << 30)
        #expect(try facts.resident.get() == 40532 << 10)
    }

    @Test func `a process that translates holds none, whatever its command line says`() throws {
        let facts = try #require(try process(machine(["/dev/null", "socket:[12]"])).get())
        #expect(try facts.usesKVM.get() == false)
        #expect(try facts.virtualCPUs.get() == [])
        #expect(try facts.accelerators.get() == ["kvm"])
    }

    @Test func `descriptors that this user may not see are unknown`() throws {
        var tree = machine(Self.onKVM)
        tree.remove("/proc/4711/fd")
        tree.insert(.obstacle(Obstacle(.permissionDenied, "/proc/4711/fd", "EACCES")), at: "/proc/4711/fd")
        let facts = try #require(try process(tree).get())
        #expect(facts.usesKVM.obstacle?.kind == .permissionDenied)
        #expect(facts.virtualCPUs.obstacle?.kind == .permissionDenied)
        #expect(try facts.machine.get() == "pc-i440fx-7.2")
    }

    @Test func `a number left over from another run is not believed`() throws {
        var tree = machine(Self.onKVM)
        tree.insert(.text("17"), at: "/run/libvirt/qemu/web,1.pid")
        tree.insert(.file(Array("/bin/sleep\u{0}100\u{0}".utf8)), at: "/proc/17/cmdline")
        #expect(try process(tree).get()?.pid == 4711)
    }

    @Test func `without a file for the number the command lines tell`() throws {
        var tree = machine(Self.onKVM)
        tree.remove("/run/libvirt")
        #expect(try process(tree).get()?.pid == 4711)
        #expect(try process(tree, uuid: nil).get()?.pid == 4711)
        #expect(process(tree, uuid: "00000000-0000-0000-0000-000000000000").obstacle != nil)
    }

    @Test func `a process that cannot be seen is unknown, and not absent`() {
        var tree = MemorySource()
        tree.insert(.directory(), at: "/proc")
        #expect(process(tree).obstacle?.kind == .unresolvable)
        #expect(process(MemorySource([:], absence: .unproven)).obstacle?.kind == .notCaptured)
    }

    @Test(arguments: [
        (["-machine", "q35,accel=kvm:tcg"], ["kvm", "tcg"], "q35"),
        (["-accel", "tcg,thread=multi", "-M", "virt-7.2"], ["tcg"], "virt-7.2"),
        (["--enable-kvm", "--machine", "type=pc,usb=off"], ["kvm"], "pc"),
        (["-accel", "kvm", "-accel", "tcg"], ["kvm", "tcg"], nil),
        (["-accel"], [], nil), (["-machine", ",,"], [], ","),
    ])
    func `accelerator and machine are read in all their forms`(
        arguments: [String], accelerators: [String], machine: String?
    ) throws {
        let line = ["qemu", "-name", "web"] + arguments
        let read = try #require(QEMUArguments(Array(line.joined(separator: "\0").utf8)))
        #expect(read.accelerators == accelerators)
        #expect(read.machine == machine)
        #expect(read.name == "web")
    }

    @Test(arguments: ["", "\0\0\0", "/sbin/init\0", "a\0-uuid"])
    func `other processes are not QEMU's`(line: String) {
        #expect(QEMUArguments(Array(line.utf8)) == nil)
    }

    @Test func `garbage in status is unknown`() throws {
        for text in ["VmSwap: x kB", "VmSwap: 1 MB", "VmSwap:\t99999999999999999999 kB", "VmSwap:"] {
            var tree = machine([])
            tree.insert(.text(text), at: "/proc/4711/status")
            #expect(try process(tree).get()?.swapped.obstacle?.kind == .malformed, "\(text)")
            #expect(try process(tree).get()?.hugePages.isAbsent == true)
        }
    }
}
