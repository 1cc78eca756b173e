public import ByteReading
internal import Evidence

/// An ext2, ext3 or ext4 file system, read without a mount and without a change.
///
/// Where the journal holds what was not yet written to its place, the file system reads as the kernel would leave it after
/// recovery.
public struct ExtFileSystem: FileSystemReader {
    /// The superblock that is used.
    public let superblock: ExtSuperblock
    /// What the file system says of itself.
    public let facts: FileSystemFacts
    /// What was found in the journal, where it needed recovery.
    public let journal: ExtJournal.Summary?
    private let volume: ExtVolume
    private let index = DirectoryIndex()

    /// The root directory's inode (`EXT4_ROOT_INO`).
    public var rootNumber: UInt64 { 2 }

    /// Whether bytes begin as ext2, ext3 or ext4 does: the magic number of the superblock.
    ///
    /// - Parameter blocks: The volume.
    /// - Throws: ``ByteReading/FormatError`` where the volume cannot be read.
    public static func recognises(_ blocks: some BlockReader) throws(FormatError) -> Bool {
        guard blocks.size >= ExtSuperblock.offset + UInt64(ExtSuperblock.size) else { return false }
        let magic = try blocks.bytes(at: ExtSuperblock.offset + 0x38, count: 2)
        return magic == [0x53, 0xef]
    }

    /// Opens a file system. A damaged superblock is replaced by the first good backup.
    ///
    /// - Throws: ``ByteReading/FormatError`` where there is no usable superblock, or a feature that is not read.
    public init(_ blocks: any BlockReader) throws(FormatError) {
        var problems: [FormatError] = []
        var superblock: ExtSuperblock
        do throws(FormatError) {
            superblock = try Self.superblock(in: blocks, at: ExtSuperblock.offset)
        } catch {
            guard error.kind == .invalid, let backup = Self.backup(in: blocks) else { throw error }
            superblock = backup
            problems.append(error)
        }
        if superblock.incompatible & ExtFeature.journalDevice != 0 {
            throw FormatError(.unsupported, "ext4", "the journal of another file system (journal_dev)")
        }
        let size = superblock.blocksCount * UInt64(superblock.blockSize)
        if size > blocks.size {
            problems.append(
                FormatError(
                    .truncated, superblock.kind, "the file system is larger than what it lies in",
                    field: "\(size) bytes of \(blocks.size)"))
        }
        var volume = ExtVolume(superblock, blocks)
        var summary: ExtJournal.Summary?
        if superblock.incompatible & ExtFeature.recover != 0 {
            do throws(FormatError) {
                let journal = try ExtJournal(of: volume)
                summary = journal.summary
                problems += journal.summary.problems
                let recovered = ExtJournalledBlocks(blocks, journal: journal, blockSize: superblock.blockSize)
                // The superblock itself may be among what the journal holds.
                if let newer = try? Self.superblock(in: recovered, at: ExtSuperblock.offset),
                    newer.blockSize == superblock.blockSize
                {
                    superblock = newer
                }
                volume = ExtVolume(superblock, recovered)
            } catch {
                problems.append(error)
            }
        }
        self.superblock = superblock
        self.volume = volume
        journal = summary
        facts = Self.facts(of: superblock, in: volume, problems: problems)
    }

    private static func superblock(in blocks: any BlockReader, at place: UInt64) throws(FormatError) -> ExtSuperblock {
        try ExtSuperblock(try blocks.bytes(at: place, count: ExtSuperblock.size), at: place)
    }

    /// The copy in group 1, which every layout but `sparse_super2` has: its place follows from the size of a block.
    private static func backup(in blocks: any BlockReader) -> ExtSuperblock? {
        for (blockSize, block) in [(4096, 32768), (1024, 8193), (2048, 16384), (65536, 524_288)] as [(Int, UInt64)] {
            let place = block * UInt64(blockSize)
            guard place < blocks.size, let copy = try? superblock(in: blocks, at: place), copy.blockSize == blockSize,
                copy.group == 1
            else { continue }
            return copy
        }
        return nil
    }

    private static func facts(
        of superblock: ExtSuperblock, in volume: ExtVolume, problems: [FormatError]
    ) -> FileSystemFacts {
        let blockSize = UInt64(superblock.blockSize)
        var problems = problems
        var freeBlocks = superblock.freeBlocksCount
        var freeInodes = UInt64(superblock.freeInodesCount)
        var state: FileSystemState = []
        if superblock.incompatible & ExtFeature.recover != 0 {
            state.formUnion([.needsRecovery, .notCleanlyUnmounted])
            // While it is mounted only the groups keep count.
            do throws(FormatError) {
                (freeBlocks, freeInodes) = try counts(in: volume)
            } catch {
                problems.append(error)
            }
        }
        if superblock.state & 1 == 0 { state.insert(.notCleanlyUnmounted) }
        if superblock.state & 2 != 0 { state.insert(.hasErrors) }
        return FileSystemFacts(
            kind: superblock.kind, label: superblock.label.isEmpty ? nil : FileName.text(of: superblock.label),
            uuid: UUIDText.nonZero(superblock.uuid), features: superblock.features, blockSize: blockSize,
            size: superblock.blocksCount * blockSize,
            freeSize: freeBlocks.multipliedReportingOverflow(by: blockSize).partialValue,
            inodes: UInt64(superblock.inodesCount), freeInodes: freeInodes, state: state,
            lastMountPoint: superblock.lastMountPoint.isEmpty ? nil : FileName.text(of: superblock.lastMountPoint),
            lastMounted: superblock.lastMounted, lastWritten: superblock.lastWritten, created: superblock.created,
            problems: problems)
    }

    private static func counts(in volume: ExtVolume) throws(FormatError) -> (blocks: UInt64, inodes: UInt64) {
        var blocks: UInt64 = 0
        var inodes: UInt64 = 0
        // A file system of 16 TiB has 131,072 groups; beyond that the counts are those of the superblock.
        guard volume.superblock.groupCount <= 131_072 else {
            return (volume.superblock.freeBlocksCount, UInt64(volume.superblock.freeInodesCount))
        }
        for number in 0..<volume.superblock.groupCount {
            let group = try volume.group(number)
            blocks += group.freeBlocks
            inodes += group.freeInodes
        }
        // With bigalloc the groups count clusters.
        let ratio = volume.superblock.clusterBlocks
        return (blocks.multipliedReportingOverflow(by: ratio).partialValue, inodes)
    }

    /// The node of an inode number.
    public func node(_ number: UInt64) throws(FormatError) -> FileNode { try volume.inode(number).node() }

    /// Visits the entries of a directory; see ``FileSystemReader``.
    public func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        try self.directory(directory).visit(visit)
    }

    /// The entry of exactly these bytes. In a directory that ignores case (`casefold`) a name that is not found as it is
    /// written is an error: which names are the same there depends on tables of Unicode that are not read.
    public func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64? {
        let folder = try self.directory(directory)
        let found = try index.lookup(name, in: directory.number, folder.visit)
        if found == nil, folder.inode.flags & ExtInode.Flag.caseInsensitive != 0 {
            throw FormatError(
                .unsupported, facts.kind,
                "directory \(directory.number) ignores case (casefold), and no name is the same")
        }
        return found
    }

    private func directory(_ node: FileNode) throws(FormatError) -> ExtDirectory {
        let inode = try volume.inode(node.number)
        guard inode.mode & 0xf000 == 0x4000 else {
            throw FormatError(.invalid, facts.kind, "inode \(node.number) is no directory")
        }
        return ExtDirectory(volume: volume, inode: inode)
    }

    /// The target of a link: in the inode, or in its first block.
    public func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8] {
        let inode = try volume.inode(link.number)
        guard inode.mode & 0xf000 == 0xa000, inode.size > 0, inode.size < UInt64(superblock.blockSize) else {
            throw inode.record.invalid(
                "inode \(link.number) is no symbolic link of a size that one can have", field: "i_size = \(inode.size)",
                at: 4)
        }
        // Below a block's size, so it fits an Int.
        let size = Int(inode.size)
        let attributeSectors: UInt64 =
            inode.attributeBlock == 0 ? 0 : superblock.clusterBlocks * UInt64(superblock.blockSize / 512)
        let isFast =
            inode.flags & (ExtInode.Flag.inlineData | ExtInode.Flag.encrypted) == 0 && size < 60
            && inode.sectors == attributeSectors
        return isFast
            ? try inode.blockField().array(0, size) : try volume.content(of: inode).bytes(at: 0, count: size)
    }

    /// The bytes of a file.
    public func content(of file: FileNode) throws(FormatError) -> any BlockReader {
        try volume.content(of: try volume.inode(file.number))
    }

    /// The attributes of a node; access control lists are given in the form of `getxattr(2)`.
    public func extendedAttributes(of node: FileNode) throws(FormatError) -> [ExtendedAttribute] {
        var found: [ExtendedAttribute] = []
        for attribute in try volume.storedAttributes(of: try volume.inode(node.number)) {
            guard let name = attribute.fullName else { continue }
            var value = try volume.value(of: attribute)
            if attribute.index == 2 || attribute.index == 3 {
                value = try accessControlList(Record(value, at: 0, of: facts.kind))
            }
            found.append(ExtendedAttribute(name: name, value: value))
        }
        return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Version 1, then tag and permissions, and an id where the tag needs one (fs/ext4/acl.h).
    private func accessControlList(_ record: Record) throws(FormatError) -> [UInt8] {
        guard try record.le32(0) == 1 else { throw record.invalid("an access control list of an unknown version") }
        var list = AccessControlList()
        var at = 4
        while at < record.count {
            let tag = try record.le16(at)
            let isNamed = tag == AccessControlList.user || tag == AccessControlList.group
            list.append(
                tag: tag, permissions: try record.le16(at + 2), id: isNamed ? try record.le32(at + 4) : 0)
            at += isNamed ? 8 : 4
        }
        return list.bytes
    }
}
