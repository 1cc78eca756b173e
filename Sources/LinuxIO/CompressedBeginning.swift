internal import CArchive

/// The first bytes of what a compressed file holds, so that one can see what it is without unpacking all of it.
public enum CompressedBeginning {
    /// Unpacks the beginning of gzip, bzip2, xz or Zstandard data.
    ///
    /// - Parameters:
    ///   - packed: The file's first bytes; they may end anywhere.
    ///   - limit: The most bytes that are wanted.
    /// - Returns: What came out; nil where libarchive is not installed, or the data is of none of these kinds.
    public static func unpack(_ packed: [UInt8], limit: Int) -> [UInt8]? {
        guard let library = TarLibrary(), let archive = unsafe library.readNew() else { return nil }
        for index in unsafe library.readFilters.indices { unsafe _ = library.readFilters[index](archive) }
        unsafe _ = library.readRaw(archive)
        // SAFETY: libarchive reads at most the count it is given, which is the array's, and the array outlives the archive.
        return unsafe packed.withUnsafeBytes { input -> [UInt8]? in
            defer { unsafe _ = library.readFree(archive) }
            guard unsafe library.readOpenMemory(archive, input.baseAddress, input.count) == 0 else { return nil }
            var entry: OpaquePointer?
            // ARCHIVE_WARN is -20.
            guard unsafe library.readNextHeader(archive, &entry) >= -20 else { return nil }
            var content: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 1 << 14)
            while content.count < limit {
                // SAFETY: archive_read_data writes at most the count it is given, which is the array's.
                let got = unsafe chunk.withUnsafeMutableBytes {
                    unsafe library.readData(archive, $0.baseAddress, $0.count)
                }
                // The input ends in the middle, which is no fault of the file's.
                guard got > 0 else { break }
                content += chunk[..<min(got, limit - content.count)]
            }
            return content
        }
    }
}
