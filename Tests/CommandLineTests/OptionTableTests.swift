import Testing

@testable import kvmcheck

extension InProcess {
    /// The tables that the parser, the help, the man page and the completions share.
    struct OptionTableTests {
        @Test(arguments: kvmcheck.Tool.commands.flatMap(\.flattened).map(\.name))
        func `names and letters are unique, and texts are in style`(name: String) throws {
            let command = try kvmcheck.Tool.command(named: name)
            #expect(Set(command.options.map(\.name)).count == command.options.count)
            let letters = command.options.compactMap(\.short)
            #expect(Set(letters).count == letters.count)
            for option in command.options {
                #expect(option.name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(option.name)")
                #expect(!option.help.isEmpty && !option.help.hasSuffix("."), "\(option.name)")
                #expect(option.help.first?.isUppercase == false, "\(option.name)")
                // The allowed words stand in shell scripts without quotes of their own.
                for word in option.allowed ?? [] { #expect(word.wholeMatch(of: /[a-z0-9-]+/) != nil, "\(word)") }
            }
            #expect(!command.summary.hasSuffix("."))
            #expect(command.description.allSatisfy { $0.hasSuffix(".") })
            #expect(command.exitCodes.map(\.code).contains(2))
        }

        @Test(arguments: kvmcheck.Tool.commands.flatMap(\.flattened).map(\.name))
        func `examples are right use`(name: String) throws {
            for example in try kvmcheck.Tool.command(named: name).examples {
                // The part that is a command of ours: up to a pipe or redirection, without quotes.
                let line = example.line.replacing("source <(", with: "").replacing(")", with: "")
                let words = line.split(whereSeparator: { "|>".contains($0) })[0].split(separator: " ").map(String.init)
                #expect(words.first == "kvmcheck")
                let names = kvmcheck.Tool.commands.flatMap(\.flattened).map(\.name)
                let pair = words.dropFirst().prefix(2).joined(separator: " ")
                let isAction = names.contains(pair)
                let command = try kvmcheck.Tool.command(named: isAction ? pair : words[1])
                var rest = Array(words.dropFirst(isAction ? 3 : 2))
                if let quote = rest.firstIndex(where: { $0.hasPrefix("\"") }) {
                    rest = rest[..<quote] + [rest[quote...].joined(separator: " ")]
                }
                let parser = OptionParser(name: "x", options: command.options, operands: command.operands)
                #expect(throws: Never.self) { try parser.parse(rest) }
            }
        }
    }
}
