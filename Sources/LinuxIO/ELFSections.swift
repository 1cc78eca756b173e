internal import ByteReading
internal import Glibc

/// Just enough of ELF to find a section: System V ABI, gABI 4.1, chapter 4.
enum ELFSections {
    /// The file range of `.rodata`; nil where the file is not a little-endian 64-bit ELF file or has no such section.
    static func readOnlyData(of file: borrowing FileDescriptor) throws(SystemError) -> Range<UInt64>? {
        let header = try file.read(at: 0, count: 64)
        guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
        guard let table = try? ByteReader.u64(header, at: 0x28),
            let entrySize = try? ByteReader.u16(header, at: 0x3a),
            let count = try? ByteReader.u16(header, at: 0x3c),
            let names = try? ByteReader.u16(header, at: 0x3e),
            entrySize == 64, names < count, table < UInt64(Int64.max)
        else { return nil }
        let sections = try file.read(at: table, count: Int(count) * 64)
        guard let nameTable = range(of: Int(names), in: sections) else { return nil }
        let nameBytes = try file.read(at: nameTable.lowerBound, count: min(nameTable.count, 65536))
        for index in 0..<Int(count) {
            guard let name = try? ByteReader.u32(sections, at: index * 64),
                Int(name) < nameBytes.count, nameBytes[Int(name)...].starts(with: Array(".rodata\0".utf8))
            else { continue }
            return range(of: index, in: sections)
        }
        return nil
    }

    private static func range(of index: Int, in sections: [UInt8]) -> Range<UInt64>? {
        guard let offset = try? ByteReader.u64(sections, at: index * 64 + 0x18),
            let size = try? ByteReader.u64(sections, at: index * 64 + 0x20)
        else { return nil }
        let (end, overflow) = offset.addingReportingOverflow(size)
        return overflow || end > UInt64(Int64.max) ? nil : offset..<end
    }
}
