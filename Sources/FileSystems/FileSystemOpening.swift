public import ByteReading

/// Opens whichever file system a volume holds.
public enum FileSystemOpening {
    /// The file system in a volume; nil where it is none that this program reads.
    ///
    /// - Throws: ``ByteReading/FormatError`` where it is one, and cannot be opened: it is damaged, or has a feature that is
    ///   not read.
    public static func open(_ volume: any BlockReader) throws(FormatError) -> (any FileSystemReader)? {
        if try ExtFileSystem.recognises(volume) { return try ExtFileSystem(volume) }
        if try XFSFileSystem.recognises(volume) { return try XFSFileSystem(volume) }
        return nil
    }
}
