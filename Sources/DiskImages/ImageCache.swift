internal import ByteReading
internal import Synchronization

/// Pieces of images that were read or unpacked, the ones used last; one for all files of a chain, so that the bound holds
/// however long the chain is.
final class ImageCache: Sendable {
    struct Key: Hashable {
        /// The number of the file in its chain.
        var file: Int
        var offset: UInt64
    }

    private struct Piece {
        var bytes: [UInt8]
        var lastUse: UInt64
    }

    private struct State {
        var pieces: [Key: Piece] = [:]
        var total = 0
        var clock: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: How many bytes are kept at most; the piece used last is kept in any case.
    init(limit: Int) { self.limit = limit }

    /// A piece that is kept, or else is made and kept.
    func piece(_ key: Key, make: () throws(FormatError) -> [UInt8]) throws(FormatError) -> [UInt8] {
        let kept = state.withLock { state -> [UInt8]? in
            guard let bytes = state.pieces[key]?.bytes else { return nil }
            state.clock &+= 1
            state.pieces[key]?.lastUse = state.clock
            return bytes
        }
        if let kept { return kept }
        // Outside the lock: two readers may make the same piece, and neither waits for the other.
        let bytes = try make()
        state.withLock { state in
            state.clock &+= 1
            state.total += bytes.count - (state.pieces[key]?.bytes.count ?? 0)
            state.pieces[key] = Piece(bytes: bytes, lastUse: state.clock)
            while state.total > limit, state.pieces.count > 1,
                let oldest = state.pieces.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.total -= oldest.value.bytes.count
                state.pieces[oldest.key] = nil
            }
        }
        return bytes
    }
}

/// The caches of a chain.
struct ImageCaches: Sendable {
    /// Pages of tables: 4 MiB tell where 32 GiB of a disk in clusters of 64 KiB lie.
    let tables = ImageCache(limit: 4 << 20)
    /// Unpacked clusters: four of the largest that there are.
    let clusters = ImageCache(limit: 8 << 20)
}

/// The tables of an image, read by the page and kept.
struct ImageTables: Sendable {
    let file: any BlockReader
    /// The number of the file in its chain.
    let number: Int
    let caches: ImageCaches
    let format: String
    let pageSize: UInt64

    /// - Parameter unit: The size of the image's smallest table in bytes; pages are of 4 to 16 KiB.
    init(_ file: any BlockReader, number: Int, _ caches: ImageCaches, of format: String, unit: UInt64) {
        self.file = file
        self.number = number
        self.caches = caches
        self.format = format
        pageSize = unit >= 16384 ? 16384 : 4096
    }

    /// The page in which an offset lies; its end is the end of the file or of the page.
    func page(at offset: UInt64) throws(FormatError) -> FormatBytes {
        let start = offset / pageSize * pageSize
        guard offset < file.size else {
            throw FormatError(.truncated, format, "a table lies beyond the end of the file", at: offset)
        }
        let count = Int(min(pageSize, file.size - start))
        let bytes = try caches.tables.piece(ImageCache.Key(file: number, offset: start)) { () throws(FormatError) in
            try file.bytes(at: start, count: count)
        }
        return FormatBytes(bytes, of: format, at: start)
    }
}
