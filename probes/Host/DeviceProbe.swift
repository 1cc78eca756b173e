internal import Evidence
internal import Facts

/// Reads ``DeviceFacts``.
enum DeviceProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> DeviceFacts {
        DeviceFacts()
    }

    /// Asks the kernel of the running machine.
    static func answers() -> DeviceAnswers {
        DeviceAnswers()
    }
}
