import ByteReading
import Evidence
import FileSystems
import Foundation
import LinuxIO
import Testing

/// Paths, links and trees, over a file system that mkfs filled.
struct PathTests {
    private func reader() throws -> (TestVolume, ExtFileSystem) {
        let volume = try TestVolume(size: 8 << 20)
        let tree = volume.folder.appending(path: "tree")
        let files = FileManager.default
        for name in ["etc/systemd", "usr/lib", "a/b/c"] {
            try files.createDirectory(at: tree.appending(path: name), withIntermediateDirectories: true)
        }
        try Data("ID=debian\n".utf8).write(to: tree.appending(path: "usr/lib/os-release"))
        try Data("x".utf8).write(to: tree.appending(path: "etc/systemd/dev-disk-by\\x2dlabel.swap"))
        try Data(repeating: 0x20, count: 3 << 20).write(to: tree.appending(path: "usr/lib/program"))
        let handle = try FileHandle(forWritingTo: tree.appending(path: "usr/lib/program"))
        // Across the border of two pieces of a megabyte.
        try handle.seek(toOffset: (1 << 20) - 4)
        handle.write(Data("Version=1.2.3\u{1}".utf8))
        try handle.close()
        for (name, target) in [
            ("etc/os-release", "../usr/lib/os-release"), ("lib", "usr/lib"), ("etc/absolute", "/usr/lib/os-release"),
            ("etc/out", "../../../../../../usr/lib/os-release"), ("loop", "loop2"), ("loop2", "loop"),
            ("gone", "/nothing"),
            ("a/b/c/up", "../../../etc/os-release"), ("here", "."), ("a/top", "/"),
            ("file-as-folder", "usr/lib/os-release/x"),
        ] {
            try files.createSymbolicLink(atPath: tree.appending(path: name).path, withDestinationPath: target)
        }
        var chain = "etc/os-release"
        for index in 0..<45 {
            try files.createSymbolicLink(
                atPath: tree.appending(path: "chain\(index)").path, withDestinationPath: chain)
            chain = "chain\(index)"
        }
        // A name in Latin-1, which Foundation cannot write.
        try TestVolume.run("sh", ["-c", "cd '\(tree.path)/a' && printf latin > \"$(printf 'Gr\\374\\337e')\""])
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-d", tree.path, volume.image])
        return (volume, try ExtFileSystem(try volume.blocks()))
    }

    @Test func `links are followed inside the file system`() throws {
        let (volume, reader) = try reader()
        for path in [
            "/usr/lib/os-release", "/etc/os-release", "/lib/os-release", "/etc/absolute", "/etc/out", "/a/b/c/up",
            "/a/../etc/os-release", "//usr///lib/./os-release", "/../../usr/lib/os-release",
            "/here/here/lib/os-release",
            "/a/top/a/top/etc/os-release", "usr/lib/os-release", "/chain10", "/lib/../lib/os-release",
        ] {
            #expect(try reader.read(path, limit: 100).get() == Array("ID=debian\n".utf8), "\(path)")
        }
        #expect(try reader.text("/etc/os-release").get() == "ID=debian")
        withExtendedLifetime(volume) {}
    }

    @Test func `what is not there is proven to be absent, and a loop is an obstacle`() throws {
        let (volume, reader) = try reader()
        for path in ["/nothing", "/etc/nothing/more", "/gone", "/usr/lib/os-release/x", "/file-as-folder"] {
            #expect(try reader.metadata(path).get() == nil, "\(path)")
            #expect(try reader.exists(path).get() == false)
        }
        // Forty links are followed, as by the kernel.
        #expect(try reader.exists("/chain38").get() == true)
        for path in ["/loop", "/loop/x", "/chain44"] {
            let undecided = #expect(throws: Undecided.self) { try reader.metadata(path).get() }
            #expect(undecided?.obstacle.kind == .unresolvable)
        }
        withExtendedLifetime(volume) {}
    }

    @Test func `a source answers as it should`() throws {
        let (volume, reader) = try reader()
        #expect(try reader.entries("/etc").get() == ["absolute", "os-release", "out", "systemd"])
        #expect(try reader.entries("/lib").get() == ["os-release", "program"])
        #expect(try reader.link("/etc/os-release").get() == "../usr/lib/os-release")
        #expect(try reader.link("/loop").get() == "loop2")
        #expect(try reader.link("/etc").get() == nil)
        #expect(try reader.link("/nothing").get() == nil)
        #expect(try reader.metadata("/lib").get()?.kind == .directory)
        #expect(try reader.metadata("/usr/lib/program").get()?.size == 3 << 20)
        #expect(try reader.text(after: "Version=", in: "/usr/lib/program", limit: 20).get() == "1.2.3")
        #expect(try reader.text(after: "Nothing=", in: "/usr/lib/program", limit: 20).get() == nil)
        #expect(try reader.read("/etc/systemd/dev-disk-by\\x2dlabel.swap", limit: 10).get() == [0x78])
        let kinds: [(String, Obstacle.Kind)] = [("/etc", .notRegularFile), ("/usr/lib/program", .tooLarge)]
        for (path, kind) in kinds {
            let undecided = #expect(throws: Undecided.self) { try reader.read(path, limit: 1000).get() }
            #expect(undecided?.obstacle.kind == kind)
        }
        #expect(throws: Undecided.self) { try reader.entries("/usr/lib/program").get() }
        withExtendedLifetime(volume) {}
    }

    @Test func `a name that is not UTF-8 is found by its text and by its bytes`() throws {
        let (volume, reader) = try reader()
        let name: [UInt8] = [0x47, 0x72, 0xfc, 0xdf, 0x65]
        let text = try #require(try reader.entries("/a").get()?.first { !$0.utf8.allSatisfy { $0 < 0x80 } })
        #expect(FileName.bytes(of: text) == name)
        #expect(try reader.read("/a/\(text)", limit: 10).get() == Array("latin".utf8))
        guard case .found(let node) = try reader.resolve(Array("/a/".utf8) + name) else { throw TestFailure() }
        #expect(try reader.content(of: node).bytes(at: 0, count: 5) == Array("latin".utf8))
        withExtendedLifetime(volume) {}
    }

    @Test func `a walk comes to everything once, each directory before what is in it`() throws {
        let (volume, reader) = try reader()
        var paths: [String] = []
        try reader.walk(try reader.node(reader.rootNumber)) { item throws(FormatError) in
            paths.append(FileName.text(of: item.path))
            #expect(item.listingError == nil)
            return true
        }
        let found = try TestVolume.run(
            "find", [volume.folder.appending(path: "tree").path, "-mindepth", "1", "-printf", "%P\\0"])
        #expect(paths.count == found.split(separator: "\0").count + 1)
        #expect(paths.firstIndex(of: "usr") ?? 99 < paths.firstIndex(of: "usr/lib") ?? 0)
        #expect(paths.contains("lost+found") && paths.contains("a/b/c/up") && paths.contains("etc/os-release"))
        #expect(throws: FormatError.self) {
            try reader.walk(try reader.node(reader.rootNumber), limit: 5) { _ in true }
        }
        var top = 0
        try reader.walk(try reader.node(reader.rootNumber)) { _ in
            top += 1
            return false
        }
        #expect(top == (try reader.entries("/").get()?.count))
        withExtendedLifetime(volume) {}
    }

    @Test func `a directory that contains itself is a fault and no endless walk`() throws {
        let (volume, _) = try reader()
        try TestVolume.run("debugfs", ["-w", "-R", "ln a a/b/c/again", volume.image])
        let reader = try ExtFileSystem(try volume.blocks())
        var faults: [FormatError] = []
        try reader.walk(try reader.node(reader.rootNumber), limit: 1000) { item throws(FormatError) in
            if let error = item.listingError { faults.append(error) }
            return true
        }
        #expect(faults.count == 1)
        #expect(try reader.exists("/a/b/c/again/b/c").get() == true)
    }

    @Test func `few bytes of an image are read for a few files`() throws {
        let volume = try TestVolume(size: 1 << 30)
        let tree = try SmallTree.make(in: volume.folder, many: 2000)
        try TestVolume.run("mkfs.ext4", ["-q", "-F", "-d", tree, volume.image])
        let recording = RecordingBlocks(try volume.blocks())
        let reader = try ExtFileSystem(recording)
        for path in ["/etc/fstab", "/etc/default/grub", "/links/chain", "/nothing", "/many/a-name-of-some-length-1999"]
        {
            _ = reader.read(path, limit: 1 << 20)
            _ = reader.metadata(path)
        }
        #expect(recording.total < 1 << 20)
    }
}
