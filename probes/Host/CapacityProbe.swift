internal import Evidence
internal import Facts

/// Reads ``CapacityFacts``.
enum CapacityProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> CapacityFacts {
        CapacityFacts()
    }
}
