internal import Evidence
public import Facts

/// The report for people: what was looked at, what holds in a line each, what does not with its evidence and commands,
/// and last whether the host is fit and what to do first.
///
/// Nothing that comes from the machine reaches the terminal raw: see ``PlainText/escaped(_:)``.
public struct TextReport: Sendable {
    /// How much is printed.
    public enum Detail: Sendable {
        /// Only what does not hold, and the last line.
        case quiet
        /// What was decided; rules whose question does not arise are left out.
        case normal
        /// Everything, with all the evidence, and where to look.
        case verbose
    }

    /// How much is printed.
    public var detail: Detail
    /// Whether to write ANSI colours.
    public var colour: Bool
    /// How many columns a line may have.
    public var width: Int

    /// What the last sentence answers.
    public var question: Question

    /// Makes a renderer; the caller decides width and colour, so that the same report gives the same bytes.
    public init(
        detail: Detail = .normal, colour: Bool = false, width: Int = 100, question: Question = .machines
    ) {
        self.question = question
        self.detail = detail
        self.colour = colour
        self.width = max(60, width)
    }

    /// The report as text, ending with a newline.
    public func render(_ report: Report) -> String {
        report.subjects.map { render($0, isAlone: report.subjects.count == 1) }.joined(separator: "\n")
    }

    private func render(_ report: SubjectReport, isAlone: Bool) -> String {
        var lines: [String] = []
        // One alone is the one that was asked about.
        if detail != .quiet || !isAlone { lines += headline(report.subject) }
        if detail != .quiet, let image = report.image { lines += ImagePicture(width: width, paint: paint).lines(image) }
        // Of a host each proof is worth a line; a definition or an image has a hundred, and its faults would drown.
        let folds = detail == .normal && report.subject.kind != .host
        let shown = report.findings.filter { isShown($0) && !(folds && $0.verdict == .pass) }
        // Short messages share one column, so that the eye runs down the ids; a long one does not push all others out.
        let widest = shown.map { PlainText.columns(PlainText.escaped($0.message)) }.filter { $0 <= 40 }.max() ?? 0
        let layout = FindingLayout(
            messageColumns: max(30, widest), width: width, detail: detail,
            showsPlaces: detail == .verbose || report.subject.kind != .host, paint: paint)
        var area = ""
        for finding in shown {
            if finding.rule.area != area {
                area = finding.rule.area
                lines += lines.isEmpty ? [paint(area, .bold)] : ["", paint(area, .bold)]
            }
            lines += layout.lines(for: finding)
        }
        if folds { lines += folded(report) }
        if detail == .normal { lines += undecided(report) }
        if detail != .quiet { lines += overview(report, layout) }
        if !lines.isEmpty { lines.append("") }
        lines += summary(report)
        return lines.joined(separator: "\n") + "\n"
    }

    /// What holds, by area: how many rules, and in which areas nothing else was found.
    private func folded(_ report: SubjectReport) -> [String] {
        let passed = report.findings.filter { $0.verdict == .pass }
        var areas: [(name: String, count: Int)] = []
        for finding in passed {
            if let index = areas.firstIndex(where: { $0.name == finding.rule.area }) {
                areas[index].count += 1
            } else {
                areas.append((finding.rule.area, 1))
            }
        }
        guard !areas.isEmpty else { return [] }
        let list = areas.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        return ["", "  " + paint("PASS", .green) + "     \(passed.count) rules hold (--verbose lists them)"]
            + wrap(list, indent: FindingLayout.margin)
    }

    private func isShown(_ finding: Finding) -> Bool {
        switch (finding.verdict, detail) {
        case (.fail, _), (_, .verbose): true
        case (.pass, .normal): true
        default: false
        }
    }

    /// What was looked at; the parts that do not fit stand on the next line.
    private func headline(_ subject: Subject) -> [String] {
        var parts = [subject.kind.rawValue + " " + subject.name] + subject.headline
        if subject.source != "live" { parts.append("from " + subject.source) }
        var lines: [String] = []
        var line = ""
        for part in parts.map(PlainText.escaped) {
            let longer = line.isEmpty ? part : line + " · " + part
            if !line.isEmpty && PlainText.columns(longer) > width {
                lines.append(line)
                line = "  " + part
            } else {
                line = longer
            }
        }
        return lines + [line]
    }

    // MARK: - What could not be decided

    /// What could not be decided, gathered by reason, so that a missing privilege, or a capture that cannot hold an
    /// ioctl's answer, is said once.
    private func undecided(_ report: SubjectReport) -> [String] {
        var reasons: [String] = []
        var groups: [String: [Finding]] = [:]
        for finding in report.findings where finding.verdict == .unknown {
            let reason = Self.reason(finding.obstacle)
            if groups[reason] == nil { reasons.append(reason) }
            groups[reason, default: []].append(finding)
        }
        guard !reasons.isEmpty else { return [] }
        var lines = ["", paint("Not decided", .bold)]
        for reason in reasons {
            let findings = groups[reason] ?? []
            lines.append("  \(paint("UNKNOWN", .magenta))  \(PlainText.escaped(reason))")
            var operations: [String] = []
            for operation in findings.compactMap(\.obstacle?.operation) where !operation.isEmpty {
                if !operations.contains(operation) { operations.append(operation) }
            }
            // What was tried matters where it can be put right; of a capture it is only a list of ioctls.
            let showsOperations = findings.first?.obstacle?.kind != .notCaptured
            if showsOperations {
                lines += wrap(operations.map(PlainText.escaped).joined(separator: ", "), indent: FindingLayout.margin)
            }
            // The ids that decide whether the host is fit come first.
            let ids = findings.filter { $0.severity == .error } + findings.filter { $0.severity != .error }
            lines += wrap(ids.map(\.rule.id).joined(separator: " "), indent: FindingLayout.margin)
        }
        return lines
    }

    /// Why something was not decided, without what was tried.
    private static func reason(_ obstacle: Obstacle?) -> String {
        guard let obstacle else { return "no reason given" }
        // A detail in words says it all; the name of an error does not.
        if obstacle.detail.contains(" ") { return obstacle.detail }
        return obstacle.detail.isEmpty ? obstacle.kind.phrase : "\(obstacle.kind.phrase) (\(obstacle.detail))"
    }

    // MARK: - The last lines

    /// Every error and warning in a line, the worst last, where the eye is when a long report has run through; nothing
    /// where the last sentence alone says it.
    private func overview(_ report: SubjectReport, _ layout: FindingLayout) -> [String] {
        let failed = report.findings.filter { $0.verdict == .fail && $0.severity > .note }
        guard failed.count > 1 else { return [] }
        let ranked = failed.filter { $0.severity == .warning } + failed.filter { $0.severity == .error }
        return ["", paint("Summary", .bold)] + ranked.flatMap(layout.summaryLines)
    }

    private func summary(_ report: SubjectReport) -> [String] {
        let verdict = question.answer(report.readiness)
        let style: Style =
            switch report.readiness {
            case .ready: .green
            case .blocked: .red
            case .undetermined: .magenta
            }
        let counts = [
            Self.counted(report.count(.fail, .error), "error"),
            Self.counted(report.count(.fail, .warning), "warning"),
            report.count(.unknown) > 0 ? "\(report.count(.unknown)) not decided" : nil,
        ].compactMap { $0 }
        var rest = counts.isEmpty ? "" : " " + counts.joined(separator: ", ") + "."
        if report.readiness == .undetermined,
            let open = report.findings.first(where: { $0.severity == .error && $0.verdict == .unknown })
        {
            rest += " It turns on whether \(open.rule.title) (\(open.rule.id): \(Self.reason(open.obstacle)))."
        } else if let first = report.first, first.severity > .note {
            rest += " Start with \(first.rule.id): \(first.message)."
        }
        var lines = wrap(verdict + PlainText.escaped(rest), indent: 0)
        guard colour else { return lines }
        // The words of the verdict, over as many lines as they take.
        var left = verdict
        for index in lines.indices where !left.isEmpty {
            let line = lines[index]
            if line.hasPrefix(left) {
                lines[index] = paint(left, style) + line.dropFirst(left.count)
                left = ""
            } else if left.hasPrefix(line) {
                lines[index] = paint(line, style)
                left = String(left.dropFirst(line.count + 1))
            }
        }
        return lines
    }

    private static func counted(_ count: Int, _ noun: String) -> String? {
        count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    // MARK: - Lines

    private var paint: Paint { Paint(isOn: colour) }

    private func wrap(_ text: String, indent: Int) -> [String] {
        PlainText.wrapped(text, columns: width - indent).map { String(repeating: " ", count: indent) + $0 }
    }
}
