import Facts
import Reporting
import Testing

/// The reports byte for byte; the number in a file's name is the exit code that goes with it.
struct GoldenTests {
    static let samples: [(name: String, report: Report, code: ExitCode)] = [
        ("host.0", SampleReports.ready, .success),
        ("host.1", SampleReports.blocked, .findings),
        ("host.3", SampleReports.undetermined, .undecided),
    ]

    @Test(arguments: 0..<3)
    func `text`(index: Int) throws {
        let sample = Self.samples[index]
        try Golden.expect(Array(TextReport().render(sample.report).utf8), sample.name + ".txt")
        #expect(ExitCode.of(sample.report, failOn: .error) == sample.code)
        #expect(sample.name.hasSuffix("\(sample.code.rawValue)"))
    }

    @Test(arguments: 0..<3)
    func `JSON`(index: Int) throws {
        let sample = Self.samples[index]
        try Golden.expect(try JSONReport().render(sample.report), sample.name + ".json")
    }

    @Test func `text that is quiet, verbose, in colour, and narrow`() throws {
        let report = SampleReports.blocked
        try Golden.expect(Array(TextReport(detail: .quiet).render(report).utf8), "host.1.quiet.txt")
        try Golden.expect(Array(TextReport(detail: .verbose).render(report).utf8), "host.1.verbose.txt")
        try Golden.expect(Array(TextReport(colour: true).render(report).utf8), "host.1.colour.txt")
        try Golden.expect(Array(TextReport(width: 60).render(report).utf8), "host.1.narrow.txt")
    }
}
