import Evidence
import Facts
import Reporting
import Testing

/// The table of DESIGN.md, "Words": the verdict of each severity, the threshold, and what `unknown` counts for.
struct ExitCodeTests {
    private func report(_ findings: [(Verdict, Severity)]) -> Report {
        let subject = Subject(kind: .host, name: "x", source: "live")
        let rule = SampleReports.rule("KVH999", "x-y", "x", area: "X", .error)
        return Report(
            toolVersion: "", generatedAt: "",
            subjects: [
                SubjectReport(
                    subject: subject,
                    findings: findings.map { Finding(rule: rule, severity: $1, verdict: $0, message: "") })
            ])
    }

    @Test(arguments: Severity.allCases, Severity.allCases)
    func `a finding counts from the threshold on`(severity: Severity, threshold: Severity) {
        let code = ExitCode.of(report([(.pass, .error), (.fail, severity)]), failOn: threshold)
        #expect(code == (severity >= threshold ? .findings : .success))
    }

    @Test(arguments: Severity.allCases, Severity.allCases)
    func `what could not be decided counts from the threshold on`(severity: Severity, threshold: Severity) {
        let report = report([(.pass, .error), (.unknown, severity), (.notApplicable, .error)])
        let isCounted = severity >= threshold
        #expect(ExitCode.of(report, failOn: threshold) == (isCounted ? .undecided : .success))
        #expect(ExitCode.of(report, failOn: threshold, unknown: .fail) == (isCounted ? .findings : .success))
        #expect(ExitCode.of(report, failOn: threshold, unknown: .pass) == .success)
    }

    @Test func `a finding outweighs what could not be decided, whatever the policy`() {
        let report = report([(.unknown, .error), (.fail, .error)])
        for policy in [nil, ExitCode.UnknownPolicy.fail, .pass] {
            #expect(ExitCode.of(report, failOn: .error, unknown: policy) == .findings)
        }
    }

    @Test func `no finding at all is success`() {
        #expect(ExitCode.of(report([]), failOn: .note) == .success)
        #expect(ExitCode.of(Report(toolVersion: "", generatedAt: "", subjects: []), failOn: .note) == .success)
    }

    @Test func `the numbers are the documented ones`() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3])
    }

    @Test(arguments: Severity.allCases) func `what is not installed changes no exit code, unless that is asked for`(
        threshold: Severity
    ) {
        let rule = SampleReports.rule("KVD901", "a-b", "c", area: "d", .error)
        let open = Finding(
            rule: rule, severity: .error, verdict: .unknown, message: "c", obstacle: Obstacle(.notInstalled, "/e"))
        var report = SampleReports.ready
        report.subjects[0].findings.append(open)
        let before = ExitCode.of(SampleReports.ready, failOn: threshold)
        #expect(ExitCode.of(report, failOn: threshold) == before)
        #expect(
            ExitCode.of(report, failOn: threshold, unknown: .pass)
                == ExitCode.of(SampleReports.ready, failOn: threshold, unknown: .pass))
        #expect(ExitCode.of(report, failOn: threshold, unknown: .fail) == .findings)
    }
}
