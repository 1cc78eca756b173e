import Facts
import Testing

@testable import Reporting

struct TextReportTests {
    @Test(arguments: [TextReport.Detail.quiet, .normal, .verbose])
    func `no control character of the machine's reaches the terminal`(detail: TextReport.Detail) {
        for report in [SampleReports.ready, SampleReports.blocked, SampleReports.undetermined] {
            let text = TextReport(detail: detail).render(report)
            for scalar in text.unicodeScalars where scalar != "\n" {
                #expect(scalar.properties.generalCategory != .control, "U+\(String(scalar.value, radix: 16))")
                #expect(scalar.value != 0x202e)
            }
        }
    }

    @Test func `what holds of a definition is counted, and listed only when asked`() {
        var report = SampleReports.blocked
        let passed = report.subjects[0].findings.filter { $0.verdict == .pass }
        report.subjects[0].subject.kind = .domain
        let normal = TextReport().render(report)
        #expect(normal.contains("PASS     \(passed.count) rules hold"))
        #expect(!normal.contains(passed[0].message))
        #expect(normal.contains("FAIL"))
        #expect(TextReport(detail: .verbose).render(report).contains(passed[0].message))
    }

    @Test func `colour adds escape sequences and changes nothing else`() throws {
        for detail in [TextReport.Detail.quiet, .normal, .verbose] {
            let plain = TextReport(detail: detail).render(SampleReports.blocked)
            let coloured = TextReport(detail: detail, colour: true).render(SampleReports.blocked)
            #expect(coloured.contains("\u{1b}["))
            #expect(coloured.replacing(try Regex("\u{1b}\\[[0-9]+m"), with: "") == plain)
        }
    }

    @Test(arguments: [60, 80, 100, 133])
    func `no line is wider than it may be, but for commands and words that cannot be broken`(width: Int) {
        let text = TextReport(detail: .verbose, width: width).render(SampleReports.blocked)
        for line in text.split(separator: "\n") where PlainText.columns(String(line)) > width {
            #expect(line.contains("/etc/"), "\(line)")
        }
    }

    @Test func `what could not be decided is said once for each reason`() {
        // The last paragraph repeats the reason of the rule that it turns on.
        let paragraphs = TextReport().render(SampleReports.undetermined).split(separator: "\n\n").dropLast()
        let text = paragraphs.joined(separator: "\n\n")
        #expect(text.components(of: "not in the capture") == 1)
        #expect(text.components(of: "needs privilege") == 1)
        #expect(text.contains("KVH930 KVH931"))
    }

    @Test func `quiet prints nothing that holds`() {
        let text = TextReport(detail: .quiet).render(SampleReports.blocked)
        #expect(!text.contains("PASS"))
        #expect(!text.contains("Debian"))
        #expect(TextReport(detail: .quiet).render(SampleReports.undetermined).hasPrefix("Whether this host"))
    }

    @Test func `the last sentence claims no more than was asked`() {
        func last(_ question: Question, _ report: Report) -> String {
            let text = TextReport(width: 500, question: question).render(report)
            return String(text.split(separator: "\n").last ?? "")
        }
        #expect(last(.machines, SampleReports.ready).hasPrefix("This host can run VMs. 1 warning"))
        #expect(last(.selection, SampleReports.ready).hasPrefix("The rules applied found no error. 1 warning"))
        #expect(last(.containers, SampleReports.blocked).hasPrefix("This host is not fit to run containers as it is."))
        #expect(
            last(.profiles(["sriov", "nested", "migration"]), SampleReports.undetermined)
                .hasPrefix("Whether this host can be used for sriov, nested and migration could not be decided."))
    }

    @Test func `the last line says what to do first`() {
        #expect(
            TextReport(width: 500).render(SampleReports.ready).hasSuffix(
                "Start with KVH910: /dev/vhost-net is missing.\n"))
        #expect(TextReport(width: 500).render(SampleReports.blocked).contains("not fit"))
        #expect(
            TextReport(width: 500).render(SampleReports.undetermined).contains(
                "It turns on whether e-ioctl is not so (KVH930: not in the capture)."))
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        ranges(of: text).count
    }
}
