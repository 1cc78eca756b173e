internal import Evidence

/// libvirt's configuration files, `/etc/libvirt/*.conf`: `name = value`, where values are strings, numbers or lists
/// (libvirt `src/util/virconf.c`). Lists are not read: no check needs one.
enum LibvirtConfiguration {
    /// The strings and numbers of a file; the last of several assignments to a name wins.
    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.lines where line.utf8.first != UInt8(ascii: "#") {
            guard let (before, after) = line.cut(at: "="), !before.trimmed.hasPrefix("#") else { continue }
            let name = String(before.trimmed)
            let value = after.trimmed
            if let quote = value.first, quote == "\"" || quote == "'" {
                values[name] = String(value.dropFirst().prefix { $0 != quote })
            } else if let number = value.words.first, Int(number) != nil {
                values[name] = String(number)
            }
        }
        return values
    }
}
