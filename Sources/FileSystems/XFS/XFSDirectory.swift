internal import ByteReading
internal import Evidence

/// The entries of a directory: in the inode, in one block with its index, or in blocks whose index is elsewhere.
///
/// ```
/// inode   0 count, i8count | 2 parent (4 or 8) | entries: namelen, offset (2), name, ftype, inumber (4 or 8)
/// block   0 magic | version 5: 4 crc, 8 blkno, 16 lsn, 24 uuid, 40 owner | 4 or 48 bestfree (12) | 16 or 64 entries
/// entry   0 inumber (8) | 8 namelen, name, ftype | padding | tag (2); unused: 0 0xffff, length
/// ```
/// Blocks of entries lie below 32 GiB of the directory's bytes, what indexes them above. Source: Linux,
/// fs/xfs/libxfs/xfs_da_format.h.
struct XFSDirectory {
    let volume: XFSVolume
    let inode: XFSInode

    /// The largest directory that is read: 256 MiB, six million names.
    private static let sizeLimit: UInt64 = 256 << 20

    private enum Magic {
        static let singlePlain: UInt32 = 0x5844_3242
        static let dataPlain: UInt32 = 0x5844_3244
        static let singleChecked: UInt32 = 0x5844_4233
        static let dataChecked: UInt32 = 0x5844_4433
    }

    private var hasTypes: Bool { volume.superblock.hasFileTypes }

    /// Visits entries, `.` and `..` left out, until `visit` gives false: their number, kind and name.
    func visit(_ visit: (DirectoryEntry) throws(FormatError) -> Bool) throws(FormatError) {
        let fork = try inode.dataFork(in: volume)
        if fork.format == .local { return try visitLocal(fork.bytes, visit) }
        guard inode.size <= Self.sizeLimit else {
            throw FormatError(.limit, "xfs", "directory \(inode.number) has \(inode.size) bytes")
        }
        let size = UInt64(volume.superblock.directoryBlockSize)
        guard inode.size % size == 0 else {
            throw inode.record.invalid(
                "directory \(inode.number) has a size that no directory has", field: "di_size = \(inode.size)", at: 56)
        }
        var offset: UInt64 = 0
        while offset < inode.size {
            if let block = try volume.metadata(at: offset, count: Int(size), in: fork) {
                guard try entries(in: block, visit) else { return }
            }
            offset += size
        }
    }

    private func visitLocal(
        _ record: Record, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        guard inode.size <= UInt64(record.count) else {
            throw inode.record.invalid(
                "directory \(inode.number) is larger than its inode", field: "di_size = \(inode.size)", at: 56)
        }
        let count = Int(try record.u8(0))
        let width = try record.u8(1) > 0 ? 8 : 4
        var at = 2 + width
        for _ in 0..<count {
            let length = Int(try record.u8(at))
            let name = try record.part(at + 3, length)
            let type = hasTypes ? try record.u8(at + 3 + length) : 0
            at += 3 + length + (hasTypes ? 1 : 0)
            let number = width == 8 ? try record.be64(at) : UInt64(try record.be32(at))
            at += width
            guard at <= Int(inode.size) else {
                throw record.invalid("directory \(inode.number) has an entry beyond its end", at: at)
            }
            guard try visit(entry(name, number, type)) else { return }
        }
    }

    private func entries(
        in block: Record, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) -> Bool {
        let magic = try block.be32(0)
        let isChecked = volume.superblock.hasChecksums
        let isSingle = magic == (isChecked ? Magic.singleChecked : Magic.singlePlain)
        guard isSingle || magic == (isChecked ? Magic.dataChecked : Magic.dataPlain) else {
            throw block.invalid(
                "directory \(inode.number) has a block of another kind", field: "magic = 0x\(String(magic, radix: 16))")
        }
        try volume.verify(block, checksum: 4, uuid: 24, owner: (40, inode.number))
        var end = block.count
        if isSingle {
            // The index of a single block stands at its end: entries of eight bytes, their count, how many are stale.
            let count = Int(try block.be32(block.count - 8))
            guard count <= (block.count - 8) / 8 else {
                throw block.invalid(
                    "directory \(inode.number) has an invalid index", field: "count = \(count)", at: block.count - 8)
            }
            end = block.count - 8 - 8 * count
        }
        var at = isChecked ? 64 : 16
        while at < end {
            if try block.be16(at) == 0xffff {
                let length = Int(try block.be16(at + 2))
                guard length >= 8, length & 7 == 0, length <= end - at else {
                    throw block.invalid(
                        "directory \(inode.number) has invalid free space", field: "length = \(length)", at: at)
                }
                at += length
                continue
            }
            let length = Int(try block.u8(at + 8))
            let size = (8 + 1 + length + (hasTypes ? 1 : 0) + 2 + 7) & ~7
            guard length > 0, size <= end - at else {
                throw block.invalid(
                    "directory \(inode.number) has an invalid entry", field: "namelen = \(length)", at: at)
            }
            let name = try block.part(at + 9, length)
            if !name.isDot {
                let type = hasTypes ? try block.u8(at + 9 + length) : 0
                guard try visit(entry(name, try block.be64(at), type)) else { return false }
            }
            at += size
        }
        return true
    }

    private func entry(_ name: Record, _ number: UInt64, _ type: UInt8) throws(FormatError) -> DirectoryEntry {
        guard name.isName else {
            throw name.invalid("directory \(inode.number) has a name that no file can have")
        }
        return DirectoryEntry(name: name.array, number: number, kind: Self.kind(type))
    }

    /// The kind that an entry says (`XFS_DIR3_FT_…`).
    private static func kind(_ type: UInt8) -> FileMetadata.Kind? {
        switch type {
        case 1: .regular
        case 2: .directory
        case 3: .characterDevice
        case 4: .blockDevice
        case 5: .fifo
        case 6: .socket
        case 7: .symbolicLink
        default: nil
        }
    }
}
