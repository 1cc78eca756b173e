internal import ByteReading

/// The volume descriptors of ISO 9660: blocks of 2048 bytes from 32 KiB on, up to one that says it is the last.
///
/// ```
///   0  type: 0 boot, 1 primary, 2 supplementary, 255 the last     8 bits
///   1  "CD001"
///  40  label             32 bytes     128  block size            16 bits, in both orders
///  80  blocks            32 bits, in both orders
///  88  escape sequences: %/@, %/C, %/E are Joliet's              32 bytes
/// 156  record of the root directory                              34 bytes
/// 813  made, changed     17 bytes each: digits, hundredths, quarters of hours from UTC
/// ```
///
/// Source: ECMA-119, section 8; the Joliet specification; El Torito 1.0, section 2.0.
struct ISODescriptors {
    static let start: UInt64 = 32768
    static let size: UInt64 = 2048
    /// More descriptors than any disc has.
    private static let limit: UInt64 = 64

    struct Tree {
        var label: [UInt8]
        var blockSize: UInt64
        var blockCount: UInt64
        /// Where the record of its root stands.
        var root: UInt64
        var record: Record
    }

    var primary: Tree
    var joliet: Tree?
    var isBootable: Bool

    static func read(_ volume: any BlockReader) throws(FormatError) -> ISODescriptors {
        var primary: Tree?
        var joliet: Tree?
        var isBootable = false
        for index in 0..<limit {
            let place = start + index * size
            guard place <= volume.size, volume.size - place >= size else { break }
            let record = Record(try volume.bytes(at: place, count: Int(size)), at: place, of: "iso9660")
            guard try record.array(1, 5) == Array("CD001".utf8) else { break }
            switch try record.u8(0) {
            case 0: if try record.text(7, 32) == Array("EL TORITO SPECIFICATION".utf8) { isBootable = true }
            case 1 where primary == nil: primary = try tree(record)
            case 2 where joliet == nil:
                let escape = try record.array(88, 3)
                if ["%/@", "%/C", "%/E"].contains(where: { Array($0.utf8) == escape }) { joliet = try tree(record) }
            case 255: return try complete(primary, joliet, isBootable)
            default: break
            }
        }
        return try complete(primary, joliet, isBootable)
    }

    private static func complete(_ primary: Tree?, _ joliet: Tree?, _ isBootable: Bool) throws(FormatError)
        -> ISODescriptors
    {
        guard let primary else {
            throw FormatError(.invalid, "iso9660", "there is no primary volume descriptor", at: start)
        }
        return ISODescriptors(primary: primary, joliet: joliet, isBootable: isBootable)
    }

    private static func tree(_ record: Record) throws(FormatError) -> Tree {
        let blockSize = UInt64(try record.le16(128))
        guard [512, 1024, 2048].contains(blockSize) else {
            throw record.invalid("invalid block size", field: "Logical Block Size = \(blockSize)", at: 128)
        }
        return Tree(
            label: try record.array(40, 32), blockSize: blockSize, blockCount: UInt64(try record.le32(80)),
            root: record.place + 156, record: record)
    }
}
