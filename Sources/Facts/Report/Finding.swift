public import Evidence

/// What happens if a fault is left alone; SARIF's levels.
public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable, Codable {
    /// Worth knowing, or repaired by the plan.
    case note
    /// It works degraded, or at risk.
    case warning
    /// It is refused, does not start, or cannot be reached afterwards.
    case error

    /// Orders by what happens: note, warning, error.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// What a rule came to.
public enum Verdict: String, Sendable, Hashable, CaseIterable, Codable {
    /// It was looked at, and it holds.
    case pass
    /// It was looked at, and it does not hold.
    case fail
    /// The question does not arise for this subject.
    case notApplicable
    /// It could not be looked at.
    case unknown
}

/// What to do about a fault.
public struct Remedy: Sendable, Hashable {
    /// What to do, in words; empty where the commands say it all.
    public var text: String
    /// Commands to run, in this order, with the names and paths of this machine in them.
    public var commands: [String]

    /// Makes a remedy from words and commands.
    public init(_ text: String, commands: [String] = []) {
        self.text = text
        self.commands = commands
    }
}

/// A document that a rule rests on.
public struct Citation: Sendable, Hashable {
    /// The document: a kernel file, a specification's section, a man page, a vendor's page.
    public var document: String
    /// Its date or version, as far as it has one.
    public var date: String

    /// Makes a citation from a document and its date or version.
    public init(_ document: String, _ date: String) {
        self.document = document
        self.date = date
    }
}

/// All of a rule that can be printed: everything but its decision. One description serves all findings of its rule.
public final class RuleInfo: Sendable {
    /// The stable id, such as `KVH001`; never used again for another rule.
    public let id: String
    /// The name of the fault, such as `kvm-device-missing`.
    public let slug: String
    /// What holds when the rule passes, as a statement: lower case, no full stop.
    public let title: String
    /// The part of the report it stands in, such as `KVM` or `IOMMU`.
    public let area: String
    /// What happens if the fault is left alone.
    public let severity: Severity
    /// Why it matters, in one to three sentences.
    public let rationale: String
    /// What the rule rests on.
    public let sources: [Citation]
    /// What to do, before the names of a machine are known.
    public let remedy: Remedy
    /// The rule without which this one has no question: where that one fails, this one is skipped.
    public let parent: String?
    /// Error texts of other programs that this rule explains, for `kvmcheck explain "text"`.
    public let explains: [String]

    /// Makes a description; see the properties.
    public init(
        _ id: String, _ slug: String, _ title: String, area: String, severity: Severity, rationale: String,
        sources: [Citation], remedy: Remedy, parent: String? = nil, explains: [String] = []
    ) {
        self.id = id
        self.slug = slug
        self.title = title
        self.area = area
        self.severity = severity
        self.rationale = rationale
        self.sources = sources
        self.remedy = remedy
        self.parent = parent
        self.explains = explains
    }
}

/// What one rule came to for one subject.
public struct Finding: Sendable {
    /// The rule.
    public var rule: RuleInfo
    /// The severity in force: the rule's, or what a profile makes of it.
    public var severity: Severity
    /// What it came to.
    public var verdict: Verdict
    /// What is, lower case, without a full stop.
    public var message: String
    /// What the message rests on: values and where they were read, a line each.
    public var evidence: [String]
    /// Where to look.
    public var places: [Place]
    /// What stands at places in documents, for a report that shows it.
    public var excerpts: [Excerpt] = []
    /// What to do; nil unless the verdict is `fail`.
    public var remedy: Remedy?
    /// Why it could not be decided; nil unless the verdict is `unknown`.
    public var obstacle: Obstacle?

    /// Makes a finding; see the properties.
    public init(
        rule: RuleInfo, severity: Severity, verdict: Verdict, message: String, evidence: [String] = [],
        places: [Place] = [], remedy: Remedy? = nil, obstacle: Obstacle? = nil
    ) {
        self.rule = rule
        self.severity = severity
        self.verdict = verdict
        self.message = message
        self.evidence = evidence
        self.places = places
        self.remedy = remedy
        self.obstacle = obstacle
    }
}
