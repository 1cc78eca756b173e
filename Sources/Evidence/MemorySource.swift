/// A tree in memory: for tests, and for what was read out of a tar.
public struct MemorySource: Source {
    /// One thing in the tree.
    public enum Node: Sendable {
        /// A regular file and its content.
        case file([UInt8], mode: UInt16 = 0o644)
        /// A symbolic link and its target as written.
        case link(String)
        /// A directory, empty or not; directories above a node need not be given.
        case directory(mode: UInt16 = 0o755)
        /// Anything else `stat(2)` knows: a device node, a FIFO, a socket, or a file whose content was not kept.
        case special(FileMetadata)
        /// Something that could not be read where the tree was captured.
        case obstacle(Obstacle)

        /// A regular file with a text in it.
        public static func text(_ text: String) -> Node { .file(Array(text.utf8)) }
    }

    private var nodes: [String: Node] = [:]
    private var children: [String: Set<String>] = ["/": []]
    private var owners: [String: (owner: UInt32, group: UInt32)] = [:]
    /// What it means that a path is not in the tree.
    public var absence: Absence

    /// What it means that a path is not in the tree.
    public enum Absence: Sendable {
        /// The tree is whole: what is not there was not there.
        case proven
        /// The tree is whole below the top-level directories it has; others were not captured.
        case provenBelowTopLevel
        /// The tree is a selection, as a sosreport is: nothing follows from what is not in it.
        case unproven
    }

    /// Makes a tree from absolute paths and what stands there.
    public init(_ nodes: [String: Node] = [:], absence: Absence = .proven) {
        self.absence = absence
        for (path, node) in nodes { insert(node, at: path) }
    }

    /// Puts a node at an absolute path, and the directories above it.
    public mutating func insert(_ node: Node, at path: String, owner: UInt32 = 0, group: UInt32 = 0) {
        let path = Self.normalised(path)
        nodes[path] = node
        if owner != 0 || group != 0 { owners[path] = (owner, group) }
        if case .directory = node, children[path] == nil { children[path] = [] }
        var child = path
        while child != "/" {
            let (parent, name) = Self.split(child)
            if !children[parent, default: []].insert(name).inserted { break }
            child = parent
        }
    }

    /// The tree below its one top-level directory, where that holds one of the given names and the top does not: how
    /// sosreports and most tars are packed.
    public func rerooted(below names: [String]) -> MemorySource {
        let top = children["/"] ?? []
        guard top.isDisjoint(with: names), top.count == 1, let only = top.first,
            let inside = children["/" + only], !inside.isDisjoint(with: names)
        else { return self }
        var tree = MemorySource(absence: absence)
        let prefix = "/" + only
        for (path, node) in nodes where path.hasPrefix(prefix + "/") {
            let (owner, group) = owners[path] ?? (0, 0)
            tree.insert(node, at: String(path.dropFirst(prefix.count)), owner: owner, group: group)
        }
        return tree
    }

    /// Takes away what stands at a path and below it.
    public mutating func remove(_ path: String) {
        let path = Self.normalised(path)
        let (parent, name) = Self.split(path)
        children[parent]?.remove(name)
        for key in nodes.keys where key == path || key.hasPrefix(path + "/") { nodes[key] = nil }
        for key in children.keys where key == path || key.hasPrefix(path + "/") { children[key] = nil }
    }

    /// The content of the file at `path`; see ``Source/read(_:limit:)``.
    public func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        at(path).parsedNode { (_, node) in
            switch node {
            case .file(let content, _):
                content.count > limit
                    ? .unknown(Obstacle(.tooLarge, path, "more than \(limit) bytes"), from: .file(path))
                    : .known(content, from: .file(path))
            case .directory, nil:
                .unknown(Obstacle(.notRegularFile, path, FileMetadata.Kind.directory.phrase), from: .file(path))
            case .special(let metadata) where metadata.kind == .regular:
                .unknown(Obstacle(.notCaptured, path), from: .file(path))
            case .special(let metadata):
                .unknown(Obstacle(.notRegularFile, path, metadata.kind.phrase), from: .file(path))
            case .obstacle(let obstacle): .unknown(obstacle, from: .file(path))
            case .link: .unknown(Obstacle(.unresolvable, path), from: .file(path))
            }
        }
    }

    /// The names in a directory; see ``Source/entries(_:)``.
    public func entries(_ path: String) -> Observation<[String]> {
        at(path).parsedNode { (resolved, node) in
            if case .obstacle(let obstacle) = node { return .unknown(obstacle, from: .file(path)) }
            if case .unproven = absence { return .unknown(Self.selection(path), from: .file(path)) }
            guard let names = children[resolved] else {
                return .unknown(Obstacle(.notRegularFile, path, "not a directory"), from: .file(path))
            }
            return .known(names.sorted(), from: .file(path))
        }
    }

    /// The target of a link as written; see ``Source/link(_:)``.
    public func link(_ path: String) -> Observation<String> {
        let (parent, name) = Self.split(Self.normalised(path))
        return at(parent).parsedNode { (resolved, _) in
            switch nodes[resolved == "/" ? "/" + name : resolved + "/" + name] {
            case .link(let target): .known(target, from: .file(path))
            case .obstacle(let obstacle): .unknown(obstacle, from: .file(path))
            case nil where children[resolved]?.contains(name) != true: missing(path)
            default: .absent(from: .file(path))
            }
        }
    }

    /// What stands at a path; see ``Source/metadata(_:)``.
    public func metadata(_ path: String) -> Observation<FileMetadata> {
        at(path).parsedNode { (resolved, node) in
            let (owner, group) = owners[resolved] ?? (0, 0)
            switch node {
            case .file(let content, let mode):
                return .known(
                    FileMetadata(
                        kind: .regular, mode: mode, owner: owner, group: group, size: UInt64(content.count)),
                    from: .file(path))
            case .directory(let mode):
                return .known(
                    FileMetadata(kind: .directory, mode: mode, owner: owner, group: group), from: .file(path))
            case nil:
                return .known(FileMetadata(kind: .directory, mode: 0o755), from: .file(path))
            case .special(let metadata): return .known(metadata, from: .file(path))
            case .obstacle(let obstacle): return .unknown(obstacle, from: .file(path))
            case .link: return .unknown(Obstacle(.unresolvable, path), from: .file(path))
            }
        }
    }

    /// The text after a mark; see ``Source/text(after:in:limit:)``.
    public func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        read(path, limit: .max).flatMap { content in
            guard let start = content.firstRange(of: Array(mark.utf8))?.upperBound else {
                return .absent(from: .file(path))
            }
            let text = content[start...].prefix(limit).prefix { (0x20..<0x7f).contains($0) }
            let place = Place(path, offset: UInt64(start))
            return .known(String(decoding: text, as: UTF8.self), from: Provenance(place: place))
        }
    }

    /// A selection of files shows some of the names in a directory; which are missing nobody can tell.
    public static func selection(_ path: String) -> Obstacle {
        Obstacle(.notCaptured, path, "a selection of files does not show all names in a directory")
    }

    // MARK: - Resolving

    private enum Resolution {
        case found(path: String, node: Node?)
        case missing(Observation<Never>)

        func parsedNode<Value>(_ body: (String, Node?) -> Observation<Value>) -> Observation<Value> {
            switch self {
            case .found(let path, let node): body(path, node)
            case .missing(let observation):
                switch observation.state {
                case .absent: .absent(from: observation.provenance)
                case .unknown(let obstacle): .unknown(obstacle, from: observation.provenance)
                }
            }
        }
    }

    /// Follows links inside the tree, at most forty of them as the kernel does (`MAXSYMLINKS`).
    private func at(_ path: String) -> Resolution {
        var pending = path.split(separator: "/").map(String.init)[...]
        var resolved = "/"
        var links = 0
        while let name = pending.popFirst() {
            if name == "." { continue }
            if name == ".." {
                resolved = Self.split(resolved).parent
                continue
            }
            let next = resolved == "/" ? "/" + name : resolved + "/" + name
            switch nodes[next] {
            case .link(let target):
                links += 1
                guard links <= 40 else {
                    return .missing(.unknown(Obstacle(.unresolvable, path, "a loop of links"), from: .file(path)))
                }
                if target.hasPrefix("/") { resolved = "/" }
                pending = (target.split(separator: "/").map(String.init) + pending)[...]
            case nil where children[next] == nil:
                return .missing(missing(path))
            case .obstacle(let obstacle) where !pending.isEmpty:
                return .missing(.unknown(obstacle, from: .file(path)))
            default:
                resolved = next
            }
        }
        return .found(path: resolved, node: nodes[resolved])
    }

    private func missing<Value>(_ path: String) -> Observation<Value> {
        let top = path.split(separator: "/").first.map { "/" + $0 } ?? "/"
        let proven =
            switch absence {
            case .proven: true
            case .provenBelowTopLevel: children["/"]?.contains(String(top.dropFirst())) == true
            case .unproven: false
            }
        return proven
            ? .absent(from: .file(path)) : .unknown(Obstacle(.notCaptured, path), from: .file(path))
    }

    private static func normalised(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    private static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("/", path) }
        let parent = path[..<slash]
        return (parent.isEmpty ? "/" : String(parent), String(path[path.index(after: slash)...]))
    }
}
