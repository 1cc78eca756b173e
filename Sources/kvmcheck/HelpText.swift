internal import KVMCheckKit
internal import Reporting

/// The help, from the tables.
struct HelpText {
    let width: Int

    init(width: Int) {
        self.width = max(50, min(width, 100))
    }

    /// What there is.
    func overview() -> String {
        var lines = ["kvmcheck \(Tool.summary)", "", "usage: kvmcheck COMMAND [OPTION]...", "", "commands:"]
        lines += columns(Tool.commands.map { ($0.name, $0.summary) })
        lines += ["", "options:"]
        lines += columns(Tool.options.map { (Self.spelling($0), $0.help) })
        lines += ["", "kvmcheck COMMAND --help tells the options of a command."]
        return lines.joined(separator: "\n") + "\n"
    }

    /// One command.
    func page(_ command: Command) -> String {
        var lines = wrapped("usage: " + Self.usage(command), indent: 7)
        for paragraph in command.description { lines += [""] + PlainText.wrapped(paragraph, columns: width) }
        if !command.operands.isEmpty {
            lines += [""] + columns(command.operands.map { ($0.placeholder, $0.help) })
        }
        if !command.actions.isEmpty {
            lines += ["", "commands:"] + columns(command.actions.map { ($0.name, $0.summary) })
        }
        lines += ["", "options:"]
        lines += columns(command.options.map { (Self.spelling($0), $0.help) })
        if command.options.contains(where: { $0.name == "profile" }) {
            lines += ["", "profiles:"] + columns(Catalogue.profiles.map { ($0.name, $0.summary) })
        }
        if !command.examples.isEmpty {
            lines += ["", "examples:"]
            for example in command.examples {
                let purpose = PlainText.wrapped(example.purpose, columns: width - 6)
                lines += ["  " + example.line] + purpose.map { "      " + $0 }
            }
        }
        lines += ["", "exit codes:"] + columns(command.exitCodes.map { (String($0.code), $0.meaning) })
        return lines.joined(separator: "\n") + "\n"
    }

    /// `kvmcheck explain ID|SLUG|TEXT`.
    static func usage(_ command: Command) -> String {
        let required = command.ownOptions.filter(\.isRequired).map(\.synopsis)
        let others = command.ownOptions.allSatisfy(\.isRequired) ? [] : ["[OPTION]..."]
        let operands = command.operands.map { operand in
            let name = operand.placeholder + (operand.isRepeatable ? "..." : "")
            return operand.isRequired ? name : "[\(name)]"
        }
        return (["kvmcheck", command.name] + required + others + operands).joined(separator: " ")
    }

    /// `-h, --help`.
    static func spelling(_ option: Option) -> String {
        (option.short.map { "-\($0), " } ?? "    ") + option.synopsis
    }

    /// Two columns, the second one broken beside the first.
    private func columns(_ rows: [(left: String, right: String)]) -> [String] {
        let left = rows.map(\.left.count).max() ?? 0
        return rows.flatMap { row in
            let texts = PlainText.wrapped(row.right, columns: width - left - 4)
            return texts.enumerated().map { index, text in
                let head = index == 0 ? row.left : ""
                return "  " + head + String(repeating: " ", count: left - head.count + 2) + text
            }
        }
    }

    private func wrapped(_ text: String, indent: Int) -> [String] {
        PlainText.wrapped(text, columns: width - indent).enumerated().map { index, line in
            index == 0 ? line : String(repeating: " ", count: indent) + line
        }
    }
}
