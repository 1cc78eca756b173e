public import Evidence

extension LibvirtURI {
    /// Where virsh would connect to: what was asked for, the environment's choice, the configuration's choice; nil where
    /// libvirt is to ask its daemon.
    ///
    /// - Parameters:
    ///   - requested: The value of `--connect`; an alias of libvirt.conf is taken for what it stands for.
    ///   - environment: The value of `LIBVIRT_DEFAULT_URI`; an empty one counts for nothing, as in libvirt.
    ///   - source: Where libvirt.conf is read.
    ///   - configuration: The path of libvirt.conf; see ``configuration(user:userFolder:)``.
    /// - Throws: ``LibvirtError`` where the choice is not a URI.
    public static func choose(
        requested: String?, environment: String?, source: some Source, configuration: String
    ) throws(LibvirtError) -> LibvirtURI? {
        let settings = ClientConfiguration(source: source, path: configuration)
        let candidates = [requested, environment, settings.defaultURI].compactMap { $0 }
        guard let choice = candidates.first(where: { !$0.isEmpty }) else { return nil }
        return try LibvirtURI(settings.aliases[choice] ?? choice)
    }

    /// Which libvirt.conf libvirt's clients read: root the system's, everybody else their own and not the system's.
    ///
    /// - Parameter userFolder: `$XDG_CONFIG_HOME`, or `~/.config`.
    public static func configuration(user: UInt32, userFolder: String?) -> String {
        if user != 0, let userFolder { return "\(userFolder)/libvirt/libvirt.conf" }
        return "/etc/libvirt/libvirt.conf"
    }
}

/// What libvirt.conf says of URIs. A file that cannot be read is none, as it is for libvirt's clients.
struct ClientConfiguration {
    /// `uri_default`.
    var defaultURI: String?
    /// `uri_aliases`: what a short name stands for.
    var aliases: [String: String] = [:]

    init(source: some Source, path: String) {
        guard let text = try? source.possiblyEmptyText(path).get() else { return }
        let settings = Self.settings(in: text)
        defaultURI = settings["uri_default"]?.first
        for alias in settings["uri_aliases"] ?? [] {
            if let (name, uri) = alias.cut(at: "=") { aliases[String(name)] = String(uri) }
        }
    }

    /// The strings of each setting, one or a list in brackets over several lines (libvirt's src/util/virconf.c).
    private static func settings(in text: String) -> [String: [String]] {
        var settings: [String: [String]] = [:]
        var name = ""
        var isList = false
        for line in text.lines {
            var rest = line.trimmed
            if !isList {
                guard !rest.hasPrefix("#"), let (before, after) = rest.cut(at: "=") else { continue }
                name = String(before.trimmed)
                settings[name] = []
                rest = after.trimmed
                isList = rest.hasPrefix("[")
            }
            while let mark = rest.first {
                rest = rest.dropFirst()
                if mark == "#" { break }
                if mark == "]" { isList = false }
                guard mark == "\"" || mark == "'" else { continue }
                let string = rest.prefix { $0 != mark }
                settings[name, default: []].append(String(string))
                rest = rest.dropFirst(string.count + 1)
            }
        }
        return settings
    }
}
