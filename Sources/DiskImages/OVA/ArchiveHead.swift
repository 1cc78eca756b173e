internal import ByteReading
internal import Evidence

extension ImageHead {
    /// The largest descriptor or manifest that is read; VMware's have a few KiB.
    private static let textLimit: UInt64 = 1 << 20

    /// Reads the members of an OVA or another tar file.
    init(archive image: any BlockReader, _ format: ImageFormat) throws(FormatError) {
        let tar = try TarMembers(image)
        var members: [ArchiveFacts.Member] = []
        var manifest: [ArchiveFacts.ManifestEntry] = []
        for member in tar.members {
            var described = ArchiveFacts.Member(name: member.name, offset: member.offset, size: member.size)
            let content = BlockSlice(image, start: member.offset, size: member.size)
            if member.name.lowercased().hasSuffix(".mf"), member.size <= Self.textLimit {
                manifest += Self.manifest(try content.bytes(at: 0, count: Int(member.size)))
            } else {
                described.disk = try Self.disk(content, member.name)
            }
            members.append(described)
        }
        var facts = ImageFacts(format)
        let disks = members.compactMap(\.disk)
        // What several disks are is said of each.
        if disks.count == 1 { facts.virtualSize = disks.first?.virtualSize }
        facts.details = .archive(
            ArchiveFacts(
                members: members, descriptor: members.first { $0.name.lowercased().hasSuffix(".ovf") }?.name,
                manifest: manifest))
        self.init(facts)
    }

    private static func disk(_ content: BlockSlice, _ name: String) throws(FormatError) -> ImageFacts.Summary? {
        let format = try ImageFormat.detect(content)
        if format == .raw {
            let lower = name.lowercased()
            let isNamedSo = lower.hasSuffix(".raw") || lower.hasSuffix(".img")
            return isNamedSo ? ImageFacts.Summary(format: .raw, virtualSize: content.size) : nil
        }
        // A descriptor that stands in an archive beside its extents is no disk that anything imports.
        let head = try? ImageHead(format, content)
        return ImageFacts.Summary(
            format: format, subformat: head?.facts.subformat, virtualSize: head?.facts.virtualSize)
    }

    private static func manifest(_ bytes: [UInt8]) -> [ArchiveFacts.ManifestEntry] {
        String(decoding: bytes, as: UTF8.self).lines.compactMap { line in
            guard let (algorithm, rest) = line.cut(at: "("), let (name, value) = rest.cut(at: ")"),
                let digest = value.cut(at: "=")?.after.parts(at: "\r").first?.trimmed
            else { return nil }
            return ArchiveFacts.ManifestEntry(
                algorithm: algorithm.trimmed.uppercased(), name: String(name), digest: digest.lowercased())
        }
    }
}

/// The disk inside a tar file, where there is one.
enum ArchiveDisk {
    static func open(
        _ image: any BlockReader, _ facts: ArchiveFacts, _ surroundings: ImageSurroundings
    ) throws(FormatError) -> any BlockReader {
        guard let member = facts.disks.first, facts.disks.count == 1 else {
            throw FormatError(
                .unsupported, "tar",
                facts.disks.isEmpty ? "there is no disk in it" : "there are \(facts.disks.count) disks in it")
        }
        return try open(member, image, surroundings)
    }

    static func open(
        _ member: ArchiveFacts.Member, _ image: any BlockReader, _ surroundings: ImageSurroundings
    ) throws(FormatError) -> any BlockReader {
        let content = BlockSlice(image, start: member.offset, size: member.size)
        let head = try ImageHead(try ImageFormat.detect(content), content)
        guard head.backing == nil, head.parts.isEmpty else {
            throw FormatError(
                .unsupported, head.facts.format.name, "a disk in an archive needs another file", field: member.name,
                at: member.offset)
        }
        guard head.facts.format != .tar, head.facts.format != .ova else {
            throw FormatError(
                .unsupported, "tar", "an archive in an archive is not read", field: member.name, at: member.offset)
        }
        return try head.disk(content, surroundings)
    }
}
