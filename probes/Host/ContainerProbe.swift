internal import Evidence
internal import Facts

/// Reads ``ContainerFacts``.
enum ContainerProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> ContainerFacts {
        ContainerFacts()
    }
}
