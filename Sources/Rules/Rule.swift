public import Evidence
public import Facts

/// What a rule decided.
public struct Decision: Sendable {
    /// `pass`, `fail` or `notApplicable`; `unknown` is thrown as ``Evidence/Undecided``.
    let verdict: Verdict
    let message: String
    let evidence: [String]
    let places: [Place]
    let remedy: Remedy?

    /// It holds.
    ///
    /// - Parameters:
    ///   - message: What is, lower case, without a full stop; nil for the rule's title.
    ///   - evidence: The values that show it, a line each.
    public static func pass(_ message: String? = nil, _ evidence: String...) -> Decision {
        Decision(verdict: .pass, message: message ?? "", evidence: evidence, places: [], remedy: nil)
    }

    /// It does not hold.
    ///
    /// - Parameters:
    ///   - message: What is, lower case, without a full stop.
    ///   - evidence: The values that show it, a line each.
    ///   - places: Where to look.
    ///   - remedy: What to do, with this subject's names in it; nil for the rule's own remedy.
    public static func fail(
        _ message: String, _ evidence: [String] = [], at places: [Place] = [], remedy: Remedy? = nil
    ) -> Decision {
        Decision(verdict: .fail, message: message, evidence: evidence, places: places, remedy: remedy)
    }

    /// The question does not arise.
    public static func notApplicable(_ reason: String) -> Decision {
        Decision(verdict: .notApplicable, message: reason, evidence: [], places: [], remedy: nil)
    }
}

/// One check: a description, a pure decision, and an example each way that a test holds it to.
public struct Rule<Subject: Sendable>: Sendable {
    /// Everything that can be printed.
    public let info: RuleInfo
    /// Decides from observations alone; throws where one it needs is unknown.
    public let decide: @Sendable (Subject) throws(Undecided) -> Decision
    /// Makes of a fit subject one for which the rule passes; often nothing need be done.
    public let holds: @Sendable (inout Subject) -> Void
    /// Makes of a fit subject one for which the rule fails.
    public let violates: @Sendable (inout Subject) -> Void

    /// Makes a rule; see the properties.
    public init(
        _ info: RuleInfo,
        holds: @escaping @Sendable (inout Subject) -> Void = { _ in },
        violates: @escaping @Sendable (inout Subject) -> Void,
        decide: @escaping @Sendable (Subject) throws(Undecided) -> Decision
    ) {
        self.info = info
        self.decide = decide
        self.holds = holds
        self.violates = violates
    }
}
