internal import Evidence
internal import Facts

/// Reads ``NetworkFacts``.
enum NetworkProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> NetworkFacts {
        NetworkFacts()
    }
}
