@_spi(Probing) internal import Evidence
internal import Facts
internal import HostProbes
internal import LibvirtXML
internal import LinuxIO

/// Definitions that stand around each other: all of one libvirt, or all documents of one run.
///
/// It is read once; see ``Facts/Surroundings``.
struct DefinitionGroup {
    /// The definitions, each once, and what is around them.
    let surroundings: Surroundings
    /// The host that they are defined on; nil where that is another one, or none.
    let host: HostFacts?
    /// What libvirt says that domains can have.
    let capabilities: DomainCapabilitiesTable
    /// What libvirt says of its host, and of the machines that it can run there.
    let hostCapabilities: Observation<Capabilities>
    /// Definitions that could not be read.
    private let unread: [DefinitionKind: [UnreadDefinition]]

    // MARK: - Documents

    /// The definitions of documents, in their order; what is no definition is passed over.
    init(documents: [XMLDocument]) {
        var domains: [DomainNeighbour] = []
        var networks: [NetworkNeighbour] = []
        var pools: [PoolNeighbour] = []
        var filters: [NetworkFilter] = []
        var secrets: [Secret] = []
        for document in documents {
            switch LibvirtObject(document) {
            case .domain(let domain): domains.append(DomainNeighbour(domain))
            case .network(let network): networks.append(NetworkNeighbour(network))
            case .storagePool(let pool): pools.append(PoolNeighbour(pool))
            case .networkFilter(let filter): filters.append(filter)
            case .secret(let secret): secrets.append(secret)
            default: break
            }
        }
        let rest = Self.notAsked
        surroundings = Surroundings(
            domains: Neighbours(domains, rest: rest), networks: Neighbours(networks, rest: rest),
            pools: Neighbours(pools, rest: rest), networkFilters: Neighbours(filters, rest: rest),
            secrets: Neighbours(secrets, rest: rest), nodeDevices: Neighbours([], rest: rest),
            files: HostFiles(rest: rest))
        host = nil
        capabilities = DomainCapabilitiesTable([])
        hostCapabilities = .notProbed
        unread = [:]
    }

    private static let notAsked = Obstacle(.notAsked, "", "a definition from a file is judged without a host")

    // MARK: - A libvirt

    /// What libvirt tells, or its files.
    ///
    /// - Parameters:
    ///   - source: The files of the machine that the definitions are defined on; nil where that is another one.
    ///   - host: What is known of that machine.
    init(_ inventory: LibvirtInventory, files source: (any Source)?, host: HostFacts?) {
        let facts = inventory.facts
        var reader = source.map { HostFileReader($0) }
        var domainTexts = DefinitionTexts()
        let domains = facts.domains.map { list in
            list.compactMap { told in
                domainTexts.view(told.persistentXML, told.liveXML, told.name, as: Domain.init).map {
                    DomainNeighbour(
                        $0, live: DefinitionTexts.parsed(told.liveXML, told.name, as: Domain.init),
                        libvirt: .known(told))
                }
            }
        }
        var networkTexts = DefinitionTexts()
        let networks = facts.networks.map { list in
            list.compactMap { told in
                networkTexts.view(told.persistentXML, told.liveXML, told.name, as: Network.init).map {
                    NetworkNeighbour(
                        $0, live: DefinitionTexts.parsed(told.liveXML, told.name, as: Network.init),
                        libvirt: .known(told))
                }
            }
        }
        var poolTexts = DefinitionTexts()
        let pools = facts.pools.map { list in
            list.compactMap { told in
                poolTexts.view(told.persistentXML, told.liveXML, told.name, as: StoragePool.init).map { definition in
                    let state = definition.target.path.value.flatMap { reader?.look(at: $0) }
                    return PoolNeighbour(definition, libvirt: .known(told), targetPath: state?.canonicalPath)
                }
            }
        }
        let folders = (pools.known ?? []).compactMap(\.definition.target.path.value)
        for domain in domains.known ?? [] {
            for definition in [domain.definition] + (domain.live.known.map { [$0] } ?? []) {
                for path in definition.hostPaths { reader?.look(at: path) }
                for disk in definition.devices.disks {
                    guard let path = disk.source.hostPath else { continue }
                    reader?.look(atImage: path, format: disk.driver.type.value?.text, pools: folders)
                }
            }
        }
        for volume in (pools.known ?? []).lazy.flatMap({ $0.volumes.known ?? [] }) {
            if let path = volume.path { reader?.look(at: path) }
            if let path = volume.backing.known { reader?.look(at: path) }
        }
        let usesDevices = (domains.known ?? []).contains { !$0.definition.devices.hostDevices.isEmpty }
        surroundings = Surroundings(
            domains: domainTexts.neighbours(domains), networks: networkTexts.neighbours(networks),
            pools: poolTexts.neighbours(pools),
            networkFilters: DefinitionTexts.objects(facts.networkFilters, as: NetworkFilter.init),
            secrets: DefinitionTexts.objects(facts.secrets, as: Secret.init),
            nodeDevices: usesDevices
                ? DefinitionTexts.objects(inventory.nodeDevices(), as: NodeDevice.init) : .notProbed,
            files: reader?.files ?? HostFiles(rest: Self.elsewhere))
        self.host = host
        capabilities = DomainCapabilitiesTable(facts.domainCapabilities)
        hostCapabilities = facts.capabilitiesXML.parsed(as: "capabilities") { text in
            (try? XMLDocument(parsing: text, name: "capabilities")).flatMap { Capabilities($0) }
        }
        unread = [.domain: domainTexts.unread, .network: networkTexts.unread, .pool: poolTexts.unread]
    }

    private static let elsewhere = Obstacle(.notAsked, "", "the definition is of another host")

    // MARK: - What is judged

    /// The places of the definitions of a kind.
    func indices(of kind: DefinitionKind) -> Range<Int> {
        switch kind {
        case .domain: surroundings.domains.all.indices
        case .network: surroundings.networks.all.indices
        case .pool: surroundings.pools.all.indices
        }
    }

    /// The place of the definition that a user means: by number, by UUID, by name, in virsh's order; nil where there is none.
    func index(of text: String, _ kind: DefinitionKind) -> Int? {
        if kind == .domain, let number = UInt32(text) {
            let running = surroundings.domains.all.firstIndex { $0.libvirt.known?.id.known == number }
            if let running { return running }
        }
        let keys = (UUIDValue(text).map { [NeighbourKey.uuid($0)] } ?? []) + [.name(text)]
        for key in keys {
            let places =
                switch kind {
                case .domain: surroundings.domains.places(of: key)
                case .network: surroundings.networks.places(of: key)
                case .pool: surroundings.pools.places(of: key)
                }
            if let first = places.first { return first }
        }
        return nil
    }

    /// Why definitions of a kind could not be read.
    func problems(of kind: DefinitionKind) -> [CheckError] { (unread[kind] ?? []).map(\.error) }

    /// Why the definition of a name could not be read.
    func problem(of name: String, _ kind: DefinitionKind) -> CheckError? {
        unread[kind]?.first { $0.name == name }?.error
    }

    /// A domain as the rules see it.
    func domain(_ index: Int) -> DomainFacts {
        let one = surroundings.domains.all[index]
        var facts = DomainFacts(one.definition)
        facts.live = one.live
        facts.libvirt = one.libvirt
        facts.capabilities = capabilities.answer(for: one.definition)
        facts.hostCapabilities = hostCapabilities
        facts.host = host ?? HostFacts()
        facts.surroundings = surroundings
        facts.ordinal = index
        return facts
    }

    /// A network as the rules see it.
    func network(_ index: Int) -> NetworkDefinitionFacts {
        let one = surroundings.networks.all[index]
        var facts = NetworkDefinitionFacts(one.definition)
        facts.libvirt = one.libvirt
        facts.host = host ?? HostFacts()
        facts.surroundings = surroundings
        facts.ordinal = index
        return facts
    }

    /// What this host has for a pool.
    private static func site(of pool: StoragePool) -> PoolHostFacts {
        HostProbes.pool(
            type: pool.type.value?.text ?? "", target: pool.target.path.value, group: pool.effectiveSourceName,
            format: pool.source.format.value, devices: pool.source.devices.compactMap(\.path.value),
            from: TreeSource.live)
    }

    /// A pool as the rules see it.
    func pool(_ index: Int) -> PoolDefinitionFacts {
        let one = surroundings.pools.all[index]
        var facts = PoolDefinitionFacts(one.definition)
        facts.libvirt = one.libvirt
        facts.host = host ?? HostFacts()
        facts.surroundings = surroundings
        facts.ordinal = index
        if host != nil { facts.site = Self.site(of: one.definition) }
        return facts
    }
}

/// A definition that libvirt has and kvmcheck could not read.
struct UnreadDefinition {
    let name: String
    let error: CheckError
}

/// Makes views of the texts that libvirt tells, and keeps what went wrong.
private struct DefinitionTexts {
    private(set) var unread: [UnreadDefinition] = []

    /// The definition that the next start uses, or else what runs; nil where neither can be read.
    mutating func view<View>(
        _ persistent: Observation<String>, _ live: Observation<String>, _ name: String, as view: (XMLDocument) -> View?
    ) -> View? {
        let text = persistent.known == nil && live.known != nil ? live : persistent
        guard let xml = text.known else {
            fail(name, "no definition of \(name)", text.obstacle?.description ?? "it is gone")
            return nil
        }
        do {
            // What was read from a file is known by its path.
            let document = try XMLDocument(parsing: xml, name: text.provenance.place?.path ?? name)
            if let view = view(document) { return view }
            fail(name, "the definition of \(name) is none", "its root element is another")
        } catch {
            fail(name, "the definition of \(name) is not XML", error.message)
        }
        return nil
    }

    private mutating func fail(_ name: String, _ what: String, _ why: String) {
        unread.append(UnreadDefinition(name: name, error: CheckError(what, context: [why])))
    }

    /// A view of a text, where there is one.
    static func parsed<View: Sendable>(
        _ text: Observation<String>, _ name: String, as view: (XMLDocument) -> View?
    ) -> Observation<View> {
        text.parsed(as: "a definition") { text in (try? XMLDocument(parsing: text, name: name)).flatMap(view) }
    }

    /// All that were read, and whether these are all.
    func neighbours<Object>(_ list: Observation<[Object]>) -> Neighbours<Object> {
        guard let known = list.known else { return Neighbours([], rest: list.obstacle) }
        return Neighbours(
            known, rest: unread.first.map { Obstacle(.malformed, $0.name, "its definition cannot be read") })
    }

    /// The same of objects of which only the XML is told.
    static func objects<Object>(
        _ list: Observation<[LibvirtObjectFacts]>, as view: (XMLDocument) -> Object?
    ) -> Neighbours<Object> {
        guard let known = list.known else { return Neighbours([], rest: list.obstacle) }
        let objects = known.map { told in
            told.xml.known.flatMap { try? XMLDocument(parsing: $0, name: told.name) }.flatMap(view)
        }
        let unread = objects.firstIndex { $0 == nil }.map {
            known[$0].xml.obstacle ?? Obstacle(.malformed, known[$0].name, "not XML")
        }
        return Neighbours(objects.compactMap { $0 }, rest: unread)
    }
}

/// Documents with domain capabilities, by what was asked; each is read once.
struct DomainCapabilitiesTable {
    private var answers: [LibvirtDomainCapabilities.Question: Observation<DomainCapabilities>] = [:]

    init(_ told: [LibvirtDomainCapabilities]) {
        for answer in told {
            answers[answer.question] = answer.xml.parsed(as: "domain capabilities") { text in
                (try? XMLDocument(parsing: text, name: "domain capabilities")).flatMap { DomainCapabilities($0) }
            }
        }
    }

    /// What a domain of this emulator, architecture, machine and hypervisor can have; not probed where it was not asked.
    func answer(for domain: Domain) -> Observation<DomainCapabilities> {
        answers[domain.capabilitiesQuestion] ?? .notProbed
    }
}
