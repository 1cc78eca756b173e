internal import ByteReading
internal import Facts

/// A table that does not have the form its specification gives it; says where and how.
struct MalformedTable: Error, Hashable {
    var reason: String
}

/// The ACPI tables that describe IOMMUs, read field by field.
///
/// All three begin with the header of ACPI 6.5, section 5.2.6: signature, length, …, 36 bytes in all. sysfs gives a
/// table whole, so a length beyond the bytes that are there is a fault, and so is a structure beyond the length.
enum ACPITables {
    /// Intel VT-d specification, section 8.1: flags at 37, structures (type, length: 16 bits each) from 48.
    static func dmar(_ bytes: [UInt8]) throws(MalformedTable) -> DMARTable {
        let length = try header("DMAR", bytes, atLeast: 48)
        let flags = try field(bytes, 37, ByteReader.u8)
        var table = DMARTable(remapsInterrupts: flags & 1 != 0, unitCount: 0, reservedRegionCount: 0)
        var offset = 48
        while offset < length {
            let type = try field(bytes, offset, ByteReader.u16)
            let size = Int(try field(bytes, offset + 2, ByteReader.u16))
            try enclosed(offset, size, atLeast: 4, in: length)
            switch type {
            case 0: table.unitCount += 1
            case 1: table.reservedRegionCount += 1
            default: break
            }
            offset += size
        }
        return table
    }

    /// AMD 48882, section 5.2: blocks (type, flags: 8 bits each, length: 16 bits) from 48.
    static func ivrs(_ bytes: [UInt8]) throws(MalformedTable) -> IVRSTable {
        let length = try header("IVRS", bytes, atLeast: 48)
        var table = IVRSTable(unitCounts: [:], reservedRegionCount: 0)
        var offset = 48
        while offset < length {
            let type = try field(bytes, offset, ByteReader.u8)
            let size = Int(try field(bytes, offset + 2, ByteReader.u16))
            try enclosed(offset, size, atLeast: 4, in: length)
            switch type {
            case 0x10, 0x11, 0x40: table.unitCounts[type, default: 0] += 1
            case 0x20...0x22: table.reservedRegionCount += 1
            default: break
            }
            offset += size
        }
        return table
    }

    /// Arm DEN 0049E, sections 3.1: the number of nodes at 36, the offset of the first at 40; a node begins with its
    /// type (8 bits) and length (16 bits, from byte 1), and its own header is 16 bytes.
    static func iort(_ bytes: [UInt8]) throws(MalformedTable) -> IORTTable {
        let length = try header("IORT", bytes, atLeast: 48)
        let count = try field(bytes, 36, ByteReader.u32)
        let first = try field(bytes, 40, ByteReader.u32)
        guard first >= 48, first <= length else { throw MalformedTable(reason: "nodes at \(first) of \(length) bytes") }
        var table = IORTTable(smmuCount: 0)
        var offset = Int(first)
        var seen: UInt32 = 0
        while offset < length, seen < count {
            let type = try field(bytes, offset, ByteReader.u8)
            let size = Int(try field(bytes, offset + 1, ByteReader.u16))
            try enclosed(offset, size, atLeast: 16, in: length)
            // 3 is SMMUv1 or v2, 4 is SMMUv3.
            if type == 3 || type == 4 { table.smmuCount += 1 }
            seen += 1
            offset += size
        }
        guard seen == count else { throw MalformedTable(reason: "\(seen) nodes of \(count)") }
        return table
    }

    // MARK: - What all have in common

    /// Checks the header; the answer is the table's length, which lies inside the bytes.
    private static func header(
        _ signature: String, _ bytes: [UInt8], atLeast minimum: Int
    ) throws(MalformedTable) -> Int {
        guard bytes.starts(with: signature.utf8) else { throw MalformedTable(reason: "signature is not \(signature)") }
        let length = Int(try field(bytes, 4, ByteReader.u32))
        guard length >= minimum else { throw MalformedTable(reason: "length \(length), less than \(minimum)") }
        guard length <= bytes.count else { throw MalformedTable(reason: "length \(length) of \(bytes.count) bytes") }
        return length
    }

    private static func enclosed(
        _ offset: Int, _ size: Int, atLeast minimum: Int, in length: Int
    ) throws(MalformedTable) {
        // offset < length, and a size has 16 bits: neither sum nor difference can overflow.
        guard size >= minimum, size <= length - offset else {
            throw MalformedTable(reason: "structure of \(size) bytes at \(offset) of \(length)")
        }
    }

    private static func field<Value>(
        _ bytes: [UInt8], _ offset: Int, _ read: ([UInt8], Int) throws(OutOfBounds) -> Value
    ) throws(MalformedTable) -> Value {
        do {
            return try read(bytes, offset)
        } catch {
            throw MalformedTable(reason: "ends at \(bytes.count), before \(error.offset + error.wanted)")
        }
    }
}
