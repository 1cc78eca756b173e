internal import KVMCheckKit
internal import Reporting

/// The program as a whole.
enum Tool {
    static let name = "kvmcheck"
    static var version: String { Version.current }
    /// When the version was made, for the man page.
    static let date = "2026-11-20"
    static let summary = "says whether a Linux host is fit to run KVM virtual machines, and proves it"

    /// Every command, in the order of the help.
    static let commands: [Command] = [
        HostCommand.table, DefinitionCommand.vm, DefinitionCommand.network, DefinitionCommand.net,
        DefinitionCommand.pool, ImageCommand.table, DiffCommand.table, CollectCommand.table, RulesCommand.table,
        ExplainCommand.table, CompletionCommand.table,
        ManualCommand.table, HelpCommand.table,
    ]

    /// The options before a command.
    static let options: [Option] = [.printHelp, Option("version", "print the version")]

    /// Does what the command line says; the result is the exit code.
    static func run(_ words: [String]) -> Int32 {
        do {
            return try dispatch(words)
        } catch {
            Output.complain(error.text)
            return ExitCode.fault.rawValue
        }
    }

    private static func dispatch(_ words: [String]) throws(Failure) -> Int32 {
        let parser = OptionParser(name: name, options: options, operands: [], stopsAtOperand: true)
        let arguments = try parser.parse(words)
        if arguments.has(.printHelp) {
            try Output.write(HelpText(width: Terminal.width).overview())
            return 0
        }
        if arguments.values["version"] != nil {
            try Output.write("\(name) \(version)\n")
            return 0
        }
        guard let word = arguments.operands.first else {
            Output.complain(HelpText(width: Terminal.width).overview())
            return ExitCode.fault.rawValue
        }
        let rest = Array(arguments.operands.dropFirst())
        let outer = try command(named: word)
        let action = outer.actions.first { $0.name == "\(word) \(rest.first ?? "")" }
        let command = action ?? outer
        let given = try OptionParser(
            name: "\(name) \(command.name)", options: command.options, operands: command.operands
        )
        .parse(action == nil ? rest : Array(rest.dropFirst()))
        if given.has(.printHelp) {
            try Output.write(HelpText(width: Terminal.width).page(command))
            return 0
        }
        return try command.run(given)
    }

    static func command(named word: String) throws(Failure) -> Command {
        if let command = commands.flatMap(\.flattened).first(where: { $0.name == word }) { return command }
        var failure = Failure("unknown command \(OptionParser.quoted(word))")
        if let nearest = Nearest.matches(word, among: commands.map(\.name), limit: 1).first {
            failure.details.append(("did you mean", "\(nearest)?"))
        }
        failure.details.append(("commands", commands.map(\.name).joined(separator: ", ")))
        throw failure
    }

    /// A fault of the library's, as this program prints it.
    static func failure(_ error: CheckError) -> Failure {
        var failure = Failure(error.message)
        failure.details = error.context.map { ("", $0) }
        return failure
    }
}
