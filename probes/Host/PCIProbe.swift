internal import Evidence
internal import Facts

/// Reads ``PCIFacts``.
enum PCIProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> PCIFacts {
        PCIFacts()
    }
}
