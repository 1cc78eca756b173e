import Testing

/// What virt-host-validate said: `virt-host-validate.recorded`, written by `record-virt-host-validate`.
struct Recording: Sendable {
    /// The first line: which tool of which version, and how.
    var heading = ""
    /// Verdicts by scenario, driver and check.
    var verdicts: [String: [String: [String: String]]] = [:]
    /// Exit statuses by scenario and driver.
    var statuses: [String: [String: Int]] = [:]

    init(_ text: String) throws {
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                heading = String(line)
                continue
            }
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            try #require(words.count == 4, "\(line)")
            if words[2] == "EXIT" {
                statuses[words[0], default: [:]][words[1]] = Int(words[3])
                continue
            }
            for check in words[3].split(separator: ";") {
                let check = String(check.drop { $0 == " " })
                verdicts[words[0], default: [:]][words[1], default: [:]][check] = words[2]
            }
        }
    }

    /// Cloud Hypervisor's checks. Debian builds without that driver, but `tools/virt-host-validate-ch.c` (libvirt 9.0) has
    /// the first three checks of QEMU's with the same code on x86_64; on aarch64 it prints a PASS for the first.
    mutating func addCloudHypervisor(_ scenarios: [Scenario]) {
        for scenario in scenarios where ["x86_64", "aarch64"].contains(scenario.machine) {
            guard statuses[scenario.name]?["qemu"] != nil else { continue }
            let qemu = verdicts[scenario.name]?["qemu"] ?? [:]
            var ch: [String: String] = [:]
            for check in Parity.kvmChecks { ch[check] = qemu[check] }
            if scenario.machine == "aarch64" { ch[Parity.kvmChecks[0]] = "PASS" }
            verdicts[scenario.name]?["ch"] = ch
            // Without a line it did not get to the checks, and failed.
            statuses[scenario.name]?["ch"] = ch.isEmpty || ch.values.contains("FAIL") ? 1 : 0
        }
    }
}
