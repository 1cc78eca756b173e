internal import Evidence
internal import Facts
internal import LibvirtXML

/// Definitions held against the schemas that libvirt installs. KVD190, KVN050, KVP050.
enum SchemaRules {
    static let domain: Rule<DomainFacts> = rule("KVD190", of: "domain", check: "virsh define --validate")
    static let network: Rule<NetworkDefinitionFacts> = rule(
        "KVN050", of: "network", check: "virsh net-define --validate")
    static let pool: Rule<PoolDefinitionFacts> = rule(
        "KVP050", of: "storagepool", check: "virsh pool-define --validate")

    private static func rule<Subject: DefinitionSubject>(
        _ id: String, of schema: String, check: String
    ) -> Rule<Subject> {
        Rule<Subject>(
            RuleInfo(
                id, "against-the-schema", "the definition follows libvirt's schema", area: "Definition",
                severity: .warning,
                rationale: """
                    Without --validate libvirt drops what it does not know, and says nothing: a misspelt element or \
                    attribute has no effect, and is gone when the definition is next read. virsh edit does validate, and \
                    refuses it.
                    """,
                sources: [
                    Citation("libvirt docs/schemas/\(schema).rng, as it is installed", "9.0"),
                    Citation("virsh(1): define --validate, edit", "9.0"),
                ],
                remedy: Remedy(
                    "correct the spelling, or take it out; then let libvirt check it", commands: ["\(check) FILE.xml"]),
                explains: [
                    "XML document failed to validate against schema: Unable to validate doc against",
                    "Extra element devices in interleave", "failed to validate content",
                ]),
            violates: { subject in
                let position = subject.document?.root.position ?? XMLPosition(line: 1, column: 1, offset: 0)
                subject.schema = .known([SchemaFault("<interfase> in <devices>", at: position)])
            },
            decide: { subject throws(Undecided) in
                guard let faults = try subject.schema.get() else {
                    return .notApplicable("libvirt on another machine wrote it, whose schema is not here")
                }
                guard let first = faults.first else { return .pass() }
                let more = faults.count > 1 ? ", and \(faults.count - 1) more" : ""
                return .fail(
                    "against libvirt's schema: \(first.words)\(more)", faults.dropFirst().map(\.words),
                    at: faults.map { subject.place($0.position) },
                    remedy: Remedy(
                        "correct the spelling, or take it out",
                        // What is in no file is edited in libvirt, which then validates by itself.
                        commands: [
                            subject.document.flatMap { $0.name.contains("/") ? $0.name : nil }
                                .map { "\(check) \($0.shellWord)" } ?? subject.editCommand
                        ]))
            })
    }
}

/// The rules that ask what a schema says: who asks none of them need not read the schemas.
public enum SchemaCatalogue {
    /// Their ids.
    public static let ids: Set<String> = [
        SchemaRules.domain.info.id, SchemaRules.network.info.id, SchemaRules.pool.info.id,
    ]
}
