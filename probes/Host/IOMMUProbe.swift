internal import Evidence
internal import Facts

/// Reads ``IOMMUFacts``.
enum IOMMUProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> IOMMUFacts {
        IOMMUFacts()
    }
}
