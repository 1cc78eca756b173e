@_spi(Probing) internal import Evidence
internal import Facts

/// A kernel's command line, split as the kernel splits it (lib/cmdline.c, `next_arg`).
enum KernelCommandLine {
    /// The arguments up to `--`, behind which everything is init's.
    static func parse(_ text: String) -> [KernelArgument] {
        var arguments: [KernelArgument] = []
        for word in words(text) {
            if word == "--" { break }
            guard let equals = word.firstIndex(of: "=") else {
                arguments.append(KernelArgument(unquoted(word[...])))
                continue
            }
            arguments.append(
                KernelArgument(unquoted(word[..<equals]), unquoted(word[word.index(after: equals)...])))
        }
        return arguments
    }

    /// A space between two double quotes does not end a word.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character.isWhitespace && !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func unquoted(_ text: Substring) -> String {
        String(text.filter { $0 != "\"" })
    }
}
