internal import KVMCheckKit
internal import Reporting

/// `kvmcheck rules`.
enum RulesCommand {
    static let format = Option(
        "format", takes: .oneOf("text|json|markdown", { ["text", "json", "markdown"] }), "the form of the list")

    static let table = Command(
        name: "rules",
        summary: "list every rule",
        description: ["Lists the rules by area: id, severity, slug, and what holds where the rule passes."],
        ownOptions: [format],
        examples: [("kvmcheck rules --format json", "everything there is to say about each rule")],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let listing = RuleListing(Catalogue.rules)
        switch arguments.last(format) {
        case "json":
            let bytes: [UInt8]
            do {
                bytes = try listing.json(toolVersion: Tool.version)
            } catch {
                throw Failure("the rules cannot be written as JSON")
            }
            try Output.write(bytes)
        case "markdown": try Output.write(listing.markdown())
        default: try Output.write(listing.text())
        }
        return 0
    }
}
