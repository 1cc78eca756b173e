@_spi(Probing) internal import Evidence
internal import Facts

/// Huge pages: what there is, what is asked for, and where it can be used.
/// Documentation/admin-guide/mm/hugetlbpage.rst; Documentation/admin-guide/kernel-parameters.txt, `hugepages=`.
enum HugePages {
    private static let folder = "/sys/kernel/mm/hugepages"
    /// More sizes than any architecture has: arm64 has at most four.
    private static let sizeLimit = 16

    static func pools(_ source: some Source, nodes: Observation<[MemoryNode]>) -> Observation<[HugePagePool]> {
        source.entries(folder).flatMap { names in
            var pools: [HugePagePool] = []
            for name in names.prefix(sizeLimit) {
                guard let size = size(ofFolder: name) else { continue }
                let pool = pool(source, "\(folder)/\(name)", size)
                guard var known = pool.known else { return pool.map { [$0] } }
                let ids = (nodes.known ?? []).filter(\.hasMemory).map(\.id)
                if known.count > 0, ids.count > 1 {
                    for id in ids {
                        let path = "/sys/devices/system/node/node\(id)/hugepages/\(name)/nr_hugepages"
                        known.byNode[id] = source.integer(path).known
                    }
                }
                pools.append(known)
            }
            return .known(pools.sorted { $0.pageSize < $1.pageSize }, from: .file(folder))
        }
    }

    /// `hugepages-2048kB`.
    private static func size(ofFolder name: String) -> Int? {
        guard name.hasPrefix("hugepages-"), name.hasSuffix("kB") else { return nil }
        return Int(name.dropFirst(10).dropLast(2)).flatMap { (1...(1 << 40)).contains($0) ? $0 : nil }
    }

    private static func pool(_ source: some Source, _ path: String, _ size: Int) -> Observation<HugePagePool> {
        source.integer("\(path)/nr_hugepages").flatMap { count in
            // An empty pool has nothing free or reserved.
            guard count > 0 else { return .known(HugePagePool(pageSize: size, count: 0, free: 0), from: .file(path)) }
            return source.integer("\(path)/free_hugepages").flatMap { free in
                source.integer("\(path)/resv_hugepages").flatMap { reserved in
                    source.integer("\(path)/surplus_hugepages").map { surplus in
                        HugePagePool(pageSize: size, count: count, free: free, reserved: reserved, surplus: surplus)
                    }
                }
            }
        }
    }

    // MARK: - What is asked for

    /// What the kernel's command line and the files of sysctl ask for; the latter come later and win.
    static func requests(_ source: some Source, defaultSize: Observation<Int>) -> Observation<[HugePageRequest]> {
        let path = "/proc/cmdline"
        return source.possiblyEmptyText(path).parsed(as: "a kernel command line") { line in
            commandLine(line, defaultSize: defaultSize.known, path: path)
        }.flatMap { requests in
            let sysctl = SysctlFiles.value(of: "vm.nr_hugepages", from: source)
            if sysctl.isAbsent { return .known(requests, from: .file(path)) }
            return sysctl.flatMap { text in
                guard let count = Int(text), let place = sysctl.provenance.place else {
                    return .unknown(
                        Obstacle(.malformed, "\(sysctl.provenance.place?.description ?? "")", "not a number of pages"),
                        from: sysctl.provenance)
                }
                return defaultSize.map { size in
                    requests.filter { $0.pageSize != size } + [
                        HugePageRequest(pageSize: size, count: count, place: place)
                    ]
                }
            }
        }
    }

    /// `hugepagesz=1G hugepages=16`, or by node `hugepages=0:8,1:8`; before the first `hugepagesz` the default is meant.
    static func commandLine(_ line: String, defaultSize: Int?, path: String) -> [HugePageRequest]? {
        var size = defaultSize
        var requests: [HugePageRequest] = []
        for argument in KernelCommandLine.parse(line) {
            if argument.name == "hugepagesz" {
                size = Self.size(inBytes: argument.value ?? "")
            } else if argument.name == "hugepages" {
                guard let size, let count = count(argument.value ?? "") else { return nil }
                requests.removeAll { $0.pageSize == size }
                requests.append(HugePageRequest(pageSize: size, count: count, place: Place(path)))
            }
        }
        return requests
    }

    private static func count(_ text: String) -> Int? {
        guard !text.isEmpty else { return nil }
        var sum = 0
        for part in text.parts(at: ",") {
            guard let number = part.parts(at: ":").last.flatMap({ Int($0) }), number >= 0, number < 1 << 40
            else {
                return nil
            }
            sum += number
        }
        return sum
    }

    /// `2M`, `1G`, `2048K`, or bytes, as `memparse` of the kernel takes them; in KiB.
    static func size(inBytes text: some StringProtocol) -> Int? {
        let digits = text.prefix { $0.isWholeNumber }
        guard let number = Int(digits), number > 0, number < 1 << 40 else { return nil }
        switch text.dropFirst(digits.count).uppercased() {
        case "": return number >> 10
        case "K": return number
        case "M": return number < 1 << 30 ? number << 10 : nil
        case "G": return number < 1 << 20 ? number << 20 : nil
        default: return nil
        }
    }

    // MARK: - Where it can be used

    /// Where hugetlbfs is mounted; a mount without `pagesize=` has pages of the default size.
    static func mounts(_ source: some Source, defaultSize: Int?) -> Observation<[Int: String]> {
        source.text("/proc/mounts").map { text in
            var mounts: [Int: String] = [:]
            for line in text.lines {
                let fields = line.words
                guard fields.count >= 4, fields[2] == "hugetlbfs" else { continue }
                let option = fields[3].parts(at: ",").first { $0.hasPrefix("pagesize=") }
                let size = option.map { Self.size(inBytes: $0.dropFirst(9)) } ?? defaultSize
                if let size, mounts[size] == nil { mounts[size] = String(fields[1]) }
            }
            return mounts
        }
    }
}
