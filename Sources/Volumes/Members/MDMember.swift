public import ByteReading

/// A member of an array of the kernel's MD driver, as its superblock describes it.
///
/// Version 1, at the place that its minor number says (1.0: 8 KiB before the end, rounded down to 4 KiB; 1.1: at 0;
/// 1.2: at 4096), little-endian:
///
/// ```
///   0  0xa92b4efc          32 bits    80  used size of members    64 bits, sectors
///   4  major version 1     32 bits    88  chunk size              32 bits, sectors
///   8  features            32 bits    92  count of disks          32 bits
///  16  UUID              16 bytes    128  data offset             64 bits, sectors
///  32  name              32 bytes    136  data size               64 bits, sectors
///  64  time made          64 bits    144  superblock's own place  64 bits, sectors
///  72  level              32 bits    152  recovered up to         64 bits, sectors
///  76  layout             32 bits    160  number of the member    32 bits
/// 168  UUID of the member 16 bytes   200  events                  64 bits
/// 216  checksum           32 bits    220  count of roles          32 bits
/// 256  roles            16 bits each
/// ```
///
/// Version 0.90 stands 64 KiB before the end, rounded down to 64 KiB, in the byte order of the machine that made it.
/// Source: /usr/include/linux/raid/md_p.h; md(4).
public struct MDMember: Sendable, Hashable {
    /// What a member is in its array.
    public enum Role: Sendable, Hashable {
        /// It holds data, at this place.
        case active(Int)
        case spare
        case faulty
        case journal
    }

    /// `0.90`, `1.0`, `1.1` or `1.2`.
    public var version: String
    /// The array's UUID, as blkid writes it.
    public var uuid: String
    /// The member's UUID; nil in version 0.90.
    public var memberUUID: String?
    /// The array's name, with the home host before a colon; nil in version 0.90 and where there is none.
    public var name: String?
    /// As md(4) names it: `raid1`, `linear` …
    public var level: String
    /// How many members the array has when it is whole.
    public var memberCount: Int
    /// What this member is.
    public var role: Role
    /// Where the array's data begin in the member, in bytes.
    public var dataStart: UInt64
    /// How much of the member the array uses, in bytes.
    public var dataSize: UInt64
    /// The chunk size in bytes; 0 where the level has none.
    public var chunkSize: UInt64
    /// How often the superblock was written; the member with the most is the newest.
    public var events: UInt64
    /// Whether the array was stopped when nothing was being written.
    public var isClean: Bool
    /// Whether it is being rebuilt, reshaped, or is not recovered to its end.
    public var isInMotion: Bool
    /// Whether the superblock's checksum fits.
    public var checksumFits: Bool

    /// Whether what is in the member is what is in the array, from ``dataStart`` on: each member of a RAID 1 holds all.
    public var isCopy: Bool {
        if case .active = role { level == "raid1" && !isInMotion } else { false }
    }

    /// Whether the array's data begin where the member does (versions 0.90 and 1.0): a boot loader, firmware or a reader that
    /// knows nothing of MD finds a file system there.
    public var dataAreAtStart: Bool { dataStart == 0 }

    /// The array's bytes, where this member alone holds them all.
    ///
    /// - Throws: ``FormatError``: `unsupported` where other members are needed.
    public func blocks(of member: any BlockReader) throws(FormatError) -> BlockSlice {
        guard isCopy else {
            throw FormatError(
                .unsupported, "MD", "a member of an array of level \(level) does not hold all of it",
                field: "level = \(level), role = \(role)")
        }
        return BlockSlice(member, start: dataStart, size: dataSize)
    }

    /// Looks for a superblock of any version.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: ``FormatError``: where one is there and cannot be.
    public static func read(_ blocks: any BlockReader) throws(FormatError) -> MDMember? {
        for (place, minor) in MDSuperblock.places(blocks.size) {
            if let member = try MDSuperblock.version1(blocks, at: place, minor: minor) { return member }
        }
        return try MDSuperblock.version090(blocks)
    }
}
