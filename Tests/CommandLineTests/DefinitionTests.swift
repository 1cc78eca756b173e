import Foundation
import Testing

/// `kvmcheck vm`, `network`, `pool` and `diff`, with files and with libvirt's test driver, which needs no daemon.
struct DefinitionTests {
    private static let domain = """
        <domain type='kvm'>
          <name>web1</name>
          <memory unit='GiB'>1</memory>
          <os><type arch='x86_64' machine='q35'>hvm</type></os>
          <devices>
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2' cache='unsafe'/>
              <source file='/var/lib/libvirt/images/web1.qcow2'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <graphics type='vnc' passwd='geheim' listen='127.0.0.1'/>
          </devices>
        </domain>

        """

    private func withFile<Result>(_ text: String = Self.domain, _ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID()).xml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path)
    }

    private static let hasVirsh = Tool.has("virsh")

    @Test func `a finding points to line and column, and --show-xml prints the lines`() throws {
        try withFile { path in
            let plain = try Tool.run("vm", path, "--select", "KVD002")
            #expect(plain.output.contains("at   \(path):7:40\n"))
            #expect(!plain.output.contains("^^^"))
            let shown = try Tool.run("vm", path, "--select", "KVD002", "--show-xml")
            #expect(shown.output.contains("7 │   <driver name='qemu' type='qcow2' cache='unsafe'/>\n"))
            #expect(shown.output.contains("│                                    ^^^^^^^^^^^^^^\n"))
            let all = try Tool.run("vm", path, "--show-xml", "--verbose")
            #expect(!all.output.contains("geheim") && !all.error.contains("geheim"))
        }
    }

    @Test func `JSON has the column and the path`() throws {
        try withFile { path in
            let result = try Tool.run("vm", path, "--select", "KVD002", "--format", "json")
            let top = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            let report = try #require((top["reports"] as? [[String: Any]])?.first)
            let finding = try #require((report["findings"] as? [[String: Any]])?.first)
            let place = try #require((finding["places"] as? [[String: Any]])?.first)
            #expect(place["line"] as? Int == 7)
            #expect(place["column"] as? Int == 40)
            #expect(place["xpath"] as? String == "/domain/devices/disk/driver/@cache")
        }
    }

    @Test(.enabled(if: hasVirsh, "no virsh"))
    func `the test driver's domain is judged by its live XML, and places are paths`() throws {
        let result = try Tool.run("vm", "test", "-c", "test:///default", "--select", "KVD001", "--format", "json")
        let top = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let report = try #require((top["reports"] as? [[String: Any]])?.first)
        let place = try #require(
            (report["findings"] as? [[String: Any]])?.first?["places"] as? [[String: Any]]
        ).first
        #expect(place?["path"] as? String == "test")
        #expect(place?["xpath"] as? String == "/domain/devices/disk")
        #expect(place?["line"] is NSNull && place?["column"] is NSNull)
        let properties = try #require((report["subject"] as? [String: Any])?["properties"] as? [String: Any])
        #expect(properties["state"] as? String == "running")
        #expect(properties["autostart"] as? Bool == false)
        #expect(properties["snapshots"] as? [String] == [])
    }

    @Test(
        .enabled(if: hasVirsh, "no virsh"), arguments: [("vm", "list"), ("network", "net-list"), ("pool", "pool-list")])
    func `--list has the columns and rows of virsh's`(command: String, virsh: String) throws {
        func words(_ text: String) -> [[String]] {
            text.split(separator: "\n").filter { !$0.hasPrefix("--") }.map {
                $0.split(separator: " ").map(String.init)
            }
        }
        let ours = try Tool.run(command, "--list", "-c", "test:///default")
        let theirs = try Tool.bash("LC_ALL=C virsh -c test:///default \(virsh) --all")
        #expect(ours.code == 0)
        #expect(words(ours.output) == words(theirs.output))
    }

    @Test(.enabled(if: hasVirsh, "no virsh")) func `what runs is as it is defined in the test driver`() throws {
        let result = try Tool.run("diff", "test", "-c", "test:///default")
        #expect(result.code == 0, "\(result.output)\(result.error)")
        let missing = try Tool.run("diff", "nobody", "-c", "test:///default")
        #expect(missing.code == 2)
        #expect(missing.error.contains("nobody"))
    }

    @Test(.enabled(if: hasVirsh, "no virsh")) func `a name beside a file stands for its definition`() throws {
        let xml = try Tool.bash("virsh -c test:///default dumpxml --inactive test").output
        let same = try withFile(xml) { try Tool.run("diff", "test", $0, "-c", "test:///default") }
        #expect(same.code == 0, "\(same.output)\(same.error)")
        let other = try withFile(xml.replacingOccurrences(of: ">2</vcpu>", with: ">3</vcpu>")) {
            try Tool.run("diff", "test", $0, "-c", "test:///default")
        }
        #expect(other.code == 1)
        #expect(other.output == "changed /domain/vcpu: 2 → 3\n")
    }

    @Test func `one file alone has nothing to be compared with`() throws {
        try withFile { path in
            let result = try Tool.run("diff", path)
            #expect(result.code == 2)
            #expect(result.error.contains("second document"))
        }
    }

    @Test func `progress is written to no file`() throws {
        try withFile { path in
            let result = try Tool.run("vm", path)
            #expect(!result.error.contains("judging") && !result.output.contains("judging"))
        }
    }

    @Test(.enabled(if: Tool.has("script"), "no script(1)"))
    func `progress on a terminal is one line that is gone at the end`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-many-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for index in 0..<400 {
            let text = Self.domain.replacingOccurrences(of: "web1", with: "web\(index)")
            try Data(text.utf8).write(to: folder.appending(path: "\(index).xml"))
        }
        let result = try Tool.bash(
            "script -qec 'kvmcheck vm \(folder.path) >/dev/null' /dev/null", environment: ["TERM": "xterm"])
        #expect(result.output.contains("judging"))
        #expect(result.output.hasSuffix("\r\u{1b}[K"))
        #expect(!result.output.contains("\n"))
    }
}
