public import Evidence
public import LibvirtXML

/// What is at the paths of the host that definitions name.
public struct HostFiles: Sendable {
    /// What is at one path.
    public struct State: Sendable {
        /// What kind of file it is; absent where nothing is there.
        public var kind: Observation<FileMetadata.Kind>
        /// Its one name: links followed as far as they could be, a block device by its number (`/dev/block/8:0`).
        public var canonicalPath: String
        /// The images below it, the nearest first; empty for one that stands by itself.
        public var chain: Observation<[Layer]> = .notProbed

        /// Of which the name is known, and what kind it is.
        public init(kind: Observation<FileMetadata.Kind>, canonicalPath: String) {
            self.kind = kind
            self.canonicalPath = canonicalPath
        }
    }

    /// An image below another.
    public struct Layer: Sendable {
        /// Its one name, or how the image above it writes it.
        public var canonicalPath: String
        /// Whether it is there; unknown where it is not a file of the host.
        public var isThere: Observation<Bool>

        /// Makes a layer; see the properties.
        public init(canonicalPath: String, isThere: Observation<Bool>) {
            self.canonicalPath = canonicalPath
            self.isThere = isThere
        }
    }

    private let states: [String: State]
    private let rest: Obstacle

    /// Makes a table of states by path.
    ///
    /// - Parameter rest: Why other paths were not looked at.
    public init(_ states: [String: State] = [:], rest: Obstacle = Obstacle(.notProbed, "")) {
        self.states = states
        self.rest = rest
    }

    /// What is at a path; of one that was not looked at no more than its spelling is known.
    public func state(of path: String) -> State {
        states[path] ?? State(kind: .unknown(rest), canonicalPath: Self.spelled(path))
    }

    /// Without doubled slashes and steps that lead nowhere; `..` stays, since what is before it may be a link.
    private static func spelled(_ path: String) -> String {
        guard path.hasPrefix("/") else { return path }
        return "/"
            + path.utf8.split(separator: UInt8(ascii: "/")).compactMap { part -> String? in
                let part = String(part)
                return part == "." ? nil : part
            }.joined(separator: "/")
    }
}

extension Domain {
    /// The files, folders and devices of the host that it names: images, firmware and what is booted.
    public var hostPaths: [String] {
        var paths: [String] = []
        for disk in devices.disks { for source in disk.chain { source.hostPath.map { paths.append($0) } } }
        let files = [
            os.kernel, os.initrd, os.deviceTree, os.loader.path, os.nvram.path, os.nvram.template,
            os.nvram.source.file,
        ]
        paths += files.compactMap(\.value)
        paths += devices.tpms.compactMap(\.statePath.value)
        return paths
    }
}

extension DiskSource {
    /// The file, folder or device of the host; nil where it is kept elsewhere.
    public var hostPath: String? {
        switch location {
        case .file(let path), .block(let path), .dir(let path), .vhostVDPA(let path): path
        default: nil
        }
    }
}
