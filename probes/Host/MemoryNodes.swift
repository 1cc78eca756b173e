@_spi(Probing) internal import Evidence
internal import Facts

/// `/proc/meminfo`, and the like of each node: `Name: 123 kB`, on a node after the words `Node 0`.
enum MeminfoFile {
    /// The values, in KiB where the kernel gives a size; nil where a line is no such line.
    static func parse(_ text: String) -> [String: Int]? {
        var values: [String: Int] = [:]
        for line in text.lines {
            guard let (before, after) = line.cut(at: ":"), let name = before.words.last,
                let value = after.words.first.flatMap({ Int($0) })
            else { return nil }
            values[String(name)] = value
        }
        return values.isEmpty ? nil : values
    }

    /// A size that every kernel since 3.14 gives: without it the file is not what it should be.
    static func size(_ name: String, in values: [String: Int], from provenance: Provenance) -> Observation<Int> {
        values[name].map { .known($0, from: provenance) }
            ?? .unknown(
                Obstacle(.malformed, provenance.place?.path ?? "", "no \(name)"), from: provenance)
    }
}

/// `/sys/devices/system/node`: Documentation/ABI/stable/sysfs-devices-node.
enum MemoryNodes {
    private static let folder = "/sys/devices/system/node"
    /// The most that a kernel can have (`MAX_NUMNODES`, 1 << 10).
    private static let limit = 1024

    static func nodes(_ source: some Source) -> Observation<[MemoryNode]> {
        list(source, "online").flatMap { online in
            list(source, "has_cpu").flatMap { hasCPU in
                list(source, "has_memory").flatMap { hasMemory in
                    var nodes: [MemoryNode] = []
                    for id in online.members(limit: limit) {
                        let node = node(source, id, hasCPU: hasCPU.contains(id), hasMemory: hasMemory.contains(id))
                        guard let known = node.known else { return node.map { [$0] } }
                        nodes.append(known)
                    }
                    return .known(nodes, from: .file("\(folder)/online"))
                }
            }
        }
    }

    /// The processors of each node that is online, by the node's number.
    static func processors(_ source: some Source) -> Observation<[Int: CPUList]> {
        list(source, "online").flatMap { online in
            var processors: [Int: CPUList] = [:]
            for id in online.members(limit: limit) {
                let list = list(source, "node\(id)/cpulist")
                guard let known = list.known else { return list.map { [id: $0] } }
                processors[id] = known
            }
            return .known(processors, from: .file("\(folder)/online"))
        }
    }

    private static func list(_ source: some Source, _ name: String) -> Observation<CPUList> {
        source.possiblyEmptyText("\(folder)/\(name)").parsed(as: "a list of numbers") { CPUList(parsing: $0) }
    }

    private static func node(
        _ source: some Source, _ id: Int, hasCPU: Bool, hasMemory: Bool
    ) -> Observation<MemoryNode> {
        let meminfo = source.text("\(folder)/node\(id)/meminfo").parsed(as: "names with sizes") {
            MeminfoFile.parse($0)
        }
        let total = meminfo.flatMap { MeminfoFile.size("MemTotal", in: $0, from: meminfo.provenance) }
        return total.flatMap { total in
            source.text("\(folder)/node\(id)/distance").parsed(as: "distances") { text in
                let words = text.words
                let distances = words.compactMap { Int($0) }
                guard distances.count == words.count else { return nil }
                return MemoryNode(
                    id: id, hasCPU: hasCPU, hasMemory: hasMemory, total: total,
                    free: meminfo.known?["MemFree"] ?? 0, distances: distances)
            }
        }
    }
}
