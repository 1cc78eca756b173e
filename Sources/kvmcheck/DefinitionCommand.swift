internal import Facts
internal import KVMCheckKit
internal import Reporting

/// `kvmcheck vm`, `kvmcheck network` and `kvmcheck pool`: one command for each kind of object that libvirt defines.
struct DefinitionCommand {
    private let kind: DefinitionKind
    /// What one of them is called.
    private let noun: String
    private let command: String

    static let vm = DefinitionCommand(kind: .domain, noun: "domain", command: "vm").table(
        summary: "judge virtual machines by their libvirt definitions", example: "web1")
    static let network = DefinitionCommand(kind: .network, noun: "network", command: "network").table(
        summary: "judge libvirt's virtual networks by their definitions", example: "default")
    /// virsh's word for it.
    static let net = DefinitionCommand(kind: .network, noun: "network", command: "net").table(
        summary: "the same as network", example: "default")
    static let pool = DefinitionCommand(kind: .pool, noun: "pool", command: "pool").table(
        summary: "judge libvirt's storage pools by their definitions", example: "images")

    private static let every = Option("all", "judge every one that libvirt knows")
    private static let list = Option("list", "list what libvirt knows, and judge nothing")
    private static let agent = Option(
        "agent",
        "ask the guest agents of running domains too: system, host name, addresses, file systems; libvirt answers that on a connection that could change things, and may want a password"
    )
    private static let showXML = Option(
        "show-xml", "print the lines of XML that a finding speaks of, underlined; passwords are hidden")

    private var ownOptions: [Option] {
        // Only domains have an agent in them.
        [LibvirtOptions.connect, Self.every, Self.list] + (kind == .domain ? [Self.agent] : []) + [Self.showXML]
    }

    private func table(summary: String, example: String) -> Command {
        let command = self
        return Command(
            name: self.command,
            summary: summary,
            description: [
                """
                Looks at the definition of a \(noun): one that libvirt knows, by name or UUID, or that of an XML file, of \
                each document in it, of each file of a directory, or of standard input (-). What libvirt would refuse, \
                what puts data at risk and what is slow are findings that point to the line. Nothing is changed, and \
                libvirt is asked by a read-only connection; without a daemon its files in /etc/libvirt are read.
                """
            ],
            operands: [
                Operand(
                    placeholder: "NAME|FILE", kind: .file, isRequired: false,
                    help: "a name or UUID, a file or directory of XML, or - for standard input", isRepeatable: true)
            ],
            ownOptions: ownOptions + ReportOptions.all,
            examples: [
                ("kvmcheck \(self.command) \(example)", "judge one that libvirt knows"),
                ("kvmcheck \(self.command) --all --quiet", "judge all of them, and print only what does not hold"),
                ("kvmcheck \(self.command) \(example).xml", "judge a file, without libvirt"),
            ],
            exitCodes: ReportOptions.exitCodes,
            run: { (arguments) throws(Failure) in try command.run(arguments) })
    }

    private func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        try ReportOptions.check(arguments, command: command)
        var check = DefinitionCheck(kind)
        check.libvirt = LibvirtOptions.choice(arguments)
        check.asksAgents = arguments.has(Self.agent)
        if arguments.has(Self.list) {
            let listing: DefinitionListing
            do throws(CheckError) { listing = try check.list() } catch { throw Tool.failure(error) }
            try Output.write(Self.text(of: listing))
            if let folder = listing.folder {
                Output.complain(
                    "kvmcheck: no libvirt daemon answers: this is what \(PlainText.escaped(folder)) defines\n")
            }
            return 0
        }
        guard arguments.has(Self.every) != !arguments.operands.isEmpty else {
            throw Failure(
                arguments.has(Self.every) ? "--all and names exclude each other" : "no name and no file is given",
                ("help", "kvmcheck \(command) --help"))
        }
        check.select = try ReportOptions.selected(arguments)
        check.ignore = try ReportOptions.ignored(arguments)
        check.showsXML = arguments.has(Self.showXML)
        let result: DefinitionCheck.Result
        let line = ProgressLine()
        do throws(CheckError) {
            result = try check.run(on: arguments.operands) { line.show($0) }
            line.erase()
        } catch {
            line.erase()
            throw Tool.failure(error)
        }
        // What could not be read does not keep the others from being judged.
        for problem in result.problems { Output.complain(Tool.failure(problem).text) }
        let picked = arguments.has(ReportOptions.select) || arguments.has(ReportOptions.ignore)
        guard !result.reports.isEmpty else { return result.problems.isEmpty ? 0 : ExitCode.fault.rawValue }
        let code = try ReportOptions.finish(
            result.reports, arguments, question: picked ? .selection : .definitions(noun))
        return result.problems.isEmpty ? code : ExitCode.fault.rawValue
    }

    /// The list as virsh lays it out: a space before each row, three between columns, dashes below the heads.
    private static func text(of listing: DefinitionListing) -> String {
        let rows = [listing.heads] + listing.rows.map { $0.map(PlainText.escaped) }
        let widths = listing.heads.indices.map { column in
            rows.compactMap { column < $0.count ? PlainText.columns($0[column]) : nil }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += (column == 0 ? " " : "   ") + cell
                if column + 1 < row.count {
                    line += String(repeating: " ", count: max(0, widths[column] - PlainText.columns(cell)))
                }
            }
            return line + "\n"
        }
        let dashes = String(repeating: "-", count: widths.reduce(2) { $0 + $1 + 3 } - 1)
        return line(listing.heads) + dashes + "\n" + rows.dropFirst().map(line).joined()
    }
}
