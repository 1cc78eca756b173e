internal import ByteReading

/// Whether the log holds what the next mount must write first. What it holds is not read.
///
/// ```
/// record  0 magic 0xfeedbabe | 4 cycle | 8 version | 12 len | 40 num_logops | 44 cycle_data (64 × 4) | 320 size
/// ```
/// The log is a ring of sectors of 512 bytes, the first four bytes of each one being the number of the round in which it was
/// written (of a record's first sector, the second four). Source: Linux, fs/xfs/xfs_log_recover.c, `xlog_find_tail`.
struct XFSLog {
    private let volume: XFSVolume
    private let start: UInt64
    /// In sectors.
    private let length: UInt64

    private static let magic: UInt32 = 0xfeed_babe
    private static let sector: UInt64 = 512
    /// As far back from its end as the last record can begin: two of the largest (256 KiB, `XLOG_MAX_RECORD_BSIZE`).
    private static let backward: UInt64 = 1024
    private static let unmountFlag: UInt8 = 0x20

    init(_ volume: XFSVolume) throws(FormatError) {
        let superblock = volume.superblock
        guard superblock.logStart != 0 else {
            throw FormatError(.unsupported, "xfs", "the log is on another device", field: "sb_logstart = 0")
        }
        guard superblock.logBlocks > 0 else {
            throw FormatError(.invalid, "xfs", "the log is empty", field: "sb_logblocks = 0")
        }
        self.volume = volume
        start = try volume.place(of: superblock.logStart, count: UInt64(superblock.logBlocks))
        length = UInt64(superblock.logBlocks) * UInt64(superblock.blockSize) / Self.sector
    }

    /// Whether the last thing in it is the record of an unmount.
    func isClean() throws(FormatError) -> Bool {
        let first = try cycle(0)
        // Zeros all over: never used.
        if first == 0 { return true }
        var head = length
        if try cycle(length - 1) != first {
            // Sectors of this round, then those of the one before.
            var low: UInt64 = 0
            var high = length - 1
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if try cycle(middle) == first { low = middle } else { high = middle }
            }
            head = high
        }
        var at = head
        while at > 0, head - at < Self.backward {
            at -= 1
            let record = try sector(at)
            guard try record.be32(0) == Self.magic else { continue }
            return try isUnmount(record, at: at, head: head)
        }
        return false
    }

    private func sector(_ number: UInt64) throws(FormatError) -> Record {
        let place = start + number * Self.sector
        return Record(try volume.blocks.bytes(at: place, count: Int(Self.sector)), at: place, of: "xfs")
    }

    private func cycle(_ number: UInt64) throws(FormatError) -> UInt32 {
        let record = try sector(number)
        let word = try record.be32(0)
        return word == Self.magic ? try record.be32(4) : word
    }

    private func isUnmount(_ record: Record, at place: UInt64, head: UInt64) throws(FormatError) -> Bool {
        let size = UInt64(try record.be32(320))
        let headers = try record.be32(8) & 2 != 0 && size > 32768 ? (size + 32767) / 32768 : 1
        let end = place + headers + (UInt64(try record.be32(12)) + Self.sector - 1) / Self.sector
        guard try record.be32(40) == 1, end == head, place + headers < length else { return false }
        // The operation's header: tid (4), len (4), client, flags.
        return try sector(place + headers).u8(9) & Self.unmountFlag != 0
    }
}
