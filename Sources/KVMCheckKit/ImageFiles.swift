internal import ByteReading
internal import DiskImages
public import Evidence
internal import Facts
internal import FileSystems
internal import ImageInspection

/// The files in one file system of a disk image, for looking at them.
public struct ImageFiles: Sendable {
    private let reader: any FileSystemReader

    /// A file of a listing.
    public struct Entry: Sendable {
        /// The path below what was listed, as bytes of any encoding.
        public var path: [UInt8]
        /// Kind, mode, owner, size; unknown where the inode cannot be read.
        public var metadata: Observation<FileMetadata>
        /// When it was modified, in seconds since 1970; nil where that is not stored.
        public var modified: Int64?
        /// Where a symbolic link points, as bytes; nil of other files.
        public var target: [UInt8]?
    }

    /// Opens the image and chooses the file system.
    ///
    /// - Parameters:
    ///   - image: The path of the image.
    ///   - disks: Other disks of its VM, where a volume group spans several.
    ///   - allowedFolders: Folders besides the image's own in which the files it names may be opened.
    ///   - location: `partition 2` as `2`, a volume as `GROUP/NAME`; nil for the root of the system in it, or else the only
    ///     file system.
    /// - Throws: ``CheckError`` where there is no such file system, or more than one that could be meant.
    public init(image: String, disks: [String], allowedFolders: [String], location: String?) throws(CheckError) {
        let images = ImageInspection.inspect([image] + disks, allowing: allowedFolders, workers: 1)
        let systems = images.flatMap(\.fileSystems)
        let names = systems.map { "\($0.location): \($0.reader.facts.kind)" }
        let candidates: [InspectedFileSystem]
        if let location {
            let wanted = location.contains("/") ? "volume \(location)" : "partition \(location)"
            candidates = systems.filter { $0.location == wanted }
            guard !candidates.isEmpty else {
                throw CheckError("no file system in \(wanted) of \(image)", context: names)
            }
        } else {
            let roots = systems.filter(\.isRoot)
            candidates = roots.isEmpty ? systems : roots
        }
        guard let first = candidates.first else {
            throw CheckError("no file system to read in \(image)", context: images.flatMap(Self.reasons))
        }
        guard candidates.count == 1 else {
            throw CheckError("several file systems in \(image)", context: names + ["choose one with --partition"])
        }
        reader = first.reader
    }

    /// Why no file system was found.
    private static func reasons(_ image: InspectedImage) -> [String] {
        do {
            guard let disk = try image.facts.disk.get() else { return [] }
            guard let table = try disk.table.get() else {
                return [
                    try disk.content.get().map { "on the whole disk: \($0.type)" } ?? "nothing was recognised in it"
                ]
            }
            return table.partitions.compactMap { partition in
                partition.content.map {
                    "partition \(partition.number): \($0.type)" + ($0.fault.map { ", \($0)" } ?? "")
                }
            }
        } catch {
            return [error.obstacle.description]
        }
    }

    // MARK: - Looking

    /// What is in a directory, or a file itself; each directory before what is in it.
    ///
    /// - Parameters:
    ///   - path: The path, as bytes; links are followed inside the file system.
    ///   - recursively: Whether to go into directories.
    ///   - visit: Told of each file; false ends the listing.
    ///   - fault: Told of each file that cannot be read, and of each directory that cannot be listed to its end, and why.
    /// - Throws: ``CheckError`` where there is nothing at the path, or what is there cannot be read.
    public func list(
        _ path: [UInt8], recursively: Bool, _ visit: (Entry) -> Bool, fault: ([UInt8], String) -> Void
    ) throws(CheckError) {
        let node = try found(path)
        guard node.metadata.kind == .directory else {
            _ = visit(entry(path, .success(node)))
            return
        }
        var goesOn = true
        try reading(path) { () throws(FormatError) in
            try reader.walk(node) { item in
                if let error = item.listingError {
                    fault(item.path, "\(error)")
                    return false
                }
                if case .failure(let error) = item.node { fault(item.path, "\(error)") }
                if goesOn { goesOn = visit(entry(item.path, item.node)) }
                return goesOn && recursively
            }
        }
    }

    /// The bytes of a regular file, in pieces.
    ///
    /// - Parameters:
    ///   - path: The path, as bytes; links are followed inside the file system.
    ///   - write: Told of each piece, in order; false ends it.
    /// - Throws: ``CheckError`` where there is no such file, or it cannot be read.
    public func copy(_ path: [UInt8], to write: ([UInt8]) -> Bool) throws(CheckError) {
        let node = try found(path)
        guard node.metadata.kind == .regular else {
            throw CheckError("\(FileName.text(of: path)) is \(node.metadata.kind.phrase), not a regular file")
        }
        let content = try reading(path) { () throws(FormatError) in try reader.content(of: node) }
        var offset: UInt64 = 0
        while offset < content.size {
            // At most a piece, so it fits an Int.
            let count = Int(min(content.size - offset, UInt64(Self.piece)))
            let bytes = try reading(path) { () throws(FormatError) in try content.bytes(at: offset, count: count) }
            guard write(bytes) else { return }
            offset += UInt64(count)
        }
    }

    /// How much of a file is read at once: 4 MiB.
    private static let piece = 4 << 20

    private func found(_ path: [UInt8]) throws(CheckError) -> FileNode {
        switch try reading(path, { () throws(FormatError) in try reader.resolve(path) }) {
        case .found(let node): return node
        case .absent: throw CheckError("no such file or directory in the image: \(FileName.text(of: path))")
        case .loop: throw CheckError("a loop of links: \(FileName.text(of: path))")
        }
    }

    private func entry(_ path: [UInt8], _ node: Result<FileNode, FormatError>) -> Entry {
        let name = FileName.text(of: path)
        switch node {
        case .success(let node):
            let target = node.metadata.kind == .symbolicLink ? try? reader.linkTarget(of: node) : nil
            return Entry(
                path: path, metadata: .known(node.metadata, from: .file(name)), modified: node.modified?.seconds,
                target: target)
        case .failure(let error):
            return Entry(path: path, metadata: .unknown(Obstacle(error, name)))
        }
    }

    private func reading<Value>(
        _ path: [UInt8], _ body: () throws(FormatError) -> Value
    ) throws(CheckError) -> Value {
        do throws(FormatError) {
            return try body()
        } catch {
            throw CheckError("cannot read \(FileName.text(of: path))", context: ["\(error)"])
        }
    }
}
