internal import ByteReading

/// File systems and swap that take more than a mark to tell.
enum FileSystemProbes {
    // MARK: FAT, exFAT, NTFS

    static func fat(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard try BootSector.kind(probe) == .fat else { return nil }
        let sector = try probe.bytes(at: 0, count: 512)
        let sectorSize = UInt64(try sector.u16(11))
        let clusterSize = UInt64(try sector.u8(13)) * sectorSize
        let reserved = UInt64(try sector.u16(14)) * sectorSize
        let rootSize = UInt64(try sector.u16(17)) * 32
        let short = UInt64(try sector.u16(19))
        let sectors = short == 0 ? UInt64(try sector.u32(32)) : short
        let shortTable = UInt64(try sector.u16(22))
        let isFAT32 = shortTable == 0
        let tableSize = (isFAT32 ? UInt64(try sector.u32(36)) : shortTable) * sectorSize
        let rootStart = reserved + UInt64(try sector.u8(16)) * tableSize
        guard tableSize > 0, sectors > 0 else { return nil }
        // Source: FAT specification 1.03, section 3.5: the count of clusters alone tells FAT12 from FAT16.
        let dataStart = rootStart + (rootSize + sectorSize - 1) / sectorSize * sectorSize
        let total = sectors * sectorSize
        let clusters = total > dataStart ? (total - dataStart) / clusterSize : 0
        let version = isFAT32 ? "FAT32" : clusters < 4085 ? "FAT12" : "FAT16"
        let serial = isFAT32 ? 67 : 39
        let root: UInt64
        if isFAT32 {
            let first = UInt64(try sector.u32(44))
            root = first >= 2 ? rootStart + (first - 2) * clusterSize : rootStart
        } else {
            root = rootStart
        }
        let length = isFAT32 ? clusterSize : rootSize
        let bytes = try sector.u32(serial)
        return Content(
            "vfat", .fileSystem, version: version, label: try fatLabel(probe, at: root, count: length),
            uuid: bytes == 0 ? nil : "\(upper(bytes >> 16, 4))-\(upper(bytes & 0xffff, 4))")
    }

    /// The entry of a root directory that is the label, in its first cluster; at most 64 KiB.
    private static func fatLabel(_ probe: ContentProbe, at place: UInt64, count: UInt64) throws(FormatError) -> String?
    {
        guard place < probe.size else { return nil }
        let directory = try probe.bytes(at: place, count: Int(min(count, probe.size - place, 64 << 10)))
        for entry in stride(from: 0, to: directory.count - 31, by: 32) {
            let first = try directory.u8(entry)
            if first == 0 { return nil }
            // The label's attribute and no other but archive; 0x0f would be a part of a long name.
            guard first != 0xe5, try directory.u8(entry + 11) & ~0x20 == 0x08 else { continue }
            return String(decoding: try directory.slice(at: entry, count: 11).trimmingSpaces, as: UTF8.self)
        }
        return nil
    }

    static func exFAT(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard try BootSector.kind(probe) == .exFAT else { return nil }
        let sector = try probe.bytes(at: 0, count: 512)
        let sectorShift = UInt64(try sector.u8(108))
        let clusterShift = UInt64(try sector.u8(109))
        guard (9...12).contains(sectorShift), clusterShift <= 25 - sectorShift else { return nil }
        let root = UInt64(try sector.u32(96))
        let place = (UInt64(try sector.u32(88)) << sectorShift) + ((max(root, 2) - 2) << (sectorShift + clusterShift))
        let serial = try sector.u32(100)
        return Content(
            "exfat", .fileSystem, version: "\(try sector.u8(105)).\(try sector.u8(104))",
            label: try exFATLabel(probe, at: place, count: 1 << (sectorShift + clusterShift)),
            uuid: "\(upper(serial >> 16, 4))-\(upper(serial & 0xffff, 4))")
    }

    private static func exFATLabel(
        _ probe: ContentProbe, at place: UInt64, count: UInt64
    ) throws(FormatError) -> String? {
        guard place < probe.size else { return nil }
        let directory = try probe.bytes(at: place, count: Int(min(count, probe.size - place, 64 << 10)))
        for entry in stride(from: 0, to: directory.count - 31, by: 32) {
            switch try directory.u8(entry) {
            case 0: return nil
            case 0x83:
                let count = min(Int(try directory.u8(entry + 1)), 11)
                return try utf16(directory, at: entry + 2, count: count)
            default: continue
            }
        }
        return nil
    }

    /// Source: the kernel's fs/ntfs3/ntfs.h; the volume's name is in the attribute 0x60 of the file record 3.
    static func ntfs(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard try BootSector.kind(probe) == .ntfs else { return nil }
        let sector = try probe.bytes(at: 0, count: 512)
        let serial = try sector.u64(72)
        let sectorSize = UInt64(try sector.u16(11))
        let cluster = try sector.u8(13)
        // Above 0x80 it is the negative of a power of two.
        let clusterSectors: UInt64 = cluster > 0x80 ? 1 << UInt64(min(31, 256 - Int(cluster))) : UInt64(cluster)
        let record = Int8(bitPattern: try sector.u8(64))
        let recordSize = record > 0 ? UInt64(record) * clusterSectors * sectorSize : 1 << UInt64(min(31, -Int(record)))
        let (table, overflow) = try sector.u64(48).multipliedReportingOverflow(by: clusterSectors * sectorSize)
        var label: String?
        if !overflow, recordSize >= 512, recordSize <= 65536, table <= probe.size,
            probe.size - table >= 4 * recordSize
        {
            label = try ntfsLabel(try probe.bytes(at: table + 3 * recordSize, count: Int(recordSize)))
        }
        return Content("ntfs", .fileSystem, label: label, uuid: upper(serial, 16))
    }

    private static func ntfsLabel(_ record: FormatBytes) throws(FormatError) -> String? {
        guard record.has("FILE", at: 0) else { return nil }
        var place = Int(try record.u16(20))
        while place + 24 <= record.count {
            let type = try record.u32(place)
            let length = Int(try record.u32(place + 4))
            if type == 0xffff_ffff || length < 24 { return nil }
            if type == 0x60 {
                let count = Int(try record.u32(place + 16))
                let content = place + Int(try record.u16(place + 20))
                // The last two bytes of each sector are a mark; the name lies in the first, as mkntfs and Windows write it.
                return try utf16(record, at: content, count: min(count / 2, 128))
            }
            place += length
        }
        return nil
    }

    // MARK: swap

    /// The mark is the last ten bytes of the first page. Source: the kernel's include/linux/swap.h.
    static func swap(_ probe: ContentProbe) throws(FormatError) -> Content? {
        for page in [4096, 8192, 16384, 32768, 65536] as [UInt64] where probe.size >= page {
            let mark = try probe.bytes(at: page - 10, count: 10)
            if mark.has("SWAPSPACE2", at: 0) {
                let version = try probe.bytes(at: 1024, count: 4).u32(0)
                guard version == 1 || version == 0x0100_0000 else { return nil }
                return Content(
                    "swap", .other, version: "1", label: try probe.label(at: 1024 + 28, count: 16),
                    uuid: try probe.uuid(at: 1024 + 12))
            }
            if mark.has("SWAP-SPACE", at: 0) { return Content("swap", .other, version: "0") }
            // A machine that was suspended to disk: what is in memory is in the swap.
            for name in ["S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"] where mark.has(name, at: 0) {
                return Content(
                    "swsuspend", .other, version: name.lowercased(), label: try probe.label(at: 1024 + 28, count: 16),
                    uuid: try probe.uuid(at: 1024 + 12))
            }
        }
        return nil
    }

    // MARK: ext2, ext3, ext4

    /// Source: util-linux, libblkid/src/superblocks/ext.c: which features make which name.
    static func ext(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard probe.size >= 2048 else { return nil }
        let block = try probe.bytes(at: 1024, count: 1024)
        guard try block.u16(56) == 0xef53, try block.u32(24) <= 6 else { return nil }
        let compatible = try block.u32(92)
        let incompatible = try block.u32(96)
        let readOnly = try block.u32(100)
        let kind: String
        if incompatible & 0x0008 != 0 {
            kind = "jbd"
        } else if incompatible & ~0x0016 != 0 || readOnly & ~0x0007 != 0 {
            // Anything that ext3 does not know: filetype, recover, meta_bg; sparse_super, large_file, btree_dir.
            kind = "ext4"
        } else {
            kind = compatible & 0x0004 != 0 ? "ext3" : "ext2"
        }
        return Content(
            kind, kind == "jbd" ? .other : .fileSystem, version: "\(try block.u32(76)).\(try block.u16(62))",
            label: try probe.label(at: 1024 + 120, count: 16), uuid: try probe.uuid(at: 1024 + 104))
    }

    // MARK: optical discs

    /// Source: ECMA-167, part 2, section 9.1: descriptors of 2048 bytes from 32 KiB on, up to one that says it is the last.
    static func udf(_ probe: ContentProbe) throws(FormatError) -> Content? {
        for index in 0..<UInt64(16) {
            let place = 32768 + index * 2048
            guard place + 2048 <= probe.size else { return nil }
            let descriptor = try probe.bytes(at: place, count: 6)
            if descriptor.has("NSR02", at: 1) || descriptor.has("NSR03", at: 1) {
                return Content("udf", .fileSystem)
            }
            guard ["BEA01", "BOOT2", "CD001", "CDW02", "TEA01"].contains(where: { descriptor.has($0, at: 1) }) else {
                return nil
            }
        }
        return nil
    }

    /// Source: ECMA-119, section 8.4. blkid makes a UUID of the time of modification, or else of creation.
    static func iso9660(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard try probe.has([1] + Array("CD001".utf8), at: 32768) else { return nil }
        let descriptor = try probe.bytes(at: 32768, count: 2048)
        var label = String(decoding: try descriptor.slice(at: 40, count: 32).trimmingSpaces, as: UTF8.self)
        // A Joliet label of the same beginning is the longer or better one.
        for index in 1..<UInt64(16) where 32768 + (index + 1) * 2048 <= probe.size {
            let other = try probe.bytes(at: 32768 + index * 2048, count: 2048)
            guard other.has("CD001", at: 1), try other.u8(0) != 0xff else { break }
            guard try other.u8(0) == 2, ["%/@", "%/C", "%/E"].contains(where: { other.has($0, at: 88) }) else {
                continue
            }
            var units: [UInt16] = []
            for unit in 0..<16 { units.append(try other.big(UInt16.self, at: 40 + 2 * unit)) }
            while units.last == 0x20 || units.last == 0 { units.removeLast() }
            let joliet = String(decoding: units, as: UTF16.self)
            if !joliet.isEmpty { label = joliet }
        }
        var uuid: String?
        for place in [830, 813] {
            let digits = try descriptor.slice(at: place, count: 16)
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }), digits.contains(where: { $0 != 0x30 }) else {
                continue
            }
            var text = ""
            for (index, digit) in digits.enumerated() {
                if index >= 4, index % 2 == 0 { text += "-" }
                text.unicodeScalars.append(Unicode.Scalar(digit))
            }
            uuid = text
            break
        }
        return Content("iso9660", .fileSystem, label: label, uuid: uuid)
    }

    // MARK: others

    static func f2fs(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard try probe.has([0x10, 0x20, 0xf5, 0xf2], at: 1024) else { return nil }
        let block = try probe.bytes(at: 1024, count: 1148)
        return Content(
            "f2fs", .fileSystem, version: "\(try block.u16(4)).\(try block.u16(6))",
            label: try utf16(block, at: 124, count: 512), uuid: try probe.uuid(at: 1024 + 108))
    }

    static func nilfs2(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard try probe.has([0x34, 0x34], at: 1024 + 6) else { return nil }
        let block = try probe.bytes(at: 1024, count: 1024)
        // Its revision, and the size that its checksum is of.
        guard try block.u32(0) == 2, (120...1024).contains(try block.u16(8)) else { return nil }
        return Content(
            "nilfs2", .fileSystem, label: try probe.label(at: 1024 + 168, count: 80),
            uuid: try probe.uuid(at: 1024 + 152))
    }

    static func hfs(_ probe: ContentProbe) throws(FormatError) -> Content? {
        let isPlus = try probe.has(Array("H+".utf8), at: 1024)
        let isExtended = try probe.has(Array("HX".utf8), at: 1024)
        if isPlus || isExtended {
            guard [4, 5].contains(try probe.bytes(at: 1026, count: 2).big(UInt16.self, at: 0)) else { return nil }
            return Content("hfsplus", .fileSystem)
        }
        // An HFS volume can wrap an HFS+ one. Source: Apple TN1150, "HFS Wrapper".
        guard try probe.has(Array("BD".utf8), at: 1024) else { return nil }
        return Content(try probe.has(Array("H+".utf8), at: 1024 + 124) ? "hfsplus" : "hfs", .fileSystem)
    }

    /// Source: the kernel's include/uapi/linux/minix_fs.h; blkid asks for a plausible count of inodes too.
    static func minix(_ probe: ContentProbe) throws(FormatError) -> Content? {
        guard probe.size >= 2048 else { return nil }
        let block = try probe.bytes(at: 1024, count: 32)
        let version: String? =
            switch try block.u16(16) {
            case 0x137f, 0x138f: "1"
            case 0x2468, 0x2478: "2"
            default: try block.u16(24) == 0x4d5a ? "3" : nil
            }
        guard let version, try block.u16(0) > 0, try block.u16(4) > 0 || version == "3" else { return nil }
        return Content("minix", .fileSystem, version: version)
    }

    // MARK: text

    private static func upper(_ value: some BinaryInteger, _ digits: Int) -> String {
        String(hex: value, digits: digits).uppercased()
    }

    /// Little-endian UTF-16 up to its first NUL, without spaces at the end.
    private static func utf16(_ bytes: FormatBytes, at place: Int, count: Int) throws(FormatError) -> String {
        var units: [UInt16] = []
        for index in 0..<count {
            let unit = try bytes.u16(place + 2 * index)
            if unit == 0 { break }
            units.append(unit)
        }
        while units.last == 0x20 { units.removeLast() }
        return String(decoding: units, as: UTF16.self)
    }
}
