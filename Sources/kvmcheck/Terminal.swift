internal import CLinux
internal import Glibc

/// What is known about where standard output goes, and about the moment.
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
            isatty(STDOUT_FILENO) == 1 && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
        }
    }

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

    /// The time as a report gives it: UTC, RFC 3339, whole seconds.
    static func now() -> String {
        var time = timespec()
        var parts = unsafe tm()
        // SAFETY: both calls write into the structs given, and keep nothing.
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0, unsafe gmtime_r(&time.tv_sec, &parts) != nil else {
            return "1970-01-01T00:00:00Z"
        }
        func padded(_ number: Int32, _ count: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        return
            "\(padded(unsafe parts.tm_year &+ 1900, 4))-\(padded(unsafe parts.tm_mon + 1))-\(padded(unsafe parts.tm_mday))"
            + "T\(padded(unsafe parts.tm_hour)):\(padded(unsafe parts.tm_min)):\(padded(unsafe parts.tm_sec))Z"
    }

    private static func environment(_ name: String) -> String? {
        // SAFETY: the string is copied at once, and nothing here changes the environment.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
