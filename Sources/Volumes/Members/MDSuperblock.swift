internal import ByteReading

/// The superblocks of MD on disk; the layout is drawn at ``MDMember``.
enum MDSuperblock {
    private static let magic: UInt32 = 0xa92b_4efc
    private static let sector: UInt64 = 512
    /// What 4 KiB have room for: (4096 - 256) / 2.
    private static let rolesLimit: UInt32 = 1920

    /// Where a superblock of version 1 can stand, and the minor number that says so. Source: mdadm, super1.c, `load_super1`.
    static func places(_ size: UInt64) -> [(offset: UInt64, minor: Int)] {
        guard size >= 16384 else { return [] }
        return [(0, 1), (4096, 2), ((size / sector - 16) / 8 * 8 * sector, 0)]
    }

    static func version1(
        _ blocks: any BlockReader, at place: UInt64, minor: Int
    ) throws(FormatError) -> MDMember? {
        guard place <= blocks.size, blocks.size - place >= 4096 else { return nil }
        let bytes = try FormatBytes(reading: blocks, at: place, count: 4096, of: "MD")
        // A superblock elsewhere is a copy of a disk's beginning, or a leftover of an array of another size.
        guard try bytes.u32(0) == magic, try bytes.u32(4) == 1, try bytes.u64(144) == place / sector else { return nil }
        let features = try bytes.u32(8)
        let maximum = try bytes.u32(220)
        guard maximum <= rolesLimit else {
            throw bytes.error(.invalid, "more roles than have room", field: "max_dev = \(maximum)", at: 220)
        }
        let number = try bytes.u32(160)
        let role: UInt16 = number < maximum ? try bytes.u16(256 + 2 * Int(number)) : 0xffff
        let name = try bytes.text(at: 32, count: 32)
        // RAID 4, 5 and 6 are the numbers; negative ones are 32 bits.
        return MDMember(
            version: "1.\(minor)", uuid: UUIDText.text(of: try bytes.slice(at: 16, count: 16)),
            memberUUID: UUIDText.text(of: try bytes.slice(at: 168, count: 16)), name: name.isEmpty ? nil : name,
            level: level(Int32(bitPattern: try bytes.u32(72))), memberCount: Int(try bytes.u32(92)),
            role: self.role(role), dataStart: size(try bytes.u64(128)),
            dataSize: size(min(try bytes.u64(80), try bytes.u64(136))), chunkSize: size(UInt64(try bytes.u32(88))),
            events: try bytes.u64(200), isClean: try bytes.u64(208) == .max,
            isInMotion: features & (recovering | reshaping) != 0,
            checksumFits: try bytes.u32(216) == checksum(bytes, count: 256 + 2 * Int(maximum), without: 216))
    }

    /// `MD_FEATURE_RECOVERY_OFFSET` and `MD_FEATURE_RESHAPE_ACTIVE`.
    private static let recovering: UInt32 = 2
    private static let reshaping: UInt32 = 4

    /// ```
    ///   0  0xa92b4efc       32 bits    20  UUID, first of four words    32 bits
    ///   4  major 0          32 bits    28  level                        32 bits
    ///   8  minor 90         32 bits    32  used size of members         32 bits, KiB
    ///                                  40  count of disks               32 bits
    ///  52  UUID, the rest 3 × 32       128 + 4  state                   32 bits, bit 0 clean
    /// 128 + 24  checksum    32 bits    128 + 28  events                 64 bits
    /// 256 + 4  chunk size   32 bits    3968  this member: number, major, minor, role, state
    /// ```
    static func version090(_ blocks: any BlockReader) throws(FormatError) -> MDMember? {
        let reserved: UInt64 = 65536
        guard blocks.size >= 2 * reserved else { return nil }
        let place = blocks.size / reserved * reserved - reserved
        let bytes = try FormatBytes(reading: blocks, at: place, count: 4096, of: "MD")
        let isBig = try bytes.big(UInt32.self, at: 0) == magic
        let isLittle = try bytes.u32(0) == magic
        guard isBig || isLittle else { return nil }
        func word(_ position: Int) throws(FormatError) -> UInt32 {
            try isBig ? bytes.big(UInt32.self, at: position) : bytes.u32(position)
        }
        guard try word(4) == 0 else { return nil }
        // A superblock of version 1.0 can stand in the same 64 KiB; 0.91 is one that is being reshaped.
        let minor = try word(8)
        guard minor == 90 || minor == 91 else {
            throw bytes.error(.unsupported, "unknown version", field: "minor_version = \(minor)", at: 8)
        }
        var uuid: [UInt8] = []
        for position in [20, 52, 56, 60] {
            let value = try word(position)
            uuid += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        }
        let low = UInt64(try word(128 + (isBig ? 32 : 28)))
        let high = UInt64(try word(128 + (isBig ? 28 : 32)))
        let state = try word(3968 + 16)
        let role: MDMember.Role =
            if state & 1 != 0 { .faulty } else if state & 6 == 6 { .active(Int(try word(3968 + 12))) } else { .spare }
        return MDMember(
            version: "0.\(minor)", uuid: UUIDText.text(of: uuid), memberUUID: nil, name: nil,
            level: level(Int32(bitPattern: try word(28))), memberCount: Int(try word(40)), role: role, dataStart: 0,
            dataSize: UInt64(try word(32)) * 1024, chunkSize: UInt64(try word(256 + 4)), events: high << 32 | low,
            isClean: try word(128 + 4) & 1 == 1, isInMotion: minor == 91,
            checksumFits: try word(128 + 24)
                == checksum(bytes, count: 4096, without: 128 + 24, isBigEndian: isBig))
    }

    /// Sectors as bytes; what no disk can hold is the largest number, and cut to the disk.
    private static func size(_ sectors: UInt64) -> UInt64 {
        let (bytes, overflow) = sectors.multipliedReportingOverflow(by: sector)
        return overflow ? .max : bytes
    }

    /// Source: mdadm, super1.c, `calc_sb_1_csum`, and super0.c, `calc_sb0_csum`: the words are added, the carry last.
    private static func checksum(
        _ bytes: FormatBytes, count: Int, without place: Int, isBigEndian: Bool = false
    ) throws(FormatError) -> UInt32 {
        var sum: UInt64 = 0
        for position in stride(from: 0, to: count - 3, by: 4) where position != place {
            sum += UInt64(try isBigEndian ? bytes.big(UInt32.self, at: position) : bytes.u32(position))
        }
        if count % 4 >= 2 { sum += UInt64(try bytes.u16(count / 4 * 4)) }
        return UInt32(truncatingIfNeeded: (sum & 0xffff_ffff) + (sum >> 32))
    }

    private static func role(_ role: UInt16) -> MDMember.Role {
        switch role {
        case 0xffff: .spare
        case 0xfffe: .faulty
        case 0xfffd: .journal
        default: .active(Int(role))
        }
    }

    private static func level(_ level: Int32) -> String {
        switch level {
        case -4: "multipath"
        case -1: "linear"
        case -5: "faulty"
        case 0, 1, 4, 5, 6, 10: "raid\(level)"
        default: "level \(level)"
        }
    }
}
