internal import CZlib
internal import CZstd

/// Unpacks the compressed pieces of disk images: clusters and grains, whose unpacked size is known and small.
public enum Unpacking: Sendable {
    /// Deflate without a header; qcow2.
    case deflate
    /// Deflate with zlib's header and checksum; VMDK.
    case zlib
    /// Zstandard frames; qcow2.
    case zstd

    /// What came out.
    public struct Result: Sendable {
        /// The bytes, at most as many as were wanted.
        public var bytes: [UInt8]
        /// Whether the packed data came to its end there, and its checksum, if it has one, fits.
        public var hasEnded: Bool
    }

    /// Why nothing came out.
    public enum Failure: Error, Sendable, Hashable {
        /// The library is not installed; its name.
        case noLibrary(String)
        /// The bytes are not what they should be.
        case damaged
    }

    /// Unpacks; what stands behind the packed data is not looked at, for its end is known only by the sector.
    ///
    /// - Parameter count: The most bytes that are wanted; the caller bounds it.
    /// - Throws: ``Failure``.
    public func unpack(_ packed: [UInt8], count: Int) throws(Failure) -> Result {
        switch self {
        // A window of 4 KiB is all that QEMU writes; a larger one reads everything that another program may have written.
        case .deflate: try Self.inflate(packed, count: count, windowBits: -15)
        case .zlib: try Self.inflate(packed, count: count, windowBits: 15)
        case .zstd: try Self.decompress(packed, count: count)
        }
    }

    private static func inflate(_ packed: [UInt8], count: Int, windowBits: Int32) throws(Failure) -> Result {
        guard let library = ZlibLibrary.shared else { throw .noLibrary("zlib") }
        guard let available = UInt32(exactly: packed.count), let wanted = UInt32(exactly: count) else { throw .damaged }
        var stream = unsafe kvmcheck_z_stream()
        let size = unsafe Int32(MemoryLayout<kvmcheck_z_stream>.size)
        guard unsafe library.initialise(&stream, windowBits, "1.2.11", size) == 0 else { throw .damaged }
        defer { _ = unsafe library.end(&stream) }
        // Z_FINISH: all that there is, in one call.
        let finish: Int32 = 4
        var status: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, produced in
            // SAFETY: zlib reads `available` bytes and writes at most `wanted`, which are the buffers' sizes.
            unsafe packed.withUnsafeBufferPointer { input in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = available
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = wanted
                status = unsafe library.inflate(&stream, finish)
                produced = unsafe count - Int(stream.avail_out)
            }
        }
        // Z_STREAM_END, and Z_BUF_ERROR: the output is full or the input is used up.
        guard status == 1 || status == -5 else { throw .damaged }
        return Result(bytes: bytes, hasEnded: status == 1)
    }

    private static func decompress(_ packed: [UInt8], count: Int) throws(Failure) -> Result {
        guard let library = ZstdLibrary.shared else { throw .noLibrary("libzstd") }
        guard let context = unsafe library.createContext() else { throw .damaged }
        defer { _ = unsafe library.freeContext(context) }
        // ZSTD_d_windowLogMax: no cluster is larger than 2 MiB, and no window need be; 8 MiB leave room.
        _ = unsafe library.setParameter(context, 100, 23)
        var isWhole = true
        var hasEnded = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, produced in
            // SAFETY: libzstd reads `size` bytes of the input and writes at most `size` of the output: the buffers' sizes.
            unsafe packed.withUnsafeBufferPointer { source in
                var input = unsafe kvmcheck_zstd_in(src: source.baseAddress, size: source.count, pos: 0)
                var output = unsafe kvmcheck_zstd_out(dst: buffer.baseAddress, size: count, pos: 0)
                while unsafe output.pos < count {
                    let before = unsafe (input.pos, output.pos)
                    let left = unsafe library.decompress(context, &output, &input)
                    // The data may be several frames; 0 is the end of one.
                    hasEnded = left == 0
                    let isStuck = unsafe before == (input.pos, output.pos)
                    if library.isError(left) != 0 || isStuck {
                        isWhole = false
                        break
                    }
                }
                produced = unsafe output.pos
            }
        }
        guard isWhole || bytes.count == count else { throw .damaged }
        return Result(bytes: bytes, hasEnded: hasEnded)
    }
}

/// The functions of zlib that kvmcheck calls, found at run time.
@safe private struct ZlibLibrary: Sendable {
    typealias Stream = UnsafeMutablePointer<kvmcheck_z_stream>
    typealias Initialise = @Sendable @convention(c) (Stream?, Int32, UnsafePointer<CChar>?, Int32) -> Int32
    typealias Inflate = @Sendable @convention(c) (Stream?, Int32) -> Int32
    typealias End = @Sendable @convention(c) (Stream?) -> Int32

    // SAFETY: the types are those of zlib.h.
    let initialise: Initialise
    let inflate: Inflate
    let end: End

    static let shared = ZlibLibrary()

    private init?() {
        guard let library = DynamicLibrary("libz.so.1"),
            let initialise = unsafe library.function("inflateInit2_", as: Initialise.self),
            let inflate = unsafe library.function("inflate", as: Inflate.self),
            let end = unsafe library.function("inflateEnd", as: End.self)
        else { return nil }
        unsafe self.initialise = initialise
        unsafe self.inflate = inflate
        unsafe self.end = end
    }
}

/// The functions of libzstd that kvmcheck calls, found at run time.
@safe private struct ZstdLibrary: Sendable {
    typealias Context = OpaquePointer
    typealias Create = @Sendable @convention(c) () -> Context?
    typealias OnContext = @Sendable @convention(c) (Context?) -> Int
    typealias SetParameter = @Sendable @convention(c) (Context?, Int32, Int32) -> Int
    typealias Decompress =
        @Sendable @convention(c) (
            Context?, UnsafeMutablePointer<kvmcheck_zstd_out>?, UnsafeMutablePointer<kvmcheck_zstd_in>?
        ) -> Int
    typealias IsError = @Sendable @convention(c) (Int) -> UInt32

    // SAFETY: the types are those of zstd.h of libzstd 1.4 and later.
    let createContext: Create
    let freeContext: OnContext
    let setParameter: SetParameter
    let decompress: Decompress
    let isError: IsError

    static let shared = ZstdLibrary()

    private init?() {
        guard let library = DynamicLibrary("libzstd.so.1"),
            let create = unsafe library.function("ZSTD_createDCtx", as: Create.self),
            let free = unsafe library.function("ZSTD_freeDCtx", as: OnContext.self),
            let setParameter = unsafe library.function("ZSTD_DCtx_setParameter", as: SetParameter.self),
            let decompress = unsafe library.function("ZSTD_decompressStream", as: Decompress.self),
            let isError = library.function("ZSTD_isError", as: IsError.self)
        else { return nil }
        unsafe createContext = create
        unsafe freeContext = free
        unsafe self.setParameter = setParameter
        unsafe self.decompress = decompress
        self.isError = isError
    }
}
