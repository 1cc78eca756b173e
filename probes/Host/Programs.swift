@_spi(Probing) internal import Evidence
internal import Facts

/// Installed programs, looked for where distributions put them.
enum Programs {
    /// Directories of programs that users run: the `PATH` that systemd gives a service, then NixOS's directory.
    static let user = ["/usr/local/bin", "/usr/bin", "/run/current-system/sw/bin"]
    /// Directories of daemons; on some distributions they are one with ``user``.
    static let system = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/run/current-system/sw/bin"]

    /// The first of the paths at which there is a program; unknown where one of those before it could not be looked at.
    static func first(of paths: [String], in source: some Source) -> Observation<String> {
        all(of: paths, in: source, atMost: 1).flatMap { found in
            found.first.map { .known($0, from: .file($0)) }
                ?? .absent(from: paths.first.map { .file($0) } ?? Provenance())
        }
    }

    /// A program by its name, in the directories given.
    static func named(_ name: String, in directories: [String], of source: some Source) -> Observation<String> {
        first(of: directories.map { "\($0)/\(name)" }, in: source)
    }

    /// All of the paths at which there is a program.
    static func all(of paths: [String], in source: some Source, atMost limit: Int = .max) -> Observation<[String]> {
        var found: [String] = []
        for path in paths where found.count < limit {
            let metadata = source.metadata(path)
            if let obstacle = metadata.obstacle { return .unknown(obstacle, from: metadata.provenance) }
            if let file = metadata.known, file.kind == .regular, file.mode & 0o111 != 0 { found.append(path) }
        }
        return .known(found, from: .file(found.first ?? paths.first ?? ""))
    }
}
