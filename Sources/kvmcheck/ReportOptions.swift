internal import Facts
internal import KVMCheckKit
internal import Reporting

/// The options that every command with a report has, and how a report leaves the program.
enum ReportOptions {
    static let format = Option("format", takes: .oneOf("text|json", { ["text", "json"] }), "the form of the report")
    static let select = Option(
        "select", takes: .rules("IDS"), isRepeatable: true,
        "apply only these rules: ids or prefixes, separated by commas")
    static let ignore = Option(
        "ignore", takes: .rules("IDS"), isRepeatable: true,
        "leave these rules out: ids or prefixes, separated by commas")
    static let failOn = Option(
        "fail-on", takes: .oneOf("error|warning|note", { Severity.allCases.reversed().map(\.rawValue) }),
        "the least severity that makes the exit code 1; by default error")
    static let unknown = Option(
        "unknown", takes: .oneOf("fail|pass", { ExitCode.UnknownPolicy.allCases.map(\.rawValue) }),
        "let a rule that could not be decided count as a finding, or not at all, in place of exit code 3")
    static let quiet = Option("quiet", short: "q", "print only what does not hold, and the last line")
    static let verbose = Option(
        "verbose", short: "v", "print everything: skipped rules, all evidence, and where to look")
    static let colour = Option(
        "color", takes: .oneOf("auto|always|never", { Terminal.ColourChoice.allCases.map(\.rawValue) }),
        "colours; auto, the default, writes them to a terminal unless NO_COLOR is set")

    static let all = [format, select, ignore, failOn, unknown, quiet, verbose, colour]

    /// The exit codes of a command that judges.
    static let exitCodes: [(code: Int, meaning: String)] = [
        (0, "nothing at or above the severity of --fail-on"),
        (1, "findings"),
        (2, "wrong use, or a fault of kvmcheck's own"),
        (3, "no finding, but a rule of that severity could not be decided"),
    ]

    /// What the parser cannot see.
    static func check(_ arguments: Arguments, command: String) throws(Failure) {
        guard !arguments.has(quiet) || !arguments.has(verbose) else {
            throw Failure("--quiet and --verbose exclude each other", ("help", "kvmcheck \(command) --help"))
        }
    }

    static func selected(_ arguments: Arguments) throws(Failure) -> [String] {
        try identifiers(arguments.all(select), of: select)
    }

    static func ignored(_ arguments: Arguments) throws(Failure) -> [String] {
        try identifiers(arguments.all(ignore), of: ignore)
    }

    /// Prints the reports; the result is the exit code.
    static func finish(
        _ subjects: [SubjectReport], _ arguments: Arguments, question: Question
    ) throws(Failure) -> Int32 {
        let report = Report(toolVersion: Tool.version, generatedAt: Moment.text(Moment.seconds()), subjects: subjects)
        try Output.write(try render(report, arguments, question))
        return ExitCode.of(
            report, failOn: arguments.last(failOn).flatMap { Severity(rawValue: $0) } ?? .error,
            unknown: arguments.last(unknown).flatMap { ExitCode.UnknownPolicy(rawValue: $0) }
        ).rawValue
    }

    private static func render(
        _ report: Report, _ arguments: Arguments, _ question: Question
    ) throws(Failure) -> [UInt8] {
        if arguments.last(format) == "json" {
            do { return try JSONReport().render(report) } catch {
                throw Failure("the report cannot be written as JSON")
            }
        }
        let detail: TextReport.Detail =
            arguments.has(quiet) ? .quiet : arguments.has(verbose) ? .verbose : .normal
        let choice = arguments.last(colour).flatMap { Terminal.ColourChoice(rawValue: $0) } ?? .auto
        let text = TextReport(
            detail: detail, colour: Terminal.usesColour(choice), width: Terminal.width, question: question)
        return Array(text.render(report).utf8)
    }

    /// The ids and prefixes in the values of an option; each must name a rule.
    private static func identifiers(_ values: [String], of option: Option) throws(Failure) -> [String] {
        guard !values.isEmpty else { return [] }
        let known = Catalogue.rules.map(\.id)
        var result: [String] = []
        for word in values.flatMap({ $0.split(separator: ",").map(String.init) }) {
            let id = word.uppercased()
            guard known.contains(where: { $0.hasPrefix(id) }) else {
                var failure = Failure("--\(option.name): no rule has the id \(OptionParser.quoted(word))")
                let nearest = Nearest.matches(word, among: known)
                if !nearest.isEmpty { failure.details.append(("nearest", nearest.joined(separator: ", "))) }
                failure.details.append(("list", "kvmcheck rules"))
                throw failure
            }
            result.append(id)
        }
        // "--select ," must not mean "all".
        guard !result.isEmpty else { throw Failure("--\(option.name) names no rule", ("list", "kvmcheck rules")) }
        return result
    }
}
