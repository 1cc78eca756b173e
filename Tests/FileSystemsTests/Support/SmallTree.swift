import Foundation

/// A small tree that a tool of mkfs puts into an image without a mount.
enum SmallTree {
    /// Makes it below a folder, and gives where it is.
    static func make(in folder: URL) throws -> String {
        let tree = folder.appending(path: "tree")
        let files = FileManager.default
        for name in ["etc/default", "links", "many", "deep/a/b/c/d/e"] {
            try files.createDirectory(at: tree.appending(path: name), withIntermediateDirectories: true)
        }
        func write(_ name: String, _ count: Int) throws {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 31 + $0 >> 8) }
            try Data(bytes).write(to: tree.appending(path: name))
        }
        try write("etc/fstab", 40)
        try write("etc/default/grub", 120)
        try write("etc/large", 400_000)
        try write("deep/a/b/c/d/e/file", 5000)
        for index in 0..<150 { try write("many/a-name-of-some-length-\(index)", index) }
        for (name, target) in [
            ("short", "../etc/fstab"), ("long", String(repeating: "x/", count: 100)), ("chain", "short"), ("loop", "loop"),
        ] {
            try files.createSymbolicLink(
                atPath: tree.appending(path: "links/\(name)").path, withDestinationPath: target)
        }
        return tree.path
    }
}

/// A prototype of `mkfs.xfs -p`: a tree written as a list.
enum Prototype {
    /// Writes the list of a tree.
    static func write(_ tree: String, to path: String) throws {
        let text = "/dev/null\n0 0\n" + (try lines(of: tree, depth: 0)) + "$\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private static func lines(of folder: String, depth: Int) throws -> String {
        var text = depth == 0 ? "d--755 0 0\n" : ""
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let path = folder + "/" + name
            let kind = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            switch kind {
            case .typeDirectory: text += "\(name) d--750 7 8\n" + (try lines(of: path, depth: depth + 1)) + "$\n"
            case .typeSymbolicLink:
                text += "\(name) l--777 1 2 \(try FileManager.default.destinationOfSymbolicLink(atPath: path))\n"
            default: text += "\(name) ---640 3 4 \(path)\n"
            }
        }
        return text
    }
}
