public import ByteReading

/// A disk image: what it is, what it leads to, and the disk inside.
public struct DiskImage: Sendable {
    /// The image and the files below it.
    public let chain: BackingChain
    /// What is known of the image itself; nil where its header was not read.
    public var facts: ImageFacts? { chain.links.first?.facts }
    private let opened: OpenedChain

    /// Looks at an image. Nothing is thrown: what could not be found or read is in the chain, link by link.
    ///
    /// - Parameters:
    ///   - path: The image; a regular file or a block device.
    ///   - format: What it is said to be, by a domain's XML or by the caller; nil where its content decides.
    ///   - policy: Which other files may be opened.
    public static func open(_ path: String, as format: ImageFormat? = nil, policy: ImagePolicy = ImagePolicy())
        -> DiskImage
    {
        DiskImage(OpenedChain(path, as: format, policy: policy))
    }

    private init(_ opened: OpenedChain) {
        self.opened = opened
        chain = BackingChain(links: opened.links.map(\.link))
    }

    /// The disk inside, as a guest sees it: what the image holds, and below it what its backing files hold.
    ///
    /// - Throws: ``ByteReading/FormatError`` where a file of the chain is missing, refused or not understood: a disk of
    ///   which a part is not there is not read.
    public func disk() throws(FormatError) -> any BlockReader { try opened.disk() }

    /// A disk of an OVA or another tar file, where there are several.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the image is no archive, or the disk is not understood.
    public func disk(of member: ArchiveFacts.Member) throws(FormatError) -> any BlockReader {
        try opened.disk(of: member)
    }

    /// Holds the members of an OVA against its manifest; all of them are read. Empty where there is no manifest.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the image is no archive, or cannot be read.
    public func checkManifest() throws(FormatError) -> [ManifestCheck] { try opened.checkManifest() }

    /// What the tables of the image itself say of where its disk is kept: what is stored, and what of it is lost because the
    /// file was cut off. nil where the format has no tables.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the image is not understood, or its tables are lost.
    public func allocation() throws(FormatError) -> ImageAllocation? { try opened.allocation() }
}
