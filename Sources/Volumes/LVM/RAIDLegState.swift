internal import ByteReading

/// The state of a copy, in the small volume beside it.
///
/// ```
///  0  "DmRd"                         16  events                   64 bits
///  4  compatible features  32 bits   24  devices that failed      64 bits, one each
///  8  count of devices     32 bits   32  recovered up to          64 bits, all ones: in step
/// 12  own position         32 bits   40  resynchronised up to     64 bits, all ones: in step
/// ```
///
/// Source: the kernel's drivers/md/dm-raid.c, `struct dm_raid_superblock`.
struct RAIDLegState {
    var events: UInt64
    var failed: UInt64
    var recovered: UInt64

    /// Whether it was ever written to the end.
    var isInStep: Bool { recovered == .max }

    /// Whether this copy says that another one failed. There are at most 64 in these 64 bits.
    func hasFailed(_ position: Int) -> Bool { position < 64 && failed >> UInt64(position) & 1 == 1 }

    /// Reads it; nil where there is none yet.
    static func read(_ blocks: any BlockReader) throws(FormatError) -> RAIDLegState? {
        let bytes = try FormatBytes(reading: blocks, at: 0, count: 512, of: "LVM2 RAID")
        guard bytes.has("DmRd", at: 0) else { return nil }
        return RAIDLegState(events: try bytes.u64(16), failed: try bytes.u64(24), recovered: try bytes.u64(32))
    }
}
