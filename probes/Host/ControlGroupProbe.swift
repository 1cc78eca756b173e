internal import Evidence
internal import Facts

/// Reads ``ControlGroupFacts``.
enum ControlGroupProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> ControlGroupFacts {
        ControlGroupFacts()
    }

    /// Asks the kernel of the running machine.
    static func answers() -> ControlGroupAnswers {
        ControlGroupAnswers()
    }
}
