/// Takes secrets out of text files before they go into a capture.
///
/// The files that probes read are not secret in themselves, but a configuration file among them may hold a VNC
/// password, a kernel command line an iSCSI one, `passwd` a hash from before `shadow`.
enum Redaction {
    /// Names whose values are secret wherever they stand as `name = value`, `name value` or `name:value`.
    private static let secretNames = [
        "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "api_key", "private_key",
        "luks.key",
    ]
    private static let mark = Array("[redacted]".utf8)

    /// The content with the values of secrets replaced, line by line; what is not text is left alone.
    static func redacted(_ content: [UInt8]) -> [UInt8] {
        guard content.count < 1 << 20, !content.contains(0) else { return content }
        let lower = content.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        guard isSuspicious(lower) else { return content }
        var result: [UInt8] = []
        for line in content.split(separator: 0x0a, omittingEmptySubsequences: false) {
            if !result.isEmpty || line.startIndex > content.startIndex { result.append(0x0a) }
            result += redactedLine(line)
        }
        return result
    }

    private static func isSuspicious(_ lower: [UInt8]) -> Bool {
        secretNames.contains { lower.firstRange(of: Array($0.utf8)) != nil }
            || lower.firstRange(of: Array("://".utf8)) != nil || lower.firstRange(of: Array(":$".utf8)) != nil
    }

    private static func redactedLine(_ line: ArraySlice<UInt8>) -> [UInt8] {
        // Words keep their place, so that the other arguments of a kernel command line stay readable.
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        var result: [[UInt8]] = []
        var restIsSecret = false
        for word in words {
            if restIsSecret && word != [UInt8(ascii: "=")] && !word.isEmpty {
                result.append(mark)
                continue
            }
            let lower = word.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
            let names = lower.prefix { $0 != UInt8(ascii: "=") }
            let equals = word.firstIndex(of: UInt8(ascii: "="))
            let bare = names.last == UInt8(ascii: ":") ? names.dropLast() : names
            if let equals, secretNames.contains(where: { names.firstRange(of: Array($0.utf8)) != nil }) {
                result.append(Array(word[...equals]))
                if equals + 1 < word.endIndex {
                    result[result.count - 1] += hidden(word[(equals + 1)...])
                } else {
                    restIsSecret = true
                }
            } else if equals == nil, secretNames.contains(where: { bare.hasSuffix($0) || bare.starts(with: $0.utf8) }) {
                result.append(Array(word))
                restIsSecret = line.first != UInt8(ascii: "#")
            } else {
                result.append(withoutHash(withoutUserInfo(Array(word))))
            }
        }
        return Array(result.joined(separator: [0x20]))
    }

    /// A value's mark; what stands in quotes keeps them and what follows, so that XML stays XML.
    private static func hidden(_ value: ArraySlice<UInt8>) -> [UInt8] {
        guard let quote = value.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
            let end = value.dropFirst().firstIndex(of: quote)
        else { return mark }
        return [quote] + mark + value[end...]
    }

    /// `scheme://user:password@host` without the password.
    private static func withoutUserInfo(_ word: [UInt8]) -> [UInt8] {
        guard let scheme = word.firstRange(of: Array("://".utf8)), let at = word.lastIndex(of: UInt8(ascii: "@")),
            at > scheme.upperBound,
            let colon = word[scheme.upperBound..<at].firstIndex(of: UInt8(ascii: ":"))
        else { return word }
        return word[...colon] + mark + word[at...]
    }

    /// A crypt(5) hash in a field of its own, as in `root:$6$…:0:0`.
    private static func withoutHash(_ word: [UInt8]) -> [UInt8] {
        guard let start = word.firstRange(of: Array(":$".utf8)) else { return word }
        let end = word[start.upperBound...].firstIndex(of: UInt8(ascii: ":")) ?? word.endIndex
        return word[...start.lowerBound] + mark + word[end...]
    }
}

extension ArraySlice where Element == UInt8 {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
