/// `kvmcheck help`.
enum HelpCommand {
    static let table = Command(
        name: "help",
        summary: "print the help of kvmcheck, or of a command",
        description: ["Prints what kvmcheck COMMAND --help prints."],
        operands: [
            Operand(
                placeholder: "COMMAND", kind: .oneOf({ Tool.commands.map(\.name) }), isRequired: false,
                help: "the command; none for the overview", isRepeatable: true)
        ],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let help = HelpText(width: Terminal.width)
        guard !arguments.operands.isEmpty else {
            try Output.write(help.overview())
            return 0
        }
        try Output.write(help.page(try Tool.command(named: arguments.operands.joined(separator: " "))))
        return 0
    }
}
