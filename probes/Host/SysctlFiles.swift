@_spi(Probing) internal import Evidence
internal import Facts

/// What the files of sysctl.d(5) and sysctl.conf(5) set at boot.
enum SysctlFiles {
    /// In order of precedence: a file hides those of the same name in a later directory.
    private static let folders = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"]
    /// More files than any distribution installs.
    private static let fileLimit = 256

    /// The value that a key has after all files, with the place of its assignment; absent where no file assigns it.
    ///
    /// - Parameter key: With dots, such as `vm.nr_hugepages`.
    static func value(of key: String, from source: some Source) -> Observation<String> {
        var files: [String: String] = [:]
        for folder in folders {
            let entries = source.entries(folder)
            if let obstacle = entries.obstacle { return .unknown(obstacle, from: entries.provenance) }
            for name in entries.known ?? [] where name.hasSuffix(".conf") && files[name] == nil {
                files[name] = "\(folder)/\(name)"
            }
        }
        // `sysctl --system` reads sysctl.conf last; the latest assignment wins, so it is looked for from the end.
        let paths = ["/etc/sysctl.conf"] + files.sorted { $0.key > $1.key }.map(\.value).prefix(fileLimit)
        for path in paths {
            // A link to /dev/null takes a file of the same name out of force (sysctl.d(5)).
            if source.link(path).known == "/dev/null" { continue }
            let found = source.possiblyEmptyText(path).flatMap { assignment(to: key, in: $0, of: path) }
            if !found.isAbsent { return found }
        }
        return .absent(from: .file("/etc/sysctl.d"))
    }

    private static func assignment(to key: String, in text: String, of path: String) -> Observation<String> {
        var found: Observation<String> = .absent(from: .file(path))
        for (index, whole) in text.parts(at: "\n", keepingEmpty: true).enumerated() {
            let line = whole.trimmed
            guard let first = line.first, first != "#", first != ";" else { continue }
            // A leading `-` says only that a failure does not matter.
            guard let (before, after) = (first == "-" ? line.dropFirst() : line).cut(at: "=") else { continue }
            guard String(before.trimmed.map { $0 == "/" ? "." : $0 }) == key else { continue }
            found = .known(String(after.trimmed), from: .file(path, line: index + 1))
        }
        return found
    }
}
