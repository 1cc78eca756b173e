internal import Evidence
internal import Facts

/// Tables of file systems: `/proc/self/mounts` and `/etc/fstab`, both of fstab(5)'s form.
enum MountTable {
    /// The mounts, in the table's order; nil where it is not of the form. Comments and empty lines are passed over.
    static func parse(_ text: String) -> [Mount]? {
        var mounts: [Mount] = []
        for line in text.lines {
            let fields = line.words
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count >= 3 else { return nil }
            mounts.append(
                Mount(
                    source: unescaped(fields[0]), point: unescaped(fields[1]), type: String(fields[2]),
                    options: fields.count > 3 ? fields[3].parts(at: ",").map(String.init) : []))
        }
        return mounts
    }

    /// The mount that a path is in: the longest, and where several are on one another the last.
    static func mount(holding path: String, in mounts: [Mount]) -> Mount? {
        var found: Mount?
        for mount in mounts where isBelow(path, mount.point) {
            if mount.point.utf8.count >= (found?.point.utf8.count ?? 0) { found = mount }
        }
        return found
    }

    private static func isBelow(_ path: String, _ point: String) -> Bool {
        point == "/" ? path.hasPrefix("/") : path == point || path.hasPrefix(point + "/")
    }

    /// Space, tab, newline and backslash are written as octal: `\040`.
    static func unescaped(_ field: Substring) -> String {
        guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
