public import ByteReading
internal import Evidence

/// One thing that a walk over a tree comes to.
public struct WalkItem: Sendable {
    /// The path from where the walk began, as bytes, components between slashes.
    public var path: [UInt8]
    /// The entry that names it.
    public var entry: DirectoryEntry
    /// What stands there, or why it cannot be told.
    public var node: Result<FileNode, FormatError>
    /// Why the entries of this directory cannot all be told; it is visited a second time with this set.
    public var listingError: FormatError?
}

extension FileSystemReader {
    /// Walks over everything below a directory: each directory before what is in it, entries in the order of their names.
    ///
    /// What cannot be read is handed to `visit` with its error, and the walk goes on.
    ///
    /// - Parameters:
    ///   - directory: Where to begin; it is not visited itself.
    ///   - limit: The most items to visit.
    ///   - visit: Gives whether to go into the item, if it is a directory.
    /// - Throws: ``ByteReading/FormatError`` where the first directory cannot be read; `limit` where there are more items,
    ///   deeper ones or larger directories than allowed; and what `visit` throws.
    public func walk(
        _ directory: FileNode, limit: Int = 10_000_000, _ visit: (WalkItem) throws(FormatError) -> Bool
    ) throws(FormatError) {
        /// Deeper than any path that the kernel takes (`PATH_MAX`, two bytes a component).
        let depthLimit = 2048
        var pending = [(path: [UInt8](), entries: try sorted(directory)[...])]
        var cost = pending[0].entries.reduce(0) { $0 + $1.cost }
        var visited: Set<UInt64> = [directory.number]
        var count = 0
        while let last = pending.indices.last {
            guard let entry = pending[last].entries.popFirst() else {
                pending.removeLast()
                continue
            }
            cost -= entry.cost
            count += 1
            guard count <= limit else { throw FormatError(.limit, facts.kind, "more than \(limit) files") }
            let above = pending[last].path
            let path = above.isEmpty ? entry.name : above + [UInt8(ascii: "/")] + entry.name
            var item = WalkItem(path: path, entry: entry, node: readNode(entry.number))
            guard try visit(item), case .success(let node) = item.node, node.metadata.kind == .directory else {
                continue
            }
            // A directory with two names is a loop or a fault; it is listed once.
            do throws(FormatError) {
                guard visited.insert(node.number).inserted else {
                    throw FormatError(.invalid, facts.kind, "a directory that is in the tree twice")
                }
                guard pending.count < depthLimit else {
                    throw FormatError(.limit, facts.kind, "more than \(depthLimit) directories in each other")
                }
                let entries = try sorted(node)
                cost += entries.reduce(0) { $0 + $1.cost }
                guard cost <= DirectoryEntry.costLimit else {
                    throw FormatError(.limit, facts.kind, "directories with too many entries in each other")
                }
                pending.append((path, entries[...]))
            } catch {
                item.listingError = error
                _ = try visit(item)
                if cost > DirectoryEntry.costLimit { throw error }
            }
        }
    }

    private func sorted(_ directory: FileNode) throws(FormatError) -> [DirectoryEntry] {
        try entries(in: directory).sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private func readNode(_ number: UInt64) -> Result<FileNode, FormatError> {
        do throws(FormatError) { return .success(try node(number)) } catch { return .failure(error) }
    }
}
