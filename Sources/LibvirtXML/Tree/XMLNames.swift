/// Names with prefixes.
enum XMLNames {
    static func split(_ name: String) -> (prefix: String?, local: String) {
        guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")), colon != name.startIndex else {
            return (nil, name)
        }
        let local = name[name.index(after: colon)...]
        return local.isEmpty ? (nil, name) : (String(name[..<colon]), String(local))
    }

    static func trimmed(_ text: String) -> String {
        let utf8 = text.utf8
        guard let first = utf8.firstIndex(where: { !XMLCharacters.isSpace($0) }),
            let last = utf8.lastIndex(where: { !XMLCharacters.isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }
}
