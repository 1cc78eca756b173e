internal import Facts
internal import KVMCheckKit
internal import Reporting

/// `kvmcheck vm`.
enum VMCommand {
    static let connect = Option(
        "connect", short: "c", takes: .text("URI"),
        "the libvirt to ask, as virsh's --connect; else LIBVIRT_DEFAULT_URI, or libvirt's own choice")
    static let every = Option("all", "judge every domain that libvirt knows")
    static let list = Option("list", "list the domains that libvirt knows, and judge none")

    static let table = Command(
        name: "vm",
        summary: "judge virtual machines by their libvirt definitions",
        description: [
            """
            Looks at the definition of a domain: one that libvirt knows, by name or UUID, or that of an XML file, of \
            each document in it, of each file of a directory, or of standard input (-). What libvirt would refuse, what \
            puts data at risk and what is slow are findings that point to the line. Nothing is changed, and libvirt is \
            asked by a read-only connection.
            """
        ],
        operands: [
            Operand(
                placeholder: "DOMAIN|FILE", kind: .file, isRequired: false,
                help: "a domain's name or UUID, a file or directory of XML, or - for standard input", isRepeatable: true
            )
        ],
        ownOptions: [connect, every, list] + ReportOptions.all,
        examples: [
            ("kvmcheck vm web1", "judge a domain that libvirt knows"),
            ("kvmcheck vm --all --quiet", "judge all of them, and print only what does not hold"),
            ("kvmcheck vm web1.xml", "judge a file, without libvirt"),
            ("kvmcheck vm /etc/libvirt/qemu", "judge a directory of definitions"),
        ],
        exitCodes: ReportOptions.exitCodes,
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        try ReportOptions.check(arguments, command: "vm")
        var check = DomainCheck()
        check.connect = arguments.last(connect)
        check.environmentURI = Terminal.environment("LIBVIRT_DEFAULT_URI")
        if arguments.has(list) {
            let listing: [DomainListing]
            do throws(CheckError) { listing = try check.list() } catch { throw Tool.failure(error) }
            try Output.write(text(of: listing))
            return 0
        }
        guard arguments.has(every) != !arguments.operands.isEmpty else {
            throw Failure(
                arguments.has(every) ? "--all and names exclude each other" : "no domain and no file is given",
                ("help", "kvmcheck vm --help"))
        }
        check.select = try ReportOptions.selected(arguments)
        check.ignore = try ReportOptions.ignored(arguments)
        let result: DomainCheck.Result
        do throws(CheckError) { result = try check.run(on: arguments.operands) } catch { throw Tool.failure(error) }
        // What could not be read does not keep the others from being judged.
        for problem in result.problems { Output.complain(Tool.failure(problem).text) }
        let picked = arguments.has(ReportOptions.select) || arguments.has(ReportOptions.ignore)
        guard !result.reports.isEmpty else { return ExitCode.fault.rawValue }
        let code = try ReportOptions.finish(result.reports, arguments, question: picked ? .selection : .domains)
        return result.problems.isEmpty ? code : ExitCode.fault.rawValue
    }

    private static func text(of listing: [DomainListing]) -> String {
        let widest = max(4, listing.map { PlainText.escaped($0.name).count }.max() ?? 0)
        func row(_ name: String, _ state: String, _ uuid: String) -> String {
            let name = PlainText.escaped(name)
            return name + String(repeating: " ", count: max(0, widest + 2 - name.count)) + state
                + String(repeating: " ", count: max(0, 14 - state.count)) + uuid + "\n"
        }
        return row("Name", "State", "UUID") + listing.map { row($0.name, $0.state, $0.uuid) }.joined()
    }
}
