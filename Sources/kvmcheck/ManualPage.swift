internal import KVMCheckKit

/// kvmcheck(1), in the man macros of roff (groff_man(7)), from the tables.
enum ManualPage {
    static func text() -> String {
        var lines = [
            ".\\\" Made by \"kvmcheck man\" from the option tables.",
            ".TH KVMCHECK 1 \"\(Tool.date)\" \"kvmcheck \(Tool.version)\" \"User Commands\"",
            ".SH NAME", "kvmcheck \\- " + escaped(Tool.summary),
            ".SH SYNOPSIS",
        ]
        for command in Tool.commands.flatMap(\.flattened) {
            lines += [bold("kvmcheck \(command.name)") + synopsis(command), ".br"]
        }
        lines += [bold("kvmcheck --version"), ".SH COMMANDS"]
        for command in Tool.commands.flatMap(\.flattened) { lines += section(command) }
        lines += [".SH PROFILES", "What", bold("kvmcheck host --profile"), "takes:"]
        for profile in Catalogue.profiles { lines += [".TP", bold(profile.name), escaped(profile.summary)] }
        lines += [".SH EXIT STATUS", "Of", bold("kvmcheck host") + ":"]
        for row in HostCommand.table.exitCodes { lines += [".TP", bold(String(row.code)), escaped(row.meaning)] }
        lines += [
            ".PP", "Of the other commands: 0 where it was done, 2 for wrong use or a fault of kvmcheck's own.",
            ".SH ENVIRONMENT",
            ".TP", bold("NO_COLOR"), "Set to anything but the empty string, it switches colours off.",
            ".TP", bold("TERM"), "The value " + bold("dumb") + " does the same.",
            ".TP", bold("COLUMNS"), "The width of a line where standard output is not a terminal; 100 by default.",
            ".SH SEE ALSO", reference("virt-host-validate") + ",", reference("qemu-system-x86_64"),
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ command: Command) -> [String] {
        var lines = [".SS " + quoted("kvmcheck " + command.name)]
        for paragraph in command.description { lines += [escaped(paragraph), ".PP"] }
        if lines.last == ".PP" { lines.removeLast() }
        for operand in command.operands { lines += [".TP", italic(operand.placeholder), escaped(operand.help)] }
        for option in command.options { lines += [".TP", spelling(option), escaped(option.help)] }
        for (index, example) in command.examples.enumerated() {
            lines += [".PP", escaped(index == 0 ? "Examples: " + example.purpose : example.purpose)]
            lines += [".PP", ".RS 4", ".EX", escaped(example.line), ".EE", ".RE"]
        }
        return lines
    }

    private static func synopsis(_ command: Command) -> String {
        let usage = HelpText.usage(command).dropFirst("kvmcheck \(command.name)".count)
        return escaped(String(usage))
    }

    private static func spelling(_ option: Option) -> String {
        let name = bold("--" + option.name) + (option.placeholder.map { " " + italic($0) } ?? "")
        return option.short.map { bold("-\($0)") + ", " + name } ?? name
    }

    private static func reference(_ page: String) -> String { bold(page) + "(1)" }
    private static func bold(_ text: String) -> String { "\\fB" + escaped(text) + "\\fR" }
    private static func italic(_ text: String) -> String { "\\fI" + escaped(text) + "\\fR" }
    private static func quoted(_ text: String) -> String { "\"" + escaped(text) + "\"" }

    /// Text that roff prints as it is: an ASCII hyphen stays one (options are copied from man pages), and nothing at the
    /// beginning of a line is taken for a request.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            case "\n": result += " "
            default:
                if scalar.isASCII {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += "\\[u" + hexadecimal(scalar) + "]"
                }
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
