internal import Evidence
internal import Facts

/// Reads ``StackFacts``.
enum StackProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> StackFacts {
        StackFacts()
    }

    /// Asks the kernel of the running machine.
    static func answers() -> StackAnswers {
        StackAnswers()
    }
}
