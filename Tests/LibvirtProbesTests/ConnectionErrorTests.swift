import Glibc
import LinuxIO
import Testing

@testable import LibvirtProbes

/// Each way not to be connected is a sentence of its own with a remedy of its own.
struct ConnectionErrorTests {
    private func error(_ uri: String, deadline: Duration = .seconds(10)) -> LibvirtError? {
        let error = #expect(throws: LibvirtError.self) {
            try LibvirtConnection.open(LibvirtURI(uri), deadline: deadline)
        }
        #expect(error?.sentence.isEmpty == false && error?.remedy.isEmpty == false)
        return error
    }

    @Test func `a missing socket is no daemon`() {
        let error = error("qemu:///system?socket=/nonexistent/libvirt-sock")
        #expect(error?.kind == .noDaemon)
        #expect(error?.remedy.contains("systemctl start libvirtd") == true)
        #expect(error?.message.contains("/nonexistent/libvirt-sock") == true)
    }

    @Test func `a socket that nobody listens on is refused`() throws {
        let socket = try ListeningSocket()
        socket.abandon()
        #expect(error("qemu:///system?socket=\(socket.path)")?.kind == .refused)
    }

    @Test func `a daemon that never answers is given up at the deadline`() throws {
        let socket = try ListeningSocket()
        let clock = ContinuousClock()
        let start = clock.now
        #expect(error("qemu:///system?socket=\(socket.path)", deadline: .milliseconds(300))?.kind == .timedOut)
        #expect(clock.now - start < .seconds(5))
    }

    @Test func `a call that was given up does not keep the process from its end`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let socket = try ListeningSocket()
            do {
                let uri = try LibvirtURI("qemu:///system?socket=\(socket.path)")
                _ = try LibvirtConnection.open(uri, deadline: .milliseconds(100))
            } catch {
                socket.remove()
                exit((error as? LibvirtError)?.kind == .timedOut ? 7 : 8)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can try how it is for others"))
    func `a socket that this user may not open is a matter of permission`() throws {
        let socket = try ListeningSocket(mode: 0o700)
        // Only this thread becomes nobody, and so the threads that it makes; nothing here gives it away meanwhile.
        guard let libc = DynamicLibrary("libc.so.6"),
            let become = libc.function("setfsuid", as: (@convention(c) (UInt32) -> Int32).self)
        else {
            Issue.record("libc has no setfsuid")
            return
        }
        _ = become(65534)
        defer { _ = become(0) }
        let error = error("qemu:///system?socket=\(socket.path)")
        #expect(error?.kind == .permissionDenied)
        #expect(error?.remedy.contains("usermod -aG libvirt") == true)
    }

    @Test func `the wrong case of a scheme is said before anything connects`() {
        let error = error("QEMU:///system?socket=/nonexistent/libvirt-sock")
        #expect(error?.kind == .unknownScheme)
        #expect(error?.remedy.contains("qemu:///system") == true)
    }

    @Test func `a driver that nobody knows is not a missing daemon`() throws {
        #expect(error("foo:///system?socket=/nonexistent/libvirt-sock")?.kind == .unknownScheme)
        let socket = try ListeningSocket()
        socket.abandon()
        #expect(error("foo:///system?socket=\(socket.path)")?.kind == .unknownScheme)
    }

    @Test func `a host that does not resolve is unknown`() {
        #expect(error("qemu+tcp://no-such-host.invalid/system")?.kind == .unknownHost)
    }

    @Test func `a port where nobody listens is refused`() {
        let error = error("qemu+tcp://127.0.0.1:1/system")
        #expect(error?.kind == .refused)
        #expect(error?.sentence.contains("127.0.0.1") == true)
    }

    @Test func `a file of the test driver that is not there is libvirt's own error`() {
        #expect(error("test:///nonexistent/host.xml")?.kind == .other)
    }

    @Test func `TLS without certificates says so`() {
        let error = error("qemu://127.0.0.1/system?pkipath=/nonexistent")
        #expect(error?.kind == .authenticationFailed)
        #expect(error?.remedy.contains("qemu+ssh://127.0.0.1/system") == true)
    }
}
