internal import Evidence
internal import Facts

/// A Eucalyptus node. KVH300–KVH309; that it is bare metal is KVH016, an error in this profile.
enum EucalyptusRules {
    static let all: [Rule<HostFacts>] = [
        memory, disk, diskOfProduction, diskOfStorage, graphical, addresses, nameServer, lookup, system,
    ]

    private static let book = Citation("Mastering KVM Virtualization, chapter 13, \"Eucalyptus\"", "2nd edition, 2020")
    private static let trouble = Citation(
        "Mastering KVM Virtualization, chapter 16, \"Eucalyptus\"", "2nd edition, 2020")

    static let memory = Rule<HostFacts>(
        RuleInfo(
            "KVH300", "eucalyptus-memory-short", "the host has 16 GB of memory", area: DeploymentRules.area,
            severity: .error,
            rationale: """
                Below 16 GB the installation fails, with a stack trace that does not say why. What the firmware keeps \
                for itself is allowed for: 15.5 GiB that the kernel has are enough.
                """,
            sources: [book, trouble], remedy: Remedy("give the host more memory")),
        violates: { $0.memory.total = .known(8 << 20, from: .file("/proc/meminfo")) },
        decide: { host throws(Undecided) in
            let needed = 31 << 19
            guard let memory = try host.memory.total.get() else { return .notApplicable("no memory is reported") }
            // In KiB; a tenth of a GiB is enough to tell 15.5.
            let tenths = memory / ((1 << 20) / 10)
            let text = "\(tenths / 10).\(tenths % 10) GiB"
            if memory >= needed { return .pass(nil, text) }
            return .fail("the host has \(text) of memory, 15.5 GiB are needed", at: host.memory.total.places)
        })

    static let disk = disk(
        "KVH301", "eucalyptus-disk-small", 120, severity: .warning,
        rationale: "The installation succeeds with less, and runs out of room with the first images.")
    static let diskOfProduction = disk(
        "KVH302", "eucalyptus-disk-below-production", 160, severity: .note,
        rationale: "For production 160 GB are asked of each node.")
    static let diskOfStorage = disk(
        "KVH303", "eucalyptus-disk-below-storage", 500, severity: .note,
        rationale: "Nodes that run Walrus or the storage controller keep all objects and volumes: 500 GB.")

    /// All disks together, as the requirement is of the host, not of a file system.
    private static func disk(
        _ id: String, _ slug: String, _ gigabytes: UInt64, severity: Severity, rationale: String
    ) -> Rule<HostFacts> {
        Rule<HostFacts>(
            RuleInfo(
                id, slug, "the host has \(gigabytes) GB of disk", area: DeploymentRules.area, severity: severity,
                rationale: rationale, sources: [book], remedy: Remedy("give the host more disk")),
            violates: { $0.capacity.disks = .known(["sda": 80_026_361_856], from: .file("/sys/block")) },
            decide: { host throws(Undecided) in
                let disks = try host.capacity.disks.get(whenAbsent: [:])
                var total: UInt64 = 0
                for size in disks.values {
                    let (sum, overflow) = total.addingReportingOverflow(size)
                    total = overflow ? .max : sum
                }
                let text =
                    disks.isEmpty
                    ? "no disk"
                    : DeploymentRules.gigabytes(total) + " on " + disks.keys.sorted().joined(separator: ", ")
                if total >= gigabytes * 1_000_000_000 { return .pass(nil, text) }
                return .fail("the host has \(text), \(gigabytes) GB are asked for", at: host.capacity.disks.places)
            })
    }

    static let graphical = Rule<HostFacts>(
        RuleInfo(
            "KVH305", "eucalyptus-graphical", "the boot ends without a graphical desktop", area: DeploymentRules.area,
            severity: .warning, rationale: "The installer is made for a minimal system without a desktop.",
            sources: [book],
            remedy: Remedy("", commands: ["systemctl set-default multi-user.target"])),
        violates: {
            $0.capacity.defaultTarget = .known("graphical.target", from: .file("/etc/systemd/system/default.target"))
        },
        decide: { host throws(Undecided) in
            guard let target = try host.capacity.defaultTarget.get() else {
                return .notApplicable("systemd does not start this host")
            }
            return target == "graphical.target"
                ? .fail("the boot ends in graphical.target", at: host.capacity.defaultTarget.places)
                : .pass(nil, target)
        })

    static let addresses = Rule<HostFacts>(
        RuleInfo(
            "KVH306", "eucalyptus-network-small", "the network has room for ten more addresses",
            area: DeploymentRules.area, severity: .error,
            rationale: """
                The installation asks for ten free addresses. Whether addresses are free cannot be seen without asking \
                the network; that there is room for them can.
                """,
            sources: [book],
            remedy: Remedy("put the node into a network of at least /28, and keep ten of its addresses free")),
        violates: {
            $0.network.routes = .known(
                [
                    Route("eno1", network: "00000000/00000000", isDefault: true, isDirect: false),
                    Route("eno1", network: "000200C0/F8FFFFFF", isDefault: false, isDirect: true),
                ], from: .file("/proc/net/route"))
        },
        decide: { host throws(Undecided) in
            guard let routes = try host.network.routes.get() else { return .notApplicable("no table of IPv4 routes") }
            guard let interface = routes.first(where: \.isDefault)?.interface,
                let prefix = routes.filter({ $0.interface == interface && $0.isDirect }).compactMap(prefix).min()
            else {
                return .fail("there is no IPv4 default route into a network", at: host.network.routes.places)
            }
            // Network, broadcast, gateway and this host are taken.
            let room = prefix >= 31 ? 0 : (1 << (32 - prefix)) - 4
            if room >= 10 {
                return .pass(
                    "the network of \(interface) has room for ten more addresses; whether they are free is not looked at",
                    "/\(prefix)")
            }
            return .fail(
                "the network of \(interface), a /\(prefix), has room for \(room) more addresses, ten are asked for",
                at: host.network.routes.places)
        })

    /// The length of the prefix, from the mask in hexadecimal; in either byte order it has the same bits.
    private static func prefix(_ route: Route) -> Int? {
        guard let mask = route.network.cut(at: "/")?.after, let bits = UInt32(mask, radix: 16), bits != 0 else {
            return nil
        }
        return bits.nonzeroBitCount
    }

    static let nameServer = Rule<HostFacts>(
        RuleInfo(
            "KVH307", "eucalyptus-no-name-server", "the host has a name server", area: DeploymentRules.area,
            severity: .error,
            rationale: """
                The components find each other by DNS, through names such as 192.168.1.1.nip.io. Without any name \
                server the installer stops with "unable to resolve". Whether the server answers is not looked at.
                """,
            sources: [trouble], remedy: Remedy("name one in the network's configuration, or in /etc/resolv.conf"),
            explains: ["unable to resolve"]),
        violates: { $0.capacity.nameServers = .known([], from: .file("/etc/resolv.conf")) },
        decide: { host throws(Undecided) in
            let servers = try host.capacity.nameServers.get(whenAbsent: [])
            if !servers.isEmpty { return .pass(nil, servers.joined(separator: ", ")) }
            return .fail("/etc/resolv.conf names no server", at: [Place("/etc/resolv.conf")])
        })

    static let lookup = Rule<HostFacts>(
        RuleInfo(
            "KVH308", "eucalyptus-lookup-without-dns", "host names are looked up in DNS", area: DeploymentRules.area,
            severity: .error, rationale: "A name server helps nothing where nsswitch.conf does not ask it.",
            sources: [trouble, Citation("nsswitch.conf(5)", "man-pages 6.03")],
            remedy: Remedy("put dns into the line hosts: of /etc/nsswitch.conf"), parent: "KVH307"),
        violates: { $0.capacity.hostLookup = .known(["files"], from: .file("/etc/nsswitch.conf")) },
        decide: { host throws(Undecided) in
            // Without the line glibc asks DNS, then the files.
            let services = try host.capacity.hostLookup.get(whenAbsent: ["dns", "files"])
            if !Set(services).isDisjoint(with: ["dns", "resolve"]) {
                return .pass(nil, services.joined(separator: " "))
            }
            return .fail(
                "hosts are looked up by \(services.joined(separator: ", ")) only", at: host.capacity.hostLookup.places)
        })

    static let system = Rule<HostFacts>(
        RuleInfo(
            "KVH309", "eucalyptus-not-centos-7", "the system is CentOS 7", area: DeploymentRules.area,
            severity: .warning, rationale: "The packages and the installer of Eucalyptus 4.4 are for CentOS 7.",
            sources: [book], remedy: Remedy("install the node with a minimal CentOS 7")),
        holds: { host in
            host.system.distribution = .known(["centos", "rhel", "fedora"])
            host.system.distributionVersion = .known("7")
        },
        violates: { $0.system.distributionVersion = .known("9") },
        decide: { host throws(Undecided) in
            let ids = try host.system.distribution.get(whenAbsent: [])
            let version = try host.system.distributionVersion.get(whenAbsent: "")
            if ids.first == "centos", version.prefix(while: { $0 != "." }) == "7" { return .pass() }
            return .fail("the system is \(ids.first ?? "unknown") \(version)", at: host.system.distribution.places)
        })
}
