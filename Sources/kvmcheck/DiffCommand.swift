internal import KVMCheckKit
internal import Reporting

/// `kvmcheck diff`.
enum DiffCommand {
    static let runtime = Option(
        "ignore-runtime",
        "leave out what libvirt adds to a running domain: aliases, ports, labels, the expanded CPU; of one name it is always left out"
    )
    static let kind = Option(
        "kind", takes: .oneOf("domain|network|pool", { ["domain", "network", "pool"] }),
        "what a name is of; by default a domain")

    static let table = Command(
        name: "diff",
        summary: "say what differs in meaning between two libvirt documents",
        description: [
            """
            Compares two XML documents of libvirt's by meaning: the order of attributes, white space and spelling (0x10 \
            and 16, 1 GiB and 1048576 KiB) make no difference, and elements count as the same by what libvirt knows \
            them by, such as a disk's target.
            """,
            """
            A name or UUID alone compares what runs with the persistent definition: what the next start will change. \
            Beside another document it stands for the persistent definition.
            """,
        ],
        operands: [
            Operand(
                placeholder: "A.xml|NAME", kind: .file, isRequired: true,
                help: "a file, -, or a name that libvirt knows"),
            Operand(
                placeholder: "B.xml|NAME", kind: .file, isRequired: false,
                help: "the second document; without it A must be a name"),
        ],
        ownOptions: [LibvirtOptions.connect, kind, runtime],
        examples: [
            ("kvmcheck diff before.xml after.xml", "what an edit has changed"),
            ("kvmcheck diff web1", "what the next start of a running domain will change"),
            ("kvmcheck diff web1 web1.xml", "what \"virsh define web1.xml\" would change"),
            ("kvmcheck diff --kind network default", "the same of a network"),
        ],
        exitCodes: [(0, "no difference"), (1, "differences"), (2, "wrong use, or a document that cannot be read")],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let kind: DefinitionKind =
            switch arguments.last(Self.kind) {
            case "network": .network
            case "pool": .pool
            default: .domain
            }
        var diff = DefinitionDiff(kind)
        diff.libvirt = LibvirtOptions.choice(arguments)
        diff.ignoresRuntime = arguments.has(runtime)
        let (first, second) = (arguments.operands[0], arguments.operands.dropFirst().first)
        if second == nil, DefinitionDiff.isFile(first) {
            throw Failure(
                "\(OptionParser.quoted(first)) is to be compared with a second document",
                ("help", "kvmcheck diff --help"))
        }
        let changes: [DefinitionChange]
        do throws(CheckError) {
            if let second {
                changes = try diff.changes(from: first, to: second)
            } else {
                changes = try diff.pendingChanges(of: first)
            }
        } catch { throw Tool.failure(error) }
        for change in changes { try Output.write(PlainText.escaped(change.description) + "\n") }
        return changes.isEmpty ? 0 : 1
    }
}
