import Evidence
import Facts
import Foundation
import LinuxIO
import Rules
import Testing

@testable import KVMCheckKit

/// kvmcheck beside virt-host-validate on the same hosts: the same verdict, or a row in ``Difference/all``.
struct ParityTests {
    static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }

    static func text(_ name: String) throws -> String {
        try #require(try TreeSource.live.text("\(folder)/Recorded/\(name)").get())
    }

    /// Where the two do not say the same: what, where, and how often.
    struct Mismatch: Hashable, CustomStringConvertible {
        var driver: String
        var check: String
        var theirs: String
        var ours: String
        var description: String { "\(driver), \(check): theirs \(theirs), ours \(ours)" }
    }

    /// What `kvmcheck host --driver` comes to, without a profile asked for.
    private static func findings(_ driver: String, on facts: HostFacts) throws -> [String: Finding] {
        let selection = try RuleSelection(driver: driver, profiles: [], select: [], ignore: [])
        let findings = Engine.evaluate(selection.rules, on: facts, severities: selection.severities)
        return Dictionary(uniqueKeysWithValues: findings.map { ($0.rule.id, $0) })
    }

    private func mismatches() throws -> [Mismatch: [String]] {
        let scenarios = try Scenario.parse(try Self.text("scenarios.txt"))
        var recording = try Recording(try Self.text("virt-host-validate.recorded"))
        recording.addCloudHypervisor(scenarios)
        var found: [Mismatch: [String]] = [:]
        for scenario in scenarios {
            let facts = scenario.facts
            for (driver, status) in recording.statuses[scenario.name] ?? [:] {
                let byID = try Self.findings(driver, on: facts)
                let theirs = recording.verdicts[scenario.name]?[driver] ?? [:]
                func compare(_ check: String, _ theirs: String, _ ours: String) {
                    if theirs == ours || (theirs == "–" && ours == "PASS") { return }
                    found[Mismatch(driver: driver, check: check, theirs: theirs, ours: ours), default: []]
                        .append(scenario.name)
                }
                let checks = Parity.checks[driver] ?? []
                #expect(
                    Set(theirs.keys).subtracting(checks.map(\.check)).isEmpty, "\(scenario.name): not in Parity.checks")
                var asked: [Finding] = []
                for (check, rules) in checks {
                    let ours = rules.compactMap { byID[$0] }
                    #expect(!ours.isEmpty, "no rule for \(check) is asked with --driver \(driver)")
                    asked += ours
                    // Standard error and the exit status are all there is of it: WARN for QEMU, FAIL for LXC.
                    let said = theirs[check] == "ERROR" ? (driver == "lxc" ? "FAIL" : "WARN") : theirs[check] ?? "–"
                    compare(check, said, Parity.worst(ours.map(Parity.word)))
                }
                compare("exit status", "\(status)", "\(Parity.status(asked))")
            }
        }
        return found
    }

    @Test func `virt-host-validate and kvmcheck say the same, or the difference is listed with its reason`() throws {
        for (mismatch, scenarios) in try mismatches() {
            for scenario in scenarios {
                #expect(
                    Difference.all.count { $0.explains(mismatch, in: scenario) } == 1, "\(scenario): \(mismatch)")
            }
        }
    }

    @Test func `every row of the table of differences is seen, in every scenario it names`() throws {
        let found = try mismatches()
        for row in Difference.all {
            let seen = found.flatMap { mismatch, scenarios in scenarios.filter { row.explains(mismatch, in: $0) } }
            #expect(!seen.isEmpty, "\(row.markdown)")
            for scenario in row.scenarios ?? [] { #expect(seen.contains(scenario), "\(scenario): \(row.markdown)") }
        }
    }

    @Test func `the recording is of virt-host-validate, and of every scenario`() throws {
        let scenarios = try Scenario.parse(try Self.text("scenarios.txt"))
        let recording = try Recording(try Self.text("virt-host-validate.recorded"))
        #expect(recording.heading.hasPrefix("# virt-host-validate 9.0.0,"))
        for scenario in scenarios {
            #expect(Set(recording.statuses[scenario.name]?.keys.map { $0 } ?? []) == Set(scenario.drivers))
        }
    }

    /// Every line that `virt-host-validate qemu` and `lxc` can print is there with every verdict it can have, but for
    /// those of aarch64 with an SMMU and of SEV-ES and SEV-SNP, which 9.0 has not.
    @Test func `every line that can be printed is printed`() throws {
        let recording = try Recording(try Self.text("virt-host-validate.recorded"))
        var seen: [String: Set<String>] = [:]
        for drivers in recording.verdicts.values {
            for (driver, checks) in drivers {
                for (check, verdict) in checks { seen["\(driver) \(check)", default: []].insert(verdict) }
            }
        }
        for (driver, checks) in Parity.checks where driver != "ch" {
            for (check, _) in checks where check != "to initialize cgroups" {
                #expect(seen["\(driver) \(check)"]?.contains("PASS") == true, "\(driver) \(check)")
                #expect((seen["\(driver) \(check)"]?.count ?? 0) >= 2, "\(driver) \(check)")
            }
        }
        #expect(seen["qemu for device assignment IOMMU support"] == ["PASS", "WARN", "NOTE"])
        #expect(seen["lxc to initialize cgroups"] == ["ERROR"])
    }

    /// Recorded with `KVMCHECK_RECORD=1`; README's table is this one.
    @Test func `the document of differences is made of these rows`() throws {
        let path = "\(Self.folder)/Recorded/differences.md"
        if getenv("KVMCHECK_RECORD") != nil {
            try Difference.document.write(toFile: path, atomically: true, encoding: .utf8)
            Issue.record("recorded \(path)")
        }
        let document = try Self.text("differences.md")
        #expect(document + "\n" == Difference.document)
    }

    /// The recorder itself, where it can run: as root, with the same version of virt-host-validate, and mount namespaces.
    @Test(.enabled(if: Recorder.canRun, "needs root, virt-host-validate 9.0.0 and mount namespaces"))
    func `virt-host-validate still says what is recorded`() throws {
        let output = try Recorder.run("\(Self.folder)/Recorded/record-virt-host-validate")
        #expect(output == (try Self.text("virt-host-validate.recorded")))
    }
}
