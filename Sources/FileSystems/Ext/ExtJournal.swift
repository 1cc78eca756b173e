public import ByteReading

/// What a journal (jbd2) holds that was not yet written to its place: for each block of the file system, where in the
/// journal its newest committed copy is.
///
/// ```
/// header      0 magic 0xc03b3998 | 4 blocktype | 8 sequence                                   big-endian, as all of it
/// superblock  12 blocksize | 16 maxlen | 20 first | 24 sequence | 28 start | 36 compat | 40 incompat | 48 uuid (16)
///             0x54 num_fc_blocks | 0xfc checksum
/// descriptor  12 tags: block, flags, checksum, block_high; 16 bytes of UUID after a tag without SAME_UUID
/// commit      16 checksum
/// revoke      12 count of bytes | 16 block numbers
/// ```
/// Source: Linux, Documentation/filesystems/ext4/journal.rst; fs/jbd2/recovery.c.
public struct ExtJournal: Sendable {
    /// What was found.
    public struct Summary: Sendable, Hashable {
        /// How many transactions were committed.
        public var transactions = 0
        /// How many blocks of the file system are read from the journal.
        public var blocks = 0
        /// How many block numbers were revoked: what the journal holds of them is out of date.
        public var revoked = 0
        /// Fast commits (`fast_commit`) stand behind the last transaction; they are not read.
        public var hasFastCommits = false
        /// What is damaged in it.
        public var problems: [FormatError] = []
    }

    /// Where a block's newest copy is.
    struct Copy: Sendable {
        var block: UInt64
        /// Its place in the volume.
        var place: UInt64
        /// Its first four bytes were the journal's own magic number, and stand as zeros.
        var isEscaped: Bool
        var sequence: UInt32
        /// Its checksum and which of the two forms it has; nil where the journal has none.
        var checksum: (value: UInt32, isWide: Bool)?
    }

    /// What was found.
    public private(set) var summary = Summary()
    /// Copies in the order of their blocks.
    private(set) var copies: [Copy] = []
    /// What the journal's checksums begin with.
    private(set) var seed = CRC32C()

    private static let magic: UInt32 = 0xc03b_3998
    /// More blocks than a journal has: mkfs allows 10,240,000 blocks, of which a recovery finds those of one round; this is
    /// 4 GiB of them, of which the list takes 64 MiB.
    private static let copyLimit = 1 << 20

    private enum BlockType {
        static let descriptor: UInt32 = 1
        static let commit: UInt32 = 2
        static let superblocks: ClosedRange<UInt32> = 3...4
        static let revoke: UInt32 = 5
    }

    private enum Feature {
        static let revoke: UInt32 = 1
        static let sixtyFourBit: UInt32 = 2
        static let asyncCommit: UInt32 = 4
        static let checksumV2: UInt32 = 8
        static let checksumV3: UInt32 = 0x10
        static let fastCommit: UInt32 = 0x20
        static let readable: UInt32 = 0x3f
    }

    private enum TagFlag {
        static let escaped: UInt16 = 1
        static let sameUUID: UInt16 = 2
        static let last: UInt16 = 8
    }

    /// Reads a journal's superblock, its descriptors, revocations and commits; what they describe is read when it is asked
    /// for.
    init(of volume: ExtVolume) throws(FormatError) {
        let number = volume.superblock.journalInode
        guard number != 0 else {
            throw FormatError(
                .unsupported, volume.kind, "the journal is on another device",
                field: "s_journal_uuid = \(UUIDText.nonZero(volume.superblock.journalUUID) ?? "0")")
        }
        let inode = try volume.inode(UInt64(number))
        let log = try Log(volume, inode)
        seed = log.seed
        guard log.start != 0 else { return }
        try replay(log, in: volume)
    }

    private mutating func replay(_ log: Log, in volume: ExtVolume) throws(FormatError) {
        var newest: [UInt64: Copy] = [:]
        var revoked: [UInt64: UInt32] = [:]
        var pending: [Copy] = []
        var pendingRevoked: [UInt64] = []
        var sequence = log.sequence
        var position = log.start
        // Once around the log and no more: its end is where a sequence number does not fit.
        var left = log.last - log.first
        scan: while left > 0 {
            left -= 1
            let block = try log.block(position)
            position = log.next(position)
            guard try block.be32(0) == Self.magic, try block.be32(8) == sequence else { break }
            switch try block.be32(4) {
            case BlockType.descriptor:
                guard try log.isIntact(block, checksumAt: log.tailOffset) else {
                    summary.problems.append(
                        block.invalid("the checksum of a journal's descriptor does not fit", field: "t_checksum"))
                    break scan
                }
                for tag in try log.tags(in: block, sequence: sequence) {
                    guard left > 0, newest.count + pending.count < Self.copyLimit else {
                        throw FormatError(.limit, volume.kind, "the journal describes more blocks than it can hold")
                    }
                    left -= 1
                    var copy = tag
                    copy.place = try log.place(of: position)
                    position = log.next(position)
                    pending.append(copy)
                }
            case BlockType.commit:
                guard try log.isIntact(block, checksumAt: 16) else {
                    summary.problems.append(
                        block.invalid("the checksum of a journal's commit does not fit", field: "h_chksum", at: 16))
                    break scan
                }
                for copy in pending { newest[copy.block] = copy }
                for block in pendingRevoked { revoked[block] = sequence }
                pending = []
                pendingRevoked = []
                summary.transactions += 1
                sequence &+= 1
            case BlockType.revoke:
                guard try log.isIntact(block, checksumAt: log.tailOffset) else {
                    summary.problems.append(
                        block.invalid("the checksum of a journal's revocations does not fit", field: "r_checksum"))
                    break scan
                }
                pendingRevoked += try log.revocations(in: block)
                guard revoked.count + pendingRevoked.count <= Self.copyLimit else {
                    throw FormatError(.limit, volume.kind, "the journal revokes more blocks than it can hold")
                }
            default: break scan
            }
        }
        // Sequence numbers wrap: the later one is the one that is ahead by less than half of them (`tid_gt`).
        copies = newest.values.filter { copy in
            revoked[copy.block].map { Int32(bitPattern: copy.sequence &- $0) > 0 } ?? true
        }.sorted { $0.block < $1.block }
        summary.blocks = copies.count
        summary.revoked = revoked.count
        summary.hasFastCommits = try log.hasFastCommits(after: sequence)
        if summary.hasFastCommits {
            summary.problems.append(
                FormatError(.unsupported, volume.kind, "the journal ends with fast commits, which are not read"))
        }
    }

    /// The journal's blocks and its superblock.
    private struct Log {
        let volume: ExtVolume
        let map: any FileMap
        let first: UInt64
        let last: UInt64
        let start: UInt64
        let sequence: UInt32
        let seed: CRC32C
        private let features: UInt32
        private let fastBlocks: UInt64

        init(_ volume: ExtVolume, _ inode: ExtInode) throws(FormatError) {
            self.volume = volume
            map = volume.map(of: inode)
            let blockSize = volume.superblock.blockSize
            let record = Record(
                try MappedFile(volume.blocks, map: Erased(map), size: inode.size).bytes(at: 0, count: 1024),
                at: 0, of: volume.kind)
            func bad(_ field: String) -> FormatError {
                record.invalid(
                    "the journal's superblock is invalid", field: field,
                    specification: "Linux, Documentation/filesystems/ext4/journal.rst")
            }
            let magic = try record.be32(0)
            guard magic == ExtJournal.magic, BlockType.superblocks.contains(try record.be32(4)) else {
                throw bad("h_magic = 0x\(String(magic, radix: 16))")
            }
            // The first version has no features.
            let isSecond = try record.be32(4) == 4
            features = isSecond ? try record.be32(40) : 0
            guard features & ~Feature.readable == 0 else {
                throw FormatError(
                    .unsupported, volume.kind, "a feature of the journal that is not read",
                    field: "s_feature_incompat = 0x\(String(features, radix: 16))")
            }
            let size = try record.be32(12)
            guard size == UInt32(blockSize) else { throw bad("s_blocksize = \(size)") }
            let length = UInt64(try record.be32(16))
            first = UInt64(try record.be32(20))
            sequence = try record.be32(24)
            start = UInt64(try record.be32(28))
            let wanted = UInt64(try record.be32(0x54))
            fastBlocks = features & Feature.fastCommit != 0 ? (wanted == 0 ? 256 : wanted) : 0
            guard first > 0, length <= inode.size / UInt64(blockSize), fastBlocks < length,
                first < length - fastBlocks, start == 0 || (first..<(length - fastBlocks)).contains(start)
            else { throw bad("s_maxlen = \(length), s_first = \(first), s_start = \(start)") }
            last = length - fastBlocks
            var seed = CRC32C()
            seed.add(try record.array(48, 16))
            self.seed = seed
            if features & (Feature.checksumV2 | Feature.checksumV3) != 0 {
                var bytes = record.array
                for at in 0xfc..<0x100 where at < bytes.count { bytes[at] = 0 }
                var sum = CRC32C()
                sum.add(bytes)
                guard try record.be32(0xfc) == sum.register else { throw bad("s_checksum") }
            }
        }

        private var isChecked: Bool { features & (Feature.checksumV2 | Feature.checksumV3) != 0 }
        /// Where a descriptor and a revoke block keep their checksum.
        var tailOffset: Int { volume.superblock.blockSize - 4 }

        func next(_ position: UInt64) -> UInt64 { position + 1 >= last ? first : position + 1 }

        func place(of position: UInt64) throws(FormatError) -> UInt64 {
            guard let place = try map.run(at: position * UInt64(volume.superblock.blockSize)).place else {
                throw FormatError(.invalid, volume.kind, "the journal has a hole", field: "block \(position)")
            }
            return place
        }

        func block(_ position: UInt64) throws(FormatError) -> Record {
            let place = try place(of: position)
            return Record(
                try volume.blocks.bytes(at: place, count: volume.superblock.blockSize), at: place, of: volume.kind)
        }

        /// Whether a block's checksum fits; without checksums it does.
        func isIntact(_ block: Record, checksumAt at: Int) throws(FormatError) -> Bool {
            guard isChecked else { return true }
            var bytes = block.array
            for index in at..<(at + 4) where index < bytes.count { bytes[index] = 0 }
            var sum = seed
            sum.add(bytes)
            return try block.be32(at) == sum.register
        }

        func tags(in block: Record, sequence: UInt32) throws(FormatError) -> [Copy] {
            let is64Bit = features & Feature.sixtyFourBit != 0
            let isWide = features & Feature.checksumV3 != 0
            // fs/jbd2/journal.c, `journal_tag_bytes`.
            let size = isWide ? 16 : (is64Bit ? 12 : 8) + (features & Feature.checksumV2 != 0 ? 2 : 0)
            let end = block.count - (isChecked ? 4 : 0)
            var tags: [Copy] = []
            var at = 12
            while at + size <= end {
                let flags = try block.be16(at + 6)
                var number = UInt64(try block.be32(at))
                if is64Bit { number |= UInt64(try block.be32(at + 8)) << 32 }
                let checksum: (UInt32, Bool)? =
                    isWide
                    ? (try block.be32(at + 12), true) : isChecked ? (UInt32(try block.be16(at + 4)), false) : nil
                tags.append(
                    Copy(
                        block: number, place: 0, isEscaped: flags & TagFlag.escaped != 0, sequence: sequence,
                        checksum: checksum))
                at += size + (flags & TagFlag.sameUUID == 0 ? 16 : 0)
                if flags & TagFlag.last != 0 { break }
            }
            return tags
        }

        func revocations(in block: Record) throws(FormatError) -> [UInt64] {
            let end = Int(clamping: try block.be32(12))
            guard end <= block.count - (isChecked ? 4 : 0) else {
                throw block.invalid("a block of revocations is longer than a block", field: "r_count = \(end)", at: 12)
            }
            var numbers: [UInt64] = []
            let width = features & Feature.sixtyFourBit != 0 ? 8 : 4
            var at = 16
            while at + width <= end {
                numbers.append(width == 8 ? try block.be64(at) : UInt64(try block.be32(at)))
                at += width
            }
            return numbers
        }

        /// Whether the area of fast commits begins with one that follows the last transaction (fs/ext4/fast_commit.h:
        /// a head's tag is 9, its features and its transaction have four bytes each).
        func hasFastCommits(after sequence: UInt32) throws(FormatError) -> Bool {
            // They begin one block after the log's end (fs/jbd2/journal.c, `journal_load_superblock`: `j_fc_first`).
            guard fastBlocks > 1 else { return false }
            let block = try block(last + 1)
            let tag = try block.le16(0)
            return tag == 9 ? try block.le32(8) == sequence : false
        }
    }

    /// A map whose kind is not known before.
    private struct Erased: FileMap {
        let map: any FileMap
        init(_ map: any FileMap) { self.map = map }
        func run(at offset: UInt64) throws(FormatError) -> FileRun { try map.run(at: offset) }
    }
}

/// A volume with the journal's newest copies in the place of its blocks.
struct ExtJournalledBlocks: BlockReader {
    private let volume: any BlockReader
    private let journal: ExtJournal
    private let blockSize: Int

    init(_ volume: any BlockReader, journal: ExtJournal, blockSize: Int) {
        self.volume = volume
        self.journal = journal
        self.blockSize = blockSize
    }

    var size: UInt64 { volume.size }

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        let block = offset / UInt64(blockSize)
        var extent = try volume.extent(at: offset)
        guard let copy = firstCopy(notBefore: block) else { return extent }
        if copy.block == block {
            return BlockExtent(.data, length: min(UInt64(blockSize) - offset % UInt64(blockSize), size - offset))
        }
        let (start, overflow) = copy.block.multipliedReportingOverflow(by: UInt64(blockSize))
        if !overflow { extent.length = min(extent.length, start - offset) }
        return extent
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try volume.read(at: offset, into: &buffer)
        let size = UInt64(blockSize)
        // The range lies inside the volume, as it was just read; so its end is a number.
        let end = offset + UInt64(buffer.byteCount)
        var block = offset / size
        while let copy = firstCopy(notBefore: block), copy.block <= end / size, copy.block * size < end {
            let content = try content(of: copy)
            let from = max(offset, copy.block * size)
            let to = min(end, (copy.block + 1) * size)
            let source = content[Int(from - copy.block * size)..<Int(to - copy.block * size)]
            let target = Int(from - offset)..<Int(to - offset)
            // SAFETY: the target lies inside the buffer, as from and to lie in offset…end; a byte is stored as it is.
            unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[target]).copyBytes(from: source)
            }
            block = copy.block + 1
        }
    }

    private func firstCopy(notBefore block: UInt64) -> ExtJournal.Copy? {
        var low = 0
        var high = journal.copies.count
        while low < high {
            let middle = (low + high) / 2
            if journal.copies[middle].block < block { low = middle + 1 } else { high = middle }
        }
        return low < journal.copies.count ? journal.copies[low] : nil
    }

    private func content(of copy: ExtJournal.Copy) throws(FormatError) -> [UInt8] {
        var bytes = try volume.bytes(at: copy.place, count: blockSize)
        if let checksum = copy.checksum {
            var sum = journal.seed
            sum.add(littleEndian: copy.sequence.byteSwapped)
            sum.add(bytes)
            guard checksum.isWide ? sum.register == checksum.value : sum.register & 0xffff == checksum.value else {
                throw FormatError(
                    .invalid, "ext4", "the checksum of a block in the journal does not fit", field: "t_checksum",
                    at: copy.place)
            }
        }
        if copy.isEscaped {
            for (index, byte) in [0xc0, 0x3b, 0x39, 0x98].enumerated() where index < bytes.count {
                bytes[index] = UInt8(byte)
            }
        }
        return bytes
    }
}
