internal import ByteReading
internal import LinuxIO

/// An image and the files below it: what became of each, and what each says of the next.
public struct BackingChain: Sendable, Hashable {
    /// A file of the chain.
    public struct Link: Sendable, Hashable {
        /// How it is named by what lies above it.
        public var reference: ImageReference
        /// The path as QEMU would put it together; nil where the name is none of a file.
        public var path: String?
        /// Where it truly lies, all links followed; nil where it was not found.
        public var canonicalPath: String?
        /// What became of it.
        public var state: ImageState
        /// What it is by its content, whatever it is said to be; nil where it was not opened.
        public var contentFormat: ImageFormat?
        /// Whether QEMU has it open; nil where nobody can say.
        public var lock: ImageLock?
        /// What its header says; nil where it was not read.
        public var facts: ImageFacts?
        /// The other files that belong to it: a data file, extents. They have no parts of their own.
        public var parts: [Part] = []
    }

    /// A file that belongs to an image beside the image's own.
    public struct Part: Sendable, Hashable {
        /// How it is named by the image.
        public var reference: ImageReference
        /// The path as QEMU would put it together; nil where the name is none of a file.
        public var path: String?
        /// Where it truly lies, all links followed; nil where it was not found.
        public var canonicalPath: String?
        /// What became of it.
        public var state: ImageState
        /// Its size in bytes; nil where it was not opened.
        public var fileSize: UInt64?
    }

    /// From the image that was asked for down to the last that could be found, which may be missing or refused.
    public var links: [Link]

    /// More than any tool makes: libvirt stops at 200 as well.
    public static let depthLimit = 200

    /// Whether every file of the chain is there and readable.
    public var isWhole: Bool {
        links.allSatisfy { link in link.state == .present && link.parts.allSatisfy { $0.state == .present } }
    }

    /// Reads the headers of an image and of the files below it. Nothing is thrown: each link has its state.
    ///
    /// - Parameters:
    ///   - path: The image; a regular file or a block device.
    ///   - format: What it is said to be, by a domain's XML or by the caller; nil where its content decides.
    ///   - policy: Which other files may be opened.
    public static func read(_ path: String, as format: ImageFormat? = nil, policy: ImagePolicy = ImagePolicy())
        -> BackingChain
    {
        BackingChain(links: OpenedChain(path, as: format, policy: policy).links.map(\.link))
    }

    /// Whether what stands below a link is not what it was made on: VHD, VHDX and VMDK keep an id of their parent's
    /// content, and what is read of a changed parent is a mixture of two disks. nil where the format keeps none, as qcow2
    /// does, or where the parent was not read.
    public func isParentChanged(below index: Int) -> Bool? {
        guard index >= 0, index + 1 < links.count, let child = links[index].facts, let parent = links[index + 1].facts
        else { return nil }
        switch (child.details, parent.details) {
        case (.vhd(let child), .vhd(let parent)): return child.parentIdentity.map { $0 != parent.identity }
        case (.vmdk(let child), .vmdk(let parent)): return child.parentIdentity.map { $0 != parent.contentIdentity }
        case (.vhdx(let child), .vhdx(let parent)):
            // It is written as `{83ed0ec3-…}`.
            return child.parentLinkage.map { linkage in
                linkage.lowercased().filter { $0 != "{" && $0 != "}" } != parent.dataWriteIdentity
            }
        default: return nil
        }
    }
}
