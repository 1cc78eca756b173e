internal import CLinux
internal import Glibc

/// A mapping of memory that is unmapped when its owner goes; all access is bounds-checked.
@safe public struct MappedMemory: ~Copyable {
    // SAFETY: what mmap(2) returned for `count` bytes; every access is cut to them.
    private let base: UnsafeMutableRawPointer
    /// How many bytes are mapped.
    public let count: Int

    /// Maps what a descriptor shares, such as a vCPU's run area. The corresponding C function is `mmap`.
    ///
    /// - Throws: ``SystemError`` with `mmap`.
    public init(sharedWith file: borrowing FileDescriptor, size: Int) throws(SystemError) {
        try self.init(file.number, size, MAP_SHARED)
    }

    /// Maps fresh memory, filled with zeros. The corresponding C function is `mmap` with `MAP_ANONYMOUS`.
    ///
    /// - Throws: ``SystemError`` with `mmap`.
    public init(zeroed size: Int) throws(SystemError) {
        try self.init(-1, size, MAP_SHARED | MAP_ANONYMOUS)
    }

    private init(_ file: Int32, _ size: Int, _ flags: Int32) throws(SystemError) {
        let address = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, file, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else { throw SystemError.last("mmap") }
        unsafe base = unsafe address
        count = size
    }

    deinit { unsafe munmap(base, count) }

    /// The address in this process, for a kernel call that is told where guest memory lies.
    public var address: UInt64 { unsafe UInt64(UInt(bitPattern: base)) }

    /// The bytes at an offset; fewer where the mapping ends.
    public func bytes(at offset: Int, count wanted: Int) -> [UInt8] {
        guard offset >= 0, offset <= count else { return [] }
        // SAFETY: the range is cut to the mapping.
        return unsafe [UInt8](UnsafeRawBufferPointer(start: base + offset, count: max(0, min(wanted, count - offset))))
    }

    /// Writes bytes at an offset; those beyond the end of the mapping are dropped.
    public func write(_ bytes: [UInt8], at offset: Int) {
        for (index, byte) in bytes.enumerated() where offset >= 0 && offset + index < count {
            // SAFETY: offset + index lies inside the mapping.
            unsafe base.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
        }
    }
}
