internal import ByteReading
internal import Evidence
internal import LinuxIO

/// A chain with its files open, from which the disk is made.
struct OpenedChain: Sendable {
    struct Opened: Sendable {
        var link: BackingChain.Link
        var file: FileBlocks?
        var head: ImageHead?
        var parts: [FileBlocks?] = []
    }

    private(set) var links: [Opened] = []
    private var folders: ImageFolders?
    private var seen: Set<FileIdentity> = []

    init(_ path: String, as format: ImageFormat?, policy: ImagePolicy) {
        var next: ImageReference? = ImageReference(.image, path, claimedFormat: format?.qemuName)
        var above: String?
        while let reference = next {
            let opened = open(reference, above: above, policy)
            links.append(opened)
            above = opened.link.path
            next = opened.head?.backing
        }
    }

    /// Opens a link of the chain and reads its header.
    private mutating func open(_ reference: ImageReference, above: String?, _ policy: ImagePolicy) -> Opened {
        var link = BackingChain.Link(reference: reference, state: .present)
        guard links.count < BackingChain.depthLimit else {
            link.state = .tooDeep
            return Opened(link: link)
        }
        let found = find(reference, above: above, policy)
        link.path = found.path
        link.canonicalPath = found.canonicalPath
        link.state = found.state
        guard let file = found.file else { return Opened(link: link) }
        link.lock = ImageLock(file)
        var head: ImageHead?
        do throws(FormatError) {
            let format = try decide(reference, file, &link)
            if let format {
                var read = try ImageHead(format, file)
                read.facts.fileSize = file.size
                read.facts.allocatedSize = file.allocatedSize
                link.facts = read.facts
                head = read
            }
        } catch {
            var error = error
            error.file = error.file ?? found.path
            link.state = .malformed(error)
        }
        var opened = Opened(link: link, file: file, head: head)
        for part in head?.parts ?? [] {
            let found = find(part, above: link.path, policy)
            opened.link.parts.append(
                BackingChain.Part(
                    reference: part, path: found.path, canonicalPath: found.canonicalPath, state: found.state,
                    fileSize: found.file?.size))
            opened.parts.append(found.file)
        }
        return opened
    }

    /// The format to read a file as: what is said of it, where that can be, as QEMU does; else what it is by its content.
    private func decide(
        _ reference: ImageReference, _ file: FileBlocks, _ link: inout BackingChain.Link
    ) throws(FormatError) -> ImageFormat? {
        let found = try ImageFormat.detect(file)
        link.contentFormat = found
        guard let name = reference.claimedFormat else { return found }
        guard let claimed = ImageFormat(qemuName: name) else {
            link.state = .wrongFormat(found: found)
            return nil
        }
        // Any bytes can be raw ones; QEMU reads them so, and what they contain is for the guest.
        if claimed == found || claimed == .raw { return claimed }
        link.state = .wrongFormat(found: found)
        return nil
    }

    private struct Found {
        var path: String?
        var canonicalPath: String?
        var state = ImageState.present
        var file: FileBlocks?
    }

    /// Finds the file that a name means, and opens it where the policy lets it be opened.
    private mutating func find(_ reference: ImageReference, above: String?, _ policy: ImagePolicy) -> Found {
        var name = reference.path
        if let above {
            if let scheme = ImagePath.protocol(of: name) {
                // `file:` is QEMU's way to write a path that contains a colon.
                guard scheme == "file", name.utf8.dropFirst(5).first == UInt8(ascii: "/") else {
                    return Found(state: .refused(.networkOrProtocol(scheme)))
                }
                name = String(name.dropFirst(5))
            }
            name = ImagePath.combine(name, besides: above)
        }
        var found = Found(path: name)
        do throws(SystemError) {
            let file = try FoundFile(name)
            found.canonicalPath = file.canonicalPath
            if let refusal = refusal(of: file, policy) {
                found.state = .refused(refusal)
            } else if !seen.insert(file.identity).inserted {
                found.state = .loop
            } else {
                found.file = try file.open()
            }
        } catch {
            found.state = error.provesAbsence ? .missing : .unreadable(error.name)
        }
        return found
    }

    /// The image itself is the caller's choice; what it names is not.
    private mutating func refusal(of file: borrowing FoundFile, _ policy: ImagePolicy) -> ImageRefusal? {
        if let folders { return folders.refusal(of: file) }
        folders = ImageFolders(of: file, policy)
        return switch file.metadata.kind {
        case .regular, .blockDevice: nil
        default: .notRegularFile(file.metadata.kind)
        }
    }

    /// The disk of the whole chain, made from its base up.
    func disk() throws(FormatError) -> any BlockReader {
        var surroundings = ImageSurroundings()
        for (number, opened) in links.enumerated().reversed() {
            surroundings.number = number
            surroundings.below = try Self.disk(of: opened, surroundings)
        }
        guard let disk = surroundings.below else {
            throw FormatError(.unsupported, "image", "there is no disk in it", file: links.first?.link.path)
        }
        return disk
    }

    /// A disk of an archive.
    func disk(of member: ArchiveFacts.Member) throws(FormatError) -> any BlockReader {
        try ArchiveDisk.open(member, try archive().file, ImageSurroundings())
    }

    /// The members of an archive against its manifest.
    func checkManifest() throws(FormatError) -> [ManifestCheck] {
        let (file, facts) = try archive()
        return try facts.checkManifest(file)
    }

    private func archive() throws(FormatError) -> (file: FileBlocks, facts: ArchiveFacts) {
        guard let image = links.first, let file = image.file, case .archive(let facts)? = image.head?.facts.details
        else {
            throw FormatError(.unsupported, "image", "it is no archive", file: links.first?.link.path)
        }
        return (file, facts)
    }

    /// What the tables of the image itself say; nil where it has none.
    func allocation() throws(FormatError) -> ImageAllocation? {
        guard let image = links.first else { return nil }
        return try (try Self.disk(of: image, ImageSurroundings()) as? any CountedDisk)?.allocation()
    }

    private static func disk(
        of opened: Opened, _ surroundings: ImageSurroundings
    ) throws(FormatError) -> (any BlockReader)? {
        var surroundings = surroundings
        try require(opened.link.state, opened.link.reference, opened.link.path)
        surroundings.parts = []
        for (part, file) in zip(opened.link.parts, opened.parts) {
            try require(part.state, part.reference, part.path)
            if let file { surroundings.parts.append(file) }
        }
        guard let file = opened.file, let head = opened.head else { return nil }
        do throws(FormatError) {
            return try head.disk(file, surroundings)
        } catch {
            var error = error
            error.file = error.file ?? opened.link.path
            throw error
        }
    }

    /// Refuses a file that is not there as it should be.
    private static func require(
        _ state: ImageState, _ reference: ImageReference, _ path: String?
    ) throws(FormatError) {
        if case .malformed(let error) = state { throw error }
        guard state != .present else { return }
        throw FormatError(
            state.errorKind, "image",
            "\(reference.role.phrase) \(reference.written) \(state.phrase)", file: path)
    }
}
