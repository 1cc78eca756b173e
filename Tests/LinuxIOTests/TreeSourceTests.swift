import Foundation
import Testing

@_spi(Probing) @testable import Evidence
@testable import LinuxIO

/// Real files, real FIFOs, real links: whatever stands in the place of a file, the answer comes soon and says what it is.
struct TreeSourceTests {
    private func withTree(_ body: (URL, TreeSource) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root.appending(path: "etc"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try body(root, TreeSource(directory: root.path, absence: .proven))
    }

    @Test func `a file, its metadata and its absence`() throws {
        try withTree { root, tree in
            try Data("node7\n".utf8).write(to: root.appending(path: "etc/hostname"))
            chmod(root.appending(path: "etc/hostname").path, 0o640)
            #expect(tree.text("/etc/hostname").known == "node7")
            #expect(tree.metadata("/etc/hostname").known?.octalMode == "0640")
            #expect(tree.text("/etc/missing").isAbsent)
            #expect(tree.text("/etc/hostname/below").isAbsent)
            #expect(tree.entries("/etc").known == ["hostname"])
            #expect(tree.entries("/missing").isAbsent)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `whatever is no file is an obstacle at once`() throws {
        try withTree { root, tree in
            let etc = root.appending(path: "etc").path
            mkfifo(etc + "/fifo", 0o600)
            mkdir(etc + "/dir", 0o700)
            symlink("loop", etc + "/loop")
            symlink("fifo", etc + "/to-fifo")
            for path in ["/etc/fifo", "/etc/dir", "/etc/to-fifo"] {
                #expect(tree.text(path).obstacle?.kind == .notRegularFile, "\(path)")
            }
            #expect(tree.text("/etc/loop").obstacle?.kind == .unresolvable)
            #expect(tree.entries("/etc/fifo").isAbsent || tree.entries("/etc/fifo").obstacle != nil)
        }
    }

    @Test func `a gigabyte is not read`() throws {
        try withTree { root, tree in
            let path = root.appending(path: "etc/huge").path
            let file = open(path, O_WRONLY | O_CREAT, 0o600)
            ftruncate(file, 1 << 30)
            close(file)
            let before = try residentKiB()
            #expect(tree.text("/etc/huge").obstacle?.kind == .tooLarge)
            #expect(try residentKiB() - before < 64 << 10)
        }
    }

    private func residentKiB() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber)))
    }

    @Test func `links do not lead out of a captured tree`() throws {
        try withTree { root, tree in
            let etc = root.appending(path: "etc").path
            symlink("/etc/passwd", etc + "/absolute")
            symlink("../../../../../../etc/passwd", etc + "/climbing")
            #expect(tree.text("/etc/absolute").isAbsent)
            #expect(tree.text("/etc/climbing").isAbsent)
            try Data("inside".utf8).write(to: root.appending(path: "etc/passwd"))
            #expect(tree.text("/etc/absolute").known == "inside")
            #expect(tree.link("/etc/absolute").known == "/etc/passwd")
        }
    }

    @Test func `a text in a program's read-only data is found without running it`() throws {
        #expect(TreeSource.live.text(after: "no such text is in this program ", in: "/bin/sh", limit: 64).isAbsent)
        try withTree { root, tree in
            let path = root.appending(path: "etc/tool")
            var content = Data(repeating: 0x20, count: (1 << 20) - 5)
            content.append(Data("QEMU emulator version 7.2.22 (Debian)\n".utf8))
            try content.write(to: path)
            let found = tree.text(after: "QEMU emulator version ", in: "/etc/tool", limit: 64)
            #expect(found.known == "7.2.22 (Debian)")
        }
    }

    @Test func `the live machine is read`() {
        #expect(TreeSource.live.text("/proc/sys/kernel/ostype").known == "Linux")
        #expect(TreeSource.live.link("/proc/self/exe").known?.isEmpty == false)
        #expect(TreeSource.live.link("/proc/version").isAbsent)
    }
}
