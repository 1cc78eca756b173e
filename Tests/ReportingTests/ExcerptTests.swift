import Evidence
import Facts
import Testing

@testable import Reporting

/// Places of definitions, and the lines of XML at them.
struct ExcerptTests {
    private static let place = Place("/tmp/web1.xml", line: 9, column: 27, xpath: "/domain/devices/disk/driver/@cache")
    private static let told = Place("web1", xpath: "/domain/devices/disk/driver/@cache")

    private func report(
        _ place: Place, _ lines: [Excerpt.Line], detail: TextReport.Detail = .quiet, colour: Bool = false
    )
        -> String
    {
        report([place], lines.isEmpty ? [] : [Excerpt(place: place, lines: lines)], detail: detail, colour: colour)
    }

    private func report(
        _ places: [Place], _ excerpts: [Excerpt], detail: TextReport.Detail = .quiet, colour: Bool = false
    ) -> String {
        var finding = Finding(
            rule: SampleReports.rule("KVD902", "cache-unsafe", "no cache", area: "Disks", .warning), severity: .warning,
            verdict: .fail, message: "vda has cache='unsafe'", places: places)
        finding.excerpts = excerpts
        let subject = Subject(kind: .domain, name: "web1", source: "/tmp/web1.xml")
        let report = Report(
            toolVersion: "1", generatedAt: "", subjects: [SubjectReport(subject: subject, findings: [finding])])
        return TextReport(detail: detail, colour: colour, question: .definitions("domain")).render(report)
    }

    private static func lines(numbered: Bool) -> [Excerpt.Line] {
        [
            Excerpt.Line(number: numbered ? 8 : nil, before: "    <disk type='file'>", marked: "", after: ""),
            Excerpt.Line(
                number: numbered ? 9 : nil, before: "      <driver name='qemu' ", marked: "cache='unsafe'", after: "/>"),
            Excerpt.Line(number: numbered ? 10 : nil, before: "    </disk>", marked: "", after: ""),
        ]
    }

    @Test func `the lines of a file stand behind their numbers, and carets under what is meant`() {
        #expect(
            report(Self.place, Self.lines(numbered: true)).hasPrefix(
                """
                Disks
                  WARN     vda has cache='unsafe'          KVD902
                           at   /tmp/web1.xml:9:27
                                 8 │ <disk type='file'>
                                 9 │   <driver name='qemu' cache='unsafe'/>
                                   │                       ^^^^^^^^^^^^^^
                                10 │ </disk>

                """))
    }

    @Test func `what libvirt told has a path and no numbers`() {
        #expect(
            report(Self.told, Self.lines(numbered: false)).contains(
                """
                           at   web1: /domain/devices/disk/driver/@cache
                                 │ <disk type='file'>
                                 │   <driver name='qemu' cache='unsafe'/>
                                 │                       ^^^^^^^^^^^^^^
                                 │ </disk>
                """))
    }

    @Test func `a place is told without its lines too, and of many only the first`() {
        #expect(report(Self.place, []).contains("at   /tmp/web1.xml:9:27\n"))
        let places = (1...5).map { Place("/tmp/web1.xml", line: $0, column: 1) }
        let text = report(places, [])
        #expect(text.contains("/tmp/web1.xml:3:1") && !text.contains("/tmp/web1.xml:4:1"))
        #expect(text.contains("and 2 more, with --verbose"))
        #expect(report(places, [], detail: .verbose).contains("/tmp/web1.xml:5:1"))
    }

    @Test func `carets stand under what a terminal shows, whatever it is made of`() throws {
        let line = Excerpt.Line(number: 1, before: "<名前\t\u{1b}[31m ", marked: "x='ü\u{202e}'", after: "/>")
        let text = report(Self.place, [line])
        #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        let rows = text.split(separator: "\n").map(String.init)
        let row = try #require(rows.firstIndex { $0.contains("x='ü") })
        let start = try #require(rows[row].firstRange(of: "x='ü"))
        let carets = try #require(rows[row + 1].firstRange(of: "^"))
        #expect(
            PlainText.columns(String(rows[row][..<start.lowerBound]))
                == PlainText.columns(String(rows[row + 1][..<carets.lowerBound])))
    }

    @Test func `a line that is too long is cut around what is meant, and fits`() {
        let long = String(repeating: "a='1' ", count: 100)
        for marked in ["cache='unsafe'", long] {
            let text = report(Self.place, [Excerpt.Line(number: 7, before: long, marked: marked, after: long)])
            #expect(text.contains("…") && text.contains("^^^^^"))
            for row in text.split(separator: "\n") { #expect(PlainText.columns(String(row)) <= 100) }
        }
    }

    @Test func `colour changes nothing but colour`() throws {
        let plain = report(Self.place, Self.lines(numbered: true))
        let coloured = report(Self.place, Self.lines(numbered: true), colour: true)
        #expect(coloured.contains("\u{1b}[31m^^^"))
        #expect(coloured.replacing(try Regex("\u{1b}\\[[0-9]+m"), with: "") == plain)
    }
}
