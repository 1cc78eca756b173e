internal import CLinux
public import Evidence
internal import Glibc

/// A file that was found and is not opened: what it is and where it truly lies are known before anything is done with it.
///
/// No device wakes and no FIFO waits. The corresponding call is `open` with `O_PATH`; the path is the kernel's own, which
/// is why nobody can put another file into its place between the look and the opening.
public struct FoundFile: ~Copyable, Sendable {
    /// The path it was asked for by.
    public let path: String
    /// Where it lies, all links followed; as the kernel says it in `/proc/self/fd`.
    public let canonicalPath: String
    /// What it is.
    public let metadata: FileMetadata
    /// Which file it is, whatever its path.
    public let identity: FileIdentity
    private let file: FileDescriptor

    /// Finds a file; links are followed.
    ///
    /// - Throws: ``SystemError`` where there is none, or where the kernel does not tell its path (no `/proc`).
    public init(_ path: String) throws(SystemError) {
        let file = try FileDescriptor.open(path, CLINUX_O_PATH)
        let metadata = try file.metadata()
        let identity = try file.status().identity
        let canonicalPath = try file.canonicalPath()
        self.path = path
        self.canonicalPath = canonicalPath
        self.metadata = metadata
        self.identity = identity
        self.file = file
    }

    /// Opens what was found, read-only.
    ///
    /// - Throws: ``SystemError`` as ``FileBlocks/init(_:)``.
    public func open() throws(SystemError) -> FileBlocks {
        try FileBlocks(path, opening: "/proc/self/fd/\(file.number)")
    }
}

/// Which file it is: two paths with equal identities are one file.
public struct FileIdentity: Sendable, Hashable {
    /// The device of the file system, `st_dev`.
    public var device: UInt64
    /// The inode's number, `st_ino`.
    public var inode: UInt64

    /// Makes an identity.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// What `fstat` says beside ``Evidence/FileMetadata``.
struct FileStatus {
    var identity: FileIdentity
    /// The bytes that it takes on its file system, `st_blocks` × 512.
    var allocatedSize: UInt64
}

extension FileDescriptor {
    /// Which file is open here and what it takes. The corresponding C function is `fstat`.
    ///
    /// - Throws: ``SystemError`` with `fstat`.
    func status() throws(SystemError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw SystemError.last("fstat") }
        return FileStatus(
            identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
            allocatedSize: UInt64(max(0, status.st_blocks)) &* 512)
    }

    /// The path of what is open here, as the kernel knows it. The corresponding C function is `readlink`.
    ///
    /// - Throws: ``SystemError`` with `readlink`; `ENAMETOOLONG` where the path does not fit `PATH_MAX`.
    func canonicalPath() throws(SystemError) -> String {
        let link = "/proc/self/fd/\(number)"
        let limit = Int(PATH_MAX)
        var failure: SystemError?
        let path = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            // SAFETY: the buffer holds `limit` bytes, and readlink(2) writes no more than it is told.
            let got = unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return 0 }
                return unsafe readlink(link, start, limit)
            }
            if got < 0 { failure = SystemError.last("readlink \(link)") }
            count = max(0, got)
        }
        if let failure { throw failure }
        guard path.count < limit else { throw SystemError(errno: ENAMETOOLONG, operation: "readlink \(link)") }
        return String(decoding: path, as: UTF8.self)
    }

    /// The bytes of a range on which another process holds a lock, shared or exclusive, of the open-file-description kind
    /// or the classic one. Nothing is locked by asking. The corresponding call is `fcntl` with `F_OFD_GETLK`.
    ///
    /// - Returns: nil where the file system or the kernel cannot say.
    func isLocked(at offset: UInt64) -> Bool? {
        guard let offset = Int64(exactly: offset) else { return nil }
        let answer = clinux_is_locked(number, offset)
        return answer < 0 ? nil : answer != 0
    }
}
