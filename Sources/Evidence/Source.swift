/// What stands at a path, as `stat(2)` tells it.
public struct FileMetadata: Sendable, Hashable, Codable {
    /// The kinds of file that `st_mode` knows.
    public enum Kind: String, Sendable, Hashable, Codable {
        case regular
        case directory
        case symbolicLink
        case characterDevice
        case blockDevice
        case fifo
        case socket

        /// The kind in words, with its article.
        public var phrase: String {
            switch self {
            case .regular: "a regular file"
            case .directory: "a directory"
            case .symbolicLink: "a symbolic link"
            case .characterDevice: "a character device"
            case .blockDevice: "a block device"
            case .fifo: "a FIFO"
            case .socket: "a socket"
            }
        }
    }

    /// What kind of file it is.
    public var kind: Kind
    /// The permission bits, `st_mode & 07777`.
    public var mode: UInt16
    /// The owner's numeric id.
    public var owner: UInt32
    /// The group's numeric id.
    public var group: UInt32
    /// The size in bytes.
    public var size: UInt64
    /// The major number of a device node, else 0.
    public var deviceMajor: UInt32
    /// The minor number of a device node, else 0.
    public var deviceMinor: UInt32

    /// Makes the metadata of a file.
    public init(
        kind: Kind, mode: UInt16 = 0o644, owner: UInt32 = 0, group: UInt32 = 0, size: UInt64 = 0,
        deviceMajor: UInt32 = 0, deviceMinor: UInt32 = 0
    ) {
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.group = group
        self.size = size
        self.deviceMajor = deviceMajor
        self.deviceMinor = deviceMinor
    }

    /// Kind and permission bits as `ls -l` writes them: `drwxr-xr-t`.
    public var symbolicMode: String {
        let letter =
            switch kind {
            case .regular: "-"
            case .directory: "d"
            case .symbolicLink: "l"
            case .characterDevice: "c"
            case .blockDevice: "b"
            case .fifo: "p"
            case .socket: "s"
            }
        func triple(_ shift: UInt16, special: UInt16, _ letters: (set: String, both: String)) -> String {
            let bits = mode >> shift
            let isExecutable = bits & 1 != 0
            let last = mode & special != 0 ? (isExecutable ? letters.both : letters.set) : (isExecutable ? "x" : "-")
            return (bits & 4 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-") + last
        }
        return letter + triple(6, special: 0o4000, ("S", "s")) + triple(3, special: 0o2000, ("S", "s"))
            + triple(0, special: 0o1000, ("T", "t"))
    }

    /// The permission bits as `ls -l` writes them in octal: `0660`.
    public var octalMode: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// Answers "what is at this path?" with bytes, with the proof that there is nothing, or with an obstacle.
///
/// The live root, a captured tree, a file system inside a disk image and an in-memory tree for tests are all sources.
/// Paths are absolute; symbolic links on the way are followed, and never out of the source.
public protocol Source: Sendable {
    /// The content of the regular file at `path`, at most `limit` bytes: a larger file is the obstacle `tooLarge`.
    func read(_ path: String, limit: Int) -> Observation<[UInt8]>
    /// The names in the directory at `path`, sorted, without `.` and `..`.
    func entries(_ path: String) -> Observation<[String]>
    /// Where the symbolic link at `path` points, as it is written; absent where there is no link.
    func link(_ path: String) -> Observation<String>
    /// What stands at `path`, links followed.
    func metadata(_ path: String) -> Observation<FileMetadata>
    /// The text between two marks in a large binary file, such as a version in a program's read-only data.
    ///
    /// - Parameters:
    ///   - mark: What stands directly before the text wanted.
    ///   - limit: The longest text that can be meant, in bytes; it ends before the first byte that is not printable.
    func text(after mark: String, in path: String, limit: Int) -> Observation<String>
}

extension Source {
    /// The most that any text file of `/proc`, `/sys` and `/etc` that kvmcheck reads can hold: 4 MiB, four times the
    /// `/proc/cpuinfo` of a machine with 1024 processors.
    public static var textLimit: Int { 4 << 20 }

    /// The text at `path`, without white space at its end; empty files and binary content are obstacles.
    public func text(_ path: String, limit: Int = Self.textLimit) -> Observation<String> {
        decode(path, limit: limit, emptyIsText: false)
    }

    /// As ``text(_:limit:)``, for files that may rightly be empty, such as `cgroup.controllers`.
    public func possiblyEmptyText(_ path: String, limit: Int = Self.textLimit) -> Observation<String> {
        decode(path, limit: limit, emptyIsText: true)
    }

    private func decode(_ path: String, limit: Int, emptyIsText: Bool) -> Observation<String> {
        read(path, limit: limit).flatMap { content in
            var content = content[...]
            while let last = content.last, last == 0x20 || (0x09...0x0d).contains(last) { content.removeLast() }
            let fault: String? =
                if content.isEmpty && !emptyIsText {
                    "empty"
                } else if content.contains(where: { $0 < 0x20 && !(0x09...0x0d).contains($0) }) {
                    "binary content"
                } else {
                    nil
                }
            if let fault { return .unknown(Obstacle(.malformed, path, fault), from: .file(path)) }
            guard let text = String(validating: content, as: UTF8.self) else {
                return .unknown(Obstacle(.malformed, path, "not UTF-8"), from: .file(path))
            }
            return .known(text, from: .file(path))
        }
    }

    /// The whole number at `path`, in decimal or, after `0x`, hexadecimal.
    public func integer(_ path: String) -> Observation<Int> {
        text(path, limit: 4096).parsed(as: "a whole number") { text in
            text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
        }
    }

    /// The kernel's way to write a boolean: `Y`, `1`, `N`, `0`; anything else is malformed.
    public func boolean(_ path: String) -> Observation<Bool> {
        text(path, limit: 4096).parsed(as: "Y, N, 1 or 0") { text in
            switch text {
            case "Y", "y", "1": true
            case "N", "n", "0": false
            default: nil
            }
        }
    }

    /// Whether something stands at `path`.
    public func exists(_ path: String) -> Observation<Bool> {
        let metadata = metadata(path)
        return metadata.isAbsent ? .known(false, from: .file(path)) : metadata.map { _ in true }
    }

    /// The last component of the link at `path`: how sysfs names a device's driver, group or parent.
    public func linkName(_ path: String) -> Observation<String> {
        link(path).map { target in target.split(separator: "/").last.map(String.init) ?? target }
    }
}
