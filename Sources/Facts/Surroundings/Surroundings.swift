internal import Evidence
public import LibvirtXML

/// What stands around a definition: the other objects of its libvirt, or the documents that were given with it.
///
/// It is read and indexed once and serves every definition that is judged, so that ten thousand cost ten thousand times one.
public struct Surroundings: Sendable {
    /// The domains, those that are judged among them.
    public let domains: Neighbours<DomainNeighbour>
    /// The networks, those that are judged among them.
    public let networks: Neighbours<NetworkNeighbour>
    /// The storage pools, those that are judged among them.
    public let pools: Neighbours<PoolNeighbour>
    /// The network filters.
    public let networkFilters: Neighbours<NetworkFilter>
    /// The secrets.
    public let secrets: Neighbours<Secret>
    /// The devices of the host.
    public let nodeDevices: Neighbours<NodeDevice>
    /// What is at the paths that definitions name.
    public let files: HostFiles
    /// Which domain uses what.
    public let uses: ResourceUses

    /// Puts together what was read, and indexes it.
    public init(
        domains: Neighbours<DomainNeighbour> = .notProbed, networks: Neighbours<NetworkNeighbour> = .notProbed,
        pools: Neighbours<PoolNeighbour> = .notProbed, networkFilters: Neighbours<NetworkFilter> = .notProbed,
        secrets: Neighbours<Secret> = .notProbed, nodeDevices: Neighbours<NodeDevice> = .notProbed,
        files: HostFiles = HostFiles()
    ) {
        self.domains = domains
        self.networks = networks
        self.pools = pools
        self.networkFilters = networkFilters
        self.secrets = secrets
        self.nodeDevices = nodeDevices
        self.files = files
        uses = ResourceUses(domains.all, files: files, pools: pools)
    }

    /// The same with other objects of the kinds that are given.
    public func replacing(
        domains: Neighbours<DomainNeighbour>? = nil, networks: Neighbours<NetworkNeighbour>? = nil,
        pools: Neighbours<PoolNeighbour>? = nil, files: HostFiles? = nil
    ) -> Surroundings {
        Surroundings(
            domains: domains ?? self.domains, networks: networks ?? self.networks, pools: pools ?? self.pools,
            networkFilters: networkFilters, secrets: secrets, nodeDevices: nodeDevices, files: files ?? self.files)
    }

    /// Of which nothing is known.
    public static let notProbed = Surroundings()
}

extension DomainNeighbour {
    /// What a definition alone is to itself; see ``DomainFacts/uses``.
    init(_ facts: DomainFacts) {
        self.init(facts.definition, live: facts.live, libvirt: facts.libvirt)
    }
}

extension DomainFacts {
    /// What the domain uses that is one domain's at a time.
    public var uses: [ResourceUse] {
        if let ordinal { return surroundings.uses.of(domain: ordinal) }
        return ResourceUses([DomainNeighbour(self)], files: surroundings.files, pools: surroundings.pools).of(domain: 0)
    }

    /// Whether it runs or starts with the host, as far as it is known.
    public var readiness: ResourceUses.Readiness { DomainNeighbour(self).readiness }
}
