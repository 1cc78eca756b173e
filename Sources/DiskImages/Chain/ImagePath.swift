/// Paths as QEMU puts them together: by their text, before any link is followed.
enum ImagePath {
    /// What stands before the last slash; `.` where there is none.
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    /// A name as an image in some folder means it. The corresponding function of QEMU is `path_combine`.
    static func combine(_ name: String, besides image: String) -> String {
        if name.utf8.first == UInt8(ascii: "/") { return name }
        guard let slash = image.utf8.lastIndex(of: UInt8(ascii: "/")) else { return name }
        return image[...slash] + name
    }

    /// Whether a canonical path lies in a canonical folder or below it.
    static func lies(_ path: String, in folder: String) -> Bool {
        let folder = folder.utf8.last == UInt8(ascii: "/") ? folder : folder + "/"
        return path.utf8.starts(with: folder.utf8)
    }

    /// The protocol before the first colon, where no slash stands before it: `nbd`, `json`, `file`. The corresponding
    /// function of QEMU is `path_has_protocol`.
    static func `protocol`(of name: String) -> String? {
        guard let end = name.utf8.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }),
            name.utf8[end] == UInt8(ascii: ":")
        else { return nil }
        return String(name[..<end])
    }
}
