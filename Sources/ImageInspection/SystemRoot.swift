@_spi(Probing) internal import Evidence
internal import Facts

/// Whether a file system looks like the root of a system.
enum SystemRoot {
    /// What is in it; nil where it is no root. One proof is enough: a name of the system, or a table of mounts beside a
    /// folder of programs.
    static func facts(of source: some Source, at location: String) -> RootFacts? {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            if let text = source.text(path, limit: 1 << 16).known {
                return RootFacts(location: location, system: name(in: text))
            }
        }
        let isRoot = source.exists("/etc/fstab").known == true && source.exists("/bin").known == true
        return isRoot ? RootFacts(location: location, system: nil) : nil
    }

    /// `PRETTY_NAME` of os-release(5), without its quotes.
    private static func name(in text: String) -> String? {
        for line in text.lines where line.hasPrefix("PRETTY_NAME=") {
            let value = line.dropFirst("PRETTY_NAME=".utf8.count)
            for quote in ["\"", "'"] where value.utf8.count > 1 && value.hasPrefix(quote) && value.hasSuffix(quote) {
                return String(value.dropFirst().dropLast())
            }
            return String(value)
        }
        return nil
    }
}
