internal import KVMCheckKit
internal import Reporting

/// `kvmcheck diff`.
enum DiffCommand {
    static let runtime = Option(
        "ignore-runtime", "leave out what libvirt adds to a running domain: aliases, ports, labels, the expanded CPU")

    static let table = Command(
        name: "diff",
        summary: "say what differs in meaning between two libvirt documents",
        description: [
            """
            Compares two XML documents of libvirt's by meaning: the order of attributes, white space and spelling (0x10 \
            and 16, 1 GiB and 1048576 KiB) make no difference, and elements count as the same by what libvirt knows \
            them by, such as a disk's target.
            """
        ],
        operands: [
            Operand(placeholder: "A.xml", kind: .file, isRequired: true, help: "the first document"),
            Operand(placeholder: "B.xml", kind: .file, isRequired: true, help: "the second document"),
        ],
        ownOptions: [runtime],
        examples: [
            ("kvmcheck diff before.xml after.xml", "what an edit has changed")
        ],
        exitCodes: [(0, "no difference"), (1, "differences"), (2, "wrong use, or a document that cannot be read")],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let changes: [DefinitionChange]
        do throws(CheckError) {
            changes = try DefinitionDiff.changes(
                from: arguments.operands[0], to: arguments.operands[1], ignoringRuntime: arguments.has(runtime))
        } catch { throw Tool.failure(error) }
        for change in changes { try Output.write(PlainText.escaped(change.description) + "\n") }
        return changes.isEmpty ? 0 : 1
    }
}
