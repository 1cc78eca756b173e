public import ByteReading
internal import Evidence

/// ISO 9660 with Rock Ridge or Joliet: seeds of cloud-init, and installation media.
///
/// As the kernel does, Rock Ridge is preferred, then Joliet; without both, names are in lower case and without a version.
public struct ISO9660Reader: FileSystemReader {
    /// What the file system says of itself.
    public let facts: FileSystemFacts
    /// The place of the root's record, in its volume descriptor.
    public let rootNumber: UInt64

    private let volume: any BlockReader
    private let blockSize: UInt64
    private let naming: Naming

    private enum Naming {
        /// How many bytes stand before each record's entries.
        case rockRidge(skip: Int)
        case joliet
        case plain
    }

    /// The largest directory that is read: a million records of 64 bytes.
    private static let directoryLimit: UInt64 = 64 << 20
    /// The parts of a file, 4 GiB each.
    private static let partLimit = 4096

    /// Reads the volume descriptors.
    ///
    /// - Throws: ``ByteReading/FormatError`` where it is no ISO 9660, or cannot be read.
    public init(_ volume: any BlockReader) throws(FormatError) {
        let descriptors = try ISODescriptors.read(volume)
        let primary = descriptors.primary
        self.volume = volume
        var features: [String] = []
        var tree = primary
        let root = try Self.firstRecord(volume, primary)
        if let skip = try root.flatMap({ record throws(FormatError) in try RockRidge.skipped(record) }) {
            naming = .rockRidge(skip: skip)
            features.append("Rock Ridge")
        } else if let joliet = descriptors.joliet {
            naming = .joliet
            tree = joliet
        } else {
            naming = .plain
        }
        if descriptors.joliet != nil { features.append("Joliet") }
        if descriptors.isBootable { features.append("El Torito") }
        rootNumber = tree.root
        blockSize = tree.blockSize

        var label = FileName.text(of: Array(primary.label.prefix { $0 != 0 }.trimmingSpaces))
        if let joliet = descriptors.joliet.map({ Self.text(utf16: Array($0.label)) }) {
            let trimmed = joliet.utf8.prefix { $0 != 0 }
            let name = String(decoding: Array(trimmed).trimmingSpaces, as: UTF8.self)
            if !name.isEmpty { label = name }
        }
        let made = try ISOTime.long(primary.record, 813)
        let changed = try ISOTime.long(primary.record, 830)
        facts = FileSystemFacts(
            kind: "iso9660", variant: features.first { $0 != "El Torito" }, label: label.isEmpty ? nil : label,
            uuid: try Self.uuid(primary.record), features: features, blockSize: primary.blockSize,
            size: primary.blockCount * primary.blockSize, lastWritten: changed ?? made, created: made)
    }

    /// The `.` record of a root directory, in which Rock Ridge says that it is there.
    private static func firstRecord(
        _ volume: any BlockReader, _ tree: ISODescriptors.Tree
    ) throws(FormatError) -> ISORecord? {
        guard let root = try ISORecord.read(try tree.record.part(156, 34), blockSize: tree.blockSize) else {
            return nil
        }
        guard root.start <= volume.size, volume.size - root.start >= 256 else {
            throw tree.record.invalid(
                "the root directory lies beyond the end", field: "block \(root.start / tree.blockSize)", at: 158)
        }
        let bytes = Record(try volume.bytes(at: root.start, count: 256), at: root.start, of: "iso9660")
        return try ISORecord.read(bytes, blockSize: tree.blockSize)
    }

    /// blkid makes it of the time of the last change, or else of that of making: `2026-11-20-19-40-00-00`.
    private static func uuid(_ record: Record) throws(FormatError) -> String? {
        for place in [830, 813] {
            let digits = try record.array(place, 16)
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }), digits.contains(where: { $0 != 0x30 }) else {
                continue
            }
            let text = String(decoding: digits, as: UTF8.self)
            return text.prefix(4) + stride(from: 4, to: 16, by: 2).map { "-\(text.dropFirst($0).prefix(2))" }.joined()
        }
        return nil
    }

    private static func text(utf16 bytes: [UInt8]) -> String {
        let units = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return String(decoding: units, as: UTF16.self)
    }

    // MARK: nodes

    /// The node of a record's place.
    public func node(_ number: UInt64) throws(FormatError) -> FileNode {
        let record = try record(at: number)
        let size = try parts(of: record).reduce(UInt64(0)) { $0 &+ $1.size }
        // The root's record in the descriptor has no room for Rock Ridge: `.` has it.
        let rock = try rockRidge(number == rootNumber ? try self.record(at: record.start) : record)
        let kind: FileMetadata.Kind = rock?.kind ?? (record.isDirectory ? .directory : .regular)
        guard (kind == .directory) == record.isDirectory else {
            throw FormatError(.invalid, "iso9660", "a record and its Rock Ridge are of two kinds", at: number)
        }
        let length: UInt64 =
            switch kind {
            case .symbolicLink: UInt64(rock?.target?.count ?? 0)
            case .regular, .directory: size
            default: 0
            }
        return FileNode(
            number: number,
            metadata: FileMetadata(
                kind: kind, mode: rock?.mode.map { UInt16($0 & 0o7777) } ?? 0o555, owner: rock?.owner ?? 0,
                group: rock?.group ?? 0, size: length, deviceMajor: rock?.device?.major ?? 0,
                deviceMinor: rock?.device?.minor ?? 0),
            links: rock?.links ?? 1, allocatedSize: (size + blockSize - 1) / blockSize * blockSize,
            accessed: rock?.accessed, modified: rock?.modified ?? record.date, changed: rock?.changed,
            created: rock?.created)
    }

    /// The entries of a directory.
    public func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        let own = try record(at: directory.number)
        guard own.isDirectory, own.size <= Self.directoryLimit, own.start <= volume.size,
            own.size <= volume.size - own.start
        else {
            throw FormatError(
                .invalid, "iso9660", "a directory lies beyond the end, or is larger than one can be",
                field: "\(own.size) bytes at \(own.start)", at: own.place)
        }
        var isPart = false
        var done: UInt64 = 0
        while done < own.size {
            // A record does not leave its sector.
            let count = Int(min(ISODescriptors.size, own.size - done))
            let sector = Record(
                try volume.bytes(at: own.start + done, count: count), at: own.start + done, of: "iso9660")
            var position = 0
            while position < count,
                let record = try ISORecord.read(try sector.part(position, count - position), blockSize: blockSize)
            {
                position += record.length
                // Of a file in parts the first record stands for all.
                let goesBack = isPart
                isPart = record.goesOn
                // An associated file is a second fork.
                if record.isDots || goesBack || record.flags & 4 != 0 { continue }
                guard let entry = try entry(record) else { continue }
                guard try visit(entry) else { return }
            }
            done += UInt64(count)
        }
    }

    private func entry(_ record: ISORecord) throws(FormatError) -> DirectoryEntry? {
        guard let rock = try rockRidge(record) else {
            return DirectoryEntry(
                name: name(record), number: record.place, kind: record.isDirectory ? .directory : .regular)
        }
        if rock.isRelocated { return nil }
        let name = rock.name ?? self.name(record)
        guard let block = rock.childBlock else {
            return DirectoryEntry(
                name: name, number: record.place, kind: rock.kind ?? (record.isDirectory ? .directory : .regular))
        }
        // What stands elsewhere is found by its own `.` record.
        return DirectoryEntry(name: name, number: UInt64(block) * blockSize, kind: .directory)
    }

    /// Finds a name: byte for byte with Rock Ridge, else without regard to case.
    public func lookup(_ name: [UInt8], in directory: FileNode) throws(FormatError) -> UInt64? {
        let isExact = if case .rockRidge = naming { true } else { false }
        let wanted = isExact ? "" : String(decoding: name, as: UTF8.self).uppercased()
        var found: UInt64?
        try visitEntries(in: directory) { entry in
            if entry.name == name || !isExact && String(decoding: entry.name, as: UTF8.self).uppercased() == wanted {
                found = entry.number
            }
            return found == nil
        }
        return found
    }

    /// The target that Rock Ridge has.
    public func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8] {
        guard let rock = try rockRidge(try record(at: link.number)), let target = rock.target else {
            throw FormatError(.invalid, "iso9660", "a symbolic link without a target", at: link.number)
        }
        guard !rock.isTargetCut else {
            throw FormatError(.invalid, "iso9660", "the target of a symbolic link is cut off", at: link.number)
        }
        return target
    }

    /// The bytes of a file, of all its parts.
    public func content(of file: FileNode) throws(FormatError) -> any BlockReader {
        let record = try record(at: file.number)
        if let compression = try rockRidge(record)?.compression {
            throw FormatError(
                .unsupported, "iso9660", "the file is compressed (zisofs)", field: "ZF = \(compression)",
                at: file.number)
        }
        let parts = try parts(of: record)
        var runs: [FileRun] = []
        var size: UInt64 = 0
        for part in parts where part.size > 0 {
            guard part.start <= volume.size, part.size <= volume.size - part.start else {
                throw FormatError(
                    .truncated, "iso9660", "a file lies beyond the end", field: "\(part.size) bytes at \(part.start)",
                    at: part.place)
            }
            runs.append(FileRun(place: part.start, length: part.size))
            size += part.size
        }
        return MappedFile(volume, map: RunList(runs), size: size)
    }

    // MARK: records

    private func record(at place: UInt64) throws(FormatError) -> ISORecord {
        guard place >= ISODescriptors.start, place < volume.size else {
            throw FormatError(.invalid, "iso9660", "no record of a directory is there", at: place)
        }
        // A record does not leave its sector.
        let rest = min(ISODescriptors.size - place % ISODescriptors.size, volume.size - place, 255)
        let bytes = Record(try volume.bytes(at: place, count: Int(rest)), at: place, of: "iso9660")
        guard let record = try ISORecord.read(bytes, blockSize: blockSize) else {
            throw bytes.invalid("no record of a directory is there")
        }
        return record
    }

    /// A record and those that follow it while they say that the file goes on.
    private func parts(of first: ISORecord) throws(FormatError) -> [ISORecord] {
        var parts = [first]
        while let last = parts.last, last.goesOn {
            guard parts.count < Self.partLimit else {
                throw FormatError(.limit, "iso9660", "a file of too many parts", at: first.place)
            }
            let behind = last.place + UInt64(last.length)
            let sector = (behind + ISODescriptors.size - 1) / ISODescriptors.size * ISODescriptors.size
            // The next record follows at once, or begins the next sector where this one has no room for it.
            var isInSector = false
            if behind < sector { isInSector = try volume.bytes(at: behind, count: 1) != [0] }
            parts.append(try record(at: isInSector ? behind : sector))
        }
        return parts
    }

    private func rockRidge(_ record: ISORecord) throws(FormatError) -> RockRidge? {
        guard case .rockRidge(let skip) = naming else { return nil }
        // The first record of the root has the entry that tells how many bytes to skip in the others; it has none itself.
        return try RockRidge.read(
            record, skip: record.name == [0] ? 0 : skip, volume: volume, blockSize: blockSize)
    }

    /// The name as the kernel shows it with `map=normal`. Source: fs/isofs/namei.c and dir.c, `isofs_name_translate`.
    private func name(_ record: ISORecord) -> [UInt8] {
        if case .joliet = naming {
            var name = Array(Self.text(utf16: record.name).utf8)
            if name.suffix(2).elementsEqual(";1".utf8) { name.removeLast(2) }
            return name.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
        }
        var name = record.name.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
        if name.suffix(2).elementsEqual(";1".utf8) { name.removeLast(2) }
        if name.last == UInt8(ascii: "."), name.count > 1 { name.removeLast() }
        return name.map { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "/") ? UInt8(ascii: ".") : $0 }
    }
}
