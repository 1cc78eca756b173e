public import ByteReading
internal import Evidence

/// FAT12, FAT16 or FAT32: EFI system partitions and seeds.
///
/// Files have no owner and no mode: they are what Linux makes of them by default, 0755 and root's.
public struct FATReader: FileSystemReader {
    /// What the file system says of itself.
    public let facts: FileSystemFacts
    /// The root directory has no entry; this number is no place of one.
    public var rootNumber: UInt64 { 0 }

    private let volume: any BlockReader
    private let boot: FATBootSector
    private let table: FATTable

    /// The largest directory: 65536 entries of 32 bytes. Source: FAT specification 1.03, section 6.
    private static let directoryLimit: UInt64 = 2 << 20

    /// Reads the boot sector and what is free.
    ///
    /// - Throws: ``ByteReading/FormatError`` where it is no FAT, or cannot be read.
    public init(_ volume: any BlockReader) throws(FormatError) {
        var problems: [FormatError] = []
        let boot = try Self.bootSector(volume, &problems)
        let number = boot.activeTable ?? 0
        guard number < boot.tableCount else {
            throw FormatError(
                .invalid, "vfat", "a table that is not there is in use", field: "BPB_ExtFlags = \(number)", at: 40)
        }
        let table = FATTable(volume, boot, number: try Self.goodTable(volume, boot, number, &problems))
        var facts = FileSystemFacts(
            kind: "vfat", variant: boot.width.rawValue, uuid: boot.serial.map(Self.uuid), blockSize: boot.clusterSize,
            size: boot.size)
        facts.state = try Self.state(table, boot)
        facts.freeSize = try Self.free(volume, boot, table, &problems)
        // The label is an entry of the root directory; the boot sector's copy is often out of date.
        var label: [UInt8]?
        try Self.visit(volume, boot, table, first: boot.rootCluster, isRoot: true) { entry in
            if entry.isLabel { label = Array(entry.shortName.trimmingSpaces) }
            return label == nil
        }
        if let label { facts.label = FileName.text(of: CodePage437.utf8(label)) }
        facts.problems = problems
        self.init(facts: facts, volume: volume, boot: boot, table: table)
    }

    private init(facts: FileSystemFacts, volume: any BlockReader, boot: FATBootSector, table: FATTable) {
        self.facts = facts
        self.volume = volume
        self.boot = boot
        self.table = table
    }

    // MARK: nodes

    /// The node of an entry's place, or of the root.
    public func node(_ number: UInt64) throws(FormatError) -> FileNode {
        guard number != rootNumber else {
            return FileNode(number: number, metadata: FileMetadata(kind: .directory, mode: 0o755))
        }
        return node(try entry(at: number))
    }

    private func node(_ entry: FATEntry) -> FileNode {
        var flags: FileFlags = []
        if entry.attributes & 1 != 0 { flags.insert(.readOnly) }
        if entry.attributes & 2 != 0 { flags.insert(.hidden) }
        if entry.attributes & 4 != 0 { flags.insert(.system) }
        let size = entry.isDirectory ? 0 : UInt64(entry.size)
        // Read-only takes the right to write from files. Source: the kernel's fs/fat/fat.h, `fat_make_mode`.
        return FileNode(
            number: entry.place,
            metadata: FileMetadata(
                kind: entry.isDirectory ? .directory : .regular,
                mode: flags.contains(.readOnly) && !entry.isDirectory ? 0o555 : 0o755, size: size),
            allocatedSize: (size + boot.clusterSize - 1) / boot.clusterSize * boot.clusterSize,
            accessed: entry.accessed, modified: entry.modified, created: entry.created, flags: flags)
    }

    /// The entry at a place that a visit of a directory gave.
    private func entry(at place: UInt64) throws(FormatError) -> FATEntry {
        guard place % 32 == 0, place >= boot.rootStart, place <= volume.size, volume.size - place >= 32 else {
            throw FormatError(.invalid, "vfat", "no entry of a directory is there", at: place)
        }
        let record = Record(try volume.bytes(at: place, count: 32), at: place, of: "vfat")
        var parser = FATEntryParser()
        guard case .entry(let entry) = try parser.next(record, isFAT32: boot.width == .fat32) else {
            throw record.invalid("no entry of a directory is there")
        }
        return entry
    }

    /// The entries of a directory, without the label.
    public func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        try visitFAT(in: directory) { entry throws(FormatError) in
            try visit(
                DirectoryEntry(name: entry.name, number: entry.place, kind: entry.isDirectory ? .directory : .regular))
        }
    }

    /// Finds a name without regard to case, by the long or by the short name.
    public func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64? {
        let wanted = String(decoding: name, as: UTF8.self).uppercased()
        var found: UInt64?
        try visitFAT(in: directory) { entry in
            if String(decoding: entry.name, as: UTF8.self).uppercased() == wanted
                || String(decoding: entry.plainShortName, as: UTF8.self).uppercased() == wanted
            {
                found = entry.place
            }
            return found == nil
        }
        return found
    }

    private func visitFAT(
        in directory: FileNode, _ visit: (FATEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        let isRoot = directory.number == rootNumber
        let first = isRoot ? boot.rootCluster : try entry(at: directory.number).cluster
        try Self.visit(volume, boot, table, first: first, isRoot: isRoot) { entry throws(FormatError) in
            entry.isLabel || entry.isDots ? true : try visit(entry)
        }
    }

    private static func visit(
        _ volume: any BlockReader, _ boot: FATBootSector, _ table: FATTable, first: UInt32, isRoot: Bool,
        _ visit: (FATEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        let runs: [FileRun]
        if isRoot && boot.width != .fat32 {
            runs = [FileRun(place: boot.rootStart, length: boot.rootSize)]
        } else {
            runs = try table.runs(from: first, limit: directoryLimit)
        }
        var parser = FATEntryParser()
        for run in runs {
            guard let place = run.place else { continue }
            var done: UInt64 = 0
            while done < run.length {
                let count = Int(min(run.length - done, 64 << 10))
                let bytes = try volume.bytes(at: place + done, count: count)
                let piece = Record(bytes, at: place + done, of: "vfat")
                for start in stride(from: 0, to: count - 31, by: 32) {
                    switch try parser.next(try piece.part(start, 32), isFAT32: boot.width == .fat32) {
                    case .end: return
                    case .nothing: continue
                    case .entry(let entry): guard try visit(entry) else { return }
                    }
                }
                done += UInt64(count)
            }
        }
    }

    /// FAT knows no links.
    public func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8] {
        throw FormatError(.invalid, "vfat", "there are no symbolic links", at: link.number)
    }

    /// The bytes of a file.
    public func content(of file: FileNode) throws(FormatError) -> any BlockReader {
        let entry = try entry(at: file.number)
        let size = UInt64(entry.size)
        guard size > 0 else { return MemoryBlocks([]) }
        let runs = try table.runs(from: entry.cluster, limit: size)
        let stored = runs.reduce(UInt64(0)) { $0 + $1.length }
        guard stored >= size else {
            throw FormatError(
                .truncated, "vfat", "the chain of clusters is shorter than the file",
                field: "DIR_FileSize = \(size) (the chain has \(stored))", at: entry.place + 28)
        }
        return MappedFile(volume, map: RunList(runs), size: size)
    }

    // MARK: facts

    /// The first sector, or FAT32's copy, which stands in sector 6.
    private static func bootSector(
        _ volume: any BlockReader, _ problems: inout [FormatError]
    ) throws(FormatError) -> FATBootSector {
        do throws(FormatError) {
            return try FATBootSector.read(volume)
        } catch  where error.kind == .invalid {
            for sectorSize in [512, 4096] as [UInt64] {
                let copy = try? FATBootSector.read(volume, at: 6 * sectorSize)
                guard let copy, copy.width == .fat32, copy.sectorSize == sectorSize else { continue }
                problems.append(error)
                return copy
            }
            throw error
        }
    }

    /// The table in use, or the other where its first entry, which repeats the media byte, is damaged.
    private static func goodTable(
        _ volume: any BlockReader, _ boot: FATBootSector, _ number: Int, _ problems: inout [FormatError]
    ) throws(FormatError) -> Int {
        for candidate in [number] + (0..<min(boot.tableCount, 2)).filter({ $0 != number }) {
            let first = try FATTable(volume, boot, number: candidate).entry(0)
            if first & 0xff >= 0xf8 || first & 0xff == 0xf0 {
                if candidate != number {
                    let place = boot.reservedSize + UInt64(number) * boot.tableSize
                    problems.append(
                        FormatError(
                            .invalid, "vfat", "the first file allocation table is damaged; the second is read",
                            at: place))
                }
                return candidate
            }
        }
        return number
    }

    /// Two bits of the second entry are set while nothing is being written. Source: FAT specification 1.03, section 4.2.
    private static func state(_ table: FATTable, _ boot: FATBootSector) throws(FormatError) -> FileSystemState {
        var state: FileSystemState = []
        if boot.state & 1 != 0 { state.insert(.notCleanlyUnmounted) }
        if boot.state & 2 != 0 { state.insert(.hasErrors) }
        let second = try table.entry(1)
        let bits: (clean: UInt32, good: UInt32)? =
            switch boot.width {
            case .fat12: nil
            case .fat16: (0x8000, 0x4000)
            case .fat32: (0x0800_0000, 0x0400_0000)
            }
        if let bits {
            if second & bits.clean == 0 { state.insert(.notCleanlyUnmounted) }
            if second & bits.good == 0 { state.insert(.hasErrors) }
        }
        return state
    }

    /// Free space: FAT32 keeps it in a sector of its own, which can be out of date; the small ones are counted.
    private static func free(
        _ volume: any BlockReader, _ boot: FATBootSector, _ table: FATTable, _ problems: inout [FormatError]
    ) throws(FormatError) -> UInt64? {
        guard boot.width == .fat32 else { return try table.freeClusters() * boot.clusterSize }
        guard let place = boot.infoSector, place <= volume.size, volume.size - place >= 512 else { return nil }
        let info = Record(try volume.bytes(at: place, count: 512), at: place, of: "vfat")
        guard try info.le32(0) == 0x4161_5252, try info.le32(484) == 0x6141_7272 else {
            problems.append(info.invalid("the sector of free space has not its mark", field: "FSI_LeadSig"))
            return nil
        }
        let count = try info.le32(488)
        guard count != .max else { return nil }
        guard count <= boot.clusterCount else {
            problems.append(
                info.invalid("more clusters are free than there are", field: "FSI_Free_Count = \(count)", at: 488))
            return nil
        }
        return UInt64(count) * boot.clusterSize
    }

    /// As `blkid` and udev write it: `1234-ABCD`.
    private static func uuid(_ serial: UInt32) -> String {
        let digits = String(serial, radix: 16, uppercase: true)
        let all = String(repeating: "0", count: 8 - digits.utf8.count) + digits
        return "\(all.prefix(4))-\(all.suffix(4))"
    }
}
