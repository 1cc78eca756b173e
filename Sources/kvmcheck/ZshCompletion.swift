internal import Facts
internal import KVMCheckKit

/// Completions for zsh, by `_arguments` (zshcompsys(1)).
enum ZshCompletion {
    static func script() -> String {
        var lines = [
            "#compdef kvmcheck",
            "# made by \"kvmcheck completion zsh\"",
            "_kvmcheck_rules() {",
            "    local -a rules=(",
        ]
        lines += Catalogue.rules.map { "        \(quoted("\($0.id):\(colonless($0.title))"))" }
        lines += [
            "    )",
            "    _describe -t rules rule rules \"$@\"",
            "}",
            "_kvmcheck_rule_list() {",
            "    compset -P '*,'",
            "    _kvmcheck_rules -S ''",
            "}",
            "_kvmcheck() {",
            "    local context state state_descr line",
            "    typeset -A opt_args",
            "    _arguments -C \\",
        ]
        lines += Tool.options.map { "        \(specification($0)) \\" }
        lines += ["        '1:command:->command' '*::argument:->argument'", "    case $state in", "    command)"]
        lines += ["        local -a commands=("]
        lines += Tool.commands.map { "            \(quoted("\($0.name):\(colonless($0.summary))"))" }
        lines += [
            "        )", "        _describe -t commands command commands ;;", "    argument)",
            "        case $line[1] in",
        ]
        for command in Tool.commands {
            lines += ["        \(command.name))", "            _arguments \\"]
            var arguments = command.options.map(specification)
            if let operand = command.operands.first { arguments.append(self.operand(operand)) }
            if !command.actions.isEmpty {
                let words = command.actionWords.joined(separator: " ")
                arguments.append(
                    quoted("1:file:{_alternative \"commands:command:(\(words))\" \"files:file:_files\"}"))
            }
            lines += arguments.enumerated().map { index, text in
                "                " + text + (index == arguments.count - 1 ? " ;;" : " \\")
            }
        }
        lines += [
            "        esac ;;", "    esac", "}",
            // Both as an autoloaded function and in a file that is sourced.
            "if [[ $funcstack[1] == _kvmcheck ]]; then _kvmcheck \"$@\"; else compdef _kvmcheck kvmcheck; fi",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func specification(_ option: Option) -> String {
        let names = option.short.map { ["-\($0)", "--\(option.name)"] } ?? ["--\(option.name)"]
        return names.map { name in
            let repeated = option.isRepeatable ? "*" : ""
            let joined = option.placeholder == nil ? "" : name.hasPrefix("--") ? "=" : "+"
            return quoted("\(repeated)\(name)\(joined)[\(bracketless(option.help))]" + action(option))
        }.joined(separator: " ")
    }

    private static func action(_ option: Option) -> String {
        switch option.argument {
        case .none: ""
        case .text(let name): ":\(colonless(name)): "
        case .oneOf(let name, let words): ":\(colonless(name)):(\(words().joined(separator: " ")))"
        case .rules(let name): ":\(colonless(name)):_kvmcheck_rule_list"
        case .file(let name), .path(let name): ":\(colonless(name)):_files"
        }
    }

    private static func operand(_ operand: Operand) -> String {
        switch operand.kind {
        case .rule: quoted("1:\(colonless(operand.placeholder)):_kvmcheck_rules")
        case .file: quoted("*:\(colonless(operand.placeholder)):_files")
        case .name: quoted("*:\(colonless(operand.placeholder)): ")
        case .oneOf(let words): quoted("1:\(colonless(operand.placeholder)):(\(words().joined(separator: " ")))")
        }
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static func colonless(_ text: String) -> String { escaping(text, ":\\") }
    private static func bracketless(_ text: String) -> String { escaping(text, "[]\\:") }

    private static func escaping(_ text: String, _ special: String) -> String {
        String(text.flatMap { special.contains($0) ? ["\\", $0] : [$0] })
    }
}
