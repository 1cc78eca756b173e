internal import Evidence
internal import Facts

/// Reads ``CPUFacts``.
enum CPUProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> CPUFacts {
        CPUFacts()
    }

    /// Asks the kernel of the running machine.
    static func answers() -> CPUAnswers {
        CPUAnswers()
    }
}
