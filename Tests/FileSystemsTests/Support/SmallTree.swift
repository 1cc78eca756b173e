import Foundation
import Glibc

/// A small tree that a tool of mkfs puts into an image without a mount.
enum SmallTree {
    /// Makes it below a folder, and gives where it is.
    ///
    /// - Parameter many: How many names the largest directory has.
    static func make(in folder: URL, many: Int = 150) throws -> String {
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
        for index in 0..<many { try write("many/a-name-of-some-length-\(index)", index % 200) }
        if getuid() == 0 { chown(tree.appending(path: "etc/fstab").path, 70001, 7) }
        chmod(tree.appending(path: "etc").path, 0o711)
        for (name, target) in [
            ("short", "../etc/fstab"), ("long", String(repeating: "x/", count: 100)), ("chain", "short"),
            ("loop", "loop"),
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

    /// Mode, owner and group, as a line has them.
    private static func owner(of path: String) throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let mode = attributes[.posixPermissions] as? Int ?? 0
        return "\(String(mode, radix: 8)) \(attributes[.ownerAccountID] ?? 0) \(attributes[.groupOwnerAccountID] ?? 0)"
    }

    private static func lines(of folder: String, depth: Int) throws -> String {
        var text = depth == 0 ? "d--755 0 0\n" : ""
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let path = folder + "/" + name
            let kind = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            let owner = try self.owner(of: path)
            switch kind {
            case .typeDirectory: text += "\(name) d--\(owner)\n" + (try lines(of: path, depth: depth + 1)) + "$\n"
            case .typeSymbolicLink:
                text += "\(name) l--777 0 0 \(try FileManager.default.destinationOfSymbolicLink(atPath: path))\n"
            default: text += "\(name) ---\(owner) \(path)\n"
            }
        }
        return text
    }
}
