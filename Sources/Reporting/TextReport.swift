internal import Evidence
public import Facts

/// The report for people: what was looked at, what holds in a line each, what does not with its evidence and commands,
/// and last whether the host is fit and what to do first.
public struct TextReport: Sendable {
    /// How much is printed.
    public enum Detail: Sendable {
        /// Only what does not hold, and the last line.
        case quiet
        /// What was decided; rules whose question does not arise are left out.
        case normal
        /// Everything, with the evidence of what holds.
        case verbose
    }

    /// How much is printed.
    public var detail: Detail
    /// Whether to write ANSI colours.
    public var colour: Bool
    /// How many columns a line may have.
    public var width: Int

    /// Makes a renderer; the caller decides width and colour, so that the same report gives the same bytes.
    public init(detail: Detail = .normal, colour: Bool = false, width: Int = 100) {
        self.detail = detail
        self.colour = colour
        self.width = max(60, width)
    }

    /// The report as text, ending with a newline.
    public func render(_ report: Report) -> String {
        report.subjects.map(render).joined(separator: "\n")
    }

    private func render(_ report: SubjectReport) -> String {
        var lines = [
            ([report.subject.kind.rawValue + " " + report.subject.name] + report.subject.headline)
                .joined(separator: " · ")
        ]
        var area = ""
        for finding in report.findings where isShown(finding) {
            if finding.rule.area != area {
                area = finding.rule.area
                lines += ["", style(area, .bold)]
            }
            lines += self.lines(for: finding)
        }
        lines += undecided(report) + ["", summary(report)]
        return lines.joined(separator: "\n") + "\n"
    }

    private func isShown(_ finding: Finding) -> Bool {
        switch (finding.verdict, detail) {
        case (.fail, _), (_, .verbose): true
        case (.pass, .normal): true
        default: false
        }
    }

    // MARK: - Findings

    private func lines(for finding: Finding) -> [String] {
        let word = label(finding)
        let head = "  \(style(padded(word, 8), colour(of: finding))) "
        switch finding.verdict {
        case .pass:
            let detail = finding.evidence.first.map { "  " + style($0, .dim) } ?? ""
            var lines = [head + padded(finding.message, detail.isEmpty ? 0 : 38) + detail]
            if self.detail == .verbose { lines += finding.evidence.dropFirst().map { indent($0) } }
            return lines
        case .fail:
            var lines = [head + padded(finding.message, 38) + "  " + style(finding.rule.id, .dim)]
            lines += finding.evidence.flatMap { wrap($0) }
            if let remedy = finding.remedy {
                var first = "fix  "
                if !remedy.text.isEmpty {
                    for line in wrap(remedy.text, indent: 16) {
                        lines.append(String(repeating: " ", count: 11) + first + line.drop { $0 == " " })
                        first = "     "
                    }
                }
                for command in remedy.commands {
                    lines.append(String(repeating: " ", count: 11) + first + command)
                    first = "     "
                }
            }
            return lines
        case .notApplicable, .unknown:
            let reason = finding.verdict == .unknown ? finding.obstacle?.description ?? "" : ""
            return [head + padded(finding.message, 38) + "  " + style(finding.rule.id, .dim)]
                + (reason.isEmpty ? [] : wrap(reason))
        }
    }

    /// What could not be decided, gathered by reason, so that a missing privilege is said once.
    private func undecided(_ report: SubjectReport) -> [String] {
        guard detail == .normal else { return [] }
        var reasons: [String] = []
        var ids: [String: [String]] = [:]
        for finding in report.findings where finding.verdict == .unknown {
            let reason = finding.obstacle?.description ?? ""
            if ids[reason] == nil { reasons.append(reason) }
            ids[reason, default: []].append(finding.rule.id)
        }
        guard !reasons.isEmpty else { return [] }
        var lines = ["", style("Not decided", .bold)]
        for reason in reasons {
            lines.append("  \(style(padded("UNKNOWN", 8), .magenta)) \(reason)")
            lines += wrap((ids[reason] ?? []).joined(separator: " "))
        }
        return lines
    }

    private func summary(_ report: SubjectReport) -> String {
        let verdict =
            switch report.readiness {
            case .ready: style("This host can run VMs.", .green)
            case .blocked: style("This host is not fit to run VMs as it is.", .red)
            case .undetermined: style("Whether this host can run VMs could not be decided.", .magenta)
            }
        let errors = report.count(.fail, .error)
        let warnings = report.count(.fail, .warning)
        let unknown = report.count(.unknown)
        let counts = [
            errors > 0 ? "\(errors) error\(errors == 1 ? "" : "s")" : nil,
            warnings > 0 ? "\(warnings) warning\(warnings == 1 ? "" : "s")" : nil,
            unknown > 0 ? "\(unknown) not decided" : nil,
        ].compactMap { $0 }
        var sentence = verdict
        if !counts.isEmpty { sentence += " " + counts.joined(separator: ", ") + "." }
        if let first = report.first, first.severity > .note {
            sentence += " Start with \(first.rule.id): \(first.message)."
        }
        return sentence
    }

    private func label(_ finding: Finding) -> String {
        switch finding.verdict {
        case .pass: "PASS"
        case .notApplicable: "SKIP"
        case .unknown: "UNKNOWN"
        case .fail:
            switch finding.severity {
            case .error: "FAIL"
            case .warning: "WARN"
            case .note: "NOTE"
            }
        }
    }

    // MARK: - Lines

    private enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
    }

    private func colour(of finding: Finding) -> Style {
        switch label(finding) {
        case "PASS": .green
        case "FAIL": .red
        case "WARN": .yellow
        case "NOTE": .blue
        case "UNKNOWN": .magenta
        default: .dim
        }
    }

    private func style(_ text: String, _ style: Style) -> String {
        colour ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    private func padded(_ text: String, _ count: Int) -> String {
        text + String(repeating: " ", count: max(0, count - text.count))
    }

    private func indent(_ text: String) -> String { String(repeating: " ", count: 11) + text }

    /// Breaks a text at spaces, every line indented.
    private func wrap(_ text: String, indent: Int = 11) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty && indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return line.isEmpty ? lines : lines + [margin + line]
    }
}
