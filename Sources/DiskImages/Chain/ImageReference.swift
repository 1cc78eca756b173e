public import ByteReading
public import Evidence

/// A file that an image names, as it is written there.
public struct ImageReference: Sendable, Hashable {
    /// What the file is for.
    public enum Role: String, Sendable, Hashable {
        /// The image that was asked for.
        case image
        /// What an overlay does not hold is read from there; VHD and VHDX call it the parent.
        case backingFile
        /// The clusters of a qcow2 image that keeps only its tables.
        case dataFile
        /// A part of a VMDK.
        case extent

        /// The role in words, with its article.
        public var phrase: String {
            switch self {
            case .image: "the image"
            case .backingFile: "the backing file"
            case .dataFile: "the data file"
            case .extent: "the extent"
            }
        }
    }

    /// What the file is for.
    public var role: Role
    /// The name as it is written.
    public var written: String
    /// The name as a path of this system: Windows writes backslashes.
    public var path: String
    /// The format that it is said to have, by QEMU's name; nil where nothing is said, and QEMU would guess.
    public var claimedFormat: String?

    /// Makes a reference; the path is the name, where it is not given.
    public init(_ role: Role, _ written: String, path: String? = nil, claimedFormat: String? = nil) {
        self.role = role
        self.written = written
        self.path = path ?? written
        self.claimedFormat = claimedFormat
    }
}

/// Why a file that an image names was not opened.
public enum ImageRefusal: Sendable, Hashable {
    /// The name is none of a file: `nbd`, `json`, `ssh`. `file:` with a path is one.
    case networkOrProtocol(String)
    /// A FIFO, a character device, a directory; a block device outside the folders that the caller allowed.
    case notRegularFile(FileMetadata.Kind)
    /// It truly lies there, which is neither in the image's folder nor where the caller allowed it.
    case outsideAllowedFolders(String)
}

/// What became of a file that an image names.
public enum ImageState: Sendable, Hashable {
    /// It is there and is what it is said to be.
    case present
    /// There is nothing.
    case missing
    /// It is not opened.
    case refused(ImageRefusal)
    /// The system does not let it be read; the errno's name.
    case unreadable(String)
    /// It is said to have another format than it has.
    case wrongFormat(found: ImageFormat)
    /// Its header cannot be read.
    case malformed(FormatError)
    /// It is one of the files above it.
    case loop
    /// It is deeper than any chain of backing files can sensibly be.
    case tooDeep

    /// What became of it in words, after its name: `is missing`.
    public var phrase: String {
        switch self {
        case .present: "is there"
        case .missing: "is missing"
        case .refused(.networkOrProtocol(let name)): "is not opened: \(name): is no file of this machine"
        case .refused(.notRegularFile(let kind)): "is not opened: it is \(kind.phrase)"
        case .refused(.outsideAllowedFolders(let path)): "is not opened: it lies outside the image's folder, at \(path)"
        case .unreadable(let name): "cannot be read: \(name)"
        case .wrongFormat(let found): "is not what it is said to be, but \(found.name)"
        case .malformed: "has a header that cannot be read"
        case .loop: "is one of the files above it"
        case .tooDeep: "is deeper than \(BackingChain.depthLimit) files"
        }
    }

    /// What an error about it is.
    var errorKind: FormatError.Kind {
        switch self {
        case .present, .refused: .unsupported
        case .missing, .unreadable: .system
        case .wrongFormat, .loop: .invalid
        case .malformed(let error): error.kind
        case .tooDeep: .limit
        }
    }
}
