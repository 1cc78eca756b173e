internal import Evidence
internal import Facts

/// Draws a disk image: what it is read through, and what is on its disk.
struct ImagePicture {
    let width: Int
    let paint: Paint

    /// How many columns the bar of a partition takes.
    private static let barColumns = 24

    /// The drawing, a blank line before each part.
    func lines(_ image: ImageFacts) -> [String] {
        chain(image) + disk(image)
    }

    // MARK: - The chain

    /// Each file below the one that is read through it; nothing where the image stands alone.
    private func chain(_ image: ImageFacts) -> [String] {
        guard let links = try? image.chain.get(), links.count > 1 || (try? image.format.get())?.dataFile != nil else {
            return []
        }
        var rows = links.enumerated().map { depth, link in
            let branch = depth == 0 ? "" : String(repeating: "   ", count: depth - 1) + "└─ "
            return [
                branch + name(link, at: depth), link.format ?? "?", link.virtualSize.map(ByteCount.text) ?? "",
                state(link),
            ]
        }
        if let file = (try? image.format.get())?.dataFile {
            rows.insert(["└─ \(file)", "raw", "", "holds the data"], at: 1)
        }
        return ["", paint("Chain", .bold)] + table(rows)
    }

    /// The image by its path, what is below it by how it is named.
    private func name(_ link: ImageLinkFacts, at depth: Int) -> String {
        depth == 0 ? link.path ?? link.reference : link.reference
    }

    private func state(_ link: ImageLinkFacts) -> String {
        switch link.state {
        case .present:
            if let claimed = link.claimedFormat, let format = link.format, claimed != format {
                return "named \(claimed)"
            }
            return link.isInUse == true ? "open for writing" : ""
        case .missing: return "missing"
        case .refused(let reason): return "not opened: \(reason)"
        case .unreadable(let reason): return "cannot be read: \(reason)"
        }
    }

    // MARK: - The disk

    private func disk(_ image: ImageFacts) -> [String] {
        guard let disk = try? image.disk.get() else { return [] }
        var lines = ["", paint("Disk", .bold) + "  " + title(disk)]
        var rows: [[String]] = []
        if let table = try? disk.table.get() {
            rows += table.partitions.map { partition in
                [
                    "\(partition.number)", bar(partition, of: disk.size), ByteCount.text(partition.size),
                    partition.name.isEmpty ? partition.type : "\(partition.type) \"\(partition.name)\"",
                ] + contents(partition.content) + [system(disk, "partition \(partition.number)")]
            }
        } else if let content = try? disk.content.get() {
            rows.append(
                ["", bar(from: 0, size: disk.size, of: disk.size), ByteCount.text(disk.size), "whole disk"]
                    + contents(content) + [system(disk, "whole disk")])
        }
        lines += table(rows)
        for group in disk.volumeGroups {
            lines += ["", paint("Volume group", .bold) + "  " + PlainText.escaped(group.name)]
            lines += table(
                group.volumes.map { volume in
                    [volume.name, ByteCount.text(volume.size), volume.segmentTypes.joined(separator: ", ")]
                        + contents(volume.content) + [system(disk, "volume \(group.name)/\(volume.name)")]
                })
        }
        return lines
    }

    private func title(_ disk: DiskFacts) -> String {
        var parts = [ByteCount.text(disk.size)]
        if let table = try? disk.table.get() {
            parts.append(table.kind.rawValue.uppercased())
            if table.sectorSize != 512 { parts.append("sectors of \(table.sectorSize) bytes") }
        } else if (try? disk.table.isPresent()) == false {
            parts.append((try? disk.content.isPresent()) == false ? "nothing recognised on it" : "no partition table")
        }
        return parts.joined(separator: " · ")
    }

    /// What is in a partition or volume: type, label, free space.
    private func contents(_ content: ContentFacts?) -> [String] {
        guard let content else { return ["", "", ""] }
        let free = content.fileSystem.flatMap { system in system.free.map { "\(ByteCount.text($0)) free" } }
        return [content.type, content.label ?? "", free ?? content.fault ?? ""]
    }

    private func system(_ disk: DiskFacts, _ location: String) -> String {
        guard let root = disk.roots.first(where: { $0.location == location }) else { return "" }
        return "← \(root.system ?? "looks like a root")"
    }

    private func bar(_ partition: PartitionFacts, of size: UInt64) -> String {
        bar(from: partition.start, size: partition.size, of: size)
    }

    /// Where a range lies on the disk, in proportion; what is there at all has one column.
    private func bar(from start: UInt64, size: UInt64, of whole: UInt64) -> String {
        func column(_ offset: UInt64) -> Int {
            guard whole > 0 else { return 0 }
            return Int((Double(min(offset, whole)) / Double(whole) * Double(Self.barColumns)).rounded())
        }
        let first = min(column(start), Self.barColumns - 1)
        let (sum, overflow) = start.addingReportingOverflow(size)
        let end = max(first + 1, column(overflow ? whole : sum))
        return "▕" + String(repeating: " ", count: first) + String(repeating: "█", count: end - first)
            + String(repeating: " ", count: Self.barColumns - end) + "▏"
    }

    // MARK: - Columns

    /// Rows in columns as wide as their widest cell; columns that are empty in all rows are left out.
    private func table(_ rows: [[String]]) -> [String] {
        let rows = rows.map { $0.map(PlainText.escaped) }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? PlainText.columns($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = " "
            for (column, cell) in row.enumerated() where widths[column] > 0 {
                line += " " + cell + String(repeating: " ", count: widths[column] - PlainText.columns(cell) + 1)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
