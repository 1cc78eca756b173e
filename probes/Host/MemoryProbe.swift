internal import Evidence
internal import Facts

/// Reads ``MemoryFacts``.
enum MemoryProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> MemoryFacts {
        MemoryFacts()
    }
}
