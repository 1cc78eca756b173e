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

    /// Whether a document defines one.
    func isDefined(by object: LibvirtObject) -> Bool {
        switch (self, object) {
        case (.domain, .domain), (.network, .network), (.pool, .storagePool): true
        default: false
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
        judgeFiles(words.filter(DefinitionFiles.isFile), into: &result)
        let names = words.filter { !DefinitionFiles.isFile($0) }
        if words.isEmpty || !names.isEmpty { try judge(words.isEmpty ? .all : .named(names), into: &result) }
        return result
    }

    /// The objects that libvirt knows.
    ///
    /// - Throws: ``CheckError`` where it cannot be asked.
    public func list() throws(CheckError) -> [DefinitionListing] {
        try known(in: try LibvirtInventory(LibvirtInventory.list(kind), of: self).facts)
    }

    // MARK: - Files

    /// Documents that are given together stand around each other.
    private func judgeFiles(_ words: [String], into result: inout Result) {
        var documents: [XMLDocument] = []
        for word in words {
            let read = DefinitionFiles.documents(word)
            let found = read.compactMap { try? $0.get() }
            for case .failure(let error) in read { result.problems.append(error) }
            // A directory or a stream may hold other kinds beside; one that holds none of this kind was not meant.
            if found.count == read.count, !found.contains(where: { kind.isDefined(by: LibvirtObject($0)) }) {
                let others = found.count == 1 ? "its root is another" : "it has \(found.count) documents"
                result.problems.append(CheckError("\(word) does not hold \(kind.phrase)", context: [others]))
            }
            documents += found
        }
        guard !documents.isEmpty else { return }
        let group = DefinitionGroup(documents: documents)
        for index in group.indices(of: kind) {
            let judged = judgement(of: index, in: group)
            result.reports.append(report(judged, source: judged.document))
        }
    }

    // MARK: - libvirt

    private func known(in facts: LibvirtFacts) throws(CheckError) -> [DefinitionListing] {
        func known<Object>(_ objects: Observation<[Object]>) throws(CheckError) -> [Object] {
            if let objects = objects.known { return objects }
            throw CheckError("libvirt does not list \(kind.phrase)", context: [objects.obstacle?.description ?? "none"])
        }
        func listing(_ name: String, _ uuid: Observation<String>, _ state: String?) -> DefinitionListing {
            DefinitionListing(name: name, uuid: uuid.known ?? "", state: state ?? "?")
        }
        switch kind {
        case .domain:
            return try known(facts.domains).map { listing($0.name, $0.uuid, $0.state.known?.rawValue) }
        case .network:
            return try known(facts.networks).map { listing($0.name, $0.uuid, $0.stateWord) }
        case .pool:
            return try known(facts.pools).map { listing($0.name, $0.uuid, $0.state.known?.rawValue) }
        }
    }

    private func judge(_ selection: InventoryRequest.Selection, into result: inout Result) throws(CheckError) {
        let inventory = try LibvirtInventory(LibvirtInventory.judging(kind, selection), of: self)
        // That they can be listed at all is the condition of everything else.
        _ = try known(in: inventory.facts)
        let files = CachingSource(TreeSource.live)
        let host = inventory.isHere ? LiveHost(files: files, runGuest: true).facts : nil
        let group = DefinitionGroup(inventory, files: inventory.isHere ? files : nil, host: host)
        var wanted: [Int]
        switch selection {
        case .none: wanted = []
        case .all:
            wanted = Array(group.indices(of: kind))
            result.problems += group.problems(of: kind)
        case .named(let texts):
            wanted = []
            for text in texts {
                if let index = group.index(of: text, kind) {
                    if !wanted.contains(index) { wanted.append(index) }
                } else if let problem = group.problem(of: text, kind) {
                    result.problems.append(problem)
                } else {
                    result.problems.append(CheckError("libvirt knows no such \(kind): \(text)"))
                }
            }
        }
        for index in wanted {
            result.reports.append(report(judgement(of: index, in: group), source: inventory.name))
        }
    }

    // MARK: - The report

    /// A definition with its rules decided.
    private struct Judgement {
        var name: String
        var document: String
        var headline: [String]
        var kind: Subject.Kind
        var findings: [Finding]
    }

    /// Judges one definition of a group.
    private func judgement(of index: Int, in group: DefinitionGroup) -> Judgement {
        switch kind {
        case .domain:
            let facts = group.domain(index)
            let state = facts.libvirt.known?.state.known?.rawValue
            return Judgement(
                name: facts.definition.name.value ?? "(unnamed)",
                document: facts.definition.element?.documentName ?? "",
                headline: Self.headline(facts.definition, state), kind: .domain,
                findings: Engine.evaluate(picked(DomainCatalogue.all), on: facts))
        case .network:
            let facts = group.network(index)
            return Judgement(
                name: facts.definition.name.value ?? "(unnamed)",
                document: facts.definition.element?.documentName ?? "",
                headline: facts.libvirt.known?.stateWord.map { [$0] } ?? [], kind: .network,
                findings: Engine.evaluate(picked(NetworkCatalogue.all), on: facts))
        case .pool:
            let facts = group.pool(index)
            return Judgement(
                name: facts.definition.name.value ?? "(unnamed)",
                document: facts.definition.element?.documentName ?? "",
                headline: facts.libvirt.known?.state.known.map { [$0.rawValue] } ?? [], kind: .pool,
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

extension LibvirtNetworkFacts {
    /// Its state in virsh's word; nil where it is not known.
    fileprivate var stateWord: String? { isActive.known.map { $0 ? "active" : "inactive" } }
}
