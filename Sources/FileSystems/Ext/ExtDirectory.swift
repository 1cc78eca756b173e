internal import ByteReading
internal import Evidence

/// The entries of a directory.
///
/// ```
/// 0 inode | 4 rec_len, name_len, file_type | 8 name      (without `filetype` there is none, and a zero)
/// ```
/// A tree of hashes (`dir_index`) hides in entries that look deleted, so that all entries of any directory are found from
/// its first block to its last. Source: Linux, Documentation/filesystems/ext4/directory.rst.
struct ExtDirectory {
    let volume: ExtVolume
    let inode: ExtInode

    /// The largest directory that is read: 256 MiB, six million names.
    private static let sizeLimit: UInt64 = 256 << 20

    /// Visits entries, `.` and `..` left out, until `visit` gives false: their number, kind and name.
    func visit(
        _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        if inode.flags & ExtInode.Flag.encrypted != 0 {
            throw FormatError(
                .unsupported, volume.kind, "the names in directory \(inode.number) are encrypted (fscrypt)")
        }
        if inode.flags & ExtInode.Flag.inlineData != 0 {
            // The parent's number and what is left of sixty bytes; then what did not fit, in an attribute.
            let field = try inode.blockField()
            guard try entries(in: field.part(4, 56), isInline: true, visit) else { return }
            guard let more = try volume.inlineRest(of: inode), more.count > 0 else { return }
            _ = try entries(in: more, isInline: true, visit)
            return
        }
        let blockSize = UInt64(volume.superblock.blockSize)
        guard inode.size <= Self.sizeLimit else {
            throw FormatError(.limit, volume.kind, "directory \(inode.number) has \(inode.size) bytes")
        }
        guard inode.size % blockSize == 0 else {
            throw inode.record.invalid(
                "directory \(inode.number) has a size that no directory has", field: "i_size = \(inode.size)", at: 4)
        }
        let map = volume.map(of: inode)
        var offset: UInt64 = 0
        while offset < inode.size {
            let run = try map.run(at: offset)
            guard let place = run.place else {
                // A hole in a directory is skipped, as the kernel does (fs/ext4/dir.c, `ext4_readdir`).
                offset += max(run.length, blockSize)
                continue
            }
            var inside: UInt64 = 0
            while inside < run.length, offset < inode.size {
                let block = try volume.block((place + inside) / blockSize)
                try verify(block, isFirst: offset == 0)
                guard try entries(in: block, isInline: false, visit) else { return }
                inside += blockSize
                offset += blockSize
            }
        }
    }

    private func entries(
        in record: Record, isInline: Bool, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) -> Bool {
        let hasKinds = volume.superblock.incompatible & ExtFeature.fileType != 0
        var at = 0
        while at < record.count {
            let stored = Int(try record.le16(at + 4))
            // 64 KiB do not fit sixteen bits (fs/ext4/ext4.h, `ext4_rec_len_from_disk`).
            let length = stored == 65535 || stored == 0 ? 65536 : stored
            let number = try record.le32(at)
            let nameLength = Int(try record.u8(at + 6))
            guard length >= 8, length & 3 == 0, length <= record.count - at, 8 + nameLength <= length else {
                throw record.invalid(
                    "directory \(inode.number) has an invalid entry",
                    field: "rec_len = \(stored), name_len = \(nameLength)", at: at)
            }
            if number != 0 {
                let name = try record.part(at + 8, nameLength)
                if !name.isDot {
                    guard name.isName else {
                        throw name.invalid("directory \(inode.number) has a name that no file can have")
                    }
                    let kind = hasKinds ? Self.kind(try record.u8(at + 7)) : nil
                    let entry = DirectoryEntry(name: name.array, number: UInt64(number), kind: kind)
                    guard try visit(entry) else { return false }
                }
            }
            at += length
        }
        return true
    }

    private func verify(_ block: Record, isFirst: Bool) throws(FormatError) {
        guard volume.superblock.hasChecksums else { return }
        let tail = block.count - 12
        var sum = inode.seed
        let begin = block.range.lowerBound
        // A block of the tree of hashes is the first one, or looks like one empty entry; what is left in it of the entries
        // that it held before may look like a checksum (fs/ext4/namei.c, `__ext4_read_dirblock`).
        let isIndexed =
            inode.flags & ExtInode.Flag.indexed != 0
            && volume.superblock.compatible & ExtFeature.indexedDirectories != 0
        let length = try block.le16(4)
        let isWhole = Int(length) == block.count || block.count == 65536 && (length == 0 || length == 65535)
        guard isIndexed, isFirst || isWhole else {
            // An entry of no inode and twelve bytes at the end, of the kind 0xde, holds the checksum.
            sum.add(block.bytes, begin..<(begin + tail))
            guard try block.le32(tail) == 0, try block.le32(tail + 4) == 0xde00_000c,
                try block.le32(tail + 8) == sum.register
            else {
                throw block.invalid(
                    "the checksum of a directory block does not fit", field: "det_checksum", at: tail + 8)
            }
            return
        }
        // Its table begins after `.`, `..` and eight bytes, or after the empty entry.
        let table = isFirst ? 0x20 : 8
        let limit = Int(try block.le16(table))
        let count = Int(try block.le16(table + 2))
        guard count <= limit, table + 8 * limit <= block.count - 8 else {
            throw block.invalid(
                "directory \(inode.number) has an invalid index", field: "limit = \(limit), count = \(count)", at: table
            )
        }
        let end = table + 8 * limit
        sum.add(block.bytes, begin..<(begin + table + 8 * count))
        sum.add(block.bytes, (begin + end)..<(begin + end + 4))
        sum.add([0, 0, 0, 0])
        guard try block.le32(end + 4) == sum.register else {
            throw block.invalid("the checksum of a directory's index does not fit", field: "dt_checksum", at: end + 4)
        }
    }

    /// The kind that an entry says (`EXT4_FT_…`).
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
