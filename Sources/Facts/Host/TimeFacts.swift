public import Evidence

/// Time: synchronisation, and who keeps the clock.
public struct TimeFacts: Sendable {
    /// What the kernel says of its clock.
    public var answers = TimeAnswers()
    /// The services that the boot starts to set the clock, such as `chrony.service`.
    public var daemonsAtBoot: Observation<[String]> = .notProbed
    /// Those of them that run; absent where systemd does not run the host.
    public var activeDaemons: Observation<[String]> = .notProbed

    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: TimeFacts {
        var facts = TimeFacts()
        facts.answers.isSynchronised = .known(true, from: .call("adjtimex"))
        facts.answers.maximumError = .known(1_200, from: .call("adjtimex"))
        facts.daemonsAtBoot = .known(["chrony.service"])
        facts.activeDaemons = .known(["chrony.service"])
        return facts
    }
}
