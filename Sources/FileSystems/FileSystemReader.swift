public import ByteReading
public import Evidence

/// A file system as its own structures tell it: nodes by number, names as bytes, contents as blocks.
///
/// Each reader gives these few answers; paths, symbolic links, trees and ``Evidence/Source`` are built on them once, in
/// `PathWalk.swift` and `TreeWalk.swift`. A number is whatever finds a node again: an inode number, or the place of a
/// directory record where there are no inodes.
public protocol FileSystemReader: Source {
    /// What the file system says of itself.
    var facts: FileSystemFacts { get }
    /// The number of the root directory.
    var rootNumber: UInt64 { get }

    /// The node of a number.
    ///
    /// - Throws: ``ByteReading/FormatError`` where there is none or where it cannot be read.
    func node(_ number: UInt64) throws(FormatError) -> FileNode
    /// Visits the entries of a directory in the order they are stored, without `.` and `..`, until `visit` gives false.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the directory cannot be read to its end.
    func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError)
    /// The number of the node that a directory has under a name; nil is the proof that there is none. The file system's
    /// own rule decides what the same name is (FAT ignores case).
    ///
    /// - Throws: ``ByteReading/FormatError`` where the directory cannot be read.
    func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64?
    /// The target of a symbolic link, as it is written.
    ///
    /// - Throws: ``ByteReading/FormatError`` where it cannot be read.
    func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8]
    /// The bytes of a regular file; holes and blocks that were never written are zeros.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the maps of the file cannot be read, or where it is encrypted.
    func content(of file: FileNode) throws(FormatError) -> any BlockReader
    /// The extended attributes of a node, sorted by name, named as `getxattr(2)` names them.
    ///
    /// - Throws: ``ByteReading/FormatError`` where they cannot be read.
    func extendedAttributes(of node: FileNode) throws(FormatError) -> [ExtendedAttribute]
}

extension FileSystemReader {
    /// The first entry of exactly these bytes.
    public func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64? {
        var found: UInt64?
        try visitEntries(in: directory) { entry in
            if entry.name == name { found = entry.number }
            return found == nil
        }
        return found
    }

    /// None: many file systems know no attributes.
    public func extendedAttributes(of node: FileNode) throws(FormatError) -> [ExtendedAttribute] { [] }

    /// All entries of a directory in the order they are stored, without `.` and `..`.
    ///
    /// - Throws: ``ByteReading/FormatError``: `limit` where they would take more memory than any directory may.
    public func entries(in directory: FileNode) throws(FormatError) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        var cost = 0
        try visitEntries(in: directory) { entry throws(FormatError) in
            cost += entry.cost
            guard cost <= DirectoryEntry.costLimit else {
                throw FormatError(.limit, self.facts.kind, "a directory of more than \(entries.count) entries")
            }
            entries.append(entry)
            return true
        }
        return entries
    }
}

/// A name in a directory.
public struct DirectoryEntry: Sendable, Hashable {
    /// The name as it is stored: bytes of any encoding, never `/` or NUL.
    public var name: [UInt8]
    /// The number of the node that it names.
    public var number: UInt64
    /// What kind of file it is, where the directory says so.
    public var kind: FileMetadata.Kind?

    /// Makes an entry.
    public init(name: [UInt8], number: UInt64, kind: FileMetadata.Kind? = nil) {
        self.name = name
        self.number = number
        self.kind = kind
    }

    /// What an entry in a list takes, in bytes: itself and its name on the heap.
    var cost: Int { 80 + name.count }
    /// The most that lists of entries may take at once: 96 MiB, which is one million names of twenty bytes.
    static let costLimit = 96 << 20
}

/// A node: what `stat(2)`, `statx(2)` and `lsattr` would tell of a file.
public struct FileNode: Sendable, Hashable {
    /// The number that finds it again; an inode number where there are inodes.
    public var number: UInt64
    /// Kind, mode, owner, size, device numbers.
    public var metadata: FileMetadata
    /// How many names it has.
    public var links: UInt32
    /// How many bytes of the file system it takes, where that is stored (`st_blocks` × 512).
    public var allocatedSize: UInt64
    /// When it was read last.
    public var accessed: FileTime?
    /// When its content was changed last.
    public var modified: FileTime?
    /// When its inode was changed last.
    public var changed: FileTime?
    /// When it was made.
    public var created: FileTime?
    /// What is special about it.
    public var flags: FileFlags

    /// Makes a node; see the properties.
    public init(
        number: UInt64, metadata: FileMetadata, links: UInt32 = 1, allocatedSize: UInt64 = 0, accessed: FileTime? = nil,
        modified: FileTime? = nil, changed: FileTime? = nil, created: FileTime? = nil, flags: FileFlags = []
    ) {
        self.number = number
        self.metadata = metadata
        self.links = links
        self.allocatedSize = allocatedSize
        self.accessed = accessed
        self.modified = modified
        self.changed = changed
        self.created = created
        self.flags = flags
    }
}

/// What `lsattr(1)` and FAT's attributes tell of a file, as far as a reader or a rule has a use for it.
public struct FileFlags: OptionSet, Sendable, Hashable {
    /// One bit for each flag; the values are this program's own.
    public let rawValue: UInt16
    /// Makes a set of flags.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// It cannot be changed (`chattr +i`).
    public static let immutable = FileFlags(rawValue: 1)
    /// It can only grow (`chattr +a`).
    public static let appendOnly = FileFlags(rawValue: 2)
    /// Its names or its content are encrypted (fscrypt).
    public static let encrypted = FileFlags(rawValue: 4)
    /// Its content is checked by fs-verity.
    public static let verity = FileFlags(rawValue: 8)
    /// Names in this directory are compared without case.
    public static let caseInsensitive = FileFlags(rawValue: 16)
    /// FAT's read-only attribute.
    public static let readOnly = FileFlags(rawValue: 32)
    /// FAT's hidden attribute.
    public static let hidden = FileFlags(rawValue: 64)
    /// FAT's system attribute.
    public static let system = FileFlags(rawValue: 128)
}

/// A time of a file.
public struct FileTime: Sendable, Hashable {
    /// Seconds since 1970-01-01 00:00 UTC.
    public var seconds: Int64
    /// Nanoseconds after that, below 1,000,000,000.
    public var nanoseconds: UInt32

    /// Makes a time.
    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

/// An extended attribute.
public struct ExtendedAttribute: Sendable, Hashable {
    /// The name with its prefix: `security.selinux`, `system.posix_acl_access`.
    public var name: [UInt8]
    /// The value as `getxattr(2)` gives it.
    public var value: [UInt8]

    /// Makes an attribute.
    public init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}
