/// One option, as `getopt_long`, the help, the man page and the completions know it.
struct Option: Sendable {
    /// What an option takes.
    enum Argument: Sendable {
        case none
        /// Free text.
        case text(String)
        /// One of a few words; they are asked for only where they are needed.
        case oneOf(String, @Sendable () -> [String])
        /// Rule ids or prefixes of ids, separated by commas.
        case rules(String)
        /// The path of a file.
        case file(String)
        /// The path of a directory or a file.
        case path(String)
    }

    /// The long name, without the dashes.
    let name: String
    /// The short letter, if there is one.
    let short: Character?
    /// What it takes.
    let argument: Argument
    /// Whether it may be given more than once, and all its values count; otherwise the last one does.
    let isRepeatable: Bool
    /// Whether the command cannot do without it.
    let isRequired: Bool
    /// What it does, in a sentence without a full stop.
    let help: String

    init(
        _ name: String, short: Character? = nil, takes argument: Argument = .none, isRepeatable: Bool = false,
        isRequired: Bool = false, _ help: String
    ) {
        self.name = name
        self.short = short
        self.argument = argument
        self.isRepeatable = isRepeatable
        self.isRequired = isRequired
        self.help = help
    }

    /// What stands for the argument in the help; nil where there is none.
    var placeholder: String? {
        switch argument {
        case .none: nil
        case .text(let name), .oneOf(let name, _), .rules(let name), .file(let name), .path(let name): name
        }
    }

    /// The words allowed, where only a few are.
    var allowed: [String]? {
        if case .oneOf(_, let words) = argument { return words() }
        return nil
    }

    /// `--format text|json`.
    var synopsis: String { "--\(name)" + (placeholder.map { " " + $0 } ?? "") }

    /// Every command has it.
    static let printHelp = Option("help", short: "h", "print this help")
}

/// What stands on the command line without a dash.
struct Operand: Sendable {
    /// What it is, for the completions.
    enum Kind: Sendable {
        /// A rule's id or slug, or an error text.
        case rule
        /// One of a few words.
        case oneOf(@Sendable () -> [String])
        /// A file, or a name that only libvirt knows.
        case file
        /// A name that nobody here can complete.
        case name
    }

    let placeholder: String
    let kind: Kind
    let isRequired: Bool
    let help: String
    /// Whether it may stand there more than once; only the last operand may.
    var isRepeatable = false

    /// The words allowed, where only a few are.
    var allowed: [String]? {
        if case .oneOf(let words) = kind { return words() }
        return nil
    }
}

/// One command: all that is printed about it, and what it does.
struct Command: Sendable {
    let name: String
    /// One line, without a full stop.
    let summary: String
    /// Paragraphs.
    let description: [String]
    var operands: [Operand] = []
    /// Its own options; `--help` is added.
    var ownOptions: [Option] = []
    /// Command lines and what they are for.
    var examples: [(line: String, purpose: String)] = []
    /// Exit codes and what they mean.
    var exitCodes: [(code: Int, meaning: String)] = Command.plainExitCodes
    /// Commands that its first word can be, such as `ls` of `image`.
    var actions: [Command] = []
    /// Does it; the result is the exit code.
    let run: @Sendable (Arguments) throws(Failure) -> Int32

    var options: [Option] { ownOptions + [.printHelp] }
    /// Itself, and the actions under their full names: `image`, `image ls`.
    var flattened: [Command] { [self] + actions }
    /// The words of the actions: `ls`.
    var actionWords: [String] { actions.map { String($0.name.dropFirst(name.count + 1)) } }

    /// Of commands that judge nothing.
    static let plainExitCodes: [(code: Int, meaning: String)] = [
        (0, "done"), (2, "wrong use, or a fault of kvmcheck's own"),
    ]
}

/// What the parser made of a command line.
struct Arguments: Sendable {
    /// The values of each option given, by its long name, in their order; empty strings for options without argument.
    var values: [String: [String]] = [:]
    /// What stood there without a dash.
    var operands: [String] = []

    func has(_ option: Option) -> Bool { values[option.name] != nil }
    func last(_ option: Option) -> String? { values[option.name]?.last }
    func all(_ option: Option) -> [String] { values[option.name] ?? [] }
}
