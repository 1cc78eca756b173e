internal import Evidence
internal import Facts

/// Reads ``TimeFacts``.
enum TimeProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> TimeFacts {
        TimeFacts()
    }

    /// Asks the kernel of the running machine.
    static func answers() -> TimeAnswers {
        TimeAnswers()
    }
}
