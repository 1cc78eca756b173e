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

    /// What is said where there is none of a name.
    func missing(_ name: String) -> CheckError {
        let command =
            switch self {
            case .domain: "vm"
            case .network: "network"
            case .pool: "pool"
            }
        var context = ["kvmcheck \(command) --list lists them"]
        if TreeSource.live.metadata(name).known != nil { context.append("for the file of that name write ./\(name)") }
        return CheckError("libvirt knows no such \(self): \(name)", context: context)
    }

    /// Whether a document defines one.
    func isDefined(by object: LibvirtObject) -> Bool {
        switch (self, object) {
        case (.domain, .domain), (.network, .network), (.pool, .storagePool): true
        default: false
        }
    }
}

/// Objects of libvirt's in a list, with the columns of virsh's: `list --all`, `net-list --all`, `pool-list --all`.
public struct DefinitionListing: Sendable {
    /// The heads of the columns.
    public var heads: [String]
    /// What stands in them, a row for each object; `?` where it is not known.
    public var rows: [[String]]
    /// Where the definitions were read, where no daemon has told them; then nothing of what runs is known.
    public var folder: String?
}

/// Objects of libvirt's from their definitions to the report.
public struct DefinitionCheck: Sendable {
    /// What is judged.
    public var kind: DefinitionKind
    /// The libvirt to ask.
    public var libvirt = LibvirtChoice()
    /// Whether the guest agents of running domains are asked, over a connection that could change things.
    public var asksAgents = false
    /// Whether findings come with the lines of the document that they speak of.
    public var showsXML = false
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

    /// How far a check has come.
    public enum Progress: Sendable, Hashable {
        /// libvirt is being asked.
        case asking
        /// Of so many definitions so many are judged.
        case judging(done: Int, count: Int)
    }

    /// Makes a check of one kind of object.
    public init(_ kind: DefinitionKind) {
        self.kind = kind
    }

    /// Judges definitions.
    ///
    /// - Parameters:
    ///   - words: Names or UUIDs that libvirt knows, files, directories, `-`; none for every object of libvirt's.
    ///   - progress: Is told how far it has come.
    /// - Throws: ``CheckError`` where libvirt is wanted and cannot be asked.
    public func run(
        on words: [String], progress: (Progress) -> Void = { _ in }
    ) throws(CheckError) -> Result {
        var result = Result()
        judgeFiles(words.filter(DefinitionFiles.isFile), into: &result, progress)
        let names = words.filter { !DefinitionFiles.isFile($0) }
        if words.isEmpty || !names.isEmpty {
            progress(.asking)
            try judge(words.isEmpty ? .all : .named(names), into: &result, progress)
        }
        result.reports = DefinitionSchemas.saidOnce(result.reports)
        return result
    }

    /// The objects that libvirt knows.
    ///
    /// - Throws: ``CheckError`` where it cannot be asked.
    public func list() throws(CheckError) -> DefinitionListing {
        let facts = try LibvirtInventory(LibvirtInventory.list(kind), libvirt, kind: kind).facts
        var listing = try known(in: facts)
        if case .configuration(let directory) = facts.origin { listing.folder = directory }
        return listing
    }

    // MARK: - Files

    /// Documents that are given together stand around each other.
    private func judgeFiles(_ words: [String], into result: inout Result, _ progress: (Progress) -> Void) {
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
        judge(group.indices(of: kind), in: group, into: &result, progress)
    }

    // MARK: - libvirt

    private func known(in facts: LibvirtFacts) throws(CheckError) -> DefinitionListing {
        func known<Object>(_ objects: Observation<[Object]>) throws(CheckError) -> [Object] {
            if let objects = objects.known { return objects }
            throw CheckError("libvirt does not list \(kind.phrase)", context: [objects.obstacle?.description ?? "none"])
        }
        func yes(_ flag: Observation<Bool>) -> String { flag.known.map { $0 ? "yes" : "no" } ?? "?" }
        switch kind {
        case .domain:
            // As virsh has it: first what runs, by number.
            let domains = try known(facts.domains).sorted { ($0.id.known ?? .max) < ($1.id.known ?? .max) }
            return DefinitionListing(
                heads: ["Id", "Name", "State"],
                rows: domains.map { [$0.id.known.map(String.init) ?? "-", $0.name, $0.state.known?.word ?? "?"] })
        case .network:
            return DefinitionListing(
                heads: ["Name", "State", "Autostart", "Persistent"],
                rows: try known(facts.networks).map {
                    [
                        $0.name, $0.isActive.known.map { $0 ? "active" : "inactive" } ?? "?", yes($0.autostart),
                        yes($0.isPersistent),
                    ]
                })
        case .pool:
            return DefinitionListing(
                heads: ["Name", "State", "Autostart"],
                rows: try known(facts.pools).map { [$0.name, $0.state.known?.listWord ?? "?", yes($0.autostart)] })
        }
    }

    private func judge(
        _ selection: InventoryRequest.Selection, into result: inout Result, _ progress: (Progress) -> Void
    ) throws(CheckError) {
        let inventory = try LibvirtInventory(
            LibvirtInventory.judging(kind, selection), libvirt, kind: kind, asksAgents: asksAgents)
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
                    result.problems.append(kind.missing(text))
                }
            }
        }
        judge(wanted, in: group, into: &result, progress, told: inventory)
    }

    // MARK: - The report

    /// Judges definitions of a group.
    ///
    /// - Parameter told: Who told them; nil for documents from files.
    private func judge(
        _ indices: some Collection<Int>, in group: DefinitionGroup, into result: inout Result,
        _ progress: (Progress) -> Void, told inventory: LibvirtInventory? = nil
    ) {
        let indices = Array(indices)
        let showsXML = showsXML
        func each<Facts: DefinitionFacts>(
            _ rules: [Rule<Facts>], _ facts: @escaping @Sendable (Int) -> Facts,
            _ subject: @escaping @Sendable (Facts, String) -> Subject
        ) {
            let judge = DefinitionJudge(rules: picked(rules), inventory, showsXML: showsXML)
            progress(.judging(done: 0, count: indices.count))
            result.reports += WorkQueue.map(
                indices.count, workers: indices.count < Self.fewDefinitions ? 1 : WorkQueue<SubjectReport>.processors,
                progress: { progress(.judging(done: $0, count: indices.count)) },
                work: { judge.report(on: facts(indices[$0]), subject) })
        }
        switch kind {
        case .domain: each(DomainCatalogue.all, group.domain) { Subject($0, source: $1) }
        case .network: each(NetworkCatalogue.all, group.network) { Subject($0, source: $1) }
        case .pool: each(PoolCatalogue.all, group.pool) { Subject($0, source: $1) }
        }
    }

    /// Fewer than these are judged before a thread has begun.
    private static let fewDefinitions = 8

    private func picked<Facts>(_ rules: [Rule<Facts>]) -> [Rule<Facts>] {
        rules.filter { $0.info.isPicked(select: select, ignore: ignore) }
    }
}
