internal import Facts
internal import KVMCheckKit

/// Completions for fish, by `complete` (fish 3).
enum FishCompletion {
    static func script() -> String {
        var lines = [
            "# made by \"kvmcheck completion fish\"",
            "function __kvmcheck_rules",
            "    printf '%s\\n' \\",
        ]
        let rules = Catalogue.rules.map { "        " + quoted("\($0.id)\t\($0.title)") }
        lines += rules.enumerated().map { index, line in index == rules.count - 1 ? line : line + " \\" }
        lines += [
            "end",
            "function __kvmcheck_rule_list",
            "    set -l head (commandline -ct | string replace -r -- '[^,=]*$' '' | string replace -r -- '^--[a-z-]+=' '')",
            "    for rule in (__kvmcheck_rules)",
            "        echo \"$head$rule\"",
            "    end",
            "end",
            "complete -c kvmcheck -f",
        ]
        for command in Tool.commands {
            lines.append(
                "complete -c kvmcheck -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))")
        }
        lines += Tool.options.map { complete($0, when: "__fish_use_subcommand") }
        for command in Tool.commands {
            let condition = quoted("__fish_seen_subcommand_from \(command.name)")
            lines += command.options.map { complete($0, when: condition) }
            switch command.operands.first?.kind {
            case .rule: lines.append("complete -c kvmcheck -n \(condition) -a '(__kvmcheck_rules)'")
            case .oneOf(let words):
                lines.append("complete -c kvmcheck -n \(condition) -a \(quoted(words().joined(separator: " ")))")
            case .file: lines.append("complete -c kvmcheck -n \(condition) -F")
            case .name, nil: break
            }
            if !command.actions.isEmpty {
                lines.append(
                    "complete -c kvmcheck -n \(condition) -a \(quoted(command.actionWords.joined(separator: " ")))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func complete(_ option: Option, when condition: String) -> String {
        let short = option.short.map { " -s \($0)" } ?? ""
        let values =
            switch option.argument {
            case .none: ""
            case .text: " -x"
            case .oneOf(_, let words): " -x -a \(quoted(words().joined(separator: " ")))"
            case .rules: " -x -a '(__kvmcheck_rule_list)'"
            case .file, .path: " -r -F"
            }
        return "complete -c kvmcheck -n \(condition) -l \(option.name)\(short)\(values) -d \(quoted(option.help))"
    }

    private static func quoted(_ text: String) -> String {
        "'" + String(text.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }) + "'"
    }
}
