internal import CLinux
@_spi(Probing) public import Evidence
internal import Glibc

/// The files of the running machine, or those below a directory that holds a captured tree.
///
/// Only regular files are ever opened for reading, so a FIFO or a device in the place of a file cannot hang or disturb
/// anything. Below a directory, links are resolved inside it by the kernel (`openat2`, `RESOLVE_IN_ROOT`).
public final class TreeSource: Source {
    /// The directory, or nil for the running machine.
    private let root: FileDescriptor?
    private let absence: MemorySource.Absence

    /// The files of the running machine.
    public static var live: TreeSource { TreeSource() }

    private init() {
        root = nil
        absence = .proven
    }

    /// The files below a directory.
    ///
    /// - Parameter absence: What it means that a path is not there; see ``MemorySource/Absence-swift.enum``.
    /// - Throws: ``SystemError`` where the directory cannot be opened.
    public init(directory: String, absence: MemorySource.Absence) throws(SystemError) {
        root = try FileDescriptor.open(directory, CLINUX_O_PATH | O_DIRECTORY)
        self.absence = absence
    }

    /// The content of a regular file; see ``Source/read(_:limit:)``.
    public func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        observe(path) { () throws(Failure) in
            let content = try self.withRegular(path) { (file, size) throws(SystemError) in
                try file.readAll(limit: limit, size: size)
            }
            guard let content else { throw .obstacle(Obstacle(.tooLarge, path, "more than \(limit) bytes")) }
            return content
        }
    }

    /// The names in a directory; see ``Source/entries(_:)``.
    public func entries(_ path: String) -> Observation<[String]> {
        observe(path) { () throws(Failure) in
            if case .unproven = self.absence { throw .obstacle(MemorySource.selection(path)) }
            let directory = try self.open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK)
            let number = directory.release()
            guard let stream = unsafe fdopendir(number) else {
                let error = SystemError.last("open \(path)")
                close(number)
                throw .system(error)
            }
            defer { unsafe closedir(stream) }
            var names: [String] = []
            // SAFETY: readdir(3) returns nil or an entry that is valid until the next call; the name ends with NUL.
            while let entry = unsafe readdir(stream) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                if name != "." && name != ".." { names.append(name) }
                guard names.count <= Self.entryLimit else {
                    throw .obstacle(Obstacle(.tooLarge, path, "more than \(Self.entryLimit) entries"))
                }
            }
            return names.sorted()
        }
    }

    /// The target of a link as written; see ``Source/link(_:)``.
    public func link(_ path: String) -> Observation<String> {
        observe(path) { () throws(Failure) in
            let node = try self.open(path, CLINUX_O_PATH | O_NOFOLLOW)
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            // SAFETY: readlinkat(2) writes at most the count it is given, which is the array's.
            let length = unsafe target.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe readlinkat(node.number, "", base.assumingMemoryBound(to: CChar.self), buffer.count)
            }
            guard length >= 0 else {
                // An empty path names the node itself; ENOENT and EINVAL then say that it is no link.
                if [ENOENT, EINVAL].contains(clinux_errno()) { throw .noLink }
                throw .system(.last("readlink \(path)"))
            }
            return String(decoding: target[..<length], as: UTF8.self)
        }
    }

    /// What stands at a path; see ``Source/metadata(_:)``.
    public func metadata(_ path: String) -> Observation<FileMetadata> {
        observe(path) { () throws(Failure) in
            if self.root == nil {
                var status = stat()
                guard unsafe stat(path, &status) == 0 else { throw .system(.last("stat \(path)")) }
                return FileMetadata(status)
            }
            let node = try self.open(path, CLINUX_O_PATH)
            return try Failure.catching { () throws(SystemError) in try node.metadata() }
        }
    }

    /// The text after a mark in a large file, read in pieces; see ``Source/text(after:in:limit:)``.
    ///
    /// In an ELF file only the read-only data is searched.
    public func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        let found: Observation<(String, UInt64)?> = observe(path) { () throws(Failure) in
            try self.withRegular(path) { (file, _) throws(SystemError) in
                let range = try ELFSections.readOnlyData(of: file) ?? 0..<Self.searchLimit
                return try Self.search(file, in: range, for: Array(mark.utf8), limit: limit)
            }
        }
        return found.compactMap { $0 }.flatMap { text, offset in
            .known(text, from: Provenance(place: Place(path, offset: offset)))
        }
    }

    // MARK: - The one way to open

    /// More names than any directory that kvmcheck lists can have: `/sys/class/net` of a host with 64 thousand guests.
    private static let entryLimit = 65536
    /// The most of a file that is not ELF which is searched for a mark: 64 MiB.
    private static let searchLimit: UInt64 = 64 << 20

    private enum Failure: Error {
        case system(SystemError)
        case obstacle(Obstacle)
        case noLink

        static func catching<Value: ~Copyable>(
            _ body: () throws(SystemError) -> Value
        ) throws(Failure) -> Value {
            do { return try body() } catch { throw .system(error) }
        }
    }

    private func open(_ path: String, _ flags: Int32) throws(Failure) -> FileDescriptor {
        try Failure.catching { () throws(SystemError) in
            switch root {
            case .some(let root): try root.open(inRoot: path, flags)
            case nil: try FileDescriptor.open(path, flags)
            }
        }
    }

    /// Opens a regular file, and nothing else, for a look at it; its size is given too.
    private func withRegular<Value>(
        _ path: String, _ look: (borrowing FileDescriptor, UInt64) throws(SystemError) -> Value
    ) throws(Failure) -> Value {
        // In a stranger's tree it is looked at before it is opened: opening a device can have effects. On the running
        // machine only root can have put one there, and opening a FIFO in this way does not wait.
        if root != nil, case .known(let metadata) = metadata(path).state, metadata.kind != .regular {
            throw .obstacle(Obstacle(.notRegularFile, path, metadata.kind.phrase))
        }
        let file = try open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let metadata = try Failure.catching { () throws(SystemError) in try file.metadata() }
        guard metadata.kind == .regular else {
            throw .obstacle(Obstacle(.notRegularFile, path, metadata.kind.phrase))
        }
        return try Failure.catching { () throws(SystemError) in try look(file, metadata.size) }
    }

    private func observe<Value>(_ path: String, _ body: () throws(Failure) -> Value) -> Observation<Value> {
        do {
            return .known(try body(), from: .file(path))
        } catch {
            switch error {
            case .noLink: return .absent(from: .file(path))
            case .obstacle(let obstacle): return .unknown(obstacle, from: .file(path))
            case .system(let error) where error.provesAbsence:
                return absenceIsProven(of: path)
                    ? .absent(from: .file(path)) : .unknown(Obstacle(.notCaptured, path), from: .file(path))
            case .system(let error):
                var obstacle = error.obstacle
                obstacle.operation = path
                return .unknown(obstacle, from: .file(path))
            }
        }
    }

    private func absenceIsProven(of path: String) -> Bool {
        switch absence {
        case .proven: return true
        case .unproven: return false
        case .provenBelowTopLevel:
            guard let top = path.split(separator: "/").first else { return true }
            return (try? self.open(String(top), CLINUX_O_PATH)) != nil
        }
    }

    private static func search(
        _ file: borrowing FileDescriptor, in range: Range<UInt64>, for mark: [UInt8], limit: Int
    ) throws(SystemError) -> (String, UInt64)? {
        let step = 128 << 10
        var offset = range.lowerBound
        while offset < range.upperBound {
            // Pieces overlap, so that a mark with its text is whole in one of them.
            let piece = try file.read(at: offset, count: step + mark.count + limit)
            if let start = firstIndex(of: mark, in: piece) {
                let text = piece[start...].prefix(limit).prefix { (0x20..<0x7f).contains($0) }
                return (String(decoding: text, as: UTF8.self), offset + UInt64(start))
            }
            if piece.count < step { return nil }
            offset += UInt64(step)
        }
        return nil
    }

    /// The index after the first occurrence. The corresponding C function is `memmem`.
    private static func firstIndex(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        // SAFETY: both pointers live for the call and are given with their counts.
        unsafe bytes.withUnsafeBytes { haystack in
            unsafe mark.withUnsafeBytes { needle in
                guard let base = haystack.baseAddress, let start = needle.baseAddress,
                    let found = unsafe memmem(base, haystack.count, start, needle.count)
                else { return nil }
                return unsafe UnsafeRawPointer(found) - base + needle.count
            }
        }
    }
}
