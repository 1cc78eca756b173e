internal import Evidence
internal import Facts
internal import LibvirtXML

/// A definition that stands among others of its kind.
protocol IdentifiedSubject: DefinitionSubject {
    associatedtype Around: DefinitionNeighbour
    /// Those of its kind, itself among them.
    var around: Neighbours<Around> { get }
    /// Its name.
    var nameField: Field<String> { get }
    /// Its UUID.
    var uuidField: Field<UUIDValue> { get }
    /// Adds another to those around, for the examples of rules.
    mutating func meet(_ xml: String)
}

extension IdentifiedSubject {
    /// The name, as it is written or as libvirt takes it.
    fileprivate var name: String? { ordinal.map { around.all[$0].name } ?? nameField.value }

    /// The first of the others that has a key and for which something holds.
    ///
    /// - Throws: ``Evidence/Undecided`` where no other is known.
    func other(_ key: NeighbourKey, where isMeant: (Around) -> Bool = { _ in true }) throws(Undecided) -> Around? {
        _ = try around.count(beside: ordinal)
        let first = around.places(of: key).first { $0 != ordinal && isMeant(around.all[$0]) }
        return first.map { around.all[$0] }
    }
}

/// One name and one UUID belong to one domain, one network, one pool.
struct IdentityRules<Subject: IdentifiedSubject>: Sendable {
    /// The kind in libvirt's word: `domain`.
    let noun: String
    /// The part of the report that the rules stand in.
    let area: String
    /// What the rules rest on.
    let source: Citation
    /// The start of another one's definition, up to its name, and its end.
    let example: (start: String, end: String)
    /// A name and UUID of the fit definition.
    let sample: (name: String, uuid: String)

    /// The three rules, by their ids.
    func rules(_ ids: (name: String, uuid: String, twice: String)) -> [Rule<Subject>] {
        [nameTaken(ids.name), uuidTaken(ids.uuid), givenTwice(ids.twice)]
    }

    private func nameTaken(_ id: String) -> Rule<Subject> {
        let (noun, example, sample) = (noun, example, sample)
        return Rule<Subject>(
            RuleInfo(
                id, "\(noun)-name-taken", "no other \(noun) has its name", area: area, severity: .error,
                rationale: "libvirt has one \(noun) of a name: it does not define a second one with another UUID.",
                sources: [source], remedy: Remedy("give it a name of its own"),
                explains: ["\(noun) '\(sample.name)' already exists with uuid \(sample.uuid)"]),
            violates: { $0.meet("\(example.start)<name>\(sample.name)</name>\(example.end)") },
            faults: { subject throws(Undecided) in
                guard let name = subject.name else { return [] }
                let uuid = subject.uuidField.value
                let other = try subject.other(.name(name)) { $0.uuid == nil || $0.uuid != uuid }
                return other.map {
                    [Fault("\(name) is the name of another \(noun)\(Self.from($0))", at: subject.nameField.position)]
                } ?? []
            })
    }

    private func uuidTaken(_ id: String) -> Rule<Subject> {
        let (noun, example, sample) = (noun, example, sample)
        return Rule<Subject>(
            RuleInfo(
                id, "\(noun)-uuid-taken", "no other \(noun) has its UUID", area: area, severity: .error,
                rationale: "libvirt knows a \(noun) by its UUID: it does not define a second one of another name.",
                sources: [source], remedy: Remedy("take <uuid> away: libvirt then makes one"),
                explains: ["\(noun) '\(sample.name)' is already defined with uuid \(sample.uuid)"]),
            violates: { $0.meet("\(example.start)<name>other</name><uuid>\(sample.uuid)</uuid>\(example.end)") },
            faults: { subject throws(Undecided) in
                guard let uuid = subject.uuidField.value else { return [] }
                let name = subject.name
                let other = try subject.other(.uuid(uuid)) { $0.name != name }
                return other.map {
                    [Fault("\(uuid) is the UUID of \($0.label) too\(Self.from($0))", at: subject.uuidField.position)]
                } ?? []
            })
    }

    private func givenTwice(_ id: String) -> Rule<Subject> {
        let (noun, example, sample) = (noun, example, sample)
        return Rule<Subject>(
            RuleInfo(
                id, "\(noun)-given-twice", "one document defines the \(noun)", area: area, severity: .warning,
                rationale: "Of two documents with one name and UUID the one that is defined last replaces the other.",
                sources: [source], remedy: Remedy("keep one of them")),
            violates: {
                $0.meet("\(example.start)<name>\(sample.name)</name><uuid>\(sample.uuid)</uuid>\(example.end)")
            },
            faults: { subject throws(Undecided) in
                guard let name = subject.name else { return [] }
                let uuid = subject.uuidField.value
                let other = try subject.other(.name(name)) { $0.uuid != nil && $0.uuid == uuid }
                return other.map {
                    [
                        Fault(
                            "\(name) is defined by another document too\(Self.from($0))", at: subject.nameField.position
                        )
                    ]
                } ?? []
            })
    }

    /// Which document it is from, where it is from one.
    private static func from(_ other: Subject.Around) -> String {
        guard let document = other.document else { return "" }
        return ", \(document.path)" + (document.line.map { " line \($0)" } ?? "")
    }
}

extension DomainFacts: IdentifiedSubject {
    var around: Neighbours<DomainNeighbour> { surroundings.domains }
    var nameField: Field<String> { definition.name }
    var uuidField: Field<UUIDValue> { definition.uuid }
}

extension NetworkDefinitionFacts: IdentifiedSubject {
    var around: Neighbours<NetworkNeighbour> { surroundings.networks }
    var nameField: Field<String> { definition.name }
    var uuidField: Field<UUIDValue> { definition.uuid }
}

extension PoolDefinitionFacts: IdentifiedSubject {
    var around: Neighbours<PoolNeighbour> { surroundings.pools }
    var nameField: Field<String> { definition.name }
    var uuidField: Field<UUIDValue> { definition.uuid }
}
