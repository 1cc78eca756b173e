import Foundation
import Testing

/// `kvmcheck image` as a user meets it, on images that qemu-img, sgdisk and mkfs made.
struct ImageTests {
    /// Runs a script in a folder of its own, in which `kvmcheck` is the built one.
    private func bash(_ script: String, _ body: (Tool.Result) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-image-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try Tool.bash("set -e; cd '\(folder.path)'; \(script)")
        try body(result)
    }

    /// An installed system, more or less: an EFI system partition and a root.
    private static let disk = """
        mkdir -p root/etc root/bin root/boot
        printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\\n' > root/etc/os-release
        printf 'one line\\n' > root/etc/fstab; ln -s fstab root/etc/mtab
        head -c 3000000 /dev/urandom > root/boot/kernel
        truncate -s 64M disk.raw
        sgdisk -n 15:2048:+8M -t 15:ef00 -n 1:0:0 -t 1:8304 disk.raw >/dev/null
        start=$(sgdisk -i 1 disk.raw | awk '/First sector/ { print $3 }')
        mkfs.ext4 -q -F -L root -d root -E offset=$((start * 512)) disk.raw 53M 2>/dev/null
        qemu-img convert -O qcow2 disk.raw base.qcow2
        qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 overlay.qcow2
        """

    private func report(_ result: Tool.Result) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(object?["reports"] as? [[String: Any]])
    }

    private func failed(_ report: [String: Any]) throws -> [String] {
        let findings = try #require(report["findings"] as? [[String: Any]])
        return findings.filter { $0["verdict"] as? String == "fail" }.compactMap { $0["rule"] as? String }
    }

    @Test func `an overlay of an installed system is sound, and is drawn`() throws {
        try bash("\(Self.disk); kvmcheck image overlay.qcow2") { result in
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("image overlay.qcow2 · qcow2 1.1 · 64 MiB"))
            #expect(result.output.contains("└─ base.qcow2"))
            #expect(result.output.contains("← Debian GNU/Linux 12 (bookworm)"))
            #expect(result.output.contains("EFI System"))
        }
    }

    @Test func `what qemu-img and sfdisk say is said`() throws {
        let script = """
            \(Self.disk)
            kvmcheck image --format json overlay.qcow2 > ours.json
            qemu-img info --output=json overlay.qcow2 > image.json
            sfdisk --json disk.raw > table.json
            blkid -p -o value -s UUID -O $((start * 512)) disk.raw > uuid
            python3 - <<'END'
            import json
            ours = json.load(open("ours.json"))["reports"][0]["image"]
            theirs = json.load(open("image.json"))
            table = json.load(open("table.json"))["partitiontable"]
            assert ours["format"]["virtualSize"] == theirs["virtual-size"]
            assert ours["allocatedSize"] == theirs["actual-size"]
            assert ours["format"]["clusterSize"] == theirs["cluster-size"]
            assert ours["format"]["version"] == theirs["format-specific"]["data"]["compat"]
            assert ours["chain"][1]["reference"] == theirs["backing-filename"]
            assert ours["chain"][1]["claimedFormat"] == theirs["backing-filename-format"]
            assert ours["disk"]["table"]["identifier"] == table["id"].lower()
            assert [(p["start"], p["size"]) for p in ours["disk"]["table"]["partitions"]] == [
                (p["start"] * 512, p["size"] * 512) for p in
                sorted(table["partitions"], key=lambda p: int(p["node"].removeprefix("disk.raw")))]
            content = ours["disk"]["table"]["partitions"][0]["content"]
            assert content["type"] == "ext4" and content["label"] == "root"
            assert content["uuid"] == open("uuid").read().strip()
            assert ours["disk"]["roots"] == [
                {"location": "partition 1", "system": "Debian GNU/Linux 12 (bookworm)"}]
            END
            """
        try bash(script) { result in #expect(result.code == 0, "\(result.error)") }
    }

    @Test func `files are listed and copied, byte for byte`() throws {
        let script = """
            \(Self.disk)
            kvmcheck image cat overlay.qcow2 /boot/kernel | cmp - root/boot/kernel
            kvmcheck image cat overlay.qcow2 /etc/mtab | cmp - root/etc/fstab
            (cd root && find . -mindepth 1 | sed 's,^./,,' | sort) > theirs
            kvmcheck image ls -R overlay.qcow2 | grep -v lost+found | LC_ALL=C sort > ours
            LC_ALL=C sort theirs | diff - ours
            kvmcheck image ls -l overlay.qcow2 /etc
            """
        try bash(script) { result in
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("lrwxrwxrwx     0     0            5 "))
            #expect(result.output.contains("mtab -> fstab"))
        }
    }

    @Test(arguments: [
        ("image cat overlay.qcow2 /nothing", "no such file or directory in the image: /nothing"),
        ("image cat overlay.qcow2 /etc", "/etc is a directory"),
        ("image cat -p 7 overlay.qcow2 /etc/fstab", "no file system in partition 7"),
        ("image ls nothing.qcow2", "no file system to read in nothing.qcow2"),
        ("image cat overlay.qcow2", "PATH is missing"),
        ("image", "IMAGE is missing"),
    ])
    func `what cannot be read is said`(words: String, says: String) throws {
        try bash("\(Self.disk); kvmcheck \(words)") { result in
            #expect(result.code == 2)
            #expect(result.output.isEmpty)
            #expect(result.error.contains(says), "\(result.error)")
        }
    }

    /// What a stranger's image may name; none of it is opened, and all of it is named.
    @Test(arguments: [
        "/etc/shadow", "nbd://127.0.0.1:1/x", "json:{\"driver\":\"file\",\"filename\":\"/etc/shadow\"}",
        "../../../etc/shadow",
        "/dev/null", "fifo",
    ])
    func `a backing file that leads elsewhere is refused`(reference: String) throws {
        let script = """
            mkdir images; cd images; mkfifo fifo
            qemu-img create -q -u -f qcow2 -b '\(reference)' -F raw bad.qcow2 1M
            strace -f -e trace=openat,openat2,connect -o ../trace "$(command -v kvmcheck)" image --format json bad.qcow2 || code=$?
            grep -E 'shadow|/dev/null|AF_INET|fifo' ../trace | grep -vE 'O_PATH|-1 ' >&2 || true
            exit $code
            """
        try bash(script) { result in
            #expect(result.code == 1)
            #expect(result.error.isEmpty, "opened: \(result.error)")
            let report = try #require(try report(result).first)
            #expect(try failed(report).contains("KVI021"))
            let image = try #require(report["image"] as? [String: Any])
            let chain = try #require(image["chain"] as? [[String: Any]])
            #expect(chain.last?["reference"] as? String == reference)
            #expect(chain.last?["state"] as? String == "refused")
        }
    }

    @Test func `an allowed folder is read`() throws {
        let script = """
            mkdir base images; \(Self.disk); mv base.qcow2 base/
            qemu-img create -q -f qcow2 -b ../base/base.qcow2 -F qcow2 images/vm.qcow2
            kvmcheck image --quiet images/vm.qcow2 && exit 9
            kvmcheck image --quiet --allow-backing base images/vm.qcow2
            """
        try bash(script) { result in
            #expect(result.code == 0, "\(result.output)\(result.error)")
            #expect(result.output.contains("KVI021"))
        }
    }

    /// The faults that an administrator meets, made by the tools that make them.
    @Test(arguments: [
        ("KVI003", "mv base.qcow2 base.raw; kvmcheck image --format json base.raw"),
        ("KVI004", "truncate -s -1M base.qcow2; kvmcheck image --format json base.qcow2"),
        ("KVI004", "truncate -s 300000 base.qcow2; kvmcheck image --format json base.qcow2"),
        ("KVI004", "truncate -s 60 base.qcow2; kvmcheck image --format json base.qcow2"),
        ("KVI015", "truncate -s 0 disk.raw; kvmcheck image --format json disk.raw"),
        ("KVI009", "qemu-img snapshot -c before base.qcow2; kvmcheck image --format json base.qcow2"),
        ("KVI010", "qemu-img amend -o compat=0.10 base.qcow2; kvmcheck image --format json base.qcow2"),
        ("KVI020", "rm base.qcow2; kvmcheck image --format json overlay.qcow2"),
        ("KVI024", "qemu-img rebase -u -F raw -b base.qcow2 overlay.qcow2; kvmcheck image --format json overlay.qcow2"),
        ("KVI030", "truncate -s 1M empty.raw; kvmcheck image --format json empty.raw"),
        ("KVI031", "truncate -s 8M fs.raw; mkfs.ext4 -q fs.raw; kvmcheck image --format json fs.raw"),
        ("KVI032", "qemu-img resize -q base.qcow2 80M; kvmcheck image --format json base.qcow2"),
        ("KVI034", "truncate -s 8M m.raw; echo 63,8000,83 | sfdisk -q m.raw; kvmcheck image --format json m.raw"),
        ("KVI035", "truncate -s 60M disk.raw; kvmcheck image --format json disk.raw"),
        ("KVI013", "truncate -s +1 disk.raw; kvmcheck image --format json disk.raw"),
    ])
    func `a fault is found`(rule: String, script: String) throws {
        try bash("\(Self.disk); \(script)") { result in
            let report = try #require(try report(result).first, "\(result.error)")
            let failed = try failed(report)
            #expect(failed.contains(rule), "\(failed)")
        }
    }

    /// What is in it was not looked at, so nothing is claimed of it.
    @Test func `a file system that is only recognised is not said to be sound`() throws {
        try bash("truncate -s 128M b.raw; mkfs.btrfs -q b.raw >/dev/null; kvmcheck image --format json b.raw") {
            result in
            let report = try #require(try report(result).first, "\(result.error)")
            let findings = try #require(report["findings"] as? [[String: Any]])
            for rule in ["KVI040", "KVI041", "KVI042", "KVI048"] {
                let finding = try #require(findings.first { $0["rule"] as? String == rule })
                #expect(finding["verdict"] as? String == "unknown", "\(rule)")
            }
            #expect(try failed(report).contains("KVI046"))
        }
    }

    @Test func `several images come in the order given, the missing one too`() throws {
        try bash("\(Self.disk); kvmcheck image --format json overlay.qcow2 none.qcow2 disk.raw base.qcow2") { result in
            #expect(result.code == 1)
            let names = try report(result).compactMap { ($0["subject"] as? [String: Any])?["name"] as? String }
            #expect(names == ["overlay.qcow2", "none.qcow2", "disk.raw", "base.qcow2"])
        }
    }
}
