internal import CArchive

/// The functions of libarchive that kvmcheck calls, found at run time.
///
/// The library is opened when a tar is read or written and not before: it brings seven libraries of its own, which would
/// cost `kvmcheck host` more than all of its probes.
@safe struct TarLibrary {
    typealias Handle = OpaquePointer
    typealias Plain = @convention(c) (Handle?) -> Int32
    typealias WithMemory = @convention(c) (Handle?, UnsafeRawPointer?, Int) -> Int32
    typealias WithDescriptor = @convention(c) (Handle?, Int32, Int) -> Int32

    // SAFETY: the types are those of archive.h and archive_entry.h of libarchive 3.
    let readNew: @convention(c) () -> Handle?
    /// Tar, and the filters.
    let readSupport: [Plain]
    let readFilters: [Plain]
    let readRaw: Plain
    let readOpenMemory: WithMemory
    let readOpenDescriptor: WithDescriptor
    let readNextHeader: @convention(c) (Handle?, UnsafeMutablePointer<Handle?>?) -> Int32
    let readData: @convention(c) (Handle?, UnsafeMutableRawPointer?, Int) -> Int
    let readFree: Plain
    let writeNew: @convention(c) () -> Handle?
    let writeFormat: Plain
    let writeGzip: Plain
    let writeOpenDescriptor: @convention(c) (Handle?, Int32) -> Int32
    let writeHeader: @convention(c) (Handle?, Handle?) -> Int32
    let writeData: @convention(c) (Handle?, UnsafeRawPointer?, Int) -> Int
    let writeClose: Plain
    let writeFree: Plain
    let errorString: @convention(c) (Handle?) -> UnsafePointer<CChar>?
    let entryNew: @convention(c) () -> Handle?
    let entryFree: @convention(c) (Handle?) -> Void
    let entryPath: @convention(c) (Handle?) -> UnsafePointer<CChar>?
    let entrySetPath: @convention(c) (Handle?, UnsafePointer<CChar>?) -> Void
    let entrySymlink: @convention(c) (Handle?) -> UnsafePointer<CChar>?
    let entryType: @convention(c) (Handle?) -> UInt32
    let entrySetType: @convention(c) (Handle?, UInt32) -> Void
    let entryMode: @convention(c) (Handle?) -> UInt32
    let entrySetMode: @convention(c) (Handle?, UInt32) -> Void
    let entryOwner: @convention(c) (Handle?) -> Int64
    let entryGroup: @convention(c) (Handle?) -> Int64
    let entrySize: @convention(c) (Handle?) -> Int64
    let entrySetSize: @convention(c) (Handle?, Int64) -> Void
    let entrySetTime: @convention(c) (Handle?, Int, Int) -> Void
    let entryMajor: @convention(c) (Handle?) -> UInt
    let entryMinor: @convention(c) (Handle?) -> UInt

    /// Opens the library; nil where it is not installed, or lacks a function.
    init?() {
        guard let library = DynamicLibrary("libarchive.so.13"),
            let readNew = unsafe library.function("archive_read_new", as: (@convention(c) () -> Handle?).self),
            let openDescriptor = unsafe library.function("archive_read_open_fd", as: WithDescriptor.self),
            let nextHeader = unsafe library.function(
                "archive_read_next_header",
                as: (@convention(c) (Handle?, UnsafeMutablePointer<Handle?>?) -> Int32).self),
            let readTar = unsafe library.function("archive_read_support_format_tar", as: Plain.self),
            let readRaw = unsafe library.function("archive_read_support_format_raw", as: Plain.self),
            let openMemory = unsafe library.function("archive_read_open_memory", as: WithMemory.self),
            let readData = unsafe library.function(
                "archive_read_data", as: (@convention(c) (Handle?, UnsafeMutableRawPointer?, Int) -> Int).self),
            let readFree = unsafe library.function("archive_read_free", as: Plain.self),
            let writeNew = unsafe library.function("archive_write_new", as: (@convention(c) () -> Handle?).self),
            let writeFormat = unsafe library.function("archive_write_set_format_pax_restricted", as: Plain.self),
            let writeGzip = unsafe library.function("archive_write_add_filter_gzip", as: Plain.self),
            let writeOpen = unsafe library.function(
                "archive_write_open_fd", as: (@convention(c) (Handle?, Int32) -> Int32).self),
            let writeHeader = unsafe library.function(
                "archive_write_header", as: (@convention(c) (Handle?, Handle?) -> Int32).self),
            let writeData = unsafe library.function(
                "archive_write_data", as: (@convention(c) (Handle?, UnsafeRawPointer?, Int) -> Int).self),
            let writeClose = unsafe library.function("archive_write_close", as: Plain.self),
            let writeFree = unsafe library.function("archive_write_free", as: Plain.self),
            let errorString = unsafe library.function(
                "archive_error_string", as: (@convention(c) (Handle?) -> UnsafePointer<CChar>?).self),
            let entryNew = unsafe library.function("archive_entry_new", as: (@convention(c) () -> Handle?).self),
            let entryFree = unsafe library.function("archive_entry_free", as: (@convention(c) (Handle?) -> Void).self),
            let entryPath = unsafe library.function(
                "archive_entry_pathname", as: (@convention(c) (Handle?) -> UnsafePointer<CChar>?).self),
            let entrySetPath = unsafe library.function(
                "archive_entry_set_pathname", as: (@convention(c) (Handle?, UnsafePointer<CChar>?) -> Void).self),
            let entrySymlink = unsafe library.function(
                "archive_entry_symlink", as: (@convention(c) (Handle?) -> UnsafePointer<CChar>?).self),
            let entryType = unsafe library.function(
                "archive_entry_filetype", as: (@convention(c) (Handle?) -> UInt32).self),
            let entrySetType = unsafe library.function(
                "archive_entry_set_filetype", as: (@convention(c) (Handle?, UInt32) -> Void).self),
            let entryMode = unsafe library.function(
                "archive_entry_perm", as: (@convention(c) (Handle?) -> UInt32).self),
            let entrySetMode = unsafe library.function(
                "archive_entry_set_perm", as: (@convention(c) (Handle?, UInt32) -> Void).self),
            let entryOwner = unsafe library.function("archive_entry_uid", as: (@convention(c) (Handle?) -> Int64).self),
            let entryGroup = unsafe library.function("archive_entry_gid", as: (@convention(c) (Handle?) -> Int64).self),
            let entrySize = unsafe library.function("archive_entry_size", as: (@convention(c) (Handle?) -> Int64).self),
            let entrySetSize = unsafe library.function(
                "archive_entry_set_size", as: (@convention(c) (Handle?, Int64) -> Void).self),
            let entrySetTime = unsafe library.function(
                "archive_entry_set_mtime", as: (@convention(c) (Handle?, Int, Int) -> Void).self),
            let entryMajor = unsafe library.function(
                "archive_entry_rdevmajor", as: (@convention(c) (Handle?) -> UInt).self),
            let entryMinor = unsafe library.function(
                "archive_entry_rdevminor", as: (@convention(c) (Handle?) -> UInt).self)
        else { return nil }
        // Only filters that libarchive decodes itself: `support_filter_all` would run external programs on strange input.
        let filters = unsafe [
            "archive_read_support_filter_gzip", "archive_read_support_filter_bzip2", "archive_read_support_filter_xz",
            "archive_read_support_filter_zstd",
        ].compactMap { unsafe library.function($0, as: Plain.self) }
        unsafe self.readNew = readNew
        unsafe readFilters = filters
        unsafe self.readRaw = readRaw
        unsafe readSupport = [readTar] + filters
        unsafe readOpenMemory = openMemory
        unsafe readOpenDescriptor = openDescriptor
        unsafe readNextHeader = nextHeader
        unsafe self.readData = readData
        unsafe self.readFree = readFree
        unsafe self.writeNew = writeNew
        unsafe self.writeFormat = writeFormat
        unsafe self.writeGzip = writeGzip
        unsafe writeOpenDescriptor = writeOpen
        unsafe self.writeHeader = writeHeader
        unsafe self.writeData = writeData
        unsafe self.writeClose = writeClose
        unsafe self.writeFree = writeFree
        unsafe self.errorString = errorString
        unsafe self.entryNew = entryNew
        unsafe self.entryFree = entryFree
        unsafe self.entryPath = entryPath
        unsafe self.entrySetPath = entrySetPath
        unsafe self.entrySymlink = entrySymlink
        unsafe self.entryType = entryType
        unsafe self.entrySetType = entrySetType
        unsafe self.entryMode = entryMode
        unsafe self.entrySetMode = entrySetMode
        unsafe self.entryOwner = entryOwner
        unsafe self.entryGroup = entryGroup
        unsafe self.entrySize = entrySize
        unsafe self.entrySetSize = entrySetSize
        unsafe self.entrySetTime = entrySetTime
        unsafe self.entryMajor = entryMajor
        unsafe self.entryMinor = entryMinor
    }

    /// The library's own words for what went wrong.
    func message(_ handle: Handle?) -> String {
        guard let text = unsafe errorString(handle) else { return "unknown fault" }
        return unsafe String(cString: text)
    }
}
