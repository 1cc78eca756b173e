import Foundation
import Testing

@testable import LibvirtProbes

/// A libvirtd of the test's own: its folders are bind mounts in a mount namespace, its networks stand in a network
/// namespace, and its sockets in a temporary folder. Nothing of the machine's own libvirt is seen or touched.
final class PrivateLibvirt: Sendable {
    /// Holds everything: `run` is the daemon's `/run/libvirt`, `etc` its `/etc/libvirt`.
    let folder: URL
    private let daemon = Process()

    /// The daemon of the suite that is running.
    @TaskLocal static var current: PrivateLibvirt?

    /// What is missing here to start one; nil where nothing is.
    static let missing: String? = {
        if geteuid() != 0 { return "not root" }
        let programs = [
            "/usr/sbin/libvirtd", "/usr/bin/virsh", "/usr/bin/qemu-img", "/usr/bin/qemu-system-x86_64",
            "/usr/bin/unshare",
            "/usr/sbin/dnsmasq", "/usr/sbin/iptables",
        ]
        return programs.first { !FileManager.default.isExecutableFile(atPath: $0) }.map { "\($0) is not installed" }
    }()

    static var hasKVM: Bool { access("/dev/kvm", R_OK | W_OK) == 0 }

    func uri(readOnly: Bool) -> String {
        "qemu:///system?socket=\(folder.path)/sock/libvirt-sock\(readOnly ? "-ro" : "")"
    }

    func connect(
        _ access: LibvirtConnection.Access = .readOnly, deadline: Duration = .seconds(60)
    ) throws -> LibvirtConnection {
        try LibvirtConnection.open(
            LibvirtURI(uri(readOnly: access == .readOnly)), access: access, deadline: deadline)
    }

    /// The number that the daemon wrote for a domain's process.
    func pid(of domain: String) throws -> Int32 {
        let text = try String(contentsOf: folder.appending(path: "run/qemu/\(domain).pid"), encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    // MARK: - Starting and ending

    init() throws {
        folder = URL(filePath: "/tmp/kvmcheck-libvirt-\(UUID())")
        for name in ["etc", "run", "lib", "log", "cache", "sock", "images"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        // /dev/kvm may be root's alone; cgroups and mount namespaces may be closed where tests run.
        try write(
            """
            user = "root"
            group = "root"
            stdio_handler = "file"
            cgroup_controllers = []
            namespaces = []
            security_driver = "none"
            """, to: "etc/qemu.conf")
        try write(
            """
            unix_sock_dir = "\(folder.path)/sock"
            unix_sock_ro_perms = "0777"
            auth_unix_ro = "none"
            auth_unix_rw = "none"
            log_outputs = "3:file:\(folder.path)/log/libvirtd.log"
            """, to: "etc/libvirtd.conf")
        try write(
            """
            set -e
            for mount in etc:/etc/libvirt run:/run/libvirt lib:/var/lib/libvirt log:/var/log/libvirt \\
                cache:/var/cache/libvirt; do
                mkdir -p "${mount#*:}"
                mount --bind "$1/${mount%%:*}" "${mount#*:}"
            done
            ip link set lo up
            exec libvirtd --config /etc/libvirt/libvirtd.conf --pid-file "$1/libvirtd.pid"
            """, to: "start")
        daemon.executableURL = URL(filePath: "/usr/bin/unshare")
        daemon.arguments = [
            "--mount", "--net", "--propagation", "private", "/bin/bash", "\(folder.path)/start", folder.path,
        ]
        daemon.environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        daemon.standardInput = FileHandle.nullDevice
        daemon.standardOutput = FileHandle.nullDevice
        daemon.standardError = FileHandle.nullDevice
        // Threads of the test's block most signals, and a process inherits that: the daemon would not hear SIGTERM.
        var none = sigset_t()
        var blocked = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try daemon.run()
        // The socket comes first; the answer waits until QEMU has been asked what it can do.
        var tries = 0
        while !FileManager.default.fileExists(atPath: "\(folder.path)/sock/libvirt-sock-ro"), tries < 200 {
            usleep(50_000)
            tries += 1
        }
        do { try populate() } catch {
            end()
            throw error
        }
    }

    /// Ends what runs below the daemon, then the daemon, each by its own number.
    func end() {
        for name in (try? virsh("list", "--name")).map({ $0.split(separator: "\n") }) ?? [] {
            _ = try? virsh("destroy", String(name))
        }
        for name in (try? virsh("net-list", "--name")).map({ $0.split(separator: "\n") }) ?? [] {
            _ = try? virsh("net-destroy", String(name))
        }
        daemon.terminate()
        var tries = 0
        while daemon.isRunning, tries < 200 {
            usleep(50_000)
            tries += 1
        }
        if daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, to name: String) throws {
        try Data((text + "\n").utf8).write(to: folder.appending(path: name))
    }

    // MARK: - What it holds

    /// `onkvm` and `ontcg` run, `off` does not and has a snapshot, `saved` has a saved state; a network that is started and
    /// one that is not; a pool with two volumes.
    private func populate() throws {
        try write(
            """
            <network><name>apart</name><bridge name='kvmchk0'/><ip address='192.0.2.1' netmask='255.255.255.0'>
            <dhcp><range start='192.0.2.10' end='192.0.2.20'/></dhcp></ip></network>
            """, to: "apart.xml")
        try write("<network><name>idle</name><bridge name='kvmchk1'/></network>", to: "idle.xml")
        for name in ["apart", "idle"] { try virsh("net-define", "\(folder.path)/\(name).xml") }
        try virsh("net-start", "apart")
        try virsh("net-autostart", "apart")
        for name in ["onkvm", "ontcg", "off", "saved"] {
            try run("/usr/bin/qemu-img", ["create", "-q", "-f", "qcow2", "\(folder.path)/images/\(name).qcow2", "16M"])
            try define(name, type: name == "onkvm" && Self.hasKVM ? "kvm" : "qemu")
        }
        try virsh("autostart", "off")
        try virsh("snapshot-create-as", "off", "first")
        for name in ["onkvm", "ontcg", "saved"] { try virsh("start", name) }
        try virsh("managedsave", "saved")
        try virsh("pool-define-as", "files", "dir", "--target", "\(folder.path)/pool")
        for action in ["pool-build", "pool-start"] { try virsh(action, "files") }
        try virsh("vol-create-as", "files", "a.qcow2", "32M", "--format", "qcow2")
        try virsh("vol-create-as", "files", "b.raw", "4M", "--format", "raw")
    }

    /// Defines a domain with a tiny disk and no operating system: its firmware waits for one.
    ///
    /// `host-passthrough` would abort QEMU under some nested hypervisors, so its CPU model is a plain one.
    func define(_ name: String, type: String) throws {
        try write(domain(name, type: type), to: "\(name).xml")
        try virsh("define", "\(folder.path)/\(name).xml")
    }

    func domain(_ name: String, type: String) -> String {
        """
        <domain type='\(type)'><name>\(name)</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
        <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
        <cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model>
        <feature policy='disable' name='svm'/></cpu>
        <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
        <source file='\(folder.path)/images/\(name).qcow2'/><target dev='vda' bus='virtio'/></disk>
        <interface type='network'><source network='apart'/><model type='virtio'/></interface>
        <graphics type='vnc' port='-1' passwd='geheim' listen='127.0.0.1'/>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
        </devices></domain>
        """
    }

    /// virsh over a full connection; its output.
    @discardableResult func virsh(_ arguments: String...) throws -> String { try virsh(arguments) }

    @discardableResult func virsh(_ arguments: [String]) throws -> String {
        try run("/usr/bin/virsh", ["--quiet", "--connect", uri(readOnly: false)] + arguments)
    }

    struct Failure: Error {
        var command: [String]
        var output: String
    }

    @discardableResult func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
        // A file, not a pipe: what virsh starts would keep a pipe open.
        let file = folder.appending(path: "output-\(UUID())")
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        let output = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        guard process.terminationStatus == 0 else { throw Failure(command: [program] + arguments, output: output) }
        return output
    }
}

/// Starts a libvirtd before a suite and ends it afterwards.
struct PrivateLibvirtTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard PrivateLibvirt.missing == nil else { return try await function() }
        let libvirt = try PrivateLibvirt()
        defer { libvirt.end() }
        try await PrivateLibvirt.$current.withValue(libvirt, operation: function)
    }
}

extension Trait where Self == PrivateLibvirtTrait {
    /// A libvirtd of the suite's own, where one can be started.
    static var privateLibvirt: Self { Self() }
}
