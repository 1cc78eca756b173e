import Evidence
import Facts
import Glibc
import Testing

@testable import HostProbes

/// The device nodes of guests; the real kernel is asked where it has the driver.
struct DeviceTests {
    private static let isRoot = geteuid() == 0

    /// A directory of its own, gone at the end of the test.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/kvmcheck-devices-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["node", "link"] { unlink(path + "/" + name) }
            rmdir(path)
        }
        try body(path)
    }

    @Test(.enabled(if: access("/dev/net/tun", R_OK | W_OK) == 0))
    func `the real tun answers that it makes tap devices`() throws {
        let answer = DeviceProbe.answers().tun
        #expect(try answer.open.get()?.succeeded == true)
        #expect(try answer.call.get()?.succeeded == true)
        let features = try #require(try answer.features.get())
        #expect(features & 0x0002 != 0, "IFF_TAP")
        #expect(features & 0x4000 != 0, "IFF_VNET_HDR: QEMU on this machine uses it")
    }

    @Test func `what is not there is ENOENT`() throws {
        try withDirectory { (directory) throws in
            let answer = DeviceProbe.ask(.vhostNet, at: directory + "/node")
            #expect(try answer.open.get()?.errno == "ENOENT")
        }
    }

    @Test func `a regular file is not opened`() throws {
        try withDirectory { (directory) throws in
            close(creat(directory + "/node", 0o600))
            let answer = DeviceProbe.ask(.vhostNet, at: directory + "/node")
            #expect(throws: Undecided.self) { try answer.open.get() }
            #expect(throws: Undecided.self) { try answer.features.get() }
        }
    }

    @Test func `a FIFO is not opened and does not hang`() throws {
        try withDirectory { (directory) throws in
            mkfifo(directory + "/node", 0o600)
            let answer = DeviceProbe.ask(.tun, at: directory + "/node")
            #expect(throws: Undecided.self) { try answer.open.get() }
        }
    }

    @Test func `another device is not opened, and so is sent no ioctl`() throws {
        let answer = DeviceProbe.ask(.tun, at: "/dev/null")
        #expect(throws: Undecided.self) { try answer.open.get() }
        #expect(throws: Undecided.self) { try answer.call.get() }
    }

    @Test func `a link to itself is an obstacle`() throws {
        try withDirectory { (directory) throws in
            symlink("link", directory + "/link")
            let answer = DeviceProbe.ask(.tun, at: directory + "/link")
            #expect(throws: Undecided.self) { try answer.open.get() }
        }
    }

    /// `/proc/misc` of this machine lists no vhost-net, so its number has no driver.
    @Test(.enabled(if: isRoot && access("/dev/vhost-net", F_OK) != 0))
    func `a node without a driver is ENODEV`() throws {
        try withDirectory { (directory) throws in
            guard mknod(directory + "/node", S_IFCHR | 0o600, makedev(10, 238)) == 0 else { return }
            let answer = DeviceProbe.ask(.vhostNet, at: directory + "/node")
            #expect(try answer.open.get()?.errno == "ENODEV")
        }
    }

    @Test func `the misc devices of this Firecracker guest are listed by name`() throws {
        let source = MemorySource([
            "/proc/misc": .text("234 btrfs-control\n258 vsock\n200 tun\n232 kvm\n 47 vhost-scsi\n")
        ])
        let numbers = try #require(try DeviceProbe.miscNumbers(source).get())
        #expect(numbers["tun"] == 200)
        #expect(numbers["vhost-scsi"] == 47)
        #expect(numbers["vhost-net"] == nil)
    }

    @Test(arguments: ["200", "tun 200 x y", "999999999999999999999 tun", "-1 tun"])
    func `a list of misc devices of another form is unknown`(text: String) {
        let source = MemorySource(["/proc/misc": .text(text)])
        #expect(throws: Undecided.self) { try DeviceProbe.miscNumbers(source).get() }
    }

    @Test func `facts come from files, numbers from the kernel's ABI`() throws {
        let source = MemorySource([
            "/dev/net/tun": .special(FileMetadata(kind: .characterDevice, deviceMajor: 10, deviceMinor: 200)),
            "/proc/misc": .text("200 tun"), "/proc/modules": .text("tun 57344 5 vhost_net, Live 0x0"),
            "/sys/module/tun/refcnt": .text("5"), "/sys/class/tpm/tpm0/tpm_version_major": .text("2\n"),
            "/proc/sys/vm/unprivileged_userfaultfd": .text("0\n"),
        ])
        let facts = DeviceProbe.facts(from: source, answers: KernelAnswers())
        #expect(try facts.tun.node.get()?.deviceMinor == 200)
        #expect(try facts.tun.minor.get() == 200)
        #expect(try facts.vhostNet.node.get() == nil)
        #expect(try facts.vhostVsock.minor.get() == 241)
        #expect(try facts.vhostSCSI.minor.get() == nil, "given out at run time, and the driver is not there")
        #expect(try facts.loadsModules.get() == true)
        #expect(try facts.tunIsModule.get() == true)
        #expect(try facts.tpmVersion.get() == 2)
        #expect(try facts.unprivilegedUserfaultfd.get() == false)
        #expect(throws: Undecided.self) { try facts.tun.answer.open.get() }
    }

    @Test func `a kernel without modules, and one that was told to load no more, load none`() throws {
        let none = DeviceProbe.facts(from: MemorySource(), answers: KernelAnswers())
        #expect(try none.loadsModules.get() == false)
        let sealed = MemorySource([
            "/proc/modules": .text("kvm 1 0 - Live 0x0"), "/proc/sys/kernel/modules_disabled": .text("1"),
        ])
        #expect(try DeviceProbe.facts(from: sealed, answers: KernelAnswers()).loadsModules.get() == false)
    }

    @Test func `a TPM of Linux before 5 6 tells its version by its caps`() throws {
        let old = MemorySource(["/sys/class/tpm/tpm0/device/caps": .text("TCG version: 1.2")])
        #expect(try DeviceProbe.facts(from: old, answers: KernelAnswers()).tpmVersion.get() == 1)
        let silent = MemorySource(["/sys/class/tpm/tpm0/uevent": .text("MAJOR=10")])
        #expect(throws: Undecided.self) {
            try DeviceProbe.facts(from: silent, answers: KernelAnswers()).tpmVersion.get()
        }
    }

    @Test func `a capture without these files knows nothing of them`() {
        let facts = DeviceProbe.facts(from: MemorySource([:], absence: .unproven), answers: KernelAnswers())
        #expect(throws: Undecided.self) { try facts.tun.node.get() }
        #expect(throws: Undecided.self) { try facts.loadsModules.get() }
        #expect(throws: Undecided.self) { try facts.tpmVersion.get() }
    }
}

/// glibc's `makedev` is a macro: the bits of a small number.
private func makedev(_ major: UInt, _ minor: UInt) -> dev_t { dev_t(major << 8 | minor) }
