import Foundation
import Testing

/// The real binary on machines where something is not as it should be, made in mount namespaces of their own.
@Suite(.enabled(if: geteuid() == 0, "mount namespaces need root"))
struct StrangeMachineTests {
    /// The verdicts by slug, after a line of shell has changed the machine; fails the test if it takes long.
    private func verdicts(_ prepare: String, _ arguments: String = "--no-run") throws -> [String: String] {
        let started = ContinuousClock.now
        let result = try Tool.bash(
            "unshare --mount bash -c '\(prepare); exec kvmcheck host --format json \(arguments)'")
        #expect(started.duration(to: .now) < .seconds(20), "\(prepare)")
        #expect([0, 1, 3].contains(result.code) && result.exited, "\(prepare): \(result.code) \(result.error)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.error)")
        let findings = try #require((report["reports"] as? [[String: Any]])?.first?["findings"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: try findings.map {
                (try #require($0["slug"] as? String), try #require($0["verdict"] as? String))
            })
    }

    private static let garbage = [
        "mkfifo $f", "mkdir $f", "touch $f", "ln -s $f $f.a; ln -s $f.a $f", "head -c 4096 /dev/urandom > $f",
        "truncate -s 1G $f",
    ]

    /// Files of each area, and a rule that rests on each.
    private static let victims = [
        ("/proc/cpuinfo", "virtualization-flag-hidden"), ("/proc/cmdline", "kernel-arguments-contradict"),
        ("/proc/sys/kernel/osrelease", "reboot-pending"), ("/etc/passwd", "kvm-denied-to-qemu"),
    ]

    @Test(.timeLimit(.minutes(3)), arguments: garbage)
    func `garbage bound over a file that is read is said, soon and without a fall`(make: String) throws {
        for (path, slug) in Self.victims where !(make.hasPrefix("mkdir") || make.hasPrefix("ln")) {
            // An empty command line is one, too.
            if make.hasPrefix("touch") && path == "/proc/cmdline" { continue }
            let found = try verdicts(
                "f=/run/kvmcheck-garbage; mount -t tmpfs none /run; \(make); mount --bind $f \(path)")
            guard let verdict = found[slug] else { continue }
            // An empty passwd has no account of libvirt's: then the question does not arise.
            #expect(
                verdict == "unknown" || (make.hasPrefix("touch") && verdict != "pass"), "\(path), \(make): \(verdict)")
        }
        // A directory or a link cannot be bound over a file: they stand in a tree of their own.
        let tree = "mount -t tmpfs none /mnt; cd /mnt; mkdir -p proc/sys/kernel etc; echo x86_64 > proc/sys/kernel/arch"
        let found = try verdicts("\(tree); f=/mnt/proc/cpuinfo; \(make)", "--root /mnt")
        #expect(found["virtualization-flag-hidden"] == "unknown")
    }

    @Test func `it runs where libudev, libvirt and libarchive are not installed`() throws {
        let hide = """
            for l in $(ldconfig -p | sed -n "s/.*=> //p" | grep -E "/lib(udev|virt|archive)\\.so"); do \
            mount --bind /dev/null $l; done
            """
        #expect(try verdicts(hide).count > 50)
        let result = try Tool.bash(
            "unshare --mount bash -c '\(hide); kvmcheck collect --output /tmp/kvmcheck-$$.tar.gz'")
        #expect(result.code == 2)
        #expect(result.error.contains("libarchive is not installed"))
    }

    @Test func `without sys nothing is taken for granted`() throws {
        let found = try verdicts("mount -t tmpfs none /sys")
        for slug in ["kvm-module-missing", "other-hypervisor-loaded", "iommu-not-enabled"] {
            #expect(found[slug] != "pass", "\(slug)")
        }
    }

    @Test func `without proc it says that it cannot even read its command line`() throws {
        let result = try Tool.bash("unshare --mount bash -c 'mount -t tmpfs none /proc; exec kvmcheck host'")
        #expect(result.code == 2)
        #expect(result.error.contains("/proc is not mounted"))
    }
}
