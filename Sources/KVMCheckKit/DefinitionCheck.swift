@_spi(Probing) internal import Evidence
public import Facts
internal import LibvirtProbes
internal import LibvirtXML
internal import LinuxIO
internal import Rules

/// What libvirt defines and kvmcheck judges.
public enum DefinitionKind: Sendable, Hashable, CaseIterable {
    case domain
    case network
    case pool

    /// What it is called in a sentence, with its article.
    var phrase: String {
        switch self {
        case .domain: "a domain"
        case .network: "a network"
        case .pool: "a storage pool"
        }
    }
}

/// An object of libvirt's in a list.
public struct DefinitionListing: Sendable {
    /// The name.
    public var name: String
    /// The UUID, or nothing where it is not known.
    public var uuid: String
    /// The state in libvirt's word, or `?`.
    public var state: String
}

/// Objects of libvirt's from their definitions to the report.
public struct DefinitionCheck: Sendable {
    /// What is judged.
    public var kind: DefinitionKind
    /// The libvirt to ask, as virsh's `--connect`.
    public var connect: String?
    /// The value of `LIBVIRT_DEFAULT_URI`.
    public var environmentURI: String?
    /// Ids or prefixes of ids of the only rules to apply; empty for all.
    public var select: [String] = []
    /// Ids or prefixes of ids of rules to leave out.
    public var ignore: [String] = []

    /// What a check came to.
    public struct Result: Sendable {
        /// A report per object.
        public var reports: [SubjectReport] = []
        /// What could not be read.
        public var problems: [CheckError] = []
    }

    /// Makes a check of one kind of object.
    public init(_ kind: DefinitionKind) {
        self.kind = kind
    }

    /// Judges definitions.
    ///
    /// - Parameter words: Names or UUIDs that libvirt knows, files, directories, `-`; none for every object of libvirt's.
    /// - Throws: ``CheckError`` where libvirt is wanted and cannot be asked.
    public func run(on words: [String]) throws(CheckError) -> Result {
        var result = Result()
        for word in words where DefinitionFiles.isFile(word) {
            let documents = DefinitionFiles.documents(word)
            let before = (result.reports.count, result.problems.count)
            for document in documents {
                switch document {
                case .failure(let error): result.problems.append(error)
                case .success(let document):
                    if let judged = judgement(of: document, as: nil, on: nil) {
                        result.reports.append(report(judged, source: document.root.documentName))
                    }
                }
            }
            // A directory or a stream may hold other kinds beside; one that holds none of this kind was not meant.
            if before == (result.reports.count, result.problems.count) {
                let others = documents.count == 1 ? "its root is another" : "it has \(documents.count) documents"
                result.problems.append(CheckError("\(word) does not hold \(kind.phrase)", context: [others]))
            }
        }
        let names = words.filter { !DefinitionFiles.isFile($0) }
        if words.isEmpty || !names.isEmpty { try judge(words.isEmpty ? .all : .named(names), into: &result) }
        return result
    }

    /// The objects that libvirt knows.
    ///
    /// - Throws: ``CheckError`` where it cannot be asked.
    public func list() throws(CheckError) -> [DefinitionListing] {
        try objects(in: try LibvirtInventory.facts(selecting: .all, of: self)).map { object in
            DefinitionListing(name: object.name, uuid: object.uuid ?? "", state: object.state ?? "?")
        }
    }

    // MARK: - libvirt

    /// An object as libvirt tells of it.
    private struct Told {
        var name: String
        var uuid: String?
        var state: String?
        var xml: Observation<String>
        /// What is told of it, in the kind's own form.
        var facts: Facts

        enum Facts {
            case domain(LibvirtDomainFacts)
            case network(LibvirtNetworkFacts)
            case pool(LibvirtPoolFacts)
        }
    }

    private func objects(in facts: LibvirtFacts) throws(CheckError) -> [Told] {
        func known<Object>(_ objects: Observation<[Object]>) throws(CheckError) -> [Object] {
            if let objects = objects.known { return objects }
            throw CheckError("libvirt does not list \(kind.phrase)", context: [objects.obstacle?.description ?? "none"])
        }
        func definition(_ persistent: Observation<String>, _ live: Observation<String>) -> Observation<String> {
            persistent.known == nil && live.known != nil ? live : persistent
        }
        func word(_ isActive: Observation<Bool>) -> String? { isActive.known.map { $0 ? "active" : "inactive" } }
        switch kind {
        case .domain:
            return try known(facts.domains).map {
                Told(
                    name: $0.name, uuid: $0.uuid.known, state: $0.state.known?.rawValue,
                    xml: definition($0.persistentXML, $0.liveXML), facts: .domain($0))
            }
        case .network:
            return try known(facts.networks).map {
                Told(
                    name: $0.name, uuid: $0.uuid.known, state: word($0.isActive),
                    xml: definition($0.persistentXML, $0.liveXML), facts: .network($0))
            }
        case .pool:
            return try known(facts.pools).map {
                Told(
                    name: $0.name, uuid: $0.uuid.known, state: $0.state.known?.rawValue,
                    xml: definition($0.persistentXML, $0.liveXML), facts: .pool($0))
            }
        }
    }

    private func judge(_ selection: InventoryRequest.Selection, into result: inout Result) throws(CheckError) {
        let facts = try LibvirtInventory.facts(selecting: selection, of: self)
        for name in facts.notFound { result.problems.append(CheckError("libvirt knows no such \(kind): \(name)")) }
        let host = LiveHost(files: CachingSource(TreeSource.live), runGuest: true).facts
        for object in try objects(in: facts) {
            guard let text = object.xml.known else {
                let reason = object.xml.obstacle?.description ?? "it is gone"
                result.problems.append(CheckError("no definition of \(object.name)", context: [reason]))
                continue
            }
            do {
                let document = try XMLDocument(parsing: text, name: object.name)
                if let judged = judgement(of: document, as: object, on: host) {
                    result.reports.append(report(judged, source: LibvirtInventory.name(of: facts.origin)))
                }
            } catch {
                result.problems.append(
                    CheckError("the definition of \(object.name) is not XML", context: [error.message]))
            }
        }
    }

    // MARK: - The report

    /// A definition with its rules decided.
    private struct Judgement {
        var name: String
        var headline: [String]
        var kind: Subject.Kind
        var findings: [Finding]
    }

    /// Judges a document; nil where it is of another kind.
    ///
    /// - Parameters:
    ///   - told: What libvirt tells of it; nil for a document from a file.
    ///   - host: The host that it is defined on; nil for a document from a file.
    private func judgement(of document: XMLDocument, as told: Told?, on host: HostFacts?) -> Judgement? {
        switch kind {
        case .domain:
            guard let definition = Domain(document) else { return nil }
            var facts = DomainFacts(definition)
            facts.host = host ?? HostFacts()
            facts.live = .absent()
            facts.libvirt = .absent()
            if case .domain(let domain) = told?.facts {
                facts.libvirt = .known(domain)
                facts.live = domain.liveXML.parsed(as: "a domain") { text in
                    (try? XMLDocument(parsing: text, name: domain.name)).flatMap { Domain($0) }
                }
            }
            return Judgement(
                name: definition.name.value ?? "(unnamed)", headline: Self.headline(definition, told?.state),
                kind: .domain,
                findings: Engine.evaluate(picked(DomainCatalogue.all), on: facts))
        case .network:
            guard let definition = Network(document) else { return nil }
            var facts = NetworkDefinitionFacts(definition)
            facts.host = host ?? HostFacts()
            facts.libvirt = .absent()
            if case .network(let network) = told?.facts { facts.libvirt = .known(network) }
            return Judgement(
                name: definition.name.value ?? "(unnamed)", headline: told?.state.map { [$0] } ?? [], kind: .network,
                findings: Engine.evaluate(picked(NetworkCatalogue.all), on: facts))
        case .pool:
            guard let definition = StoragePool(document) else { return nil }
            var facts = PoolDefinitionFacts(definition)
            facts.libvirt = .absent()
            if case .pool(let pool) = told?.facts { facts.libvirt = .known(pool) }
            return Judgement(
                name: definition.name.value ?? "(unnamed)", headline: told?.state.map { [$0] } ?? [], kind: .pool,
                findings: Engine.evaluate(picked(PoolCatalogue.all), on: facts))
        }
    }

    private func picked<Facts>(_ rules: [Rule<Facts>]) -> [Rule<Facts>] {
        rules.filter { rule in
            let id = rule.info.id
            return (select.isEmpty || select.contains(where: id.hasPrefix)) && !ignore.contains(where: id.hasPrefix)
        }
    }

    private func report(_ judged: Judgement, source: String) -> SubjectReport {
        SubjectReport(
            subject: Subject(kind: judged.kind, name: judged.name, source: source, headline: judged.headline),
            findings: judged.findings.map(Self.explained))
    }

    /// What needs a host, or libvirt, is said not to have been asked, once.
    private static func explained(_ finding: Finding) -> Finding {
        guard finding.obstacle?.kind == .notProbed else { return finding }
        var finding = finding
        finding.obstacle = Obstacle(.notAsked, "", "a definition from a file is judged without a host")
        return finding
    }

    private static func headline(_ definition: Domain, _ state: String?) -> [String] {
        var headline = state.map { [$0] } ?? []
        if let vcpus = definition.vcpu.count.value { headline.append(vcpus == 1 ? "1 vCPU" : "\(vcpus) vCPUs") }
        if let memory = definition.memory.value { headline.append("\(memory >> 20) MiB") }
        if let machine = definition.os.machine.value { headline.append(machine) }
        let disks = definition.devices.disks.count
        headline.append(disks == 1 ? "1 disk" : "\(disks) disks")
        return headline
    }
}
