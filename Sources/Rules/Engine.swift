internal import Evidence
public import Facts

/// Applies rules to a subject.
public enum Engine {
    /// What each rule comes to, in the order given.
    ///
    /// - Parameter severities: The severities that differ from the rules' own, by id; a profile's table.
    public static func evaluate<Subject>(
        _ rules: [Rule<Subject>], on subject: Subject, severities: [String: Severity] = [:]
    ) -> [Finding] {
        var findings: [Finding] = []
        findings.reserveCapacity(rules.count)
        // Where in the list the finding is that stopped a rule.
        var stopped: [String: Int] = [:]
        for rule in rules {
            var finding = Finding(
                rule: rule.info, severity: severities[rule.info.id] ?? rule.info.severity, verdict: .pass, message: "")
            if let parent = rule.info.parent, let cause = stopped[parent] {
                finding.verdict = .notApplicable
                finding.message = "needs \(findings[cause].rule.id): \(findings[cause].message)"
                stopped[rule.info.id] = cause
            } else {
                decide(rule, on: subject, into: &finding)
                if finding.verdict == .fail || finding.verdict == .notApplicable {
                    stopped[rule.info.id] = findings.count
                }
            }
            findings.append(finding)
        }
        return findings
    }

    private static func decide<Subject>(_ rule: Rule<Subject>, on subject: Subject, into finding: inout Finding) {
        do {
            let decision = try rule.decide(subject)
            finding.verdict = decision.verdict
            finding.message = decision.message.isEmpty ? rule.info.title : decision.message
            finding.evidence = decision.evidence
            finding.places = decision.places
            finding.remedy = decision.verdict == .fail ? decision.remedy ?? rule.info.remedy : nil
        } catch {
            finding.verdict = .unknown
            finding.message = rule.info.title
            finding.obstacle = error.obstacle
        }
    }
}
