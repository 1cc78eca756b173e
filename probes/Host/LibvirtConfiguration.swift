/// libvirt's configuration files, `/etc/libvirt/*.conf`: `name = value`, where values are strings, numbers or lists
/// (libvirt `src/util/virconf.c`). Lists are not read: no check needs one.
enum LibvirtConfiguration {
    /// The strings and numbers of a file; the last of several assignments to a name wins.
    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "="), !line.drop(while: { $0 == " " }).hasPrefix("#") else {
                continue
            }
            let name = line[..<equals].filter { $0 != " " && $0 != "\t" }
            let value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
            if let quote = value.first, quote == "\"" || quote == "'" {
                values[name] = String(value.dropFirst().prefix { $0 != quote })
            } else if let number = value.split(separator: " ").first, Int(number) != nil {
                values[name] = String(number)
            }
        }
        return values
    }
}
