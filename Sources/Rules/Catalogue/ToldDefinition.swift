internal import Evidence
internal import Facts

extension Rule where Subject: DefinitionSubject {
    /// A rule about what libvirt tells of an object, such as whether it starts with the host; of a definition from a file
    /// nobody knows, and the question does not arise.
    ///
    /// - Parameter faults: Finds them, given what libvirt tells.
    init(
        _ info: RuleInfo, violates: @escaping @Sendable (inout Subject) -> Void,
        remedy: (@Sendable (Subject) -> Remedy)? = nil,
        faultsOfTold faults: @escaping @Sendable (Subject, Subject.Told) throws(Undecided) -> [Fault]
    ) {
        let rule = Rule(
            info, violates: violates, remedy: remedy,
            faults: { subject throws(Undecided) in
                guard let told = try subject.libvirt.get() else { return [] }
                return try faults(subject, told)
            })
        self.init(
            info, violates: violates,
            decide: { subject throws(Undecided) in
                guard try subject.libvirt.isPresent() else { return .notApplicable("libvirt was not asked") }
                return try rule.decide(subject)
            })
    }
}

extension Rule where Subject: DefinitionSubject {
    /// The same rule for some definitions only; for others the question does not arise.
    ///
    /// - Parameters:
    ///   - reason: Why it does not; nil where it does.
    ///   - fit: Makes of the sample a fit definition for which it does.
    func only(
        fit: @escaping @Sendable (inout Subject) -> Void,
        unless reason: @escaping @Sendable (Subject) throws(Undecided) -> String?
    ) -> Rule {
        Rule(
            info, holds: fit, violates: violates,
            decide: { subject throws(Undecided) in
                if let reason = try reason(subject) { return .notApplicable(reason) }
                return try decide(subject)
            })
    }
}

extension DefinitionSubject {
    /// Changes what libvirt tells, for the examples of rules.
    mutating func tell(_ change: (inout Told) -> Void) {
        guard var told = try? libvirt.get() else { return }
        change(&told)
        libvirt = .known(told)
        settle()
    }
}
