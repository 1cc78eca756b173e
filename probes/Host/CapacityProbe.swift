internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc
internal import LinuxIO

/// Reads ``CapacityFacts``.
enum CapacityProbe {
    static func facts(from source: some Source, answers: KernelAnswers, withDeployments: Bool) -> CapacityFacts {
        var facts = CapacityFacts()
        facts.answers = answers.capacity
        guard withDeployments else { return facts }
        facts.disks = disks(source)
        facts.defaultTarget = defaultTarget(source)
        facts.nameServers = source.possiblyEmptyText("/etc/resolv.conf").map(nameServers)
        facts.hostLookup = source.possiblyEmptyText("/etc/nsswitch.conf").compactMap(hostLookup)
        facts.loopbackNames = source.text("/proc/sys/kernel/hostname").flatMap { name in
            let hosts = source.possiblyEmptyText("/etc/hosts")
            return hosts.isAbsent
                ? .known([], from: hosts.provenance) : hosts.map { loopbackNames($0, hostname: name) }
        }
        facts.linkModules = linkModules(source)
        facts.novaVirtType = novaVirtType(source)
        firecracker(source, into: &facts)
        return facts
    }

    /// Asks the kernel of the running machine. Only file systems without which the machine could not run are asked:
    /// on a network file system whose server is gone the call would not come back.
    static func answers() -> CapacityAnswers {
        var answers = CapacityAnswers()
        answers.root = space("/")
        answers.variable = space("/var")
        return answers
    }

    /// The corresponding C function is `statvfs`.
    static func space(_ path: String) -> Observation<FileSystemSpace> {
        let call = Provenance.call("statvfs", on: path)
        var status = statvfs()
        // SAFETY: the struct lives for the call, and statvfs(3) writes no more than its size.
        guard unsafe statvfs(path, &status) == 0 else {
            return .unknown(SystemError(errno: clinux_errno(), operation: "statvfs \(path)").obstacle, from: call)
        }
        let total = UInt64(status.f_blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        let available = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return .known(
            FileSystemSpace(
                total: total.overflow ? .max : total.partialValue,
                available: available.overflow ? .max : available.partialValue),
            from: call)
    }

    // MARK: - Disks

    /// A host can see thousands of volumes of a storage network; the first of them answer the question of room.
    private static let diskLimit = 32

    private static func disks(_ source: some Source) -> Observation<[String: UInt64]> {
        source.entries("/sys/block").flatMap { names in
            var disks: [String: UInt64] = [:]
            let isMadeOfOthers: (String) -> Bool = { name in
                ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"].contains { name.hasPrefix($0) }
            }
            for name in names.filter({ !isMadeOfOthers($0) }).prefix(diskLimit) {
                // In units of 512 bytes whatever the disk's own: Documentation/ABI/stable/sysfs-block.
                let sectors = source.integer("/sys/block/\(name)/size")
                if let obstacle = sectors.obstacle { return .unknown(obstacle, from: sectors.provenance) }
                let bytes = UInt64(max(0, sectors.known ?? 0)).multipliedReportingOverflow(by: 512)
                guard bytes.partialValue > 0, source.boolean("/sys/block/\(name)/removable").known != true else {
                    continue
                }
                disks[name] = bytes.overflow ? .max : bytes.partialValue
            }
            return .known(disks, from: .file("/sys/block"))
        }
    }

    // MARK: - Boot, names, routes

    /// The link that `systemctl set-default` makes, or the distribution's.
    private static func defaultTarget(_ source: some Source) -> Observation<String> {
        for directory in ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"] {
            let target = source.linkName("\(directory)/default.target")
            if !target.isAbsent { return target }
        }
        return .absent(from: .file("/etc/systemd/system/default.target"))
    }

    /// resolv.conf(5): `nameserver`, white space, address.
    static func nameServers(_ text: String) -> [String] {
        text.lines.compactMap { line in
            let fields = line.words
            return fields.count > 1 && fields[0] == "nameserver" ? String(fields[1]) : nil
        }
    }

    /// nsswitch.conf(5): `hosts:` and the services; actions in brackets are left out.
    static func hostLookup(_ text: String) -> [String]? {
        for line in text.lines where line.hasPrefix("hosts:") {
            return line.dropFirst(6).prefix { $0 != "#" }.words
                .filter { !$0.hasPrefix("[") && !$0.hasSuffix("]") }.map(String.init)
        }
        return nil
    }

    /// hosts(5): an address and its names.
    static func loopbackNames(_ text: String, hostname: String) -> [LoopbackName] {
        let short = hostname.prefix { $0 != "." }
        var found: [LoopbackName] = []
        for (index, line) in text.parts(at: "\n", keepingEmpty: true).enumerated() {
            let fields = line.prefix { $0 != "#" }.words
            guard let address = fields.first, address.hasPrefix("127.") || address == "::1" else { continue }
            let names = fields.dropFirst()
            if short != "localhost", names.contains(where: { $0 == hostname || $0 == short }) {
                found.append(LoopbackName(address: String(address), line: index + 1))
            }
        }
        return found
    }

    // MARK: - Modules and nova

    private static func linkModules(_ source: some Source) -> Observation<[String: Bool]> {
        source.text("/proc/sys/kernel/osrelease").flatMap { release in
            let directory = "/lib/modules/\(release)"
            // In a container the host's modules are there all the same, only out of sight.
            guard source.exists(directory).known == true else {
                return .unknown(Obstacle(.unsupported, directory, "the kernel's modules are not here"))
            }
            var modules: [String: Bool] = [:]
            for (name, path) in [("bonding", "drivers/net/bonding/bonding.ko"), ("8021q", "net/8021q/8021q.ko")] {
                let base = "\(directory)/kernel/\(path)"
                let paths = ["/sys/module/\(name)"] + ["", ".xz", ".zst", ".gz"].map { base + $0 }
                var isThere = false
                for path in paths where !isThere {
                    let exists = source.exists(path)
                    if let obstacle = exists.obstacle { return .unknown(obstacle, from: exists.provenance) }
                    isThere = exists.known == true
                }
                if !isThere {
                    let builtIn = source.text(
                        after: "kernel/\(path)", in: "\(directory)/modules.builtin", limit: 1)
                    if let obstacle = builtIn.obstacle { return .unknown(obstacle, from: builtIn.provenance) }
                    isThere = builtIn.known != nil
                }
                modules[name] = isThere
            }
            return .known(modules, from: .file(directory))
        }
    }

    /// `virt_type` alone is taken out of nova.conf: the file is full of passwords, which no capture may hold.
    private static func novaVirtType(_ source: some Source) -> Observation<String> {
        for path in ["/etc/nova/nova-compute.conf", "/etc/nova/nova.conf"] {
            let value = source.text(after: "\nvirt_type", in: path, limit: 32)
            if value.isAbsent { continue }
            return value.parsed(as: "= and a word") { text in
                let text = text.drop { $0 == " " }
                guard text.first == "=" else { return nil }
                return String(text.dropFirst().drop { $0 == " " }.prefix { $0 != " " })
            }
        }
        return .absent(from: .file("/etc/nova/nova.conf"))
    }

    // MARK: - Firecracker

    private static func firecracker(_ source: some Source, into facts: inout CapacityFacts) {
        facts.kvmTimerPeriod = source.integer("/sys/module/kvm/parameters/min_timer_period_us")
        facts.nxHugePages = source.text("/sys/module/kvm/parameters/nx_huge_pages", limit: 4096)
        facts.favorsDynamicModifications = source.text("/proc/self/mounts").compactMap(favorsDynamicModifications)
        facts.consoleLogLevel = source.text("/proc/sys/kernel/printk", limit: 4096).parsed(as: "four numbers") { text in
            text.words.first.flatMap { Int($0) }
        }
        let controllers = source.entries("/sys/devices/system/edac/mc")
        facts.memoryControllers =
            controllers.isAbsent
            ? .known([], from: controllers.provenance) : controllers.map { $0.filter { $0.hasPrefix("mc") } }
    }

    /// fstab(5): device, directory, type, options.
    static func favorsDynamicModifications(_ mounts: String) -> Bool? {
        for line in mounts.lines {
            let fields = line.words
            if fields.count > 3, fields[2] == "cgroup2" {
                return fields[3].parts(at: ",").contains("favordynmods")
            }
        }
        return nil
    }
}
