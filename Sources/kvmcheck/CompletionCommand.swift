/// `kvmcheck completion`.
enum CompletionCommand {
    static let table = Command(
        name: "completion",
        summary: "print the completions for a shell",
        description: ["Prints a script that completes commands, options, their values and rule ids."],
        operands: [
            Operand(
                placeholder: "bash|zsh|fish", kind: .oneOf({ ["bash", "zsh", "fish"] }), isRequired: true,
                help: "the shell")
        ],
        examples: [
            ("source <(kvmcheck completion bash)", "for this bash"),
            ("kvmcheck completion bash > /etc/bash_completion.d/kvmcheck", "for every bash"),
            ("kvmcheck completion zsh > /usr/local/share/zsh/site-functions/_kvmcheck", "for every zsh"),
            ("kvmcheck completion fish > ~/.config/fish/completions/kvmcheck.fish", "for fish"),
        ],
        run: { arguments throws(Failure) in
            switch arguments.operands.first {
            case "zsh": try Output.write(ZshCompletion.script())
            case "fish": try Output.write(FishCompletion.script())
            default: try Output.write(BashCompletion.script())
            }
            return 0
        })
}
