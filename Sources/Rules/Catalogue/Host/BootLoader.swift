internal import Evidence
internal import Facts

/// The commands by which a distribution changes what its kernels are booted with.
enum BootLoader {
    /// Adds one argument for good, from the next boot on.
    static func adding(_ argument: String, on host: HostFacts) -> Remedy {
        guard isPlain(argument) else {
            return Remedy("add the argument to the boot loader's configuration, then reboot")
        }
        return Remedy("then reboot", commands: changing(add: argument, remove: nil, on: host))
    }

    /// Takes one argument away for good, from the next boot on.
    static func removing(_ argument: String, on host: HostFacts) -> Remedy {
        guard isPlain(argument) else { return Remedy("take the argument off the kernel's command line, then reboot") }
        return Remedy("then reboot", commands: changing(add: nil, remove: argument, on: host))
    }

    /// Whether a text from a machine's files can stand in a command that someone will paste into a root shell: none of
    /// its characters means anything to a shell or ends a quotation. A captured tree can come from anyone.
    static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || " ._,=:+/@%-".utf8.contains(byte)
        }
    }

    /// Writes the boot loader's configuration anew from its defaults.
    static func regenerate(on host: HostFacts) -> String {
        switch family(host) {
        case .debian: "update-grub"
        case .redHat: "grub2-mkconfig -o /boot/grub2/grub.cfg --update-bls-cmdline"
        case .other: "grub2-mkconfig -o /boot/grub2/grub.cfg"
        }
    }

    /// Builds the initramfs anew.
    static func rebuildInitramfs(on host: HostFacts) -> String {
        family(host) == .debian ? "update-initramfs -u" : "dracut -f"
    }

    private enum Family { case debian, redHat, other }

    /// Only words and commands follow from it, so an unknown distribution is one with GRUB.
    private static func family(_ host: HostFacts) -> Family {
        let names = (try? host.system.distribution.get()) ?? []
        if names.contains("debian") || names.contains("ubuntu") { return .debian }
        if names.contains("fedora") || names.contains("rhel") || names.contains("centos") { return .redHat }
        return .other
    }

    private static func changing(add: String?, remove: String?, on host: HostFacts) -> [String] {
        if family(host) == .redHat {
            let options =
                (remove.map { ["--remove-args=\"\($0)\""] } ?? []) + (add.map { ["--args=\"\($0)\""] } ?? [])
            return ["grubby --update-kernel=ALL \(options.joined(separator: " "))"]
        }
        var commands: [String] = []
        if let remove { commands.append("sed -i 's| *\(escaped(remove))||' /etc/default/grub") }
        if let add { commands.append("sed -i 's|^GRUB_CMDLINE_LINUX=\"|&\(add) |' /etc/default/grub") }
        return commands + [regenerate(on: host)]
    }

    /// For a basic regular expression between bars.
    private static func escaped(_ text: String) -> String {
        text.map { ".*[]^$\\|&".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
