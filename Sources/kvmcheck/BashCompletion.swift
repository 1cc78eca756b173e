internal import Facts
internal import KVMCheckKit

/// Completions for bash 4.2 and later; they need no bash-completion package.
enum BashCompletion {
    static func script() -> String {
        let rules = Catalogue.rules
        var lines = [
            "# bash completion for kvmcheck, made by \"kvmcheck completion bash\"",
            "_kvmcheck() {",
            "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word",
            "    local rules=\(quoted(rules.map(\.id)))",
            "    local slugs=\(quoted(rules.map(\.slug)))",
            "    COMPREPLY=()",
            "    # bash makes a word of its own of the = in --option=value.",
            "    if [[ $current == = ]]; then",
            "        current=",
            "    elif [[ $previous == = ]] && (( COMP_CWORD > 1 )); then",
            "        previous=${COMP_WORDS[COMP_CWORD-2]}",
            "    fi",
            "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do",
            "        if [[ $word != -* ]]; then command=$word; break; fi",
            "    done",
            "    case \"$command $previous\" in",
        ]
        for command in Tool.commands {
            for option in command.options where option.placeholder != nil {
                let patterns =
                    ["\"\(command.name) --\(option.name)\""]
                    + (option.short.map { ["\"\(command.name) -\($0)\""] } ?? [])
                lines.append("    \(patterns.joined(separator: " | ")))")
                lines += values(of: option).map { "        " + $0 }
                lines.append("        return ;;")
            }
        }
        lines += ["    esac", "    case \"$command\" in"]
        for command in Tool.commands {
            lines += ["    \(command.name))", "        if [[ $current == -* ]]; then"]
            lines.append("            " + reply(words: quoted(command.options.map { "--" + $0.name })))
            if let operand = command.operands.first {
                lines += ["        else"] + completion(of: operand).map { "            " + $0 }
                if !command.actions.isEmpty {
                    lines.append(
                        "            COMPREPLY+=($(compgen -W \(quoted(command.actionWords)) -- \"$current\"))")
                }
            }
            lines += ["        fi ;;"]
        }
        let top = Tool.commands.map(\.name) + Tool.options.map { "--" + $0.name }
        lines += [
            "    '')", "        " + reply(words: quoted(top)) + " ;;", "    esac", "}",
            "complete -F _kvmcheck kvmcheck",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func values(of option: Option) -> [String] {
        switch option.argument {
        case .none, .text: return []
        case .oneOf(_, let words): return [reply(words: quoted(words()))]
        case .rules:
            // Only what follows the last comma is completed; the rest stays as it is.
            return [
                "local head=${current%\"${current##*,}\"}",
                "COMPREPLY=($(compgen -P \"$head\" -W \"$rules\" -- \"${current##*,}\"))",
            ]
        case .file, .path: return files
        }
    }

    private static func completion(of operand: Operand) -> [String] {
        switch operand.kind {
        case .rule: [reply(words: "\"$rules $slugs\"")]
        case .oneOf(let words): [reply(words: quoted(words()))]
        case .file: files
        case .name: []
        }
    }

    private static let files = [
        "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")",
        "compopt -o filenames 2>/dev/null",
    ]

    private static func reply(words: String) -> String { "COMPREPLY=($(compgen -W \(words) -- \"$current\"))" }

    /// Words of the tables hold letters, digits and hyphens only, so that quotes are enough.
    private static func quoted(_ words: [String]) -> String { "'" + words.joined(separator: " ") + "'" }
}
