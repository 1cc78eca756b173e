internal import Evidence
public import Facts

/// What a run tells the shell.
public enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
    /// Nothing at or above the threshold.
    case success = 0
    /// Findings at or above the threshold.
    case findings = 1
    /// Wrong use, or a fault of the tool's own.
    case fault = 2
    /// No finding at the threshold, but a rule of that severity or above could not be decided.
    case undecided = 3

    /// What a rule that could not be decided counts for.
    public enum UnknownPolicy: String, Sendable, CaseIterable {
        /// As much as a finding.
        case fail
        /// Nothing.
        case pass
    }

    /// The code for a report.
    ///
    /// - Parameters:
    ///   - report: What the rules came to.
    ///   - threshold: The least severity that counts.
    ///   - unknown: What counts for a rule that could not be decided; nil for a code of its own, where it is not for want
    ///     of something that is not installed.
    public static func of(_ report: Report, failOn threshold: Severity, unknown: UnknownPolicy? = nil) -> ExitCode {
        let counted = report.subjects.flatMap(\.findings).filter { $0.severity >= threshold }
        if counted.contains(where: { $0.verdict == .fail }) { return .findings }
        let open = counted.filter { $0.verdict == .unknown }
        switch unknown {
        case .fail: return open.isEmpty ? .success : .findings
        case .pass: return .success
        case nil: return open.allSatisfy { $0.obstacle?.kind == .notInstalled } ? .success : .undecided
        }
    }
}
