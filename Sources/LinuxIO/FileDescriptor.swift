internal import CLinux
public import Evidence
internal import Glibc

/// An open file that is closed when its owner goes.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for calls that this type does not have.
    public let number: Int32

    /// Takes ownership of an open descriptor.
    public init(adopting number: Int32) {
        self.number = number
    }

    deinit { close(number) }

    /// Gives the descriptor up: it stays open, and closing it is the caller's.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Opens a file. The corresponding C function is `open`; `O_CLOEXEC` is always set, EINTR is retried.
    ///
    /// - Throws: ``SystemError`` with `open PATH`.
    public static func open(_ path: String, _ flags: Int32) throws(SystemError) -> FileDescriptor {
        let number = retrying { unsafe clinux_open(path, flags | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError.last("open \(path)") }
        return FileDescriptor(adopting: number)
    }

    /// Standard input, under a number of its own. The corresponding C function is `dup`.
    ///
    /// - Throws: ``SystemError`` where it is closed.
    public static func standardInput() throws(SystemError) -> FileDescriptor {
        let number = dup(STDIN_FILENO)
        guard number >= 0 else { throw SystemError.last("standard input") }
        return FileDescriptor(adopting: number)
    }

    /// Opens a file below a directory; links on the way stay inside it. The corresponding call is `openat2` with
    /// `RESOLVE_IN_ROOT` (Linux 5.6).
    ///
    /// - Throws: ``SystemError`` with `open PATH`.
    public func open(inRoot path: String, _ flags: Int32) throws(SystemError) -> FileDescriptor {
        let number = Self.retrying { unsafe clinux_open_in_root(self.number, path, flags | O_CLOEXEC) }
        guard number >= 0 else { throw SystemError.last("open \(path)") }
        return FileDescriptor(adopting: number)
    }

    /// What is open here. The corresponding C function is `fstat`.
    ///
    /// - Throws: ``SystemError`` with `fstat`.
    public func metadata() throws(SystemError) -> FileMetadata {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw SystemError.last("fstat") }
        return FileMetadata(status)
    }

    /// Reads until the end or until more than `limit` bytes have come; nil means that there were more.
    ///
    /// - Parameter size: What `fstat` says, so that the end need not be asked for once more. Files of procfs say 0; those
    ///   of sysfs say a page, and give all they have in one read (Documentation/filesystems/sysfs.rst).
    /// - Throws: ``SystemError`` with `read`.
    public func readAll(limit: Int, size: UInt64 = 0) throws(SystemError) -> [UInt8]? {
        var content: [UInt8] = []
        // The next size up, so that a file that fits is known to have ended.
        var chunk = size > 0 && size < 16384 ? Int(size) + 1 : 16384
        while content.count <= limit {
            let wanted = min(chunk, limit + 1 - content.count)
            var failure: SystemError?
            let part = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                // SAFETY: the buffer holds `wanted` bytes, and read(2) writes no more than it is told.
                let got = Self.retrying {
                    unsafe Int32(truncatingIfNeeded: Glibc.read(number, buffer.baseAddress, wanted))
                }
                if got < 0 { failure = SystemError.last("read") }
                count = max(0, Int(got))
            }
            if let failure { throw failure }
            if part.isEmpty { return content }
            content = content.isEmpty ? part : content + part
            let isAll = size > 0 && content.count == Int(clamping: size) || size == 4096 && part.count < wanted
            if isAll && part.count < wanted { return content }
            chunk = min(chunk * 4, 1 << 20)
        }
        return nil
    }

    /// Reads up to `count` bytes at an offset. The corresponding C function is `pread`.
    ///
    /// - Throws: ``SystemError`` with `pread`.
    public func read(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        guard let offset = Int(exactly: offset) else { return [] }
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            // SAFETY: the buffer holds `count` bytes, and pread(2) writes no more than it is told.
            let got = Self.retrying {
                unsafe Int32(truncatingIfNeeded: pread(number, buffer.baseAddress, count, offset))
            }
            if got < 0 { failure = SystemError.last("pread") }
            initialised = max(0, Int(got))
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills a buffer from an offset; fewer bytes than it holds mean the end. The corresponding C function is `pread`.
    ///
    /// - Throws: ``SystemError`` with `pread`.
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(SystemError) -> Int {
        var done = 0
        var failure: SystemError?
        // SAFETY: the buffer is the span's own, and pread(2) writes no more than it is told.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            while done < bytes.count, let start = Int(exactly: offset &+ UInt64(done)) {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                let got = unsafe pread(number, rest.baseAddress, rest.count, start)
                if got < 0 && clinux_errno() == EINTR { continue }
                if got < 0 { failure = SystemError.last("pread") }
                if got <= 0 { return }
                done += got
            }
        }
        if let failure { throw failure }
        return done
    }

    /// The size of what is open. The corresponding C function is `lseek` with `SEEK_END`: `fstat` says 0 of a block device.
    ///
    /// - Throws: ``SystemError`` with `lseek`.
    func end() throws(SystemError) -> UInt64 {
        let end = lseek(number, 0, SEEK_END)
        guard end >= 0 else { throw SystemError.last("lseek") }
        return UInt64(end)
    }

    /// Where a file has its next data.
    enum NextData {
        case at(UInt64)
        case none
        case notTold
    }

    /// The first stored byte at or after an offset.
    func nextData(from offset: UInt64) -> NextData {
        guard let start = Int(exactly: offset) else { return .notTold }
        let next = lseek(number, start, CLINUX_SEEK_DATA)
        if next >= 0 { return .at(UInt64(next)) }
        return clinux_errno() == ENXIO ? .none : .notTold
    }

    /// The first hole at or after an offset; a file ends with one.
    func nextHole(from offset: UInt64) -> UInt64? {
        guard let start = Int(exactly: offset) else { return nil }
        let next = lseek(number, start, CLINUX_SEEK_HOLE)
        return next >= 0 ? UInt64(next) : nil
    }

    /// An ioctl whose argument is a number. EINTR is not retried: for KVM_RUN it is the deadline.
    ///
    /// - Throws: ``SystemError`` with the name given.
    @discardableResult
    public func ioctl(_ request: UInt, _ argument: UInt = 0, name: String) throws(SystemError) -> Int32 {
        let result = clinux_ioctl(number, request, argument)
        guard result >= 0 else { throw SystemError.last(name) }
        return result
    }

    /// An ioctl whose argument is a struct of the kernel's, as bytes that it reads and may rewrite in place.
    ///
    /// - Precondition: the array is at least as long as the struct that the request's number encodes or that a count
    ///   inside it announces.
    /// - Throws: ``SystemError`` with the name given.
    @discardableResult
    public func ioctl(_ request: UInt, bytes: inout [UInt8], name: String) throws(SystemError) -> Int32 {
        // SAFETY: the pointer lives for the call; the caller sized the array for the request (see the precondition).
        let result = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe clinux_ioctl_pointer(number, request, buffer.baseAddress)
        }
        guard result >= 0 else { throw SystemError.last(name) }
        return result
    }

    /// Calls again as long as a signal got in the way.
    private static func retrying(_ call: () -> Int32) -> Int32 {
        var result = call()
        while result < 0 && clinux_errno() == EINTR { result = call() }
        return result
    }
}

extension FileMetadata {
    /// What `stat(2)` wrote.
    init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            case S_IFIFO: .fifo
            default: .socket
            }
        let isDevice = kind == .characterDevice || kind == .blockDevice
        self.init(
            kind: kind, mode: UInt16(status.st_mode & 0o7777), owner: status.st_uid, group: status.st_gid,
            size: UInt64(max(0, status.st_size)),
            deviceMajor: isDevice ? clinux_major(status.st_rdev) : 0,
            deviceMinor: isDevice ? clinux_minor(status.st_rdev) : 0)
    }
}
