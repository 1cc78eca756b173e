public import ByteReading
internal import Evidence

/// exFAT: sticks and seeds of Windows, and some clouds' metadata disks.
///
/// Files have no owner and no mode: they are what Linux makes of them by default, 0755 and root's.
public struct ExFATReader: FileSystemReader {
    /// What the file system says of itself.
    public let facts: FileSystemFacts
    /// The root directory has no entry; this number is no place of one.
    public var rootNumber: UInt64 { 0 }

    private let volume: any BlockReader
    private let boot: ExFATBootSector
    private let cache: BlockCache
    private let splitSets: SplitSets

    /// Source: exFAT specification, section 7: a directory has at most 256 MiB.
    private static let directoryLimit: UInt64 = 256 << 20
    private static let pieceSize: UInt64 = 64 << 10

    /// Reads the boot region, its copy where it is damaged, the label and what is free.
    ///
    /// - Throws: ``ByteReading/FormatError`` where it is no exFAT, or cannot be read.
    public init(_ volume: any BlockReader) throws(FormatError) {
        var problems: [FormatError] = []
        let boot: ExFATBootSector
        do throws(FormatError) {
            boot = try ExFATBootSector.read(volume, copy: false, sectorSize: nil)
        } catch  where error.kind == .invalid {
            guard
                let copy = (try? ExFATBootSector.read(volume, copy: true, sectorSize: 512))
                    ?? (try? ExFATBootSector.read(volume, copy: true, sectorSize: 4096))
            else { throw error }
            problems.append(error)
            boot = copy
        }
        let digits = String(boot.serial, radix: 16, uppercase: true)
        let serial = String(repeating: "0", count: 8 - digits.utf8.count) + digits
        var facts = FileSystemFacts(
            kind: "exfat", variant: "\(boot.revision >> 8).\(boot.revision & 0xff)",
            uuid: "\(serial.prefix(4))-\(serial.suffix(4))", blockSize: boot.clusterSize, size: boot.size)
        if boot.flags & 2 != 0 { facts.state.insert(.notCleanlyUnmounted) }
        if boot.flags & 4 != 0 { facts.state.insert(.hasErrors) }
        let reader = ExFATReader(facts: facts, volume: volume, boot: boot)
        let special = try reader.special(&problems)
        facts.label = special.label
        facts.freeSize = special.free
        facts.problems = problems
        self.init(facts: facts, volume: volume, boot: boot)
    }

    private init(facts: FileSystemFacts, volume: any BlockReader, boot: ExFATBootSector) {
        self.facts = facts
        self.volume = volume
        self.boot = boot
        cache = BlockCache()
        splitSets = SplitSets()
    }

    // MARK: nodes

    /// The node of an entry's place, or of the root.
    public func node(_ number: UInt64) throws(FormatError) -> FileNode {
        guard number != rootNumber else {
            return FileNode(number: number, metadata: FileMetadata(kind: .directory, mode: 0o755))
        }
        let set = try set(at: number)
        var flags: FileFlags = []
        if set.attributes & 1 != 0 { flags.insert(.readOnly) }
        if set.attributes & 2 != 0 { flags.insert(.hidden) }
        if set.attributes & 4 != 0 { flags.insert(.system) }
        return FileNode(
            number: number,
            metadata: FileMetadata(
                kind: set.isDirectory ? .directory : .regular,
                mode: flags.contains(.readOnly) && !set.isDirectory ? 0o555 : 0o755,
                size: set.isDirectory ? 0 : set.size),
            accessed: set.accessed, modified: set.modified, created: set.created, flags: flags)
    }

    /// The entries of a directory.
    public func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        try visitSets(in: directory.number) { set throws(FormatError) in
            try visit(
                DirectoryEntry(name: set.nameBytes, number: set.place, kind: set.isDirectory ? .directory : .regular))
        }
    }

    /// Finds a name without regard to case.
    public func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64? {
        let wanted = String(decoding: name, as: UTF8.self).uppercased()
        var found: UInt64?
        try visitSets(in: directory.number) { set in
            if String(decoding: set.name, as: UTF16.self).uppercased() == wanted { found = set.place }
            return found == nil
        }
        return found
    }

    /// exFAT knows no links.
    public func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8] {
        throw FormatError(.invalid, "exfat", "there are no symbolic links", at: link.number)
    }

    /// The bytes of a file; what lies beyond the part that was written is zeros.
    public func content(of file: FileNode) throws(FormatError) -> any BlockReader {
        let set = try set(at: file.number)
        guard set.size > 0 else { return MemoryBlocks([]) }
        guard set.validSize <= set.size, set.size <= boot.size else {
            throw FormatError(
                .invalid, "exfat", "a file is larger than its volume",
                field: "DataLength = \(set.size), ValidDataLength = \(set.validSize)", at: set.place)
        }
        var left = set.validSize
        var runs: [FileRun] = []
        for run in try self.runs(from: set.cluster, size: set.size, isContiguous: set.isContiguous) where left > 0 {
            let length = min(run.length, left)
            runs.append(FileRun(place: run.place, length: length))
            left -= length
        }
        return MappedFile(volume, map: RunList(runs), size: set.size)
    }

    // MARK: structures

    /// Where bytes lie: one run, or a chain of clusters in the table.
    private func runs(from first: UInt32, size: UInt64, isContiguous: Bool) throws(FormatError) -> [FileRun] {
        let count = size / boot.clusterSize + (size % boot.clusterSize > 0 ? 1 : 0)
        guard boot.isCluster(first), count <= UInt64(boot.clusterCount) else {
            throw FormatError(.invalid, "exfat", "bytes lie outside the clusters", field: "FirstCluster = \(first)")
        }
        if isContiguous {
            guard count <= UInt64(boot.clusterCount - (first - 2)) else {
                throw FormatError(.invalid, "exfat", "bytes lie outside the clusters", field: "FirstCluster = \(first)")
            }
            return [FileRun(place: boot.place(ofCluster: first), length: count * boot.clusterSize)]
        }
        var runs: [FileRun] = []
        var cluster = first
        for index in 0..<count {
            guard boot.isCluster(cluster) else {
                throw FormatError(
                    .invalid, "exfat", "a chain leads to what is no cluster", field: "cluster = \(cluster)")
            }
            let place = boot.place(ofCluster: cluster)
            if let last = runs.indices.last, let before = runs[last].place, before + runs[last].length == place {
                runs[last].length += boot.clusterSize
            } else {
                runs.append(FileRun(place: place, length: boot.clusterSize))
            }
            if index + 1 < count { cluster = try next(cluster) }
        }
        return runs
    }

    /// The root directory's size is not stored: its chain is followed to its end.
    private func rootRuns() throws(FormatError) -> [FileRun] {
        var count: UInt64 = 1
        var cluster = boot.rootCluster
        while boot.isCluster(cluster) {
            cluster = try next(cluster)
            guard boot.isCluster(cluster) else { break }
            count += 1
            guard count * boot.clusterSize <= Self.directoryLimit else {
                throw FormatError(.limit, "exfat", "a directory that is larger than one can be")
            }
        }
        return try runs(from: boot.rootCluster, size: count * boot.clusterSize, isContiguous: false)
    }

    private func next(_ cluster: UInt32) throws(FormatError) -> UInt32 {
        let place = UInt64(cluster) * 4
        let piece = place / Self.pieceSize * Self.pieceSize
        guard place + 4 <= boot.tableSize else {
            throw FormatError(.invalid, "exfat", "a cluster beyond the table", field: "cluster = \(cluster)")
        }
        let count = Int(min(Self.pieceSize, boot.tableSize - piece))
        let bytes = try cache.block(at: piece, count: count) { () throws(FormatError) in
            try self.volume.bytes(at: self.boot.tableStart + piece, count: count)
        }
        return try Record(bytes, at: boot.tableStart + piece, of: "exfat").le32(Int(place - piece))
    }

    /// The set of entries at a place that a visit gave: one that lies together, or one that the visit kept.
    private func set(at place: UInt64) throws(FormatError) -> ExFATEntrySet {
        if let known = splitSets.set(at: place) { return known }
        let file = Record(try entry(at: place), at: place, of: "exfat")
        guard try file.u8(0) == 0x85 else { throw file.invalid("no entry of a file is there") }
        var records = [file]
        for index in 1...UInt64(max(1, try file.u8(1))) {
            records.append(Record(try entry(at: place + index * 32), at: place + index * 32, of: "exfat"))
        }
        return try ExFATEntrySet.read(records)
    }

    private func entry(at place: UInt64) throws(FormatError) -> [UInt8] {
        guard place % 32 == 0, place >= boot.dataStart, place <= volume.size, volume.size - place >= 32 else {
            throw FormatError(.invalid, "exfat", "no entry of a directory is there", at: place)
        }
        return try volume.bytes(at: place, count: 32)
    }

    private func directoryRuns(_ number: UInt64) throws(FormatError) -> [FileRun] {
        guard number != rootNumber else { return try rootRuns() }
        let set = try set(at: number)
        guard set.isDirectory, set.size <= Self.directoryLimit else {
            throw FormatError(.invalid, "exfat", "not a directory, or a larger one than can be", at: number)
        }
        return set.size == 0 ? [] : try runs(from: set.cluster, size: set.size, isContiguous: set.isContiguous)
    }

    /// Every record of a directory that is in use, up to the one that says that no more follow.
    private func visitRecords(
        in number: UInt64, _ visit: (Record) throws(FormatError) -> Bool
    ) throws(FormatError) {
        for run in try directoryRuns(number) {
            guard let place = run.place else { continue }
            var done: UInt64 = 0
            while done < run.length {
                let count = Int(min(run.length - done, Self.pieceSize))
                let piece = Record(try volume.bytes(at: place + done, count: count), at: place + done, of: "exfat")
                for start in stride(from: 0, to: count - 31, by: 32) {
                    let record = try piece.part(start, 32)
                    let type = try record.u8(0)
                    if type == 0 { return }
                    guard type & 0x80 != 0 else { continue }
                    guard try visit(record) else { return }
                }
                done += UInt64(count)
            }
        }
    }

    private func visitSets(
        in number: UInt64, _ visit: (ExFATEntrySet) throws(FormatError) -> Bool
    ) throws(FormatError) {
        var pending: [Record] = []
        var wanted = 0
        try visitRecords(in: number) { record throws(FormatError) in
            let type = try record.u8(0)
            if type == 0x85 {
                pending = [record]
                wanted = Int(try record.u8(1)) + 1
                return true
            }
            guard !pending.isEmpty, type & 0x40 != 0 else { return true }
            pending.append(record)
            guard pending.count == wanted else { return true }
            let set = try ExFATEntrySet.read(pending)
            if record.place != set.place + UInt64(wanted - 1) * 32 { splitSets.keep(set) }
            pending = []
            return try visit(set)
        }
    }

    /// The label (0x83), the bitmap of clusters (0x81) and the up-case table (0x82, with its checksum).
    private func special(_ problems: inout [FormatError]) throws(FormatError) -> (label: String?, free: UInt64?) {
        var label: String?
        var free: UInt64?
        var found: [FormatError] = []
        try visitRecords(in: rootNumber) { record throws(FormatError) in
            switch try record.u8(0) {
            case 0x83:
                var units: [UInt16] = []
                for index in 0..<min(Int(try record.u8(1)), 11) { units.append(try record.le16(2 + 2 * index)) }
                label = units.isEmpty ? nil : String(decoding: units, as: UTF16.self)
            case 0x81:
                do throws(FormatError) { free = try self.free(record) } catch  where error.kind != .system {
                    found.append(error)
                }
            case 0x82:
                do throws(FormatError) { try self.verifyUpCase(record) } catch  where error.kind != .system {
                    found.append(error)
                }
            default: break
            }
            return true
        }
        problems += found
        return (label, free)
    }

    private func free(_ record: Record) throws(FormatError) -> UInt64 {
        let needed = (UInt64(boot.clusterCount) + 7) / 8
        let size = try record.le64(24)
        guard size >= needed else {
            throw record.invalid("the bitmap of clusters is too short", field: "DataLength = \(size)", at: 24)
        }
        let map = MappedFile(
            volume, map: RunList(try runs(from: try record.le32(20), size: needed, isContiguous: false)), size: needed)
        var used: UInt64 = 0
        var place: UInt64 = 0
        while place < needed {
            let bytes = try map.bytes(at: place, count: Int(min(needed - place, Self.pieceSize)))
            for byte in bytes { used += UInt64(byte.nonzeroBitCount) }
            place += UInt64(bytes.count)
        }
        return (UInt64(boot.clusterCount) - min(used, UInt64(boot.clusterCount))) * boot.clusterSize
    }

    /// Source: exFAT specification, section 7.2: at most 128 KiB.
    private func verifyUpCase(_ record: Record) throws(FormatError) {
        let size = try record.le64(24)
        guard size > 0, size <= 128 << 10 else {
            throw record.invalid("invalid size of the up-case table", field: "DataLength = \(size)", at: 24)
        }
        let table = MappedFile(
            volume, map: RunList(try runs(from: try record.le32(20), size: size, isContiguous: false)), size: size)
        var sum: UInt32 = 0
        for byte in try table.bytes(at: 0, count: Int(size)) { sum = (sum >> 1 | sum << 31) &+ UInt32(byte) }
        let stored = try record.le32(4)
        guard sum == stored else {
            throw record.invalid("the checksum of the up-case table does not fit", field: "TableChecksum", at: 4)
        }
    }
}
