import Evidence
import Facts
import LinuxIO
import Rules
import Testing

/// kvmcheck beside virt-host-validate on the same hosts: the same verdict, or a row in ``Difference/all``.
struct ParityTests {
    static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }

    static func text(_ name: String) throws -> String {
        try #require(try TreeSource.live.text("\(folder)/\(name)").get())
    }

    /// Where the two do not say the same: what, where, and how often.
    struct Mismatch: Hashable, CustomStringConvertible {
        var driver: String
        var check: String
        var theirs: String
        var ours: String
        var description: String { "\(driver), \(check): theirs \(theirs), ours \(ours)" }
    }

    private func mismatches() throws -> [Mismatch: [String]] {
        let scenarios = try Scenario.parse(try Self.text("scenarios.txt"))
        var recording = try Recording(try Self.text("virt-host-validate.recorded"))
        recording.addCloudHypervisor(scenarios)
        var found: [Mismatch: [String]] = [:]
        for scenario in scenarios {
            let findings = Engine.evaluate(HostCatalogue.all, on: scenario.facts)
            let byID = Dictionary(findings.map { ($0.rule.id, $0) }, uniquingKeysWith: { first, _ in first })
            for (driver, theirs) in recording.verdicts[scenario.name] ?? [:] {
                func compare(_ check: String, _ theirs: String, _ ours: String) {
                    if theirs == ours || (theirs == "–" && ours == "PASS") { return }
                    found[Mismatch(driver: driver, check: check, theirs: theirs, ours: ours), default: []]
                        .append(scenario.name)
                }
                let checks = Parity.checks[driver] ?? []
                #expect(Set(theirs.keys).subtracting(checks.map(\.check)).isEmpty, "\(scenario.name): not in Parity.checks")
                var asked: [Finding] = []
                for (check, rules) in checks {
                    let ours = rules.compactMap { byID[$0] }
                    asked += ours
                    // Standard error and the exit status are all there is of it: WARN for QEMU, FAIL for LXC.
                    let said = theirs[check] == "ERROR" ? (driver == "lxc" ? "FAIL" : "WARN") : theirs[check] ?? "–"
                    compare(check, said, Parity.worst(ours.map(Parity.word)))
                }
                let status = try #require(recording.statuses[scenario.name]?[driver])
                compare("exit status", "\(status)", "\(Parity.status(asked))")
            }
        }
        return found
    }

    @Test func `virt-host-validate and kvmcheck say the same, or the difference is listed with its reason`() throws {
        let found = try mismatches()
        for (mismatch, scenarios) in found.sorted(by: { $0.key.description < $1.key.description }) {
            #expect(
                Difference.all.contains { $0.explains(mismatch, in: scenarios) },
                "\(mismatch) in \(scenarios.joined(separator: ", "))")
        }
    }
}
