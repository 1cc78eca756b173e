internal import CLinux
internal import Glibc

/// What is known about where standard output goes.
enum Terminal {
    /// When colours are written.
    enum ColourChoice: String, CaseIterable {
        case auto
        case always
        case never
    }

    /// Whether to write colours: as asked; otherwise on a terminal that has them, unless `NO_COLOR` is set
    /// (no-color.org: to anything but the empty string).
    static func usesColour(_ choice: ColourChoice) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto:
            isOutput && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
        }
    }

    /// Whether standard output is a terminal.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// How many columns a line may have: the terminal's, or what `COLUMNS` says, or 100.
    static var width: Int {
        var size = winsize()
        // SAFETY: TIOCGWINSZ fills a winsize, and keeps nothing.
        if unsafe clinux_ioctl_pointer(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        if let columns = environment("COLUMNS").flatMap({ Int($0) }), (20...1000).contains(columns) { return columns }
        return 100
    }

    /// Where the user's own configuration is: `$XDG_CONFIG_HOME`, or `~/.config`; nil where there is no home.
    static var configurationFolder: String? {
        if let folder = environment("XDG_CONFIG_HOME"), !folder.isEmpty { return folder }
        return environment("HOME").flatMap { $0.isEmpty ? nil : $0 + "/.config" }
    }

    /// A variable of the environment; nil where it is not set.
    static func environment(_ name: String) -> String? {
        // SAFETY: the string is copied at once, and nothing here changes the environment.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
