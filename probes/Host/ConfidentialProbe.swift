internal import Evidence
internal import Facts

/// Reads ``ConfidentialFacts``.
enum ConfidentialProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> ConfidentialFacts {
        ConfidentialFacts()
    }
}
