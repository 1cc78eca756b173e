internal import Evidence
public import Facts
internal import FoundationEssentials

/// The report for programs: JSON, schema version 1.0, as the README documents it.
///
/// Every key is always there; what has no value is `null`, and what has none of several is an empty array. Within one
/// major version keys are added, never renamed or removed.
///
/// - `schemaVersion`: `"1.0"`; `tool`: `name` and `version`; `generatedAt`: RFC 3339, UTC.
/// - `reports[]`: `subject` (`kind`, `name`, `source`: `live`, or the path of a capture, `properties`: what is told of a
///   domain, network or pool, by name), `target` (`null` for a host),
///   `verdict` (`ready`, `blocked`, `undetermined`), `findings[]`, `summary` (how many: `pass`, `fail` by severity,
///   `unknown`, `notApplicable`), `image` (what was seen of a disk image, `null` of other subjects: see ``ImageDocument``).
/// - `findings[]`: `rule`, `slug` and `title` of the rule; `severity` (`error`, `warning`, `note`: the one in force under
///   the profiles asked for); `verdict` (`pass`, `fail`, `notApplicable`, `unknown`); `message`: what is; `evidence[]`:
///   strings that show it; `places[]`: `path`, `line` and `column` (from 1), `offset` (in bytes), `xpath` (in XML);
///   `reason`: why it is unknown;
///   `remedy`: `text` and `commands[]` of what failed; `waiver`: `null` so far.
public struct JSONReport: Sendable {
    /// The version of the form, not of the tool.
    public static let schemaVersion = "1.0"

    /// Makes a renderer.
    public init() {}

    /// The report as UTF-8, ending with a newline.
    public func render(_ report: Report) throws -> [UInt8] {
        try JSONDocument.bytes(ReportDocument(report: report))
    }
}

/// How every JSON document of this tool is written.
enum JSONDocument {
    static func bytes(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(document), as: UTF8.self)
        return Array(printable(text).utf8) + [UInt8(ascii: "\n")]
    }

    /// The encoder escapes C0 alone (RFC 8259 asks for no more); here C1, DEL and what reorders text are escaped too, so
    /// that a document shown on a terminal does nothing there. Such characters stand in strings only.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 != "\n" && PlainText.isUnsafe($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\n" || !PlainText.isUnsafe(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return result
    }
}

/// The name and version of the tool.
struct ToolDocument: Encodable {
    let version: String

    private enum Key: String, CodingKey {
        case name
        case version
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("kvmcheck", forKey: .name)
        try container.encode(version, forKey: .version)
    }
}

/// Words and commands.
struct RemedyDocument: Encodable {
    let remedy: Remedy

    private enum Key: String, CodingKey {
        case text
        case commands
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(remedy.text, forKey: .text)
        try container.encode(remedy.commands, forKey: .commands)
    }
}

// The wrappers below keep the form apart from the types: a renamed property or case changes no document.

private struct ReportDocument: Encodable {
    let report: Report

    private enum Key: String, CodingKey {
        case schemaVersion
        case tool
        case generatedAt
        case reports
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(JSONReport.schemaVersion, forKey: .schemaVersion)
        try container.encode(ToolDocument(version: report.toolVersion), forKey: .tool)
        try container.encode(report.generatedAt, forKey: .generatedAt)
        try container.encode(report.subjects.map(SubjectReportDocument.init), forKey: .reports)
    }
}

private struct SubjectReportDocument: Encodable {
    let report: SubjectReport

    private enum Key: String, CodingKey {
        case subject
        case target
        case verdict
        case findings
        case summary
        case image
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(SubjectDocument(subject: report.subject), forKey: .subject)
        // A host is judged for itself; VMs and images will name the cloud and route here.
        try container.encodeNil(forKey: .target)
        let verdict =
            switch report.readiness {
            case .ready: "ready"
            case .blocked: "blocked"
            case .undetermined: "undetermined"
            }
        try container.encode(verdict, forKey: .verdict)
        try container.encode(report.findings.map(FindingDocument.init), forKey: .findings)
        try container.encode(SummaryDocument(report: report), forKey: .summary)
        try container.encode(report.image.map(ImageDocument.init), forKey: .image)
    }
}

private struct SubjectDocument: Encodable {
    let subject: Subject

    private enum Key: String, CodingKey {
        case kind
        case name
        case source
        case properties
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let kind =
            switch subject.kind {
            case .host: "host"
            case .domain: "domain"
            case .network: "network"
            case .pool: "pool"
            case .image: "image"
            }
        try container.encode(kind, forKey: .kind)
        try container.encode(subject.name, forKey: .name)
        try container.encode(subject.source, forKey: .source)
        try container.encode(PropertiesDocument(properties: subject.properties), forKey: .properties)
    }
}

/// Properties as an object: what has no value is `null`.
private struct PropertiesDocument: Encodable {
    let properties: [SubjectProperty]

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for property in properties {
            let key = Key(property.name)
            switch property.value {
            case .text(let text): try container.encode(text, forKey: key)
            case .flag(let flag): try container.encode(flag, forKey: key)
            case .number(let number): try container.encode(number, forKey: key)
            case .texts(let texts): try container.encode(texts, forKey: key)
            case nil: try container.encodeNil(forKey: key)
            }
        }
    }
}

private struct FindingDocument: Encodable {
    let finding: Finding

    private enum Key: String, CodingKey {
        case rule
        case slug
        case title
        case severity
        case verdict
        case message
        case evidence
        case places
        case reason
        case remedy
        case waiver
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(finding.rule.id, forKey: .rule)
        try container.encode(finding.rule.slug, forKey: .slug)
        try container.encode(finding.rule.title, forKey: .title)
        try container.encode(SeverityDocument.word(finding.severity), forKey: .severity)
        let verdict =
            switch finding.verdict {
            case .pass: "pass"
            case .fail: "fail"
            case .notApplicable: "notApplicable"
            case .unknown: "unknown"
            }
        try container.encode(verdict, forKey: .verdict)
        try container.encode(finding.message, forKey: .message)
        try container.encode(finding.evidence, forKey: .evidence)
        try container.encode(finding.places.map(PlaceDocument.init), forKey: .places)
        try container.encode(finding.obstacle?.description, forKey: .reason)
        try container.encode(finding.remedy.map(RemedyDocument.init), forKey: .remedy)
        try container.encodeNil(forKey: .waiver)
    }
}

/// A severity as SARIF's levels are written.
enum SeverityDocument {
    static func word(_ severity: Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .note: "note"
        }
    }
}

private struct PlaceDocument: Encodable {
    let place: Place

    private enum Key: String, CodingKey {
        case path
        case line
        case column
        case offset
        case xpath
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(place.path, forKey: .path)
        try container.encode(place.line, forKey: .line)
        try container.encode(place.column, forKey: .column)
        try container.encode(place.offset, forKey: .offset)
        try container.encode(place.xpath, forKey: .xpath)
    }
}

private struct SummaryDocument: Encodable {
    let report: SubjectReport

    private enum Key: String, CodingKey {
        case pass
        case fail
        case unknown
        case notApplicable
    }

    private enum FailKey: String, CodingKey {
        case error
        case warning
        case note
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(report.count(.pass), forKey: .pass)
        var fail = container.nestedContainer(keyedBy: FailKey.self, forKey: .fail)
        try fail.encode(report.count(.fail, .error), forKey: .error)
        try fail.encode(report.count(.fail, .warning), forKey: .warning)
        try fail.encode(report.count(.fail, .note), forKey: .note)
        try container.encode(report.count(.unknown), forKey: .unknown)
        try container.encode(report.count(.notApplicable), forKey: .notApplicable)
    }
}
