public import Facts

/// Everything about one rule, for `kvmcheck explain`.
public struct RuleExplanation: Sendable {
    /// How many columns a line may have.
    public var width: Int

    /// Makes a renderer for lines of `width` columns.
    public init(width: Int = 100) {
        self.width = max(40, width)
    }

    /// The rule as text, ending with a newline.
    ///
    /// - Parameter parent: The rule that `rule.parent` names, for its title.
    public func render(_ rule: RuleInfo, parent: RuleInfo? = nil) -> String {
        var lines = ["\(rule.id) \(rule.slug)", ""]
        lines += entry("holds", rule.title)
        lines += entry("area", rule.area)
        lines += entry("severity", "\(SeverityDocument.word(rule.severity)): \(Self.consequence(rule.severity))")
        if let id = rule.parent {
            lines += entry("asked if", "\(id) holds" + (parent.map { ": \($0.title)" } ?? ""))
        }
        lines += entry("why", rule.rationale)
        let isNamed = rule.remedy.text.isEmpty && rule.remedy.commands.isEmpty
        lines += entry(
            "remedy",
            isNamed
                ? "said with the host's own names in the report: kvmcheck host --select \(rule.id)" : rule.remedy.text)
        // A command is never broken: it is there to be copied.
        let label = rule.remedy.text.isEmpty ? "remedy" : ""
        for (index, command) in rule.remedy.commands.enumerated() {
            lines.append(Self.head(index == 0 ? label : "") + command)
        }
        for (index, text) in rule.explains.enumerated() {
            lines += entry(index == 0 ? "explains" : "", "“\(text)”")
        }
        for (index, source) in rule.sources.enumerated() {
            let date = source.date.isEmpty ? "" : " (\(source.date))"
            lines += entry(index == 0 ? "sources" : "", source.document + date)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func consequence(_ severity: Severity) -> String {
        switch severity {
        case .error: "VMs are refused, do not start, or cannot be reached"
        case .warning: "VMs work degraded, or at risk"
        case .note: "worth knowing"
        }
    }

    private static let margin = 12

    private static func head(_ label: String) -> String {
        "  " + label + String(repeating: " ", count: margin - 2 - label.count)
    }

    /// A label and a text that is broken beside it; nothing for an empty text.
    private func entry(_ label: String, _ text: String) -> [String] {
        PlainText.wrapped(PlainText.escaped(text), columns: width - Self.margin).enumerated().map { index, line in
            Self.head(index == 0 ? label : "") + line
        }
    }
}
