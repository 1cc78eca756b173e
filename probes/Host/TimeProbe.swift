internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc
internal import LinuxIO

/// Reads ``TimeFacts``.
enum TimeProbe {
    /// The services that set the system's clock, by the names that distributions give them.
    static let daemons = [
        "chrony.service", "chronyd.service", "ntp.service", "ntpd.service", "ntpsec.service", "openntpd.service",
        "systemd-timesyncd.service", "phc2sys.service",
    ]

    static func facts(from source: some Source, answers: KernelAnswers) -> TimeFacts {
        var facts = TimeFacts()
        facts.answers = answers.time
        let units = ServiceUnits(from: source)
        facts.daemonsAtBoot = units.atBoot.map { units in daemons.filter(units.contains) }
        facts.activeDaemons = units.active.map { units in daemons.filter(units.contains) }
        return facts
    }

    /// Asks the kernel of the running machine. The corresponding C function is `adjtimex`, which only reads when
    /// `modes` is 0.
    static func answers() -> TimeAnswers {
        var answers = TimeAnswers()
        let call = Provenance.call("adjtimex")
        var state = timex()
        // SAFETY: the struct lives for the call, and adjtimex(2) writes no more than its size.
        if unsafe adjtimex(&state) < 0 {
            let obstacle = SystemError(errno: clinux_errno(), operation: "adjtimex").obstacle
            answers.isSynchronised = .unknown(obstacle, from: call)
            answers.maximumError = .unknown(obstacle, from: call)
        } else {
            answers.isSynchronised = .known(state.status & STA_UNSYNC == 0, from: call)
            answers.maximumError = .known(state.maxerror, from: call)
        }
        return answers
    }
}
