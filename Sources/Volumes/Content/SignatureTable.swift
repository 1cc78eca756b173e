internal import ByteReading

/// Kinds that one mark at one place tells, with the places of label and UUID.
struct Signature: Sendable {
    var kind: String
    var usage: Content.Usage
    var mark: [UInt8]
    var offset: UInt64
    /// Where the UUID stands, its bytes in the order they are written.
    var uuid: UInt64?
    /// Where the label stands, and how many bytes it has.
    var label: Range<UInt64>?

    init(
        _ kind: String, _ usage: Content.Usage, _ mark: [UInt8], at offset: UInt64, uuid: UInt64? = nil,
        label: (offset: UInt64, count: UInt64)? = nil
    ) {
        self.kind = kind
        self.usage = usage
        self.mark = mark
        self.offset = offset
        self.uuid = uuid
        self.label = label.map { $0.offset..<$0.offset + $0.count }
    }

    init(
        _ kind: String, _ usage: Content.Usage, _ mark: String, at offset: UInt64, uuid: UInt64? = nil,
        label: (offset: UInt64, count: UInt64)? = nil
    ) {
        self.init(kind, usage, Array(mark.utf8), at: offset, uuid: uuid, label: label)
    }
}

/// The table of them. Source: util-linux, libblkid/src/superblocks/, one file for each kind.
enum SignatureTable {
    private static let members: [Signature] = [
        Signature(
            "bcache", .other,
            [0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5, 0x7f, 0x48, 0xba, 0x6d, 0x81],
            at: 4096 + 24, uuid: 4096 + 40, label: (4096 + 72, 32)),
        Signature("ceph_bluestore", .other, "bluestore block device", at: 0),
        Signature("LVM1_member", .raid, [0x48, 0x4d, 1, 0], at: 0),
        Signature("LVM1_member", .raid, [0x48, 0x4d, 2, 0], at: 0),
        Signature("DM_snapshot_cow", .other, "SnAp", at: 0),
        Signature("DM_verity_hash", .crypto, "verity\0\0", at: 0, uuid: 16),
        Signature("DM_integrity", .crypto, "integrt\0", at: 0),
        Signature("VMFS_volume_member", .raid, [0x0d, 0xd0, 0x01, 0xc0], at: 1 << 20),
        Signature("vdo", .other, "dmvdo001", at: 0),
        Signature(
            "stratis", .raid, Array("!Stra0tis".utf8) + [0x86, 0xff, 0x02, 0x5e] + Array("Arh".utf8), at: 512 + 4),
    ]

    private static let fileSystems: [Signature] = [
        Signature("xfs", .fileSystem, "XFSB", at: 0, uuid: 32, label: (108, 12)),
        Signature("reiserfs", .fileSystem, "ReIsErFs", at: 65536 + 52),
        Signature("reiserfs", .fileSystem, "ReIsEr2Fs", at: 65536 + 52, uuid: 65536 + 84, label: (65536 + 100, 16)),
        Signature("reiserfs", .fileSystem, "ReIsEr3Fs", at: 65536 + 52, uuid: 65536 + 84, label: (65536 + 100, 16)),
        Signature("reiserfs", .fileSystem, "ReIsErFs", at: 8192 + 52),
        Signature("jfs", .fileSystem, "JFS1", at: 32768, uuid: 32768 + 136, label: (32768 + 152, 16)),
        Signature("refs", .fileSystem, [0, 0, 0, 0x52, 0x65, 0x46, 0x53, 0], at: 0),
        Signature("cramfs", .fileSystem, [0x45, 0x3d, 0xcd, 0x28], at: 0, label: (48, 16)),
        Signature("romfs", .fileSystem, "-rom1fs-", at: 0, label: (16, 16)),
        Signature("gfs2", .fileSystem, [0x01, 0x16, 0x19, 0x70], at: 65536, uuid: 65536 + 256),
        Signature("ocfs2", .fileSystem, "OCFSV2", at: 1024, uuid: 1024 + 0x150, label: (1024 + 0x110, 64)),
        Signature("ocfs2", .fileSystem, "OCFSV2", at: 2048, uuid: 2048 + 0x150, label: (2048 + 0x110, 64)),
        Signature("ocfs2", .fileSystem, "OCFSV2", at: 4096, uuid: 4096 + 0x150, label: (4096 + 0x110, 64)),
        Signature("squashfs", .fileSystem, "hsqs", at: 0),
        Signature("btrfs", .fileSystem, "_BHRfS_M", at: 65536 + 64, uuid: 65536 + 32, label: (65536 + 299, 256)),
        Signature("VMFS", .fileSystem, [0x5e, 0xf1, 0xab, 0x2f], at: 2 << 20),
        Signature("apfs", .fileSystem, "NXSB", at: 32, uuid: 72),
        Signature(
            "bcachefs", .fileSystem, [0x18, 0x39, 0xc8, 0x4d], at: 4096 + 24, uuid: 4096 + 56, label: (4096 + 72, 32)),
        Signature("erofs", .fileSystem, [0xe2, 0xe1, 0xf5, 0xe0], at: 1024, uuid: 1024 + 48, label: (1024 + 64, 16)),
    ]

    static func member(_ probe: ContentProbe) throws(FormatError) -> Content? { try first(of: members, probe) }

    static func fileSystem(_ probe: ContentProbe) throws(FormatError) -> Content? {
        try first(of: fileSystems, probe)
    }

    private static func first(of table: [Signature], _ probe: ContentProbe) throws(FormatError) -> Content? {
        for signature in table where try probe.has(signature.mark, at: signature.offset) {
            var content = Content(signature.kind, signature.usage)
            if let place = signature.uuid { content.uuid = try probe.uuid(at: place) }
            if let place = signature.label {
                let label = try probe.label(at: place.lowerBound, count: place.count)
                content.label = label.isEmpty ? nil : label
            }
            return content
        }
        return nil
    }
}
