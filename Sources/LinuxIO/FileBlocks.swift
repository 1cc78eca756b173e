public import ByteReading
public import Evidence
internal import Glibc

/// A regular file or a block device, opened read-only and read where it is asked.
public final class FileBlocks: BlockReader {
    /// The path it was opened by.
    public let path: String
    /// How many bytes it had when it was opened.
    public let size: UInt64
    /// What `fstat` said when it was opened.
    public let metadata: FileMetadata
    /// Which file it is, whatever its path.
    public let identity: FileIdentity
    /// How many bytes it took on its file system when it was opened; 0 for a block device. `st_blocks` × 512.
    public let allocatedSize: UInt64
    private let file: FileDescriptor

    /// Opens a file. It is opened without waiting, so that a FIFO is an error and no hang.
    ///
    /// - Throws: ``SystemError`` where the system refuses; `ESPIPE` where it is neither a regular file nor a block device.
    public convenience init(_ path: String) throws(SystemError) {
        try self.init(path, opening: path)
    }

    /// Opens a file under another name than the one it is known by.
    init(_ path: String, opening name: String) throws(SystemError) {
        let file: FileDescriptor
        do throws(SystemError) {
            file = try FileDescriptor.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        } catch {
            throw SystemError(errno: error.errno, operation: "open \(path)")
        }
        metadata = try file.metadata()
        let status = try file.status()
        identity = status.identity
        allocatedSize = status.allocatedSize
        switch metadata.kind {
        case .regular: size = metadata.size
        case .blockDevice: size = try file.end()
        default: throw SystemError(errno: ESPIPE, operation: "open \(path)")
        }
        self.path = path
        self.file = file
    }

    /// Whether the file has data there or a hole. The corresponding C function is `lseek` with `SEEK_DATA` and `SEEK_HOLE`;
    /// where a file system does not know holes, all is data.
    public func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        guard offset < size else { return BlockExtent(.data, length: 0) }
        switch file.nextData(from: offset) {
        case .at(let data) where data > offset: return BlockExtent(.zero, length: min(data, size) - offset)
        case .at: return BlockExtent(.data, length: min(file.nextHole(from: offset) ?? size, size) - offset)
        case .none: return BlockExtent(.zero, length: size - offset)
        case .notTold: return BlockExtent(.data, length: size - offset)
        }
    }

    /// Reads. The corresponding C function is `pread`.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "file")
        let got: Int
        do throws(SystemError) {
            got = try file.read(at: offset, into: &buffer)
        } catch {
            throw FormatError(.system, "file", "reading failed: \(error.name)", file: path, at: offset)
        }
        guard got == buffer.byteCount else {
            throw FormatError(.truncated, "file", "it has become shorter while it is read", file: path, at: offset)
        }
    }

    /// Whether another process holds a lock on a byte; nil where the system cannot say. Nothing is locked by asking.
    /// The corresponding call is `fcntl` with `F_OFD_GETLK`.
    public func isLocked(at offset: UInt64) -> Bool? { file.isLocked(at: offset) }
}
