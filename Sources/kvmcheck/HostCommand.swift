internal import Facts
internal import KVMCheckKit
internal import Reporting

/// `kvmcheck host`.
enum HostCommand {
    static let profile = Option(
        "profile", takes: .oneOf("NAME", { Catalogue.profiles.map(\.name) }), isRepeatable: true,
        "judge for this purpose; may be given more than once; by default what the driver needs")
    static let driver = Option(
        "driver", takes: .oneOf("qemu|lxc|ch", { Catalogue.drivers }),
        "what runs the VMs or containers: qemu (the default), lxc, or ch, Cloud Hypervisor")
    static let root = Option(
        "root", takes: .path("DIR|TAR"), "judge a captured tree, a directory or a tar, in place of the running machine")
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
    static let noRun = Option("no-run", "create no VM and run no guest on /dev/kvm")
    static let colour = Option(
        "color", takes: .oneOf("auto|always|never", { Terminal.ColourChoice.allCases.map(\.rawValue) }),
        "colours; auto, the default, writes them to a terminal unless NO_COLOR is set")

    static let table = Command(
        name: "host",
        summary: "judge this host, or a capture of one",
        description: [
            """
            Looks at what KVM, QEMU and libvirt need of a host and says what holds, what does not, what that rests on \
            and which commands put it right. It runs a guest of a few bytes on /dev/kvm rather than trust flags. \
            Nothing is changed. It needs no privilege; what it may not read is reported as not decided, never as a \
            fault.
            """
        ],
        ownOptions: [
            profile, driver, root, format, select, ignore, failOn, unknown, quiet, verbose, noRun, colour,
        ],
        examples: [
            ("kvmcheck host", "judge this machine"),
            ("kvmcheck host --quiet --fail-on warning", "print only what does not hold, and fail on warnings too"),
            ("kvmcheck host --format json --unknown fail", "judge it in CI, where nothing may stay undecided"),
            ("kvmcheck host --root sosreport.tar.xz", "judge another machine by its capture"),
        ],
        exitCodes: [
            (0, "nothing at or above the severity of --fail-on"),
            (1, "findings"),
            (2, "wrong use, or a fault of kvmcheck's own"),
            (3, "no finding, but a rule of that severity could not be decided"),
        ],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        guard !arguments.has(quiet) || !arguments.has(verbose) else {
            throw Failure("--quiet and --verbose exclude each other", ("help", "kvmcheck host --help"))
        }
        var check = HostCheck()
        check.profiles = arguments.all(profile)
        check.driver = arguments.last(driver) ?? check.driver
        check.root = arguments.last(root)
        check.select = try identifiers(arguments.all(select), of: select)
        check.ignore = try identifiers(arguments.all(ignore), of: ignore)
        check.runGuest = !arguments.has(noRun)

        let subject: SubjectReport
        do throws(CheckError) { subject = try check.run() } catch { throw Tool.failure(error) }
        let report = Report(toolVersion: Tool.version, generatedAt: Moment.text(Moment.seconds()), subjects: [subject])
        try Output.write(try render(report, arguments))
        return ExitCode.of(
            report, failOn: arguments.last(failOn).flatMap { Severity(rawValue: $0) } ?? .error,
            unknown: arguments.last(unknown).flatMap { ExitCode.UnknownPolicy(rawValue: $0) }
        ).rawValue
    }

    private static func render(_ report: Report, _ arguments: Arguments) throws(Failure) -> [UInt8] {
        if arguments.last(format) == "json" {
            do { return try JSONReport().render(report) } catch {
                throw Failure("the report cannot be written as JSON")
            }
        }
        let detail: TextReport.Detail =
            arguments.has(quiet) ? .quiet : arguments.has(verbose) ? .verbose : .normal
        let choice = arguments.last(colour).flatMap { Terminal.ColourChoice(rawValue: $0) } ?? .auto
        let text = TextReport(
            detail: detail, colour: Terminal.usesColour(choice), width: Terminal.width, question: question(arguments))
        return Array(text.render(report).utf8)
    }

    private static func question(_ arguments: Arguments) -> Question {
        if arguments.has(select) || arguments.has(ignore) { return .selection }
        let profiles = arguments.all(profile)
        if !profiles.isEmpty && profiles != ["kvm"] { return .profiles(profiles) }
        return arguments.last(driver) == "lxc" ? .containers : .machines
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
