internal import DiskImages
@_spi(Probing) internal import Evidence
internal import Facts
internal import LibvirtXML

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

    /// Looks at an image, and at the files below it: in its own folder and in those of pools they are opened.
    ///
    /// - Parameter format: What the definition says that it is. Without it libvirt takes it for raw, and so is it taken here:
    ///   what a guest has written at the start of its disk is not to name files of the host.
    mutating func look(atImage path: String, format: String?, pools folders: [String]) {
        guard var state = look(at: path), case .notProbed? = state.chain.obstacle?.kind else { return }
        if let format, let format = ImageFormat(qemuName: format), format != .raw {
            guard let kind = state.kind.known, kind == .regular || kind == .blockDevice else { return }
            let chain = BackingChain.read(path, as: format, policy: ImagePolicy(allowing: folders))
            state.chain = layers(of: chain, at: path)
        } else {
            state.chain = .known([], from: .file(path))
        }
        states[path] = state
    }

    private mutating func layers(of chain: BackingChain, at path: String) -> Observation<[HostFiles.Layer]> {
        if let first = chain.links.first, first.facts == nil {
            return .unknown(Obstacle(.malformed, path, "its header cannot be read"), from: .file(path))
        }
        let layers = chain.links.dropFirst().map { link in
            let name = link.path ?? link.reference.written
            let isThere: Observation<Bool> =
                switch link.state {
                case .missing: .known(false, from: .file(name))
                case .unreadable(let error): .unknown(Obstacle(.systemError, name, error), from: .file(name))
                case .refused(.networkOrProtocol): .unknown(Obstacle(.notAsked, name, "not a file of the host"))
                default: .known(true, from: .file(name))
                }
            return HostFiles.Layer(canonicalPath: look(at: name)?.canonicalPath ?? name, isThere: isThere)
        }
        return .known(layers, from: .file(path))
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
