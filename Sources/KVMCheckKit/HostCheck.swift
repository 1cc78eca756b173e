@_spi(Probing) internal import Evidence
public import Facts
internal import HostProbes
internal import LinuxIO
internal import Rules

/// A host from the first file read to the report: collect, evaluate, report.
public struct HostCheck: Sendable {
    /// Whether to create a VM and run a guest of a few bytes on `/dev/kvm`.
    public var runGuest = true

    /// Makes a check of the running machine with the default profile.
    public init() {}

    /// Looks at the host and judges it.
    public func run() -> SubjectReport {
        let facts = HostProbes.facts(from: TreeSource.live, answers: HostProbes.liveAnswers(runGuest: runGuest))
        return SubjectReport(
            subject: Self.subject(facts, source: "live"), findings: Engine.evaluate(HostCatalogue.all, on: facts))
    }

    /// The first line of the report. It reads what is known and passes over the rest.
    private static func subject(_ facts: HostFacts, source: String) -> Subject {
        var headline: [String] = []
        if let name = facts.system.operatingSystem.known { headline.append(name) }
        if let release = facts.system.kernelRelease.known { headline.append("Linux \(release)") }
        if let machine = facts.system.machine.known { headline.append(machine) }
        return Subject(
            kind: .host, name: facts.system.hostname.known ?? "(unnamed)", source: source, headline: headline)
    }
}
