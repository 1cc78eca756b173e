public import Evidence

/// A disk image: the file, what its format says, the chain it stands on, and the disk that a guest would see.
public struct ImageFacts: Sendable {
    /// The path as it was given.
    public var path: String
    /// What `stat(2)` says of the file.
    public var file: Observation<FileMetadata> = .notProbed
    /// What the file occupies on its file system in bytes: 512 × `st_blocks`.
    public var allocatedSize: Observation<UInt64> = .notProbed
    /// Whether a program has it open for writing: QEMU's locks (`block/file-posix.c`, `qemu_lock_fd_test`).
    public var isInUse: Observation<Bool> = .notProbed
    /// What its format says.
    public var format: Observation<ImageFormatFacts> = .notProbed
    /// What of it lies beyond the end of the file, in words; absent where nothing does.
    public var truncation: Observation<String> = .notProbed
    /// The names of its internal snapshots; absent where its format has none.
    public var snapshots: Observation<[String]> = .notProbed
    /// What it is read through, itself first, its base last.
    public var chain: Observation<[ImageLinkFacts]> = .notProbed
    /// What is on the disk in it.
    public var disk: Observation<DiskFacts> = .notProbed

    /// Of which only the path is known.
    public init(path: String) {
        self.path = path
    }
}

/// What the header of an image says.
public struct ImageFormatFacts: Sendable, Hashable {
    /// QEMU's word: `qcow2`, `raw`, `vmdk`, `vpc`, `vhdx`; of what this program does not read the field's word.
    public var name: String
    /// What kind of it: `monolithicSparse`, `fixed`, `dynamic`; nil where the format has none.
    public var subformat: String?
    /// The version of the format, as qemu-img says it: `1.1` and `0.10` of qcow2; nil where it has none.
    public var version: String?
    /// The formats that a file name's extension stands for; empty where it stands for none.
    public var claimedByExtension: [String] = []
    /// How large the disk is that a guest sees, in bytes; nil where it is not told.
    public var virtualSize: UInt64?
    /// The unit of allocation in bytes; nil where the format has none.
    public var clusterSize: UInt64?
    /// How the compressed clusters are compressed; nil where the format does not say.
    public var compression: String?
    /// Whether its writer has not closed it: what is not in the file yet is lost.
    public var isDirty = false
    /// Whether a program has found it damaged and marked it so.
    public var isCorrupt = false
    /// What it is encrypted with: `LUKS`, `AES`; nil where it is not.
    public var encryption: String?
    /// The file that holds its clusters (`data_file`); nil where they are in the image.
    public var dataFile: String?
    /// Features without which it cannot be read and that this program does not have.
    public var unknownFeatures: [String] = []
    /// Faults of one of two copies of a structure, where the other is good, a line each.
    public var repairedFaults: [String] = []

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }
}

/// A file that an image is read through.
public struct ImageLinkFacts: Sendable, Hashable {
    /// What became of it.
    public enum State: Sendable, Hashable {
        /// It was opened.
        case present
        /// There is no such file.
        case missing
        /// It was not opened, and why: another folder, a device, a protocol.
        case refused(String)
        /// It cannot be read, and why.
        case unreadable(String)
    }

    /// How the image above names it; the path given for the image itself.
    public var reference: String
    /// Where it is; nil where it is no file of this host.
    public var path: String?
    /// The format that the image above says it has; nil where it does not say.
    public var claimedFormat: String?
    /// The format that its content has; nil where it was not opened.
    public var format: String?
    /// The size of the disk in it in bytes; nil where it was not opened.
    public var virtualSize: UInt64?
    /// What became of it.
    public var state: State
    /// Whether a program has it open for writing; nil where nobody can say.
    public var isInUse: Bool?

    /// Makes a link from how it is named and what became of it.
    public init(reference: String, state: State) {
        self.reference = reference
        self.state = state
    }
}
