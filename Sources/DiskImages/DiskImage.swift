/// A disk image: what it is, what it leads to, and the disk inside.
public struct DiskImage: Sendable {
    /// The image and the files below it.
    public let chain: BackingChain
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
}
