internal import Evidence
internal import Facts

/// Lays out one finding of a text report: a word, the message, the id or the evidence, and what to do.
struct FindingLayout {
    /// Where messages, evidence and remedies begin: after the indent and the longest word, `UNKNOWN`.
    static let margin = 11

    let messageColumns: Int
    let width: Int
    let detail: TextReport.Detail
    /// Whether it is said where to look: of a definition it always is, of a host only where everything is printed.
    let showsPlaces: Bool
    let paint: Paint

    func lines(for finding: Finding) -> [String] {
        var lines = head(finding)
        switch finding.verdict {
        case .pass:
            lines += finding.evidence.dropFirst(detail == .verbose ? 1 : finding.evidence.count).flatMap { below($0) }
        case .fail:
            lines += finding.evidence.flatMap { below($0) }
            if showsPlaces { lines += places(finding) }
            if let remedy = finding.remedy { lines += fix(remedy) }
        case .notApplicable:
            break
        case .unknown:
            lines += below(finding.obstacle?.description ?? "")
        }
        return lines
    }

    /// The word, the id and the message.
    func summaryLines(for finding: Finding) -> [String] {
        let (word, style) = Self.label(finding)
        let start = "  " + paint(word, style) + spaces(Self.margin - 2 - word.count)
        let indent = finding.rule.id.count + 2
        let message = PlainText.wrapped(PlainText.escaped(finding.message), columns: width - Self.margin - indent)
        return message.enumerated().map { index, line in
            index == 0
                ? start + paint(finding.rule.id, .dim) + "  " + line : spaces(Self.margin + indent) + line
        }
    }

    /// The word for a verdict and severity, and its style.
    private static func label(_ finding: Finding) -> (word: String, style: Style) {
        switch (finding.verdict, finding.severity) {
        case (.pass, _): ("PASS", .green)
        case (.notApplicable, _): ("SKIP", .dim)
        case (.unknown, _): ("UNKNOWN", .magenta)
        case (.fail, .error): ("FAIL", .red)
        case (.fail, .warning): ("WARN", .yellow)
        case (.fail, .note): ("NOTE", .blue)
        }
    }

    /// The word, the message, and beside it the evidence of what holds or the id of what does not.
    private func head(_ finding: Finding) -> [String] {
        let (word, style) = Self.label(finding)
        let start = "  " + paint(word, style) + spaces(Self.margin - 2 - word.count)
        let message = PlainText.wrapped(PlainText.escaped(finding.message), columns: width - Self.margin)
        var lines = message.enumerated().map { index, line in (index == 0 ? start : spaces(Self.margin)) + line }
        if lines.isEmpty { lines = [start] }
        let last = PlainText.columns(message.last ?? "")
        let aside = asides(finding)
        guard !aside.isEmpty else { return lines }
        // In the column beside the message where there is room, else right behind it, else below it.
        let room = width - Self.margin - 2 - PlainText.columns(aside)
        let column = message.count > 1 || messageColumns > room ? last : max(last, messageColumns)
        if column <= room {
            lines[lines.count - 1] += spaces(column - last + 2) + paint(aside, .dim)
        } else {
            lines += PlainText.wrapped(aside, columns: width - Self.margin)
                .map { spaces(Self.margin) + paint($0, .dim) }
        }
        return lines
    }

    private func asides(_ finding: Finding) -> String {
        let evidence = finding.verdict == .pass ? finding.evidence.first.map(PlainText.escaped) ?? "" : ""
        // What holds needs its id only where one asks for everything.
        if finding.verdict == .pass && detail != .verbose { return evidence }
        return evidence.isEmpty ? finding.rule.id : finding.rule.id + "  " + evidence
    }

    /// A line of evidence; its continuation stands deeper, so that two lines are not taken for two facts.
    private func below(_ text: String) -> [String] {
        PlainText.wrapped(PlainText.escaped(text), columns: width - Self.margin - 2).enumerated().map { index, line in
            spaces(index == 0 ? Self.margin : Self.margin + 2) + line
        }
    }

    /// How many places are shown where not everything is.
    private static let mostPlaces = 3

    private func places(_ finding: Finding) -> [String] {
        let shown = detail == .verbose ? finding.places[...] : finding.places.prefix(Self.mostPlaces)
        let excerpts = ExcerptLayout(columns: width - Self.margin - 5, paint: paint)
        var lines = shown.flatMap { place -> [String] in
            let head = spaces(Self.margin) + paint("at   ", .dim) + PlainText.escaped(place.description)
            guard let excerpt = finding.excerpts.first(where: { $0.place == place }) else { return [head] }
            return [head] + excerpts.lines(for: excerpt).map { spaces(Self.margin + 5) + $0 }
        }
        let left = finding.places.count - shown.count
        if left > 0 { lines.append(spaces(Self.margin + 5) + "and \(left) more, with --verbose") }
        return lines
    }

    private func fix(_ remedy: Remedy) -> [String] {
        // A command is never broken: it is there to be copied.
        let texts =
            PlainText.wrapped(PlainText.escaped(remedy.text), columns: width - Self.margin - 5)
            + remedy.commands.map(PlainText.escaped)
        return texts.enumerated().map { index, line in
            spaces(Self.margin) + (index == 0 ? paint("fix  ", .bold) : spaces(5)) + line
        }
    }

    private static let blank = "                                                                "

    private func spaces(_ count: Int) -> String {
        count <= Self.blank.utf8.count
            ? String(Substring(Self.blank.utf8.prefix(max(0, count)))) : String(repeating: " ", count: count)
    }
}
