@_spi(Probing) internal import Evidence

/// Files of shell assignments, `NAME=value`: os-release(5), `/etc/default/*`, `/etc/sysconfig/*`.
enum KeyValueFile {
    /// The assignments of the first of several files that exists; later ones win over earlier ones.
    static func read(_ paths: [String], from source: some Source) -> Observation<[String: String]> {
        for path in paths.dropLast() {
            let text = source.possiblyEmptyText(path)
            if !text.isAbsent { return text.map(parse) }
        }
        guard let last = paths.last else { return .absent() }
        return source.possiblyEmptyText(last).map(parse)
    }

    /// The assignments in a text; quotes are taken off, comments and other lines are passed over.
    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.lines {
            var line = line.trimmed
            if line.hasPrefix("export ") { line = line.dropFirst(7) }
            guard !line.hasPrefix("#"), let (name, value) = line.cut(at: "="), !name.isEmpty,
                name.utf8.allSatisfy({
                    ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || $0 == 0x5f || (0x30...0x39).contains($0)
                })
            else { continue }
            values[String(name)] = unquoted(value)
        }
        return values
    }

    private static func unquoted(_ value: Substring) -> String {
        let value = value.trimmed
        for quote in ["\"", "'"] as [Character] where value.first == quote {
            let inner = value.dropFirst()
            return String(inner.prefix { $0 != quote })
        }
        return String(value.prefix { $0 != " " && $0 != "\t" && $0 != "#" })
    }
}
