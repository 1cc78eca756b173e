internal import ByteReading
internal import DiskImages
@_spi(Probing) internal import Evidence
internal import Facts
internal import LinuxIO

/// From what the reader of images says to the facts that rules and reports know.
enum ImageDescription {
    /// What an image tells of itself and of what it is read through; nothing of the disk in it.
    static func facts(of image: DiskImage, path: String) -> Facts.ImageFacts {
        let chain = image.chain
        var facts = Facts.ImageFacts(path: path)
        facts.file = TreeSource.live.metadata(path)
        guard let head = chain.links.first else { return facts }
        facts.chain = .known(chain.links.map { link($0, format: head.facts?.format) }, from: .file(path))
        facts.isInUse =
            head.lock.map { .known($0 == .written, from: .file(path)) }
            ?? .unknown(Obstacle(.unsupported, path, "the file system does not tell who has it open"))
        if let header = head.facts {
            facts.allocatedSize = .known(header.allocatedSize, from: .file(path))
            facts.format = .known(format(header, path: path), from: .file(path))
            facts.truncation = truncation(image, path)
            facts.snapshots = snapshots(header, path)
        } else {
            let obstacle = obstacle(head.state, path)
            facts.format = .unknown(obstacle)
            facts.snapshots = .unknown(obstacle)
            facts.truncation = .unknown(obstacle)
            if case .malformed(let error) = head.state { facts.truncation = truncation(error, path) }
        }
        return facts
    }

    private static func truncation(_ image: DiskImage, _ path: String) -> Observation<String> {
        do throws(FormatError) {
            guard let allocation = try image.allocation() else { return .absent(from: .file(path)) }
            if allocation.lost > 0 {
                let (bytes, overflow) = allocation.lost.multipliedReportingOverflow(by: allocation.clusterSize)
                let size = ByteCount.text(overflow ? .max : bytes)
                return .known("\(size) of its clusters lie beyond the end of the file", from: .file(path))
            }
            guard allocation.isComplete else {
                return .unknown(Obstacle(.tooLarge, path, "its tables are too large to look at all of them"))
            }
            return .absent(from: .file(path))
        } catch {
            return truncation(error, path)
        }
    }

    /// What an error proves: that something is missing, or nothing.
    private static func truncation(_ error: FormatError, _ path: String) -> Observation<String> {
        let words = "\(error.format): \(error.message)"
        return error.kind == .truncated
            ? .known(words, from: .file(path)) : .unknown(Obstacle(.malformed, path, words), from: .file(path))
    }

    private static func snapshots(_ header: DiskImages.ImageFacts, _ path: String) -> Observation<[String]> {
        guard case .qcow2(let qcow2) = header.details else { return .absent(from: .file(path)) }
        if let fault = qcow2.snapshotFault {
            return .unknown(Obstacle(.malformed, path, "\(fault.format): \(fault.message)"), from: .file(path))
        }
        return .known(qcow2.snapshots.map(\.name), from: .file(path))
    }

    /// What the header of an image says.
    private static func format(_ header: DiskImages.ImageFacts, path: String) -> ImageFormatFacts {
        var facts = ImageFormatFacts(name: header.format.qemuName ?? header.format.name)
        facts.subformat = header.subformat
        facts.claimedByExtension = ImageFormat.claimed(byName: path).map { $0.qemuName ?? $0.name }
        facts.virtualSize = header.virtualSize
        facts.clusterSize = header.clusterSize
        switch header.details {
        case .none: break
        case .qcow2(let details): describe(details, in: &facts)
        case .vhd(let details): describe(details, in: &facts)
        case .vhdx(let details): describe(details, in: &facts)
        case .vmdk(let details): describe(details, in: &facts)
        case .archive(let details):
            let disks = details.disks.map { "\($0.name) (\($0.disk?.format.name ?? "?"))" }
            facts.subformat = disks.isEmpty ? "without a disk" : "with " + disks.joined(separator: ", ")
        case .compressed(let details): facts.subformat = details.content.map { "of \($0.name)" }
        }
        return facts
    }

    private static func describe(_ qcow2: Qcow2Facts, in facts: inout ImageFormatFacts) {
        facts.version = qcow2.compatibility
        facts.compression = qcow2.compressionType
        facts.isDirty = qcow2.isDirty
        facts.isCorrupt = qcow2.isCorrupt
        facts.encryption = qcow2.encryption
        facts.dataFile = qcow2.hasDataFile ? qcow2.dataFile ?? "a file that it does not name" : nil
        facts.unknownFeatures = qcow2.unknownIncompatibleFeatures
    }

    private static func describe(_ vhd: VHDFacts, in facts: inout ImageFormatFacts) {
        func add(_ copy: VHDFacts.Copy?, _ name: String) {
            switch copy {
            case .damaged: facts.repairedFaults.append("\(name): the checksum is wrong")
            case .missing: facts.repairedFaults.append("\(name) is missing")
            case .intact, nil: break
            }
        }
        add(vhd.footer, "the footer")
        add(vhd.footerCopy, "the footer's copy")
        if vhd.isDynamicHeaderIntact == false {
            facts.repairedFaults.append("the dynamic header: the checksum is wrong")
        }
        facts.isDirty = vhd.isSavedState
    }

    private static func describe(_ vhdx: VHDXFacts, in facts: inout ImageFormatFacts) {
        for (number, isIntact) in vhdx.headersAreIntact.enumerated() where !isIntact {
            facts.repairedFaults.append("header \(number + 1) is damaged")
        }
        for (number, isIntact) in vhdx.regionTablesAreIntact.enumerated() where !isIntact {
            facts.repairedFaults.append("region table \(number + 1) is damaged")
        }
        facts.isDirty = vhdx.replayedLogEntries > 0
    }

    private static func describe(_ vmdk: VMDKFacts, in facts: inout ImageFormatFacts) {
        facts.version = vmdk.version.map(String.init)
        facts.isDirty = vmdk.isUnclean
        if vmdk.isFooterIntact == false { facts.repairedFaults.append("the footer does not say what the header says") }
        if !vmdk.isLineEndIntact {
            facts.unknownFeatures.append("line ends were changed: it was transferred as text")
        }
    }

    private static func link(_ link: BackingChain.Link, format: ImageFormat?) -> ImageLinkFacts {
        var facts = ImageLinkFacts(reference: link.reference.written, state: state(link.state))
        facts.path = link.path
        facts.claimedFormat = link.reference.claimedFormat
        facts.format = link.contentFormat.map { $0.qemuName ?? $0.name }
        facts.virtualSize = link.facts?.virtualSize
        facts.isInUse = link.lock.map { $0 == .written }
        // A part that is missing is as good as the whole.
        if facts.state == .present, let part = link.parts.first(where: { $0.state != .present }) {
            facts.state = .unreadable("its \(part.reference.written) \(phrase(part.state))")
        }
        return facts
    }

    private static func state(_ state: ImageState) -> ImageLinkFacts.State {
        switch state {
        case .present: .present
        case .missing: .missing
        // The formats themselves are compared by a rule.
        case .wrongFormat: .present
        case .refused(let refusal): .refused(phrase(refusal))
        case .unreadable, .malformed, .loop, .tooDeep: .unreadable(phrase(state))
        }
    }

    private static func phrase(_ state: ImageState) -> String {
        switch state {
        case .present: "is there"
        case .missing: "is missing"
        case .refused(let refusal): "was not opened: \(phrase(refusal))"
        case .unreadable(let name): "cannot be read: \(name)"
        case .wrongFormat(let found): "is \(found.name)"
        case .malformed(let error): "\(error.format): \(error.message)"
        case .loop: "is one of the files above it"
        case .tooDeep: "is deeper than \(BackingChain.depthLimit) files"
        }
    }

    private static func phrase(_ refusal: ImageRefusal) -> String {
        switch refusal {
        case .networkOrProtocol(let name): "it names the protocol \(name)"
        case .notRegularFile(let kind): "it is \(kind.phrase)"
        case .outsideAllowedFolders(let path): "it lies at \(path), outside the image's folder"
        }
    }

    /// Why nothing is known of an image.
    static func obstacle(_ state: ImageState, _ path: String) -> Obstacle {
        switch state {
        case .unreadable(let name) where ["EACCES", "EPERM"].contains(name): Obstacle(.permissionDenied, path, name)
        case .unreadable(let name): Obstacle(.systemError, path, name)
        case .malformed: Obstacle(.malformed, path, phrase(state))
        case .refused: Obstacle(.notRegularFile, path, phrase(state))
        default: Obstacle(.systemError, path, phrase(state))
        }
    }
}
