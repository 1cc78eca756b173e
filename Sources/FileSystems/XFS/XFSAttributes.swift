internal import ByteReading

/// Extended attributes: in the inode, in one block, or in blocks below a tree.
///
/// ```
/// inode   0 totsize (2), count, padding | entries: namelen, valuelen, flags, name, value
/// block   0 forw | 4 back | 8 magic | version 5: 12 crc, 16 blkno, 24 lsn, 32 uuid, 48 owner
/// leaf    12 or 56 count | 32 or 80 entries: hashval (4), nameidx (2), flags, padding
/// node    12 or 56 count, level | 16 or 64 entries: hashval (4), before (4)
/// local   0 valuelen (2), namelen | 3 name, value          remote   0 valueblk | 4 valuelen | 8 namelen | 9 name
/// ```
/// Source: Linux, fs/xfs/libxfs/xfs_da_format.h.
struct XFSAttributes {
    let volume: XFSVolume
    let inode: XFSInode

    private enum Flag {
        static let local: UInt8 = 1
        static let root: UInt8 = 2
        static let secure: UInt8 = 4
        static let parent: UInt8 = 8
        static let incomplete: UInt8 = 0x80
    }

    private enum Magic {
        static let leaf: (plain: UInt16, checked: UInt16) = (0xfbee, 0x3bee)
        static let node: (plain: UInt16, checked: UInt16) = (0xfebe, 0x3ebe)
        static let remoteValue: UInt32 = 0x5841_524d
    }

    /// The largest value that the kernel takes (`XATTR_SIZE_MAX`).
    private static let valueLimit = 65536
    /// All names and values together: 16 MiB. No list of names is longer than 64 KiB (`XATTR_LIST_MAX`).
    private static let totalLimit = 16 << 20
    /// The deepest tree (`XFS_DA_NODE_MAXDEPTH`).
    private static let maximumLevel = 5

    private var isChecked: Bool { volume.superblock.hasChecksums }

    func all() throws(FormatError) -> [ExtendedAttribute] {
        guard let fork = try inode.attributeFork(in: volume) else { return [] }
        var found: [ExtendedAttribute] = []
        if fork.format == .local {
            try readLocal(fork.bytes, into: &found)
        } else if fork.format == .tree || fork.extentsCount > 0 {
            try readLeaves(fork, into: &found)
        }
        return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private func readLocal(_ record: Record, into found: inout [ExtendedAttribute]) throws(FormatError) {
        var at = 4
        for _ in 0..<(try record.u8(2)) {
            let nameLength = Int(try record.u8(at))
            let valueLength = Int(try record.u8(at + 1))
            let flags = try record.u8(at + 2)
            let name = try record.array(at + 3, nameLength)
            let value = try record.array(at + 3 + nameLength, valueLength)
            try append(name, value, flags, to: &found)
            at += 3 + nameLength + valueLength
        }
    }

    private func block(_ number: UInt32, in fork: XFSFork) throws(FormatError) -> Record {
        let offset = UInt64(number) * UInt64(volume.superblock.blockSize)
        guard let block = try volume.metadata(at: offset, count: volume.superblock.blockSize, in: fork) else {
            throw fork.bytes.invalid("the attributes of inode \(inode.number) have a hole", field: "block \(number)")
        }
        try volume.verify(block, checksum: 12, uuid: 32, owner: (48, inode.number))
        return block
    }

    /// Goes down to the first leaf, then from leaf to leaf.
    private func readLeaves(_ fork: XFSFork, into found: inout [ExtendedAttribute]) throws(FormatError) {
        let header = isChecked ? 56 : 12
        var number: UInt32 = 0
        var block = try block(number, in: fork)
        var level = Self.maximumLevel
        while try block.be16(8) == (isChecked ? Magic.node.checked : Magic.node.plain) {
            guard level > 0, try block.be16(header) > 0 else {
                throw block.invalid("the tree of attributes of inode \(inode.number) is invalid")
            }
            level -= 1
            number = try block.be32((isChecked ? 64 : 16) + 4)
            block = try self.block(number, in: fork)
        }
        var visited: Set<UInt32> = []
        var total = 0
        while true {
            guard try block.be16(8) == (isChecked ? Magic.leaf.checked : Magic.leaf.plain),
                visited.insert(number).inserted
            else {
                throw block.invalid("the attributes of inode \(inode.number) are invalid", field: "magic, forw", at: 8)
            }
            try readLeaf(block, fork, &total, into: &found)
            number = try block.be32(0)
            guard number != 0 else { return }
            block = try self.block(number, in: fork)
        }
    }

    private func readLeaf(
        _ block: Record, _ fork: XFSFork, _ total: inout Int, into found: inout [ExtendedAttribute]
    ) throws(FormatError) {
        let first = isChecked ? 80 : 32
        let count = Int(try block.be16(isChecked ? 56 : 12))
        guard count <= (block.count - first) / 8 else {
            throw block.invalid("a block of attributes is invalid", field: "count = \(count)")
        }
        for index in 0..<count {
            let at = first + 8 * index
            let place = Int(try block.be16(at + 4))
            let flags = try block.u8(at + 6)
            // One that is not complete is being made or being removed.
            guard flags & Flag.incomplete == 0 else { continue }
            let name: [UInt8]
            let value: [UInt8]
            if flags & Flag.local != 0 {
                let length = Int(try block.u8(place + 2))
                name = try block.array(place + 3, length)
                value = try block.array(place + 3 + length, Int(try block.be16(place)))
            } else {
                name = try block.array(place + 9, Int(try block.u8(place + 8)))
                value = try remoteValue(try block.be32(place), Int(clamping: try block.be32(place + 4)), fork)
            }
            total += name.count + value.count
            guard total <= Self.totalLimit else {
                throw FormatError(.limit, "xfs", "inode \(inode.number) has more attributes than any")
            }
            try append(name, value, flags, to: &found)
        }
    }

    /// A value in blocks of its own; in version 5 each has a header of 56 bytes.
    private func remoteValue(_ number: UInt32, _ size: Int, _ fork: XFSFork) throws(FormatError) -> [UInt8] {
        guard size <= Self.valueLimit else {
            throw FormatError(.invalid, "xfs", "an attribute is larger than any", field: "valuelen = \(size)")
        }
        let blockSize = volume.superblock.blockSize
        var value: [UInt8] = []
        var offset = UInt64(number) * UInt64(blockSize)
        while value.count < size {
            guard let block = try volume.metadata(at: offset, count: blockSize, in: fork) else {
                throw fork.bytes.invalid("the value of an attribute of inode \(inode.number) has a hole")
            }
            if isChecked {
                try volume.verify(block, checksum: 12, uuid: 16, owner: (32, inode.number))
                let bytes = Int(try block.be32(8))
                guard try block.be32(0) == Magic.remoteValue, try block.be32(4) == UInt32(value.count), bytes > 0,
                    bytes <= size - value.count
                else {
                    throw block.invalid("the value of an attribute is invalid", field: "rm_offset, rm_bytes", at: 4)
                }
                value += try block.array(56, bytes)
            } else {
                value += try block.array(0, min(blockSize, size - value.count))
            }
            offset += UInt64(blockSize)
        }
        return value
    }

    private func append(
        _ name: [UInt8], _ value: [UInt8], _ flags: UInt8, to found: inout [ExtendedAttribute]
    ) throws(FormatError) {
        guard flags & Flag.parent == 0 else { return }
        if flags & Flag.root != 0 {
            for (stored, shown) in [
                ("SGI_ACL_FILE", "system.posix_acl_access"), ("SGI_ACL_DEFAULT", "system.posix_acl_default"),
            ] where name.elementsEqual(stored.utf8) {
                let list = try accessControlList(Record(value, at: 0, of: "xfs"))
                found.append(ExtendedAttribute(name: Array(shown.utf8), value: list))
                return
            }
        }
        let prefix = flags & Flag.root != 0 ? "trusted." : flags & Flag.secure != 0 ? "security." : "user."
        found.append(ExtendedAttribute(name: Array(prefix.utf8) + name, value: value))
    }

    /// A count, then tag, id and permissions (fs/xfs/xfs_acl.h, `struct xfs_acl`).
    private func accessControlList(_ record: Record) throws(FormatError) -> [UInt8] {
        var list = AccessControlList()
        let count = Int(clamping: try record.be32(0))
        guard count <= (record.count - 4) / 12 else {
            throw record.invalid("an access control list is longer than its value", field: "acl_cnt = \(count)")
        }
        for index in 0..<count {
            let at = 4 + 12 * index
            list.append(
                tag: UInt16(truncatingIfNeeded: try record.be32(at)), permissions: try record.be16(at + 8),
                id: try record.be32(at + 4))
        }
        return list.bytes
    }
}
