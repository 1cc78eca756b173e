internal import ByteReading
internal import Evidence

/// An inode as it is stored, big-endian but for the checksum.
///
/// ```
///   0 magic "IN", mode   4 version, format, onlink   8 uid   12 gid     16 nlink    24 big_nextents (NREXT64)
///  32 atime             40 mtime                    48 ctime            56 size     64 nblocks
///  76 nextents          80 anextents                82 forkoff, aformat 90 flags    92 gen
/// 100 crc              120 flags2                  144 crtime          152 ino     160 uuid        (version 3)
/// 100 or 176: the data fork, and after forkoff × 8 bytes the attribute fork
/// ```
/// Source: Linux, fs/xfs/libxfs/xfs_format.h, `struct xfs_dinode`.
struct XFSInode: Sendable {
    let number: UInt64
    let record: Record
    let mode: UInt16
    let size: UInt64
    let flags: UInt16
    let flags2: UInt64
    private let version: UInt8

    private static let magic: UInt16 = 0x494e

    enum Flag {
        static let realtime: UInt16 = 1
        static let immutable: UInt16 = 8
        static let appendOnly: UInt16 = 16
        static let bigTime: UInt64 = 8
        static let bigCounts: UInt64 = 16
    }

    /// How a fork keeps what it has (`xfs_dinode_fmt`).
    enum Format: UInt8 {
        case device = 0
        case local = 1
        case extents = 2
        case tree = 3
    }

    init(_ number: UInt64, _ record: Record, in volume: XFSVolume) throws(FormatError) {
        self.number = number
        self.record = record
        version = try record.u8(4)
        guard try record.be16(0) == Self.magic,
            volume.superblock.hasChecksums ? version == 3 : (1...2).contains(version)
        else { throw record.invalid("there is no inode \(number)", field: "di_magic, di_version") }
        if version == 3 {
            try volume.verify(record, checksum: 100, uuid: 160, owner: (152, number))
            flags2 = try record.be64(120)
        } else {
            flags2 = 0
        }
        mode = try record.be16(2)
        guard mode != 0 else { throw record.invalid("inode \(number) is free", field: "di_mode = 0", at: 2) }
        flags = try record.be16(90)
        size = try record.be64(56)
        guard size <= UInt64(Int64.max) else {
            throw record.invalid("invalid inode \(number)", field: "di_size = \(size)", at: 56)
        }
    }

    private var coreSize: Int { version == 3 ? 176 : 100 }

    /// What `stat(2)` tells of it.
    func node(blockSize: UInt64) throws(FormatError) -> FileNode {
        let kind: FileMetadata.Kind =
            switch mode >> 12 {
            case 1: .fifo
            case 2: .characterDevice
            case 4: .directory
            case 6: .blockDevice
            case 8: .regular
            case 10: .symbolicLink
            case 12: .socket
            default:
                throw record.invalid(
                    "inode \(number) is of no kind of file", field: "di_mode = 0o\(String(mode, radix: 8))")
            }
        // include/linux/kdev_t.h, `sysv_major`, `sysv_minor`.
        let isDevice = kind == .characterDevice || kind == .blockDevice
        let device = isDevice ? try record.be32(coreSize) : 0
        var special: FileFlags = []
        if flags & Flag.immutable != 0 { special.insert(.immutable) }
        if flags & Flag.appendOnly != 0 { special.insert(.appendOnly) }
        return FileNode(
            number: number,
            metadata: FileMetadata(
                kind: kind, mode: mode & 0o7777, owner: try record.be32(8), group: try record.be32(12), size: size,
                deviceMajor: device >> 18 & 0x3fff, deviceMinor: device & 0x3ffff),
            links: version == 1 ? UInt32(try record.be16(6)) : try record.be32(16),
            allocatedSize: try record.be64(64).multipliedReportingOverflow(by: blockSize).partialValue,
            accessed: try time(32), modified: try time(40), changed: try time(48),
            created: version == 3 ? try time(144) : nil, flags: special)
    }

    /// Seconds and nanoseconds; or (BIGTIME) nanoseconds since 1901-12-13 20:45:52.
    private func time(_ at: Int) throws(FormatError) -> FileTime {
        if flags2 & Flag.bigTime != 0 {
            let (seconds, rest) = try record.be64(at).quotientAndRemainder(dividingBy: 1_000_000_000)
            return FileTime(seconds: Int64(seconds) - 1 << 31, nanoseconds: UInt32(rest))
        }
        return FileTime(
            seconds: Int64(Int32(bitPattern: try record.be32(at))),
            nanoseconds: min(try record.be32(at + 4), 999_999_999))
    }

    /// The data fork.
    func dataFork(in volume: XFSVolume) throws(FormatError) -> XFSFork {
        let bytes = try forks().data
        let count = flags2 & Flag.bigCounts != 0 ? try record.be64(24) : UInt64(try record.be32(76))
        guard let format = Format(rawValue: try record.u8(5)) else {
            throw record.invalid("inode \(number) keeps its data in a way that is not known", field: "di_format", at: 5)
        }
        return XFSFork(volume: volume, inode: number, format: format, bytes: bytes, extentsCount: count)
    }

    /// The fork of extended attributes, where there is one.
    func attributeFork(in volume: XFSVolume) throws(FormatError) -> XFSFork? {
        guard let bytes = try forks().attributes else { return nil }
        let count = flags2 & Flag.bigCounts != 0 ? UInt64(try record.be32(76)) : UInt64(try record.be16(80))
        guard let format = Format(rawValue: try record.u8(83)) else {
            throw record.invalid(
                "inode \(number) keeps its attributes in a way that is not known", field: "di_aformat", at: 83)
        }
        return XFSFork(volume: volume, inode: number, format: format, bytes: bytes, extentsCount: count)
    }

    private func forks() throws(FormatError) -> (data: Record, attributes: Record?) {
        let literal = try record.part(coreSize, record.count - coreSize)
        let offset = Int(try record.u8(82)) * 8
        guard offset > 0 else { return (literal, nil) }
        guard offset < literal.count else {
            throw record.invalid("invalid inode \(number)", field: "di_forkoff = \(offset / 8)", at: 82)
        }
        return (try literal.part(0, offset), try literal.part(offset, literal.count - offset))
    }
}

extension XFSVolume {
    /// The inode of a number: group, block in the group, place in the block.
    func inode(_ number: UInt64) throws(FormatError) -> XFSInode {
        let block = number >> UInt64(superblock.inodeBits)
        // Below the inodes of a block, so it fits an Int.
        let index = Int(number & (1 << UInt64(superblock.inodeBits) - 1))
        let place = try place(of: block, count: 1)
        let record = try metadata(at: place, count: superblock.blockSize)
            .part(index * superblock.inodeSize, superblock.inodeSize)
        return try XFSInode(number, record, in: self)
    }
}
