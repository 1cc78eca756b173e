public import ByteReading
@_spi(Probing) public import Evidence

/// What a path leads to.
public enum PathResolution: Sendable {
    /// A node.
    case found(FileNode)
    /// Nothing: a directory on the way does not have the name, or what stands there is no directory.
    case absent
    /// More symbolic links than the kernel follows.
    case loop
}

extension FileSystemReader {
    /// Follows a path from the root; links on the way are resolved inside the file system, `..` of the root is the root.
    ///
    /// - Parameters:
    ///   - path: Bytes of any encoding, components between slashes.
    ///   - followingLast: Whether a link in the last place is followed.
    /// - Throws: ``ByteReading/FormatError`` where a directory or a link on the way cannot be read.
    public func resolve(_ path: [UInt8], followingLast: Bool = true) throws(FormatError) -> PathResolution {
        // Backwards, so that the next component is the last. Bounded: a path is at most so long, and each of at most
        // forty links adds at most so much.
        guard path.count <= PathLimits.pathLength else {
            throw FormatError(.limit, facts.kind, "a path of \(path.count) bytes")
        }
        var pending = Array(path.split(separator: UInt8(ascii: "/")).reversed())
        var above: [FileNode] = []
        let root = try node(rootNumber)
        var current = root
        var links = 0
        while let name = pending.popLast() {
            guard current.metadata.kind == .directory else { return .absent }
            if name.elementsEqual(".".utf8) { continue }
            if name.elementsEqual("..".utf8) {
                current = above.popLast() ?? root
                continue
            }
            guard let number = try lookup(Array(name), in: current) else { return .absent }
            let next = try node(number)
            guard next.metadata.kind == .symbolicLink, followingLast || !pending.isEmpty else {
                above.append(current)
                current = next
                continue
            }
            links += 1
            guard links <= PathLimits.links else { return .loop }
            let target = try linkTarget(of: next)
            guard target.count <= PathLimits.pathLength else {
                throw FormatError(.limit, facts.kind, "a symbolic link of \(target.count) bytes")
            }
            if target.first == UInt8(ascii: "/") {
                current = root
                above = []
            }
            pending.append(contentsOf: target.split(separator: UInt8(ascii: "/")).reversed())
        }
        return .found(current)
    }

    private func at<Value>(
        _ path: String, followingLast: Bool = true, _ look: (FileNode) throws(FormatError) -> Observation<Value>
    ) -> Observation<Value> {
        do throws(FormatError) {
            switch try resolve(FileName.bytes(of: path), followingLast: followingLast) {
            case .found(let node): return try look(node)
            case .absent: return .absent(from: .file(path))
            case .loop: return .unknown(Obstacle(.unresolvable, path, "a loop of links"), from: .file(path))
            }
        } catch {
            return .unknown(Obstacle(error, path), from: .file(path))
        }
    }

    private func atRegular<Value>(
        _ path: String, _ look: (any BlockReader) throws(FormatError) -> Observation<Value>
    ) -> Observation<Value> {
        at(path) { node throws(FormatError) in
            guard node.metadata.kind == .regular else {
                return .unknown(Obstacle(.notRegularFile, path, node.metadata.kind.phrase), from: .file(path))
            }
            return try look(try self.content(of: node))
        }
    }

    /// The content of a regular file; see ``Evidence/Source/read(_:limit:)``.
    public func read(_ path: String, limit: Int) -> Observation<[UInt8]> {
        atRegular(path) { content throws(FormatError) in
            let limit = min(limit, PathLimits.memory)
            guard content.size <= UInt64(max(0, limit)) else {
                return .unknown(Obstacle(.tooLarge, path, "more than \(limit) bytes"), from: .file(path))
            }
            // At most the limit, so it fits an Int.
            return .known(try content.bytes(at: 0, count: Int(content.size)), from: .file(path))
        }
    }

    /// The names in a directory, as ``FileName`` writes them; see ``Evidence/Source/entries(_:)``.
    public func entries(_ path: String) -> Observation<[String]> {
        at(path) { node throws(FormatError) in
            guard node.metadata.kind == .directory else {
                return .unknown(Obstacle(.notRegularFile, path, "not a directory"), from: .file(path))
            }
            return .known(try self.entries(in: node).map { FileName.text(of: $0.name) }.sorted(), from: .file(path))
        }
    }

    /// The target of a link as written; see ``Evidence/Source/link(_:)``.
    public func link(_ path: String) -> Observation<String> {
        at(path, followingLast: false) { node throws(FormatError) in
            guard node.metadata.kind == .symbolicLink else { return .absent(from: .file(path)) }
            return .known(FileName.text(of: try self.linkTarget(of: node)), from: .file(path))
        }
    }

    /// What stands at a path, links followed; see ``Evidence/Source/metadata(_:)``.
    public func metadata(_ path: String) -> Observation<FileMetadata> {
        at(path) { node in .known(node.metadata, from: .file(path)) }
    }

    /// The text after a mark, the file being read in pieces; see ``Evidence/Source/text(after:in:limit:)``.
    public func text(after mark: String, in path: String, limit: Int) -> Observation<String> {
        atRegular(path) { content throws(FormatError) in
            let mark = Array(mark.utf8)
            let limit = min(max(0, limit), PathLimits.searchPiece)
            let end = min(content.size, PathLimits.search)
            var start: UInt64 = 0
            while start < end {
                // At most a piece and the longest text, so it fits an Int.
                let count = Int(min(end - start, UInt64(PathLimits.searchPiece + mark.count + limit)))
                let piece = try content.bytes(at: start, count: count)
                if let found = piece.firstRange(of: mark) {
                    let text = piece[found.upperBound...].prefix(limit).prefix { (0x20..<0x7f).contains($0) }
                    let place = Place(path, offset: start + UInt64(found.upperBound))
                    return .known(String(decoding: text, as: UTF8.self), from: Provenance(place: place))
                }
                start += UInt64(PathLimits.searchPiece)
            }
            return .absent(from: .file(path))
        }
    }
}

private enum PathLimits {
    /// As many links as the kernel follows (`MAXSYMLINKS`, include/linux/namei.h).
    static let links = 40
    /// The longest path, and the longest target of a link, that any file system stores: a block of 64 KiB.
    static let pathLength = 65536
    /// The most of a file that is taken into memory at once, whatever the caller allows: 128 MiB.
    static let memory = 128 << 20
    /// How far into a file a mark is searched, as in a tree: 64 MiB.
    static let search: UInt64 = 64 << 20
    /// How much of it at once: 1 MiB.
    static let searchPiece = 1 << 20
}

extension Obstacle {
    /// What stood in the way of reading a structure, for the path that led there.
    public init(_ error: FormatError, _ operation: String) {
        let kind: Kind =
            switch error.kind {
            case .truncated, .invalid: .malformed
            case .unsupported: .unsupported
            case .limit: .tooLarge
            case .system: .systemError
            }
        let field = error.field.map { ", \($0)" } ?? ""
        let place = error.offset.map { ", offset 0x\(String($0, radix: 16))" } ?? ""
        self.init(kind, operation, "\(error.format): \(error.message)\(field)\(place)")
    }
}
