internal import ByteReading
internal import Evidence

/// What Rock Ridge says of a file, in entries of a signature of two letters, a length and a version.
///
/// ```
/// SP  at the root: 0xbe 0xef, bytes to skip      SL  target: flags, then components of flags, length, text
/// CE  the rest: block, offset, length            NM  name: flags (1 goes on), text
/// PX  mode, links, owner, group                  TF  times: flags (1 made, 2 changed, 4 read, 8 inode, 128 long)
/// PN  device numbers                             CL  a directory that stands elsewhere: block
/// ZF  zisofs: the bytes are compressed           RE  a directory that CL leads to: not shown here
/// ```
///
/// Sources: SUSP 1.12; RRIP 1.12. Numbers stand in both orders; the little-endian one is read.
struct RockRidge {
    var mode: UInt32?
    var links: UInt32 = 1
    var owner: UInt32 = 0
    var group: UInt32 = 0
    var device: (major: UInt32, minor: UInt32)?
    var name: [UInt8]?
    var target: [UInt8]?
    /// The target's last component reaches beyond its entry, or an entry beyond what encloses it: the target is not whole.
    var isTargetCut = false
    var created: FileTime?
    var modified: FileTime?
    var accessed: FileTime?
    var changed: FileTime?
    var childBlock: UInt32?
    var isRelocated = false
    var compression: String?

    /// Continuations that are followed: a name of 255 bytes and a target of 4 KiB take four.
    private static let continuationLimit = 32
    private static let textLimit = 65536

    /// How many bytes stand before each entry, as the root's record says; nil where the disc has no Rock Ridge.
    static func skipped(_ root: ISORecord) throws(FormatError) -> Int? {
        // XA discs put fourteen bytes before.
        for offset in [0, 14] where root.systemUse.count >= offset + 7 {
            let entry = try root.systemUse.part(offset, 7)
            if try entry.array(0, 2) == Array("SP".utf8), try entry.array(4, 2) == [0xbe, 0xef] {
                return Int(try entry.u8(6))
            }
        }
        return nil
    }

    /// Reads the entries of a record.
    static func read(
        _ record: ISORecord, skip: Int, volume: any BlockReader, blockSize: UInt64
    ) throws(FormatError) -> RockRidge {
        var result = RockRidge()
        var goesOn = false
        var area = record.systemUse
        var position = min(skip, area.count)
        var continuations = 0
        while true {
            var next: (place: UInt64, count: Int)?
            while position + 4 <= area.count {
                let signature = String(decoding: try area.array(position, 2), as: UTF8.self)
                let length = Int(try area.u8(position + 2))
                guard length >= 4 else { break }
                guard length <= area.count - position else {
                    result.isTargetCut = true
                    break
                }
                let entry = try area.part(position, length)
                if signature == "ST" { break }
                if signature == "CE" {
                    let place = UInt64(try entry.le32(4)) * blockSize + UInt64(try entry.le32(12))
                    next = (place, Int(min(try entry.le32(20), 65536)))
                } else {
                    try result.add(signature, entry, &goesOn)
                }
                position += length
            }
            guard let rest = next else { return result }
            continuations += 1
            guard continuations <= continuationLimit else {
                throw FormatError(.limit, "iso9660", "entries of Rock Ridge that go on and on", at: record.place)
            }
            area = Record(try volume.bytes(at: rest.place, count: rest.count), at: rest.place, of: "iso9660")
            position = 0
        }
    }

    private mutating func add(_ signature: String, _ entry: Record, _ goesOn: inout Bool) throws(FormatError) {
        switch signature {
        case "PX":
            mode = try entry.le32(4)
            links = try entry.le32(12)
            owner = try entry.le32(20)
            group = try entry.le32(28)
        case "PN": device = Self.device(high: try entry.le32(4), low: try entry.le32(12))
        case "NM":
            // `.` and `..` are told by flags, and have no text.
            guard try entry.u8(4) & 6 == 0 else { return }
            name = (name ?? []) + (try entry.array(5, entry.count - 5))
            try limit(name, entry)
        case "SL": try addTarget(entry, &goesOn)
        case "TF": try addTimes(entry)
        case "CL": childBlock = try entry.le32(4)
        case "RE": isRelocated = true
        case "ZF": compression = String(decoding: try entry.array(4, 2), as: UTF8.self)
        default: break
        }
    }

    private func limit(_ text: [UInt8]?, _ entry: Record) throws(FormatError) {
        guard text?.count ?? 0 <= Self.textLimit else {
            throw FormatError(.limit, "iso9660", "a name or target that is longer than any", at: entry.place)
        }
    }

    /// A component whose flag says so goes on in the next, without a slash between.
    private mutating func addTarget(_ entry: Record, _ goesOn: inout Bool) throws(FormatError) {
        var text = target ?? []
        var position = 5
        while position + 2 <= entry.count {
            let flags = try entry.u8(position)
            let length = Int(try entry.u8(position + 1))
            // genisoimage 1.1.11 writes this for targets of more than some 250 bytes, and leaves the rest out.
            guard length <= entry.count - position - 2 else {
                isTargetCut = true
                return
            }
            if !goesOn, !text.isEmpty, text.last != UInt8(ascii: "/") { text.append(UInt8(ascii: "/")) }
            switch flags & 0xe {
            case 2: text.append(UInt8(ascii: "."))
            case 4: text += Array("..".utf8)
            case 8: text = [UInt8(ascii: "/")]
            default: text += try entry.array(position + 2, length)
            }
            goesOn = flags & 1 != 0
            position += 2 + length
        }
        target = text
        try limit(target, entry)
    }

    private mutating func addTimes(_ entry: Record) throws(FormatError) {
        let flags = try entry.u8(4)
        let width = flags & 0x80 != 0 ? 17 : 7
        var position = 5
        for bit in 0..<4 where flags >> UInt8(bit) & 1 == 1 {
            let time = try width == 17 ? ISOTime.long(entry, position) : ISOTime.short(entry, position)
            switch bit {
            case 0: created = time
            case 1: modified = time
            case 2: accessed = time
            default: changed = time
            }
            position += width
        }
    }

    /// Source: the kernel's fs/isofs/rock.c: a high half of 0 means that the low one has both, as Solaris writes it.
    private static func device(high: UInt32, low: UInt32) -> (major: UInt32, minor: UInt32) {
        high == 0 && low & ~0xff != 0 ? (low >> 8, low & 0xff) : (high, low)
    }

    var kind: FileMetadata.Kind? {
        switch (mode ?? 0) & 0o170000 {
        case 0o100000: .regular
        case 0o040000: .directory
        case 0o120000: .symbolicLink
        case 0o020000: .characterDevice
        case 0o060000: .blockDevice
        case 0o010000: .fifo
        case 0o140000: .socket
        default: nil
        }
    }
}
