public import ByteReading

/// What the bytes of a disk, partition or volume are, by their own marks: a file system, a member of something, an
/// encryption, swap. The words are blkid's.
public struct Content: Sendable, Hashable {
    /// blkid's `USAGE`; it takes a member of a ZFS pool for a file system.
    public enum Usage: String, Sendable, Hashable {
        case fileSystem = "filesystem"
        /// A member of an array, a group, a pool.
        case raid
        case crypto
        /// Swap, a cache, a journal.
        case other
    }

    /// blkid's `TYPE`: `ext4`, `LVM2_member`, `crypto_LUKS` …
    public var kind: String
    /// blkid's `USAGE`.
    public var usage: Usage
    /// blkid's `VERSION`, where the kind has versions that matter: `FAT32`, `1.2`, `2`.
    public var version: String?
    /// blkid's `LABEL`; nil where there is none.
    public var label: String?
    /// blkid's `UUID`; nil where there is none.
    public var uuid: String?

    init(_ kind: String, _ usage: Usage, version: String? = nil, label: String? = nil, uuid: String? = nil) {
        self.kind = kind
        self.usage = usage
        self.version = version
        self.label = label.flatMap { $0.isEmpty ? nil : $0 }
        self.uuid = uuid.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Finds all that the bytes can be taken for, the likeliest first: what stands below others (RAID, LVM, encryption)
    /// before file systems, as blkid does. More than one means that something old was not wiped; a member of a RAID 1 whose
    /// superblock is at its end also shows what is in the array.
    ///
    /// - Throws: ``FormatError`` of the kind `system`, where reading fails; what is damaged or cut off is not recognised.
    public static func identify(_ blocks: any BlockReader) throws(FormatError) -> [Content] {
        let probe = try ContentProbe(blocks)
        var found: [Content] = []
        for look in ContentLook.allCases {
            do throws(FormatError) {
                if let content = try look.content(probe), !found.contains(where: { $0.kind == content.kind }) {
                    found.append(content)
                }
            } catch  where error.kind != .system {
                continue
            }
        }
        return found
    }
}

/// Everything that is looked for, in that order: what stands below others first.
private enum ContentLook: CaseIterable {
    case md, ddf, isw, lvm, luks, bitLocker, memberMarks, zfs
    case fat, exFAT, ntfs, swap, ext, udf, iso9660, f2fs, nilfs2, hfs, minix, fileSystemMarks

    func content(_ probe: ContentProbe) throws(FormatError) -> Content? {
        switch self {
        case .md: try MemberProbes.md(probe)
        case .ddf: try MemberProbes.ddf(probe)
        case .isw: try MemberProbes.isw(probe)
        case .lvm: try MemberProbes.lvm(probe)
        case .luks: try MemberProbes.luks(probe)
        case .bitLocker: try MemberProbes.bitLocker(probe)
        case .memberMarks: try SignatureTable.member(probe)
        case .zfs: try MemberProbes.zfs(probe)
        case .fat: try FileSystemProbes.fat(probe)
        case .exFAT: try FileSystemProbes.exFAT(probe)
        case .ntfs: try FileSystemProbes.ntfs(probe)
        case .swap: try FileSystemProbes.swap(probe)
        case .ext: try FileSystemProbes.ext(probe)
        case .udf: try FileSystemProbes.udf(probe)
        case .iso9660: try FileSystemProbes.iso9660(probe)
        case .f2fs: try FileSystemProbes.f2fs(probe)
        case .nilfs2: try FileSystemProbes.nilfs2(probe)
        case .hfs: try FileSystemProbes.hfs(probe)
        case .minix: try FileSystemProbes.minix(probe)
        case .fileSystemMarks: try SignatureTable.fileSystem(probe)
        }
    }
}

/// The bytes that are asked about, with their beginning at hand: most marks stand there.
struct ContentProbe: Sendable {
    /// Btrfs' mark, at 64 KiB, is the last that stands at the beginning.
    private static let headSize: UInt64 = 72 << 10

    let blocks: any BlockReader
    private let head: [UInt8]

    init(_ blocks: any BlockReader) throws(FormatError) {
        self.blocks = blocks
        // At most 72 KiB.
        head = try blocks.bytes(at: 0, count: Int(min(blocks.size, Self.headSize)))
    }

    var size: UInt64 { blocks.size }

    /// Bytes from anywhere.
    ///
    /// - Throws: ``FormatError``: `truncated` where they are not all there.
    func bytes(at offset: UInt64, count: Int, of format: String = "content") throws(FormatError) -> FormatBytes {
        if count >= 0, offset <= UInt64(head.count), count <= head.count - Int(offset) {
            return FormatBytes(Array(head[Int(offset)..<Int(offset) + count]), of: format, at: offset)
        }
        return try FormatBytes(reading: blocks, at: offset, count: count, of: format)
    }

    /// Whether a mark stands there; no where that is beyond the end.
    func has(_ mark: [UInt8], at offset: UInt64) throws(FormatError) -> Bool {
        guard offset <= size, UInt64(mark.count) <= size - offset else { return false }
        return try bytes(at: offset, count: mark.count).has(mark, at: 0)
    }

    /// A label: what follows a NUL and spaces at the end are not part of it.
    func label(at offset: UInt64, count: Int) throws(FormatError) -> String {
        let text = try bytes(at: offset, count: count).bytes.prefix { $0 != 0 }
        return String(decoding: text.trimmingSpaces, as: UTF8.self)
    }

    /// A UUID whose bytes stand in the order they are written; nil where all are 0.
    func uuid(at offset: UInt64) throws(FormatError) -> String? {
        UUIDText.nonZero(try bytes(at: offset, count: 16).bytes)
    }
}

extension RandomAccessCollection where Element == UInt8 {
    /// Without spaces at the end, as labels are padded.
    var trimmingSpaces: SubSequence {
        var rest = self[...]
        while rest.last == 0x20 { rest.removeLast() }
        return rest
    }
}
