@_spi(Probing) internal import Evidence
internal import Facts

/// What the boot loader will give the kernel at a next boot, from the files that administrators and tools edit.
///
/// Read are entries of the Boot Loader Specification that belong to the running kernel, GRUB's defaults, and
/// `/etc/kernel/cmdline`. The generated `grub.cfg` is not: it holds every menu entry, and which one is booted is
/// decided elsewhere.
enum BootConfigurations {
    /// More entries than any boot partition has kernels.
    private static let entryLimit = 256
    /// The longest command line that is still one: eight times the kernel's own limit (`COMMAND_LINE_SIZE` of x86).
    private static let textLimit = 16384
    /// More arguments than such a line can hold; variables cannot multiply them beyond this.
    private static let argumentLimit = 4096

    static func read(from source: some Source, release: Observation<String>) -> Observation<[BootConfiguration]> {
        let entries = loaderEntries("/boot/loader/entries", source, release)
        let grub = grubDefaults(source)
        var parts = [entries, grub, kernelInstall(source)]
        if entries.known?.isEmpty == true, grub.known?.isEmpty == true {
            // Where GRUB is set up, the EFI partition, which only root may read, holds no entries.
            parts += ["/boot/efi/loader/entries", "/efi/loader/entries"].map { loaderEntries($0, source, release) }
        }
        // What cannot be read may hold any argument: then nothing is known of the whole.
        if let obstacle = parts.lazy.compactMap(\.obstacle).first { return .unknown(obstacle) }
        return .known(parts.flatMap { $0.known ?? [] })
    }

    // MARK: - Boot Loader Specification

    /// Entries whose `version` or `linux` names the running kernel; systemd's Boot Loader Specification, type 1.
    private static func loaderEntries(
        _ directory: String, _ source: some Source, _ release: Observation<String>
    ) -> Observation<[BootConfiguration]> {
        var found: [BootConfiguration] = []
        let names = source.entries(directory)
        if let obstacle = names.obstacle { return .unknown(obstacle, from: names.provenance) }
        for name in (names.known ?? []).prefix(entryLimit) where name.hasSuffix(".conf") {
            guard let release = release.known else { return release.map { _ in [] } }
            let path = "\(directory)/\(name)"
            let text = source.possiblyEmptyText(path, limit: 65536)
            if let obstacle = text.obstacle { return .unknown(obstacle, from: text.provenance) }
            if let entry = entry(text.known ?? "", path, release, source) { found.append(entry) }
        }
        return .known(found)
    }

    private static func entry(
        _ text: String, _ path: String, _ release: String, _ source: some Source
    ) -> BootConfiguration? {
        var options: [Substring] = []
        var line: Int?
        var isOfRunningKernel = false
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let parts = raw.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "version": if parts[1].trimmed == release { isOfRunningKernel = true }
            case "linux": if parts[1].trimmed.hasSuffix("-" + release) { isOfRunningKernel = true }
            case "options":
                options.append(parts[1])
                line = line ?? index + 1
            default: break
            }
        }
        guard isOfRunningKernel else { return nil }
        return configuration(
            .loaderEntry, at: Place(path, line: line), options.joined(separator: " "),
            variables: { name in
                // RHEL 8 keeps the arguments of all entries in GRUB's environment block.
                let environment = source.possiblyEmptyText("/boot/grub2/grubenv").known
                return environment?.lines.first { $0.hasPrefix(name + "=") }
                    .map { String($0.dropFirst(name.count + 1)) }
            })
    }

    // MARK: - GRUB

    /// `/etc/default/grub`, then `/etc/default/grub.d/*.cfg` in order: shell files that can build on one another.
    private static func grubDefaults(_ source: some Source) -> Observation<[BootConfiguration]> {
        let main = "/etc/default/grub"
        let extra = source.entries("/etc/default/grub.d").map { names in
            names.filter { $0.hasSuffix(".cfg") }.prefix(entryLimit).map { "/etc/default/grub.d/\($0)" }
        }
        if let obstacle = extra.obstacle { return .unknown(obstacle, from: extra.provenance) }
        var values: [String: (text: String, place: Place)] = [:]
        for path in [main] + (extra.known ?? []) {
            let text = source.possiblyEmptyText(path, limit: 1 << 18)
            if let obstacle = text.obstacle { return .unknown(obstacle, from: text.provenance) }
            for (index, line) in (text.known ?? "").split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            {
                guard let (name, value) = assignment(line) else { continue }
                let old = values[name]?.text ?? ""
                let expanded = value.isAppended ? old + value.text : substitute(name, by: old, in: value.text)
                guard expanded.utf8.count <= textLimit else {
                    return .unknown(Obstacle(.tooLarge, path, "\(name) beyond \(textLimit) bytes"), from: .file(path))
                }
                values[name] = (expanded, Place(path, line: index + 1))
            }
        }
        guard !values.isEmpty else { return .known([]) }
        return .known(
            ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"].compactMap { name in
                values[name].map {
                    configuration(.grubDefaults, at: $0.place, $0.text, variables: { values[$0]?.text })
                }
            })
    }

    /// An assignment to one of the two variables that hold kernel arguments, with `=` or `+=`.
    private static func assignment(_ line: Substring) -> (String, (text: String, isAppended: Bool))? {
        let line = line.trimmed
        for name in ["GRUB_CMDLINE_LINUX_DEFAULT", "GRUB_CMDLINE_LINUX"] {
            for (sign, isAppended) in [("=", false), ("+=", true)] where line.hasPrefix(name + sign) {
                let plain = name + "=" + line.dropFirst(name.count + sign.count)
                return KeyValueFile.parse(plain)[name].map { (name, ($0, isAppended)) }
            }
        }
        return nil
    }

    /// Puts the value so far in for `$name` and `${name}`.
    private static func substitute(_ name: String, by old: String, in text: String) -> String {
        var result: [String] = []
        for word in text.words {
            result.append(word == "$\(name)" || word == "${\(name)}" ? old : String(word))
        }
        return result.joined(separator: " ")
    }

    // MARK: - kernel-install

    /// kernel-install(8): one line, or several, of arguments for kernels that are installed from now on.
    private static func kernelInstall(_ source: some Source) -> Observation<[BootConfiguration]> {
        let path = "/etc/kernel/cmdline"
        let text = source.possiblyEmptyText(path, limit: 65536)
        if text.isAbsent { return .known([]) }
        return text.map { [configuration(.kernelInstall, at: Place(path, line: 1), $0, variables: { _ in nil })] }
    }

    // MARK: - Variables

    /// Puts the values of `$name` in; a word with a variable or command whose value is not known is left out.
    private static func configuration(
        _ kind: BootConfiguration.Kind, at place: Place, _ text: String, variables: (String) -> String?
    ) -> BootConfiguration {
        var isComplete = true
        var arguments: [KernelArgument] = []
        for argument in KernelCommandLine.parse(text) {
            guard arguments.count < argumentLimit else {
                isComplete = false
                break
            }
            guard argument.text.contains(where: { $0 == "$" || $0 == "`" }) else {
                arguments.append(argument)
                continue
            }
            let name = argument.text.filter { $0 != "{" && $0 != "}" }.dropFirst()
            if argument.text.hasPrefix("$"), let value = variables(String(name)), !value.contains("$"),
                value.utf8.count <= textLimit
            {
                arguments += KernelCommandLine.parse(value)
            } else {
                isComplete = false
            }
        }
        return BootConfiguration(kind, at: place, arguments, isComplete: isComplete)
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        var text = self[...].drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
