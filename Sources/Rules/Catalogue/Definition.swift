internal import Evidence
internal import Facts
internal import LibvirtXML

/// A definition of libvirt's that is judged: of a domain, a network or a pool.
protocol DefinitionSubject: Sendable {
    /// The document that it is from, as it is named to the reader.
    var documentName: String { get }
    /// The command that opens it in an editor.
    var editCommand: String { get }
    /// Puts one piece of the sample's text in the place of another, for the examples of rules.
    mutating func rewrite(_ old: String, _ new: String)
}

extension DomainFacts: DefinitionSubject {
    var documentName: String { definition.element?.documentName ?? "" }
    var editCommand: String { "virsh edit \((definition.name.value ?? "DOMAIN").shellWord)" }
}

extension NetworkDefinitionFacts: DefinitionSubject {
    var documentName: String { definition.element?.documentName ?? "" }
    var editCommand: String { "virsh net-edit \((definition.name.value ?? "NETWORK").shellWord)" }
}

extension PoolDefinitionFacts: DefinitionSubject {
    var documentName: String { definition.element?.documentName ?? "" }
    var editCommand: String { "virsh pool-edit \((definition.effectiveName ?? "POOL").shellWord)" }
}

/// What is wrong at one place of a definition.
struct Fault {
    /// What is, lower case, without a full stop.
    let words: String
    /// Where it stands.
    let position: XMLPosition

    init(_ words: String, at position: XMLPosition) {
        self.words = words
        self.position = position
    }
}

extension Rule where Subject: DefinitionSubject {
    /// A rule that looks for faults in a definition; the remedy is the rule's own, and the command that edits the definition.
    ///
    /// - Parameters:
    ///   - example: A piece of the sample's text, and what in its place makes the rule fail.
    ///   - faults: Finds them, in the order of the document.
    init(
        _ info: RuleInfo, example: (old: String, new: String),
        faults: @escaping @Sendable (Subject) throws(Undecided) -> [Fault]
    ) {
        self.init(info, violates: { $0.rewrite(example.old, example.new) }, faults: faults)
    }

    /// The same with an example that is not one of the text.
    init(
        _ info: RuleInfo, violates: @escaping @Sendable (inout Subject) -> Void,
        faults: @escaping @Sendable (Subject) throws(Undecided) -> [Fault]
    ) {
        self.init(
            info, violates: violates,
            decide: { subject throws(Undecided) in
                let found = try faults(subject)
                guard !found.isEmpty else { return .pass() }
                let shown = found.prefix(3).map(\.words).joined(separator: "; ")
                return .fail(
                    found.count > 3 ? "\(shown); and \(found.count - 3) more" : shown,
                    found.count > 3 ? found.map(\.words) : [],
                    at: found.map { Place(subject.documentName, line: $0.position.line) },
                    remedy: Remedy(info.remedy.text, commands: [subject.editCommand] + info.remedy.commands))
            })
    }
}

extension Sequence {
    /// The elements that have a key which another before them has, with that other.
    func repeated<Key: Hashable>(by key: (Element) -> Key?) -> [(first: Element, again: Element)] {
        var seen: [Key: Element] = [:]
        var found: [(first: Element, again: Element)] = []
        for element in self {
            guard let key = key(element) else { continue }
            if let first = seen[key] { found.append((first, element)) } else { seen[key] = element }
        }
        return found
    }
}
