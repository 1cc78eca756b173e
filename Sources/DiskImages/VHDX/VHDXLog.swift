internal import ByteReading

/// What a VHDX's log says is to be written: it is done in memory, for the file is never touched; [MS-VHDX] 2.3.
///
/// ```
/// entry:       0 "loge"   4 checksum   8 length   12 tail   16 sequence number   24 descriptor count   32 log id (16)
///              48 flushed file offset   56 last file offset   64 descriptors, 32 bytes each; then the data sectors
/// descriptor:  0 "desc"   4 trailing 4 bytes   8 leading 8 bytes   16 file offset   24 sequence number
///              0 "zero"                        8 length            16 file offset   24 sequence number
/// data sector: 0 "data"   4 high half of the sequence number   8 4084 bytes   4092 low half
/// ```
struct VHDXLog: Sendable {
    static let sectorSize: UInt64 = 4096
    /// Hyper-V's logs are of 1 MiB; this keeps what is held in memory small.
    static let lengthLimit: UInt32 = 16 << 20
    /// As many sectors of 4 KiB as 256 MiB have; a log is about tables, and these are small.
    private static let sectorLimit = 65536

    /// What stands in sectors of the file instead of what is there; an empty one is zeros.
    private(set) var sectors: [UInt64: [UInt8]] = [:]
    /// How many entries were replayed.
    private(set) var entryCount = 0
    /// How long the file is afterwards.
    private(set) var fileSize: UInt64 = 0

    private struct Entry {
        var place: UInt64
        var length: UInt64
        var tail: UInt64
        var sequenceNumber: UInt64
        var fields: FormatBytes
    }

    init(_ image: any BlockReader, _ header: VHDXHeader) throws(FormatError) {
        fileSize = image.size
        guard header.hasLog else { return }
        guard header.logVersion == 0 else {
            throw FormatError(
                .unsupported, "VHDX", "unknown version of the log", field: "LogVersion = \(header.logVersion)")
        }
        guard header.logLength % (1 << 20) == 0, header.logOffset % (1 << 20) == 0, header.logOffset >= 1 << 20 else {
            throw VHDXHeader.invalid(
                "the log does not lie where one can",
                "LogOffset = \(header.logOffset), LogLength = \(header.logLength) (allowed whole MiB)", at: 65536 + 68)
        }
        guard header.logLength <= Self.lengthLimit else {
            throw FormatError(
                .limit, "VHDX", "the log is larger than \(Self.lengthLimit >> 20) MiB",
                field: "LogLength = \(header.logLength)", at: 65536 + 68)
        }
        let bytes = try image.bytes(at: header.logOffset, count: Int(header.logLength))
        let log = FormatBytes(bytes, of: "VHDX", at: header.logOffset)
        for entry in try Self.activeSequence(log, header) { try replay(entry, image.size) }
    }

    /// The newest run of entries that follow each other, from the oldest that is still needed on.
    private static func activeSequence(_ log: FormatBytes, _ header: VHDXHeader) throws(FormatError) -> [Entry] {
        let size = UInt64(log.count)
        var newest: [Entry] = []
        var tail: UInt64 = 0
        // What an entry costs is its checksum; entries that lie one in another could make the log many times as long.
        var budget = size * 4
        while tail < size {
            var run: [Entry] = []
            var place = tail
            while let entry = try entry(log, at: place, header, &budget) {
                guard run.last.map({ $0.sequenceNumber &+ 1 == entry.sequenceNumber }) ?? true else { break }
                run.append(entry)
                place = (place + entry.length) % size
                if place == tail { break }
            }
            if let last = run.last, last.sequenceNumber > newest.last?.sequenceNumber ?? 0,
                let first = run.firstIndex(where: { $0.place == last.tail })
            {
                newest = Array(run[first...])
            }
            guard !run.isEmpty, place > tail else {
                // A run that goes over the end has been the last one.
                if !run.isEmpty { break }
                tail += sectorSize
                continue
            }
            tail = place
        }
        return newest
    }

    /// An entry; nil where there is none that is whole.
    private static func entry(
        _ log: FormatBytes, at place: UInt64, _ header: VHDXHeader, _ budget: inout UInt64
    ) throws(FormatError) -> Entry? {
        let at = Int(place)
        guard log.has(Array("loge".utf8), at: at), log.has(header.logIdentity, at: at + 32) else { return nil }
        let length = UInt64(try log.little(UInt32.self, at: at + 8))
        let sequenceNumber = try log.little(UInt64.self, at: at + 16)
        let descriptors = UInt64(try log.little(UInt32.self, at: at + 24))
        guard length > 0, length % sectorSize == 0, length <= UInt64(log.count), sequenceNumber > 0,
            64 + descriptors * 32 <= length
        else { return nil }
        guard length <= budget else {
            throw FormatError(.limit, "VHDX", "the entries of the log lie one in another", at: log.offset + place)
        }
        budget -= length
        // The log is a ring.
        let first = min(Int(length), log.count - at)
        let bytes = Array(try log.slice(at: at, count: first)) + (try log.slice(at: 0, count: Int(length) - first))
        let fields = FormatBytes(bytes, of: "VHDX", at: log.offset + place)
        guard try fields.hasVHDXChecksum() else { return nil }
        return Entry(
            place: place, length: length, tail: UInt64(try fields.little(UInt32.self, at: 12)),
            sequenceNumber: sequenceNumber, fields: fields)
    }

    private mutating func replay(_ entry: Entry, _ imageSize: UInt64) throws(FormatError) {
        let fields = entry.fields
        let flushed = try fields.little(UInt64.self, at: 48)
        guard flushed <= imageSize else {
            throw FormatError(
                .truncated, "VHDX", "the file has \(imageSize) bytes, and had \(flushed) when the log was written",
                field: "FlushedFileOffset = \(flushed)", at: fields.offset + 48)
        }
        fileSize = max(fileSize, try fields.little(UInt64.self, at: 56))
        let count = Int(try fields.little(UInt32.self, at: 24))
        var data = (64 + count * 32 + 4095) / 4096 * 4096
        for index in 0..<count {
            let place = 64 + index * 32
            let target = try fields.little(UInt64.self, at: place + 16)
            let isData = fields.has(Array("desc".utf8), at: place)
            guard target % Self.sectorSize == 0, isData || fields.has(Array("zero".utf8), at: place),
                try fields.little(UInt64.self, at: place + 24) == entry.sequenceNumber
            else { throw VHDXHeader.invalid("a descriptor of the log is none", at: fields.offset + UInt64(place)) }
            if isData {
                try write(fields, place, data, to: target / Self.sectorSize)
                data += 4096
            } else {
                try zero(try fields.little(UInt64.self, at: place + 8), at: target / Self.sectorSize)
            }
        }
        entryCount += 1
    }

    private mutating func write(_ fields: FormatBytes, _ descriptor: Int, _ data: Int, to sector: UInt64)
        throws(FormatError)
    {
        let number = try fields.little(UInt64.self, at: descriptor + 24)
        guard fields.has(Array("data".utf8), at: data),
            try fields.little(UInt32.self, at: data + 4) == UInt32(truncatingIfNeeded: number >> 32),
            try fields.little(UInt32.self, at: data + 4092) == UInt32(truncatingIfNeeded: number)
        else { throw VHDXHeader.invalid("a data sector of the log is none", at: fields.offset + UInt64(data)) }
        var bytes = Array(try fields.slice(at: descriptor + 8, count: 8))
        bytes += try fields.slice(at: data + 8, count: 4084)
        bytes += try fields.slice(at: descriptor + 4, count: 4)
        try put(bytes, at: sector)
    }

    private mutating func zero(_ length: UInt64, at sector: UInt64) throws(FormatError) {
        let count = length / Self.sectorSize
        guard length % Self.sectorSize == 0, count <= UInt64(Self.sectorLimit) else { throw Self.tooMuch }
        // A sector's number has at most 52 bits.
        for index in 0..<count { try put([], at: sector + index) }
    }

    private mutating func put(_ bytes: [UInt8], at sector: UInt64) throws(FormatError) {
        sectors[sector] = bytes
        guard sectors.count <= Self.sectorLimit else { throw Self.tooMuch }
    }

    private static let tooMuch = FormatError(.limit, "VHDX", "the log writes more than \(sectorLimit / 256) MiB")
}

/// A file as it is after its log was replayed.
struct VHDXReplayed: BlockReader {
    let size: UInt64
    private let file: any BlockReader
    private let log: VHDXLog

    init(_ file: any BlockReader, _ log: VHDXLog) {
        self.file = file
        self.log = log
        size = log.fileSize
    }

    func extent(at offset: UInt64) throws(FormatError) -> BlockExtent {
        // Only the few sectors of the log are not as the file has them, and nobody walks these.
        log.sectors.isEmpty
            ? try file.extent(at: offset) : BlockExtent(.data, length: size > offset ? size - offset : 0)
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "VHDX")
        // What lies behind the file's end is what the log made longer: zeros.
        try Optional.some(file).readBacking(at: offset, into: &buffer)
        guard !log.sectors.isEmpty, buffer.byteCount > 0 else { return }
        let end = offset + UInt64(buffer.byteCount)
        var place = offset
        while place < end {
            let sector = place / VHDXLog.sectorSize
            let next = min(end, (sector + 1) * VHDXLog.sectorSize)
            if let bytes = log.sectors[sector] {
                var part = buffer._mutatingExtracting(Int(place - offset)..<Int(next - offset))
                let start = Int(place % VHDXLog.sectorSize)
                if bytes.isEmpty { part.zero() } else { part.copy(bytes[start...]) }
            }
            place = next
        }
    }
}
