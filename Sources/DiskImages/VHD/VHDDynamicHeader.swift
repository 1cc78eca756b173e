internal import ByteReading

/// The header of a dynamic or differencing VHD as it stands on disk, big-endian; "Dynamic Disk Header Format".
///
/// ```
///  0 cookie "cxsparse"   8 data offset   16 table offset   24 version   28 table entries   32 block size   36 checksum
/// 40 parent's unique id (16)   56 parent's timestamp   64 parent's name, UTF-16 (512 bytes)
/// 576 eight parent locators: platform code, data space, data length, reserved (4 bytes each), data offset (8)
/// ```
struct VHDDynamicHeader: Sendable, Hashable {
    var tableOffset: UInt64
    var tableEntries: UInt32
    var blockSize: UInt32
    var parentIdentity: [UInt8]
    var parentName: String
    /// Where the parent is, as Windows says it; relative to this file, or absolute.
    var relativePath: String?
    var absolutePath: String?
    var isIntact: Bool

    /// The bytes of the map of sectors that stands before each block, in whole sectors.
    var bitmapSize: UInt64 { (UInt64(blockSize) / 4096 + 511) / 512 * 512 }

    init(_ image: any BlockReader, at offset: UInt64) throws(FormatError) {
        let fields = try FormatBytes(reading: image, at: offset, count: 1024, of: "VHD")
        guard fields.has(Array("cxsparse".utf8), at: 0) else {
            throw VHDFooter.invalid("the dynamic header does not begin with its cookie cxsparse", at: offset)
        }
        tableOffset = try fields.big(UInt64.self, at: 16)
        tableEntries = try fields.big(UInt32.self, at: 28)
        blockSize = try fields.big(UInt32.self, at: 32)
        parentIdentity = Array(try fields.slice(at: 40, count: 16))
        parentName = try fields.utf16(at: 64, count: 512, isBig: true)
        isIntact = try VHDFooter.checksum(fields, at: 36) == fields.big(UInt32.self, at: 36)
        for index in 0..<8 {
            let place = 576 + index * 24
            let code = try fields.slice(at: place, count: 4)
            let length = try fields.big(UInt32.self, at: place + 8)
            let data = try fields.big(UInt64.self, at: place + 16)
            // A path of Windows has at most 32767 characters.
            guard length > 0, length <= 65536 else { continue }
            let isRelative = code.elementsEqual("W2ru".utf8)
            guard isRelative || code.elementsEqual("W2ku".utf8) else { continue }
            let path = try FormatBytes(reading: image, at: data, count: Int(length), of: "VHD").utf16(
                at: 0, count: Int(length), isBig: false)
            if isRelative { relativePath = path } else { absolutePath = path }
        }
    }
}

extension FormatBytes {
    /// UTF-16 text up to its first NUL.
    func utf16(at place: Int, count: Int, isBig: Bool) throws(FormatError) -> String {
        var units: [UInt16] = []
        for offset in stride(from: place, to: place + count - 1, by: 2) {
            let unit = isBig ? try big(UInt16.self, at: offset) : try little(UInt16.self, at: offset)
            if unit == 0 { break }
            units.append(unit)
        }
        return String(decoding: units, as: UTF16.self)
    }
}

/// A path as Windows writes it, for a system that writes it otherwise.
enum WindowsPath {
    /// Slashes for backslashes, without `.\` at the start.
    static func posix(_ path: String) -> String {
        let path = String(decoding: path.utf8.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
        return path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    }

    /// What stands after the last backslash or slash.
    static func name(_ path: String) -> String {
        let path = posix(path)
        return path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }
}
