public import Facts
internal import FoundationEssentials

/// The list of rules, for people, programs and the README.
public struct RuleListing: Sendable {
    /// The rules, in the order of the catalogue.
    public var rules: [RuleInfo]

    /// Makes a listing of rules in the order given.
    public init(_ rules: [RuleInfo]) {
        self.rules = rules
    }

    /// The rules by area, the areas in the order of their first rule.
    var areas: [(name: String, rules: [RuleInfo])] {
        var names: [String] = []
        var byName: [String: [RuleInfo]] = [:]
        for rule in rules {
            if byName[rule.area] == nil { names.append(rule.area) }
            byName[rule.area, default: []].append(rule)
        }
        return names.map { ($0, byName[$0] ?? []) }
    }

    /// A line for each rule, under its area.
    public func text() -> String {
        let slugs = rules.map(\.slug.count).max() ?? 0
        return areas.map { area in
            let lines = area.rules.map { rule in
                "  " + padded(rule.id, 6) + "  " + padded(SeverityDocument.word(rule.severity), 7) + "  "
                    + padded(rule.slug, slugs) + "  " + rule.title
            }
            return ([area.name] + lines).joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// A heading for each area, and under it a table of its rules.
    public func markdown() -> String {
        areas.map { area in
            let rows = area.rules.map { rule in
                "| \(rule.id) | `\(rule.slug)` | \(SeverityDocument.word(rule.severity)) | \(Self.cell(rule.title)) |"
            }
            return (["### \(area.name)", "", "| id | slug | severity | what holds |", "|---|---|---|---|"] + rows)
                .joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// All that there is to say about each rule, as JSON (UTF-8).
    public func json(toolVersion: String) throws -> [UInt8] {
        try JSONDocument.bytes(RuleListDocument(rules: rules, toolVersion: toolVersion))
    }

    /// What would end or open something in a table of Markdown, written out.
    private static func cell(_ text: String) -> String {
        var result = ""
        for character in text {
            if "|\\<>*_`[]".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private func padded(_ text: String, _ count: Int) -> String {
        text + String(repeating: " ", count: max(0, count - text.count))
    }
}

private struct RuleListDocument: Encodable {
    let rules: [RuleInfo]
    let toolVersion: String

    private enum Key: String, CodingKey {
        case schemaVersion
        case tool
        case rules
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(JSONReport.schemaVersion, forKey: .schemaVersion)
        try container.encode(ToolDocument(version: toolVersion), forKey: .tool)
        try container.encode(rules.map(RuleDocument.init), forKey: .rules)
    }
}

private struct RuleDocument: Encodable {
    let rule: RuleInfo

    private enum Key: String, CodingKey {
        case id
        case slug
        case title
        case area
        case severity
        case rationale
        case sources
        case remedy
        case parent
        case explains
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(rule.id, forKey: .id)
        try container.encode(rule.slug, forKey: .slug)
        try container.encode(rule.title, forKey: .title)
        try container.encode(rule.area, forKey: .area)
        try container.encode(SeverityDocument.word(rule.severity), forKey: .severity)
        try container.encode(rule.rationale, forKey: .rationale)
        try container.encode(rule.sources.map(SourceDocument.init), forKey: .sources)
        try container.encode(RemedyDocument(remedy: rule.remedy), forKey: .remedy)
        try container.encode(rule.parent, forKey: .parent)
        try container.encode(rule.explains, forKey: .explains)
    }
}

private struct SourceDocument: Encodable {
    let citation: Citation

    private enum Key: String, CodingKey {
        case document
        case date
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(citation.document, forKey: .document)
        try container.encode(citation.date, forKey: .date)
    }
}
