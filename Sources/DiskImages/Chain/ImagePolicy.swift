internal import Evidence
internal import LinuxIO

/// Which other files an image may lead to: its backing file, its data file, its extents.
///
/// An image names files of the machine that it is looked at on, and whoever made the image chose the names. By default
/// only regular files in the image's own folder and below are opened; where a file truly lies decides, all links followed.
public struct ImagePolicy: Sendable, Hashable {
    /// Folders besides the image's own in which files may be opened; block devices too.
    public var allowedFolders: [String]

    /// Makes a policy that allows the image's own folder, and those given.
    public init(allowing allowedFolders: [String] = []) { self.allowedFolders = allowedFolders }
}

/// A policy for one image, with the folders as the kernel names them.
struct ImageFolders: Sendable {
    private let own: [String]
    private let allowed: [String]

    init(of image: borrowing FoundFile, _ policy: ImagePolicy) {
        // A link to an image has two folders: QEMU looks for relative names in the link's.
        own = [ImagePath.folder(of: image.canonicalPath), Self.canonical(ImagePath.folder(of: image.path))]
            .compactMap(\.self)
        allowed = policy.allowedFolders.compactMap(Self.canonical)
    }

    /// Why a file that an image names is not opened; nil where it may be.
    func refusal(of file: borrowing FoundFile) -> ImageRefusal? {
        switch file.metadata.kind {
        case .regular:
            let path = file.canonicalPath
            let isInside = (own + allowed).contains { ImagePath.lies(path, in: $0) }
            return isInside ? nil : .outsideAllowedFolders(path)
        case .blockDevice:
            let path = file.canonicalPath
            return allowed.contains { ImagePath.lies(path, in: $0) } ? nil : .notRegularFile(.blockDevice)
        default: return .notRegularFile(file.metadata.kind)
        }
    }

    private static func canonical(_ folder: String) -> String? {
        (try? FoundFile(folder))?.canonicalPath
    }
}
