internal import Evidence
internal import Facts
internal import LibvirtXML

/// A definition of libvirt's that is judged: of a domain, a network or a pool.
protocol DefinitionSubject: DefinitionFacts {
    /// The command that opens it in an editor.
    var editCommand: String { get }
}

extension DefinitionSubject {
    /// The document that it is from; nil for a definition that is in none.
    var document: XMLDocument? { definition.element?.document }
}

extension DomainFacts: DefinitionSubject {
    var editCommand: String { "virsh edit \((definition.name.value ?? "DOMAIN").shellWord)" }
}

extension NetworkDefinitionFacts: DefinitionSubject {
    var editCommand: String { "virsh net-edit \((definition.name.value ?? "NETWORK").shellWord)" }
}

extension PoolDefinitionFacts: DefinitionSubject {
    var editCommand: String { "virsh pool-edit \((definition.effectiveName ?? "POOL").shellWord)" }
}

extension DefinitionSubject {
    /// What a reader is pointed to: the line, the column and the path of what stands at a position of the definition.
    func place(_ position: XMLPosition) -> Place {
        guard let document else { return Place("") }
        return Place(
            document.name, line: position.line, column: position.column, xpath: document.spot(at: position).xpath)
    }
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

extension [Fault] {
    /// Notes a fault.
    mutating func add(_ words: String, at position: XMLPosition) {
        append(Fault(words, at: position))
    }

    /// Notes a fault where it is one.
    mutating func add(
        _ words: @autoclosure () -> String, at position: @autoclosure () -> XMLPosition, if isFault: Bool
    ) {
        if isFault { add(words(), at: position()) }
    }

    /// Passes where there is none; the first three are the message, and all of more than three the evidence.
    func decision(on subject: some DefinitionSubject, remedy: Remedy? = nil) -> Decision {
        guard !isEmpty else { return .pass() }
        let shown = prefix(3).map(\.words).joined(separator: "; ")
        return .fail(
            count > 3 ? "\(shown); and \(count - 3) more" : shown, count > 3 ? map(\.words) : [],
            at: map { subject.place($0.position) }, remedy: remedy)
    }
}

extension Rule where Subject: DefinitionSubject {
    /// A rule that looks for faults in a definition.
    ///
    /// - Parameters:
    ///   - example: A piece of the sample's text, and what in its place makes the rule fail.
    ///   - remedy: What to do, with the subject's names in it; by default the rule's own remedy, and the command that
    ///     edits the definition.
    ///   - faults: Finds them, in the order of the document.
    init(
        _ info: RuleInfo, example: (old: String, new: String), remedy: (@Sendable (Subject) -> Remedy)? = nil,
        faults: @escaping @Sendable (Subject) throws(Undecided) -> [Fault]
    ) {
        self.init(info, violates: { $0.rewrite(example.old, example.new) }, remedy: remedy, faults: faults)
    }

    /// The same with an example that is not one of the text.
    init(
        _ info: RuleInfo, holds: @escaping @Sendable (inout Subject) -> Void = { _ in },
        violates: @escaping @Sendable (inout Subject) -> Void,
        remedy: (@Sendable (Subject) -> Remedy)? = nil,
        faults: @escaping @Sendable (Subject) throws(Undecided) -> [Fault]
    ) {
        self.init(
            info, holds: holds, violates: violates,
            decide: { subject throws(Undecided) in
                try faults(subject).decision(
                    on: subject,
                    remedy: remedy?(subject)
                        ?? Remedy(info.remedy.text, commands: [subject.editCommand] + info.remedy.commands))
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
