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
        for line in text.split(whereSeparator: \.isNewline) {
            var line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("export ") { line = line.dropFirst(7) }
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            let name = line[..<equals]
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
            values[String(name)] = unquoted(line[line.index(after: equals)...])
        }
        return values
    }

    private static func unquoted(_ value: Substring) -> String {
        var value = value
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        for quote in ["\"", "'"] as [Character] where value.first == quote {
            let inner = value.dropFirst()
            return String(inner.prefix { $0 != quote })
        }
        return String(value.prefix { $0 != " " && $0 != "\t" && $0 != "#" })
    }
}
