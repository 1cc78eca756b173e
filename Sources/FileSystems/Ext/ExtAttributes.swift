internal import ByteReading

/// Extended attributes: after the inode's fields, and in one block more.
///
/// ```
/// inode   0 magic 0xea020000 | 4 entries …                      values count from the first entry
/// block   0 magic | 4 refcount | 8 blocks | 12 hash | 16 checksum | 32 entries …   values count from the block
/// entry   0 name_len, name_index | 2 value_offs | 4 value_inum | 8 value_size | 12 hash | 16 name, padded to 4
/// ```
/// Source: Linux, Documentation/filesystems/ext4/attributes.rst; fs/ext4/xattr.h.
struct ExtStoredAttribute {
    var index: UInt8
    var name: [UInt8]
    /// The value where it stands, or the inode that holds it (`ea_inode`).
    var value: Value

    enum Value {
        case bytes(Record)
        case inode(UInt32, size: UInt32)
    }

    /// The prefix that a name index stands for; nil for what the kernel does not show (`system.data`, fscrypt's context).
    var fullName: [UInt8]? {
        let prefix =
            switch index {
            case 0: ""
            case 1: "user."
            case 2: "system.posix_acl_access"
            case 3: "system.posix_acl_default"
            case 4: "trusted."
            case 6: "security."
            case 7 where !name.elementsEqual("data".utf8): "system."
            case 8: "system.richacl"
            default: nil as String?
            }
        return prefix.map { Array($0.utf8) + name }
    }
}

extension ExtVolume {
    private static let attributeMagic: UInt32 = 0xea02_0000
    /// The largest value that the kernel takes (`XATTR_SIZE_MAX`, include/uapi/linux/limits.h).
    private static let attributeLimit: UInt32 = 65536

    /// All attributes of an inode, as they are stored.
    func storedAttributes(of inode: ExtInode) throws(FormatError) -> [ExtStoredAttribute] {
        var found = try inodeAttributes(of: inode)
        if inode.attributeBlock != 0 {
            let block = try self.block(inode.attributeBlock)
            guard try block.le32(0) == Self.attributeMagic else {
                throw block.invalid(
                    "the attributes of inode \(inode.number) are not where they should be", field: "h_magic")
            }
            try verify(block, number: inode.attributeBlock)
            found += try attributes(in: try block.part(32, block.count - 32), values: block)
        }
        return found
    }

    private func inodeAttributes(of inode: ExtInode) throws(FormatError) -> [ExtStoredAttribute] {
        let start = 128 + inode.extraSize
        guard inode.extraSize > 0, inode.record.count - start >= 8, try inode.record.le32(start) == Self.attributeMagic
        else { return [] }
        let entries = try inode.record.part(start + 4, inode.record.count - start - 4)
        return try attributes(in: entries, values: entries)
    }

    private func attributes(in entries: Record, values: Record) throws(FormatError) -> [ExtStoredAttribute] {
        var found: [ExtStoredAttribute] = []
        var at = 0
        // Each entry is at least sixteen bytes long, so a block ends it. Four zero bytes end it before.
        while at + 4 <= entries.count, try entries.le32(at) != 0 {
            let nameLength = Int(try entries.u8(at))
            let name = try entries.array(at + 16, nameLength)
            let inode = try entries.le32(at + 4)
            let size = try entries.le32(at + 8)
            guard size <= Self.attributeLimit else {
                throw entries.invalid("an attribute is larger than any", field: "e_value_size = \(size)", at: at + 8)
            }
            let value: ExtStoredAttribute.Value =
                inode == 0
                ? .bytes(try values.part(size == 0 ? 0 : Int(try entries.le16(at + 2)), Int(size)))
                : .inode(inode, size: size)
            found.append(ExtStoredAttribute(index: try entries.u8(at + 1), name: name, value: value))
            at += (16 + nameLength + 3) & ~3
        }
        return found
    }

    private func verify(_ block: Record, number: UInt64) throws(FormatError) {
        guard superblock.hasChecksums else { return }
        var sum = checksum()
        sum.add(littleEndian: number)
        let begin = block.range.lowerBound
        sum.add(block.bytes, begin..<(begin + 16))
        sum.add([0, 0, 0, 0])
        sum.add(block.bytes, (begin + 20)..<block.range.upperBound)
        guard try block.le32(16) == sum.register else {
            throw block.invalid("the checksum of an attribute block does not fit", field: "h_checksum", at: 16)
        }
    }

    /// The value of an attribute.
    func value(of attribute: ExtStoredAttribute) throws(FormatError) -> [UInt8] {
        switch attribute.value {
        case .bytes(let record): return record.array
        case .inode(let number, let size):
            let inode = try self.inode(UInt64(number))
            guard inode.flags & ExtInode.Flag.attributeValue != 0, inode.size == UInt64(size) else {
                throw inode.record.invalid("inode \(number) does not hold the attribute it should", field: "i_flags")
            }
            return try content(of: inode).bytes(at: 0, count: Int(size))
        }
    }

    /// The part of a small file or directory that did not fit the inode's sixty bytes: the attribute `system.data`.
    func inlineRest(of inode: ExtInode) throws(FormatError) -> Record? {
        for attribute in try inodeAttributes(of: inode)
        where attribute.index == 7 && attribute.name.elementsEqual("data".utf8) {
            if case .bytes(let record) = attribute.value { return record }
        }
        return nil
    }

    /// Where an inode's bytes lie, whichever way it says so.
    func map(of inode: ExtInode) -> any FileMap {
        inode.flags & ExtInode.Flag.extents != 0
            ? ExtExtentMap(volume: self, inode: inode) : ExtIndirectMap(volume: self, inode: inode)
    }

    /// The bytes of an inode.
    func content(of inode: ExtInode) throws(FormatError) -> any BlockReader {
        if inode.flags & ExtInode.Flag.encrypted != 0 {
            throw FormatError(.unsupported, kind, "the content of inode \(inode.number) is encrypted (fscrypt)")
        }
        if inode.flags & ExtInode.Flag.inlineData != 0 {
            let bytes = try inode.blockField().array + (try inlineRest(of: inode)?.array ?? [])
            guard inode.size <= UInt64(bytes.count) else {
                throw inode.record.invalid(
                    "inode \(inode.number) holds less than its size", field: "i_size = \(inode.size)", at: 4)
            }
            return MemoryBlocks(Array(bytes.prefix(Int(inode.size))))
        }
        if inode.flags & ExtInode.Flag.extents != 0 {
            return MappedFile(blocks, map: ExtExtentMap(volume: self, inode: inode), size: inode.size)
        }
        return MappedFile(blocks, map: ExtIndirectMap(volume: self, inode: inode), size: inode.size)
    }
}
