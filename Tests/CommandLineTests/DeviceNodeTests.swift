import Foundation
import Testing

/// Other things in the place of `/dev/kvm`, for real: each test changes its own mount namespace, and no other.
@Suite(.enabled(if: geteuid() == 0, "mount namespaces and device nodes need root"))
struct DeviceNodeTests {
    private struct Verdict: Equatable {
        var verdict: String
        var severity: String
    }

    /// The verdicts of the rules about KVM, by slug, with `/dev` prepared by a line of shell.
    ///
    /// - Parameter prefix: A command that runs kvmcheck, such as `setpriv`.
    private func verdicts(
        _ prepare: String, prefix: String = "", select: String = "KVH00,KVH01,KVH02"
    ) throws -> (code: Int32, verdicts: [String: Verdict], messages: [String: String]) {
        let result = try Tool.bash(
            "unshare --mount bash -c '\(prepare); exec \(prefix) kvmcheck host --select \(select) --format json'")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.error)")
        let subjects = try #require(report["reports"] as? [[String: Any]])
        let findings = try #require(subjects.first?["findings"] as? [[String: Any]])
        var verdicts: [String: Verdict] = [:]
        var messages: [String: String] = [:]
        for finding in findings {
            let slug = try #require(finding["slug"] as? String)
            verdicts[slug] = Verdict(
                verdict: finding["verdict"] as? String ?? "", severity: finding["severity"] as? String ?? "")
            messages[slug] = finding["message"] as? String
        }
        return (result.code, verdicts, messages)
    }

    /// A `/dev` of its own, with what every program needs and without `/dev/kvm`.
    private let emptyDevices = """
        mount -t tmpfs none /dev; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9
        """

    private let failed = Verdict(verdict: "fail", severity: "error")

    @Test func `nothing at all is a missing device`() throws {
        let (code, verdicts, _) = try verdicts(emptyDevices)
        #expect(verdicts["kvm-device-missing"] == failed)
        #expect(verdicts["guest-went-wrong"]?.verdict == "notApplicable")
        #expect(code == 1)
    }

    @Test(arguments: [
        ("touch /dev/kvm", "/dev/kvm is a regular file"),
        ("mkdir /dev/kvm", "/dev/kvm is a directory"),
        ("mkfifo /dev/kvm", "/dev/kvm is a FIFO"),
        ("mknod /dev/kvm b 7 0", "/dev/kvm is a block device"),
        ("mknod -m 666 /dev/kvm c 1 3", "/dev/kvm is character device 1:3, not 10:232"),
    ])
    func `what is there and is not KVM is named`(make: String, message: String) throws {
        let (code, verdicts, messages) = try verdicts(emptyDevices + "; " + make)
        #expect(verdicts["kvm-device-missing"]?.verdict == "pass")
        #expect(verdicts["kvm-device-not-kvm"] == failed)
        #expect(messages["kvm-device-not-kvm"] == message)
        #expect(verdicts["guest-went-wrong"]?.verdict != "pass")
        #expect(code == 1)
    }

    @Test func `the null device bound over it is not KVM`() throws {
        let (code, verdicts, _) = try verdicts("mount --bind /dev/null /dev/kvm")
        #expect(verdicts["kvm-device-not-kvm"] == failed)
        #expect(verdicts["guest-went-wrong"]?.verdict == "notApplicable")
        #expect(code == 1)
    }

    @Test(.enabled(if: access("/dev/kvm", F_OK) == 0, "no /dev/kvm"))
    func `no permission is a warning and leaves the proof undecided`() throws {
        let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
        let (code, verdicts, messages) = try verdicts(
            "mount -t tmpfs none /dev; mknod -m 600 /dev/kvm c 10 232; mknod -m 666 /dev/null c 1 3", prefix: nobody,
            select: "KVH00,KVH01")
        #expect(verdicts["kvm-denied-to-user"] == Verdict(verdict: "fail", severity: "warning"))
        #expect(messages["kvm-denied-to-user"]?.hasSuffix("may not open /dev/kvm") == true)
        #expect(verdicts["guest-went-wrong"]?.verdict == "unknown")
        #expect(verdicts["kvm-api-version"]?.verdict == "unknown")
        #expect(verdicts["kvm-driver-absent"]?.verdict == "unknown")
        // Where libvirt is installed, its QEMU may not open this node either, and that is a fault: code 1.
        #expect(code == (verdicts["kvm-denied-to-qemu"]?.verdict == "fail" ? 1 : 3))
    }

    /// The list is written as the kernel keeps it (linux/posix_acl_xattr.h): `u::rw u:64055:rw g::- m::rw o::-`.
    private let givenByList = """
        python3 -c "import os, struct; os.setxattr(\\"/dev/kvm\\", \\"system.posix_acl_access\\", \
        struct.pack(\\"<I\\", 2) + b\\"\\".join(struct.pack(\\"<HHI\\", *e) for e in [(1, 6, 2**32 - 1), \
        (2, 6, 64055), (4, 0, 2**32 - 1), (16, 6, 2**32 - 1), (32, 0, 2**32 - 1)]))"
        """

    @Test(.enabled(if: Tool.has("python3"), "no python3"))
    func `what an access control list may give is not called denied`() throws {
        let (_, verdicts, _) = try verdicts(
            emptyDevices + "; mknod -m 600 /dev/kvm c 10 232; " + givenByList, select: "KVH001,KVH005")
        // Without libvirt there is no user of QEMU's to ask about.
        let verdict = verdicts["kvm-denied-to-qemu"]?.verdict
        #expect(verdict == "unknown" || verdict == "notApplicable", "\(verdict ?? "none")")
    }

    @Test func `as an unprivileged user nothing becomes a fault for want of privilege`() throws {
        func errors(_ prefix: String) throws -> Set<String> {
            let (_, verdicts, _) = try verdicts("true", prefix: prefix, select: "KVH")
            return Set(verdicts.filter { $0.value.verdict == "fail" }.keys)
        }
        let asRoot = try errors("")
        let asNobody = try errors("setpriv --reuid=65534 --regid=65534 --clear-groups")
        // The one finding that is about the invoking user himself.
        #expect(asNobody.subtracting(asRoot).subtracting(["kvm-denied-to-user"]).isEmpty)
    }
}
