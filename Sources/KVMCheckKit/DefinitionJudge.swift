internal import Evidence
internal import Facts
internal import LibvirtXML
internal import Rules

/// Applies the rules that were picked to one definition after the other, and makes the report on each.
struct DefinitionJudge<Subject: DefinitionFacts> {
    private let rules: [Rule<Subject>]
    /// Who told the definitions; nil for documents from files.
    private let inventory: LibvirtInventory?
    private let showsXML: Bool
    /// The schemas; nil where no rule asks what they say.
    private let schemas: DefinitionSchemas?

    init(rules: [Rule<Subject>], _ inventory: LibvirtInventory?, showsXML: Bool) {
        self.rules = rules
        self.inventory = inventory
        self.showsXML = showsXML
        schemas = rules.contains { SchemaCatalogue.ids.contains($0.info.id) } ? DefinitionSchemas() : nil
    }

    /// The report on one definition.
    ///
    /// - Parameter subject: Says what the report is about, given the facts and who told them.
    func report(on facts: Subject, _ subject: (Subject, String) -> Facts.Subject) -> SubjectReport {
        var facts = facts
        let document = facts.definition.element?.document
        if let schemas, let document { facts.schema = schemas.faults(in: document, from: inventory?.facts.origin) }
        let places = document.map {
            DefinitionPlaces(document: $0, isFile: inventory?.areFiles ?? true, showsXML: showsXML)
        }
        var findings = Engine.evaluate(rules, on: facts)
        // Most hold, and have nothing to explain and no place.
        for index in findings.indices where findings[index].verdict != .pass {
            let finding = Self.explained(findings[index])
            findings[index] = places?.applied(to: finding) ?? finding
        }
        return SubjectReport(subject: subject(facts, inventory?.name ?? document?.name ?? ""), findings: findings)
    }

    /// What needs a host, or libvirt, is said not to have been asked, once.
    private static func explained(_ finding: Finding) -> Finding {
        guard finding.obstacle?.kind == .notProbed else { return finding }
        var finding = finding
        finding.obstacle = Obstacle(.notAsked, "", "a definition from a file is judged without a host")
        return finding
    }
}
