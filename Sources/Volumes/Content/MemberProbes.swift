internal import ByteReading

/// What is a part of something else, and what is encrypted.
enum MemberProbes {
    static func md(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard let member = try MDMember.read(probe.blocks) else { return nil }
        // blkid writes three numbers for version 0.90.
        let version = member.version.hasPrefix("0.") ? member.version + ".0" : member.version
        return Content("linux_raid_member", .raid, version: version, label: member.name, uuid: member.uuid)
    }

    /// Source: SNIA Common RAID Disk Data Format 2.0, section 4.2: the anchor is in the last block.
    static func ddf(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard probe.size >= 1024,
            try probe.has([0xde, 0x11, 0xde, 0x11], at: probe.size / 512 * 512 - 512)
        else { return nil }
        return Content("ddf_raid_member", .raid)
    }

    /// Intel's firmware RAID. Source: mdadm, super-intel.c: the anchor is in the last block but one.
    static func isw(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard probe.size >= 1024,
            try probe.has(Array("Intel Raid ISM Cfg Sig. ".utf8), at: probe.size / 512 * 512 - 1024)
        else { return nil }
        return Content("isw_raid_member", .raid)
    }

    static func lvm(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard let label = try LVMLabel.read(probe.blocks) else { return nil }
        return Content("LVM2_member", .raid, version: "LVM2 001", uuid: label.uuid)
    }

    static func luks(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard let header = try LUKSHeader.read(probe.blocks) else { return nil }
        return Content("crypto_LUKS", .crypto, version: String(header.version), label: header.label, uuid: header.uuid)
    }

    static func bitLocker(_ probe: ContentProbe) throws(FormatError) -> Content? {
        try BootSector.kind(probe) == .bitLocker ? Content("BitLocker", .crypto) : nil
    }

    /// A label of ZFS holds 128 uberblocks of 1 KiB or more, from its 128th KiB on; the newest pools use larger ones.
    /// Source: ZFS On-Disk Specification, section 1.3.
    static func zfs(_ probe: ContentProbe) throws(FormatError) -> Content? {
        let label: UInt64 = 256 << 10
        guard probe.size >= 4 * label else { return nil }
        let end = probe.size / label * label
        for start in [0, label, end - 2 * label, end - label] {
            let uberblocks = try probe.bytes(at: start + 128 << 10, count: 128 << 10)
            for place in stride(from: 0, to: uberblocks.count, by: 1024)
            where uberblocks.has([0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0], at: place)
                || uberblocks.has([0, 0, 0, 0, 0, 0xba, 0xb1, 0x0c], at: place)
            {
                return Content("zfs_member", .fileSystem)
            }
        }
        return nil
    }
}
