/// What was looked at.
public struct Subject: Sendable, Hashable {
    /// The kinds of subject.
    public enum Kind: String, Sendable, Hashable {
        case host
        /// A virtual machine, by its libvirt definition.
        case domain
        /// A virtual network, by its libvirt definition.
        case network
        /// A storage pool, by its libvirt definition.
        case pool
        /// A disk image.
        case image
    }

    /// What kind of thing it is.
    public var kind: Kind
    /// Its name, such as the host's name.
    public var name: String
    /// Where it was read: `live`, or the path of a capture.
    public var source: String
    /// What it is in a few words, for the first line of a text report: system, kernel, processor, memory.
    public var headline: [String]
    /// What is told of it beside its rules, for a report that programs read; always the same names for a kind.
    public var properties: [SubjectProperty]

    /// Makes a subject; see the properties.
    public init(
        kind: Kind, name: String, source: String, headline: [String] = [], properties: [SubjectProperty] = []
    ) {
        self.kind = kind
        self.name = name
        self.source = source
        self.headline = headline
        self.properties = properties
    }
}

/// Whether a subject is fit for what it was asked about.
public enum Readiness: String, Sendable, Hashable {
    /// No rule of severity `error` failed, and all could be decided.
    case ready
    /// A rule of severity `error` failed.
    case blocked
    /// None failed, but one could not be decided.
    case undetermined
}

/// The findings about one subject.
public struct SubjectReport: Sendable {
    /// What was looked at.
    public var subject: Subject
    /// What the rules came to, in the catalogue's order.
    public var findings: [Finding]
    /// What was seen of a disk image, for its picture; nil of other subjects.
    public var image: ImageFacts?

    /// Makes a report from a subject and its findings.
    public init(subject: Subject, findings: [Finding], image: ImageFacts? = nil) {
        self.subject = subject
        self.findings = findings
        self.image = image
    }

    /// Whether the subject is fit.
    public var readiness: Readiness {
        if count(.fail, .error) > 0 { return .blocked }
        return count(.unknown, .error) > 0 ? .undetermined : .ready
    }

    /// How many findings have a verdict, and a severity if one is given.
    public func count(_ verdict: Verdict, _ severity: Severity? = nil) -> Int {
        // By index: a closure would be handed a copy of each of a few hundred findings.
        var count = 0
        for index in findings.indices where findings[index].verdict == verdict {
            if severity == nil || findings[index].severity == severity { count += 1 }
        }
        return count
    }

    /// The finding to begin with: the first of the worst severity that failed.
    public var first: Finding? {
        for severity in Severity.allCases.reversed() {
            if let found = findings.first(where: { $0.verdict == .fail && $0.severity == severity }) { return found }
        }
        return nil
    }
}

/// All that one run has to say.
public struct Report: Sendable {
    /// The version of the tool.
    public var toolVersion: String
    /// When the report was made: UTC, RFC 3339, such as `2026-11-20T16:14:15Z`.
    public var generatedAt: String
    /// A report per subject.
    public var subjects: [SubjectReport]

    /// Makes a report; see the properties.
    public init(toolVersion: String, generatedAt: String, subjects: [SubjectReport]) {
        self.toolVersion = toolVersion
        self.generatedAt = generatedAt
        self.subjects = subjects
    }
}
