import Evidence
import Facts
import Foundation
import Reporting
import Testing

/// The JSON read back by readers that know nothing of how it was written.
struct JSONReportTests {
    private func object(_ report: Report) throws -> [String: Any] {
        let data = Data(try JSONReport().render(report))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func `the top has the keys of schema 1.0 and no others`() throws {
        let top = try object(SampleReports.blocked)
        #expect(Set(top.keys) == ["schemaVersion", "tool", "generatedAt", "reports"])
        #expect(top["schemaVersion"] as? String == "1.0")
        #expect(top["generatedAt"] as? String == "2026-11-20T16:14:15Z")
        #expect(top["tool"] as? [String: String] == ["name": "kvmcheck", "version": "9.8.7"])
    }

    @Test func `a report has the keys of schema 1.0 and no others, and null where there is nothing`() throws {
        for (sample, verdict) in [
            (SampleReports.ready, "ready"), (SampleReports.blocked, "blocked"),
            (SampleReports.undetermined, "undetermined"),
        ] {
            let report = try #require((try object(sample)["reports"] as? [[String: Any]])?.first)
            #expect(Set(report.keys) == ["subject", "target", "verdict", "findings", "summary", "image"])
            #expect(report["target"] is NSNull)
            #expect(report["verdict"] as? String == verdict)
            let subject = try #require(report["subject"] as? [String: Any])
            #expect(Set(subject.keys) == ["kind", "name", "source", "properties"])
            #expect(subject["name"] as? String == sample.subjects[0].subject.name)

            let summary = try #require(report["summary"] as? [String: Any])
            #expect(Set(summary.keys) == ["pass", "fail", "unknown", "notApplicable"])
            let fail = try #require(summary["fail"] as? [String: Int])
            #expect(Set(fail.keys) == ["error", "warning", "note"])

            let findings = try #require(report["findings"] as? [[String: Any]])
            #expect(findings.count == sample.subjects[0].findings.count)
            for (finding, original) in zip(findings, sample.subjects[0].findings) {
                #expect(
                    Set(finding.keys) == [
                        "rule", "slug", "title", "severity", "verdict", "message", "evidence", "places", "reason",
                        "remedy", "waiver",
                    ])
                #expect(finding["rule"] as? String == original.rule.id)
                #expect(finding["message"] as? String == original.message)
                #expect(finding["evidence"] as? [String] == original.evidence)
                #expect(finding["waiver"] is NSNull)
                #expect((finding["remedy"] is NSNull) == (original.verdict != .fail))
                #expect((finding["reason"] is NSNull) == (original.verdict != .unknown))
                let places = try #require(finding["places"] as? [[String: Any]])
                #expect(places.allSatisfy { Set($0.keys) == ["path", "line", "column", "offset", "xpath"] })
            }
        }
    }

    @Test func `counts add up to the findings`() throws {
        let summary = try #require(
            ((try object(SampleReports.blocked)["reports"] as? [[String: Any]])?.first)?["summary"] as? [String: Any])
        let fail = try #require(summary["fail"] as? [String: Int])
        #expect(fail == ["error": 1, "warning": 1, "note": 1])
        #expect(summary["pass"] as? Int == 2)
        #expect(summary["unknown"] as? Int == 4)
        #expect(summary["notApplicable"] as? Int == 1)
    }

    @Test func `nothing that a terminal would act on stands there raw`() throws {
        let text = String(decoding: try JSONReport().render(SampleReports.blocked), as: UTF8.self)
        for scalar in text.unicodeScalars where scalar != "\n" {
            #expect(scalar.properties.generalCategory != .control, "U+\(String(scalar.value, radix: 16))")
            #expect(scalar.value != 0x202e)
        }
    }

    @Test func `Python reads the same text`() throws {
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        python.arguments = [
            "python3", "-c",
            "import json, sys; print(ascii([f['message'] for f in json.load(sys.stdin)['reports'][0]['findings']][4]))",
        ]
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("kvmcheck-\(UUID()).json")
        try Data(try JSONReport().render(SampleReports.blocked)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = Pipe()
        python.standardInput = try FileHandle(forReadingFrom: file)
        python.standardOutput = output
        try python.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        #expect(
            text
                == #"'the name \x1b[2J"quoted\\" and\t\xfc\xf1\xed\xa2\xf8d\xe9 \u4f60\u597d \u202edrawkcab\x7f\x9b31m'"#
                + "\n")
    }
}
