internal import CLinux
public import Evidence
internal import Glibc

/// Why a tar could not be read or written.
public struct TarError: Error, Sendable, CustomStringConvertible {
    /// What is, lower case, without a full stop.
    public var description: String

    init(_ description: String) {
        self.description = description
    }

    static let libraryMissing = TarError(
        "libarchive is not installed (libarchive.so.13: package libarchive13 on Debian, libarchive on Fedora)")
}

/// Reads and writes tars, compressed or not, through libarchive.
public enum Tar {
    /// Bounds on a tar that a stranger sends: a sosreport of a large host has 20 thousand files and 200 MiB.
    public struct Limits: Sendable {
        /// The most entries.
        public var entries = 500_000
        /// The most bytes kept of all files together.
        public var total = 256 << 20
        /// The most bytes kept of one file; what is larger is known to be there, but not read.
        public var file = 4 << 20

        /// The default bounds.
        public init() {}
    }

    /// The files of a tar as a tree in memory; nothing is written to disk.
    ///
    /// - Throws: ``TarError`` where the file is not a tar, is damaged, or breaks the bounds.
    public static func read(_ path: String, limits: Limits = Limits()) throws(TarError) -> MemorySource {
        guard let library = TarLibrary() else { throw .libraryMissing }
        let file = try open(path)
        guard let archive = unsafe library.readNew() else { throw TarError("\(path): out of memory") }
        defer { unsafe _ = library.readFree(archive) }
        for index in unsafe library.readSupport.indices { unsafe _ = library.readSupport[index](archive) }
        guard unsafe library.readOpenDescriptor(archive, file.number, 1 << 16) == 0 else {
            throw TarError("\(path): \(unsafe library.message(archive))")
        }
        var tree = MemorySource()
        var kept = 0
        for _ in 0..<limits.entries {
            var entry: OpaquePointer?
            let status = unsafe library.readNextHeader(archive, &entry)
            if status == 1 { return tree }  // ARCHIVE_EOF
            // ARCHIVE_WARN is -20: the header was read, something in it was odd.
            guard status >= -20 else { throw TarError("\(path): \(unsafe library.message(archive))") }
            guard let name = unsafe library.entryPath(entry).map({ unsafe String(cString: $0) }) else { continue }
            // A name that climbs out of the archive is nobody's honest work.
            guard !name.split(separator: "/").contains("..") else { throw TarError("\(path): an entry named \(name)") }
            let node = try unsafe node(of: entry, in: archive, library, limits: limits, kept: &kept, path: path)
            tree.insert(
                node, at: name, owner: UInt32(clamping: unsafe library.entryOwner(entry)),
                group: UInt32(clamping: unsafe library.entryGroup(entry)))
        }
        throw TarError("\(path): more than \(limits.entries) entries")
    }

    private static func open(_ path: String) throws(TarError) -> FileDescriptor {
        func check<Value: ~Copyable>(_ body: () throws(SystemError) -> Value) throws(TarError) -> Value {
            do { return try body() } catch { throw TarError("\(path): \(error.name)") }
        }
        let file = try check { () throws(SystemError) in try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK) }
        let kind = try check { () throws(SystemError) in try file.metadata().kind }
        guard kind == .regular else { throw TarError("\(path): \(kind.phrase), not a tar") }
        return file
    }

    private static func node(
        of entry: OpaquePointer?, in archive: OpaquePointer, _ library: TarLibrary, limits: Limits, kept: inout Int,
        path: String
    ) throws(TarError) -> MemorySource.Node {
        let mode = UInt16(truncatingIfNeeded: unsafe library.entryMode(entry) & 0o7777)
        func special(_ kind: FileMetadata.Kind) -> MemorySource.Node {
            .special(
                FileMetadata(
                    kind: kind, mode: mode, owner: UInt32(clamping: unsafe library.entryOwner(entry)),
                    group: UInt32(clamping: unsafe library.entryGroup(entry)),
                    size: UInt64(max(0, unsafe library.entrySize(entry))),
                    deviceMajor: UInt32(clamping: unsafe library.entryMajor(entry)),
                    deviceMinor: UInt32(clamping: unsafe library.entryMinor(entry))))
        }
        if let target = unsafe library.entrySymlink(entry) { return .link(unsafe String(cString: target)) }
        switch unsafe library.entryType(entry) {
        case UInt32(Glibc.S_IFDIR): return .directory(mode: mode)
        case UInt32(Glibc.S_IFCHR): return special(.characterDevice)
        case UInt32(Glibc.S_IFBLK): return special(.blockDevice)
        case UInt32(Glibc.S_IFIFO): return special(.fifo)
        case UInt32(Glibc.S_IFSOCK): return special(.socket)
        default: break
        }
        // Hard links have no content of their own here; probes read none.
        guard unsafe library.entrySize(entry) <= limits.file else { return special(.regular) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while content.count <= limits.file {
            // SAFETY: archive_read_data writes at most the count it is given, which is the array's.
            let got = unsafe chunk.withUnsafeMutableBytes { unsafe library.readData(archive, $0.baseAddress, $0.count) }
            guard got >= 0 else { throw TarError("\(path): \(unsafe library.message(archive))") }
            if got == 0 { break }
            content += chunk[..<got]
            kept += got
            guard kept <= limits.total else { throw TarError("\(path): more than \(limits.total) bytes of files") }
        }
        return content.count <= limits.file ? .file(content, mode: mode) : special(.regular)
    }

    /// Writes files into a new tar.gz, mode 0600; nothing is left where it fails.
    ///
    /// - Parameter files: Contents by name; names are relative.
    /// - Throws: ``TarError`` where the file exists already, or cannot be written.
    public static func write(_ files: [(name: String, content: [UInt8])], to path: String, time: Int) throws(TarError) {
        guard let library = TarLibrary() else { throw .libraryMissing }
        let number = unsafe clinux_create(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            let error = SystemError.last("open \(path)")
            throw TarError(error.errno == EEXIST ? "\(path) exists already" : "\(path): \(error.name)")
        }
        let file = FileDescriptor(adopting: number)
        do {
            try write(files, to: file, library, path: path, time: time)
        } catch {
            unsafe _ = unlink(path)
            throw error
        }
    }

    private static func write(
        _ files: [(name: String, content: [UInt8])], to file: borrowing FileDescriptor, _ library: TarLibrary,
        path: String, time: Int
    ) throws(TarError) {
        guard let archive = unsafe library.writeNew(), let entry = unsafe library.entryNew() else {
            throw TarError("\(path): out of memory")
        }
        defer {
            unsafe library.entryFree(entry)
            unsafe _ = library.writeFree(archive)
        }
        func check(_ status: Int32) throws(TarError) {
            guard status >= 0 else { throw TarError("\(path): \(unsafe library.message(archive))") }
        }
        try check(unsafe library.writeFormat(archive))
        try check(unsafe library.writeGzip(archive))
        try check(unsafe library.writeOpenDescriptor(archive, file.number))
        for (name, content) in files {
            unsafe library.entrySetPath(entry, name)
            unsafe library.entrySetType(entry, UInt32(Glibc.S_IFREG))
            unsafe library.entrySetMode(entry, 0o644)
            unsafe library.entrySetSize(entry, Int64(content.count))
            unsafe library.entrySetTime(entry, time, 0)
            try check(unsafe library.writeHeader(archive, entry))
            // SAFETY: archive_write_data reads no more than the count it is given, which is the array's.
            let written = unsafe content.withUnsafeBytes { unsafe library.writeData(archive, $0.baseAddress, $0.count) }
            guard written == content.count else { throw TarError("\(path): \(unsafe library.message(archive))") }
        }
        try check(unsafe library.writeClose(archive))
    }
}
