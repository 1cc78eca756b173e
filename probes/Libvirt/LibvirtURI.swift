/// The address of a libvirt: `driver[+transport]://[user@][host][:port]/path[?parameters]` (libvirt's docs/uri.rst).
///
/// What is wrong is said before anything connects: libvirt itself says of `QEMU:///system` only that a socket is missing.
public struct LibvirtURI: Sendable, Hashable {
    /// A driver of libvirt, named as its URIs name it; in lower case, and in nothing else.
    public enum Driver: Sendable, Hashable {
        /// One that libvirt documents.
        case known(String)
        /// Any other: perhaps tomorrow's.
        case other(String)

        /// The name as it stands in the URI.
        public var name: String {
            switch self {
            case .known(let name), .other(let name): name
            }
        }

        /// The drivers of libvirt 9 to 11 (docs/drivers.rst).
        static let names: Set<String> = [
            "bhyve", "ch", "esx", "gsx", "hyperv", "lxc", "openvz", "parallels", "qemu", "test", "vbox", "vmwarefusion",
            "vmwareplayer", "vmwarews", "vpx", "vz", "xen",
        ]
    }

    /// How the daemon is reached.
    public enum Transport: String, Sendable, Hashable, CaseIterable {
        case tls
        case unix
        case ssh
        case ext
        case tcp
        case libssh2
        case libssh
    }

    /// The URI as it was given.
    public let text: String
    /// The driver.
    public let driver: Driver
    /// The transport that is named; nil where none is: then it is a socket of this host, or TLS to a named host.
    public let transport: Transport?
    /// The user at the other end.
    public let user: String?
    /// The host; nil means this one. An IPv6 address without its brackets.
    public let host: String?
    /// The port.
    public let port: Int?
    /// The path, with its slash: `/system`.
    public let path: String
    /// The parameters, decoded, in their order.
    public let parameters: [Parameter]

    /// One `name=value` of the query.
    public struct Parameter: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value, decoded; empty where there is none.
        public var value: String
    }

    /// Whether the daemon is on this host, so that its processes and files can be looked at.
    public var isLocal: Bool { host == nil && [nil, .unix].contains(transport) }

    /// The first value of a parameter.
    public func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Reads a URI; what its driver would make of it is ``validate()``'s business.
    ///
    /// - Throws: ``LibvirtError`` of the kind `malformedURI`.
    public init(_ text: String) throws(LibvirtError) {
        // Before libvirt had URIs, this was one, and libvirt still knows it.
        let whole = text == "xen" ? "xen:///system" : text
        func malformed(_ what: String) -> LibvirtError {
            LibvirtError(.malformedURI, uri: text, what, remedy: "write it as in \(Self.example)")
        }
        guard !text.isEmpty else { throw malformed("an empty URI") }
        guard whole.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw malformed("a space or control character in the URI")
        }
        guard let (scheme, rest) = Self.cut(whole[...], at: ":"), Self.isScheme(scheme) else {
            throw malformed("\(text) names no driver")
        }
        let plus = Self.cut(scheme, at: "+")
        let driver = String(plus?.before ?? scheme)
        var transport: Transport?
        if let name = plus?.after {
            // libvirt takes the transport, unlike the driver, in any case of letters.
            transport = Transport(rawValue: name.lowercased())
            if transport == nil {
                let names = Transport.allCases.map(\.rawValue).joined(separator: ", ")
                throw malformed("\(name) is no transport: libvirt has \(names)")
            }
        }
        let beforeFragment = Self.cut(rest, at: "#")?.before ?? rest
        var path = beforeFragment
        var query: Substring = ""
        if let (before, after) = Self.cut(beforeFragment, at: "?") { (path, query) = (before, after) }
        var authority: Substring = ""
        if path.hasPrefix("//") {
            let start = path.dropFirst(2)
            let slash = start.firstIndex(of: "/") ?? start.endIndex
            authority = start[..<slash]
            path = start[slash...]
        }
        var user: String?
        if let at = authority.lastIndex(of: "@") {
            user = Self.decoded(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        var host = authority
        var port: Int?
        if authority.hasPrefix("[") {
            guard let (inside, after) = Self.cut(authority.dropFirst(), at: "]"), after.isEmpty || after.hasPrefix(":")
            else { throw malformed("\(authority) is no address: the bracket is not closed") }
            host = inside
            port = after.count > 1 ? try Self.port(after.dropFirst(), orThrow: malformed) : nil
        } else if let (before, after) = Self.cut(authority, at: ":") {
            host = before
            port = after.isEmpty ? nil : try Self.port(after, orThrow: malformed)
        }
        self.text = text
        self.driver = Driver.names.contains(driver) ? .known(driver) : .other(driver)
        self.transport = transport
        self.user = user
        self.host = host.isEmpty ? nil : Self.decoded(host)
        self.port = port
        self.path = Self.decoded(path)
        parameters = query.split(whereSeparator: { $0 == "&" || $0 == ";" }).map { part in
            let pair = Self.cut(part, at: "=")
            return Parameter(name: Self.decoded(pair?.before ?? part), value: Self.decoded(pair?.after ?? ""))
        }
    }

    /// A good one, for remedies.
    static let example = "qemu:///system or qemu+ssh://root@host/system"

    // MARK: - What the driver makes of it

    /// Holds the URI against what its driver accepts, as far as that is known without connecting.
    ///
    /// - Throws: ``LibvirtError`` with the corrected URI in its remedy.
    public func validate() throws(LibvirtError) {
        let lower = driver.name.lowercased()
        if case .other(let name) = driver, Driver.names.contains(lower) {
            throw LibvirtError(
                .unknownScheme, uri: text, "libvirt has no driver \(name): drivers are written in lower case",
                remedy: "use \(corrected(path: path.lowercased()))")
        }
        // The client takes the `name` parameter to the other end in the place of the URI.
        guard parameter("name") == nil else { return }
        if transport == .unix, let host {
            throw LibvirtError(
                .malformedURI, uri: text, "a socket of this host, and \(host) as the host: only one of them can be",
                remedy: "use \(driver.name):///\(path.dropFirst()) or \(driver.name)+ssh://\(host)\(path)")
        }
        guard let paths = Self.paths[lower], !paths.contains(path) else {
            if lower == "test", ["", "/"].contains(path) {
                throw LibvirtError(
                    .malformedURI, uri: text, "the test driver needs a path", remedy: "use test:///default")
            }
            if path == "/embed", (parameter("root") ?? "").isEmpty {
                throw LibvirtError(
                    .malformedURI, uri: text, "\(lower):///embed needs a root folder",
                    remedy: "use \(lower):///embed?root=/an/absolute/path")
            }
            return
        }
        let wanted = paths.first { $0 == path.lowercased() } ?? paths[0]
        let what =
            path.isEmpty || path == "/" ? "the \(lower) driver needs a path" : "the \(lower) driver has no path \(path)"
        let choices = paths.map { "\(lower)://\($0)" }.joined(separator: ", ")
        throw LibvirtError(
            .malformedURI, uri: text, "\(what): it has \(choices)", remedy: "use \(corrected(path: wanted))")
    }

    /// The paths of drivers that have a fixed set (their `connectURIProbe` and `connectOpen` in libvirt's source).
    private static let paths: [String: [String]] = [
        "qemu": ["/system", "/session", "/embed"], "xen": ["/system"], "ch": ["/system", "/session"],
        "bhyve": ["/system"], "lxc": ["/system", "/", ""], "vz": ["/system"], "vbox": ["/session", "/system"],
    ]

    /// The same URI with the driver in lower case and another path.
    private func corrected(path: String) -> String {
        let scheme = driver.name.lowercased() + (transport.map { "+\($0.rawValue)" } ?? "")
        let name = host.map { $0.contains(":") ? "[\($0)]" : $0 } ?? ""
        let authority = (user.map { "\($0)@" } ?? "") + name + (port.map { ":\($0)" } ?? "")
        let query = text.firstIndex(of: "?").map { String(text[$0...]) } ?? ""
        return "\(scheme)://\(authority)\(path)\(query)"
    }

    // MARK: - Reading

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || [0x2b, 0x2d, 0x2e].contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func port(
        _ text: Substring, orThrow malformed: (String) -> LibvirtError
    ) throws(LibvirtError) -> Int {
        guard let port = Int(text), (1...65535).contains(port) else { throw malformed("\(text) is no port") }
        return port
    }

    private static func cut(_ text: Substring, at mark: Character) -> (before: Substring, after: Substring)? {
        guard let index = text.firstIndex(of: mark) else { return nil }
        return (text[..<index], text[text.index(after: index)...])
    }

    /// `%2F` and its like as what they stand for; a stray percent sign stays.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
