internal import CLinux
internal import Glibc

/// Reads a command line with glibc's `getopt_long`, and says in our own words what is wrong with it.
struct OptionParser {
    /// How the command is named in messages: `kvmcheck host`.
    let name: String
    let options: [Option]
    let operands: [Operand]
    /// Whether to stop at the first operand, where the name of a command stands.
    var stopsAtOperand = false

    /// `getopt_long`'s values: the index of an option, above every letter.
    private static let firstValue: Int32 = 256

    /// What stood on the command line.
    ///
    /// - Parameter words: The words after the name of the command.
    func parse(_ words: [String]) throws(Failure) -> Arguments {
        var arguments = Arguments()
        // getopt_long takes the first word for the name of the program.
        try scan([name] + words, into: &arguments)
        for option in options {
            for value in arguments.all(option) { try check(value, of: option) }
        }
        if arguments.has(.printHelp) || stopsAtOperand { return arguments }
        for option in options where option.isRequired && !arguments.has(option) {
            throw failure("\(option.synopsis) is missing")
        }
        if arguments.operands.count > operands.count && operands.last?.isRepeatable != true {
            throw failure("unexpected operand \(Self.quoted(arguments.operands[operands.count]))")
        }
        for (operand, value) in zip(operands, arguments.operands) {
            guard let allowed = operand.allowed, !allowed.contains(value) else { continue }
            throw notAllowed(value, for: operand.placeholder, allowed)
        }
        if let missing = operands.dropFirst(arguments.operands.count).first(where: \.isRequired) {
            throw failure("\(missing.placeholder) is missing")
        }
        return arguments
    }

    // MARK: - getopt_long

    private func scan(_ words: [String], into arguments: inout Arguments) throws(Failure) {
        // The C array must outlive every call: getopt_long keeps pointers into it.
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        let originals = unsafe pointers
        var names: [UnsafeMutablePointer<CChar>?] = unsafe options.map { unsafe strdup($0.name) }
        defer {
            // SAFETY: each pointer came from strdup above and is freed once; getopt_long only reorders the array.
            for index in unsafe originals.indices { unsafe free(originals[index]) }
            for index in unsafe names.indices { unsafe free(names[index]) }
        }
        var table = unsafe [option]()
        for (index, entry) in options.enumerated() {
            unsafe table.append(
                unsafe option(
                    name: names[index], has_arg: entry.placeholder == nil ? no_argument : required_argument, flag: nil,
                    val: Self.firstValue + Int32(index)))
        }
        unsafe table.append(unsafe option())
        unsafe names.append(nil)

        // "+": stop at the first operand. ":": tell a missing argument from an unknown option.
        var letters = stopsAtOperand ? "+:" : ":"
        for entry in options {
            if let short = entry.short { letters += String(short) + (entry.placeholder == nil ? "" : ":") }
        }
        let count = Int32(words.count)
        clinux_getopt_reset()
        var answer: Int32 = 0
        // SAFETY: `pointers` holds `count` C strings and a nil; `table` ends with a zeroed entry; both outlive the loop.
        try unsafe pointers.withUnsafeMutableBufferPointer { (buffer) throws(Failure) in
            try unsafe table.withUnsafeBufferPointer { (table) throws(Failure) in
                guard let words = buffer.baseAddress else { return }
                while true {
                    answer = unsafe getopt_long(count, words, letters, table.baseAddress, nil)
                    if answer == -1 { break }
                    let index = Int(clinux_optind()) - 1
                    // SAFETY: the index is checked against the array, whose elements before `count` are C strings.
                    let word =
                        index >= 0 && index < Int(count)
                        ? unsafe words[index].map { unsafe String(cString: $0) } ?? "" : ""
                    guard let entry = entry(for: answer) else { throw fault(answer, at: word) }
                    let value = unsafe clinux_optarg().map { unsafe String(cString: $0) } ?? ""
                    if !entry.isRepeatable { arguments.values[entry.name] = [] }
                    arguments.values[entry.name, default: []].append(entry.placeholder == nil ? "" : value)
                }
                // getopt_long has moved the operands to the end.
                for index in Int(clinux_optind())..<max(Int(count), Int(clinux_optind())) {
                    // SAFETY: the index is below `count`.
                    arguments.operands.append(unsafe words[index].map { unsafe String(cString: $0) } ?? "")
                }
            }
        }
    }

    private func entry(for answer: Int32) -> Option? {
        if answer >= Self.firstValue { return options.dropFirst(Int(answer - Self.firstValue)).first }
        guard let letter = UInt8(exactly: answer) else { return nil }
        return options.first { $0.short?.asciiValue == letter && letter != 0x3f && letter != 0x3a }
    }

    // MARK: - What is wrong

    /// What `?` and `:` mean here; `optopt` tells the option where getopt_long knows it.
    private func fault(_ answer: Int32, at word: String) -> Failure {
        let about = clinux_optopt()
        if answer == 0x3a, let entry = entry(for: about) {
            return failure("\(Self.spelling(entry, in: word)) needs \(entry.placeholder ?? "an argument")")
        }
        if about >= Self.firstValue, let entry = entry(for: about) {
            return failure("--\(entry.name) takes no argument")
        }
        if about > 0x20 && about < 0x7f, let letter = UInt8(exactly: about) {
            return failure("unknown option -\(Character(Unicode.Scalar(letter)))")
        }
        let given = String(word.split(separator: "=", omittingEmptySubsequences: false).first ?? "")
        // A short option that is no ASCII letter: getopt_long is in the middle of its bytes.
        guard given.hasPrefix("--") else { return failure("unknown short option") }
        let name = String(given.dropFirst(2))
        let meant = options.map(\.name).filter { $0.hasPrefix(name) }
        if meant.count > 1 {
            return failure(
                "\(given) is ambiguous", ("can be", meant.map { "--" + $0 }.joined(separator: ", ")))
        }
        let nearest = Nearest.matches(name, among: options.map(\.name), limit: 1)
        return failure("unknown option \(given)", nearest.first.map { ("did you mean", "--\($0)?") })
    }

    private static func spelling(_ entry: Option, in word: String) -> String {
        if !word.hasPrefix("--"), let short = entry.short { return "-\(short)" }
        return "--\(entry.name)"
    }

    private func check(_ value: String, of option: Option) throws(Failure) {
        if let allowed = option.allowed, !allowed.contains(value) {
            throw notAllowed(value, for: "--\(option.name)", allowed)
        }
        if option.placeholder != nil && value.isEmpty {
            throw failure("--\(option.name) needs \(option.placeholder ?? "an argument"), not an empty word")
        }
    }

    private func notAllowed(_ value: String, for what: String, _ allowed: [String]) -> Failure {
        let nearest = Nearest.matches(value, among: allowed, limit: 1).first.map { ("did you mean", "\($0)?") }
        var result = failure("\(what) cannot be \(Self.quoted(value))", nearest)
        result.details.insert(("allowed", allowed.joined(separator: ", ")), at: 0)
        return result
    }

    private func failure(_ message: String, _ detail: (label: String, text: String)? = nil) -> Failure {
        var result = Failure(message)
        if let detail { result.details.append(detail) }
        result.details.append(("help", "\(name) --help"))
        return result
    }

    static func quoted(_ word: String) -> String { "'\(word)'" }
}
