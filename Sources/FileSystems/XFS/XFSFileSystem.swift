public import ByteReading
internal import Evidence

/// An XFS file system of version 4 or 5, read without a mount and without a change.
///
/// Where the log is dirty (``FileSystemState/needsRecovery``) it reads as it stands, without what the log holds.
public struct XFSFileSystem: FileSystemReader {
    /// The superblock that is used.
    public let superblock: XFSSuperblock
    /// What the file system says of itself.
    public let facts: FileSystemFacts
    private let volume: XFSVolume
    private let index = DirectoryIndex()

    /// The root directory's inode.
    public var rootNumber: UInt64 { superblock.rootInode }

    /// Whether bytes begin as XFS does: `XFSB`.
    ///
    /// - Parameter blocks: The volume.
    /// - Throws: ``ByteReading/FormatError`` where the volume cannot be read.
    public static func recognises(_ blocks: some BlockReader) throws(FormatError) -> Bool {
        guard blocks.size >= UInt64(XFSSuperblock.size) else { return false }
        return try blocks.bytes(at: 0, count: 4).elementsEqual("XFSB".utf8)
    }

    /// Opens a file system. A damaged superblock is replaced by the copy in the second allocation group, if that can be
    /// found.
    ///
    /// - Throws: ``ByteReading/FormatError`` where there is no usable superblock, or a feature that is not read.
    public init(_ blocks: any BlockReader) throws(FormatError) {
        var problems: [FormatError] = []
        let superblock: XFSSuperblock
        do throws(FormatError) {
            superblock = try Self.superblock(in: blocks, at: 0)
        } catch {
            guard error.kind == .invalid, let copy = Self.copy(in: blocks) else { throw error }
            superblock = copy
            problems.append(error)
        }
        let size = superblock.blocksCount * UInt64(superblock.blockSize)
        if size > blocks.size {
            problems.append(
                FormatError(
                    .truncated, "xfs", "the file system is larger than what it lies in",
                    field: "\(size) bytes of \(blocks.size)"))
        }
        self.superblock = superblock
        volume = XFSVolume(superblock, blocks)
        facts = Self.facts(of: superblock, in: volume, problems: problems)
    }

    private static func superblock(in blocks: any BlockReader, at place: UInt64) throws(FormatError) -> XFSSuperblock {
        // The checksum is of a sector, whose size the superblock says; no sector has more than 32 KiB.
        let head = Record(try blocks.bytes(at: place, count: XFSSuperblock.size), at: place, of: "xfs")
        let sector = Int(try head.be16(102))
        guard sector > XFSSuperblock.size, sector <= 32768 else { return try XFSSuperblock(head.bytes, at: place) }
        return try XFSSuperblock(try blocks.bytes(at: place, count: sector), at: place)
    }

    /// The copy where the damaged superblock says that the second group begins.
    private static func copy(in blocks: any BlockReader) -> XFSSuperblock? {
        guard let head = try? blocks.bytes(at: 0, count: XFSSuperblock.size) else { return nil }
        let record = Record(head, at: 0, of: "xfs")
        guard let blockSize = try? record.be32(4), let groupBlocks = try? record.be32(84),
            let copy = try? superblock(in: blocks, at: UInt64(blockSize) * UInt64(groupBlocks)),
            copy.blockSize == blockSize, copy.groupBlocks == groupBlocks
        else { return nil }
        return copy
    }

    private static func facts(
        of superblock: XFSSuperblock, in volume: XFSVolume, problems: [FormatError]
    ) -> FileSystemFacts {
        var problems = problems
        var state: FileSystemState = []
        var counts = (superblock.freeBlocksCount, superblock.inodesCount, superblock.freeInodesCount)
        do throws(FormatError) {
            if try !XFSLog(volume).isClean() {
                state.formUnion([.needsRecovery, .notCleanlyUnmounted])
                // While it is mounted only the groups keep count.
                counts = try Self.counts(in: volume)
            }
        } catch {
            problems.append(error)
        }
        if superblock.incompatible & XFSFeature.needsRepair != 0 { state.insert(.hasErrors) }
        let blockSize = UInt64(superblock.blockSize)
        return FileSystemFacts(
            kind: "xfs", variant: superblock.hasChecksums ? "v5" : "v4",
            label: superblock.label.isEmpty ? nil : FileName.text(of: superblock.label),
            uuid: UUIDText.nonZero(superblock.uuid), features: superblock.features, blockSize: blockSize,
            size: superblock.blocksCount * blockSize,
            freeSize: counts.0.multipliedReportingOverflow(by: blockSize).partialValue, inodes: counts.1,
            freeInodes: counts.2, state: state, problems: problems)
    }

    /// Free blocks, inodes and free inodes as the groups count them: their second sector and their third
    /// (fs/xfs/libxfs/xfs_format.h, `struct xfs_agf`, `struct xfs_agi`).
    private static func counts(in volume: XFSVolume) throws(FormatError) -> (UInt64, UInt64, UInt64) {
        let superblock = volume.superblock
        var counts: (UInt64, UInt64, UInt64) = (0, 0, 0)
        // Beyond some thousands of groups, which is petabytes, the counts are those of the superblock.
        guard superblock.groupCount <= 4096 else {
            return (superblock.freeBlocksCount, superblock.inodesCount, superblock.freeInodesCount)
        }
        for group in 0..<UInt64(superblock.groupCount) {
            let place = group * UInt64(superblock.groupBlocks) * UInt64(superblock.blockSize)
            let sector = UInt64(superblock.sectorSize)
            let free = Record(
                try volume.blocks.bytes(at: place + sector, count: superblock.sectorSize), at: place + sector, of: "xfs"
            )
            let inodes = Record(
                try volume.blocks.bytes(at: place + 2 * sector, count: superblock.sectorSize), at: place + 2 * sector,
                of: "xfs")
            guard try free.be32(0) == 0x5841_4746, try inodes.be32(0) == 0x5841_4749 else {
                throw free.invalid("the headers of group \(group) are invalid", field: "agf_magicnum, agi_magicnum")
            }
            try volume.verify(free, checksum: 216, uuid: 64)
            try volume.verify(inodes, checksum: 312, uuid: 296)
            // Free blocks, those kept for the trees of free blocks, and those in these trees.
            for at in [52, 48, 60] { counts.0 += UInt64(try free.be32(at)) }
            counts.1 += UInt64(try inodes.be32(16))
            counts.2 += UInt64(try inodes.be32(28))
        }
        return counts
    }

    /// The node of an inode number.
    public func node(_ number: UInt64) throws(FormatError) -> FileNode {
        try volume.inode(number).node(blockSize: UInt64(superblock.blockSize))
    }

    /// Visits the entries of a directory; see ``FileSystemReader``.
    public func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        try self.directory(directory).visit(visit)
    }

    /// The entry of exactly these bytes; with `ASCII_CI`, of these letters of ASCII in any case.
    public func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64? {
        let folder = try self.directory(directory)
        if let found = try index.lookup(name, in: directory.number, folder.visit) { return found }
        guard superblock.versionNumber & XFSFeature.asciiCaseInsensitive != 0 else { return nil }
        var found: UInt64?
        try folder.visit { entry in
            if entry.name.elementsEqual(name, by: { Self.lowercase($0) == Self.lowercase($1) }) { found = entry.number }
            return found == nil
        }
        return found
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte + 0x20 : byte }

    private func directory(_ node: FileNode) throws(FormatError) -> XFSDirectory {
        let inode = try volume.inode(node.number)
        guard inode.mode & 0xf000 == 0x4000 else {
            throw FormatError(.invalid, "xfs", "inode \(node.number) is no directory")
        }
        return XFSDirectory(volume: volume, inode: inode)
    }

    /// The target of a link: in the inode, or in blocks, of which each run has a header of 56 bytes in version 5
    /// (fs/xfs/libxfs/xfs_symlink_remote.c).
    public func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8] {
        let inode = try volume.inode(link.number)
        // No target is longer (`XFS_SYMLINK_MAXLEN`).
        guard inode.mode & 0xf000 == 0xa000, inode.size > 0, inode.size <= 1024 else {
            throw inode.record.invalid(
                "inode \(link.number) is no symbolic link of a size that one can have",
                field: "di_size = \(inode.size)",
                at: 56)
        }
        let size = Int(inode.size)
        let fork = try inode.dataFork(in: volume)
        if fork.format == .local { return try fork.bytes.array(0, size) }
        if !superblock.hasChecksums {
            return try MappedFile(volume.blocks, map: fork, size: inode.size).bytes(at: 0, count: size)
        }
        var target: [UInt8] = []
        var offset: UInt64 = 0
        while target.count < size {
            let run = try fork.run(at: offset)
            // A target takes at most two blocks; a longer run is none of a link's.
            guard let place = run.place, run.length <= UInt64(max(4096, 2 * superblock.blockSize)) else {
                throw inode.record.invalid("inode \(link.number) has no blocks for its target")
            }
            let block = try volume.metadata(at: place, count: Int(run.length))
            try volume.verify(block, checksum: 12, uuid: 16, owner: (32, link.number))
            let bytes = Int(try block.be32(8))
            guard try block.be32(0) == 0x5853_4c4d, try block.be32(4) == UInt32(target.count), bytes > 0,
                bytes <= size - target.count
            else {
                throw block.invalid(
                    "the target of inode \(link.number) is invalid", field: "sl_offset, sl_bytes", at: 4)
            }
            target += try block.array(56, bytes)
            offset += run.length
        }
        return target
    }

    /// The bytes of a file.
    public func content(of file: FileNode) throws(FormatError) -> any BlockReader {
        let inode = try volume.inode(file.number)
        guard inode.flags & XFSInode.Flag.realtime == 0 else {
            throw FormatError(.unsupported, "xfs", "inode \(file.number) has its data on the realtime device")
        }
        let fork = try inode.dataFork(in: volume)
        return MappedFile(volume.blocks, map: fork, size: inode.size)
    }

    /// The attributes of a node; access control lists are given in the form of `getxattr(2)`, and not a second time as they
    /// are stored (`trusted.SGI_ACL_FILE`).
    public func extendedAttributes(of node: FileNode) throws(FormatError) -> [ExtendedAttribute] {
        try XFSAttributes(volume: volume, inode: try volume.inode(node.number)).all()
    }
}
