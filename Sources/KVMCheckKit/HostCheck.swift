@_spi(Probing) internal import Evidence
public import Facts
internal import HostProbes
internal import LinuxIO
internal import Rules

/// A host from the first file read to the report: collect, evaluate, report.
public struct HostCheck: Sendable {
    /// What the host is checked for; empty for the driver's default.
    public var profiles: [String] = []
    /// The libvirt driver whose needs are judged: `qemu`, `lxc` or `ch`.
    public var driver = "qemu"
    /// A directory or tar to judge instead of the running machine.
    public var root: String?
    /// Ids or prefixes of ids of the only rules to apply; empty for all that the profiles select.
    public var select: [String] = []
    /// Ids or prefixes of ids of rules to leave out.
    public var ignore: [String] = []
    /// Whether to create a VM and run a guest of a few bytes on `/dev/kvm`.
    public var runGuest = true

    /// Makes a check of the running machine with the default profile.
    public init() {}

    /// Looks at the host and judges it.
    ///
    /// - Throws: ``CheckError`` where a name is not known or the capture cannot be read.
    public func run() throws(CheckError) -> SubjectReport {
        let selection = try RuleSelection(
            driver: driver, profiles: profiles, select: select, ignore: ignore)
        let host = try ObservedHost.observe(root: root, runGuest: runGuest, leavingOut: selection.unneeded)
        let findings = Engine.evaluate(selection.rules, on: host.facts, severities: selection.severities)
        return SubjectReport(
            subject: host.subject, findings: host.answersAreMissing ? findings.map(Self.explained) : findings)
    }

    /// What only a running kernel answers is said to be missing from the capture, in the same words everywhere.
    private static func explained(_ finding: Finding) -> Finding {
        guard finding.obstacle?.kind == .notProbed else { return finding }
        var finding = finding
        finding.obstacle = Obstacle(.notCaptured, "", "answers of the running kernel are not in the capture")
        return finding
    }
}
