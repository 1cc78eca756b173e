@_spi(Probing) internal import Evidence
internal import Facts

/// Looks at the paths of the host that definitions name, each once.
struct HostFileReader {
    private let source: any Source
    private var states: [String: HostFiles.State] = [:]
    /// Folders by what they are called, and by what they are when links are followed.
    private var folders: [String: String] = ["/": "/"]

    init(_ source: any Source) { self.source = source }

    /// What was seen.
    var files: HostFiles {
        HostFiles(states, rest: Obstacle(.notProbed, ""))
    }

    /// Looks at a path; one that is relative has no place of its own.
    @discardableResult mutating func look(at path: String) -> HostFiles.State? {
        if let state = states[path] { return state }
        guard path.hasPrefix("/") else { return nil }
        let metadata = source.metadata(path)
        var canonical = canonicalPath(path)
        if let seen = metadata.known, seen.kind == .blockDevice {
            canonical = "/dev/block/\(seen.deviceMajor):\(seen.deviceMinor)"
        }
        let state = HostFiles.State(kind: metadata.map(\.kind), canonicalPath: canonical)
        states[path] = state
        return state
    }

    /// The path with its links followed, as `realpath -m` prints it: what is not there, or may not be seen, is taken for
    /// what its name says.
    private mutating func canonicalPath(_ path: String) -> String {
        var links = 0
        return resolved(path, &links)
    }

    private mutating func resolved(_ path: String, _ links: inout Int) -> String {
        var parts = path.utf8.split(separator: UInt8(ascii: "/")).compactMap { String($0) }
        while parts.last == "." { parts.removeLast() }
        guard let name = parts.popLast() else { return "/" }
        let parent = folder("/" + parts.joined(separator: "/"), &links)
        if name == ".." { return Self.parent(of: parent) }
        let here = Self.joined(parent, name)
        // As the kernel: after forty links it is a loop (`MAXSYMLINKS`).
        guard links < 40, let target = source.link(here).known else { return here }
        links += 1
        return resolved(target.hasPrefix("/") ? target : Self.joined(parent, target), &links)
    }

    private mutating func folder(_ path: String, _ links: inout Int) -> String {
        if let known = folders[path] { return known }
        let found = resolved(path, &links)
        folders[path] = found
        return found
    }

    private static func joined(_ folder: String, _ name: String) -> String {
        folder == "/" ? "/" + name : folder + "/" + name
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
