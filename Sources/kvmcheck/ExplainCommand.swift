internal import Facts
internal import KVMCheckKit
internal import Reporting

/// `kvmcheck explain`.
enum ExplainCommand {
    static let table = Command(
        name: "explain",
        summary: "explain a rule, or an error text of QEMU or libvirt",
        description: [
            """
            Prints what a rule asks for, why, what to do where it fails, and what it rests on. The rule is named by \
            its id, its slug, or the text of an error that it explains.
            """
        ],
        operands: [
            Operand(placeholder: "ID|SLUG|TEXT", kind: .rule, isRequired: true, help: "a rule, or an error text")
        ],
        examples: [
            ("kvmcheck explain KVH001", "by the id"),
            ("kvmcheck explain kvm-device-missing", "by the slug"),
            (#"kvmcheck explain "Could not access KVM kernel module""#, "by an error text"),
        ],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let query = arguments.operands.first ?? ""
        let found = Catalogue.explain(query)
        let rules = Catalogue.rules
        guard !found.isEmpty else {
            var failure = Failure("no rule has this id or slug, or explains this text: \(OptionParser.quoted(query))")
            let nearest = Nearest.matches(query, among: rules.map(\.id) + rules.map(\.slug))
            if !nearest.isEmpty { failure.details.append(("nearest", nearest.joined(separator: ", "))) }
            failure.details.append(("list", "kvmcheck rules"))
            throw failure
        }
        let best = found[0]
        let parent = best.parent.flatMap { id in rules.first { $0.id == id } }
        var text = RuleExplanation(width: Terminal.width).render(best, parent: parent)
        // A short text can fit many rules; whole pages of all of them would bury the best one.
        if found.count > 1 {
            text += "\nThe text fits these rules too:\n"
            for rule in found.dropFirst() { text += "  \(rule.id)  \(rule.title)\n" }
        }
        try Output.write(text)
        return 0
    }
}
