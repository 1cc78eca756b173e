@_spi(Probing) internal import Evidence
public import Facts
internal import LibvirtProbes
internal import LibvirtXML
internal import LinuxIO
internal import Rules

/// A domain in a list.
public struct DomainListing: Sendable {
    /// The name.
    public var name: String
    /// The UUID, or nothing where it is not known.
    public var uuid: String
    /// The state in libvirt's word, or `?`.
    public var state: String
}

/// Domains from their definitions to the report.
public struct DomainCheck: Sendable {
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
        /// A report per domain.
        public var reports: [SubjectReport] = []
        /// What could not be read.
        public var problems: [CheckError] = []
    }

    /// Makes a check.
    public init() {}

    /// Judges domains.
    ///
    /// - Parameter words: Names or UUIDs that libvirt knows, files, directories, `-`; none for every domain of libvirt's.
    /// - Throws: ``CheckError`` where libvirt is wanted and cannot be asked.
    public func run(on words: [String]) throws(CheckError) -> Result {
        var result = Result()
        for word in words where DefinitionFiles.isFile(word) {
            let documents = DefinitionFiles.documents(word)
            var isDomain = false
            for document in documents {
                switch document {
                case .failure(let error): result.problems.append(error)
                case .success(let document):
                    guard let domain = Domain(document) else { continue }
                    isDomain = true
                    var facts = DomainFacts(domain)
                    facts.live = .absent()
                    facts.libvirt = .absent()
                    result.reports.append(report(facts, source: document.root.documentName))
                }
            }
            if !isDomain && result.problems.isEmpty {
                result.problems.append(
                    CheckError("\(word) holds no domain", context: ["it has \(documents.count) documents"]))
            }
        }
        let names = words.filter { !DefinitionFiles.isFile($0) }
        if words.isEmpty || !names.isEmpty { try judge(words.isEmpty ? .all : .named(names), into: &result) }
        return result
    }

    /// The domains that libvirt knows.
    ///
    /// - Throws: ``CheckError`` where it cannot be asked.
    public func list() throws(CheckError) -> [DomainListing] {
        let facts = try inventory(.all)
        guard let domains = facts.domains.known else {
            throw CheckError("libvirt does not list its domains", context: [facts.domains.obstacle?.description ?? ""])
        }
        return domains.map {
            DomainListing(name: $0.name, uuid: $0.uuid.known ?? "", state: $0.state.known?.rawValue ?? "?")
        }
    }

    // MARK: - libvirt

    private func judge(_ selection: InventoryRequest.Selection, into result: inout Result) throws(CheckError) {
        let facts = try inventory(selection)
        for name in facts.notFound { result.problems.append(CheckError("libvirt knows no domain \(name)")) }
        guard let domains = facts.domains.known else {
            throw CheckError("libvirt does not list its domains", context: [facts.domains.obstacle?.description ?? ""])
        }
        let host = LiveHost(files: CachingSource(TreeSource.live), runGuest: true).facts
        for domain in domains {
            let text = domain.persistentXML.known ?? domain.liveXML.known
            guard let text else {
                let obstacle = domain.persistentXML.obstacle ?? domain.liveXML.obstacle
                result.problems.append(
                    CheckError("no definition of \(domain.name)", context: [obstacle?.description ?? "it is gone"]))
                continue
            }
            do {
                let document = try XMLDocument(parsing: text, name: domain.name)
                guard let definition = Domain(document) else { continue }
                var subject = DomainFacts(definition)
                subject.host = host
                subject.libvirt = .known(domain)
                subject.live = domain.liveXML.parsed(as: "a domain") { text in
                    (try? XMLDocument(parsing: text, name: domain.name)).flatMap { Domain($0) }
                }
                result.reports.append(report(subject, source: Self.name(of: facts.origin)))
            } catch {
                result.problems.append(
                    CheckError("the definition of \(domain.name) is not XML", context: [error.message]))
            }
        }
    }

    /// What libvirt tells, or without a daemon what its files tell.
    private func inventory(_ selection: InventoryRequest.Selection) throws(CheckError) -> LibvirtFacts {
        var request = InventoryRequest.nothing
        request.domains = selection
        do {
            let uri = try LibvirtURI.choose(
                requested: connect, environment: environmentURI, source: TreeSource.live,
                configuration: LibvirtURI.configuration(user: 0, userFolder: nil))
            return try LibvirtConnection.open(uri).inventory(request, host: TreeSource.live)
        } catch {
            // Asked for by name it must answer; else the definitions are there to be read without it.
            if connect == nil, [.noDaemon, .notInstalled].contains(error.kind) {
                let facts = ConfigurationInventory(source: TreeSource.live).facts()
                if let domains = facts.domains.known, !domains.isEmpty { return Self.narrowed(facts, to: selection) }
            }
            throw CheckError(error.description, context: ["\(error.remedy)"])
        }
    }

    private static func narrowed(_ facts: LibvirtFacts, to selection: InventoryRequest.Selection) -> LibvirtFacts {
        guard case .named(let names) = selection, let domains = facts.domains.known else { return facts }
        var facts = facts
        let wanted = domains.filter { domain in
            names.contains(domain.name) || domain.uuid.known.map(names.contains) == true
        }
        facts.domains = .known(wanted)
        facts.notFound = names.filter { name in
            !wanted.contains { $0.name == name || $0.uuid.known == name }
        }
        return facts
    }

    private static func name(of origin: LibvirtFacts.Origin) -> String {
        switch origin {
        case .connection(let uri): uri
        case .configuration(let directory): "\(directory), without a daemon"
        }
    }

    // MARK: - The report

    private func report(_ domain: DomainFacts, source: String) -> SubjectReport {
        let wanted =
            select.isEmpty
            ? DomainCatalogue.all
            : DomainCatalogue.all.filter { rule in
                select.contains(where: rule.info.id.hasPrefix)
            }
        let rules = wanted.filter { rule in !ignore.contains(where: rule.info.id.hasPrefix) }
        let findings = Engine.evaluate(rules, on: domain).map(Self.explained)
        return SubjectReport(subject: Self.subject(domain, source: source), findings: findings)
    }

    /// What needs a host, or libvirt, is said not to have been asked, once.
    private static func explained(_ finding: Finding) -> Finding {
        guard finding.obstacle?.kind == .notProbed else { return finding }
        var finding = finding
        finding.obstacle = Obstacle(.notAsked, "", "a definition from a file is judged without a host")
        return finding
    }

    private static func subject(_ domain: DomainFacts, source: String) -> Subject {
        let definition = domain.definition
        var headline: [String] = []
        if let state = domain.libvirt.known?.state.known { headline.append(state.rawValue) }
        if let vcpus = definition.vcpu.count.value { headline.append(vcpus == 1 ? "1 vCPU" : "\(vcpus) vCPUs") }
        if let memory = definition.memory.value { headline.append("\(memory >> 20) MiB") }
        if let machine = definition.os.machine.value { headline.append(machine) }
        let disks = definition.devices.disks.count
        headline.append(disks == 1 ? "1 disk" : "\(disks) disks")
        return Subject(
            kind: .domain, name: definition.name.value ?? "(unnamed)", source: source, headline: headline)
    }
}
