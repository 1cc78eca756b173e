internal import Glibc

/// The clock, which no other part of the program reads.
enum Moment {
    /// Seconds since 1970.
    static func seconds() -> Int {
        var time = timespec()
        // SAFETY: the call writes into the struct given, and keeps nothing.
        return unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 ? time.tv_sec : 0
    }

    /// The time as a report gives it: UTC, RFC 3339, whole seconds, such as `2026-11-20T16:14:15Z`.
    static func text(_ seconds: Int) -> String {
        var seconds = seconds
        var parts = unsafe tm()
        // SAFETY: the call reads and writes what it is given, and keeps nothing.
        guard unsafe gmtime_r(&seconds, &parts) != nil else { return "1970-01-01T00:00:00Z" }
        let date = unsafe [padded(parts.tm_year &+ 1900, 4), padded(parts.tm_mon &+ 1), padded(parts.tm_mday)]
        let time = unsafe [padded(parts.tm_hour), padded(parts.tm_min), padded(parts.tm_sec)]
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "Z"
    }

    private static func padded(_ number: Int32, _ count: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
