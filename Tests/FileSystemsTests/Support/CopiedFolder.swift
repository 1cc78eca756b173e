import ByteReading
import Evidence
import FileSystems
import Foundation
import Testing

/// A folder of this machine, from which a foreign tool filled an image, or into which one unpacked it: the oracle of file
/// systems that this kernel does not mount.
struct CopiedFolder {
    let path: String

    /// Fills a folder: names of every kind, sizes around the boundaries of clusters, a tree with depth.
    static func make(in folder: URL, named name: String = "tree", links: Bool = false, many: Int = 300) throws
        -> CopiedFolder
    {
        let root = folder.appending(path: name)
        let files = FileManager.default
        func write(_ path: String, _ count: Int) throws {
            let file = root.appending(path: path)
            try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }).write(to: file)
        }
        for size in [0, 1, 511, 512, 513, 2047, 2048, 2049, 4096, 32768, 65537, 300_000] {
            try write("sizes/f\(size)", size)
        }
        for name in [
            "README", "lower", "MixedCase.Txt", "a.b.c.d", "with space", "UPPER.lower", "lower.UPPER", "exactly8.txt",
            "ninechars.t", "ümlaut ß.txt", "日本語のファイル名", "emoji 🐧🐧", "trailing.dots", "+,;=[]",
            String(repeating: "long", count: 40), String(repeating: "é", count: 60), "user-data", "meta-data",
        ] { try write("names/\(name)", name.utf8.count) }
        for number in 0..<many { try write("many/file number \(number)", number % 7) }
        try write("a/b/c/d/e/f/g/h/i/j/k/deep", 10)
        try write("EFI/BOOT/BOOTX64.EFI", 5000)
        try files.createDirectory(at: root.appending(path: "empty"), withIntermediateDirectories: true)
        if links {
            for (name, target) in [
                ("link", "../names/README"), ("absolute", "/etc/passwd"), ("up", "../.."), ("here", "."),
                ("slash", "/"),
                ("long", Array(repeating: "component-of-a-path", count: 10).joined(separator: "/")),
                ("a-long-one", String(repeating: "x", count: 250)),
            ] {
                let link = root.appending(path: "links/\(name)")
                try files.createDirectory(at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
                try files.createSymbolicLink(atPath: link.path, withDestinationPath: target)
            }
        }
        return CopiedFolder(path: root.path)
    }

    /// Holds every path's kind, size, content and target against the folder's; times and modes where the tool keeps them.
    func expectSame(
        as reader: some FileSystemReader, times: Bool = false, modes: Bool = false,
        named rename: (String) -> String = { $0 }
    ) throws {
        let files = FileManager.default
        var wanted: [String: String] = [:]
        for name in try files.subpathsOfDirectory(atPath: path) { wanted[rename(name)] = name }
        var seen: Set<String> = []
        try reader.walk(try reader.node(reader.rootNumber)) { item throws(FormatError) in
            let name = FileName.text(of: item.path)
            seen.insert(name)
            #expect(item.listingError == nil, "\(name)")
            guard let original = wanted[name] else {
                Issue.record("\(name) is too many")
                return false
            }
            let node = try item.node.get()
            let full = "\(path)/\(original)"
            var status = stat()
            lstat(full, &status)
            switch status.st_mode & S_IFMT {
            case S_IFDIR: #expect(node.metadata.kind == .directory, "\(name)")
            case S_IFLNK:
                #expect(node.metadata.kind == .symbolicLink, "\(name)")
                let target = FileName.text(of: try reader.linkTarget(of: node))
                #expect(target == (try? files.destinationOfSymbolicLink(atPath: full)), "\(name)")
            default:
                #expect(node.metadata.kind == .regular, "\(name)")
                #expect(node.metadata.size == UInt64(status.st_size), "\(name)")
                let content = try reader.content(of: node)
                #expect(
                    try content.bytes(at: 0, count: Int(content.size))
                        == files.contents(atPath: full).map { Array($0) },
                    "\(name)")
                // FAT counts in steps of two seconds.
                if times, let modified = node.modified {
                    #expect(abs(modified.seconds - Int64(status.st_mtim.tv_sec)) <= 1, "\(name)")
                }
            }
            if modes {
                #expect(node.metadata.mode == UInt16(status.st_mode & 0o7777), "\(name)")
                #expect(node.metadata.owner == status.st_uid && node.metadata.group == status.st_gid, "\(name)")
            }
            return true
        }
        #expect(Set(wanted.keys).subtracting(seen) == [])
    }
}
