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
        var isOpen = false
        var isOpenForWant = true
        // In place: a folder of definitions has hundreds of thousands of findings.
        for subject in report.subjects {
            for index in subject.findings.indices where subject.findings[index].severity >= threshold {
                switch subject.findings[index].verdict {
                case .fail: return .findings
                case .unknown:
                    isOpen = true
                    if subject.findings[index].obstacle?.kind != .notInstalled { isOpenForWant = false }
                case .pass, .notApplicable: break
                }
            }
        }
        switch unknown {
        case .fail: return isOpen ? .findings : .success
        case .pass: return .success
        case nil: return isOpenForWant ? .success : .undecided
        }
    }
}
